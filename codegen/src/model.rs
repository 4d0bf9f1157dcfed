//! The API, read and resolved: what `check` hands to `emit`.
//!
//! Everything here is valid: names are unique and make good Rust names, every reference points at something, every
//! shape can be written and read back. That is why `emit` cannot fail. Order is the order of the schema, with
//! sections sorted by file name, so that the output does not depend on the order in which files were found.

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

/// Index of a rate in [`Api::limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitRef(pub usize);

/// Index of a section in [`Api::sections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionRef(pub usize);

/// A whole schema.
#[derive(Debug, Clone)]
pub struct Api {
    /// The service's name, in snake case: `library`.
    pub name: String,
    /// Where the service is, with one `{name}` at most: `https://{account}.example.com`.
    pub host: String,
    /// What the service is.
    pub doc: String,
    /// The schema file that holds `<api>`, as in [`crate::source::Source::path`].
    pub path: String,
    /// Rates, in schema order.
    pub limits: Vec<Limit>,
    /// Styles, in schema order.
    pub styles: Vec<Style>,
    /// The header that replaces every carrier.
    pub bearer: Option<Header>,
    /// Who gives out tokens for that header.
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

/// Who gives out bearer tokens: three `https` addresses.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Where people say that a program may act for them.
    pub authorize: String,
    /// Where a program gets and renews tokens.
    pub token: String,
    /// Where a token's accounts are told.
    pub accounts: Option<String>,
}

/// How many requests are allowed in how many seconds.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Its name, in snake case.
    pub name: String,
    /// How many requests.
    pub requests: u32,
    /// In how many seconds.
    pub seconds: u32,
}

/// What endpoints share.
#[derive(Debug, Clone)]
pub struct Style {
    /// Its name, in snake case.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Put before every path; one of the segments holds the token. Empty if the path carries none.
    pub prefix: Vec<TokenSegment>,
    /// The header that carries the token.
    pub header: Option<Header>,
    /// The query parameter that carries the token.
    pub query: Option<String>,
    /// The envelope of requests. [`EnvelopePart::Token`] occurs in it if the body carries the token.
    pub request: Option<Vec<EnvelopePart>>,
    /// The envelope of answers.
    pub response: Option<Vec<EnvelopePart>>,
    /// A body that means failure: fields are exactly `code: integer` and `message: string`, by that order.
    pub failure: Option<Failure>,
    /// What holds for every endpoint of the style.
    pub fails: Vec<Fails>,
}

/// A segment of a style's prefix.
#[derive(Debug, Clone)]
pub enum TokenSegment {
    /// Text as it stands.
    Literal(String),
    /// The token.
    Token,
}

/// A header with the token in it.
#[derive(Debug, Clone)]
pub struct Header {
    /// Name of the header.
    pub name: String,
    /// What stands before the token, such as `Bearer `.
    pub before: String,
    /// What stands after the token.
    pub after: String,
}

/// A part of an envelope, in writing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvelopePart {
    /// Start of an element with literal attributes only.
    Open(String, Vec<(String, String)>),
    /// End of the element last opened.
    Close(String),
    /// An element without content, with literal attributes only.
    Empty(String, Vec<(String, String)>),
    /// The token, in an element of this name.
    Token(String),
    /// The payload.
    Payload,
}

/// A shape that means failure. Its two fields are `code` and `message`, in this order.
#[derive(Debug, Clone)]
pub struct Failure {
    /// `code` and `message`.
    pub fields: Vec<Field>,
    /// The whole document.
    pub shape: Element,
}

/// A documented failure.
#[derive(Debug, Clone)]
pub struct Fails {
    /// The HTTP status.
    pub status: u16,
    /// When it happens.
    pub doc: String,
}

/// One topic of the API: one module, one handle.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name, in snake case.
    pub name: String,
    /// What it is about.
    pub doc: String,
    /// Its schema file, as in [`crate::source::Source::path`].
    pub path: String,
    /// The ids in the section's path: what its handle holds. Name and type of each.
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

/// A number of its own type.
#[derive(Debug, Clone)]
pub struct Id {
    /// Its name, in camel case: `NoteId`.
    pub name: String,
    /// What it numbers.
    pub doc: String,
    /// Where it is declared.
    pub section: SectionRef,
}

