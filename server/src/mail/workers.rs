//! Start and shutdown of the background tasks of mail.

use std::sync::Arc;

use backpack_api::runtime::jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::config::{MailConfig, MailConfigError};
use super::outbox_worker::OutboxWorker;
use super::reminder_worker::ReminderWorker;
use crate::Store;

/// The background tasks of mail.
#[derive(Debug)]
pub(crate) struct MailWorkers {
    reminders: ReminderWorker,
    outbox: OutboxWorker,
}

impl MailWorkers {
    /// Creates the tasks, which are not started yet.
    ///
    /// # Errors
    ///
    /// [`MailConfigError`] if the configuration is invalid.
    pub(crate) fn new(config: &MailConfig) -> Result<Self, MailConfigError> {
        let outbox_wake = Arc::new(Notify::new());
        let outbox = OutboxWorker::new(config, Arc::clone(&outbox_wake))?;
        Ok(Self { reminders: ReminderWorker::new(outbox_wake), outbox })
    }

    /// Runs until the server shuts down; polls that are running then have a few seconds to finish.
    pub(crate) async fn run(self, store: Arc<Store>, clock: fn() -> Timestamp, shutdown: watch::Receiver<bool>) {
        let tasks = [
            tokio::spawn(self.reminders.run(Arc::clone(&store), clock, shutdown.clone())),
            tokio::spawn(self.outbox.run(store, clock, shutdown)),
        ];
        for task in tasks {
            // A worker that panicked does not stop the other one.
            let _ = task.await;
        }
    }
}
