//! The service, its styles and its sections.

use super::data::{DataType, Element, Enum, Field, Id};
use super::endpoint::{DocumentedError, Endpoint};
use super::refs::{EnumRef, IdRef, TypeRef};
use crate::notation::{EnvelopePart, Issuer, TokenHeader, TokenSegment, find_token_element};

/// A whole schema.
#[derive(Debug, Clone)]
pub struct Api {
    /// The service's name, in snake case: `library`.
    pub name: String,
    /// Base URL of the service, with at most one `{name}`: `https://{account}.example.com`.
    pub host: String,
    /// Description of the service.
    pub doc: String,
    /// The schema file that holds `<api>`, as in [`crate::source::Source::path`].
    pub path: String,
    /// Rate limits, in schema order.
    pub rate_limits: Vec<RateLimit>,
    /// Styles, in schema order.
    pub styles: Vec<Style>,
    /// The header that carries a bearer token, which replaces the token of every style. `None` if the service has no
    /// bearer tokens.
    pub bearer: Option<TokenHeader>,
    /// The authorization server that issues bearer tokens; `None` if the schema does not name one.
    pub issuer: Option<Issuer>,
    /// `true` if the User-Agent of clients must contain a contact.
    pub requires_user_agent_contact: bool,
    /// Path of the page to which the service redirects if it rejects a token, without extension and query: `/login`.
    pub sign_in_path: Option<String>,
    /// Sections, sorted by the path of their file.
    pub sections: Vec<Section>,
    /// Ids of all sections, section by section, in schema order.
    pub ids: Vec<Id>,
    /// Enums of all sections, in the same order.
    pub enums: Vec<Enum>,
    /// Data types of all sections, in the same order.
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

/// Conventions that endpoints share: position of the token, envelopes, errors.
#[derive(Debug, Clone)]
pub struct Style {
    /// Its name, in snake case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// `false` if requests have no token, whatever the client's credentials are.
    pub has_token: bool,
    /// Segments before every path; one of them is the token. Empty if the path does not carry the token.
    pub prefix: Vec<TokenSegment>,
    /// The header that carries the token. `None` if the token is in another part of the request.
    pub header: Option<TokenHeader>,
    /// Name of the query parameter that carries the token. `None` if the token is in another part of the request.
    pub query: Option<String>,
    /// The envelope of requests. `None` if the payload is the whole body. It contains [`EnvelopePart::Token`] if
    /// the body carries the token.
    pub request: Option<Vec<EnvelopePart>>,
    /// The envelope of responses. `None` if the payload is the whole body.
    pub response: Option<Vec<EnvelopePart>>,
    /// The shape of an error response; `None` if the schema does not describe one.
    pub failure: Option<FailureEnvelope>,
    /// An element without content. As the root of a response that is a list, it stands for the empty list. Never
    /// written. `None` if an empty list has no such document.
    pub empty_list: Option<Element>,
    /// Errors that every endpoint of the style can return.
    pub errors: Vec<DocumentedError>,
}

/// The part of a request that carries the token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenCarrier<'a> {
    /// A segment of the style's prefix.
    Path,
    /// A header.
    Header(&'a TokenHeader),
    /// A query parameter of this name.
    Query(&'a str),
    /// An element of this name in the envelope.
    Element(&'a str),
}

impl Style {
    /// Returns the part of a request that carries the token; `None` if requests have no token.
    pub(crate) fn token_carrier(&self) -> Option<TokenCarrier<'_>> {
        let element = self.request.as_deref().and_then(find_token_element);
        if !self.has_token {
            None
        } else if let Some(header) = &self.header {
            Some(TokenCarrier::Header(header))
        } else if let Some(name) = &self.query {
            Some(TokenCarrier::Query(name))
        } else {
            Some(element.map_or(TokenCarrier::Path, TokenCarrier::Element))
        }
    }

    /// `true` if requests of an endpoint have a body: a payload, or an envelope with the token.
    pub(crate) fn has_request_body(&self, endpoint: &Endpoint) -> bool {
        endpoint.request.is_some() || self.request.as_deref().and_then(find_token_element).is_some()
    }

    /// Formats the path prefix with this text for the token. It is empty if the path does not carry the token.
    pub(crate) fn format_prefix(&self, token: &str) -> String {
        let format_segment = |segment: &TokenSegment| match segment {
            TokenSegment::Literal(text) => format!("/{text}"),
            TokenSegment::Token => format!("/{token}"),
        };
        self.prefix.iter().map(format_segment).collect()
    }
}

/// The shape of an error response. Its fields are `code`, an integer that may be optional or missing, and `message`, a
/// `string` that may repeat, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureEnvelope {
    /// `code`, if the shape has it, and `message`.
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
    /// The ids and enums in the section's path, which are fields of its handle.
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
