//! Takes connections, and drops those that are too slow.

use std::convert::Infallible;
use std::sync::Arc;

use backpack_api::runtime::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::{Service, answer};

/// Takes connections until told to stop, and then answers what it took.
pub(crate) async fn listen(listener: TcpListener, service: Arc<Service>, mut stopped: watch::Receiver<bool>) {
    let ending = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(service.settings.max_connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let Some((stream, place)) = accepted else { continue };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(service.settings.head_timeout)
            .serve_connection(TokioIo::new(stream), {
                let service = Arc::clone(&service);
                service_fn(move |request| answer(Arc::clone(&service), request))
            });
        let watched = ending.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is the client's affair.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(service.settings.body_timeout, ending.shutdown()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            let _ = stream.set_nodelay(true);
            Some((stream, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection was not taken");
            tokio::task::yield_now().await;
            None
        }
    }
}

async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let whole = Limited::new(body, service.settings.max_request).collect();
    let response = match timeout(service.settings.body_timeout, whole).await {
        Ok(Ok(body)) => service.answer(Request::from_parts(head, body.to_bytes())).await,
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            answer::finished(answer::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"))
        }
        Ok(Err(_)) => answer::finished(answer::plain(StatusCode::BAD_REQUEST, "The request broke off")),
        Err(_) => answer::finished(answer::plain(StatusCode::REQUEST_TIMEOUT, "The request took too long")),
    };
    Ok(response.map(Full::new))
}
