//! Connections over hyper: those that are idle are kept for the next requests.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ::hyper::body::{Body, Frame, Incoming};
use ::hyper::client::conn::TrySendError;
use ::hyper::client::conn::http1::{self, SendRequest};
use bytes::Bytes;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::runtime::{self, Handle};
use tokio::task::unconstrained;
use tower_service::Service;

use super::patience::Patience;
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
    fn host(&self) -> Result<HeaderValue, http::Error> {
        let own = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = match self.authority.port_u16() {
            Some(port) if port == own => self.authority.host(),
            _ => self.authority.as_str(),
        };
        Ok(HeaderValue::from_str(host)?)
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
    patience: Patience,
    since: Instant,
}

/// A connection, for one request at a time.
///
/// No task drives it: whoever uses it does, while they wait for its answer. So a request costs no way between tasks, what
/// is dropped ends at once, and what happened to it since its last request is seen as the first thing of the next.
pub(super) struct Connection {
    place: Place,
    /// What stands in `Host`.
    host: HeaderValue,
    sender: SendRequest<Full<Bytes>>,
    /// What moves the bytes; none when it has ended.
    wire: Option<Box<Wire>>,
    /// The runtime that it lives in; no other one wakes whoever waits for it.
    runtime: runtime::Id,
}

type Wire = http1::Connection<<Connector as Service<Uri>>::Response, Full<Bytes>>;

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::default() }
    }

    /// Another one, with the same TLS configuration and connections of its own.
    pub(super) fn another(&self) -> Self {
        Self::new(self.connector.clone())
    }

    /// A connection of this runtime that did not wait too long. The peer may have closed it.
    pub(super) fn take(&self, place: &Place, runtime: &Handle, now: Instant) -> Option<(Connection, Patience)> {
        let fits = |connection: &Connection| connection.place == *place && connection.runtime == runtime.id();
        let mut idle = self.idle();
        loop {
            let last = idle.iter().rposition(|idle| fits(&idle.connection))?;
            let Idle { connection, patience, since } = idle.remove(last);
            if now.duration_since(since) <= KEEP_IDLE {
                return Some((connection, patience));
            }
        }
    }

    /// A new connection.
    pub(super) async fn connect(&self, place: Place) -> Result<Connection, TransportError> {
        let invalid = |error| refused(TransportErrorKind::InvalidRequest, error);
        let (address, host) = place.address().and_then(|address| Ok((address, place.host()?))).map_err(invalid)?;
        let mut connector = self.connector.clone();
        let not_connected = |error: Box<dyn StdError + Send + Sync>| {
            let kind = if is_tls(&*error) { TransportErrorKind::Tls } else { TransportErrorKind::Connect };
            refused(kind, error)
        };
        poll_fn(|cx| connector.poll_ready(cx)).await.map_err(not_connected)?;
        let stream = connector.call(address).await.map_err(not_connected)?;
        let (sender, wire) =
            http1::handshake(stream).await.map_err(|error| refused(TransportErrorKind::Connect, error))?;
        Ok(Connection { place, host, sender, wire: Some(Box::new(wire)), runtime: Handle::current().id() })
    }

    /// Keeps a connection whose answer was read, unless it is of no more use: it has ended, or the request is still on its
    /// way. Lets go of those that waited too long for another request.
    pub(super) fn put_back(&self, mut connection: Connection, patience: Patience) {
        if !connection.sender.is_ready() {
            connection.drive(&mut Context::from_waker(Waker::noop()));
        }
        if connection.sender.is_ready() {
            self.keep(connection, patience, Instant::now());
        }
    }

    fn keep(&self, connection: Connection, patience: Patience, since: Instant) {
        let mut idle = self.idle();
        let stale = idle.partition_point(|idle| since.duration_since(idle.since) > KEEP_IDLE);
        let stale: Vec<_> = idle.drain(..stale).collect();
        idle.push(Idle { connection, patience, since });
        drop(idle);
        drop(stale);
    }

    /// The idle connections; whole after every step, whatever happened to another thread.
    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Sends a request, and brings the head of the answer. An error that has the request in it says that nothing of it was
    /// sent.
    pub(super) fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        // Without tokio's budget: what is out of it asks to be woken.
        let mut head = Box::pin(unconstrained(self.sender.try_send_request(request)));
        poll_fn(move |cx| {
            self.drive(cx);
            head.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
    }

    /// The body of the answer, which is to be read before anything else is sent.
    pub(super) fn receive(&mut self, body: Incoming) -> Receiving<'_> {
        Receiving { body, connection: self }
    }

    /// Moves bytes, and with them all that anybody waits for here: so only this needs a waker.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if self.wire.as_mut().is_some_and(|wire| Pin::new(wire).poll(cx).is_ready()) {
            // It gives back what it did not send.
            self.wire = None;
        }
    }
}

/// A body that moves as it is read.
pub(super) struct Receiving<'c> {
    body: Incoming,
    connection: &'c mut Connection,
}

impl Body for Receiving<'_> {
    type Data = Bytes;
    type Error = ::hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ::hyper::Error>>> {
        let Self { body, connection } = self.get_mut();
        let mut next = || Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(frame) = next() {
            return Poll::Ready(frame);
        }
        connection.drive(cx);
        next()
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

        let keep = |connection, since| {
            let _context = runtime.enter();
            pool.keep(connection, Patience::new(since, second), since);
        };
        let take = |now| pool.take(&place, runtime.handle(), now);

        keep(connect(), begun);
        let (found, _) = take(begun + KEEP_IDLE).unwrap();
        assert!(take(begun).is_none());
        keep(found, begun);
        assert!(take(begun + KEEP_IDLE + second).is_none());
        assert_eq!(pool.idle().len(), 0);

        keep(connect(), begun);
        keep(connect(), begun + KEEP_IDLE + second);
        assert_eq!(pool.idle().len(), 1);
    }

    #[test]
    fn a_port_of_the_schemes_own_is_not_in_the_host() {
        let host = |address: &str| Place::of(&address.parse().unwrap()).unwrap().host().unwrap();
        assert_eq!(host("http://acme.example.com:80/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:443/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:80/a"), "acme.example.com:80");
        assert_eq!(host("http://[::1]:3000/a"), "[::1]:3000");
    }
}
