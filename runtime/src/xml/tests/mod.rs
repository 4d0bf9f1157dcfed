//! Tests of reader and writer against the XML recommendation and against another parser.

mod agreement;
mod characters;
mod linear;
mod locate;
mod malformed;
mod prolog;
mod reader;
mod scan;
mod unknown;
mod writer;

use std::borrow::Cow;

use super::{Error, Reader};

/// Reads a document to its end without using its content, to see whether it is accepted.
fn read_all(document: &str) -> Result<(), Error> {
    let mut xml = Reader::new(document);
    while xml.next_child()?.is_some() {
        xml.skip_element()?;
    }
    Ok(())
}

/// A node of a document. Comments and processing instructions are left out.
#[derive(Debug, PartialEq)]
enum XmlNode {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<XmlNode> },
    Text(String),
}

/// Reads a document into a tree.
fn read_tree(document: &str) -> Result<Vec<XmlNode>, Error> {
    let mut xml = Reader::new(document);
    read_nodes(&mut xml)
}

/// Reads the remaining children of the current element, and its end tag.
fn read_nodes(xml: &mut Reader<'_>) -> Result<Vec<XmlNode>, Error> {
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

/// Documents that together use all of XML except DTDs.
const DOCUMENTS: [&str; 8] = [
    "<a/>",
    "\u{FEFF}<?xml version=\"1.0\"?><a></a>",
    "<?xml version='1.0' encoding='utf-8' standalone = \"no\" ?>\n<!-- before --><?note it?>\n\
     <response success=\"true\"><note title='It&apos;s' id=\"1\">Leaves at\r\nnine</note ></response >\n<!---->\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users type=\"array\">\n  <user>\n    <id type=\"integer\">1</id>\n    \
     <name>J\u{F6} &amp; Co. &#8217;&#x1F6A2;</name>\n    <start-page-id nil=\"true\"/>\n  </user>\n</users>\n",
    "<a>one<b/>two<!-- - - -->three<c>x</c><![CDATA[<four> ]] ]]]>five<?p ? >?>six]]&gt;</a>",
    "<a b=\"1\t2\r\n3&#9;4&#10;5&#13;6\" c='\"' d=\"'\" e=''\n\tf = \"&lt;&gt;&amp;&quot;\"/>",
    "<\u{E9}t\u{E9} \u{3B1}.\u{B7}-1=\"\u{FFFD}\u{FF0C}\">\u{FF0C}\u{EFFF}\u{10FFFF}\r\r\n</\u{E9}t\u{E9}>",
    "<longer-than-eight_bytes.in:all attribute-of-the-same-length=\"a value that is longer than a block of bytes is\">\
     some text that is longer than a block of thirty-two bytes, too</longer-than-eight_bytes.in:all>",
];
