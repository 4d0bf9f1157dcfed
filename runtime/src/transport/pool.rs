//! Connections over hyper: those that are idle are kept for the next requests.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ::hyper::body::Incoming;
use ::hyper::client::conn::TrySendError;
use ::hyper::client::conn::http1::{self, SendRequest};
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::runtime::{self, Handle};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower_service::Service;

use super::wire::{KEEP_IDLE, is_tls};
use super::{TransportError, TransportErrorKind};

pub(super) type Connector = HttpsConnector<HttpConnector>;

/// What a request is sent to: connections to one place serve no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    scheme: Scheme,
    authority: Authority,
}

impl Place {
    /// Where an absolute address is.
    pub(super) fn of(address: &Uri) -> Option<Self> {
        Some(Self { scheme: address.scheme()?.clone(), authority: address.authority()?.clone() })
    }

    /// What stands in `Host`: no port where it is the scheme's own.
    pub(super) fn host(&self) -> &str {
        let own = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        match self.authority.port_u16() {
            Some(port) if port == own => self.authority.host(),
            _ => self.authority.as_str(),
        }
    }

    fn address(&self) -> Result<Uri, http::Error> {
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query("/").build()
    }
}

/// The idle connections; the one put back last is at the end, and goes first.
pub(super) struct Pool {
    connector: Connector,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection, for one request at a time.
pub(super) struct Connection {
    place: Place,
    sender: SendRequest<Full<Bytes>>,
    /// What moves the bytes. It ends with the connection: the peer may never take the rest of a request.
    task: JoinHandle<Result<(), ::hyper::Error>>,
    /// The runtime that drives it, which no other one does.
    runtime: runtime::Id,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::default() }
    }

    /// Another one, with the same TLS configuration and connections of its own.
    pub(super) fn another(&self) -> Self {
        Self::new(self.connector.clone())
    }

    /// A connection of this runtime that did not wait too long and is open, as far as we know.
    pub(super) fn take(&self, place: &Place, runtime: &Handle, now: Instant) -> Option<Connection> {
        let fits = |connection: &Connection| connection.place == *place && connection.runtime == runtime.id();
        let mut idle = self.idle();
        loop {
            let last = idle.iter().rposition(|idle| fits(&idle.connection))?;
            let Idle { connection, since } = idle.remove(last);
            if now.duration_since(since) <= KEEP_IDLE && !connection.sender.is_closed() {
                return Some(connection);
            }
        }
    }

    /// A new connection.
    pub(super) async fn connect(&self, place: Place) -> Result<Connection, TransportError> {
        let address = place.address().map_err(|error| refused(TransportErrorKind::InvalidRequest, error))?;
        let mut connector = self.connector.clone();
        let not_connected = |error: Box<dyn StdError + Send + Sync>| {
            let kind = if is_tls(&*error) { TransportErrorKind::Tls } else { TransportErrorKind::Connect };
            refused(kind, error)
        };
        poll_fn(|cx| connector.poll_ready(cx)).await.map_err(not_connected)?;
        let stream = connector.call(address).await.map_err(not_connected)?;
        let (sender, connection) =
            http1::handshake(stream).await.map_err(|error| refused(TransportErrorKind::Connect, error))?;
        // How it ends is told to whoever waits for an answer.
        let task = tokio::spawn(connection);
        Ok(Connection { place, sender, task, runtime: Handle::current().id() })
    }

    /// Keeps a connection whose answer was read, and lets go of those that waited too long for another request.
    pub(super) fn put_back(self: &Arc<Self>, mut connection: Connection) {
        match connection.sender.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => self.keep(connection, Instant::now()),
            Poll::Ready(Err(_)) => {}
            // The request is still on its way, or another thread has yet to see the end of the answer.
            Poll::Pending => {
                let pool = Arc::clone(self);
                tokio::spawn(async move {
                    if let Ok(Ok(())) = timeout(KEEP_IDLE, connection.sender.ready()).await {
                        pool.keep(connection, Instant::now());
                    }
                });
            }
        }
    }

    fn keep(&self, connection: Connection, since: Instant) {
        let mut idle = self.idle();
        let stale = idle.partition_point(|idle| since.duration_since(idle.since) > KEEP_IDLE);
        let stale: Vec<_> = idle.drain(..stale).collect();
        idle.push(Idle { connection, since });
        drop(idle);
        drop(stale);
    }

    /// The idle connections; whole after every step, whatever happened to another thread.
    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Whether it has ended; not to be asked again then.
    pub(super) fn has_ended(&mut self, cx: &mut Context<'_>) -> bool {
        Pin::new(&mut self.task).poll(cx).is_ready()
    }

    /// Sends a request; the head of the answer is to come. An error that has the request in it says that nothing of it was
    /// sent.
    pub(super) fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>> + Send + use<> {
        self.sender.try_send_request(request)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("idle", &self.idle().len()).finish()
    }
}

/// There is no connection, and nothing was sent.
fn refused(kind: TransportErrorKind, error: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(kind).with_source(error).unsent()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::transport::hyper::connector;

    #[test]
    fn a_connection_that_waited_too_long_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let place = Place::of(&address.parse().unwrap()).unwrap();
        let pool = Pool::new(connector(Duration::from_secs(60)).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connect = || runtime.block_on(pool.connect(place.clone())).unwrap();
        let begun = Instant::now();
        let second = Duration::from_secs(1);

        pool.keep(connect(), begun);
        let found = pool.take(&place, runtime.handle(), begun + KEEP_IDLE).unwrap();
        assert!(pool.take(&place, runtime.handle(), begun).is_none());
        pool.keep(found, begun);
        assert!(pool.take(&place, runtime.handle(), begun + KEEP_IDLE + second).is_none());
        assert_eq!(pool.idle().len(), 0);

        pool.keep(connect(), begun);
        pool.keep(connect(), begun + KEEP_IDLE + second);
        assert_eq!(pool.idle().len(), 1);
    }

    #[test]
    fn a_port_of_the_schemes_own_is_not_in_the_host() {
        let host = |address: &str| Place::of(&address.parse().unwrap()).unwrap().host().to_owned();
        assert_eq!(host("http://acme.example.com:80/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:443/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:80/a"), "acme.example.com:80");
        assert_eq!(host("http://[::1]:3000/a"), "[::1]:3000");
    }
}
