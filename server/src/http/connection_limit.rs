//! Connection limit: at the maximum, a new connection replaces the one that has waited longest for its client.
//!
//! Idle or slow clients that hold many connections therefore cannot lock out other clients, even before a timeout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// Minimum time that a connection may wait for its client before a new connection replaces it: long enough for the
/// client to send a request.
const GRACE: Duration = Duration::from_millis(250);

/// Limits the number of open connections.
pub(super) struct ConnectionLimiter {
    max_connections: usize,
    connections: Mutex<Connections>,
    /// Notified if a slot is freed, or a connection begins to wait for its client and may be replaced.
    slot_freed: Notify,
}

/// Open connections, each of which occupies a slot.
#[derive(Default)]
struct Connections {
    /// Id of the newest connection. Ids are never reused.
    last_id: u64,
    by_id: HashMap<u64, Connection>,
}

/// State of one connection.
struct Connection {
    state: ConnectionState,
    /// Start of the wait for the client, in every state but [`ConnectionState::Processing`].
    waiting_since: Instant,
    /// Aborts the connection's task; `None` until the task is registered.
    task: Option<AbortHandle>,
}

/// Progress of a connection. The server waits for the client in every state but [`Processing`](Self::Processing).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    /// The head of the first request has not arrived completely.
    New,
    /// The head of a request has arrived, its body has not.
    ReceivingBody,
    /// A complete request is being processed.
    Processing,
    /// A response is ready. The client is receiving it, or is idle after receiving it.
    Responded,
}

/// Slot of one connection. Dropping it frees the slot, if the limiter has not closed the connection before.
pub(super) struct ConnectionSlot {
    limiter: Arc<ConnectionLimiter>,
    id: u64,
}

impl ConnectionLimiter {
    pub(super) fn new(max_connections: usize) -> Arc<Self> {
        Arc::new(Self { max_connections, connections: Mutex::default(), slot_freed: Notify::new() })
    }

    /// Acquires a slot for a new connection. At the limit, closes the connection that has waited longest for its
    /// client; if none has outlived its grace period, waits for a slot.
    pub(super) async fn acquire(self: &Arc<Self>) -> ConnectionSlot {
        loop {
            let retry_at = match self.lock().insert(self.max_connections) {
                Ok(id) => return ConnectionSlot { limiter: Arc::clone(self), id },
                Err(retry_at) => retry_at,
            };
            let freed = self.slot_freed.notified();
            match retry_at {
                Some(retry_at) => drop(timeout_at(retry_at, freed).await),
                None => freed.await,
            }
        }
    }

    /// Registers the task of a connection, so that the connection can be closed to free its slot.
    pub(super) fn register_task(&self, id: u64, task: AbortHandle) {
        if let Some(connection) = self.lock().by_id.get_mut(&id) {
            connection.task = Some(task);
        }
    }

    /// Closes the connection that has waited longest for its client, if there is one, without a grace period.
    pub(super) fn close_longest_waiting(&self) {
        let mut connections = self.lock();
        if let Some((_, id)) = connections.find_longest_waiting() {
            connections.close(id);
        }
    }

    /// Aborts the connections whose first request has no complete head: the server has not accepted a request on them.
    pub(super) fn close_new(&self) {
        self.lock().abort_where(|state| state == ConnectionState::New);
    }

    /// Aborts the connections that wait for their client.
    pub(super) fn close_waiting(&self) {
        self.lock().abort_where(|state| state != ConnectionState::Processing);
    }

    /// Number of requests in flight: the head has arrived, and there is no response yet.
    pub(super) fn count_requests(&self) -> usize {
        let is_in_flight = |connection: &&Connection| {
            matches!(connection.state, ConnectionState::ReceivingBody | ConnectionState::Processing)
        };
        self.lock().by_id.values().filter(is_in_flight).count()
    }

    /// Locks the connections. They are valid even if a thread has panicked with the lock held.
    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// Adds a connection and returns its id. At the limit, closes the longest-waiting connection first.
    ///
    /// # Errors
    ///
    /// The end of that connection's grace period, or `None` if no connection waits for its client.
    fn insert(&mut self, max_connections: usize) -> Result<u64, Option<Instant>> {
        let now = Instant::now();
        if self.by_id.len() >= max_connections {
            match self.find_longest_waiting() {
                Some((since, id)) if now.saturating_duration_since(since) >= GRACE => self.close(id),
                longest => return Err(longest.map(|(since, _)| since + GRACE)),
            }
        }
        self.last_id += 1;
        let connection = Connection { state: ConnectionState::New, waiting_since: now, task: None };
        self.by_id.insert(self.last_id, connection);
        Ok(self.last_id)
    }

    /// Finds the connection that has waited longest for its client. Returns the start of its wait, and its id.
    /// Connections without a registered task are ignored, since they cannot be closed.
    fn find_longest_waiting(&self) -> Option<(Instant, u64)> {
        let is_waiting =
            |connection: &Connection| connection.task.is_some() && connection.state != ConnectionState::Processing;
        let waiting = self.by_id.iter().filter(|(_, connection)| is_waiting(connection));
        waiting.map(|(id, connection)| (connection.waiting_since, *id)).min()
    }

