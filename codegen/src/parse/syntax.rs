//! A schema file as it is written: every part with its span, nothing looked up.
//!
//! **Invariant:** what could not be understood has been reported. It stands here as a missing or broken part, so that
//! the next step need not report it again: an empty [`Text`] is a name or value that is not there.

use crate::model::{EnvelopePart, Header, Issuer, Presence, TokenSegment};
use crate::source::Span;

/// An element of the XML that the schema is written in.
pub(crate) type Node<'a> = roxmltree::Node<'a, 'a>;

/// A schema file.
pub(crate) enum File<'a> {
    /// The service.
    Api(Api),
    /// One topic.
    Section(Section<'a>),
}

/// Text with its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Text {
    /// Whether the text is not there, which has been reported.
    pub(crate) fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}

/// `<api>`
pub(crate) struct Api {
    pub(crate) tag: Span,
    pub(crate) name: Text,
    pub(crate) host: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) styles: Vec<Style>,
    pub(crate) bearer: Option<Header>,
    pub(crate) issuer: Option<Issuer>,
}

/// `<limit>`
pub(crate) struct Limit {
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
    pub(crate) limit: Option<Text>,
    pub(crate) prefix: Vec<TokenSegment>,
    pub(crate) header: Option<Header>,
    pub(crate) query: Option<String>,
    pub(crate) request: Option<Vec<EnvelopePart>>,
    pub(crate) response: Option<Vec<EnvelopePart>>,
    pub(crate) failure: Option<Element>,
    pub(crate) fails: Vec<Fails>,
}

/// `<fails>`
pub(crate) struct Fails {
    pub(crate) tag: Span,
    pub(crate) status: Option<Number>,
    pub(crate) doc: Option<Text>,
}

/// A status with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) value: u16,
    pub(crate) span: Span,
}

/// `<section>`
pub(crate) struct Section<'a> {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) style: Text,
    pub(crate) path: Option<Path>,
    pub(crate) limit: Option<Text>,
    pub(crate) ids: Vec<Id>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) types: Vec<Type<'a>>,
    pub(crate) endpoints: Vec<Endpoint<'a>>,
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
    pub(crate) values: Vec<Value>,
}

/// `<value>` of an enum.
pub(crate) struct Value {
    pub(crate) name: Text,
    /// Absent if the attribute is.
    pub(crate) text: Option<Text>,
    pub(crate) doc: Option<Text>,
}

/// `<type>`
pub(crate) struct Type<'a> {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) shape: Option<Element>,
    pub(crate) also: Vec<Element>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<TypeExample<'a>>,
}

/// `<doc for>`
pub(crate) struct FieldDoc {
    pub(crate) field: Text,
    pub(crate) text: Option<Text>,
    pub(crate) legacy: Option<Text>,
}

/// `<example>` of a type.
pub(crate) struct TypeExample<'a> {
    pub(crate) span: Span,
    /// The document.
    pub(crate) document: Option<Node<'a>>,
    pub(crate) written: bool,
}

/// `<endpoint>`
pub(crate) struct Endpoint<'a> {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) path: Option<Path>,
    pub(crate) method: Option<Text>,
    pub(crate) style: Option<Text>,
    pub(crate) limit: Option<Text>,
    pub(crate) retry: Option<Text>,
    pub(crate) legacy: Option<Text>,
    pub(crate) query: Vec<Attribute>,
    pub(crate) also: Vec<Route>,
    pub(crate) request: Option<Payload>,
    pub(crate) response: Option<Response>,
    pub(crate) pages: Option<Pages>,
    pub(crate) fails: Vec<Fails>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<Example<'a>>,
}

/// `<pages>`
pub(crate) struct Pages {
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
    pub(crate) status: Option<Number>,
    pub(crate) location: Option<Path>,
    /// The attribute `envelope="no"`.
    pub(crate) no_envelope: Option<Span>,
}

/// `<example>` of an endpoint.
pub(crate) struct Example<'a> {
    pub(crate) span: Span,
    pub(crate) path: Text,
    pub(crate) written: bool,
    pub(crate) request: Option<Node<'a>>,
    pub(crate) response: Option<ExampleResponse<'a>>,
}

/// `<response>` of an example.
pub(crate) struct ExampleResponse<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) status: Option<Number>,
    pub(crate) location: Option<Text>,
}

/// An element of a shape.
pub(crate) struct Element {
    pub(crate) name: Text,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) content: Content,
}

/// An attribute of a shape.
pub(crate) struct Attribute {
    pub(crate) name: Text,
    pub(crate) value: AttributeValue,
}

/// What stands in an attribute.
pub(crate) enum AttributeValue {
    /// Text, decoded.
    Literal(String),
    /// A hole.
    Hole(Box<Hole>),
    /// Something that has been reported, without a name.
    Broken,
}

/// What stands in an element.
pub(crate) enum Content {
    /// Nothing.
    Empty,
    /// A hole.
    Hole(Box<Hole>),
    /// Elements.
    Elements(Vec<Element>),
    /// Something that has been reported, without a name.
    Broken,
}

/// `{name: T}`
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    /// With its braces.
    pub(crate) span: Span,
    pub(crate) name: Text,
    /// What stands after a dot in the name; in a location only.
    pub(crate) member: Option<Text>,
    pub(crate) kind: Option<HoleType>,
}

/// What stands after the colon.
#[derive(Debug, Clone)]
pub(crate) struct HoleType {
    /// The name alone, or what stands before the brackets.
    pub(crate) name: Text,
    /// What stands in the brackets of `words(T)`.
    pub(crate) of: Option<Text>,
    pub(crate) presence: Presence,
    /// `?`, `*`, `*?` or `or nil`; empty after the type if there is none.
    pub(crate) suffix: Span,
    /// Whether something about it has been reported.
    pub(crate) broken: bool,
}

/// A path or location.
pub(crate) struct Path {
    pub(crate) span: Span,
    /// Whether it starts with `/`.
    pub(crate) absolute: bool,
    pub(crate) segments: Vec<Segment>,
    /// Whether something about it has been reported.
    pub(crate) broken: bool,
}

/// What stands between two `/`.
pub(crate) struct Segment {
    pub(crate) before: String,
    pub(crate) hole: Option<Hole>,
    pub(crate) after: String,
}
