//! Description of a service. Generated code contains one [`Service`], and an [`Operation`] for each endpoint.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

use crate::decode_error::DecodeError;
use crate::scalar::trim;
use crate::xml::{Reader, Writer};

/// Description of a service: the properties that its operations share.
///
/// Generated code contains one. Tests change a clone of it, for a server whose address is known at run time:
/// `Service { base_url_template: base_url.into(), ..SERVICE.clone() }`.
#[derive(Debug, Clone)]
pub struct Service {
    /// Name of the service.
    pub name: &'static str,
    /// Base URL, with the account's name as a placeholder in braces: `https://{account}.example.com`.
    pub base_url_template: Cow<'static, str>,
    /// `true` if the User-Agent must contain a name and, in parentheses, a link or an e-mail address.
    pub requires_user_agent_contact: bool,
    /// Issuer of bearer tokens for the service; `None` if there is no issuer.
    pub issuer: Option<Issuer>,
    /// All styles of the service.
    pub styles: &'static [&'static Style],
    /// All operations of the service.
    pub operations: &'static [&'static Operation],
}

/// Issuer of bearer tokens: its URLs, in the terms of OAuth 2. They are `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Authorization endpoint, at which users allow a program to act for them.
    pub authorize: Cow<'static, str>,
    /// Token endpoint, at which a program obtains and refreshes tokens.
    pub token: Cow<'static, str>,
    /// Endpoint that returns the identity and the accounts of a token as JSON; `None` if the issuer has none.
    pub accounts: Option<Cow<'static, str>>,
}

/// Rate limit: number of requests allowed within a time window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Name of the limit. Operations whose limits have the same name share one limit.
    pub name: &'static str,
    /// Number of requests that are allowed within a window.
    pub requests: u32,
    /// Length of the window in seconds.
    pub seconds: u32,
}

/// Style: the properties that endpoints of one kind share, such as the token's carrier and the envelopes around
/// payloads.
#[derive(Debug)]
pub struct Style {
    /// Name of the style.
    pub name: &'static str,
    /// Segments before every path; `None` stands for the API token.
    pub prefix: &'static [Option<&'static str>],
    /// Header that carries the API token; `None` if no header does.
    pub header: Option<TokenHeader>,
    /// Name of the query parameter that carries the API token; `None` if no parameter does.
    pub query: Option<&'static str>,
    /// Envelope of requests; `None` if the payload is the whole body.
    pub request: Option<RequestEnvelope>,
    /// Envelope of responses; `None` if the payload is the whole body.
    pub response: Option<ResponseEnvelope>,
    /// Header that carries a bearer token and replaces every other carrier; `None` if bearer tokens are not accepted.
    pub bearer: Option<TokenHeader>,
    /// Document that reports a failure; `None` if failures have an HTTP status only.
    pub failure: Option<FailureEnvelope>,
    /// Path of the sign-in page: a redirect there means that the service rejected the token. `None` if no redirect
    /// means that.
    pub sign_in_path: Option<&'static str>,
}

impl Style {
    /// `true` if requests have a token: the style has a carrier for one.
    pub(crate) fn has_token(&self) -> bool {
        let in_path = self.prefix.contains(&None);
        in_path || self.header.is_some() || self.query.is_some() || self.has_token_in_body() || self.bearer.is_some()
    }

    /// `true` if the request envelope has an element for the API token. Then every request has a body.
    pub fn has_token_in_body(&self) -> bool {
        self.request.is_some_and(|envelope| !envelope.token.is_empty())
    }
}

/// Header that carries a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHeader {
    /// Name of the header, in lower case.
    pub name: &'static str,
    /// Text before the token.
    pub before: &'static str,
    /// Text after the token.
    pub after: &'static str,
}

impl TokenHeader {
    /// Returns the value of the header with a token. Credentials of HTTP Basic are encoded in base64.
    pub(crate) fn format_value(&self, token: &str) -> Zeroizing<String> {
        let plain = |before: &str| Zeroizing::new(format!("{before}{token}{}", self.after));
        match self.split_basic() {
            Some((scheme, before)) => {
                let encoded = Zeroizing::new(BASE64_STANDARD.encode(plain(before)));
                Zeroizing::new(format!("{scheme}{}", *encoded))
            }
            None => plain(self.before),
        }
    }

