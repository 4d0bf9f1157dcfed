//! The background task that puts the mail of due reminders and events into the outbox.

use std::sync::Arc;

use backpack_api::runtime::jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::poll_loop::poll_until_shutdown;
use super::reminders;
use crate::{ApiError, Store};

/// Enqueues the mail of due reminders and events.
#[derive(Debug)]
pub(super) struct ReminderWorker {
    outbox_wake: Arc<Notify>,
}

impl ReminderWorker {
    /// Creates the worker. It notifies `outbox_wake` after adding mail, so that the mail is sent without delay.
    pub(super) fn new(outbox_wake: Arc<Notify>) -> Self {
        Self { outbox_wake }
    }

    /// Runs until the server shuts down.
    pub(super) async fn run(self, store: Arc<Store>, clock: fn() -> Timestamp, shutdown: watch::Receiver<bool>) {
        // Only the clock makes reminders due, so nothing wakes this worker early.
        let never = Notify::new();
        poll_until_shutdown("reminders", || self.poll(&store, clock()), &never, shutdown).await;
    }

    /// Enqueues the mail of a batch of due reminders. Returns `true` if there may be more.
    pub(super) async fn poll(&self, store: &Store, now: Timestamp) -> Result<bool, ApiError> {
        // Reads first: a write would wait for other writes, and usually nothing is due.
        if store.read(move |db| reminders::find_due(db, now)).await?.is_empty() {
            return Ok(false);
        }
        let enqueued = store.write(move |db| reminders::enqueue_due(db, now)).await?;
        self.outbox_wake.notify_one();
        Ok(enqueued == reminders::BATCH_SIZE)
    }
}
