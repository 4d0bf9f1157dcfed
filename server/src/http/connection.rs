//! Takes connections, and drops those that are too slow.
//!
//! - The head of a request, and the time until it begins: [`Settings::head_timeout`].
//! - Its body, and each piece of an answer: [`Settings::body_timeout`].
//! - Their end, when the service stops: [`Settings::stop_timeout`].
//! - When there are too many connections, the one that kept us waiting longest goes.

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

use super::Service;
use super::host::Peer;
use super::places::{Place, Places};
use super::stream::{Pieces, Watched};
#[cfg(doc)]
use crate::Settings;

/// Takes connections until told to stop, and then answers what it took. Each secure one gets the certificate of the
/// moment at which it comes.
pub(crate) async fn listen(
    plain: TcpListener,
    secure: Option<(TcpListener, watch::Receiver<TlsAcceptor>)>,
    service: Arc<Service>,
    mut stopped: watch::Receiver<bool>,
) {
    let ending = GracefulShutdown::new();
    let places = Places::new(service.settings.max_connections);
    let (secure, certificate) = secure.unzip();
    let tls = || certificate.as_ref().map(|current| current.borrow().clone());
    loop {
        let accepted = tokio::select! {
            accepted = plain.accept() => accepted.map(|(stream, client)| (stream, client, None)),
            accepted = accept(secure.as_ref()) => accepted.map(|(stream, client)| (stream, client, tls())),
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            Ok((stream, client, tls)) => {
                let place = tokio::select! {
                    place = places.take() => place,
                    _ = stopped.wait_for(|stopped| *stopped) => break,
                };
                let number = place.number();
                let watcher = ending.watcher();
                let task = tokio::spawn(converse(stream, client, tls, Arc::clone(&service), place, watcher));
                places.begun(number, task.abort_handle());
            }
            Err(error) => {
                // Most likely the process has no file handles left: one is freed, and the next attempt waits for that.
                tracing::warn!(%error, "a connection was not taken");
                places.make_room();
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
    places.end_new();
    tracing::info!(requests = places.requests(), "stops, when what was taken is answered");
    // The log has said why when nobody listens any more.
    drop((plain, secure));
    end(&places, ending, &service).await;
}

/// Ends the connections of which something was taken: in time those that wait for their client, and those that are being
/// served when they have their answer.
async fn end(places: &Places, ending: GracefulShutdown, service: &Service) {
    let mut ended = pin!(ending.shutdown());
    if timeout(service.settings.stop_timeout, &mut ended).await.is_err() {
        places.end_waiting();
        let _ = timeout(service.settings.body_timeout, ended).await;
    }
}

async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// A connection from its first byte to its last. One that breaks is the client's affair.
async fn converse(
    stream: TcpStream,
    client: SocketAddr,
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    place: Place,
    watcher: Watcher,
) {
    let _ = stream.set_nodelay(true);
    let stream = Watched::new(stream, service.settings.body_timeout);
    let peer = Peer { address: client.ip().to_canonical(), secure: tls.is_some() };
    match tls {
        None => serve(stream, peer, &service, place, watcher).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(service.settings.head_timeout, tls.accept(stream)).await {
                serve(stream, peer, &service, place, watcher).await;
            }
        }
    }
}

async fn serve<S>(stream: S, peer: Peer, service: &Arc<Service>, place: Place, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let place = &place;
    let answer = |request: Request<Incoming>| async move {
        place.asked();
        let response = service.answer(request, peer, place).await;
        place.waiting();
        Ok::<Response<Pieces>, Infallible>(response)
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(service.settings.head_timeout)
        // Who sends a request and closes that side of the connection still gets an answer.
        .half_close(true)
        // As they were in the original's answers.
        .title_case_headers(true)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    let _ = watcher.watch(connection).await;
}

/// The most bytes that the head of a request may have, and that are read ahead.
const MAX_HEAD: usize = 64 * 1024;
