//! The background task that delivers the messages of the outbox.

use std::sync::Arc;

use backpack_api::runtime::jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::config::{MailConfig, MailConfigError};
use super::delivery::Delivery;
use super::outbox::{self, DeliveryOutcome, OutboundMessage};
use super::poll_loop::poll_until_shutdown;
use crate::{ApiError, Store};

/// Maximum number of messages that are claimed and delivered at a time.
const CONCURRENCY: usize = 4;

/// Delivers the messages of the outbox.
#[derive(Debug, Clone)]
pub(super) struct OutboxWorker {
    delivery: Delivery,
    wake: Arc<Notify>,
}

impl OutboxWorker {
    /// Creates the worker. A notification of `wake` makes it check the outbox immediately.
    ///
    /// # Errors
    ///
    /// The same as for [`Delivery::new`].
    pub(super) fn new(config: &MailConfig, wake: Arc<Notify>) -> Result<Self, MailConfigError> {
        Ok(Self { delivery: Delivery::new(config)?, wake })
    }

    /// Runs until the server shuts down.
    pub(super) async fn run(self, store: Arc<Store>, clock: fn() -> Timestamp, shutdown: watch::Receiver<bool>) {
        if !self.delivery.is_configured() {
            tracing::warn!("neither a mail server nor a folder is configured, mail is not sent");
        }
        poll_until_shutdown("outbox", || self.poll(&store, clock), &self.wake, shutdown).await;
    }

    /// Tries to deliver each message of a batch once, except those that another server claims first. Returns `true` if
    /// there may be more.
    pub(super) async fn poll(&self, store: &Store, clock: impl Fn() -> Timestamp) -> Result<bool, ApiError> {
        let now = clock();
        let ready = store.read(move |db| outbox::find_ready(db, now)).await?;
        for chunk in ready.chunks(CONCURRENCY) {
            // Earlier deliveries may have been slow, and a claim lasts from now on.
            let (chunk, now) = (chunk.to_vec(), clock());
            let claimed = store.write(move |db| outbox::claim(db, chunk, now)).await?;
            let outcomes = self.deliver_all(claimed).await;
            let record = move |db: &_| {
                outcomes.iter().try_for_each(|(message, outcome)| outbox::record_outcome(db, message, outcome, now))
            };
            store.write(record).await?;
        }
        Ok(ready.len() == outbox::BATCH_SIZE)
    }

    /// Delivers messages concurrently, each in a separate task, so that a panic affects one message only.
    async fn deliver_all(&self, messages: Vec<OutboundMessage>) -> Vec<(OutboundMessage, DeliveryOutcome)> {
        let mut deliveries = Vec::new();
        for message in messages {
            let (delivery, outbound) = (self.delivery.clone(), message.clone());
            deliveries.push((message, tokio::spawn(async move { delivery.deliver(&outbound).await })));
        }
        let mut outcomes = Vec::new();
        for (message, task) in deliveries {
            outcomes.push((message, join_delivery(task).await));
        }
        outcomes
    }
}

/// Waits for a delivery. One that panicked counts as a transient failure, so that the other messages are still
/// recorded.
pub(super) async fn join_delivery(task: JoinHandle<DeliveryOutcome>) -> DeliveryOutcome {
    task.await.unwrap_or_else(|error| DeliveryOutcome::TransientFailure(error.into()))
}
