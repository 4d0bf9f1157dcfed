//! The blocking way over hyper: the calling thread drives its request itself.
//!
//! Each request that is under way has a driver: a tokio runtime for one thread, and a sender with connections of its
//! own. A thread takes a driver, runs the request on it as the async transport would, and puts it back. So no thread is
//! started, none is woken up by another, and both ways share every line that matters.

use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::{Builder, Handle, Runtime};

use super::hyper::Sender;
use super::wire::KEEP_IDLE;
use super::{TransportError, TransportErrorKind};

/// How many drivers are kept for the next requests.
const KEEP: usize = 64;

type Outcome = Result<Response<Bytes>, TransportError>;

/// The drivers that nobody uses; the one put back last is at the end, and goes first.
#[derive(Default)]
pub(super) struct Drivers(Mutex<Vec<Driver>>);

/// A runtime for one thread, and a sender whose connections live in it.
struct Driver {
    /// Always there, until the driver is dropped.
    runtime: Option<Runtime>,
    sender: Sender,
    put_back: Instant,
}

impl Drivers {
    /// Sends a request as `sender` would, on the calling thread.
    pub(super) fn send(&self, sender: &Sender, request: Request<Bytes>, within: Duration) -> Outcome {
        if Handle::try_current().is_err() {
            return self.drive(sender, request, within);
        }
        // Within an async runtime a thread may not enter another one.
        thread::scope(|scope| {
            let thread = thread::Builder::new().spawn_scoped(scope, || self.drive(sender, request, within));
            thread.map_err(no_driver)?.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    fn drive(&self, sender: &Sender, request: Request<Bytes>, within: Duration) -> Outcome {
        let idle = self.idle().pop();
        let driver = idle.map_or_else(|| Driver::new(sender.another()), Ok)?;
        let outcome = match &driver.runtime {
            Some(runtime) => runtime.block_on(driver.sender.send(request, within)),
            None => Err(no_driver(io::ErrorKind::NotFound.into())),
        };
        self.put_back(driver);
        outcome
    }

    /// Keeps a driver for the next request, and lets go of those that waited too long for one.
    fn put_back(&self, mut driver: Driver) {
        let now = Instant::now();
        driver.put_back = now;
        let mut idle = self.idle();
        let stale = idle.partition_point(|idle| now.duration_since(idle.put_back) > KEEP_IDLE);
        let stale: Vec<_> = idle.drain(..stale).collect();
        if idle.len() < KEEP {
            idle.push(driver);
        }
        drop(idle);
        drop(stale);
    }

    /// The idle drivers; whole after every step, whatever happened to another thread.
    fn idle(&self) -> MutexGuard<'_, Vec<Driver>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Drivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drivers").field("idle", &self.idle().len()).finish()
    }
}

impl Driver {
    fn new(sender: Sender) -> Result<Self, TransportError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(no_driver)?;
        Ok(Self { runtime: Some(runtime), sender, put_back: Instant::now() })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The ordinary way waits for a look-up of a name, and panics within another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The system has no thread or no file left. Nothing was sent.
fn no_driver(error: io::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Connect).with_source(error)
}
