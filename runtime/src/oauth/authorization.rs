//! The user and the accounts of a grant.
//!
//! This request is not a part of OAuth. Some issuers have it, where one token gives access to several accounts or services.
//! The schema names its URL, and this file reads the JSON of its response.

use bytes::Bytes;
use http::{Response, Uri};
use jiff::Timestamp;

use super::json::JsonObject;
use crate::renewal::{IssuerError, IssuerErrorKind};
use crate::service::Service;

/// User and accounts of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// Expiration of the token, if it is known.
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
    /// Reads the response to [`App::authorization_request`](super::App::authorization_request): JSON with `accounts`, and
    /// optionally `identity` and `expires_at`. Accounts without an `href` are left out, because no client can call them.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejected the request, or the response has no list of accounts.
    pub fn from_response(response: &Response<Bytes>) -> Result<Self, IssuerError> {
        let mut object = JsonObject::from_response(response)?;
        let unreadable = IssuerErrorKind::Unreadable { status: response.status(), problem: "has no list of accounts" };
        let accounts = object.take_objects("accounts").ok_or(unreadable)?;
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

    /// Accounts of a service: those whose URL has its host.
    pub fn accounts_at(&self, service: &Service) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.is_at(service))
    }
}

impl Identity {
    fn from_object(mut object: JsonObject) -> Self {
        let mut text = |name| object.take_text(name).unwrap_or_default();
        Self {
            id: text("id"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            email_address: text("email_address"),
        }
    }
}

impl Account {
    fn from_object(mut object: JsonObject) -> Self {
        let mut text = |name| object.take_text(name).unwrap_or_default();
        Self { product: text("product"), id: text("id"), name: text("name"), href: text("href") }
    }

    /// `true` if the host of the account's URL matches the host pattern of a service.
    pub fn is_at(&self, service: &Service) -> bool {
        self.base_url_for(service).is_some()
    }

    /// Returns the base URL for clients of a service. Scheme and port are those of the service; only the account's name is
    /// from `href`. `None` if the account belongs to another service.
    pub fn base_url_for(&self, service: &Service) -> Option<String> {
        let uri: Uri = self.href.parse().ok()?;
        uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let (scheme, pattern) = service.host.split_once("://")?;
        let (pattern, port) = pattern.split_at(pattern.find(':').unwrap_or(pattern.len()));
        if let (Some((before, _)), Some((_, after))) = (pattern.split_once('{'), pattern.split_once('}')) {
            let name = host.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            name.filter(|name| !name.is_empty() && !name.contains('.'))?;
        } else if host != pattern {
            return None;
        }
        Some(format!("{scheme}://{host}{port}"))
    }
}
