//! The loop that the mail workers share.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::ApiError;

/// Delay between two polls. Notifications within this process are not enough, since other processes write to the same
/// file. A poll that finds nothing costs one or two look-ups by index.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Time that a running poll has to finish when the server shuts down.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Calls `poll` until the server shuts down.
///
/// If `poll` returns `true`, there may be more work and the next call follows immediately. Otherwise, also after an
/// error, which is logged, the loop waits for [`POLL_INTERVAL`] or a notification of `wake`.
pub(super) async fn poll_until_shutdown<F: Future<Output = Result<bool, ApiError>>>(
    worker: &'static str,
    poll: impl Fn() -> F,
    wake: &Notify,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        let polling = poll();
        tokio::pin!(polling);
        let result = tokio::select! {
            result = &mut polling => Some(result),
            _ = shutdown.wait_for(|shutdown| *shutdown) => None,
        };
        match result {
            // The server shuts down. A poll that is cut off could send a mail without recording it.
            None => {
                let _ = timeout(SHUTDOWN_GRACE, polling).await;
                return;
            }
            Some(Ok(true)) => continue,
            Some(Ok(false)) => {}
            Some(Err(error)) => tracing::warn!(worker, %error, "mail worker failed, will retry"),
        }
        tokio::select! {
            () = sleep(POLL_INTERVAL) => {}
            () = wake.notified() => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => return,
        }
    }
}
