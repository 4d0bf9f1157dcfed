//! What a service says about itself. Generated code holds one [`Service`], and an [`Operation`] for each endpoint.

use std::fmt;

use crate::decode::DecodeError;
use crate::xml::{Reader, Writer};

/// A service: what its operations share.
#[derive(Debug)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Its base address, with `{account}` or the like where the account's name stands.
    pub host: &'static str,
    /// Who gives out bearer tokens for it, if anybody does.
    pub issuer: Option<Issuer>,
    /// All its styles.
    pub styles: &'static [&'static Style],
    /// All its operations.
    pub operations: &'static [&'static Operation],
}

/// Who gives out bearer tokens: its `https` addresses, in the terms of OAuth 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issuer {
    /// Where people say that a program may act for them.
    pub authorize: &'static str,
    /// Where a program gets and renews tokens.
    pub token: &'static str,
    /// Where a token's identity and accounts are told, as JSON.
    pub accounts: Option<&'static str>,
}

/// A rate: how many requests are allowed in how many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// How many requests.
    pub requests: u32,
    /// In how many seconds.
    pub seconds: u32,
}

/// What the endpoints of one kind share: where the token goes, and what is around a payload.
#[derive(Debug)]
pub struct Style {
    /// Its name.
    pub name: &'static str,
    /// Segments before every path; `None` stands for the token.
    pub prefix: &'static [Option<&'static str>],
    /// The header that carries the token.
    pub header: Option<Header>,
    /// The query parameter that carries the token.
    pub query: Option<&'static str>,
    /// What is around the payload of a request.
    pub request: Option<RequestEnvelope>,
    /// What is around the payload of an answer.
    pub response: Option<ResponseEnvelope>,
    /// The header that replaces every carrier of a token.
    pub bearer: Option<Header>,
    /// A document that means failure.
    pub failure: Option<FailureShape>,
}

impl Style {
    /// Whether every request has a body, since the token travels in it.
    pub fn token_in_body(&self) -> bool {
        self.request.is_some_and(|envelope| !envelope.token.is_empty())
    }
}

/// A header with the token in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Name of the header, in lower case.
    pub name: &'static str,
    /// What stands before the token.
    pub before: &'static str,
    /// What stands after the token.
    pub after: &'static str,
}

impl Header {
    /// The token in a header's value; what stands before it counts in any case.
    pub(crate) fn carried<'v>(&self, value: &'v str) -> Option<&'v str> {
        let (before, rest) = value.split_at_checked(self.before.len())?;
        before.eq_ignore_ascii_case(self.before).then(|| rest.strip_suffix(self.after)).flatten()
    }
}

/// What is around the payload of a request, in writing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestEnvelope {
    /// Its parts.
    pub parts: &'static [Part],
    /// The elements around the payload, from the root down, with underscores for dashes.
    pub path: &'static [&'static str],
    /// The elements around the token, from the root down, with underscores for dashes. Empty if it holds none.
    pub token: &'static [&'static str],
}

/// A part of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// XML, as it stands.
    Xml(&'static str),
    /// The token, in an element of this name; left out with a bearer token.
    Token(&'static str),
    /// The payload.
    Payload,
}

/// What is around the payload of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseEnvelope {
    /// XML before the payload.
    pub before: &'static str,
    /// XML after the payload.
    pub after: &'static str,
    /// The elements around the payload, from the root down.
    pub path: &'static [&'static str],
    /// The root's literal attributes: an answer that has others is not taken for a success without a second look.
    pub marks: &'static [(&'static str, &'static str)],
}

/// A document that means failure, as code that reads and writes it.
#[derive(Debug, Clone, Copy)]
pub struct FailureShape {
    /// Reads such a document; an error if it means no failure.
    pub read: fn(&mut Reader<'_>) -> Result<Failure, DecodeError>,
    /// Writes such a document.
    pub write: fn(&Failure, &mut Writer),
}

/// A failure, as the service words it in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The code, mostly an HTTP status.
    pub code: i64,
    /// What happened.
    pub message: String,
}

/// What may be sent again when its outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Changes nothing: may always be sent again.
    Read,
    /// Twice is the same as once.
    Idempotent,
    /// As idempotent, and what it answers the second time is that there is nothing to delete.
    Delete,
    /// Twice is not the same as once: never sent again unless it certainly did not run.
    Unsafe,
}

/// An operation of a service. Two are equal if they have the same name.
pub struct Operation {
    /// Section and endpoint: `notes.create`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: http::Method,
    /// The path as the schema has it, without the style's prefix: `/notes/{note_id}.xml`.
    pub path: &'static str,
    /// Its style.
    pub style: &'static Style,
    /// Its rate.
    pub limit: Option<Limit>,
    /// What may be sent again.
    pub retry: Retry,
    /// Whether a request has a payload.
    pub payload: bool,
    /// The status of a success, as a server sends it.
    pub status: u16,
    /// Whether the style's envelope is around the answer.
    pub envelope: bool,
    /// Documented failures: the HTTP status, and when it happens.
    pub fails: &'static [(u16, &'static str)],
    /// Whether a newer operation or none should be used instead.
    pub legacy: bool,
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Operation {}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Operation").field(&self.name).finish()
    }
}

impl Operation {
    /// What is around the payload of the answer: the style's envelope, but for 204 and where the operation has none.
    pub fn response_envelope(&self) -> Option<&'static ResponseEnvelope> {
        self.style.response.as_ref().filter(|_| self.envelope && self.status != 204)
    }
}
