//! Shapes: XML samples with holes in place of the values.

use std::ops::Range;

use super::hole::{self, HoleOrText};
use super::xml::{self, XmlNode};
use crate::diagnostic::SourceSink;
use crate::syntax::{Attribute, AttributeValue, Content, Element, Text};

/// Parses an element of a shape.
pub(super) fn parse_element(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Element {
    let tag = xml::tag_range(node, sink);
    let name = Text { text: node.tag_name().name().to_owned(), span: sink.span(tag) };
    Element { name, attributes: parse_attributes(node, sink), content: parse_content(node, sink) }
}

/// Parses the attributes of an element.
pub(super) fn parse_attributes(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Vec<Attribute> {
    node.attributes()
        .map(|attribute| {
            let name = Text { text: attribute.name().to_owned(), span: sink.span(attribute.range_qname()) };
            let value = match hole::parse_value(attribute.range_value(), attribute.value(), sink) {
                HoleOrText::Literal if is_placeholder(attribute.value()) => {
                    hole::report_placeholder(attribute.range_value(), sink);
                    AttributeValue::Malformed
                }
                HoleOrText::Literal => AttributeValue::Literal(attribute.value().to_owned()),
                HoleOrText::Hole(hole) => AttributeValue::Hole(hole),
                HoleOrText::Malformed => AttributeValue::Malformed,
            };
            Attribute { name, value }
        })
        .collect()
}

/// Parses the content of an element: elements or a hole, if it is not empty. Comments beside elements are ignored.
fn parse_content(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Content {
    let texts: Vec<XmlNode<'_>> = node.children().filter(|child| xml::is_visible_text(*child)).collect();
    if node.children().any(|child| child.is_element()) {
        texts.into_iter().for_each(|text| reject_text_beside_elements(text, sink));
        return Content::Elements(
            node.children().filter(XmlNode::is_element).map(|child| parse_element(child, sink)).collect(),
        );
    }
    // A hole is parsed from the source between the tags, which would include the comment.
    let comment = node.children().find(|child| child.is_comment() || child.is_pi());
    match (texts.as_slice(), comment) {
        ([], _) => Content::Empty,
        ([_], None) => parse_text(node, sink),
        (_, comment) => {
            let at = comment.map_or_else(|| children_range(node), |comment| comment.range());
            sink.error(at, "a hole cannot contain entities, comments or CDATA")
                .help("move the comment before the element");
            Content::Malformed
        }
    }
}

/// Returns the range of the children of an element.
fn children_range(node: XmlNode<'_>) -> Range<usize> {
    let start = node.first_child().map_or(node.range().start, |child| child.range().start);
    start..node.last_child().map_or(node.range().end, |child| child.range().end)
}

/// Parses the text of an element without child elements, which must be a hole.
fn parse_text(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Content {
    let range = content_range(node, sink);
    let decoded = node.text().unwrap_or_default();
    match hole::parse_value(range.clone(), decoded, sink) {
        HoleOrText::Hole(hole) => Content::Hole(hole),
        HoleOrText::Malformed => Content::Malformed,
        HoleOrText::Literal => {
            let range = xml::trim(sink, range);
            if is_placeholder(decoded) {
                hole::report_placeholder(range, sink);
            } else {
                sink.error(range, "a shape cannot contain literal text")
                    .help("write a hole such as `{name: string}`, and move the text into an `<example>`");
            }
            Content::Malformed
        }
    }
}

/// Returns the range between start tag and end tag. The range of the text node is not enough: it ends where CDATA
/// begins.
fn content_range(node: XmlNode<'_>, sink: &SourceSink<'_>) -> Range<usize> {
    let start = node.first_child().map_or(node.range().start, |child| child.range().start);
    let source = sink.slice(&node.range());
    // Text has no `<`, and a CDATA section ends before the end tag, so the last `</` is that of the end tag.
    let end = source.rfind("</").map_or(node.range().end, |at| node.range().start + at);
    start..end.max(start)
}

/// Reports text in an element that has child elements.
fn reject_text_beside_elements(text: XmlNode<'_>, sink: &mut SourceSink<'_>) {
    let range = xml::trim(sink, text.range());
    if sink.slice(&range).contains('{') {
        sink.error(range, "a hole cannot stand beside elements").help("a hole is the whole content of its element");
    } else if text.text().is_some_and(is_placeholder) {
        hole::report_placeholder(range, sink);
    } else {
        sink.error(range, "text cannot stand beside elements").help("an element contains either elements or one hole");
    }
}

/// `true` for an ellipsis, with which the service's documentation abbreviates samples.
fn is_placeholder(text: &str) -> bool {
    matches!(text.trim(), "..." | "…" | "[...]" | "[…]")
}
