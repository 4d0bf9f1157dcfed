//! Shapes: XML with holes.

use super::hole::{self, Value};
use super::syntax::{Attribute, AttributeValue, Content, Element, Node, Text};
use super::xml;
use crate::diagnostic::Report;

/// Reads an element of a shape.
pub(super) fn element(node: Node<'_>, report: &mut Report<'_>) -> Element {
    let tag = xml::tag(node, report);
    let name = Text { text: node.tag_name().name().to_owned(), span: report.span(tag) };
    Element { name, attributes: attributes(node, report), content: content(node, report) }
}

/// Reads the attributes of an element.
pub(super) fn attributes(node: Node<'_>, report: &mut Report<'_>) -> Vec<Attribute> {
    node.attributes()
        .map(|attribute| {
            let name = Text { text: attribute.name().to_owned(), span: report.span(attribute.range_qname()) };
            let value = match hole::value(attribute.range_value(), attribute.value(), report) {
                Value::Literal if is_placeholder(attribute.value()) => {
                    hole::placeholder(attribute.range_value(), report);
                    AttributeValue::Broken
                }
                Value::Literal => AttributeValue::Literal(attribute.value().to_owned()),
                Value::Hole(hole) => AttributeValue::Hole(hole),
                Value::Broken => AttributeValue::Broken,
            };
            Attribute { name, value }
        })
        .collect()
}

fn content(node: Node<'_>, report: &mut Report<'_>) -> Content {
    let texts: Vec<Node<'_>> = node
        .children()
        .filter(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()))
        .collect();
    if node.children().any(|child| child.is_element()) {
        texts.into_iter().for_each(|text| beside_elements(text, report));
        return Content::Elements(
            node.children().filter(Node::is_element).map(|child| element(child, report)).collect(),
        );
    }
    let noise = node.children().find(|child| child.is_comment() || child.is_pi());
    match (texts.as_slice(), noise) {
        ([], _) => Content::Empty,
        ([_], None) => only_text(node, report),
        (_, noise) => {
            let at = noise.map_or_else(|| inside(node), |noise| noise.range());
            report
                .error(at, "a hole is written plainly, without entities, comments and CDATA")
                .help("put the comment before the element");
            Content::Broken
        }
    }
}

/// Where the content of an element stands that has some.
fn inside(node: Node<'_>) -> std::ops::Range<usize> {
    let start = node.first_child().map_or(node.range().start, |child| child.range().start);
    start..node.last_child().map_or(node.range().end, |child| child.range().end)
}

fn only_text(node: Node<'_>, report: &mut Report<'_>) -> Content {
    let range = content_range(node, report);
    let decoded = node.text().unwrap_or_default();
    match hole::value(range.clone(), decoded, report) {
        Value::Hole(hole) => Content::Hole(hole),
        Value::Broken => Content::Broken,
        Value::Literal => {
            let range = hole::trimmed(report, range);
            if is_placeholder(decoded) {
                hole::placeholder(range, report);
            } else {
                report
                    .error(range, "text in a shape is always a hole")
                    .help("write `{name: string}`, and the text into an `<example>`");
            }
            Content::Broken
        }
    }
}

/// From the end of the start tag to the start of the end tag. The range of a text node is not enough: it ends where
/// CDATA begins.
fn content_range(node: Node<'_>, report: &Report<'_>) -> std::ops::Range<usize> {
    let start = node.first_child().map_or(node.range().start, |child| child.range().start);
    let source = hole::slice(report, &node.range());
    // The text of a node has no `<`, and a CDATA section is closed, so the last `</` is the end tag's.
    let end = source.rfind("</").map_or(node.range().end, |at| node.range().start + at);
    start..end.max(start)
}

fn beside_elements(text: Node<'_>, report: &mut Report<'_>) {
    let range = hole::trimmed(report, text.range());
    if hole::slice(report, &range).contains('{') {
        report.error(range, "a hole cannot stand beside elements").help("a hole is the whole content of its element");
    } else if text.text().is_some_and(is_placeholder) {
        hole::placeholder(range, report);
    } else {
        report.error(range, "text cannot stand beside elements").help("an element holds either elements or one hole");
    }
}

fn is_placeholder(text: &str) -> bool {
    matches!(text.trim(), "..." | "…" | "[...]" | "[…]")
}
