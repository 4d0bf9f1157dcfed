//! A grant: an access token, its expiration, and the refresh token for the next one.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use super::json::{JsonObject, wipe_body};
use crate::renewal::{Fresh, IssuerError, IssuerErrorKind};
use crate::secret::{Secret, Token};

/// An access token, its expiration, and the refresh token for the next one.
///
/// To store a grant, use [`to_json`](Self::to_json), or its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    access_token: Token,
    refresh_token: Option<Secret>,
    expires_at: Option<Timestamp>,
}

/// Error: the text is not a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidGrant;

impl Grant {
    /// Creates a grant from its parts.
    pub fn new(access_token: Token, refresh_token: Option<Secret>, expires_at: Option<Timestamp>) -> Self {
        Self { access_token, refresh_token, expires_at }
    }

    /// Token that is sent with every request.
    pub fn access_token(&self) -> &Token {
        &self.access_token
    }

    /// Token with which the grant is refreshed, if it can be refreshed. It may be valid only once.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Expiration of the access token, if it is known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Reads the response to [`App::exchange_code_request`](super::App::exchange_code_request), which was received at
    /// `now`: JSON with `access_token`, and optionally `refresh_token` and `expires_in`, a number of seconds as number or
    /// text.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejected the request, or the response has no access token.
    pub fn from_response(response: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let grant = JsonObject::from_response(&response).and_then(|object| {
            let status = response.status();
            let problem = "has no access token that fits into a header";
            Ok(Self::from_object(object, Some(now)).ok_or(IssuerErrorKind::Unreadable { status, problem })?)
        });
        wipe_body(response);
        grant
    }

    /// Reads the response to [`App::refresh_request`](super::App::refresh_request) for this grant, which was received at
    /// `now`. If the response has no refresh token, the present one is kept.
    ///
    /// # Errors
    ///
    /// As [`from_response`](Self::from_response).
    pub fn refreshed(&self, response: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let mut grant = Self::from_response(response, now)?;
        grant.refresh_token = grant.refresh_token.or_else(|| self.refresh_token.clone());
        Ok(grant)
    }

    fn from_object(mut object: JsonObject, now: Option<Timestamp>) -> Option<Self> {
        let access_token = Token::try_from(object.take_secret("access_token")?).ok()?;
        let after = |lifetime: Duration| now?.checked_add(lifetime).ok();
        let expires_at = object.take_seconds("expires_in").and_then(after).or_else(|| object.take_time("expires_at"));
        Some(Self { access_token, refresh_token: object.take_secret("refresh_token"), expires_at })
    }

    /// Returns the grant as text for storage: JSON with `access_token`, and optionally `refresh_token` and `expires_at`,
    /// such as `2009-03-29T12:30:00Z`.
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

    /// Access token with the time at which to refresh it, which is `margin` before its expiration; `None` for a grant
    /// that cannot be refreshed.
    pub(super) fn to_expiring_token(&self, margin: Duration) -> Fresh {
        let expires_at = self.expires_at.filter(|_| self.refresh_token.is_some());
        let due = expires_at.map(|time| time.checked_sub(margin).unwrap_or(Timestamp::MIN));
        Fresh { token: self.access_token.clone(), due }
    }
}

/// A JSON object under construction, in one allocation, so that no copy of a secret is left behind.
struct JsonText(String);

impl JsonText {
    fn with_capacity_for(grant: &Grant) -> Self {
        let refresh_length = grant.refresh_token.as_ref().map_or(0, |token| token.expose().len());
        let secrets = grant.access_token.expose().len() + refresh_length;
        // A character of a secret takes six at most, as in `\u001f`.
        Self(String::with_capacity(128 + 6 * secrets))
    }

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
