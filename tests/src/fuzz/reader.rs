//! The XML reader, against another reader and against our own writer.

use std::borrow::Cow;

use backpack_api::runtime::xml::{self, Reader, Writer};

/// Any text, as a document. What we take, roxmltree takes too and sees as the same tree, and our writer writes it so that
/// we see it again; but names with prefixes, which are plain names to us, are left to roxmltree.
pub fn reader(data: &[u8]) {
    let Ok(document) = str::from_utf8(data) else { return };
    in_other_ways(document);
    let ours = match nodes(&mut Reader::new(document)) {
        Ok(ours) => ours,
        Err(error) => return assert!(error.offset() <= document.len(), "{error}, which is behind the end"),
    };
    match roxmltree::Document::parse(&for_roxmltree(document)) {
        Ok(theirs) => assert_eq!(without_prefixes(&ours), their_nodes(theirs.root())),
        Err(error) => assert!(has_prefixes(&ours), "refused by roxmltree alone: {error}"),
    }
    let written = Writer::to_string(|out| ours.iter().for_each(|node| write(node, out)));
    let written = written.expect("what was read should be written");
    assert_eq!(nodes(&mut Reader::new(&written)).as_ref(), Ok(&ours), "{written}");
}

/// A document as roxmltree sees it, written by ours; `None` if it refuses the document, or would take prefixes away.
pub(super) fn rewritten(document: &[u8]) -> Option<String> {
    let document = for_roxmltree(str::from_utf8(document).ok()?);
    let parsed = roxmltree::Document::parse(&document).ok()?;
    let ours = nodes(&mut Reader::new(&document)).ok().filter(|ours| !has_prefixes(ours));
    let nodes = ours.map(|_| their_nodes(parsed.root()))?;
    Writer::to_string(|out| nodes.iter().for_each(|node| write(node, out))).ok()
}

/// It leaves a CR before a reference as it is, where XML makes it LF (section 2.11). There, it gets LF.
fn for_roxmltree(document: &str) -> Cow<'_, str> {
    if document.contains("\r&") {
        Cow::Owned(document.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(document)
    }
}

/// All that the reader has besides a walk from child to child.
fn in_other_ways(document: &str) {
    let strict = Reader::new(document).skip_element();
    let lenient = Reader::lenient(document).skip_element();
    assert!(strict.is_err() || lenient.is_ok(), "who is lenient refuses what others take: {lenient:?}");
    if let Err(error) = strict {
        assert!(!xml::locate(document, error.offset()).contains(['<', '>']));
    }
    let mut xml = Reader::new(document);
    if let Ok(Some(_)) = xml.next_child() {
        let (blank, nil) = (xml.is_blank(), xml.is_nil());
        let text = xml.read_text();
        assert!(!(blank && nil), "attributes are something");
        if let (true, Ok(text)) = (blank, text) {
            assert!(text.trim_ascii().is_empty(), "blank, and holds {text:?}");
        }
    }
}

/// A document, with nothing left out but comments, processing instructions and the way text was written.
#[derive(Debug, PartialEq)]
enum Node {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
    Text(String),
}

fn nodes(xml: &mut Reader<'_>) -> Result<Vec<Node>, xml::Error> {
    let mut found = Vec::new();
    loop {
        let mut text = Cow::Borrowed("");
        let name = xml.next_child_with_text(&mut text)?;
        if !text.is_empty() {
            found.push(Node::Text(text.into_owned()));
        }
        let Some(name) = name else { return Ok(found) };
        let mut attributes = Vec::new();
        while let Some(attribute) = xml.next_attribute() {
            attributes.push((attribute.name.to_owned(), attribute.value().into_owned()));
        }
        found.push(Node::Element { name: name.to_owned(), attributes, children: nodes(xml)? });
    }
}

fn their_nodes(parent: roxmltree::Node<'_, '_>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for node in parent.children() {
        match (node.text(), nodes.last_mut()) {
            _ if node.is_element() => nodes.push(their_element(node)),
            (Some(more), Some(Node::Text(text))) if node.is_text() => text.push_str(more),
            (Some(text), _) if node.is_text() && !text.is_empty() => nodes.push(Node::Text(text.to_owned())),
            _ => {}
        }
    }
    nodes
}

fn their_element(node: roxmltree::Node<'_, '_>) -> Node {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    let children = their_nodes(node);
    Node::Element { name: node.tag_name().name().to_owned(), attributes: attributes.collect(), children }
}

fn is_namespace(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

fn has_prefixes(nodes: &[Node]) -> bool {
    let prefixed = |name: &str| name.contains(':') || is_namespace(name);
    nodes.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Element { name, attributes, children } => {
            prefixed(name) || attributes.iter().any(|(name, _)| prefixed(name)) || has_prefixes(children)
        }
    })
}

/// The tree as it is to those who know namespaces, and look at none.
fn without_prefixes(nodes: &[Node]) -> Vec<Node> {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let node = |node: &Node| match node {
        Node::Text(text) => Node::Text(text.clone()),
        Node::Element { name, attributes, children } => {
            let attributes = attributes.iter().filter(|(name, _)| !is_namespace(name));
            let attributes = attributes.map(|(name, value)| (local(name), value.clone())).collect();
            Node::Element { name: local(name), attributes, children: without_prefixes(children) }
        }
    };
    nodes.iter().map(node).collect()
}

fn write(node: &Node, out: &mut Writer) {
    match node {
        Node::Text(text) => out.text(text),
        Node::Element { name, attributes, children } => {
            ["<", name].into_iter().for_each(|piece| out.raw(piece));
            for (name, value) in attributes {
                [" ", name, "=\""].into_iter().for_each(|piece| out.raw(piece));
                out.attribute(value);
                out.raw("\"");
            }
            out.raw(">");
            children.iter().for_each(|child| write(child, out));
            ["</", name, ">"].into_iter().for_each(|piece| out.raw(piece));
        }
    }
}
