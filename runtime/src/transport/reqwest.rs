//! Over reqwest, for those who need what it can do: proxies, certificates, resolvers of their own.
//!
//! reqwest follows redirects, takes proxies from the environment and, if asked, logs all that it sends; each of these
//! would show a token to somebody. So this transport takes no client that is made already, for nobody can see how it is
//! set up: it hands out a builder, and has the last word.

use std::error::Error as StdError;
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::{Body, Client, ClientBuilder, Error, retry};
use bytes::Bytes;
use http::{Request, Response, Uri};
use tokio::time::{Instant, sleep};

use super::patience::{Over, Patience};
use super::wire::{self, KEEP_IDLE, catch_up, is_tls, prepare, runtime};
use super::{Settings, Transport, TransportError, TransportErrorKind, TransportFuture, WaitFuture};

/// Sends requests over a reqwest client that you set up, on the tokio runtime that polls them; connections are kept and
/// used again.
///
/// For https, turn on one of reqwest's features for TLS in your own `Cargo.toml`; the same goes for `gzip`, `socks` and
/// others. An answer that reqwest decodes is counted decoded.
///
/// ```no_run
/// use xmlwire::reqwest::{self, Proxy};
/// use xmlwire::transport::{ReqwestTransport, Settings};
///
/// # fn make() -> Result<ReqwestTransport, reqwest::Error> {
/// let proxy = Proxy::all("http://proxy.example.com:3128")?;
/// ReqwestTransport::new(&Settings::default(), |client| client.proxy(proxy))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
    settings: Settings,
}

impl ReqwestTransport {
    /// A transport with these limits, over the client that `configure` sets up.
    ///
    /// What `configure` gets has no proxy, speaks HTTP/1.1, and keeps to the times of `settings`; it may change all of
    /// that. What it cannot change: no redirect is followed, nothing is sent twice, there is no `Referer`, and what
    /// travels is not logged. Until the first byte of an answer, `read_timeout` counts from the beginning, since reqwest
    /// does not tell when the connection is there.
    ///
    /// # Errors
    /// As reqwest's `build`: if TLS cannot be set up, or `configure` asked for the impossible.
    pub fn new(settings: &Settings, configure: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Self, Error> {
        let client = Client::builder()
            .no_proxy()
            .http1_only()
            .pool_idle_timeout(KEEP_IDLE)
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout);
        let client = configure(client)
            .redirect(Policy::none())
            .retry(retry::never())
            .referer(false)
            .connection_verbose(false)
            .build()?;
        Ok(Self { client, settings: settings.clone() })
    }

    async fn exchange(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        catch_up(&runtime()?, Duration::MAX).await;
        let limit = within.min(self.settings.timeout);
        let mut patience = Patience::new(Instant::now(), limit);
        let request = convert(prepare(request)?)?;
        // Perhaps there was no connection yet when the time was over; nobody can tell.
        let over = |Over| TransportError::new(TransportErrorKind::Timeout);
        let head = patience.within(limit, self.client.execute(request)).await.map_err(over)?.map_err(broken)?;
        wire::read(Response::from(head), &self.settings, &mut patience, broken).await
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        Box::pin(self.exchange(request, within))
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(sleep(time))
    }
}

/// The request in reqwest's types.
///
/// reqwest understands addresses as browsers do, who tidy them up: `/a/%2e%2e/b` becomes `/b`. Nothing but what was
/// meant is sent.
fn convert(request: Request<Bytes>) -> Result<::reqwest::Request, TransportError> {
    let refused = |why: &'static str| TransportError::new(TransportErrorKind::InvalidRequest).with_source(why);
    let meant = request.uri().clone();
    // The error's text holds the address.
    let request = ::reqwest::Request::try_from(request.map(Body::from)).map_err(|_| refused("it is no address"))?;
    let parsed: Option<Uri> = request.url().as_str().parse().ok();
    let same = parsed.is_some_and(|parsed| parsed.path_and_query() == meant.path_and_query());
    if same { Ok(request) } else { Err(refused("reqwest would change the address")) }
}

/// Why there is no answer, or not the whole of it. reqwest's texts name the address, unless it is taken away.
fn broken(error: Error) -> TransportError {
    let error = error.without_url();
    let unsent = error.is_connect() || cause(&error).is_some_and(::hyper::Error::is_canceled);
    let result = TransportError::new(kind(&error)).with_source(error);
    if unsent { result.unsent() } else { result }
}

fn kind(error: &Error) -> TransportErrorKind {
    match cause(error) {
        _ if error.is_timeout() => TransportErrorKind::Timeout,
        _ if error.is_builder() => TransportErrorKind::InvalidRequest,
        _ if error.is_connect() && is_tls(error) => TransportErrorKind::Tls,
        _ if error.is_connect() => TransportErrorKind::Connect,
        Some(cause) if cause.is_parse() => TransportErrorKind::Protocol,
        None if error.is_decode() => TransportErrorKind::Protocol,
        _ => TransportErrorKind::Broken,
    }
}

/// What hyper says, however deep it is wrapped.
fn cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e ::hyper::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(cause) = error.downcast_ref() {
            return Some(cause);
        }
        next = error.source();
    }
    None
}
