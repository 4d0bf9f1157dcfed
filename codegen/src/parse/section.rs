//! `<section>`: a topic with its ids, enums and data types.

use super::xml::{self, XmlNode};
use super::{endpoint, example, path, shape};
use crate::diagnostic::SourceSink;
use crate::syntax::{DataType, Element, Enum, EnumValue, FieldDoc, Id, Path, Section, Target, TypeExample};

/// Elements that `<section>` may contain.
const CHILDREN: &[&str] = &["doc", "id", "enum", "type", "endpoint"];

/// Parses `<section>`.
pub(super) fn parse_section(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Section {
    xml::reject_unknown_attributes(node, &["name", "style", "path", "limit"], sink);
    let mut section = Section {
        name: xml::read_required_attribute(node, "name", sink),
        doc: None,
        style: xml::read_required_attribute(node, "style", sink),
        path: parse_section_path(node, sink),
        rate_limit: xml::read_attribute(node, "limit", sink),
        ids: Vec::new(),
        enums: Vec::new(),
        types: Vec::new(),
        endpoints: Vec::new(),
        has_unknown_element: xml::has_unknown_element(node, CHILDREN),
    };
    let mut doc = None;
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "id" => section.ids.push(parse_id(child, sink)),
            "enum" => section.enums.push(parse_enum(child, sink)),
            "type" => section.types.push(parse_data_type(child, sink)),
            "endpoint" => section.endpoints.push(endpoint::parse_endpoint(child, sink)),
            _ => xml::report_unknown_element(child, "section", CHILDREN, sink),
        }
    }
    section.doc = doc.flatten();
    section
}

/// Parses the path of a section; `None` if it has none.
fn parse_section_path(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<Path> {
    match xml::read_attribute(node, "path", sink) {
        Some(text) => Some(path::parse_path(text.span.range(), sink)),
        None => xml::is_misspelled(node, "path").then(|| path::make_broken_path(node, sink)),
    }
}

/// Parses `<id>`.
fn parse_id(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Id {
    xml::reject_unknown_attributes(node, &["name"], sink);
    Id { name: xml::read_required_attribute(node, "name", sink), doc: xml::read_own_doc(node, sink) }
}

/// Parses `<enum>`. Reports an enum without values.
fn parse_enum(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Enum {
    xml::reject_unknown_attributes(node, &["name"], sink);
    let name = xml::read_required_attribute(node, "name", sink);
    let (mut doc, mut values) = (None, Vec::new());
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "value" => values.push(parse_enum_value(child, sink)),
            _ => xml::report_unknown_element(child, "enum", &["doc", "value"], sink),
        }
    }
    if values.is_empty() {
        sink.error(xml::tag_range(node, sink), "this enum has no values")
            .help("write `<value name=\"…\" text=\"…\">…</value>`");
    }
    Enum { name, doc: doc.flatten(), values }
}

/// Parses `<value>` of an enum. Reports white space around its text.
fn parse_enum_value(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> EnumValue {
    xml::reject_unknown_attributes(node, &["name", "text", "id"], sink);
    xml::require_attribute(node, "text", sink);
    let text = xml::read_attribute(node, "text", sink);
    if let Some(text) = &text
        && text.text.trim() != text.text
    {
        sink.error(text.span.range(), "the text of a value cannot have white space around it")
            .help("remove it: values are trimmed in reading, so this one would never match");
    }
    let id = xml::read_attribute(node, "id", sink);
    EnumValue { name: xml::read_required_attribute(node, "name", sink), text, id, doc: xml::read_own_doc(node, sink) }
}

/// Parses `<type>`. Every child element with an unknown name is a shape; the type has exactly one.
fn parse_data_type(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> DataType {
    xml::reject_unknown_attributes(node, &["name"], sink);
    let name = xml::read_required_attribute(node, "name", sink);
    let (mut doc, mut target, mut shapes) = (None, None, Vec::new());
    let (mut also, mut docs, mut examples) = (Vec::new(), Vec::new(), Vec::new());
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" if child.attributes().next().is_some() => docs.push(parse_field_doc(child, sink)),
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "also" => also.extend(parse_also(child, sink)),
            "target" => xml::set_once(&mut target, parse_target(child, sink), child, sink),
            "example" => examples.push(parse_example(child, sink)),
            _ => shapes.push(child),
        }
    }
    if shapes.is_empty() {
        sink.error(xml::tag_range(node, sink), "this type has no shape")
            .help("paste a sample of the element, and replace each value by a hole");
    }
    for second in shapes.iter().skip(1) {
        sink.error(xml::tag_range(*second, sink), "a type cannot have two shapes")
            .help("put alternative shapes, which are only read, into `<also>`");
    }
    let shape = shapes.first().map(|shape| shape::parse_element(*shape, sink));
    DataType { span: sink.span(node.range()), name, doc: doc.flatten(), shape, also, target, docs, examples }
}

/// Parses `<target>` of a type.
fn parse_target(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Target {
    xml::reject_unknown_attributes(node, &["name", "kind", "id"], sink);
    let mut read_name = |attribute| xml::read_required_attribute(node, attribute, sink);
    let (name, kind, id) = (read_name("name"), read_name("kind"), read_name("id"));
    Target { name, doc: xml::read_own_doc(node, sink), kind, id }
}

/// Parses `<also>` of a type. Returns its first element, or `None` if there is none.
fn parse_also(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<Element> {
    xml::reject_unknown_attributes(node, &[], sink);
    let roots = xml::child_elements(node, sink);
    if roots.len() != 1 {
        sink.error(xml::tag_range(node, sink), "`<also>` contains exactly one shape")
            .help("write one `<also>` for each shape");
    }
    roots.first().map(|root| shape::parse_element(*root, sink))
}

/// Parses `<doc for="…">`: the documentation of a field.
pub(super) fn parse_field_doc(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> FieldDoc {
    xml::reject_unknown_attributes(node, &["for", "legacy"], sink);
    FieldDoc {
        field: xml::read_required_attribute(node, "for", sink),
        text: xml::read_doc(node, sink),
        legacy: xml::read_attribute(node, "legacy", sink),
    }
}

/// Parses `<example>` of a type.
fn parse_example(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> TypeExample {
    xml::reject_unknown_attributes(node, &["written"], sink);
    let is_written = xml::read_no(node, "written", sink).is_none();
    let documents = xml::child_elements(node, sink);
    if documents.len() != 1 {
        sink.error(xml::tag_range(node, sink), "an example of a type contains exactly one document")
            .help("write one `<example>` for each document");
    }
    let document = documents.first().map(|document| example::parse_element(*document, sink));
    TypeExample { span: sink.span(node.range()), document, is_written }
}
