//! Transport over reqwest, for its proxies, certificates and resolvers.
//!
//! A reqwest client follows redirects, takes proxies from the environment, and can log everything that it sends. Each
//! of these could disclose a token. So this transport does not accept a finished client, whose configuration cannot be
//! inspected. It passes a builder to the user, and then sets the options that must not change.

use std::error::Error as StdError;
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::{Body, Client, ClientBuilder, Error, retry};
use bytes::Bytes;
use http::{Request, Response, Uri};
use tokio::time::{Instant, sleep};

use super::attempt_timer::{AttemptTimer, Elapsed};
use super::config::{IDLE_TIMEOUT, TransportConfig};
use super::connector::is_tls_error;
use super::error::{TransportError, TransportErrorKind};
use super::http_message::{classify_hyper_error, prepare_request, read_response};
use super::resolver::Resolver;
use super::tokio_context::{current_runtime, yield_to_io};
use super::traits::{Transport, TransportFuture, WaitFuture};

/// Sends requests over a reqwest client that the user configures, on the tokio runtime that polls them. Connections are
/// reused.
///
/// For https, enable one of reqwest's TLS features in your own `Cargo.toml`; the same goes for `gzip`, `socks` and
/// others. The size limit counts decoded bytes.
///
/// ```no_run
/// use xmlwire::reqwest::{self, Proxy};
/// use xmlwire::transport::{ReqwestTransport, TransportConfig};
///
/// # fn make() -> Result<ReqwestTransport, reqwest::Error> {
/// let proxy = Proxy::all("http://proxy.example.com:3128")?;
/// ReqwestTransport::new(&TransportConfig::default(), |client| client.proxy(proxy))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
    config: TransportConfig,
}

impl ReqwestTransport {
    /// Creates a transport with these limits, over the client that `configure` sets up.
    ///
    /// `configure` receives a builder without a proxy, for HTTP/1.1, and with the timeouts of `config`. It may change
    /// all of these. It cannot change that the client follows no redirects, makes no retries, sends no `Referer`, and
    /// does not log requests. `read_timeout` includes connecting, because reqwest does not report when it is connected.
    ///
    /// The builder's resolver is that of the operating system, and never looks up `localhost` and the names under it,
    /// such as `acme.localhost`: http is allowed for them, so they must be this machine. Keep to that if you set another
    /// resolver or a proxy.
    ///
    /// # Errors
    ///
    /// As reqwest's `build`: if TLS cannot be set up, or the options of `configure` contradict each other.
    pub fn new(
        config: &TransportConfig,
        configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, Error> {
        let client = Client::builder()
            .no_proxy()
            .dns_resolver(Resolver::new())
            .http1_only()
            .pool_idle_timeout(IDLE_TIMEOUT)
            .connect_timeout(config.connect_timeout)
            .read_timeout(config.read_timeout);
        let client = configure(client)
            .redirect(Policy::none())
            .retry(retry::never())
            .referer(false)
            .connection_verbose(false)
            .build()?;
        Ok(Self { client, config: config.clone() })
    }

    /// Sends a request and reads the whole response.
    async fn send_request(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        // reqwest does not report for how long the connection was idle.
        yield_to_io(&current_runtime()?, Duration::MAX).await;
        let limit = timeout.min(self.config.timeout);
        let mut timer = AttemptTimer::new(Instant::now(), limit);
        let request = convert_request(prepare_request(request)?)?;
        // reqwest does not report whether it had connected, so the request counts as sent.
        let timed_out = |Elapsed| TransportError::new(TransportErrorKind::Timeout);
        let head =
            timer.timeout(limit, self.client.execute(request)).await.map_err(timed_out)?.map_err(convert_error)?;
        read_response(Response::from(head), &self.config, &mut timer, convert_error).await
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        Box::pin(self.send_request(request, timeout))
    }

    fn wait(&self, duration: Duration) -> WaitFuture<'_> {
        Box::pin(sleep(duration))
    }
}

/// Converts a request to reqwest's type.
///
/// reqwest normalizes URLs as browsers do: `/a/%2e%2e/b` becomes `/b`. A URL that it would change is an error, so that
/// only the intended URL is requested.
fn convert_request(request: Request<Bytes>) -> Result<::reqwest::Request, TransportError> {
    let invalid = |message: &'static str| TransportError::new(TransportErrorKind::InvalidRequest).with_source(message);
    let intended = request.uri().clone();
    // reqwest's own error is dropped, because its text contains the URL.
    let request =
        ::reqwest::Request::try_from(request.map(Body::from)).map_err(|_| invalid("reqwest cannot parse the URL"))?;
    let parsed: Option<Uri> = request.url().as_str().parse().ok();
    let is_unchanged = parsed.is_some_and(|parsed| parsed.path_and_query() == intended.path_and_query());
    if is_unchanged { Ok(request) } else { Err(invalid("reqwest would change the URL")) }
}

/// Converts an error from reqwest. Its URL is removed, because the text would contain it.
fn convert_error(error: Error) -> TransportError {
    let error = error.without_url();
    // hyper cancels a request that it has not begun to send.
    let was_unsent = error.is_connect() || find_hyper_error(&error).is_some_and(::hyper::Error::is_canceled);
    let result = TransportError::new(classify_error(&error)).with_source(error);
    if was_unsent { result.unsent() } else { result }
}

/// Returns the kind of an error from reqwest. Several arms may match: a timeout while connecting counts as a timeout.
fn classify_error(error: &Error) -> TransportErrorKind {
    match find_hyper_error(error) {
        _ if error.is_timeout() => TransportErrorKind::Timeout,
        _ if error.is_builder() => TransportErrorKind::InvalidRequest,
        _ if error.is_connect() && is_tls_error(error) => TransportErrorKind::Tls,
        _ if error.is_connect() => TransportErrorKind::Connect,
        Some(cause) => classify_hyper_error(cause),
        None if error.is_decode() => TransportErrorKind::Protocol,
        _ => TransportErrorKind::ConnectionLost,
    }
}

/// Finds hyper's error among the sources of an error.
fn find_hyper_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e ::hyper::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(hyper_error) = error.downcast_ref::<::hyper::Error>() {
            return Some(hyper_error);
        }
        next = error.source();
    }
    None
}
