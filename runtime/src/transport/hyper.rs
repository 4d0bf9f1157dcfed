//! The asynchronous transport: hyper's client, with rustls and the certificates that browsers trust.
//!
//! hyper's client follows nothing, decodes nothing, and adds `Host` and `Content-Length` only. What it does by itself
//! is to move a request to another connection when the first one closed before the request was begun.

use std::pin::pin;
use std::time::Duration;

use ::hyper::body::Incoming;
use ::hyper::ext::ReasonPhrase;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::wire::{KEEP_IDLE, is_tls, note_reason, prepare};
use super::{Settings, Timeout, Transport, TransportError, TransportErrorKind, TransportFuture, WaitFuture};

/// Sends requests over hyper, on the tokio runtime that polls them; connections are kept and used again.
///
/// The runtime needs its I/O and time drivers. Clones share their connections.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    settings: Settings,
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
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_IDLE)
            .build(connector);
        Ok(Self { client, settings: settings.clone() })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        // hyper panics outside a runtime.
        Handle::try_current()
            .map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest).with_source(error))?;
        let limit = Timeout::of(&request, self.settings.timeout);
        let mut request = prepare(request)?.map(Full::new);
        let connection = capture_connection(&mut request);
        let answer = async { self.read(self.head(request, &connection).await?).await };
        match timeout(limit, answer).await {
            Ok(result) => result,
            Err(_) => Err(timed_out(&connection)),
        }
    }

    /// Sends the request and waits for the head of the answer; for a connection, not longer than its own time.
    async fn head(
        &self,
        request: Request<Full<Bytes>>,
        connection: &CaptureConnection,
    ) -> Result<Response<Incoming>, TransportError> {
        let mut head = pin!(self.client.request(request));
        let result = match timeout(self.settings.connect_timeout, &mut head).await {
            Ok(result) => result,
            Err(_) if !is_connected(connection) => return Err(timed_out(connection)),
            Err(_) => head.await,
        };
        result.map_err(unanswered)
    }

    async fn read(&self, response: Response<Incoming>) -> Result<Response<Bytes>, TransportError> {
        let (parts, body) = response.into_parts();
        let limit = usize::try_from(self.settings.max_response).unwrap_or(usize::MAX);
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                TransportError::new(TransportErrorKind::TooLarge)
            } else {
                TransportError::new(TransportErrorKind::Broken).with_source(error)
            }
        })?;
        let mut response = Response::from_parts(parts, body.to_bytes());
        if let Some(phrase) = response.extensions_mut().remove::<ReasonPhrase>() {
            note_reason(&mut response, phrase.as_bytes());
        }
        Ok(response)
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        Box::pin(self.exchange(request))
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(tokio::time::sleep(time))
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

fn cause(error: &ClientError) -> Option<&::hyper::Error> {
    std::error::Error::source(error)?.downcast_ref()
}
