//! A program that asks an issuer for tokens.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::uri::Uri;
use http::{HeaderValue, Method, Request};
use zeroize::Zeroizing;

use super::authorization::Authorization;
use super::draft5::{self, Flow, RedirectError, Registration};
use super::grant::Grant;
use crate::caller::{self, SetupError};
use crate::renewal::{IssuerError, IssuerErrorKind};
use crate::secret::Secret;
use crate::service::{Issuer, Service};
use crate::transport::{BlockingTransport, Transport};

/// A program that is registered with the issuer of a service's tokens.
#[derive(Clone)]
pub struct App {
    issuer: Issuer,
    registration: Registration,
    user_agent: HeaderValue,
}

impl App {
    /// Creates an app from the data of its registration: client id, client secret and redirect URI. `user_agent` is as in
    /// [`Caller`](crate::Caller).
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the service has no issuer, or if a URL or the user agent is not valid.
    pub fn new(
        service: &Service,
        client_id: &str,
        client_secret: impl Into<Secret>,
        redirect_uri: &str,
        user_agent: &str,
    ) -> Result<Self, SetupError> {
        let issuer = service.issuer.ok_or(SetupError::Issuer)?;
        let is_safe = |text| caller::address(text).is_some_and(|address| caller::keeps_secrets(&address));
        if ![Some(issuer.authorize), Some(issuer.token), issuer.accounts].into_iter().flatten().all(is_safe) {
            return Err(SetupError::Issuer);
        }
        let is_absolute = redirect_uri.parse().is_ok_and(|uri: Uri| uri.scheme().is_some() && uri.host().is_some());
        if !is_absolute || redirect_uri.contains('#') {
            return Err(SetupError::Redirect);
        }
        let registration = Registration {
            client_id: client_id.to_owned(),
            client_secret: client_secret.into(),
            redirect_uri: redirect_uri.to_owned(),
        };
        Ok(Self { issuer, registration, user_agent: caller::program(user_agent)? })
    }

    /// Returns the URL to which the program sends the user for consent. The issuer sends the user back to the redirect URI
    /// with a code, which [`read_redirect`](Self::read_redirect) reads.
    ///
    /// The issuer returns `state` unchanged. It must be unguessable and belong to this user's visit. It prevents an attack
    /// in which the user is sent to the redirect URI with the code of another user. An empty state is rejected.
    pub fn authorize_url(&self, state: &str) -> String {
        self.registration.authorize_url(self.issuer.authorize, Flow::WebServer, state)
    }

    /// As [`authorize_url`](Self::authorize_url), for programs in a browser, which cannot keep a secret. The issuer returns
    /// a token in the fragment of the redirect URI.
    pub fn authorize_url_for_user_agent(&self, state: &str) -> String {
        self.registration.authorize_url(self.issuer.authorize, Flow::UserAgent, state)
    }

    /// Reads the code from the URL to which the user was sent back. The URL may be complete or start at its path.
    ///
    /// # Errors
    ///
    /// [`RedirectError`] if the state is empty or another one, if access was denied, or if there is no code.
    pub fn read_redirect(&self, url: &str, state: &str) -> Result<Secret, RedirectError> {
        draft5::read_redirect(url, state)
    }

    /// Creates the request that exchanges a code for a grant. [`Grant::from_response`] reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the request cannot be created.
    pub fn exchange_code_request(&self, code: &Secret) -> Result<Request<Bytes>, IssuerError> {
        self.request(Method::POST, &self.registration.exchange_url(self.issuer.token, code))
    }

    /// Creates the request that refreshes a grant. [`Grant::refreshed`] reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the grant has no refresh token.
    pub fn refresh_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let refresh_token = grant.refresh_token().ok_or(IssuerErrorKind::NoRefreshToken)?;
        self.request(Method::POST, &self.registration.refresh_url(self.issuer.token, refresh_token))
    }

    /// Creates the request for the user and the accounts of a grant. [`Authorization::from_response`] reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer has no URL for it.
    pub fn authorization_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let mut request = self.request(Method::GET, self.issuer.accounts.ok_or(IssuerErrorKind::Invalid)?)?;
        let value = Zeroizing::new(format!("Bearer {}", grant.access_token().expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| IssuerErrorKind::Invalid)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(request)
    }

    fn request(&self, method: Method, url: &str) -> Result<Request<Bytes>, IssuerError> {
        let request = Request::builder().method(method).uri(url).header(USER_AGENT, &self.user_agent);
        Ok(request.body(Bytes::new()).map_err(|_| IssuerErrorKind::Invalid)?)
    }

    /// Exchanges a code for a grant. A code is valid once, and for a short time.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejects the request or does not respond.
    pub async fn exchange_code(&self, code: &Secret, transport: &impl Transport) -> Result<Grant, IssuerError> {
        let response = transport.send(self.exchange_code_request(code)?, Duration::MAX).await?;
        Grant::from_response(response, transport.date())
    }

    /// As [`exchange_code`](Self::exchange_code), and blocks until the response was read.
    ///
    /// # Errors
    ///
    /// As [`exchange_code`](Self::exchange_code).
    pub fn exchange_code_blocking(
        &self,
        code: &Secret,
        transport: &impl BlockingTransport,
    ) -> Result<Grant, IssuerError> {
        let response = transport.send(self.exchange_code_request(code)?, Duration::MAX)?;
        Grant::from_response(response, transport.date())
    }

    /// Refreshes a grant now. A [`SharedGrant`](super::SharedGrant) does that itself; this is for grants that no client
    /// uses.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejects the request or does not respond.
    pub async fn refresh(&self, grant: &Grant, transport: &impl Transport) -> Result<Grant, IssuerError> {
        grant.refreshed(transport.send(self.refresh_request(grant)?, Duration::MAX).await?, transport.date())
    }

    /// As [`refresh`](Self::refresh), and blocks until the response was read.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub fn refresh_blocking(&self, grant: &Grant, transport: &impl BlockingTransport) -> Result<Grant, IssuerError> {
        grant.refreshed(transport.send(self.refresh_request(grant)?, Duration::MAX)?, transport.date())
    }

    /// Requests the user of a grant, and the accounts that it gives access to.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejects the request or does not respond.
    pub async fn authorization(&self, grant: &Grant, transport: &impl Transport) -> Result<Authorization, IssuerError> {
        Authorization::from_response(&transport.send(self.authorization_request(grant)?, Duration::MAX).await?)
    }

    /// As [`authorization`](Self::authorization), and blocks until the response was read.
    ///
    /// # Errors
    ///
    /// As [`authorization`](Self::authorization).
    pub fn authorization_blocking(
        &self,
        grant: &Grant,
        transport: &impl BlockingTransport,
    ) -> Result<Authorization, IssuerError> {
        Authorization::from_response(&transport.send(self.authorization_request(grant)?, Duration::MAX)?)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.registration.client_id)
            .field("redirect_uri", &self.registration.redirect_uri)
            .finish_non_exhaustive()
    }
}
