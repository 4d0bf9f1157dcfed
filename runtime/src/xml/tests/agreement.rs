//! Documents that both roxmltree and this reader accept are read the same way by both.

use super::{DOCUMENTS, XmlNode, read_tree};

#[test]
fn reads_well_formed_documents_like_roxmltree() {
    for document in without_prefixes() {
        assert_eq!(read_tree(&document).unwrap(), read_with_roxmltree(&document).unwrap(), "{document:?}");
    }
}

/// Removes, doubles and replaces each character of each document. This reader accepts no document that roxmltree
/// rejects, and if both accept one, the trees are the same.
#[test]
fn reads_damaged_documents_like_roxmltree_or_rejects_them() {
    for document in without_prefixes() {
        for (at, char) in document.char_indices() {
            let (before, after) = (&document[..at], &document[at + char.len_utf8()..]);
            assert_agreement(&format!("{before}{after}"));
            assert_agreement(&format!("{before}{char}{char}{after}"));
            for other in
                ["<", ">", "&", "\"", "'", "/", "=", "]", "-", "?", "!", " ", "\n", "x", "1", ";", "#", "\u{E9}"]
            {
                assert_agreement(&format!("{before}{other}{after}"));
            }
        }
    }
}

/// Asserts that roxmltree accepts a document that this reader accepts, with the same tree.
fn assert_agreement(document: &str) {
    if let Ok(ours) = read_tree(document) {
        match read_with_roxmltree(document) {
            Ok(theirs) => assert_eq!(ours, theirs, "{document:?}"),
            Err(error) => panic!("rejected by roxmltree only: {error}: {document:?}"),
        }
    }
}

/// Returns the documents without colons, which are letters to this reader but separate namespaces for roxmltree.
fn without_prefixes() -> impl Iterator<Item = String> {
    DOCUMENTS.iter().map(|document| document.replace("in:all", "in.all"))
}

/// Reads a document into the same kind of tree with roxmltree.
fn read_with_roxmltree(document: &str) -> Result<Vec<XmlNode>, roxmltree::Error> {
    let document = roxmltree::Document::parse(document)?;
    Ok(convert_nodes(document.root()))
}

/// Converts the children of a node. Text on both sides of a comment is joined, as this reader does.
fn convert_nodes(parent: roxmltree::Node<'_, '_>) -> Vec<XmlNode> {
    let mut nodes = Vec::new();
    for node in parent.children() {
        match (node.text(), nodes.last_mut()) {
            _ if node.is_element() => nodes.push(convert_element(node)),
            (Some(more), Some(XmlNode::Text(text))) if node.is_text() => text.push_str(more),
            (Some(text), _) if node.is_text() && !text.is_empty() => nodes.push(XmlNode::Text(text.to_owned())),
            _ => {}
        }
    }
    nodes
}

/// Converts an element with its attributes and children.
fn convert_element(node: roxmltree::Node<'_, '_>) -> XmlNode {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    XmlNode::Element {
        name: node.tag_name().name().to_owned(),
        attributes: attributes.collect(),
        children: convert_nodes(node),
    }
}
