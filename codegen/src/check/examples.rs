//! Matches examples against the shapes, so that a wrong sample is a mistake with a position.
//!
//! Two ideas carry it. An example is *read* through its shape, as the bindings will read it, except that nothing unknown
//! is skipped: what the shape lacks is a mistake here. And an example that is to be written is *written* again from the
//! values just read; what differs from the sample is a mistake. So order, literals, second places, `nil` and containers
//! need no rules of their own.
//!
//! - [`scalar`]: the texts of a value, and which of them is written.
//! - [`read`]: elements to values.
//! - [`written`]: values to elements, and the comparison.
//! - [`path`]: path, query and `Location`.
//!
//! This module knows the [`model`](crate::model) and trusts it: a type that holds itself without `*` would not end.

use std::ops::Range;

use roxmltree::{Attribute, Node};

use crate::diagnostic::Report;
use crate::model::{Api, Element, ExampleValue, Field, Xml};

mod path;
mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod written;

pub(super) use path::{location, path};

/// What an example of a payload or a document is held against.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// What the holes stand for.
    pub(super) fields: &'a [Field],
    /// What is written, and read first.
    pub(super) shape: &'a [Element],
    /// What is only read.
    pub(super) also: &'a [Element],
    /// Whether the elements are roots of documents, which are written even if they hold nothing.
    pub(super) root: bool,
    /// Whether the example is written so, and not only read.
    pub(super) written: bool,
}

/// Reads the elements of an example: one value for each field, those without a place in the shape absent.
///
/// `at` is where a value is missed that has no element to stand in. The values are in canonical form.
pub(super) fn elements(
    api: &Api,
    expected: Expected<'_>,
    nodes: &[Node<'_, '_>],
    at: Range<usize>,
    report: &mut Report<'_>,
) -> Vec<ExampleValue> {
    let before = report.diagnostics.len();
    let values = read::Reader { api, report }.payload(expected, nodes, at.clone());
    if expected.written && report.diagnostics.len() == before {
        let elements = written::elements(api, expected, &values);
        written::Comparison { report }.elements(&elements, nodes, at);
    }
    values
}

/// The payload in an example's `<request>` or `<response>`: its elements, without a pasted `<token>`.
///
/// Text beside them is reported.
pub(super) fn payload<'a, 'input>(
    parent: Node<'a, 'input>,
    shape: &[Element],
    report: &mut Report<'_>,
) -> Vec<Node<'a, 'input>> {
    if let Some(text) = stray_text(parent) {
        report.error(text, "there is text where elements belong").label("not in the shape");
    }
    let has_token = shape.iter().any(|element| element.name == "token");
    children(parent).into_iter().filter(|node| has_token || !node.has_tag_name("token")).collect()
}

/// An element as the schema has it: decoded, without the white space beside elements.
pub(super) fn xml(node: Node<'_, '_>) -> Xml {
    let children: Vec<Xml> = children(node).into_iter().map(xml).collect();
    Xml {
        name: node.tag_name().name().to_owned(),
        attributes: node.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect(),
        text: if children.is_empty() { text(node) } else { String::new() },
        children,
    }
}

/// The elements in an element.
fn children<'a, 'input>(node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    node.children().filter(Node::is_element).collect()
}

/// The text of an element. A comment splits it in two, which makes no difference here.
fn text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// Where text other than white space stands beside elements.
fn stray_text(node: Node<'_, '_>) -> Option<Range<usize>> {
    let stray = |text: &Node<'_, '_>| text.is_text() && text.text().is_some_and(|text| !text.trim().is_empty());
    let range = node.children().find(stray)?.range();
    let raw = node.document().input_text().get(range.clone())?;
    Some(range.start + (raw.len() - raw.trim_start().len())..range.start + raw.trim_end().len())
}

/// Where the text of an element stands; the element's name if it has none.
fn text_range(node: Node<'_, '_>) -> Range<usize> {
    let mut texts = node.children().filter(Node::is_text).map(|text| text.range());
    let first = texts.next();
    match (first.clone(), texts.next_back().or(first)) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => name_range(node),
    }
}

/// Where the name of an element stands in its start tag.
fn name_range(node: Node<'_, '_>) -> Range<usize> {
    let start = node.range().start + 1;
    start..start + node.tag_name().name().len()
}

/// Where the value of an attribute stands; an empty one has its quotes shown.
fn value_range(attribute: Attribute<'_, '_>) -> Range<usize> {
    let range = attribute.range_value();
    if range.is_empty() { range.start.saturating_sub(1)..range.end + 1 } else { range }
}
