//! The clients. This file is written by hand; the methods for each section are generated, in `api`.

use std::fmt;
use std::time::Duration;

use crate::runtime::client::{self, IntoTransport};
use crate::runtime::exchange::{FullResponse, Options};
use crate::runtime::pagination::{AsyncItems, BlockingItems, Paginated};
use crate::runtime::transport::{BlockingTransport, HyperTransport, Transport, TransportConfig};
use crate::{Calendar, ClientConfig, ConfigError, Credentials, Endpoint, Error, SERVICE, Secret};

/// Client of the Backpack API, async or blocking.
///
/// Programs use it as [`Client`](crate::Client), which does not block and needs a tokio runtime, or as
/// [`blocking::Client`](crate::blocking::Client), which blocks and needs no runtime. Clones share their connections.
pub struct ApiClient<T: ?Sized>(client::Client<T>);

/// Constructors of clients that use hyper, with the limits of [`TransportConfig::default`].
impl<T: ?Sized> ApiClient<T>
where
    HyperTransport: IntoTransport<T>,
{
    /// Creates a client for an account at backpackit.com, over https.
    ///
    /// `user_agent` names the program and a contact, a link or an e-mail address in parentheses: `Trip planner
    /// (jo@example.com)`. Backpack may block programs without a contact.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the account name or the User-Agent is not valid, or TLS cannot be set up.
    pub fn new(account: &str, credentials: impl Into<Credentials>, user_agent: &str) -> Result<Self, ConfigError> {
        Self::with_hyper_transport(ClientConfig::for_account(&SERVICE, account, credentials, user_agent)?)
    }

    /// Creates a client for a service at another address, over https: `https://backpack.example.com`. Http is accepted
    /// for this machine only: `http://localhost:3000`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the base URL or the User-Agent is not valid, or TLS cannot be set up.
    /// [`ConfigError::InsecureBaseUrl`] for `http` on another machine, which
    /// [`with_insecure_base_url`](Self::with_insecure_base_url) allows.
    pub fn with_base_url(
        base_url: &str,
        credentials: impl Into<Credentials>,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        Self::with_hyper_transport(ClientConfig::new(&SERVICE, base_url, credentials, user_agent)?)
    }

    /// Creates a client for a service at another address, over http or https: `http://backpack.local:3000` at home.
    ///
    /// **Anyone on the network path can read the token and all content.** A redirect from https to http is followed
    /// too, if the rest of the URL is the same.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the base URL or the User-Agent is not valid, or TLS cannot be set up.
    pub fn with_insecure_base_url(
        base_url: &str,
        credentials: impl Into<Credentials>,
        user_agent: &str,
    ) -> Result<Self, ConfigError> {
        Self::with_hyper_transport(ClientConfig::new_insecure(&SERVICE, base_url, credentials, user_agent)?)
    }

    /// Creates a client that uses hyper with the default limits. No connection is made before the first call.
    fn with_hyper_transport(config: ClientConfig) -> Result<Self, ConfigError> {
        let transport = HyperTransport::new(&TransportConfig::default()).map_err(|_| ConfigError::Tls)?;
        Ok(Self::with_transport(config, transport))
    }
}

impl<T: ?Sized> ApiClient<T> {
    /// Creates a client with a transport, such as
    /// [`MemoryTransport`](crate::runtime::transport::MemoryTransport) in tests.
    pub fn with_transport(config: ClientConfig, transport: impl IntoTransport<T>) -> Self {
        Self(client::Client::new(config, transport))
    }

    /// Returns a clone of the client with modified [`Options`]:
    /// `client.with_options(|options| options.respect_rate_limits = false)`.
    #[must_use]
    pub fn with_options(&self, change: impl FnOnce(&mut Options)) -> Self {
        Self(self.0.with_options(change))
    }

    /// Returns a clone of the client with a time limit for each call, which covers all attempts and waits:
    /// `client.with_deadline(time).pages().list()`.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    /// Returns a clone of the client without retries.
    ///
    /// Two cases do not count as retries: a redirect to the other scheme, and a request that is sent again with a
    /// refreshed token. In both, the service did not apply the first request.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        Self(self.0.without_retries())
    }

    /// Returns the URL at which calendar programs subscribe to a calendar: `webcal://…`. It is a secret: anyone who has
    /// it can read the calendar.
    pub fn webcal_url(&self, calendar: &Calendar) -> Secret {
        let config = self.0.config();
        let base_url = config.base_url();
        let address = base_url.split_once("://").map_or(base_url, |(_, address)| address);
        Secret::new(format!("webcal://{address}/{}.ics", calendar.token.expose()))
    }
}

impl ApiClient<dyn Transport> {
    /// Calls an operation, and returns the value of its response. All methods for operations use this one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the request cannot be written or sent, the service reports an error, the response cannot be read,
    /// or the access token cannot be refreshed.
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.0.call(request).await
    }

    /// Calls an operation, and returns the raw response and all attempts with the value.
    ///
    /// # Errors
    ///
    /// [`Error`], as for `call`.
    pub async fn call_with_response<E: Endpoint>(&self, request: &E) -> Result<FullResponse<E::Response>, Error> {
        self.0.call_with_response(request).await
    }

    /// Returns a stream of all items of a paginated listing: see [`pagination`](crate::runtime::pagination). Methods
    /// such as `journal().list_all()` use this one.
    pub fn paginate<E: Paginated>(&self, first: E) -> AsyncItems<E> {
        self.0.paginate(first)
    }
}

impl ApiClient<dyn BlockingTransport> {
    /// Calls an operation, and returns the value of its response. All methods for operations use this one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the request cannot be written or sent, the service reports an error, the response cannot be read,
    /// or the access token cannot be refreshed.
    pub fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.0.call(request)
    }

    /// Calls an operation, and returns the raw response and all attempts with the value.
    ///
    /// # Errors
    ///
    /// [`Error`], as for `call`.
    pub fn call_with_response<E: Endpoint>(&self, request: &E) -> Result<FullResponse<E::Response>, Error> {
        self.0.call_with_response(request)
    }

    /// Returns an iterator over all items of a paginated listing: see [`pagination`](crate::runtime::pagination).
    /// Methods such as `journal().list_all()` use this one.
    pub fn paginate<E: Paginated>(&self, first: E) -> BlockingItems<E> {
        self.0.paginate(first)
    }
}

impl<T: ?Sized> Clone for ApiClient<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized> fmt::Debug for ApiClient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
