//! XML documents as trees, read by a library that is independent of the runtime's reader.

use roxmltree::{Document, Node};
use xmlwire_codegen::model::Xml;

use super::check_equal;

/// Parses a document. Attributes are sorted by name. If an element has child elements, its own text is dropped when it
/// is only white space; all other text is kept. The error says why the document is not well-formed.
pub fn parse(text: &str) -> Result<Xml, String> {
    let document = Document::parse(text).map_err(|error| format!("not well-formed: {error}\n{text}"))?;
    Ok(build_tree(document.root_element()))
}

/// Copies an element and everything below it. Comments and processing instructions are dropped.
fn build_tree(node: Node<'_, '_>) -> Xml {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort();
    let children: Vec<_> = node.children().filter(Node::is_element).map(build_tree).collect();
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    let is_blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
    let text = if is_blank && !children.is_empty() { String::new() } else { text };
    Xml { name: node.tag_name().name().to_owned(), attributes, children, text }
}

/// Checks that two bodies are the same document, or both empty. [`parse`] defines which differences do not matter.
pub fn check_same_body(found: &[u8], expected: &[u8]) -> Result<(), String> {
    let [found, expected] = [found, expected].map(|body| str::from_utf8(body).map_err(|_| "not UTF-8".to_owned()));
    let (found, expected) = (found?, expected?);
    if found.is_empty() || expected.is_empty() {
        return check_equal("body", &found, &expected);
    }
    if parse(found)? == parse(expected)? {
        return Ok(());
    }
    Err(format!("body differs\n     found: {found:?}\n  expected: {expected:?}"))
}
