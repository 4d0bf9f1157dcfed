//! Connection limits: the number of open connections, of all clients and of each, and the memory that bodies take.
//!
//! All three have the same rule: at the limit, the connection that has waited longest makes room. Most connections wait
//! for their clients, and some in the queue of feeds. Idle or slow clients that hold many connections or large responses
//! therefore cannot lock out other clients, even before a timeout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use super::client_info::ClientNetwork;
use crate::config::Limits;

/// Minimum time that a connection may wait before it has to make room. In it, a client can send a request, or receive a
/// chunk of a response.
const GRACE: Duration = Duration::from_millis(250);

/// Limits the number of open connections, and the memory of their bodies.
pub(super) struct ConnectionLimiter {
    max_connections: usize,
    max_connections_per_client: usize,
    max_body_memory: usize,
    connections: Mutex<Connections>,
    /// Notified if a slot is freed, or a connection begins to wait and may be replaced.
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
    client: ClientNetwork,
    state: ConnectionState,
    /// Start of the wait, in every state but [`ConnectionState::Processing`]: the latest time at which the client made
    /// progress.
    waiting_since: Instant,
    /// Number of bytes of bodies that the connection has reserved.
    reserved: usize,
    /// Aborts the connection's task; `None` until the task is registered.
    task: Option<AbortHandle>,
}

/// Progress of a connection. A connection can make room in every state but [`Processing`](Self::Processing).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    /// The head of the first request has not arrived completely.
    New,
    /// The head of a request has arrived, its body has not.
    ReceivingBody,
    /// A complete request waits for earlier ones. Nothing is lost if the connection closes, since the request has not
    /// been started.
    Queued,
    /// A complete request is being processed.
    Processing,
    /// A response is ready. The client is receiving it, or is idle after receiving it.
    Responded,
}

/// Reason why no slot is free for a new connection.
#[derive(Debug, PartialEq, Eq)]
enum LimitReached {
    /// The client has as many connections as one client may have.
    Client,
    /// All clients together have as many connections as the server accepts. The time is the end of the first grace
    /// period; `None` if no connection waits.
    Total(Option<Instant>),
}

/// Error if the memory limit of bodies is reached, and no connection can make room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutOfMemory;

/// Slot of one connection. Dropping it frees the slot, if the limiter has not closed the connection before.
pub(super) struct ConnectionSlot {
    limiter: Arc<ConnectionLimiter>,
    id: u64,
}

/// Memory that a connection has reserved for a body. Dropping it frees the memory.
pub(super) struct Reservation {
    slot: Arc<ConnectionSlot>,
    bytes: usize,
}

impl ConnectionLimiter {
    /// Creates a limiter. Behind a proxy, all clients have the address of the proxy: their connections are then not
    /// limited for each client.
    pub(super) fn new(limits: &Limits, is_behind_proxy: bool) -> Arc<Self> {
        let per_client = if is_behind_proxy { usize::MAX } else { limits.max_connections_per_client };
        Arc::new(Self {
            max_connections: limits.max_connections,
            max_connections_per_client: per_client,
            max_body_memory: limits.max_body_memory,
            connections: Mutex::default(),
            slot_freed: Notify::new(),
        })
    }

