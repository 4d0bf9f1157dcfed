//! The tokio runtime in which a transport works.

use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::yield_now;

use super::error::{TransportError, TransportErrorKind};

/// Returns the runtime that polls the caller, or an error if there is none: hyper and reqwest would panic.
pub(super) fn current_runtime() -> Result<Handle, TransportError> {
    Handle::try_current().map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest).with_source(error))
}

/// Yields to the runtime, so that it reports I/O events of connections that were idle for `idle`. Otherwise a request
/// could be sent on a connection that the server closed long ago.
///
/// A single-threaded runtime makes no progress outside of `block_on`, and polls I/O when a task yields. A
/// multi-threaded runtime can also miss the events while all its running threads are busy. In experiments, two yields
/// were enough there.
pub(super) async fn yield_to_io(runtime: &Handle, idle: Duration) {
    if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
        yield_now().await;
    } else if idle > Duration::from_millis(1) {
        yield_now().await;
        yield_now().await;
    }
}
