//! Over hyper, with rustls and the certificates that browsers trust.
//!
//! hyper's client follows nothing, decodes nothing, and adds `Host` and `Content-Length` only. What it does by itself
//! is to move a request to another connection when the first one closed before the request was begun. It logs hosts and
//! sizes, and never a path, a header or a body.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::hyper::body::Incoming;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::sleep;

use super::drivers::Drivers;
use super::patience::{Over, Patience};
use super::wire::{self, KEEP_IDLE, catch_up, cause, is_tls, prepare};
use super::{
    BlockingTransport, Settings, Timeout, Transport, TransportError, TransportErrorKind, TransportFuture, WaitFuture,
};

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
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        // The provider is named, because a program with two of them has no default.
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(|error| TransportError::new(TransportErrorKind::Tls).with_source(error))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { sender: Sender::new(connector, settings.clone()), drivers: Arc::default() })
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        Box::pin(self.sender.send(request))
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(sleep(time))
    }
}

impl BlockingTransport for HyperTransport {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.drivers.send(&self.sender, request)
    }
}

/// hyper's client and the limits. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    connector: HttpsConnector<HttpConnector>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    settings: Settings,
}

impl Sender {
    fn new(connector: HttpsConnector<HttpConnector>, settings: Settings) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_IDLE)
            .build(connector.clone());
        Self { connector, client, settings }
    }

    /// Another one, with the same limits and TLS configuration, and connections of its own.
    pub(super) fn another(&self) -> Self {
        Self::new(self.connector.clone(), self.settings.clone())
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        catch_up().await?;
        let mut patience = Patience::new(Timeout::of(&request, self.settings.timeout));
        let mut request = prepare(request)?.map(Full::new);
        let connection = capture_connection(&mut request);
        let head = self.head(request, &connection, &mut patience).await.map_err(|Over| timed_out(&connection))?;
        let broken = |error| TransportError::new(TransportErrorKind::Broken).with_source(error);
        wire::read(head.map_err(unanswered)?, &self.settings, &mut patience, broken).await
    }

    /// Sends the request and waits for the head of the answer: so long for a connection, and then so long for a byte.
    async fn head(
        &self,
        request: Request<Full<Bytes>>,
        connection: &CaptureConnection,
        patience: &mut Patience,
    ) -> Result<Result<Response<Incoming>, ClientError>, Over> {
        let mut head = self.client.request(request);
        let until_connected = poll_fn(|cx| match Pin::new(&mut head).poll(cx) {
            Poll::Ready(head) => Poll::Ready(Some(head)),
            // hyper says so in the course of that poll, not later.
            Poll::Pending if is_connected(connection) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        match patience.within(self.settings.connect_timeout, until_connected).await? {
            Some(head) => Ok(head),
            None => patience.within(self.settings.read_timeout, head).await,
        }
    }
}

/// Whether the request was given a connection: until then nothing of it can have been sent.
fn is_connected(connection: &CaptureConnection) -> bool {
    connection.connection_metadata().is_some()
}

fn timed_out(connection: &CaptureConnection) -> TransportError {
    let error = TransportError::new(TransportErrorKind::Timeout);
    if is_connected(connection) { error } else { error.unsent() }
}

/// Why the head of an answer did not come. hyper's texts name hosts and causes, never a path or a header.
fn unanswered(error: ClientError) -> TransportError {
    let error_kind = kind(&error);
    let unsent = cause(&error).is_some_and(::hyper::Error::is_canceled);
    let result = TransportError::new(error_kind).with_source(error);
    // hyper gives up on a request in this way only while it still holds the whole of it.
    if unsent { result.unsent() } else { result }
}

fn kind(error: &ClientError) -> TransportErrorKind {
    match cause(error) {
        _ if error.is_connect() && is_tls(error) => TransportErrorKind::Tls,
        _ if error.is_connect() => TransportErrorKind::Connect,
        Some(cause) if cause.is_parse() => TransportErrorKind::Protocol,
        Some(_) => TransportErrorKind::Broken,
        None => TransportErrorKind::InvalidRequest,
    }
}