    /// Removes a connection, which frees its slot, and aborts its task.
    fn close(&mut self, id: u64) {
        if let Some(Connection { task: Some(task), waiting_since, .. }) = self.by_id.remove(&id) {
            let seconds = waiting_since.elapsed().as_secs();
            tracing::debug!(seconds, "connection limit reached, closing the longest-waiting connection");
            task.abort();
        }
    }

    /// Aborts the tasks of all connections in the states that `is_affected` selects. Their slots are freed when the
    /// tasks end.
    fn abort_where(&mut self, is_affected: impl Fn(ConnectionState) -> bool) {
        let affected = self.by_id.values().filter(|connection| is_affected(connection.state));
        affected.filter_map(|connection| connection.task.as_ref()).for_each(AbortHandle::abort);
    }
}

impl ConnectionSlot {
    /// Id of the connection, for [`ConnectionLimiter::register_task`].
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Records that the head of a request has arrived.
    pub(super) fn set_receiving_body(&self) {
        self.update(|connection| connection.state = ConnectionState::ReceivingBody);
    }

    /// Records that a complete request has arrived and is being processed.
    pub(super) fn set_processing(&self) {
        self.update(|connection| connection.state = ConnectionState::Processing);
    }

    /// Records that a response is ready, so that the server waits for the client again.
    pub(super) fn set_responded(&self) {
        self.update(|connection| {
            (connection.state, connection.waiting_since) = (ConnectionState::Responded, Instant::now());
        });
        // A new connection may now replace this one.
        self.limiter.slot_freed.notify_one();
    }

    /// Changes the connection. Has no effect if the limiter has closed it.
    fn update(&self, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.limiter.lock().by_id.get_mut(&self.id) {
            change(connection);
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.limiter.lock().by_id.remove(&self.id);
        self.limiter.slot_freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::JoinHandle;
    use tokio::time::{advance, timeout};

    /// Registers a task that never ends as the task of a connection.
    fn spawn_task(limiter: &ConnectionLimiter, slot: &ConnectionSlot) -> JoinHandle<()> {
        let task = tokio::spawn(std::future::pending());
        limiter.register_task(slot.id(), task.abort_handle());
        task
    }

    #[tokio::test(start_paused = true)]
    async fn closes_the_connection_that_waits_longest() {
        let limiter = ConnectionLimiter::new(2);
        let (first, second) = (limiter.acquire().await, limiter.acquire().await);
        let (first_task, second_task) = (spawn_task(&limiter, &first), spawn_task(&limiter, &second));
        advance(Duration::from_millis(1)).await;
        first.set_processing();
        first.set_responded();
        let third = limiter.acquire().await;
        assert!(second_task.await.is_err_and(|error| error.is_cancelled()));
        assert!(!first_task.is_finished());
        // Kept until here, since dropping a slot frees it.
        drop((first, second, third));
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_a_new_connection_for_its_grace_period() {
        let limiter = ConnectionLimiter::new(1);
        let first = limiter.acquire().await;
        let task = spawn_task(&limiter, &first);
        assert!(timeout(GRACE / 2, limiter.acquire()).await.is_err());
        assert!(!task.is_finished());
        assert!(timeout(GRACE, limiter.acquire()).await.is_ok());
        assert!(task.await.is_err());
    }

    #[tokio::test]
    async fn a_shutdown_keeps_only_requests_that_are_being_processed() {
        let limiter = ConnectionLimiter::new(4);
        let (new, receiving, processing, responded) =
            (limiter.acquire().await, limiter.acquire().await, limiter.acquire().await, limiter.acquire().await);
        let tasks = [&new, &receiving, &processing, &responded].map(|slot| spawn_task(&limiter, slot));
        [&receiving, &processing, &responded].iter().for_each(|slot| slot.set_receiving_body());
        [&processing, &responded].iter().for_each(|slot| slot.set_processing());
        responded.set_responded();
        assert_eq!(limiter.count_requests(), 2);
        let [new_task, receiving_task, processing_task, responded_task] = tasks;
        limiter.close_new();
        assert!(new_task.await.is_err());
        assert!(![&receiving_task, &processing_task, &responded_task].iter().any(|task| task.is_finished()));
        limiter.close_waiting();
        assert!(receiving_task.await.is_err() && responded_task.await.is_err());
        assert!(!processing_task.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_a_connection_whose_request_is_being_processed() {
        let limiter = ConnectionLimiter::new(1);
        let first = limiter.acquire().await;
        let task = spawn_task(&limiter, &first);
        first.set_processing();
        assert!(timeout(Duration::from_secs(3_600), limiter.acquire()).await.is_err());
        assert!(!task.is_finished());
        drop(first);
        assert!(timeout(Duration::ZERO, limiter.acquire()).await.is_ok());
    }
}
