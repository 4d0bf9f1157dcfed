//! Connections over hyper: those that are idle are kept for the next requests.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

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
use tokio::time::{Instant, sleep};
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

/// The connections that are idle.
pub(super) struct Pool {
    connector: Connector,
    idle: Mutex<AllIdle>,
}

#[derive(Default)]
struct AllIdle {
    /// The one put back last is at the end, and goes first.
    connections: Vec<Idle>,
    /// The runtimes in which somebody sweeps.
    swept: Vec<runtime::Id>,
}

/// A connection that waits for a request.
pub(super) struct Idle {
    pub(super) connection: Connection,
    pub(super) patience: Patience,
    pub(super) since: Instant,
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
    pub(super) fn take(&self, place: &Place, runtime: &Handle, now: Instant) -> Option<Idle> {
        let fits = |connection: &Connection| connection.place == *place && connection.runtime == runtime.id();
        let mut idle = self.idle();
        loop {
            let last = idle.connections.iter().rposition(|idle| fits(&idle.connection))?;
            let found = idle.connections.remove(last);
            if now - found.since <= KEEP_IDLE {
                return Some(found);
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
    /// way.
    pub(super) fn put_back(self: &Arc<Self>, mut connection: Connection, patience: Patience, runtime: &Handle) {
        if connection.sender.is_ready() || connection.is_ready() {
            self.keep(Idle { connection, patience, since: Instant::now() }, runtime);
        }
    }

    fn keep(self: &Arc<Self>, kept: Idle, handle: &Handle) {
        let runtime = kept.connection.runtime;
        let mut idle = self.idle();
        idle.connections.push(kept);
        if !idle.swept.contains(&runtime) {
            idle.swept.push(runtime);
            drop(idle);
            handle.spawn(sweep(Sweeper { pool: Arc::downgrade(self), runtime }));
        }
    }

    /// Lets go of what is of no more use to a runtime, and says whether anything is left.
    fn sweep(&self, runtime: runtime::Id, now: Instant) -> bool {
        let mut idle = self.idle();
        let gone = |idle: &mut Idle| now - idle.since > KEEP_IDLE || !idle.connection.is_ready();
        let gone = idle.connections.extract_if(.., |idle| idle.connection.runtime == runtime && gone(idle));
        let gone: Vec<_> = gone.collect();
        let some_left = idle.connections.iter().any(|idle| idle.connection.runtime == runtime);
        drop(idle);
        drop(gone);
        some_left
    }

    /// The idle connections; whole after every step, whatever happened to another thread.
    fn idle(&self) -> MutexGuard<'_, AllIdle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who lets go of the idle connections of a runtime. When it ends, be it with the runtime, there are none.
struct Sweeper {
    pool: Weak<Pool>,
    runtime: runtime::Id,
}

/// Lets go of connections that nobody wanted for long, and of those that the peer closed, until none is left.
async fn sweep(sweeper: Sweeper) {
    loop {
        sleep(KEEP_IDLE / 3).await;
        if sweeper.pool.upgrade().is_none_or(|pool| !pool.sweep(sweeper.runtime, Instant::now())) {
            return;
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            let mut idle = pool.idle();
            idle.swept.retain(|runtime| *runtime != self.runtime);
            let gone: Vec<_> =
                idle.connections.extract_if(.., |idle| idle.connection.runtime == self.runtime).collect();
            drop(idle);
            drop(gone);
        }
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

    /// Whether another request may be sent, for all that happened to it.
    fn is_ready(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
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
        f.debug_struct("Pool").field("idle", &self.idle().connections.len()).finish()
    }
}

/// There is no connection, and nothing was sent.
fn refused(kind: TransportErrorKind, error: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(kind).with_source(error).unsent()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;
    use crate::transport::hyper::connector;

    /// A pool with connections to a peer.
    struct Scene {
        pool: Arc<Pool>,
        place: Place,
        listener: TcpListener,
    }

    impl Scene {
        fn play<F: Future>(work: impl FnOnce(Self) -> F) -> F::Output {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = format!("http://{}/", listener.local_addr().unwrap());
            let place = Place::of(&address.parse().unwrap()).unwrap();
            let pool = Arc::new(Pool::new(connector(Duration::from_secs(60)).unwrap()));
            runtime.block_on(work(Self { pool, place, listener }))
        }

        /// A connection is made and kept; the peer's end of it.
        async fn keep(&self) -> TcpStream {
            let connection = self.pool.connect(self.place.clone()).await.unwrap();
            self.pool.put_back(connection, Patience::new(Instant::now(), KEEP_IDLE), &Handle::current());
            self.listener.accept().unwrap().0
        }

        fn idle(&self) -> usize {
            self.pool.idle().connections.len()
        }

        fn take(&self) -> Option<Idle> {
            self.pool.take(&self.place, &Handle::current(), Instant::now())
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_connection_that_waited_too_long_serves_no_request() {
        Scene::play(|scene| async move {
            let _peer = scene.keep().await;
            let Idle { connection, patience, .. } = scene.take().unwrap();
            assert!(scene.take().is_none());
            scene.pool.put_back(connection, patience, &Handle::current());
            tokio::time::pause();
            tokio::time::advance(KEEP_IDLE + SECOND).await;
            assert!(scene.take().is_none());
        });
    }

    #[test]
    fn connections_that_nobody_wants_or_that_the_peer_closed_are_let_go_by_themselves() {
        Scene::play(|scene| async move {
            for _ in 0..2 {
                let (closing, _open) = (scene.keep().await, scene.keep().await);
                drop(closing);
                tokio::time::pause();
                sleep(KEEP_IDLE / 2).await;
                assert_eq!(scene.idle(), 1);
                sleep(KEEP_IDLE).await;
                assert_eq!(scene.idle(), 0);
                tokio::time::resume();
            }
        });
    }

    #[test]
    fn connections_are_let_go_with_their_runtime() {
        let pool = Scene::play(|scene| async move {
            drop(scene.keep().await);
            assert_eq!(scene.idle(), 1);
            scene.pool
        });
        assert_eq!(pool.idle().connections.len(), 0);
        assert_eq!(pool.idle().swept, []);
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