    /// Splits the text before the token of HTTP Basic at the end of the scheme; `None` for any other header.
    fn split_basic(&self) -> Option<(&'static str, &'static str)> {
        const SCHEME: &str = "Basic ";
        let (scheme, before) = self.before.split_at_checked(SCHEME.len())?;
        let is_basic = self.name == header::AUTHORIZATION.as_str() && scheme.eq_ignore_ascii_case(SCHEME);
        is_basic.then_some((scheme, before))
    }

    /// Returns the token in the headers; `None` if no value has the texts around it. A cookie may be among others.
    pub(crate) fn find_token<'v>(&self, headers: &'v HeaderMap) -> Option<Cow<'v, str>> {
        let is_cookie = self.name == header::COOKIE.as_str();
        let basic = self.split_basic();
        let values = headers.get_all(self.name).into_iter().map(HeaderValue::as_bytes);
        let mut parts = values.flat_map(|value| value.split(move |byte| is_cookie && *byte == b';'));
        parts.find_map(|part| {
            let part = trim(str::from_utf8(part).ok()?);
            match basic {
                Some((scheme, before)) => self.decode_basic(part, scheme, before).map(Cow::Owned),
                None => self.extract_token(part, is_cookie).map(Cow::Borrowed),
            }
        })
    }

    /// Returns the token in a value of HTTP Basic; `None` if the texts around it do not match.
    fn decode_basic(&self, value: &str, scheme: &str, before: &str) -> Option<String> {
        let (found, encoded) = value.split_at_checked(scheme.len())?;
        if !found.eq_ignore_ascii_case(scheme) {
            return None;
        }
        let decoded = BASE64_STANDARD.decode(trim(encoded)).ok()?;
        let credentials = Zeroizing::new(String::from_utf8(decoded).ok()?);
        Some(credentials.strip_prefix(before)?.strip_suffix(self.after)?.to_owned())
    }

    /// Returns the token in a header value or a cookie; `None` if the texts around it do not match. The text before it
    /// matches in any case, except the name of a cookie.
    fn extract_token<'v>(&self, value: &'v str, is_cookie: bool) -> Option<&'v str> {
        let (before, rest) = value.split_at_checked(self.before.len())?;
        let is_match = before == self.before || (!is_cookie && before.eq_ignore_ascii_case(self.before));
        if is_match { rest.strip_suffix(self.after) } else { None }
    }
}

/// Envelope around the payload of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestEnvelope {
    /// Parts of the envelope, in the order in which they are written.
    pub parts: &'static [EnvelopePart],
    /// Elements around the payload, from the root down, with underscores for dashes.
    pub path: &'static [&'static str],
    /// Elements around the token, from the root down, with underscores for dashes. Empty if the envelope has no token.
    pub token: &'static [&'static str],
}

/// Part of a request envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopePart {
    /// Literal XML.
    Xml(&'static str),
    /// The API token, in an element of this name; left out if the client has a bearer token.
    Token(&'static str),
    /// The payload.
    Payload,
}

/// Envelope around the payload of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseEnvelope {
    /// XML before the payload.
    pub before: &'static str,
    /// XML after the payload.
    pub after: &'static str,
    /// Elements around the payload, from the root down.
    pub path: &'static [&'static str],
    /// Literal attributes of the root that mark a success. A response whose root has none of them may be a failure.
    pub success_attributes: &'static [(&'static str, &'static str)],
}

/// Document that reports a failure, as functions that read and write it.
#[derive(Debug, Clone, Copy)]
pub struct FailureEnvelope {
    /// Reads the document; `Err` if it does not report a failure.
    pub read: fn(&mut Reader<'_>) -> Result<FailureDetails, DecodeError>,
    /// Writes the document.
    pub write: fn(&FailureDetails, &mut Writer),
}

/// Code and messages of a failure document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureDetails {
    /// Error code, in most services an HTTP status; `None` if the document has none.
    pub code: Option<i64>,
    /// Error messages. There may be several, for example one for each invalid value.
    pub messages: Vec<String>,
}

impl FailureDetails {
    /// Returns the code; 0 if there is none.
    pub fn code_or_zero(&self) -> i64 {
        self.code.unwrap_or_default()
    }

