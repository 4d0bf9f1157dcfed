//! Accepts connections, serves HTTP/1.1 on them, and drops slow clients.
//!
//! Each phase of a connection has a limit:
//!
//! - TLS handshake, receiving the head of a request, and idling before it: [`Limits::head_timeout`].
//! - Receiving its body, and writing each chunk of a response: [`Limits::body_timeout`].
//! - Draining during a shutdown: [`Limits::stop_timeout`].
//! - Number of connections: [`Limits::max_connections`], [`Limits::max_connections_per_client`].
//! - Memory of bodies: [`Limits::max_body_memory`].

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use backpack_api::runtime::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::chunked_body::ChunkedBody;
use super::client_info::ClientInfo;
use super::connection_limit::{ConnectionLimiter, ConnectionSlot};
use super::service::Service;
use super::write_timeout::WriteTimeout;
#[cfg(doc)]
use crate::config::Limits;

/// Size limit of the head of a request, since hyper's buffer has to hold all of it.
const MAX_HEAD_SIZE: usize = 64 * 1024;

/// Delay after a failed accept, in which the closed connection releases its file descriptor.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Listener for TLS connections. Each new connection uses the certificate that is current when it is accepted.
pub(crate) type TlsListener = (TcpListener, watch::Receiver<TlsAcceptor>);

/// Accepts connections until `stopped` becomes `true`, then drains the requests in flight.
pub(crate) async fn serve(
    http: TcpListener,
    https: Option<TlsListener>,
    service: Arc<Service>,
    mut stopped: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let limiter = ConnectionLimiter::new(service.limits(), service.is_behind_proxy());
    let (https, certificate) = https.unzip();
    let current_acceptor = || certificate.as_ref().map(|current| current.borrow().clone());
    loop {
        let accepted = tokio::select! {
            accepted = http.accept() => accepted.map(|(stream, client)| (stream, client, None)),
            accepted = accept_connection(https.as_ref()) => {
                accepted.map(|(stream, client)| (stream, client, current_acceptor()))
            }
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            Ok((stream, client, tls)) => {
                let client = ClientInfo { address: client.ip(), is_secure: tls.is_some() };
                let slot = tokio::select! {
                    slot = limiter.acquire(client.network()) => slot,
                    _ = stopped.wait_for(|stopped| *stopped) => break,
                };
                let Some(slot) = slot else {
                    tracing::debug!("refusing a connection: its client has too many that are in use");
                    continue;
                };
                let id = slot.id();
                let watcher = graceful.watcher();
                let task = tokio::spawn(serve_connection(stream, client, tls, Arc::clone(&service), slot, watcher));
                limiter.register_task(id, task.abort_handle());
            }
            Err(error) => {
                // Most likely the process has no file descriptors left, so closing a connection releases one.
                tracing::warn!(%error, "failed to accept a connection");
                limiter.close_longest_waiting();
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
    limiter.close_new();
    tracing::info!(requests = limiter.count_requests(), "shutting down, draining requests");
    // After the event is logged, so that the log explains why connections are refused.
    drop((http, https));
    drain(&limiter, graceful, &service).await;
}

/// Waits for the connections to end. Those that wait are closed after the stop timeout. The others, whose request is
/// being processed, may take up to the body timeout to respond.
async fn drain(limiter: &ConnectionLimiter, graceful: GracefulShutdown, service: &Service) {
    let mut drained = pin!(graceful.shutdown());
    if timeout(service.limits().stop_timeout, &mut drained).await.is_err() {
        limiter.close_waiting();
        let _ = timeout(service.limits().body_timeout, drained).await;
    }
}

/// Accepts a connection. Without a listener, waits forever, so that `select!` never takes this branch.
async fn accept_connection(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Serves a connection, after the TLS handshake if it is secure. Failures are not logged, since clients cause them.
async fn serve_connection(
    stream: TcpStream,
    client: ClientInfo,
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    slot: Arc<ConnectionSlot>,
    watcher: Watcher,
) {
    let _ = stream.set_nodelay(true);
    let stream = WriteTimeout::new(stream, service.limits().body_timeout);
    match tls {
        None => serve_http(stream, client, &service, slot, watcher).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(service.limits().head_timeout, tls.accept(stream)).await {
                serve_http(stream, client, &service, slot, watcher).await;
            }
        }
    }
}

/// Serves HTTP/1.1 on a connection until it ends, and then frees its slot. Records in the slot which side of the
/// connection has to act next.
async fn serve_http<S>(
    stream: S,
    client: ClientInfo,
    service: &Arc<Service>,
    slot: Arc<ConnectionSlot>,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let slot = &slot;
    let respond = |request: Request<Incoming>| async move {
        slot.set_receiving_body();
        let response = service.respond(request, client, slot).await;
        slot.set_responded();
        Ok::<Response<ChunkedBody>, Infallible>(response)
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(service.limits().head_timeout)
        // A client that closes its sending side after the request still receives the response.
        .half_close(true)
        // The original service sent header names in title case.
        .title_case_headers(true)
        .max_buf_size(MAX_HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service_fn(respond));
    let _ = watcher.watch(connection).await;
}
