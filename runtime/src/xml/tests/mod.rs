//! Reader and writer, held against the XML recommendation and another reader.

mod agreement;
mod characters;
mod linear;
mod location;
mod malformed;
mod reader;
mod scan;
mod writer;

use std::borrow::Cow;
use std::cell::Cell;

use super::{Error, Reader};

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Called by the scanner for each look at the document.
pub(super) fn count_step() {
    STEPS.set(STEPS.get() + 1);
}

/// Reads a document to its end and keeps nothing.
fn pass(document: &str) -> Result<(), Error> {
    let mut xml = Reader::new(document);
    while xml.child()?.is_some() {
        xml.skip()?;
    }
    Ok(())
}

/// A document, with nothing left out but comments, processing instructions and the way text was written.
#[derive(Debug, PartialEq)]
enum Node {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
    Text(String),
}

/// Reads a document into a tree.
fn tree(document: &str) -> Result<Vec<Node>, Error> {
    let mut xml = Reader::new(document);
    nodes(&mut xml)
}

fn nodes(xml: &mut Reader<'_>) -> Result<Vec<Node>, Error> {
    let mut found = Vec::new();
    loop {
        let mut text = Cow::Borrowed("");
        let name = xml.child_and_text(&mut text)?;
        if !text.is_empty() {
            found.push(Node::Text(text.into_owned()));
        }
        let Some(name) = name else { return Ok(found) };
        let mut attributes = Vec::new();
        while let Some(attribute) = xml.attribute() {
            attributes.push((attribute.name.to_owned(), attribute.value().into_owned()));
        }
        found.push(Node::Element { name: name.to_owned(), attributes, children: nodes(xml)? });
    }
}

/// Documents with everything that XML has without a DTD.
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
