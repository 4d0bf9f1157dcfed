//! What roxmltree and we both take, we both understand the same way.

use super::{DOCUMENTS, Node, tree};

#[test]
fn good_documents_are_read_alike() {
    for document in without_prefixes() {
        assert_eq!(tree(&document).unwrap(), theirs(&document).unwrap(), "{document:?}");
    }
}

/// Each document with each character left out, doubled, or replaced: we take none that roxmltree refuses, and what
/// both take is the same tree.
#[test]
fn broken_documents_are_read_alike_or_refused() {
    for document in without_prefixes() {
        for (at, char) in document.char_indices() {
            let (before, after) = (&document[..at], &document[at + char.len_utf8()..]);
            agree(&format!("{before}{after}"));
            agree(&format!("{before}{char}{char}{after}"));
            for other in
                ["<", ">", "&", "\"", "'", "/", "=", "]", "-", "?", "!", " ", "\n", "x", "1", ";", "#", "\u{E9}"]
            {
                agree(&format!("{before}{other}{after}"));
            }
        }
    }
}

fn agree(document: &str) {
    if let Ok(ours) = tree(document) {
        match theirs(document) {
            Ok(theirs) => assert_eq!(ours, theirs, "{document:?}"),
            Err(error) => panic!("refused by roxmltree alone: {error}: {document:?}"),
        }
    }
}

/// Colons are letters to us; to roxmltree they mean namespaces.
fn without_prefixes() -> impl Iterator<Item = String> {
    DOCUMENTS.iter().map(|document| document.replace("in:all", "in.all"))
}

fn theirs(document: &str) -> Result<Vec<Node>, roxmltree::Error> {
    let document = roxmltree::Document::parse(document)?;
    Ok(nodes(document.root()))
}

fn nodes(parent: roxmltree::Node<'_, '_>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for node in parent.children() {
        match (node.text(), nodes.last_mut()) {
            _ if node.is_element() => nodes.push(element(node)),
            (Some(more), Some(Node::Text(text))) if node.is_text() => text.push_str(more),
            (Some(text), _) if node.is_text() && !text.is_empty() => nodes.push(Node::Text(text.to_owned())),
            _ => {}
        }
    }
    nodes
}

fn element(node: roxmltree::Node<'_, '_>) -> Node {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    Node::Element { name: node.tag_name().name().to_owned(), attributes: attributes.collect(), children: nodes(node) }
}
