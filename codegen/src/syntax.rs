//! A parsed schema, with the span of every part that a diagnostic may refer to. Names are not resolved.
//!
//! A field `tag` is the position of the element's name in its start tag. A field `span` is the position of the whole
//! element.
//!
//! **Invariant:** each mistake found in parsing has been reported. The faulty part is missing or marked as broken here,
//! so that the next step does not report it again. An empty [`Text`] is a missing name or value.

use crate::diagnostic::DiagnosticSink;
use crate::notation::{EnvelopePart, Issuer, Presence, TokenHeader, TokenSegment};
use crate::source::{Source, Span};

/// All files of a schema: the output of parsing.
pub(crate) struct Schema {
    /// The sources, sorted by path. [`Span::file`] is an index into them.
    pub(crate) sources: Vec<Source>,
    /// `None` if no file has `<api>`.
    pub(crate) api: Option<Api>,
    /// The sections, in the order of their sources.
    pub(crate) sections: Vec<Section>,
    /// `true` if every declaration is known. If not, an unknown name may be declared in a file that could not be parsed,
    /// or by an element that has no name or is unknown itself.
    pub(crate) is_complete: bool,
    /// The mistakes found in parsing.
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
    /// The header that carries a bearer token.
    pub(crate) bearer: Option<TokenHeader>,
    pub(crate) issuer: Option<Issuer>,
    pub(crate) requires_user_agent_contact: bool,
    /// Path of the page to which the service redirects if it rejects a token.
    pub(crate) sign_in_path: Option<String>,
    /// `true` if an element in it is unknown, which has been reported.
    pub(crate) has_unknown_element: bool,
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
    /// `false` for `token="no"`: requests have no token.
    pub(crate) has_token: bool,
    /// Segments before every path; empty if the style has no path.
    pub(crate) prefix: Vec<TokenSegment>,
    pub(crate) header: Option<TokenHeader>,
    /// Name of the query parameter that carries the token.
    pub(crate) query: Option<String>,
    /// The envelope of requests.
    pub(crate) request: Option<Vec<EnvelopePart>>,
    /// The envelope of responses.
    pub(crate) response: Option<Vec<EnvelopePart>>,
    /// The shape of an error response.
    pub(crate) failure: Option<Element>,
    /// The document that stands for an empty list.
    pub(crate) empty_list: Option<Element>,
    pub(crate) errors: Vec<DocumentedError>,
}

/// `<fails>`
pub(crate) struct DocumentedError {
    pub(crate) tag: Span,
    /// `None` if it is missing or invalid, which has been reported.
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
    /// `true` if an element in it is unknown, which has been reported.
    pub(crate) has_unknown_element: bool,
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
    /// Its text on the wire; `None` if the attribute is missing or empty, which has been reported.
    pub(crate) text: Option<Text>,
    /// Name of the id that numbers things of this kind.
    pub(crate) id: Option<Text>,
    pub(crate) doc: Option<Text>,
}

/// `<type>`
pub(crate) struct DataType {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    /// `None` if it is missing, which has been reported.
    pub(crate) shape: Option<Element>,
    /// Alternative shapes, read only.
    pub(crate) also: Vec<Element>,
    pub(crate) target: Option<Target>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<TypeExample>,
}

impl DataType {
    /// Returns the positions of its examples.
    pub(crate) fn example_spans(&self) -> Vec<Span> {
        self.examples.iter().map(|example| example.span).collect()
    }
}

/// `<target>`
pub(crate) struct Target {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    /// Name of the field for the kind.
    pub(crate) kind: Text,
    /// Name of the field for the number.
    pub(crate) id: Text,
}

/// `<doc for>`
pub(crate) struct FieldDoc {
    /// Name of the field.
    pub(crate) field: Text,
    /// The documentation; `None` if it is empty.
    pub(crate) text: Option<Text>,
    /// The replacement, if the field is legacy: a section, an endpoint or `none`.
    pub(crate) legacy: Option<Text>,
}

/// `<example>` of a type.
pub(crate) struct TypeExample {
    pub(crate) span: Span,
    /// `None` if it is missing, which has been reported.
    pub(crate) document: Option<XmlElement>,
    /// `false` for `written="no"`: the example is only read.
    pub(crate) is_written: bool,
}

/// `<endpoint>`
pub(crate) struct Endpoint {
    pub(crate) span: Span,
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) path: Path,
    pub(crate) method: Option<Text>,
    /// `None` if the endpoint has the style of its section.
    pub(crate) style: Option<Text>,
    pub(crate) rate_limit: Option<Text>,
    /// Its retry class; `None` if the class follows from the HTTP method.
    pub(crate) retry: Option<Text>,
    /// Its replacement, if it is legacy: an endpoint or `none`.
    pub(crate) legacy: Option<Text>,
    pub(crate) query: Vec<Attribute>,
    /// Alternative routes, read by servers only.
    pub(crate) also: Vec<Route>,
    pub(crate) request: Option<Payload>,
    pub(crate) response: Option<Response>,
    pub(crate) pagination: Option<Pagination>,
    pub(crate) errors: Vec<DocumentedError>,
    pub(crate) docs: Vec<FieldDoc>,
    pub(crate) examples: Vec<Example>,
}

impl Endpoint {
    /// Returns the positions of its examples.
    pub(crate) fn example_spans(&self) -> Vec<Span> {
        self.examples.iter().map(|example| example.span).collect()
    }
}

