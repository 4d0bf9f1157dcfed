//! Who a grant is of, and which accounts it reaches.

use bytes::Bytes;
use http::{Response, Uri};
use jiff::Timestamp;

use super::fields::Fields;
use crate::renewal::{IssuerError, IssuerErrorKind};
use crate::service::Service;

/// What an issuer says about an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// When it expires, if the issuer says so.
    pub expires_at: Option<Timestamp>,
    /// Whose it is.
    pub identity: Identity,
    /// The accounts that it reaches, at this service and at others.
    pub accounts: Vec<Account>,
}

/// A user, as the issuer knows them. What it did not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// The issuer's id; not an id of the service.
    pub id: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The address of e-mail.
    pub email_address: String,
}

/// An account that a grant reaches. What the issuer did not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Account {
    /// The issuer's word for the service.
    pub product: String,
    /// The account's id.
    pub id: String,
    /// The account's name, as people see it.
    pub name: String,
    /// The account's address, as the issuer says it: perhaps by http. Clients call at [`Account::base_at`].
    pub href: String,
}

impl Authorization {
    /// Reads the answer to [`App::authorization_request`](super::App::authorization_request): JSON with `accounts`, and
    /// if they are there `identity` and `expires_at`. An account without an `href` cannot be called, and is left out.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if it is a refusal, or there are no accounts in it.
    pub fn read(answer: &Response<Bytes>) -> Result<Self, IssuerError> {
        let mut fields = Fields::of_answer(answer)?;
        let unreadable = IssuerErrorKind::Unreadable { status: answer.status(), problem: "has no list of accounts" };
        let accounts = fields.objects("accounts").ok_or(unreadable)?;
        Ok(Self {
            expires_at: fields.time("expires_at"),
            identity: fields.object("identity").map(Identity::of).unwrap_or_default(),
            accounts: accounts.into_iter().map(Account::of).filter(|account| !account.href.is_empty()).collect(),
        })
    }

    /// The accounts at a service: those whose address is at its host.
    pub fn accounts_at(&self, service: &Service) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.is_at(service))
    }
}

impl Identity {
    fn of(mut fields: Fields) -> Self {
        let mut text = |name| fields.text(name).unwrap_or_default();
        Self {
            id: text("id"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            email_address: text("email_address"),
        }
    }
}

impl Account {
    fn of(mut fields: Fields) -> Self {
        let mut text = |name| fields.text(name).unwrap_or_default();
        Self { product: text("product"), id: text("id"), name: text("name"), href: text("href") }
    }

    /// Whether the account's address is at a service's host: any name stands for the braces in it.
    pub fn is_at(&self, service: &Service) -> bool {
        self.base_at(service).is_some()
    }

    /// The base address at which a client calls: the service's, scheme and port included, with the account's name in it,
    /// which is all that counts of `href`. `None` if the account is at another service's host.
    pub fn base_at(&self, service: &Service) -> Option<String> {
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
