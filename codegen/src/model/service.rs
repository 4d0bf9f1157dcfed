//! The service, its styles and its sections.

use super::data::{DataType, Element, Enum, Field, Id};
use super::endpoint::{DocumentedError, Endpoint};
use super::refs::{EnumRef, IdRef, TypeRef};
use crate::notation::{EnvelopePart, Issuer, TokenHeader, TokenSegment};

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
