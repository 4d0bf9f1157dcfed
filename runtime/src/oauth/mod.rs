//! OAuth 2: from a user who agrees, to a token that renews itself.
//!
//! This is draft 5 of the standard, as services of its day have it: parameters travel in the query, `type` says what is
//! asked, and answers are JSON. In the order in which they happen:
//!
//! 1. [`App::authorize_address`]: where the user is sent, to say yes.
//! 2. [`App::code`]: what the issuer sends back with the user.
//! 3. [`App::trade`]: the code for a [`Grant`].
//! 4. [`App::authorization`]: who the user is, and the accounts that the grant reaches.
//! 5. [`SharedGrant`]: the grant as credentials of a client, renewed when it expires.
//!
//! Steps 3 and 4 go over any transport, async or blocking; without I/O they are a request
//! ([`App::trade_request`], [`App::refresh_request`], [`App::authorization_request`]) and the reading of its answer
//! ([`Grant::read`], [`Grant::renewed`], [`Authorization::read`]).
//!
//! **Invariant:** a secret goes to the issuer's addresses and nowhere else: by https, or to this machine, and no redirect
//! is followed.

mod authorization;
mod fields;
mod grant;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::uri::Uri;
use http::{HeaderValue, Method, Request};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

pub use self::authorization::{Account, Authorization, Identity};
pub use self::grant::{Grant, InvalidGrant, SharedGrant};
use crate::caller::{self, SetupError};
use crate::renewal::{IssuerError, IssuerErrorKind};
use crate::secret::Secret;
use crate::service::{Issuer, Service};
use crate::transport::{BlockingTransport, Transport};
use crate::write::Query;
use crate::xml::Writer;

/// A program, as the issuer of tokens knows it.
#[derive(Clone)]
pub struct App {
    issuer: Issuer,
    id: String,
    secret: Secret,
    redirect: String,
    agent: HeaderValue,
}

impl App {
    /// A program that asks for tokens for a service: its id and its secret, as the issuer gave them out, the address to
    /// which the issuer sends people back, and what the program calls itself, as in [`Caller`](crate::Caller).
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the service has no issuer, or one of the addresses or the program's name cannot be used.
    pub fn new(
        service: &Service,
        id: &str,
        secret: impl Into<Secret>,
        redirect: &str,
        agent: &str,
    ) -> Result<Self, SetupError> {
        let issuer = service.issuer.ok_or(SetupError::Issuer)?;
        let is_safe = |text| caller::address(text).is_some_and(|address| caller::keeps_secrets(&address));
        if ![Some(issuer.authorize), Some(issuer.token), issuer.accounts].into_iter().flatten().all(is_safe) {
            return Err(SetupError::Issuer);
        }
        let absolute = redirect.parse().is_ok_and(|uri: Uri| uri.scheme().is_some() && uri.host().is_some());
        if !absolute || redirect.contains('#') {
            return Err(SetupError::Redirect);
        }
        let (id, secret, redirect) = (id.to_owned(), secret.into(), redirect.to_owned());
        Ok(Self { issuer, id, secret, redirect, agent: caller::program(agent)? })
    }

    /// Where the user is sent, to say that the program may act for them. The issuer sends them back to the redirect
    /// address with a code, which [`code`](Self::code) reads.
    ///
    /// `state` comes back as it is: something that nobody can guess and that belongs to this user's visit, so that
    /// nobody else's code is taken for theirs. An empty one is refused when it comes back.
    pub fn authorize_address(&self, state: &str) -> String {
        self.authorize("web_server", state)
    }

    /// As [`authorize_address`](Self::authorize_address), for programs in a browser that cannot keep a secret: what comes
    /// back is a token, in the redirect address's fragment.
    pub fn authorize_address_for_browser(&self, state: &str) -> String {
        self.authorize("user_agent", state)
    }

    fn authorize(&self, flow: &str, state: &str) -> String {
        let pairs = [("type", flow), ("client_id", &self.id), ("redirect_uri", &self.redirect), ("state", state)];
        with_query(self.issuer.authorize, &pairs).to_string()
    }

    /// The code in the address at which the user came back, as a whole or from its path on.
    ///
    /// # Errors
    ///
    /// [`RedirectError`] if it has another `state` or an empty one, or the user said no, or there is no code.
    pub fn code(&self, address: &str, state: &str) -> Result<Secret, RedirectError> {
        let address = address.split('#').next().unwrap_or_default();
        let query = address.split_once('?').map_or("", |(_, query)| query);
        // An empty one proves nothing: a program that lost it, or never had one, would take anybody's code.
        if state.is_empty() || parameter(query, "state").is_none_or(|given| given.expose() != state) {
            return Err(RedirectError::State);
        }
        if let Some(error) = parameter(query, "error") {
            return Err(RedirectError::Refused(fields::code(error.expose())));
        }
        parameter(query, "code").filter(|code| !code.expose().is_empty()).ok_or(RedirectError::NoCode)
    }

