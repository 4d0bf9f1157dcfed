//! The checked API: the output of `check` and the input of `emit`.
//!
//! **Invariant:** everything here is valid. Names are unique and are valid Rust names, references are in range, every
//! shape can be written and read back. Therefore `emit` cannot fail. The order is that of the schema, with sections
//! sorted by file name, so the output does not depend on the order in which files were found.

pub use crate::notation::{EnvelopePart, Issuer, Presence, TokenHeader, TokenSegment};

/// Index of an id in [`Api::ids`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdRef(pub usize);

/// Index of an enum in [`Api::enums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnumRef(pub usize);

/// Index of a data type in [`Api::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeRef(pub usize);

/// Index of a style in [`Api::styles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StyleRef(pub usize);

/// Index of a rate limit in [`Api::rate_limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateLimitRef(pub usize);

/// Index of a section in [`Api::sections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionRef(pub usize);

/// A whole schema.
#[derive(Debug, Clone)]
pub struct Api {
    /// The service's name, in snake case: `library`.
    pub name: String,
    /// Base URL of the service, with one `{name}` at most: `https://{account}.example.com`.
    pub host: String,
    /// Description of the service.
    pub doc: String,
    /// The schema file that holds `<api>`, as in [`crate::source::Source::path`].
    pub path: String,
    /// Rate limits, in schema order.
    pub rate_limits: Vec<RateLimit>,
    /// Styles, in schema order.
    pub styles: Vec<Style>,
    /// The header that carries a bearer token, in place of every style's own carrier.
    pub bearer: Option<TokenHeader>,
    /// The authorization server that issues bearer tokens.
    pub issuer: Option<Issuer>,
    /// Sections, sorted by the path of their file.
    pub sections: Vec<Section>,
    /// Ids of all sections, section by section, in schema order.
    pub ids: Vec<Id>,
    /// Enums of all sections.
    pub enums: Vec<Enum>,
    /// Data types of all sections.
    pub types: Vec<DataType>,
}

/// A rate limit: the number of requests allowed in a period.
#[derive(Debug, Clone)]
pub struct RateLimit {
    /// Its name, in snake case.
    pub name: String,
    /// Number of requests.
    pub requests: u32,
    /// Length of the period in seconds.
    pub seconds: u32,
}

/// Conventions that endpoints share: token carrier, envelopes, errors.
#[derive(Debug, Clone)]
pub struct Style {
    /// Its name, in snake case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// Segments before every path, one of which is the token. Empty if the path does not carry the token.
    pub prefix: Vec<TokenSegment>,
    /// The header that carries the token.
    pub header: Option<TokenHeader>,
    /// The query parameter that carries the token.
    pub query: Option<String>,
    /// The envelope of requests. [`EnvelopePart::Token`] occurs in it if the body carries the token.
    pub request: Option<Vec<EnvelopePart>>,
    /// The envelope of responses.
    pub response: Option<Vec<EnvelopePart>>,
    /// The body of an error response: its fields are exactly `code: integer` and `message: string`, in this order.
    pub failure: Option<FailureEnvelope>,
    /// Errors that every endpoint of the style can return.
    pub errors: Vec<DocumentedError>,
}

/// The shape of an error response. Its two fields are `code` and `message`, in this order.
#[derive(Debug, Clone)]
pub struct FailureEnvelope {
    /// `code` and `message`.
    pub fields: Vec<Field>,
    /// The whole document.
    pub shape: Element,
}

/// An error response that the schema documents.
#[derive(Debug, Clone)]
pub struct DocumentedError {
    /// The HTTP status.
    pub status: u16,
    /// Its cause.
    pub doc: String,
}

/// A topic of the API: a module and a handle.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name, in snake case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// Its schema file, as in [`crate::source::Source::path`].
    pub path: String,
    /// The ids in the section's path, which are fields of its handle.
    pub handle: Vec<Field>,
    /// Its ids.
    pub ids: Vec<IdRef>,
    /// Its enums.
    pub enums: Vec<EnumRef>,
    /// Its data types.
    pub types: Vec<TypeRef>,
    /// Its endpoints, in schema order.
    pub endpoints: Vec<Endpoint>,
}

/// A numeric id with a type of its own.
#[derive(Debug, Clone)]
pub struct Id {
    /// Its name, in camel case: `NoteId`.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
}

/// An enum that may have values which the schema does not list.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name, in camel case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
    /// Its known values.
    pub values: Vec<EnumValue>,
}

/// A known value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Its name, in camel case.
    pub name: String,
    /// Its text on the wire.
    pub text: String,
    /// Description.
    pub doc: String,
}

