//! A parsed schema: every part with its span, names not resolved.
//!
//! **Invariant:** each mistake found in parsing has been reported. The part is missing or broken here, so that the next
//! step does not report it again: an empty [`Text`] is a missing name or value.

use crate::diagnostic::DiagnosticSink;
use crate::notation::{EnvelopePart, Issuer, Presence, TokenHeader, TokenSegment};
use crate::source::{Source, Span};

/// The output of parsing: all files of a schema.
pub(crate) struct Schema {
    /// The sources, sorted by path. [`Span::file`] is an index into them.
    pub(crate) sources: Vec<Source>,
    pub(crate) api: Option<Api>,
    /// The sections, in the order of their sources.
    pub(crate) sections: Vec<Section>,
    /// `true` if every file could be read. If not, an unknown name may be declared in an unreadable file.
    pub(crate) is_complete: bool,
    pub(crate) sink: DiagnosticSink,
}

/// Text with its position.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Text {
    /// `true` if the text is missing, which has been reported.
    pub(crate) fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}

/// Returns the text, or an empty string for `None`.
pub(crate) fn text_or_empty(text: Option<&Text>) -> String {
    text.map(|text| text.text.clone()).unwrap_or_default()
}

/// `<api>`
pub(crate) struct Api {
    pub(crate) tag: Span,
    pub(crate) name: Text,
    pub(crate) host: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) styles: Vec<Style>,
    pub(crate) bearer: Option<TokenHeader>,
    pub(crate) issuer: Option<Issuer>,
}

/// `<limit>`
pub(crate) struct RateLimit {
    pub(crate) name: Text,
    pub(crate) requests: u32,
    pub(crate) seconds: u32,
}

/// `<style>`
pub(crate) struct Style {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) method: Option<Text>,
    pub(crate) rate_limit: Option<Text>,
    pub(crate) prefix: Vec<TokenSegment>,
    pub(crate) header: Option<TokenHeader>,
    pub(crate) query: Option<String>,
    pub(crate) request: Option<Vec<EnvelopePart>>,
    pub(crate) response: Option<Vec<EnvelopePart>>,
    pub(crate) failure: Option<Element>,
    pub(crate) errors: Vec<DocumentedError>,
}

/// `<fails>`
pub(crate) struct DocumentedError {
    pub(crate) tag: Span,
    pub(crate) status: Option<Status>,
    pub(crate) doc: Option<Text>,
}

/// An HTTP status with its position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    pub(crate) value: u16,
    pub(crate) span: Span,
}

/// `<section>`
pub(crate) struct Section {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) style: Text,
    pub(crate) path: Option<Path>,
    pub(crate) rate_limit: Option<Text>,
    pub(crate) ids: Vec<Id>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) types: Vec<DataType>,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// `<id>`
pub(crate) struct Id {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
}

/// `<enum>`
pub(crate) struct Enum {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) values: Vec<EnumValue>,
}

/// `<value>` of an enum.
pub(crate) struct EnumValue {
    pub(crate) name: Text,
    /// `None` if the attribute is missing.
    pub(crate) text: Option<Text>,
    pub(crate) doc: Option<Text>,
}

/// `<type>`
pub(crate) struct DataType {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) shape: Option<Element>,
    pub(crate) also: Vec<Element>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<TypeExample>,
}

/// `<doc for>`
pub(crate) struct FieldDoc {
    pub(crate) field: Text,
    pub(crate) text: Option<Text>,
    pub(crate) legacy: Option<Text>,
}

/// `<example>` of a type.
pub(crate) struct TypeExample {
    pub(crate) span: Span,
    pub(crate) document: Option<XmlElement>,
    pub(crate) is_written: bool,
}

/// `<endpoint>`
pub(crate) struct Endpoint {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) path: Option<Path>,
    pub(crate) method: Option<Text>,
    pub(crate) style: Option<Text>,
    pub(crate) rate_limit: Option<Text>,
    pub(crate) retry: Option<Text>,
    pub(crate) legacy: Option<Text>,
    pub(crate) query: Vec<Attribute>,
    pub(crate) also: Vec<Route>,
    pub(crate) request: Option<Payload>,
    pub(crate) response: Option<Response>,
    pub(crate) pagination: Option<Pagination>,
    pub(crate) errors: Vec<DocumentedError>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<Example>,
}

/// `<pages>`
pub(crate) struct Pagination {
    pub(crate) tag: Span,
    pub(crate) number: Text,
    pub(crate) key: Text,
    pub(crate) first: Option<u32>,
}

/// `<also>` of an endpoint.
pub(crate) struct Route {
    pub(crate) path: Option<Path>,
    pub(crate) method: Option<Text>,
}

