//! Comparison of the XML reader with roxmltree and with our writer.

use std::borrow::Cow;

use backpack_api::runtime::xml::{self, Reader, Writer, is_white};

/// Reads any text as a document. If our reader accepts it, roxmltree must parse the same tree, and the output of our
/// writer must read as the same tree. Namespaces are the exception: our reader treats prefixes as part of the name.
pub fn check_reader(data: &[u8]) {
    let Ok(document) = str::from_utf8(data) else { return };
    check_other_methods(document);
    let ours = match read_nodes(&mut Reader::new(document)) {
        Ok(ours) => ours,
        Err(error) => return assert!(error.offset() <= document.len(), "{error}: the offset is after the end"),
    };
    match roxmltree::Document::parse(&normalize_returns(document)) {
        Ok(theirs) => assert_eq!(remove_prefixes(&ours), convert_nodes(theirs.root())),
        Err(error) => assert!(has_prefixes(&ours), "rejected only by roxmltree: {error}"),
    }
    let written = Writer::to_string(|out| ours.iter().for_each(|node| write_node(node, out)));
    let written = written.expect("a document that was read should be written");
    assert_eq!(read_nodes(&mut Reader::new(&written)).as_ref(), Ok(&ours), "{written}");
}

/// Parses a document with roxmltree and writes it with our writer. Returns `None` if either reader rejects it, or if it
/// has prefixes, which roxmltree resolves.
pub(super) fn rewrite(document: &[u8]) -> Option<String> {
    let document = normalize_returns(str::from_utf8(document).ok()?);
    let parsed = roxmltree::Document::parse(&document).ok()?;
    let ours = read_nodes(&mut Reader::new(&document)).ok().filter(|ours| !has_prefixes(ours));
    let nodes = ours.map(|_| convert_nodes(parsed.root()))?;
    Writer::to_string(|out| nodes.iter().for_each(|node| write_node(node, out))).ok()
}

/// Normalizes line ends in documents with a CR before a reference, and returns other documents unchanged. XML requires
/// the normalization (section 2.11), but roxmltree omits it for such a CR.
fn normalize_returns(document: &str) -> Cow<'_, str> {
    if document.contains("\r&") {
        Cow::Owned(document.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(document)
    }
}

/// Checks the methods of the reader that `read_nodes` does not use.
fn check_other_methods(document: &str) {
    let strict_result = Reader::new(document).skip_element();
    let lenient_result = Reader::lenient(document).skip_element();
    assert!(
        strict_result.is_err() || lenient_result.is_ok(),
        "the lenient reader rejects a document that the strict one accepts: {lenient_result:?}"
    );
    if let Err(error) = strict_result {
        assert!(!xml::locate(document, error.offset()).contains(['<', '>']));
    }
    let mut xml = Reader::new(document);
    if let Ok(Some(_)) = xml.next_child() {
        let (blank, nil) = (xml.is_blank(), xml.is_nil());
        let text = xml.read_text();
        assert!(!(blank && nil), "an element with `nil` has an attribute and is not blank");
        if let (true, Ok(text)) = (blank, text) {
            assert!(text.bytes().all(is_white), "a blank element has the text {text:?}");
        }
    }
}

/// A node of a document. Comments, processing instructions and the encoding of text are not kept.
#[derive(Debug, PartialEq)]
enum XmlNode {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<XmlNode> },
    Text(String),
}

/// Reads the remaining children of the current element with our reader.
fn read_nodes(xml: &mut Reader<'_>) -> Result<Vec<XmlNode>, xml::Error> {
    let mut found = Vec::new();
    loop {
        let mut text = Cow::Borrowed("");
        let name = xml.next_child_with_text(&mut text)?;
        if !text.is_empty() {
            found.push(XmlNode::Text(text.into_owned()));
        }
        let Some(name) = name else { return Ok(found) };
        let mut attributes = Vec::new();
        while let Some(attribute) = xml.next_attribute() {
            attributes.push((attribute.name.to_owned(), attribute.value().into_owned()));
        }
        found.push(XmlNode::Element { name: name.to_owned(), attributes, children: read_nodes(xml)? });
    }
}

/// Converts the children of a roxmltree node. Joins adjacent texts, which comments separate.
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

/// Converts an element of roxmltree. Names have no prefix.
fn convert_element(node: roxmltree::Node<'_, '_>) -> XmlNode {
    let attributes = node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
    let children = convert_nodes(node);
    XmlNode::Element { name: node.tag_name().name().to_owned(), attributes: attributes.collect(), children }
}

/// `true` if an attribute of this name declares a namespace.
fn is_namespace(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

/// `true` if a name in the tree has a prefix, or an attribute declares a namespace.
fn has_prefixes(nodes: &[XmlNode]) -> bool {
    let prefixed = |name: &str| name.contains(':') || is_namespace(name);
    nodes.iter().any(|node| match node {
        XmlNode::Text(_) => false,
        XmlNode::Element { name, attributes, children } => {
            prefixed(name) || attributes.iter().any(|(name, _)| prefixed(name)) || has_prefixes(children)
        }
    })
}

/// Removes prefixes and namespace declarations, as roxmltree does.
fn remove_prefixes(nodes: &[XmlNode]) -> Vec<XmlNode> {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let convert = |node: &XmlNode| match node {
        XmlNode::Text(text) => XmlNode::Text(text.clone()),
        XmlNode::Element { name, attributes, children } => {
            let attributes = attributes.iter().filter(|(name, _)| !is_namespace(name));
            let attributes = attributes.map(|(name, value)| (local(name), value.clone())).collect();
            XmlNode::Element { name: local(name), attributes, children: remove_prefixes(children) }
        }
    };
    nodes.iter().map(convert).collect()
}

/// Writes a node with our writer.
fn write_node(node: &XmlNode, out: &mut Writer) {
    match node {
        XmlNode::Text(text) => out.write_text(text),
        XmlNode::Element { name, attributes, children } => {
            out.write_raw("<");
            out.write_raw(name);
            for (name, value) in attributes {
                out.write_raw(" ");
                out.write_raw(name);
                out.write_raw("=\"");
                out.write_attribute(value);
                out.write_raw("\"");
            }
            out.write_raw(">");
            children.iter().for_each(|child| write_node(child, out));
            out.write_raw("</");
            out.write_raw(name);
            out.write_raw(">");
        }
    }
}