/// An open enum.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name, in camel case.
    pub name: String,
    /// What it tells apart.
    pub doc: String,
    /// Where it is declared.
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
    /// What it means.
    pub doc: String,
}

/// A data type.
#[derive(Debug, Clone)]
pub struct DataType {
    /// Its name, in camel case.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Where it is declared.
    pub section: SectionRef,
    /// Its fields, in the order of their first place in the shape.
    pub fields: Vec<Field>,
    /// What is written, and read first. The root's name is a stand-in.
    pub shape: Element,
    /// Other shapes, read only. Their holes have a [`Hole::rank`] above those of the shape.
    pub also: Vec<Element>,
    /// Whether a request reaches it.
    pub in_requests: bool,
    /// Whether an answer reaches it.
    pub in_responses: bool,
    /// Documents that it reads, and writes if `written`.
    pub examples: Vec<TypeExample>,
}

impl DataType {
    /// Whether the shape has text or elements, so that it is written with an end tag.
    pub fn has_content(&self) -> bool {
        !matches!(self.shape.content, Content::Empty)
    }
}

/// A value with a name: a field of a data type, an operation, or a handle.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, in snake case.
    pub name: String,
    /// What sort of value it is.
    pub kind: Kind,
    /// How often it occurs.
    pub presence: Presence,
    /// Its documentation; ids, enums and data types bring their own where the schema gives none.
    pub doc: String,
    /// Set if the schema marks it as legacy.
    pub legacy: Option<Legacy>,
    /// How many places there are to read it from; 0 is the first.
    pub places: u8,
}

impl Field {
    /// Whether a document without the value cannot be read. A `text` that is not there is empty.
    pub fn must_be_there(&self) -> bool {
        self.presence == Presence::Required && self.kind != Kind::Scalar(Scalar::Text)
    }
}

/// What sort of value a hole takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text, or something written as text.
    Scalar(Scalar),
    /// A data type: attributes and content of an element.
    Data(TypeRef),
}

/// A value that is written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Text, as it is.
    String,
    /// Text, as it is; empty where there is none.
    Text,
    /// Text without white space.
    Word,
    /// A word that is never shown.
    Secret,
    /// `-?digits`.
    Integer,
    /// `true`, `false`.
    Bool,
    /// `1`, `0`.
    Flag,
    /// `2009-03-14 08:05:40` in UTC.
    Utc,
    /// `2009-03-14 08:05:40` in the user's zone.
    Local,
    /// `2008-11-05T06:41:12Z`.
    Timestamp,
    /// Values of a type (no strings, phrases or words) between white space.
    Words(Box<Scalar>),
    /// `a "b c" d`.
    Phrases,
    /// A declared id.
    Id(IdRef),
    /// A declared enum.
    Enum(EnumRef),
}

/// How often a value occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// `T`
    Required,
    /// `T?`
    Optional,
    /// `T or nil`
    Nil,
    /// `T*`
    Many,
    /// `T*?`
    ManyOrAbsent,
}

impl Presence {
    /// Whether the value repeats: a `Vec` in Rust.
    pub fn is_many(self) -> bool {
        matches!(self, Presence::Many | Presence::ManyOrAbsent)
    }

    /// Whether the value may be absent: an `Option` in Rust.
    pub fn is_optional(self) -> bool {
        matches!(self, Presence::Optional | Presence::Nil)
    }
}

/// What a legacy thing is replaced by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Legacy {
    /// Nothing.
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
    /// What it holds.
    pub content: Content,
}

/// An attribute of a shape.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// Written as it stands, not looked at in reading.
    Literal {
        /// Name on the wire.
        name: String,
        /// Its text, decoded.
        value: String,
    },
    /// A place for a value.
    Hole {
        /// Name on the wire.
        name: String,
        /// What goes there.
        hole: Hole,
    },
}

/// What an element of a shape holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A value: the text, or for a data type the element's attributes and content.
    Hole(Hole),
    /// Elements.
    Elements(Vec<Element>),
}

/// A place for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// Index into the fields of the type or endpoint.
    pub field: usize,
    /// Which of the field's places it is: the lowest that is not empty wins in reading. Places inside the shape
    /// itself are all written; those of [`DataType::also`] are not.
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

