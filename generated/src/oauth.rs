//! OAuth 2: from a user's consent to a token that refreshes itself, and the accounts that the token gives access to.
//!
//! The steps are those of [`runtime::oauth`](crate::runtime::oauth). [`Authorization::fetch`] requests the user and the
//! accounts of a grant. This request is not part of OAuth. The issuer offers it because a token of this issuer gives
//! access to several accounts and services.

use std::time::Duration;

use crate::runtime::bytes::Bytes;
use crate::runtime::http::{Response, Uri};
use crate::runtime::issuer_error::{IssuerError, IssuerErrorKind};
use crate::runtime::jiff::Timestamp;
use crate::runtime::service::Service;
use crate::runtime::transport::{BlockingTransport, Transport};

pub use crate::runtime::oauth::{App, Grant, InvalidGrant, JsonObject, RedirectError, SharedGrant};

/// User and accounts of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// Expiration of the token; `None` if the issuer did not send a valid time.
    pub expires_at: Option<Timestamp>,
    /// User of the token.
    pub identity: Identity,
    /// Accounts that the token gives access to, of this service and of others.
    pub accounts: Vec<Account>,
}

/// A user of the issuer. Fields that the issuer did not send are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// Id of the user at the issuer; the service has ids of its own.
    pub id: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Email address.
    pub email_address: String,
}

/// An account that a grant gives access to. Fields that the issuer did not send are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Account {
    /// Name of the service at the issuer.
    pub product: String,
    /// Id of the account.
    pub id: String,
    /// Display name of the account.
    pub name: String,
    /// URL of the account as the issuer sent it, possibly with http. Clients use [`Account::base_url_for`] instead.
    pub href: String,
}

impl Authorization {
    /// Requests the user and the accounts of a grant.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejects the request or does not respond.
    pub async fn fetch(app: &App, grant: &Grant, transport: &impl Transport) -> Result<Self, IssuerError> {
        Self::from_response(&transport.send(app.authorization_request(grant)?, Duration::MAX).await?)
    }

    /// Requests the user and the accounts of a grant, as [`fetch`](Self::fetch) does, and blocks until the response has
    /// been read.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch).
    pub fn fetch_blocking(app: &App, grant: &Grant, transport: &impl BlockingTransport) -> Result<Self, IssuerError> {
        Self::from_response(&transport.send(app.authorization_request(grant)?, Duration::MAX)?)
    }

    /// Reads the response to [`App::authorization_request`]: JSON with `accounts`, and optionally `identity` and
    /// `expires_at`. Accounts without an `href` are left out, because no client can call them.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejected the request, or the response has no list of accounts.
    pub fn from_response(response: &Response<Bytes>) -> Result<Self, IssuerError> {
        let mut object = JsonObject::from_response(response)?;
        let invalid_response =
            IssuerErrorKind::InvalidResponse { status: response.status(), problem: "has no list of accounts" };
        let accounts = object.take_objects("accounts").ok_or(invalid_response)?;
        Ok(Self {
            expires_at: object.take_time("expires_at"),
            identity: object.take_object("identity").map(Identity::from_object).unwrap_or_default(),
            accounts: accounts
                .into_iter()
                .map(Account::from_object)
                .filter(|account| !account.href.is_empty())
                .collect(),
        })
    }

    /// Returns the accounts of a service: those whose URL matches its host pattern.
    pub fn accounts_at(&self, service: &Service) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.is_at(service))
    }
}

impl Identity {
    /// Reads a user from the JSON member `identity`.
    fn from_object(mut object: JsonObject) -> Self {
        let mut take_text = |name| object.take_text(name).unwrap_or_default();
        Self {
            id: take_text("id"),
            first_name: take_text("first_name"),
            last_name: take_text("last_name"),
            email_address: take_text("email_address"),
        }
    }
}

impl Account {
    /// Reads an account from an element of the JSON member `accounts`.
    fn from_object(mut object: JsonObject) -> Self {
        let mut take_text = |name| object.take_text(name).unwrap_or_default();
        Self { product: take_text("product"), id: take_text("id"), name: take_text("name"), href: take_text("href") }
    }

    /// `true` if the host of the account's URL matches the host pattern of a service.
    pub fn is_at(&self, service: &Service) -> bool {
        self.base_url_for(service).is_some()
    }

    /// Returns the base URL for clients of a service. Scheme and port are those of the service; only the host is from
    /// `href`. `None` if the account belongs to another service, or `href` is not a URL or contains a user name.
    pub fn base_url_for(&self, service: &Service) -> Option<String> {
        let uri: Uri = self.href.parse().ok()?;
        uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        // The pattern of a service is like `https://{account}.example.com` or `https://example.com:8080`.
        let (scheme, authority) = service.base_url_template.split_once("://")?;
        let (pattern, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        if let (Some((before, _)), Some((_, after))) = (pattern.split_once('{'), pattern.split_once('}')) {
            let name = host.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            // The account's name is one label. A host with more labels does not belong to an account.
            name.filter(|name| !name.is_empty() && !name.contains('.'))?;
        } else if host != pattern {
            return None;
        }
        Some(format!("{scheme}://{host}{port}"))
    }
}