/// `<pages>`
pub(crate) struct Pagination {
    pub(crate) tag: Span,
    /// Name of the field for the page number.
    pub(crate) number: Text,
    /// Name of the field that identifies an item.
    pub(crate) key: Text,
    /// Number of the first page.
    pub(crate) first: Option<u32>,
    /// `true` for `step="items"`: the number of a page is that of its first item.
    pub(crate) counts_items: bool,
}

/// `<also>` of an endpoint.
pub(crate) struct Route {
    pub(crate) path: Path,
    /// `None` if the route has the method of the endpoint.
    pub(crate) method: Option<Text>,
}

/// `<request>` of an endpoint.
pub(crate) struct Payload {
    pub(crate) tag: Span,
    pub(crate) elements: Vec<Element>,
    /// `true` if something that is not an element of the body has been reported.
    pub(crate) is_broken: bool,
}

/// `<response>` of an endpoint.
pub(crate) struct Response {
    pub(crate) payload: Payload,
    pub(crate) status: Option<Status>,
    pub(crate) location: Option<Path>,
    /// Position of the attribute `envelope="no"`; `None` if the response has the envelope of its style.
    pub(crate) no_envelope: Option<Span>,
}

/// `<example>` of an endpoint.
pub(crate) struct Example {
    pub(crate) span: Span,
    /// Path and query of the request.
    pub(crate) path: Text,
    /// `false` for `written="no"`: the example is only read.
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
    /// A mistake that has been reported. It may be a hole whose field name could not be read.
    Malformed,
}

/// The content of an element in a shape.
pub(crate) enum Content {
    /// No content.
    Empty,
    /// A hole.
    Hole(Box<Hole>),
    /// Elements.
    Elements(Vec<Element>),
    /// A mistake that has been reported. It may be a hole whose field name could not be read.
    Malformed,
}

/// `{name: T}`
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    /// The hole with its braces.
    pub(crate) span: Span,
    pub(crate) name: Text,
    /// The part of the name after a dot; valid in a location only.
    pub(crate) member: Option<Text>,
    /// The type. A hole without one refers to a field declared before it.
    pub(crate) hole_type: Option<HoleType>,
}

/// The part of a hole after the colon.
#[derive(Debug, Clone)]
pub(crate) struct HoleType {
    /// The name, without parentheses.
    pub(crate) name: Text,
    /// `T` in `words(T)`; `None` without parentheses.
    pub(crate) item: Option<Text>,
    /// [`Presence::Required`] if there is no suffix, or an unknown one.
    pub(crate) presence: Presence,
    /// Position of `?`, `*`, `*?`, `or nil` or `? or nil`. It is empty if there is no suffix. If the name is missing,
    /// it is the position of the whole type.
    pub(crate) suffix: Span,
    /// `true` if a mistake in the type has been reported.
    pub(crate) is_broken: bool,
}

/// A path or location.
pub(crate) struct Path {
    pub(crate) span: Span,
    /// `true` if it starts with `/`.
    pub(crate) is_absolute: bool,
    pub(crate) segments: Vec<Segment>,
    /// `true` if a mistake in the path has been reported, or that there is no path.
    pub(crate) is_broken: bool,
}

/// A segment of a path: a literal, or a hole with literal text around it. A literal is in `before`, and `after` is
/// empty.
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
    /// Its own decoded text, without that of its children. If there is no text, the span is that of the name.
    pub(crate) text: Text,
    /// Position of its first text that is not white space; `None` if there is none.
    pub(crate) visible_text: Option<Span>,
}

impl XmlElement {
    /// Returns the attribute of this name, or `None` if the element has none.
    pub(crate) fn attribute(&self, name: &str) -> Option<&XmlAttribute> {
        self.attributes.iter().find(|attribute| attribute.name.text == name)
    }

    /// `true` if the element has this name.
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
    /// The name and the value with its quotes.
    pub(crate) span: Span,
}

impl Api {
    /// `true` if no rate limit and no style is missing, apart from those that the service does not have.
    fn is_complete(&self) -> bool {
        let mut names =
            self.rate_limits.iter().map(|limit| &limit.name).chain(self.styles.iter().map(|style| &style.name));
        !self.has_unknown_element && !names.any(Text::is_missing)
    }
}

impl Section {
    /// `true` if it has a name, and so have its ids, enums, types and endpoints.
    fn is_complete(&self) -> bool {
        let ids = self.ids.iter().map(|id| &id.name);
        let enums = self.enums.iter().map(|open_enum| &open_enum.name);
        let types = self.types.iter().map(|data_type| &data_type.name);
        let endpoints = self.endpoints.iter().map(|endpoint| &endpoint.name);
        let mut names = ids.chain(enums).chain(types).chain(endpoints).chain([&self.name]);
        !self.has_unknown_element && !names.any(Text::is_missing)
    }
}

impl Schema {
    /// `true` if every declaration in these parts is known.
    pub(crate) fn are_complete(api: Option<&Api>, sections: &[Section]) -> bool {
        api.is_none_or(Api::is_complete) && sections.iter().all(Section::is_complete)
    }

    /// Returns the file and line of a span, such as `schema/notes.xml:12`.
    pub(crate) fn line(&self, span: Span) -> String {
        let Some(source) = self.sources.get(span.file) else { return String::new() };
        let line = source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}", source.path)
    }

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
