//! Operations: routes, parameters and responses.

use super::data::{Element, Field, Hole, Replacement};
use super::example::Example;
use super::refs::{RateLimitRef, StyleRef};

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
    /// `PATCH`
    Patch,
    /// `HEAD`: its response has no body.
    Head,
}

impl Method {
    /// Returns its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
            Method::Head => "HEAD",
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

impl RetryClass {
    /// All retry classes.
    pub const ALL: [Self; 4] = [Self::ReadOnly, Self::Idempotent, Self::Delete, Self::NotIdempotent];

    /// Returns its name in the schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read",
            Self::Idempotent => "idempotent",
            Self::Delete => "delete",
            Self::NotIdempotent => "unsafe",
        }
    }
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
    /// Its rate limit: that of the endpoint, otherwise of the section, otherwise of the style. `None` if none of them
    /// has one.
    pub rate_limit: Option<RateLimitRef>,
    /// Its method.
    pub method: Method,
    /// Its retry class.
    pub retry: RetryClass,
    /// Its absolute path, without the style's prefix.
    pub path: Vec<Segment>,
    /// Its query parameters with the same value in every request, in writing order: name and value, decoded. They are
    /// written before the others, and ignored in reading.
    pub query_literals: Vec<(String, String)>,
    /// Its other query parameters, in writing order: decoded name, and the hole. The parameter of a value that repeats
    /// does too.
    pub query: Vec<(String, Hole)>,
    /// Alternative routes, read by servers only.
    pub also: Vec<Route>,
    /// Its parameters: first those in the path (the handle's before the others), then those in the query, then those in
    /// the body.
    pub fields: Vec<Field>,
    /// Number of fields in the path.
    pub path_fields: usize,
    /// Fields that the section's handle provides: the index into [`Section::handle`](super::Section::handle), and the
    /// index into `fields`.
    pub handle_fields: Vec<(usize, usize)>,
    /// The payload of a request; `None` if it has none.
    pub request: Option<Vec<Element>>,
    /// The response.
    pub response: Response,
    /// Its pagination; `None` if the response is not paginated.
    pub pagination: Option<Pagination>,
    /// Documented errors, at most one for each status: its own, then those of the style.
    pub errors: Vec<DocumentedError>,
    /// Its replacement; `None` if the endpoint is not legacy.
    pub legacy: Option<Replacement>,
    /// Its examples; at least one.
    pub examples: Vec<Example>,
}

impl Endpoint {
    /// Returns the indices of the fields in the path, in the order of the path.
    pub(crate) fn fields_in_path(&self) -> impl Iterator<Item = usize> {
        self.path.iter().filter_map(|segment| match segment {
            Segment::Hole { field, .. } => Some(*field),
            Segment::Literal(_) => None,
        })
    }

    /// Formats the path, without the style's prefix: `/pages/{page_id}/notes.xml`.
    pub(crate) fn format_path(&self) -> String {
        format_path(&self.path, |field| &self.fields[field].name)
    }
}

/// Pagination of a response. The response's value is a data type that repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// Index into the endpoint's fields: the page number, an optional integer in the query.
    pub page_number: usize,
    /// The number of the first page.
    pub first_page: u32,
    /// `true` if the number of a page is that of its first item.
    pub counts_items: bool,
    /// Index into the fields of the response's data type: the required id of an item.
    pub item_key: usize,
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

impl Segment {
    /// Formats the segment with the name of its value: `{page_id}.xml`. `name_of` names a field by its index.
    pub(crate) fn format<'n>(&self, name_of: impl FnOnce(usize) -> &'n str) -> String {
        match self {
            Segment::Literal(text) => text.clone(),
            Segment::Hole { before, field, after } => format!("{before}{{{}}}{after}", name_of(*field)),
        }
    }
}

/// Formats a path with the names of its values: `/pages/{page_id}/notes.xml`. `name_of` names a field by its index.
pub(crate) fn format_path<'n>(path: &[Segment], mut name_of: impl FnMut(usize) -> &'n str) -> String {
    path.iter().map(|segment| format!("/{}", segment.format(&mut name_of))).collect()
}

/// Returns the sort key of a route: `true` for each segment with a hole. Servers try routes in ascending order, those
/// with equal keys in schema order. So where two paths first differ in kind of segment, the one with a literal segment
/// there precedes the one with a hole.
pub(crate) fn route_order(path: &[Segment]) -> Vec<bool> {
    path.iter().map(|segment| matches!(segment, Segment::Hole { .. })).collect()
}

/// The response of an endpoint.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status that a server sends; a client accepts any 2xx.
    pub status: u16,
    /// `true` if the style's envelope is around the payload.
    pub has_envelope: bool,
    /// The value of the response; `None` if it has none. The value is in the body, or in a typed hole of the location.
    pub value: Option<Field>,
    /// The payload. `None` if the body is ignored or missing. Holes have `field == 0`.
    pub shape: Option<Vec<Element>>,
    /// Alternative payloads, read only: the style's [`empty_list`](super::Style::empty_list), if the payload is a list
    /// without an envelope.
    pub also: Vec<Element>,
    /// The `Location` header; `None` if the response has none.
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

impl LocationSegment {
    /// Formats the segment with the name of its value: `{id}.xml`.
    pub(crate) fn format<'n>(&self, name_of: impl FnOnce(&LocationValue) -> &'n str) -> String {
        match self {
            LocationSegment::Literal(text) => text.clone(),
            LocationSegment::Hole { before, value, after } => format!("{before}{{{}}}{after}", name_of(value)),
        }
    }
}

impl Location {
    /// Formats the location with the names of its values: `/notes/{id}.xml`.
    pub(crate) fn format<'n>(&self, mut name_of: impl FnMut(&LocationValue) -> &'n str) -> String {
        self.segments.iter().map(|segment| format!("/{}", segment.format(&mut name_of))).collect()
    }
}

/// Source of a value in a `Location`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationValue {
    /// The response's value itself: the typed hole.
    Response,
    /// A field of the response's value, by its index in the data type.
    ResponseField(usize),
    /// A field in the path of the endpoint, by its index in [`Endpoint::fields`].
    Request(usize),
}

/// An error response that the schema documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedError {
    /// The HTTP status.
    pub status: u16,
    /// Its cause.
    pub doc: String,
}
