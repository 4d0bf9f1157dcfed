//! Configuration of a client: base URL, credentials and User-Agent.

use std::fmt;

use http::HeaderValue;
use http::uri::{Authority, Parts, Scheme, Uri};

use crate::base_url::{is_confidential, parse_base_url};
use crate::credentials::Credentials;
use crate::secret::Token;
use crate::service::Service;
use crate::user_agent::parse_user_agent;

/// Configuration of a client: base URL, credentials and User-Agent.
#[derive(Clone)]
pub struct ClientConfig {
    /// Base URL as text, without a slash at its end.
    base_url: String,
    /// The base URL, parsed. It may have a slash at its end.
    uri: Uri,
    credentials: Credentials,
    user_agent: HeaderValue,
    /// `true` if requests to other machines may be sent over http.
    allow_http: bool,
}

/// Reason why a client cannot be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The base URL is not a valid `http` or `https` URL, or has a user, query or fragment.
    BaseUrl,
    /// The account name is not a label of a host name: letters, digits and inner dashes.
    Account,
    /// The base URL is `http` on another machine, and the constructor does not allow that.
    InsecureBaseUrl,
    /// The User-Agent is empty, not ASCII or has a control character, or the service requires a contact and it has none.
    UserAgent,
    /// TLS cannot be set up.
    Tls,
    /// The service has no token issuer, or the issuer's URLs are not `https`.
    Issuer,
    /// The OAuth redirect URI is not absolute, or has a fragment.
    RedirectUri,
}

impl ClientConfig {
    /// Creates a configuration for `service` at `base_url`, such as `https://acme.example.com`.
    ///
    /// `http` is accepted for this machine only: `localhost`, names under it such as `acme.localhost`, and loopback
    /// addresses. If the service requires a contact, `user_agent` needs a name and, in parentheses, a link or an e-mail
    /// address: `Trip planner (jo@example.com)`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the base URL or the User-Agent is not valid; [`ConfigError::InsecureBaseUrl`] for `http` on
    /// another machine, which [`new_insecure`](Self::new_insecure) allows.
    pub fn new(
        service: &Service,
        base_url: &str,
        credentials: impl Into<Credentials>,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        Self::build(service, base_url, credentials.into(), user_agent, false)
    }

    /// Creates a configuration as [`new`](Self::new) does, and allows `http` to other machines.
    ///
    /// Anyone on the network path can then read the token. A redirect from https to http is followed too, if the rest
    /// of the URL is the same.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the base URL or the User-Agent is not valid.
    pub fn new_insecure(
        service: &Service,
        base_url: &str,
        credentials: impl Into<Credentials>,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        Self::build(service, base_url, credentials.into(), user_agent, true)
    }

    /// Creates a configuration for an account of `service`. The account's name replaces the part in braces of the
    /// service's base URL, such as `https://{account}.example.com`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the account name or the User-Agent is not valid.
    pub fn for_account(
        service: &Service,
        account: &str,
        credentials: impl Into<Credentials>,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        let is_label = account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if account.is_empty() || account.starts_with('-') || account.ends_with('-') || !is_label {
            return Err(ConfigError::Account);
        }
        let host = &*service.base_url_template;
        let base_url = match (host.split_once('{'), host.split_once('}')) {
            (Some((before, _)), Some((_, after))) => format!("{before}{account}{after}"),
            _ => host.to_owned(),
        };
        Self::new(service, &base_url, credentials, user_agent)
    }

    /// Checks the parts of a configuration and builds it.
    fn build(
        service: &Service,
        base_url: &str,
        credentials: Credentials,
        user_agent: &str,
        allow_http: bool,
    ) -> Result<Self, ConfigError> {
        let uri = parse_base_url(base_url).ok_or(ConfigError::BaseUrl)?;
        let user_agent = parse_user_agent(service, user_agent).ok_or(ConfigError::UserAgent)?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        let config = Self { base_url, uri, credentials, user_agent, allow_http };
        if config.allows(&config.uri) { Ok(config) } else { Err(ConfigError::InsecureBaseUrl) }
    }

    /// `true` if the token may be sent to this URL: it is https or on this machine, or http was allowed.
    pub(crate) fn allows(&self, url: &Uri) -> bool {
        self.allow_http || is_confidential(url)
    }

    /// Returns a copy whose base URL has another scheme and authority; `None` if that is not a valid URL.
    pub(crate) fn with_origin(&self, scheme: &Scheme, authority: &Authority) -> Option<Self> {
        let base_url = format!("{scheme}://{authority}{}", self.path());
        Some(Self { uri: base_url.parse().ok()?, base_url, ..self.clone() })
    }

    /// Returns a copy with this bearer token as its credentials.
    pub(crate) fn with_bearer(&self, token: Token) -> Self {
        Self { credentials: Credentials::Bearer(token), ..self.clone() }
    }

    /// Returns the base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the path of the base URL, without a slash at its end.
    pub(crate) fn path(&self) -> &str {
        self.uri.path().trim_end_matches('/')
    }

    /// Returns the URL with this path and query, and with the scheme, host and port of the base URL; `None` if the path
    /// and query are not valid in a URL.
    pub(crate) fn url(&self, path_and_query: String) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = self.uri.scheme().cloned();
        parts.authority = self.uri.authority().cloned();
        parts.path_and_query = Some(path_and_query.try_into().ok()?);
        Uri::from_parts(parts).ok()
    }

    /// Returns the credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the User-Agent.
    pub fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }
}

impl fmt::Debug for ClientConfig {
    /// Shows the base URL and the User-Agent, but not the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ClientConfig");
        debug.field("base_url", &self.base_url).field("user_agent", &self.user_agent).finish_non_exhaustive()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BaseUrl => "the base URL must be `http://…` or `https://…`, without user, query and fragment",
            Self::Account => {
                "the account name must be the first label of the account's host, such as `acme`: letters, digits and \
                 inner dashes"
            }
            Self::InsecureBaseUrl => {
                "refusing to send the token over plain http: use https, or a constructor that allows insecure base URLs"
            }
            Self::UserAgent => {
                "the User-Agent must be ASCII, and for a service that requires a contact, a name and, in parentheses, a \
                 link or an e-mail address: `Trip planner (jo@example.com)`"
            }
            Self::Tls => "TLS cannot be set up",
            Self::Issuer => "the service has no token issuer with `https://…` URLs",
            Self::RedirectUri => "the redirect URI must be absolute and have no fragment",
        })
    }
}

impl std::error::Error for ConfigError {}
