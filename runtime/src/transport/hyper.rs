//! Over hyper, with rustls and the certificates that browsers trust.
//!
//! hyper's connections know nothing of redirects, codings and other hosts, and give back a request of which nothing was
//! sent: so it is known of each failure whether the service may have seen the request. What is done here beyond one
//! connection is to keep the idle ones, and to move a request to another when the first closed before it was begun. hyper
//! logs sizes and causes, its connector hosts, and neither of them a path, a header or a body.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::{Instant, sleep};

use super::drivers::Drivers;
use super::patience::{Over, Patience};
use super::pool::{Connection, Connector, Idle, Place, Pool};
use super::wire::{self, catch_up, prepare, runtime};
use super::{BlockingTransport, Settings, Transport, TransportError, TransportErrorKind, TransportFuture, WaitFuture};

/// Sends requests over hyper; connections are kept and used again.
///
/// As a [`Transport`] it works on the tokio runtime that polls it, which needs its I/O and time drivers; as a
/// [`BlockingTransport`] it needs none, and works inside of one too. Clones share their connections.
///
/// Both traits have methods of the same names: where both are in scope, say which is meant, such as
/// `Transport::send(&transport, request)`.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    sender: Sender,
    drivers: Arc<Drivers>,
}

impl HyperTransport {
    /// A transport with these limits and no connection yet.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(settings: &Settings) -> Result<Self, TransportError> {
        let connector = connector(settings.connect_timeout)?;
        let sender = Sender { pool: Arc::new(Pool::new(connector)), settings: settings.clone() };
        Ok(Self { sender, drivers: Arc::default() })
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        Box::pin(self.sender.send(request, within))
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(sleep(time))
    }
}

impl BlockingTransport for HyperTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.drivers.send(&self.sender, request, within)
    }
}

/// What makes connections, with TLS or without.
pub(super) fn connector(timeout: Duration) -> Result<Connector, TransportError> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(timeout));
    // The provider is named, because a program with two of them has no default.
    let provider = rustls::crypto::ring::default_provider();
    let https = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .map_err(|error| TransportError::new(TransportErrorKind::Tls).with_source(error))?;
    Ok(https.https_or_http().enable_http1().wrap_connector(tcp))
}

/// Connections and the limits. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pool: Arc<Pool>,
    settings: Settings,
}

impl Sender {
    /// Another one, with the same limits and TLS configuration, and connections of its own.
    pub(super) fn another(&self) -> Self {
        Self { pool: Arc::new(self.pool.another()), settings: self.settings.clone() }
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
        within: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        let runtime = runtime()?;
        let now = Instant::now();
        let limit = within.min(self.settings.timeout);
        let (place, mut request) = relative(prepare(request)?)?;
        loop {
            let idle = self.pool.take(&place, &runtime, now);
            let is_new = idle.is_none();
            let (mut connection, mut patience) = match idle {
                Some(Idle { connection, mut patience, since }) => {
                    patience.renew(now, limit);
                    catch_up(&runtime, now - since).await;
                    (connection, patience)
                }
                None => {
                    let mut patience = Patience::new(now, limit);
                    (self.connect(&place, &mut patience).await?, patience)
                }
            };
            let head = patience.within(self.settings.read_timeout, connection.send(request)).await.map_err(silent)?;
            let mut failed = match head {
                Ok(head) => {
                    let answer = head.map(|body| connection.receive(body));
                    let answer = wire::read(answer, &self.settings, &mut patience, broken).await?;
                    self.pool.put_back(connection, patience, &runtime);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            match failed.take_message() {
                // It closed while it was idle.
                Some(again) if !is_new => request = again,
                Some(_) => return Err(unanswered(failed.into_error()).unsent()),
                None => return Err(unanswered(failed.into_error())),
            }
        }
    }

    async fn connect(&self, place: &Place, patience: &mut Patience) -> Result<Connection, TransportError> {
        // Rarely needed, and large.
        let connecting = Box::pin(self.pool.connect(place.clone()));
        let connection = patience.within(self.settings.connect_timeout, connecting).await;
        connection.map_err(|Over| TransportError::new(TransportErrorKind::Timeout).unsent())?
    }
}

/// Where a request goes, and what it is there: an address without the host, which has its header.
fn relative(request: Request<Bytes>) -> Result<(Place, Request<Full<Bytes>>), TransportError> {
    let place = Place::of(request.uri()).ok_or_else(invalid)?;
    let target = request.uri().path_and_query().cloned().ok_or_else(invalid)?;
    let mut request = request.map(Full::new);
    *request.uri_mut() = target.into();
    Ok((place, request))
}

fn invalid() -> TransportError {
    TransportError::new(TransportErrorKind::InvalidRequest)
}

/// Why the head of an answer did not come. hyper's texts never name a path or a header.
fn unanswered(error: ::hyper::Error) -> TransportError {
    let kind = if error.is_parse() { TransportErrorKind::Protocol } else { TransportErrorKind::Broken };
    TransportError::new(kind).with_source(error)
}

fn broken(error: ::hyper::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Broken).with_source(error)
}

fn silent(Over: Over) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout)
}
