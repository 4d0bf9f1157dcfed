//! A grant: an access token, its expiration, and the refresh token for the next one.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use super::json::{JsonObject, wipe_body};
use crate::issuer_error::{IssuerError, IssuerErrorKind};
use crate::refresh::ExpiringToken;
use crate::secret::{Secret, Token};

/// An access token, its expiration, and the refresh token for the next one.
///
/// To store a grant, use [`to_json`](Self::to_json) or store its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    access_token: Token,
    refresh_token: Option<Secret>,
    expires_at: Option<Timestamp>,
}

/// Error for a text that is not a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidGrant;

impl Grant {
    /// Creates a grant from its parts.
    pub fn new(access_token: Token, refresh_token: Option<Secret>, expires_at: Option<Timestamp>) -> Self {
        Self { access_token, refresh_token, expires_at }
    }

    /// Access token, which a client sends with every request to the service.
    pub fn access_token(&self) -> &Token {
        &self.access_token
    }

    /// Token with which the grant is refreshed; `None` if the grant cannot be refreshed. It may be valid only once.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Expiration of the access token; `None` if it is not known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Reads the response to [`App::exchange_code_request`](super::App::exchange_code_request), which was received at
    /// `now`: JSON with `access_token`, and optionally `refresh_token` and `expires_in`, a number of seconds as a
    /// number or as text. Without a valid `expires_in`, the time in `expires_at` is used: with an offset from UTC, or in
    /// seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejected the request, or the response has no access token.
    pub fn from_response(response: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let grant = JsonObject::from_response(&response).and_then(|object| {
            let status = response.status();
            let problem = "has no access token that fits into a header";
            Ok(Self::from_object(object, Some(now)).ok_or(IssuerErrorKind::InvalidResponse { status, problem })?)
        });
        wipe_body(response);
        grant
    }

    /// Reads the response to [`App::refresh_request`](super::App::refresh_request) for this grant, which was received
    /// at `now`, and returns the refreshed grant. If the response has no refresh token, it keeps the one of this grant.
    ///
    /// # Errors
    ///
    /// As [`from_response`](Self::from_response).
    pub fn refreshed(&self, response: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let mut grant = Self::from_response(response, now)?;
        grant.refresh_token = grant.refresh_token.or_else(|| self.refresh_token.clone());
        Ok(grant)
    }

    /// Reads a grant from an issuer's response, received at `now`, or from stored JSON, for which `now` is `None` and
    /// `expires_in` is ignored. Returns `None` if there is no access token that fits into a header.
    fn from_object(mut object: JsonObject, now: Option<Timestamp>) -> Option<Self> {
        let access_token = Token::try_from(object.take_secret("access_token")?).ok()?;
        let time_after = |lifetime: Duration| now?.checked_add(lifetime).ok();
        let expires_at =
            object.take_seconds("expires_in").and_then(time_after).or_else(|| object.take_time("expires_at"));
        Some(Self { access_token, refresh_token: object.take_secret("refresh_token"), expires_at })
    }

    /// Returns the grant as text for storage: JSON with `access_token`, and optionally `refresh_token` and
    /// `expires_at`, such as `2009-03-29T12:30:00Z`.
    pub fn to_json(&self) -> Secret {
        let mut text = JsonText::with_capacity_for(self);
        text.push_member("access_token", self.access_token.expose());
        if let Some(refresh_token) = &self.refresh_token {
            text.push_member("refresh_token", refresh_token.expose());
        }
        if let Some(expires_at) = self.expires_at {
            text.push_member("expires_at", &expires_at.to_string());
        }
        text.0.push('}');
        Secret::new(text.0)
    }

    /// Reads a grant from the text of [`to_json`](Self::to_json).
    ///
    /// # Errors
    ///
    /// [`InvalidGrant`] if the text is not such JSON.
    pub fn from_json(text: &str) -> Result<Self, InvalidGrant> {
        JsonObject::parse(text.as_bytes()).and_then(|object| Self::from_object(object, None)).ok_or(InvalidGrant)
    }

    /// Returns the access token with the time at which to refresh it, `margin` before its expiration. The time is
    /// `None` if the expiration is not known or the grant cannot be refreshed.
    pub(super) fn to_expiring_token(&self, margin: Duration) -> ExpiringToken {
        let expires_at = if self.refresh_token.is_some() { self.expires_at } else { None };
        let refresh_at = expires_at.map(|time| time.checked_sub(margin).unwrap_or(Timestamp::MIN));
        ExpiringToken { token: self.access_token.clone(), refresh_at }
    }
}

/// A JSON object under construction, in one allocation, so that no copy of a secret is left behind.
struct JsonText(String);

impl JsonText {
    /// Creates a text with enough capacity for any JSON of this grant.
    fn with_capacity_for(grant: &Grant) -> Self {
        let refresh_length = grant.refresh_token.as_ref().map_or(0, |token| token.expose().len());
        let secrets = grant.access_token.expose().len() + refresh_length;
        // A byte of a secret takes at most six bytes, as in `\u001f`. All the rest takes fewer than 128 bytes.
        Self(String::with_capacity(128 + 6 * secrets))
    }

    /// Appends a member, whose name needs no escapes.
    fn push_member(&mut self, name: &str, value: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":\"");
        for character in value.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\0'..='\x1f' => self.0.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }
}

impl fmt::Display for InvalidGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a grant must be a JSON object with an `access_token` that fits into a header")
    }
}

impl std::error::Error for InvalidGrant {}
