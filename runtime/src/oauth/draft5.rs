//! The dialect of OAuth 2 that this crate speaks: draft 5 (`draft-ietf-oauth-v2-05`, May 2010).
//!
//! Some services of that time never moved to the final standard (RFC 6749). All differences are in this file:
//!
//! | | draft 5 | RFC 6749 |
//! |---|---|---|
//! | kind of request | `type`: `web_server`, `user_agent`, `refresh` | `response_type`, `grant_type` |
//! | parameters of a token request | in the query of a `POST` | form in its body |
//! | client credentials | parameters `client_id`, `client_secret` | HTTP Basic, or parameters |
//!
//! Redirects, the JSON of token responses, and the `Authorization: Bearer` header are as in the final standard.

use std::fmt;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::json::parse_error_code;
use crate::query::QueryWriter;
use crate::secret::Secret;
use crate::xml::Writer;

/// Registration of a program with the issuer.
#[derive(Clone)]
pub(super) struct Registration {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) redirect_uri: String,
}

/// Way in which the program receives its token.
#[derive(Clone, Copy)]
pub(super) enum Flow {
    /// As a code, which a server exchanges for a token.
    WebServer,
    /// As a token in the fragment of the redirect URL, for programs in a browser.
    UserAgent,
}

impl Flow {
    /// Returns the value of the parameter `type`.
    fn as_str(self) -> &'static str {
        match self {
            Self::WebServer => "web_server",
            Self::UserAgent => "user_agent",
        }
    }
}

impl Registration {
    /// Returns the URL to which the program sends the user for consent.
    pub(super) fn authorize_url(&self, endpoint: &str, flow: Flow, state: &str) -> String {
        let pairs = [
            ("type", flow.as_str()),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("state", state),
        ];
        with_query(endpoint, &pairs).to_string()
    }

    /// Returns the URL of the token request that exchanges a code.
    pub(super) fn exchange_url(&self, endpoint: &str, code: &Secret) -> Zeroizing<String> {
        with_query(
            endpoint,
            &[
                ("type", Flow::WebServer.as_str()),
                ("client_id", &self.client_id),
                ("redirect_uri", &self.redirect_uri),
                ("client_secret", self.client_secret.expose()),
                ("code", code.expose()),
            ],
        )
    }

    /// Returns the URL of the token request that uses a refresh token.
    pub(super) fn refresh_url(&self, endpoint: &str, refresh_token: &Secret) -> Zeroizing<String> {
        with_query(
            endpoint,
            &[
                ("type", "refresh"),
                ("refresh_token", refresh_token.expose()),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.expose()),
            ],
        )
    }
}

/// Reads the code from the URL to which the issuer sent the user back. The URL must contain `state`.
pub(super) fn read_redirect(url: &str, state: &str) -> Result<Secret, RedirectError> {
    // The fragment is not part of the query.
    let url = url.split('#').next().unwrap_or_default();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    // An empty state gives no protection: a program that lost its state would accept the code of any user.
    if state.is_empty() || find_parameter(query, "state").is_none_or(|found| found.expose() != state) {
        return Err(RedirectError::State);
    }
    if let Some(error) = find_parameter(query, "error") {
        return Err(RedirectError::Denied(parse_error_code(error.expose())));
    }
    find_parameter(query, "code").filter(|code| !code.expose().is_empty()).ok_or(RedirectError::NoCode)
}

/// Appends a query to a URL. The text contains secrets, so it is wiped when dropped; the copy in a request is not
/// wiped.
fn with_query(url: &str, pairs: &[(&'static str, &str)]) -> Zeroizing<String> {
    let text = Writer::to_string(|out| {
        out.write_raw(url);
        let mut query = QueryWriter::new(out);
        for (name, value) in pairs {
            query.text_pair(name, value);
        }
    });
    // Query values cannot fail, because they are percent-encoded.
    Zeroizing::new(text.unwrap_or_default())
}

/// Finds the first parameter of this name, and decodes its value.
fn find_parameter(query: &str, name: &str) -> Option<Secret> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let with_spaces = Zeroizing::new(value.replace('+', " "));
    Some(Secret::new(percent_decode_str(&with_spaces).decode_utf8_lossy()))
}

/// Error of a redirect from which no code was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// The `state` is empty or not the one that was sent, so the redirect does not belong to this user's browser
    /// session.
    State,
    /// The user or the issuer denied access; holds the error code, such as `access_denied`, if the issuer sent a valid
    /// one.
    Denied(Option<String>),
    /// The URL has no code.
    NoCode,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("the `state` is not the one that was sent"),
            Self::Denied(Some(code)) => write!(f, "access was denied: {code}"),
            Self::Denied(None) => f.write_str("access was denied"),
            Self::NoCode => f.write_str("the redirect URL has no code"),
        }
    }
}

impl std::error::Error for RedirectError {}
