//! A program that requests tokens from an issuer.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::uri::Uri;
use http::{HeaderValue, Method, Request};
use zeroize::Zeroizing;

use super::draft5::{self, Flow, RedirectError, Registration};
use super::grant::Grant;
use crate::base_url::{is_confidential, parse_base_url};
use crate::config::ConfigError;
use crate::issuer_error::{IssuerError, IssuerErrorKind};
use crate::secret::Secret;
use crate::service::{Issuer, Service};
use crate::transport::{BlockingTransport, Transport};
use crate::user_agent::parse_user_agent;

/// A program that is registered with the issuer of a service's tokens.
#[derive(Clone)]
pub struct App {
    issuer: Issuer,
    registration: Registration,
    user_agent: HeaderValue,
}

impl App {
    /// Creates an app from the data of its registration: client id, client secret and redirect URI. The redirect URI
    /// has a scheme and a host, but no fragment. `user_agent` is as in [`ClientConfig`](crate::ClientConfig).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the service has no issuer, if secrets must not be sent to one of the issuer's URLs, or if the
    /// redirect URI or the user agent is not valid.
    pub fn new(
        service: &Service,
        client_id: &str,
        client_secret: impl Into<Secret>,
        redirect_uri: &str,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        let issuer = service.issuer.clone().ok_or(ConfigError::Issuer)?;
        let is_safe = |text: &Cow<'_, str>| parse_base_url(text).is_some_and(|url| is_confidential(&url));
        if ![&issuer.authorize, &issuer.token].into_iter().chain(&issuer.accounts).all(is_safe) {
            return Err(ConfigError::Issuer);
        }
        let is_absolute = redirect_uri.parse().is_ok_and(|uri: Uri| uri.scheme().is_some() && uri.host().is_some());
        if !is_absolute || redirect_uri.contains('#') {
            return Err(ConfigError::RedirectUri);
        }
        let registration = Registration {
            client_id: client_id.to_owned(),
            client_secret: client_secret.into(),
            redirect_uri: redirect_uri.to_owned(),
        };
        let user_agent = parse_user_agent(service, user_agent).ok_or(ConfigError::UserAgent)?;
        Ok(Self { issuer, registration, user_agent })
    }

    /// Returns the URL to which the program sends the user for consent. The issuer sends the user back to the redirect
    /// URI with a code, which [`read_redirect`](Self::read_redirect) reads.
    ///
    /// The issuer returns `state` unchanged. It must be unguessable and belong to this user's browser session. It
    /// prevents an attack that sends the user to the redirect URI with the code of another user. An empty state is not
    /// an error here, but [`read_redirect`](Self::read_redirect) rejects it.
    pub fn authorize_url(&self, state: &str) -> String {
        self.registration.authorize_url(&self.issuer.authorize, Flow::WebServer, state)
    }

    /// Returns the URL for consent, as [`authorize_url`](Self::authorize_url) does, but for programs in a browser,
    /// which cannot keep a secret. The issuer returns a token in the fragment of the redirect URI, which the program
    /// reads itself.
    pub fn authorize_url_for_user_agent(&self, state: &str) -> String {
        self.registration.authorize_url(&self.issuer.authorize, Flow::UserAgent, state)
    }

    /// Reads the code from the URL to which the user was sent back. The URL may be complete or start at its path.
    /// `state` is the one passed to [`authorize_url`](Self::authorize_url).
    ///
    /// # Errors
    ///
    /// [`RedirectError`] if the state is empty or does not match, if access was denied, or if there is no code.
    pub fn read_redirect(&self, url: &str, state: &str) -> Result<Secret, RedirectError> {
        draft5::read_redirect(url, state)
    }

    /// Creates the request that exchanges a code for a grant. [`Grant::from_response`] reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the URL of the request is not valid.
    pub fn exchange_code_request(&self, code: &Secret) -> Result<Request<Bytes>, IssuerError> {
        self.build_request(Method::POST, &self.registration.exchange_url(&self.issuer.token, code))
    }

    /// Creates the request that refreshes a grant. [`Grant::refreshed`] reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the grant has no refresh token, or the URL of the request is not valid.
    pub fn refresh_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let refresh_token = grant.refresh_token().ok_or(IssuerErrorKind::NoRefreshToken)?;
        self.build_request(Method::POST, &self.registration.refresh_url(&self.issuer.token, refresh_token))
    }

    /// Creates the request for the user and the accounts of a grant: a `GET` with the access token.
    /// [`JsonObject::from_response`](super::JsonObject::from_response) reads the response.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer has no URL for this request.
    pub fn authorization_request(&self, grant: &Grant) -> Result<Request<Bytes>, IssuerError> {
        let url = self.issuer.accounts.as_ref().ok_or(IssuerErrorKind::InvalidRequest)?;
        let mut request = self.build_request(Method::GET, url)?;
        let value = Zeroizing::new(format!("Bearer {}", grant.access_token().expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| IssuerErrorKind::InvalidRequest)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(request)
    }

    /// Builds a request without a body.
    fn build_request(&self, method: Method, url: &str) -> Result<Request<Bytes>, IssuerError> {
        let request = Request::builder().method(method).uri(url).header(USER_AGENT, &self.user_agent);
        Ok(request.body(Bytes::new()).map_err(|_| IssuerErrorKind::InvalidRequest)?)
    }

    /// Exchanges a code for a grant. A code is valid once, and for a short time. The transport's own timeout applies.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the issuer rejects the request or does not respond.
    pub async fn exchange_code(&self, code: &Secret, transport: &impl Transport) -> Result<Grant, IssuerError> {
        let response = transport.send(self.exchange_code_request(code)?, Duration::MAX).await?;
        Grant::from_response(response, transport.wall_time())
    }

    /// Exchanges a code for a grant, as [`exchange_code`](Self::exchange_code) does, and blocks until the response has
    /// been read.
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
        Grant::from_response(response, transport.wall_time())
    }

    /// Refreshes a grant now, and returns the new one. A [`SharedGrant`](super::SharedGrant) refreshes itself; this
    /// method is for grants that no client uses.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the grant has no refresh token, or the issuer rejects the request or does not respond.
    pub async fn refresh(&self, grant: &Grant, transport: &impl Transport) -> Result<Grant, IssuerError> {
        grant.refreshed(transport.send(self.refresh_request(grant)?, Duration::MAX).await?, transport.wall_time())
    }

    /// Refreshes a grant now, as [`refresh`](Self::refresh) does, and blocks until the response has been read.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub fn refresh_blocking(&self, grant: &Grant, transport: &impl BlockingTransport) -> Result<Grant, IssuerError> {
        grant.refreshed(transport.send(self.refresh_request(grant)?, Duration::MAX)?, transport.wall_time())
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