    /// The request that trades a code for a grant. [`Grant::read`] reads the answer.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if it cannot be made.
    pub fn trade_request(&self, code: &Secret) -> Result<Request<Bytes>, IssuerError> {
        self.token_request(&[
            ("type", "web_server"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect),
            ("client_secret", self.secret.expose()),
            ("code", code.expose()),
        ])
    }

    /// The request that renews a grant. [`Grant::renewed`] reads the answer.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the grant has no refresh token.
    pub fn refresh_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let refresh = grant.refresh_token().ok_or(IssuerErrorKind::NoRefreshToken)?;
        self.token_request(&[
            ("type", "refresh"),
            ("refresh_token", refresh.expose()),
            ("client_id", &self.id),
            ("client_secret", self.secret.expose()),
        ])
    }

    fn token_request(&self, pairs: &[(&'static str, &str)]) -> Result<Request<Bytes>, IssuerError> {
        self.request(Method::POST, with_query(self.issuer.token, pairs).as_str())
    }

    /// The request for who a grant is of, and what it reaches. [`Authorization::read`] reads the answer.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the service does not say where to ask.
    pub fn authorization_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let mut request = self.request(Method::GET, self.issuer.accounts.ok_or(IssuerErrorKind::Invalid)?)?;
        let value = Zeroizing::new(format!("Bearer {}", grant.access_token().expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| IssuerErrorKind::Invalid)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(request)
    }

    fn request(&self, method: Method, address: &str) -> Result<Request<Bytes>, IssuerError> {
        let request = Request::builder().method(method).uri(address).header(USER_AGENT, &self.agent);
        Ok(request.body(Bytes::new()).map_err(|_| IssuerErrorKind::Invalid)?)
    }

    /// Trades a code for a grant. A code is good once, and for a short time.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer says no, or does not answer.
    pub async fn trade(&self, code: &Secret, transport: &impl Transport) -> Result<Grant, IssuerError> {
        Grant::read(transport.send(self.trade_request(code)?, Duration::MAX).await?, transport.date())
    }

    /// As [`trade`](Self::trade), and blocks until the grant is there.
    ///
    /// # Errors
    ///
    /// As [`trade`](Self::trade).
    pub fn trade_blocking(&self, code: &Secret, transport: &impl BlockingTransport) -> Result<Grant, IssuerError> {
        Grant::read(transport.send(self.trade_request(code)?, Duration::MAX)?, transport.date())
    }

    /// Renews a grant, now: what a [`SharedGrant`] does by itself, for a grant that is no client's.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer says no, or does not answer.
    pub async fn refresh(&self, grant: &Grant, transport: &impl Transport) -> Result<Grant, IssuerError> {
        grant.renewed(transport.send(self.refresh_request(grant)?, Duration::MAX).await?, transport.date())
    }

    /// As [`refresh`](Self::refresh), and blocks until the grant is there.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub fn refresh_blocking(&self, grant: &Grant, transport: &impl BlockingTransport) -> Result<Grant, IssuerError> {
        grant.renewed(transport.send(self.refresh_request(grant)?, Duration::MAX)?, transport.date())
    }

    /// Asks who a grant is of, and which accounts it reaches.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer says no, or does not answer.
    pub async fn authorization(&self, grant: &Grant, transport: &impl Transport) -> Result<Authorization, IssuerError> {
        Authorization::read(&transport.send(self.authorization_request(grant)?, Duration::MAX).await?)
    }

    /// As [`authorization`](Self::authorization), and blocks until the answer is there.
    ///
    /// # Errors
    ///
    /// As [`authorization`](Self::authorization).
    pub fn authorization_blocking(
        &self,
        grant: &Grant,
        transport: &impl BlockingTransport,
    ) -> Result<Authorization, IssuerError> {
        Authorization::read(&transport.send(self.authorization_request(grant)?, Duration::MAX)?)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("id", &self.id).field("redirect", &self.redirect).finish_non_exhaustive()
    }
}

/// An address with a query. This text is wiped, since some of it is secret; the request's own copy is not.
fn with_query(address: &str, pairs: &[(&'static str, &str)]) -> Zeroizing<String> {
    let text = Writer::to_string(|out| {
        out.raw(address);
        let mut query = Query::new(out);
        for (name, value) in pairs {
            query.token(name, value);
        }
    });
    Zeroizing::new(text.unwrap_or_default())
}

/// The first parameter of this name, decoded.
fn parameter(query: &str, name: &str) -> Option<Secret> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let spaced = Zeroizing::new(value.replace('+', " "));
    Some(Secret::new(percent_decode_str(&spaced).decode_utf8_lossy()))
}

/// Why a user came back without a code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// The `state` is not the one that was sent, or is empty: this is not the visit that it should belong to.
    State,
    /// The issuer or the user said no: its code, such as `access_denied`, where there was one of letters and underscores.
    Refused(Option<String>),
    /// There is no code.
    NoCode,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("the `state` is not the one that was sent"),
            Self::Refused(code) => write!(f, "it was refused: {}", code.as_deref().unwrap_or("without a reason")),
            Self::NoCode => f.write_str("there is no code"),
        }
    }
}

impl std::error::Error for RedirectError {}