/// `<request>` of an endpoint.
pub(crate) struct Payload {
    pub(crate) tag: Span,
    pub(crate) elements: Vec<Element>,
}

/// `<response>` of an endpoint.
pub(crate) struct Response {
    pub(crate) payload: Payload,
    pub(crate) status: Option<Status>,
    pub(crate) location: Option<Path>,
    /// The attribute `envelope="no"`.
    pub(crate) no_envelope: Option<Span>,
}

/// `<example>` of an endpoint.
pub(crate) struct Example {
    pub(crate) span: Span,
    pub(crate) path: Text,
    pub(crate) is_written: bool,
    pub(crate) request: Option<XmlElement>,
    pub(crate) response: Option<ExampleResponse>,
}

/// `<response>` of an example.
pub(crate) struct ExampleResponse {
    pub(crate) element: XmlElement,
    pub(crate) status: Option<Status>,
    pub(crate) location: Option<Text>,
}

/// An element of a shape.
pub(crate) struct Element {
    pub(crate) name: Text,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) content: Content,
}

/// An attribute of a shape.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: Text,
    pub(crate) value: AttributeValue,
}

/// The value of an attribute in a shape.
#[derive(Debug, Clone)]
pub(crate) enum AttributeValue {
    /// Decoded text.
    Literal(String),
    /// A hole.
    Hole(Box<Hole>),
    /// A mistake that has been reported, and from which no field name could be read.
    Broken,
}

/// The content of an element in a shape.
pub(crate) enum Content {
    /// No content.
    Empty,
    /// A hole.
    Hole(Box<Hole>),
    /// Elements.
    Elements(Vec<Element>),
    /// A mistake that has been reported, and from which no field name could be read.
    Broken,
}

/// `{name: T}`
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    /// The hole with its braces.
    pub(crate) span: Span,
    pub(crate) name: Text,
    /// The part of the name after a dot; valid in a location only.
    pub(crate) member: Option<Text>,
    /// The type, if the hole has one.
    pub(crate) hole_type: Option<HoleType>,
}

/// The part of a hole after the colon.
#[derive(Debug, Clone)]
pub(crate) struct HoleType {
    /// The name, without parentheses.
    pub(crate) name: Text,
    /// `T` in `words(T)`.
    pub(crate) item: Option<Text>,
    pub(crate) presence: Presence,
    /// Position of `?`, `*`, `*?` or `or nil`; an empty span after the type if there is no suffix.
    pub(crate) suffix: Span,
    /// `true` if a mistake in it has been reported.
    pub(crate) is_broken: bool,
}

/// A path or location.
pub(crate) struct Path {
    pub(crate) span: Span,
    /// `true` if it starts with `/`.
    pub(crate) is_absolute: bool,
    pub(crate) segments: Vec<Segment>,
    /// `true` if a mistake in it has been reported.
    pub(crate) is_broken: bool,
}

/// A segment of a path: a literal, or a hole with literal text around it.
pub(crate) struct Segment {
    pub(crate) before: String,
    pub(crate) hole: Option<Hole>,
    pub(crate) after: String,
}

/// An element of an example, with the positions of its parts.
#[derive(Debug, Clone)]
pub(crate) struct XmlElement {
    /// The name, with its span in the start tag.
    pub(crate) name: Text,
    /// The whole element.
    pub(crate) span: Span,
    pub(crate) attributes: Vec<XmlAttribute>,
    pub(crate) children: Vec<XmlElement>,
    /// The decoded text directly in it. The span is that of the name if there is no text.
    pub(crate) text: Text,
    /// Position of the first text that is not white space.
    pub(crate) visible_text: Option<Span>,
}

impl XmlElement {
    /// Returns an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&XmlAttribute> {
        self.attributes.iter().find(|attribute| attribute.name.text == name)
    }

    /// `true` if it has this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.text == name
    }
}

/// An attribute of an element in an example.
#[derive(Debug, Clone)]
pub(crate) struct XmlAttribute {
    pub(crate) name: Text,
    /// The decoded value. The span of an empty value includes its quotes, so that it is visible.
    pub(crate) value: Text,
    /// Name and value.
    pub(crate) span: Span,
}

impl Schema {
    /// Iterates over the ids of all sections.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Id> {
        self.sections.iter().flat_map(|section| &section.ids)
    }

    /// Iterates over the enums of all sections.
    pub(crate) fn enums(&self) -> impl Iterator<Item = &Enum> {
        self.sections.iter().flat_map(|section| &section.enums)
    }

    /// Iterates over the data types of all sections.
    pub(crate) fn types(&self) -> impl Iterator<Item = &DataType> {
        self.sections.iter().flat_map(|section| &section.types)
    }
}
