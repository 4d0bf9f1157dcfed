//! Documents as trees, read by a library that is not ours.

use xmlwire_codegen::model::Xml;
use roxmltree::{Document, Node};

/// Reads a document. Attributes are sorted by name; white space beside elements is left out, all other text is kept.
pub fn parse(text: &str) -> Result<Xml, String> {
    let document = Document::parse(text).map_err(|error| format!("not well-formed: {error}\n{text}"))?;
    Ok(tree(document.root_element()))
}

fn tree(node: Node<'_, '_>) -> Xml {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort();
    let children: Vec<_> = node.children().filter(Node::is_element).map(tree).collect();
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    let space = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
    let text = if space && !children.is_empty() { String::new() } else { text };
    Xml { name: node.tag_name().name().to_owned(), attributes, children, text }
}

/// Whether two bodies are the same document, or both empty.
pub fn same_body(found: &[u8], expected: &[u8]) -> Result<(), String> {
    let [found, expected] = [found, expected].map(|body| str::from_utf8(body).map_err(|_| "not UTF-8".to_owned()));
    let (found, expected) = (found?, expected?);
    if found.is_empty() || expected.is_empty() {
        return super::same("body", &found, &expected);
    }
    if parse(found)? == parse(expected)? {
        return Ok(());
    }
    Err(format!("body differs\n     found: {found:?}\n  expected: {expected:?}"))
}