    /// Acquires a slot for a new connection. At a limit, closes the connection that has waited longest. If none has
    /// outlived its grace period, waits for a slot.
    ///
    /// Returns `None` if the client has as many connections as one client may have, and none of them can be closed. It
    /// does not wait then, since other clients would wait for this one.
    pub(super) async fn acquire(self: &Arc<Self>, client: ClientNetwork) -> Option<Arc<ConnectionSlot>> {
        loop {
            let retry_at = match self.lock().insert(client, self) {
                Ok(id) => return Some(Arc::new(ConnectionSlot { limiter: Arc::clone(self), id })),
                Err(LimitReached::Client) => return None,
                Err(LimitReached::Total(retry_at)) => retry_at,
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

    /// Closes the connection that has waited longest, if there is one, without a grace period. Frees a file descriptor
    /// after a connection could not be accepted.
    pub(super) fn close_longest_waiting(&self) {
        let mut connections = self.lock();
        if let Some((_, id)) = connections.find_longest_waiting(|_| true) {
            connections.close(id, "accept failed");
        }
    }

    /// Aborts the connections whose first request has no complete head: the server has not accepted a request on them.
    pub(super) fn close_new(&self) {
        self.lock().abort_where(|state| state == ConnectionState::New);
    }

    /// Aborts the connections that wait, for their clients or in the queue of feeds.
    pub(super) fn close_waiting(&self) {
        self.lock().abort_where(|state| state != ConnectionState::Processing);
    }

    /// Number of requests in flight: the head has arrived, and there is no response yet.
    pub(super) fn count_requests(&self) -> usize {
        let is_in_flight =
            |connection: &&Connection| !matches!(connection.state, ConnectionState::New | ConnectionState::Responded);
        self.lock().by_id.values().filter(is_in_flight).count()
    }

    /// Locks the connections. They are valid even if a thread has panicked with the lock held.
    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// Adds a connection and returns its id. At a limit, closes the longest-waiting connection first.
    ///
    /// # Errors
    ///
    /// [`LimitReached`] if no connection has outlived its grace period.
    fn insert(&mut self, client: ClientNetwork, limits: &ConnectionLimiter) -> Result<u64, LimitReached> {
        let now = Instant::now();
        let is_of_client = |connection: &Connection| connection.client == client;
        if self.by_id.values().filter(|connection| is_of_client(connection)).count()
            >= limits.max_connections_per_client
        {
            self.replace_longest_waiting(now, is_of_client, "limit of the client").map_err(|_| LimitReached::Client)?;
        }
        if self.by_id.len() >= limits.max_connections {
            self.replace_longest_waiting(now, |_| true, "connection limit").map_err(LimitReached::Total)?;
        }
        self.last_id += 1;
        let connection =
            Connection { client, state: ConnectionState::New, waiting_since: now, reserved: 0, task: None };
        self.by_id.insert(self.last_id, connection);
        Ok(self.last_id)
    }

    /// Closes the longest-waiting of the connections that `is_affected` selects, if it has outlived its grace period.
    ///
    /// # Errors
    ///
    /// The end of that connection's grace period, or `None` if no connection waits.
    fn replace_longest_waiting(
        &mut self,
        now: Instant,
        is_affected: impl Fn(&Connection) -> bool,
        reason: &'static str,
    ) -> Result<(), Option<Instant>> {
        match self.find_longest_waiting(is_affected) {
            Some((since, id)) if since + GRACE <= now => {
                self.close(id, reason);
                Ok(())
            }
            longest => Err(longest.map(|(since, _)| since + GRACE)),
        }
    }

    /// Finds the longest-waiting of the connections that `is_affected` selects. Returns the start of its wait, and its
    /// id.
    fn find_longest_waiting(&self, is_affected: impl Fn(&Connection) -> bool) -> Option<(Instant, u64)> {
        let waiting = self.by_id.iter().filter(|(_, connection)| connection.can_be_closed() && is_affected(connection));
        waiting.map(|(id, connection)| (connection.waiting_since, *id)).min()
    }

    /// Reserves memory for a body of the connection `id` and returns the number of reserved bytes. At the limit, closes
    /// the longest-waiting connections with bodies, if that frees enough.
    ///
    /// A body larger than the limit reserves the whole limit, less what its own connection has reserved already. It is
    /// therefore accepted only while no other connection has a body.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`] if the other bodies leave too little memory, or the limiter has closed the connection.
    fn reserve(&mut self, id: u64, bytes: usize, max_bytes: usize) -> Result<usize, OutOfMemory> {
        let now = Instant::now();
        let own = self.by_id.get(&id).ok_or(OutOfMemory)?.reserved;
        let bytes = bytes.min(max_bytes.saturating_sub(own));
        let reserved: usize = self.by_id.values().map(|connection| connection.reserved).sum();
        let mut missing = (reserved + bytes).saturating_sub(max_bytes);
        if missing > 0 {
            let is_closable = |connection: &Connection| {
                connection.reserved > 0 && connection.can_be_closed() && connection.waiting_since + GRACE <= now
            };
            let closable = self.by_id.iter().filter(|(other, connection)| **other != id && is_closable(connection));
            let mut closable: Vec<_> =
                closable.map(|(id, connection)| (connection.waiting_since, *id, connection.reserved)).collect();
            if closable.iter().map(|(.., freed)| freed).sum::<usize>() < missing {
                return Err(OutOfMemory);
            }
            closable.sort_unstable();
            for (_, other, freed) in closable {
                if missing == 0 {
                    break;
                }
                missing = missing.saturating_sub(freed);
                self.close(other, "memory limit of bodies");
            }
        }
        self.by_id.get_mut(&id).ok_or(OutOfMemory)?.reserved += bytes;
        Ok(bytes)
    }

    /// Removes a connection, which frees its slot and its memory, and aborts its task. The log has the reason.
    fn close(&mut self, id: u64, reason: &'static str) {
        if let Some(Connection { task: Some(task), waiting_since, .. }) = self.by_id.remove(&id) {
            let seconds = waiting_since.elapsed().as_secs();
            tracing::debug!(reason, seconds, "closing the connection that has waited longest");
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

impl Connection {
    /// `true` if the connection waits, and its task is registered, so that it can be aborted.
    fn can_be_closed(&self) -> bool {
        self.task.is_some() && self.state != ConnectionState::Processing
    }
}

impl ConnectionSlot {
    /// Id of the connection, for [`ConnectionLimiter::register_task`].
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Records that the head of a request has arrived.
    pub(super) fn set_receiving_body(&self) {
        self.set_waiting(ConnectionState::ReceivingBody);
    }

    /// Records that a complete request waits for earlier ones.
    pub(super) fn set_queued(&self) {
        self.set_replaceable(ConnectionState::Queued);
    }

    /// Records that a complete request is being processed.
    pub(super) fn set_processing(&self) {
        self.update(|connection| connection.state = ConnectionState::Processing);
    }

    /// Records that a response is ready, so that the server waits for the client again.
    pub(super) fn set_responded(&self) {
        self.set_replaceable(ConnectionState::Responded);
    }

    /// Records that the client has sent or received a chunk of a body.
    pub(super) fn record_progress(&self) {
        self.update(|connection| connection.waiting_since = Instant::now());
    }

    /// Reserves memory for a body. At the limit, closes the connections with bodies that have waited longest for their
    /// clients.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`] if that does not free enough.
    pub(super) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Reservation, OutOfMemory> {
        let bytes = self.limiter.lock().reserve(self.id, bytes, self.limiter.max_body_memory)?;
        Ok(Reservation { slot: Arc::clone(self), bytes })
    }

    /// Records that the connection waits from now on.
    fn set_waiting(&self, state: ConnectionState) {
        self.update(|connection| (connection.state, connection.waiting_since) = (state, Instant::now()));
    }

    /// Records that the connection waits, and that a new connection may now replace it.
    fn set_replaceable(&self, state: ConnectionState) {
        self.set_waiting(state);
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

impl Drop for Reservation {
    fn drop(&mut self) {
        self.slot.update(|connection| connection.reserved = connection.reserved.saturating_sub(self.bytes));
    }
}

#[cfg(test)]
mod tests;