/// What may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Changes nothing.
    Read,
    /// Twice is the same as once.
    Idempotent,
    /// As idempotent, and what it answers the second time is that there is nothing to delete.
    Delete,
    /// Twice is not the same as once.
    Unsafe,
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name within the section, in snake case.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Its style.
    pub style: StyleRef,
    /// Its rate: its own, else the section's, else the style's.
    pub limit: Option<LimitRef>,
    /// Its method.
    pub method: Method,
    /// What may be sent again.
    pub retry: Retry,
    /// Its whole path, without the style's prefix.
    pub path: Vec<Segment>,
    /// Its query parameters, in writing order: name on the wire, and the hole.
    pub query: Vec<(String, Hole)>,
    /// More routes, read by servers only.
    pub also: Vec<Route>,
    /// What it takes: path holes first (those of the handle before all), then query, then request.
    pub fields: Vec<Field>,
    /// How many of the fields stand in the path, and how many of those in the handle.
    pub path_fields: usize,
    /// The fields that the section's handle holds, as (index into [`Section::handle`], index into `fields`).
    pub handle_fields: Vec<(usize, usize)>,
    /// The payload of a request. `None`: there is none.
    pub request: Option<Vec<Element>>,
    /// The answer.
    pub response: Response,
    /// Set if the answer comes in pages.
    pub pages: Option<Pages>,
    /// Documented failures, the style's after its own; one per status.
    pub fails: Vec<Fails>,
    /// Set if it is legacy.
    pub legacy: Option<Legacy>,
    /// At least one.
    pub examples: Vec<Example>,
}

/// How an answer comes in pages. The answer's value is a data type that repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Index into the endpoint's fields: the number of the page, an optional integer in the query.
    pub number: usize,
    /// The number of the first page.
    pub first: u32,
    /// Index into the fields of the answer's data type: a required id.
    pub key: usize,
}

/// A route of an endpoint.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its whole path, without the style's prefix.
    pub path: Vec<Segment>,
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text as it stands (already escaped for a URL).
    Literal(String),
    /// A value, with literal text around it.
    Hole {
        /// What stands before it.
        before: String,
        /// Index into the endpoint's fields.
        field: usize,
        /// What stands after it, such as `.xml`.
        after: String,
    },
}

/// What an endpoint answers.
#[derive(Debug, Clone)]
pub struct Response {
    /// What a server sends; a client takes any 2xx.
    pub status: u16,
    /// Whether the style's envelope is around the payload.
    pub envelope: bool,
    /// The value of the answer, if it has one. It is in the body or typed in the location.
    pub value: Option<Field>,
    /// The payload. `None`: the body is not looked at (or there is none). Holes have `field == 0`.
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
    /// Text as it stands.
    Literal(String),
    /// A value, with literal text around it.
    Hole {
        /// What stands before it.
        before: String,
        /// Where the value comes from.
        value: LocationValue,
        /// What stands after it.
        after: String,
    },
}

/// Where a value in a `Location` comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationValue {
    /// The answer's value itself: the typed hole.
    Response,
    /// A field of the answer's value, by its index in the data type.
    ResponseField(usize),
    /// A field of the endpoint, by index: a path hole.
    Request(usize),
}

/// A document that a type reads.
#[derive(Debug, Clone)]
pub struct TypeExample {
    /// The document.
    pub document: Xml,
    /// Whether it is also written so.
    pub written: bool,
}

/// An example of an operation.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path and query, as the schema has them: without the style's prefix.
    pub path: String,
    /// Whether the client writes it so. False: servers read it.
    pub written: bool,
    /// What each field of the endpoint has in it.
    pub values: Vec<ExampleValue>,
    /// The payload, without envelope and token. `None` if the operation has no request payload.
    pub request: Option<Vec<Xml>>,
    /// The answer.
    pub response: Option<ExampleResponse>,
}

/// The answer in an example.
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
    /// Not there, or `nil`.
    Absent,
    /// The decoded text of a scalar.
    Text(String),
    /// The fields of a data type, by index.
    Data(TypeRef, Vec<ExampleValue>),
    /// Values that repeat.
    Many(Vec<ExampleValue>),
}

/// An element of an example: decoded, white space beside elements left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xml {
    /// Its name.
    pub name: String,
    /// Its attributes, as in the schema.
    pub attributes: Vec<(String, String)>,
    /// Its elements.
    pub children: Vec<Xml>,
    /// Its text; empty if there are elements.
    pub text: String,
}