/// A data type.
#[derive(Debug, Clone)]
pub struct DataType {
    /// Its name, in camel case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
    /// Its fields, in the order of their first occurrence in the shape.
    pub fields: Vec<Field>,
    /// The shape that is written, and read first. The name of its root is a stand-in.
    pub shape: Element,
    /// Alternative shapes, read only. Their holes have a higher [`Hole::rank`] than those of the shape.
    pub also: Vec<Element>,
    /// `true` if a request can contain it.
    pub in_requests: bool,
    /// `true` if a response can contain it.
    pub in_responses: bool,
    /// Documents that are read as this type, and written if [`TypeExample::written`].
    pub examples: Vec<TypeExample>,
}

impl DataType {
    /// `true` if the shape has text or elements, so that it is written with an end tag.
    pub fn has_content(&self) -> bool {
        !matches!(self.shape.content, Content::Empty)
    }
}

/// A value with a name: a field of a data type, an operation, or a handle.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, in snake case.
    pub name: String,
    /// Kind of value.
    pub kind: ValueKind,
    /// How often it occurs.
    pub presence: Presence,
    /// Its documentation; ids, enums and data types bring their own where the schema gives none.
    pub doc: String,
    /// Set if the schema marks it as legacy.
    pub legacy: Option<Legacy>,
    /// Number of positions that it is read from: one more than the highest [`Hole::rank`].
    pub positions: u8,
}

impl Field {
    /// `true` if a document without the value is invalid. A missing `text` is read as an empty one.
    pub fn must_be_present(&self) -> bool {
        self.presence == Presence::Required && self.kind != ValueKind::Scalar(Scalar::Text)
    }
}

/// The kind of value in a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// Text, or a value written as text.
    Scalar(Scalar),
    /// A data type: attributes and content of an element.
    Data(TypeRef),
}

/// A value that is written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Unchanged text.
    String,
    /// Unchanged text; empty if it is missing.
    Text,
    /// Text without white space.
    Word,
    /// A word that is redacted in `Debug` and logs.
    Secret,
    /// `-?digits`.
    Integer,
    /// `true`, `false`.
    Bool,
    /// `1`, `0`.
    Flag,
    /// `2009-03-14 08:05:40` in UTC.
    Utc,
    /// `2009-03-14 08:05:40` in the user's time zone.
    Local,
    /// `2008-11-05T06:41:12Z`.
    Timestamp,
    /// Values separated by white space. Strings, phrases and words are not allowed.
    Words(Box<Scalar>),
    /// `a "b c" d`.
    Phrases,
    /// A declared id.
    Id(IdRef),
    /// A declared enum.
    Enum(EnumRef),
}

/// The replacement of a legacy field or endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Legacy {
    /// No replacement.
    None,
    /// A section.
    Section(SectionRef),
    /// An endpoint: the section, and its index there.
    Endpoint(SectionRef, usize),
}

/// An element of a shape.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its name on the wire.
    pub name: String,
    /// Its attributes, in writing order.
    pub attributes: Vec<Attribute>,
    /// Its content.
    pub content: Content,
}

/// An attribute of a shape.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// Written literally, ignored in reading.
    Literal {
        /// Name on the wire.
        name: String,
        /// Its decoded text.
        value: String,
    },
    /// A placeholder for a value.
    Hole {
        /// Name on the wire.
        name: String,
        /// The placeholder.
        hole: Hole,
    },
}

/// Content of an element in a shape.
#[derive(Debug, Clone)]
pub enum Content {
    /// No content.
    Empty,
    /// A value: the text, or for a data type the element's attributes and content.
    Hole(Hole),
    /// Elements.
    Elements(Vec<Element>),
}