    /// Returns all messages as one text.
    pub fn join_messages(&self) -> String {
        self.messages.join("; ")
    }
}

/// Retry class of an operation. It decides whether a request is sent again when its outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryClass {
    /// Read-only: retried, also once after HTTP 500.
    ReadOnly,
    /// Idempotent: retried.
    Idempotent,
    /// Idempotent deletion: retried, and a 404 on a retry counts as success.
    Delete,
    /// Not idempotent: retried only if the service certainly did not apply the request.
    NotIdempotent,
}

/// Operation of a service. Operations are equal if their names are.
pub struct Operation {
    /// Section and endpoint: `notes.create`.
    pub name: &'static str,
    /// HTTP method.
    pub method: http::Method,
    /// Path as in the schema, without the style's prefix: `/notes/{note_id}.xml`.
    pub path: &'static str,
    /// Style of the operation.
    pub style: &'static Style,
    /// Rate limit that the operation counts against; `None` if it is not limited.
    pub rate_limit: Option<RateLimit>,
    /// Retry class of the operation.
    pub retry: RetryClass,
    /// `true` if a request has a payload.
    pub has_payload: bool,
    /// HTTP status of a success, as a server sends it.
    pub status: u16,
    /// `true` if the response is in the style's envelope.
    pub has_envelope: bool,
    /// Documented errors: HTTP status and meaning.
    pub errors: &'static [(u16, &'static str)],
    /// `true` if the operation is deprecated.
    pub is_legacy: bool,
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
    /// Returns the style's response envelope; `None` if the operation's response is not in one, or its status is 204.
    pub fn response_envelope(&self) -> Option<&'static ResponseEnvelope> {
        if self.has_envelope && self.status != 204 { self.style.response.as_ref() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIE: TokenHeader = TokenHeader { name: "cookie", before: "session=", after: "" };
    const BEARER: TokenHeader = TokenHeader { name: "authorization", before: "Bearer ", after: "" };

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let values = values.iter().map(|value| HeaderValue::from_bytes(value).unwrap());
        values.map(|value| (header::HeaderName::from_static(name), value)).collect()
    }

    #[test]
    fn finds_the_cookie_of_the_token_among_others() {
        for values in [
            &[&b"session=k7"[..]][..],
            &[b"lang=en; session=k7; theme=dark"],
            &[b"session=k7;lang=en"],
            &[b"name=\xC3\xBC; session=k7"],
            &[b"lang=en", b"session=k7"],
            &[b"Session=other; session=k7"],
        ] {
            assert_eq!(COOKIE.find_token(&headers("cookie", values)), Some("k7".into()), "{values:?}");
        }
        for value in ["lang=session=k7", "sessions=k7", "SESSION=k7", ""] {
            assert_eq!(COOKIE.find_token(&headers("cookie", &[value.as_bytes()])), None, "{value}");
        }
    }

    #[test]
    fn a_token_in_another_header_is_the_whole_value() {
        assert_eq!(BEARER.find_token(&headers("authorization", &[b"bearer a;b"])), Some("a;b".into()));
        assert_eq!(BEARER.find_token(&headers("authorization", &[b"Basic x"])), None);
    }

    #[test]
    fn credentials_of_http_basic_are_encoded_and_decoded() {
        let user = TokenHeader { name: "authorization", before: "Basic ", after: ":X" };
        let password = TokenHeader { name: "authorization", before: "Basic api:", after: "" };
        // `printf 'k7:X' | base64`, and the same for `api:k7`.
        assert_eq!(*user.format_value("k7"), "Basic azc6WA==");
        assert_eq!(*password.format_value("k7"), "Basic YXBpOms3");
        assert_eq!(user.find_token(&headers("authorization", &[b"basic azc6WA=="])), Some("k7".into()));
        assert_eq!(password.find_token(&headers("authorization", &[b"Basic YXBpOms3"])), Some("k7".into()));
        for value in ["Basic YXBpOms3", "Basic azc6WA", "Basic ", "Bearer azc6WA==", "Basic k7:X"] {
            assert_eq!(user.find_token(&headers("authorization", &[value.as_bytes()])), None, "{value}");
        }
    }
}
