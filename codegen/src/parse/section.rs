//! `<section>`: one topic with its ids, enums and data types.

use super::api::plain_doc;
use super::syntax::{Enum, FieldDoc, Id, Node, Section, Text, Type, TypeExample, Value};
use super::{endpoint, path, shape, xml};
use crate::diagnostic::Report;

pub(super) fn section<'a>(node: Node<'a>, report: &mut Report<'_>) -> Section<'a> {
    xml::only(node, &["name", "style", "path", "limit"], report);
    let mut section = Section {
        name: xml::required(node, "name", report),
        doc: None,
        style: xml::required(node, "style", report),
        path: xml::attribute(node, "path", report).map(|text| path::path(text.span.start..text.span.end, report)),
        limit: xml::attribute(node, "limit", report),
        ids: Vec::new(),
        enums: Vec::new(),
        types: Vec::new(),
        endpoints: Vec::new(),
    };
    let mut doc = None;
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "id" => section.ids.push(id(child, report)),
            "enum" => section.enums.push(open_enum(child, report)),
            "type" => section.types.push(data_type(child, report)),
            "endpoint" => section.endpoints.push(endpoint::endpoint(child, report)),
            _ => xml::unknown(child, "section", &["doc", "id", "enum", "type", "endpoint"], report),
        }
    }
    section.doc = doc.flatten();
    section
}

fn id(node: Node<'_>, report: &mut Report<'_>) -> Id {
    xml::only(node, &["name"], report);
    Id { name: xml::required(node, "name", report), doc: xml::own_doc(node, report) }
}

fn open_enum(node: Node<'_>, report: &mut Report<'_>) -> Enum {
    xml::only(node, &["name"], report);
    let name = xml::required(node, "name", report);
    let (mut doc, mut values) = (None, Vec::new());
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "value" => values.push(value(child, report)),
            _ => xml::unknown(child, "enum", &["doc", "value"], report),
        }
    }
    if values.is_empty() {
        report
            .error(xml::tag(node, report), "this enum has no values")
            .help("write `<value name=\"…\" text=\"…\">…</value>`");
    }
    Enum { name, doc: doc.flatten(), values }
}

fn value(node: Node<'_>, report: &mut Report<'_>) -> Value {
    xml::only(node, &["name", "text"], report);
    if !node.has_attribute("text") {
        xml::missing(node, "text", report);
    }
    let text = xml::attribute(node, "text", report);
    if let Some(text) = text.as_ref().filter(|text| text.text.trim() != text.text) {
        report
            .error(text.span.start..text.span.end, "there is white space around the text of this value")
            .help("it would not be found again: values are read without it");
    }
    Value { name: xml::required(node, "name", report), text, doc: xml::own_doc(node, report) }
}

fn data_type<'a>(node: Node<'a>, report: &mut Report<'_>) -> Type<'a> {
    xml::only(node, &["name"], report);
    let name = xml::required(node, "name", report);
    let (mut doc, mut shapes) = (None, Vec::new());
    let (mut also, mut docs, mut examples) = (Vec::new(), Vec::new(), Vec::new());
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" if child.attributes().next().is_some() => docs.push(field_doc(child, report)),
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "also" => also.extend(also_shape(child, report)),
            "example" => examples.push(example(child, report)),
            _ => shapes.push(child),
        }
    }
    if shapes.is_empty() {
        report
            .error(xml::tag(node, report), "this type has no shape")
            .help("put the element in it as it travels, with a hole for each value");
    }
    for second in shapes.iter().skip(1) {
        report
            .error(xml::tag(*second, report), "there is a second shape in this type")
            .help("a type has one; what else is read goes into `<also>`");
    }
    let shape = shapes.first().map(|shape| shape::element(*shape, report));
    Type { span: report.span(node.range()), name, doc: doc.flatten(), shape, also, docs, examples }
}

fn also_shape(node: Node<'_>, report: &mut Report<'_>) -> Option<super::syntax::Element> {
    xml::only(node, &[], report);
    let roots = xml::children(node, report);
    if roots.len() != 1 {
        report.error(xml::tag(node, report), "`<also>` holds one shape").help("write one `<also>` for each");
    }
    roots.first().map(|root| shape::element(*root, report))
}

/// Reads `<doc for>`.
pub(super) fn field_doc(node: Node<'_>, report: &mut Report<'_>) -> FieldDoc {
    xml::only(node, &["for", "legacy"], report);
    FieldDoc {
        field: xml::required(node, "for", report),
        text: xml::doc(node, report),
        legacy: xml::attribute(node, "legacy", report),
    }
}

fn example<'a>(node: Node<'a>, report: &mut Report<'_>) -> TypeExample<'a> {
    xml::only(node, &["written"], report);
    let written = !xml::no(node, "written", report);
    let documents = xml::children(node, report);
    if documents.len() != 1 {
        report
            .error(xml::tag(node, report), "an example of a type is one document")
            .help("write one `<example>` for each");
    }
    TypeExample { span: report.span(node.range()), document: documents.first().copied(), written }
}

/// The place of an attribute's text, as a range.
pub(super) fn range(text: &Text) -> std::ops::Range<usize> {
    text.span.start..text.span.end
}