/// A placeholder for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// Index into the fields of the type or endpoint.
    pub field: usize,
    /// Rank among the field's positions. In reading, the lowest rank that is not empty takes precedence. All positions in
    /// the shape itself are written; those in [`DataType::also`] are not.
    pub rank: u8,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// The retry class of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Read-only, so safe to retry. `read` in the schema.
    ReadOnly,
    /// Idempotent, so safe to retry.
    Idempotent,
    /// An idempotent deletion: a 404 on a retry means success.
    Delete,
    /// Not idempotent, so never retried once it may have reached the server. `unsafe` in the schema.
    NotIdempotent,
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name within the section, in snake case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// Its style.
    pub style: StyleRef,
    /// Its rate limit: its own, else the section's, else the style's.
    pub rate_limit: Option<RateLimitRef>,
    /// Its method.
    pub method: Method,
    /// Its retry class.
    pub retry: RetryClass,
    /// Its absolute path, without the style's prefix.
    pub path: Vec<Segment>,
    /// Its query parameters, in writing order: name on the wire, and the hole.
    pub query: Vec<(String, Hole)>,
    /// Alternative routes, read by servers only.
    pub also: Vec<Route>,
    /// Its parameters: first those in the path (the handle's before the others), then query, then body.
    pub fields: Vec<Field>,
    /// Number of fields in the path.
    pub path_fields: usize,
    /// Fields that the section's handle provides, as (index into [`Section::handle`], index into `fields`).
    pub handle_fields: Vec<(usize, usize)>,
    /// The payload of a request, if it has one.
    pub request: Option<Vec<Element>>,
    /// The response.
    pub response: Response,
    /// Set if the response is paginated.
    pub pagination: Option<Pagination>,
    /// Documented errors, the style's after its own; one for each status.
    pub errors: Vec<DocumentedError>,
    /// Set if it is legacy.
    pub legacy: Option<Legacy>,
    /// Its examples; at least one.
    pub examples: Vec<Example>,
}

/// Pagination of a response. The response's value is a data type that repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// Index into the endpoint's fields: the page number, an optional integer in the query.
    pub number: usize,
    /// The number of the first page.
    pub first: u32,
    /// Index into the fields of the response's data type: the required id of an item.
    pub key: usize,
}

/// A route of an endpoint.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its absolute path, without the style's prefix.
    pub path: Vec<Segment>,
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Literal text, already escaped for a URL.
    Literal(String),
    /// A value, with literal text around it.
    Hole {
        /// Text before it.
        before: String,
        /// Index into the endpoint's fields.
        field: usize,
        /// Text after it, such as `.xml`.
        after: String,
    },
}

/// The response of an endpoint.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status that a server sends; a client accepts any 2xx.
    pub status: u16,
    /// `true` if the style's envelope is around the payload.
    pub has_envelope: bool,
    /// The value of the response, if it has one. It is in the body, or in a typed hole of the location.
    pub value: Option<Field>,
    /// The payload. `None` if the body is ignored or missing. Holes have `field == 0`.
    pub shape: Option<Vec<Element>>,
    /// The `Location` header.
    pub location: Option<Location>,
}

/// A `Location` header.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its path, segment by segment.
    pub segments: Vec<LocationSegment>,
}

/// A segment of a `Location`.
#[derive(Debug, Clone)]
pub enum LocationSegment {
    /// Literal text.
    Literal(String),
    /// A value, with literal text around it.
    Hole {
        /// Text before it.
        before: String,
        /// Source of the value.
        value: LocationValue,
        /// Text after it.
        after: String,
    },
}

/// Source of a value in a `Location`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationValue {
    /// The response's value itself: the typed hole.
    Response,
    /// A field of the response's value, by its index in the data type.
    ResponseField(usize),
    /// A field of the endpoint, by index: a path hole.
    Request(usize),
}

/// An example of a data type.
#[derive(Debug, Clone)]
pub struct TypeExample {
    /// The document.
    pub document: Xml,
    /// `true` if the type is also written like this.
    pub written: bool,
}

/// An example of an operation.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path and query as in the schema, without the style's prefix.
    pub path: String,
    /// `true` if the client writes the request like this. If `false`, servers read it only.
    pub written: bool,
    /// The value of each field of the endpoint.
    pub values: Vec<ExampleValue>,
    /// The payload, without envelope and token. `None` if the operation has no request payload.
    pub request: Option<Vec<Xml>>,
    /// The response.
    pub response: Option<ExampleResponse>,
}

/// The response in an example.
#[derive(Debug, Clone)]
pub struct ExampleResponse {
    /// The status: the example's, else the endpoint's.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The payload, without the envelope.
    pub payload: Vec<Xml>,
}

/// A value in an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExampleValue {
    /// Missing, or `nil`.
    Absent,
    /// The decoded text of a scalar.
    Text(String),
    /// The fields of a data type, by index.
    Data(TypeRef, Vec<ExampleValue>),
    /// Values that repeat.
    Many(Vec<ExampleValue>),
}

/// An element of an example: decoded, without the white space beside elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xml {
    /// Its name.
    pub name: String,
    /// Its attributes, in the order of the schema.
    pub attributes: Vec<(String, String)>,
    /// Its elements.
    pub children: Vec<Xml>,
    /// Its text; empty if there are elements.
    pub text: String,
}
