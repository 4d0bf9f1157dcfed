//! Sends requests over pooled connections.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;

use super::attempt_timer::{AttemptTimer, Elapsed};
use super::config::TransportConfig;
use super::connection::{Connection, Origin};
use super::connector::create_connector;
use super::error::{TransportError, TransportErrorKind};
use super::http_message::{classify_hyper_error, prepare_request, read_response};
use super::pool::{IdleConnection, Pool};
use super::tokio_context::{current_runtime, yield_to_io};

/// Connection pool, and the limits of each request. Clones share the pool.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pool: Arc<Pool>,
    config: TransportConfig,
}

impl Sender {
    /// Creates a sender with an empty pool.
    pub(super) fn new(config: &TransportConfig) -> Result<Self, TransportError> {
        let connector = create_connector(config.connect_timeout)?;
        Ok(Self { pool: Arc::new(Pool::new(connector)), config: config.clone() })
    }

    /// Creates a sender with the same limits and TLS configuration, and a pool of its own.
    pub(super) fn with_own_pool(&self) -> Self {
        Self { pool: Arc::new(self.pool.clone_empty()), config: self.config.clone() }
    }

    /// Sends a request and reads the whole response. If an idle connection was closed before a part of the request was
    /// sent, the request is sent on another one.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        let runtime = current_runtime()?;
        let now = Instant::now();
        let limit = timeout.min(self.config.timeout);
        let (origin, mut request) = split_origin(prepare_request(request)?)?;
        // Each round takes an idle connection out of the pool, and the first new connection ends the loop.
        loop {
            let idle = self.pool.take_idle(&origin, &runtime, now);
            let is_new = idle.is_none();
            let (mut connection, mut timer) = match idle {
                Some(IdleConnection { connection, mut timer, since }) => {
                    timer.restart(now, limit);
                    yield_to_io(&runtime, now - since).await;
                    (connection, timer)
                }
                None => {
                    let mut timer = AttemptTimer::new(now, limit);
                    (self.connect(&origin, &mut timer).await?, timer)
                }
            };
            let head = timer.timeout(self.config.read_timeout, connection.send(request)).await.map_err(timed_out)?;
            let mut failed = match head {
                Ok(head) => {
                    let response = head.map(|body| connection.receive(body));
                    let response = read_response(response, &self.config, &mut timer, convert_error).await?;
                    self.pool.put_back(connection, timer, &runtime);
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            match failed.take_message() {
                // The peer closed the connection while it was idle: try another one.
                Some(unsent) if !is_new => request = unsent,
                Some(_) => return Err(convert_error(failed.into_error()).unsent()),
                None => return Err(convert_error(failed.into_error())),
            }
        }
    }

    /// Connects to an origin, within the timeout for connecting and the deadline of the attempt.
    async fn connect(&self, origin: &Origin, timer: &mut AttemptTimer) -> Result<Connection, TransportError> {
        // Boxed because the future is large and rarely needed.
        let connecting = Box::pin(self.pool.connect(origin.clone()));
        let connection = timer.timeout(self.config.connect_timeout, connecting).await;
        connection.map_err(|Elapsed| TransportError::new(TransportErrorKind::Timeout).unsent())?
    }
}

/// Splits a request into its origin and a request whose URL has only a path and a query. The connection adds the host
/// as a header.
fn split_origin(request: Request<Bytes>) -> Result<(Origin, Request<Full<Bytes>>), TransportError> {
    let invalid = || TransportError::new(TransportErrorKind::InvalidRequest);
    let origin = Origin::of(request.uri()).ok_or_else(invalid)?;
    let target = request.uri().path_and_query().cloned().ok_or_else(invalid)?;
    let mut request = request.map(Full::new);
    *request.uri_mut() = target.into();
    Ok((origin, request))
}

/// Converts an error of a request on an open connection. hyper's texts never contain a path, a header or a body.
fn convert_error(error: ::hyper::Error) -> TransportError {
    TransportError::new(classify_hyper_error(&error)).with_source(error)
}

/// Converts a timeout into the error of a request that counts as sent.
fn timed_out(Elapsed: Elapsed) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout)
}
