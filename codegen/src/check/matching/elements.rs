//! Matches whole examples of payloads and documents.

use super::comparison::Comparison;
use super::expected::Expected;
use super::reader::Reader;
use super::writer::write_elements;
use crate::diagnostic::DiagnosticSink;
use crate::model::{Api, Element, ExampleValue, Xml};
use crate::source::Span;
use crate::syntax::XmlElement;

/// Matches the elements of an example. Returns one value for each field in canonical form; fields that are not in the
/// shape are absent.
///
/// `at` is the position for a missing value if no element of the example should contain it.
pub(crate) fn match_elements(
    api: &Api,
    expected: Expected<'_>,
    elements: &[&XmlElement],
    at: Span,
    sink: &mut DiagnosticSink,
) -> Vec<ExampleValue> {
    let errors_before = sink.len();
    let values = Reader { api, wrapper: expected.wrapper, is_written: expected.is_written, sink }
        .read_payload(expected, elements, at);
    if expected.is_written && sink.len() == errors_before {
        let written = write_elements(api, expected, &values);
        Comparison { sink }.compare_elements(&written, elements, at);
    }
    values
}

/// Returns the payload in an example's `<request>` or `<response>`: its elements, without a pasted `<token>`. A
/// `<token>` that is part of the shape is kept. Reports text between the elements.
pub(crate) fn collect_payload_elements<'a>(
    parent: &'a XmlElement,
    shape: &[Element],
    sink: &mut DiagnosticSink,
) -> Vec<&'a XmlElement> {
    if let Some(text) = parent.visible_text {
        sink.error(text, "expected elements, found text").label("not in the shape");
    }
    let has_token = shape.iter().any(|element| element.name == "token");
    parent.children.iter().filter(|element| has_token || !element.is_named("token")).collect()
}

/// Converts an element to the model. Text beside child elements is omitted: in a valid example, it is white space.
pub(crate) fn convert_xml(element: &XmlElement) -> Xml {
    let attributes = element.attributes.iter();
    Xml {
        name: element.name.text.clone(),
        attributes: attributes.map(|attribute| (attribute.name.text.clone(), attribute.value.text.clone())).collect(),
        text: if element.children.is_empty() { element.text.text.clone() } else { String::new() },
        children: element.children.iter().map(convert_xml).collect(),
    }
}
