//! Pool of idle connections.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, sleep};

use super::attempt_timer::AttemptTimer;
use super::config::IDLE_TIMEOUT;
use super::connection::{Connection, Origin};
use super::connector::Connector;
use super::error::TransportError;

/// Pool of idle connections, and the connector for new ones.
pub(super) struct Pool {
    connector: Connector,
    idle: Mutex<IdleConnections>,
}

/// Idle connections of all runtimes.
#[derive(Default)]
struct IdleConnections {
    /// Most recently used last. The last matching connection is taken first.
    connections: Vec<IdleConnection>,
    /// Runtimes that have a running cleanup task.
    cleaned_runtimes: Vec<Id>,
}

/// A connection that waits for its next request.
pub(super) struct IdleConnection {
    pub(super) connection: Connection,
    /// Timer of its last request, for the next one to reuse.
    pub(super) timer: AttemptTimer,
    /// Time at which it became idle.
    pub(super) since: Instant,
}

impl Pool {
    /// Creates an empty pool.
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::default() }
    }

    /// Creates an empty pool with the same connector, and so with the same TLS configuration.
    pub(super) fn clone_empty(&self) -> Self {
        Self::new(self.connector.clone())
    }

    /// Takes an idle connection to this origin on this runtime; `None` if there is none, or all have expired. The
    /// expired ones are dropped. The peer may have closed the returned one.
    pub(super) fn take_idle(&self, origin: &Origin, runtime: &Handle, now: Instant) -> Option<IdleConnection> {
        let mut idle = self.lock();
        loop {
            let last = idle.connections.iter().rposition(|idle| idle.connection.serves(origin, runtime.id()))?;
            let found = idle.connections.remove(last);
            if now - found.since <= IDLE_TIMEOUT {
                return Some(found);
            }
        }
    }

    /// Establishes a new connection, which is not in the pool.
    pub(super) async fn connect(&self, origin: Origin) -> Result<Connection, TransportError> {
        Connection::open(self.connector.clone(), origin).await
    }

    /// Puts a connection back after its response was read. It is dropped if it is closed or is still sending the
    /// request.
    pub(super) fn put_back(self: &Arc<Self>, mut connection: Connection, timer: AttemptTimer, runtime: &Handle) {
        if connection.can_reuse() {
            self.add(IdleConnection { connection, timer, since: Instant::now() }, runtime);
        }
    }

    /// Adds an idle connection, and starts the cleanup task of its runtime unless there is one.
    fn add(self: &Arc<Self>, added: IdleConnection, handle: &Handle) {
        let runtime = added.connection.runtime();
        let mut idle = self.lock();
        idle.connections.push(added);
        if !idle.cleaned_runtimes.contains(&runtime) {
            idle.cleaned_runtimes.push(runtime);
            drop(idle);
            handle.spawn(run_cleanup(Cleanup { pool: Arc::downgrade(self), runtime }));
        }
    }

    /// Removes expired and closed connections of a runtime; `true` if other connections of the runtime are left.
    fn remove_expired(&self, runtime: Id, now: Instant) -> bool {
        let mut idle = self.lock();
        let is_useless = |idle: &mut IdleConnection| now - idle.since > IDLE_TIMEOUT || !idle.connection.is_ready();
        let useless = idle.connections.extract_if(.., |idle| idle.connection.runtime() == runtime && is_useless(idle));
        let useless: Vec<_> = useless.collect();
        let has_more = idle.connections.iter().any(|idle| idle.connection.runtime() == runtime);
        // Connections are closed without the lock, so that no request waits for that.
        drop(idle);
        drop(useless);
        has_more
    }

    /// Locks the idle connections. They are consistent after every step, so a panic in another thread does no harm.
    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the idle connections of one runtime. Dropping it, also when the runtime shuts down, closes the rest.
struct Cleanup {
    /// `Weak`, so that the task does not keep an unused pool alive.
    pool: Weak<Pool>,
    runtime: Id,
}

/// Removes expired and closed connections of the runtime at intervals, until none is left or the pool was dropped.
async fn run_cleanup(cleanup: Cleanup) {
    loop {
        sleep(IDLE_TIMEOUT / 3).await;
        if cleanup.pool.upgrade().is_none_or(|pool| !pool.remove_expired(cleanup.runtime, Instant::now())) {
            return;
        }
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            let mut idle = pool.lock();
            idle.cleaned_runtimes.retain(|runtime| *runtime != self.runtime);
            let rest: Vec<_> =
                idle.connections.extract_if(.., |idle| idle.connection.runtime() == self.runtime).collect();
            // Connections are closed without the lock, so that no request waits for that.
            drop(idle);
            drop(rest);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("idle", &self.lock().connections.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;
    use crate::transport::connector::create_connector;

    /// A pool with connections to a peer, for tests on a runtime of their own.
    struct PoolTest {
        pool: Arc<Pool>,
        origin: Origin,
        listener: TcpListener,
    }

    impl PoolTest {
        /// Runs `work` with an empty pool on a new runtime.
        fn run<F: Future>(work: impl FnOnce(Self) -> F) -> F::Output {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = format!("http://{}/", listener.local_addr().unwrap());
            let origin = Origin::of(&address.parse().unwrap()).unwrap();
            let pool = Arc::new(Pool::new(create_connector(Duration::from_secs(60)).unwrap()));
            runtime.block_on(work(Self { pool, origin, listener }))
        }

        /// Adds a connection to the pool, and returns the peer's end of it.
        async fn add_connection(&self) -> TcpStream {
            let connection = self.pool.connect(self.origin.clone()).await.unwrap();
            self.pool.put_back(connection, AttemptTimer::new(Instant::now(), IDLE_TIMEOUT), &Handle::current());
            self.listener.accept().unwrap().0
        }

        /// Number of connections in the pool.
        fn idle_count(&self) -> usize {
            self.pool.lock().connections.len()
        }

        /// Takes an idle connection as a request would.
        fn take_any(&self) -> Option<IdleConnection> {
            self.pool.take_idle(&self.origin, &Handle::current(), Instant::now())
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_expired_connection_serves_no_request() {
        PoolTest::run(|test| async move {
            let _peer = test.add_connection().await;
            let IdleConnection { connection, timer, .. } = test.take_any().unwrap();
            assert!(test.take_any().is_none());
            test.pool.put_back(connection, timer, &Handle::current());
            tokio::time::pause();
            tokio::time::advance(IDLE_TIMEOUT + SECOND).await;
            assert!(test.take_any().is_none());
        });
    }

    #[test]
    fn closes_expired_connections_and_those_that_the_peer_closed() {
        PoolTest::run(|test| async move {
            for _ in 0..2 {
                let (closing, _open) = (test.add_connection().await, test.add_connection().await);
                drop(closing);
                tokio::time::pause();
                sleep(IDLE_TIMEOUT / 2).await;
                assert_eq!(test.idle_count(), 1);
                sleep(IDLE_TIMEOUT).await;
                assert_eq!(test.idle_count(), 0);
                tokio::time::resume();
            }
        });
    }

    #[test]
    fn connections_are_closed_with_their_runtime() {
        let pool = PoolTest::run(|test| async move {
            drop(test.add_connection().await);
            assert_eq!(test.idle_count(), 1);
            test.pool
        });
        assert_eq!(pool.lock().connections.len(), 0);
        assert_eq!(pool.lock().cleaned_runtimes, []);
    }
}
