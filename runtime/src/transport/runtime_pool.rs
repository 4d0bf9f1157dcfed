//! Blocking requests over hyper: the calling thread runs the request itself.
//!
//! Each request in progress has a tokio runtime for one thread, and a sender with a connection pool of its own. A
//! thread takes such a pair, runs the request on it as the async transport would, and puts it back. So no thread has to
//! wake another one, and both kinds of transport share their code. A thread is started only if the caller is inside an
//! async runtime.

use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::{Builder, Handle, Runtime};

use super::config::IDLE_TIMEOUT;
use super::error::{TransportError, TransportErrorKind};
use super::sender::Sender;

/// Maximum number of idle runtimes.
const MAX_IDLE: usize = 64;

type SendResult = Result<Response<Bytes>, TransportError>;

/// Idle runtimes, most recently used last. The last one is taken first.
#[derive(Default)]
pub(super) struct RuntimePool(Mutex<Vec<PooledRuntime>>);

/// A runtime for one thread, and a sender whose connections belong to it.
struct PooledRuntime {
    /// Always `Some`, except while this is dropped.
    runtime: Option<Runtime>,
    sender: Sender,
    /// Time at which the last request ended.
    idle_since: Instant,
}

impl RuntimePool {
    /// Sends a request with the limits and TLS configuration of `sender`, on the calling thread. Inside an async
    /// runtime, a new thread sends it while the calling thread waits.
    pub(super) fn send(&self, sender: &Sender, request: Request<Bytes>, timeout: Duration) -> SendResult {
        if Handle::try_current().is_err() {
            return self.send_on_this_thread(sender, request, timeout);
        }
        // A thread inside an async runtime cannot enter another runtime.
        thread::scope(|scope| {
            let send = || self.send_on_this_thread(sender, request, timeout);
            let spawned = thread::Builder::new().spawn_scoped(scope, send);
            spawned.map_err(out_of_resources)?.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Sends a request on the current thread, which must not be inside an async runtime.
    fn send_on_this_thread(&self, sender: &Sender, request: Request<Bytes>, timeout: Duration) -> SendResult {
        let idle = self.lock().pop();
        let pooled = idle.map_or_else(|| PooledRuntime::new(sender.with_own_pool()), Ok)?;
        let result = match &pooled.runtime {
            Some(runtime) => runtime.block_on(pooled.sender.send(request, timeout)),
            // Never reached: the runtime is taken only on drop.
            None => Err(out_of_resources(io::ErrorKind::NotFound.into())),
        };
        self.put_back(pooled);
        result
    }

    /// Keeps a runtime for the next request, unless enough are idle, and drops those that were idle for too long.
    fn put_back(&self, mut pooled: PooledRuntime) {
        let now = Instant::now();
        pooled.idle_since = now;
        let mut idle = self.lock();
        // The runtimes are in the order in which they became idle, so the expired ones come first.
        let expired = idle.partition_point(|idle| now.duration_since(idle.idle_since) > IDLE_TIMEOUT);
        let expired: Vec<_> = idle.drain(..expired).collect();
        if idle.len() < MAX_IDLE {
            idle.push(pooled);
        }
        // Runtimes are shut down without the lock, so that no request waits for that.
        drop(idle);
        drop(expired);
    }

    /// Locks the idle runtimes. They are consistent after every step, so a panic in another thread does no harm.
    fn lock(&self) -> MutexGuard<'_, Vec<PooledRuntime>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RuntimePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimePool").field("idle", &self.lock().len()).finish()
    }
}

impl PooledRuntime {
    /// Creates a runtime for a sender with a pool of its own.
    fn new(sender: Sender) -> Result<Self, TransportError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(out_of_resources)?;
        Ok(Self { runtime: Some(runtime), sender, idle_since: Instant::now() })
    }
}

impl Drop for PooledRuntime {
    fn drop(&mut self) {
        // Dropping a runtime waits for name lookups, and panics inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Creates the error for a system that cannot create a thread or a file descriptor. Nothing was sent.
fn out_of_resources(error: io::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Connect).with_source(error)
}
