//! How many connections there may be, and which one goes when there are too many.
//!
//! The one that kept the service waiting longest makes room for a new one. So whoever opens connections and does
//! nothing with them, or little, locks nobody out: not for the time of a timeout, nor at all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The places for connections.
pub(super) struct Places {
    most: usize,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    next: u64,
    connections: HashMap<u64, Connection>,
}

struct Connection {
    /// Since when it is the client's turn: to send something, or to take an answer. None while it is ours.
    waiting: Option<Instant>,
    /// Ends it; none until it has begun.
    task: Option<AbortHandle>,
}

/// The place of one connection, which is free again when this is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
}

impl Places {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most: most.max(1), taken: Mutex::default(), freed: Notify::new() })
    }

    /// A place for a new connection. If there is none, the connection that waits longest for its client loses its own;
    /// if none waits, one that is being served is waited for.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            let freed = self.freed.notified();
            if let Some(number) = self.lock().take(self.most) {
                return Place { places: Arc::clone(self), number };
            }
            freed.await;
        }
    }

    /// Ends the connection that waits longest for its client.
    pub(super) fn make_room(&self) {
        self.lock().make_room();
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn take(&mut self, most: usize) -> Option<u64> {
        if self.connections.len() >= most && !self.make_room() {
            return None;
        }
        self.next += 1;
        self.connections.insert(self.next, Connection { waiting: Some(Instant::now()), task: None });
        Some(self.next)
    }

    fn make_room(&mut self) -> bool {
        let waiting = self.connections.iter().filter(|(_, connection)| connection.task.is_some());
        let longest = waiting.filter_map(|(number, connection)| Some((connection.waiting?, *number))).min();
        let Some(connection) = longest.and_then(|(_, number)| self.connections.remove(&number)) else { return false };
        if let Some(task) = connection.task {
            task.abort();
        }
        true
    }
}

impl Place {
    /// Its number, by which it can be ended.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// A whole request has come, and is being worked on.
    pub(super) fn working(&self) {
        self.turn(None);
    }

    /// It is the client's turn again.
    pub(super) fn waiting(&self) {
        self.turn(Some(Instant::now()));
    }

    fn turn(&self, waiting: Option<Instant>) {
        let mut taken = self.places.lock();
        if let Some(connection) = taken.connections.get_mut(&self.number) {
            connection.waiting = waiting;
        }
        drop(taken);
        if waiting.is_some() {
            self.places.freed.notify_one();
        }
    }
}

impl Places {
    /// Says what ends a connection, once it has begun.
    pub(super) fn begun(&self, number: u64, task: AbortHandle) {
        if let Some(connection) = self.lock().connections.get_mut(&number) {
            connection.task = Some(task);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().connections.remove(&self.number);
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(places: &Arc<Places>, place: &Place) -> tokio::task::JoinHandle<()> {
        let task = tokio::spawn(std::future::pending());
        places.begun(place.number(), task.abort_handle());
        task
    }

    #[tokio::test]
    async fn the_connection_that_waits_longest_makes_room() {
        let places = Places::new(2);
        let (first, second) = (places.take().await, places.take().await);
        let (one, other) = (begun(&places, &first), begun(&places, &second));
        first.working();
        first.waiting();
        let third = places.take().await;
        assert!(other.await.is_err_and(|error| error.is_cancelled()));
        assert!(!one.is_finished());
        drop((first, second, third));
    }

    #[tokio::test]
    async fn a_connection_that_is_being_served_keeps_its_place() {
        let places = Places::new(1);
        let first = places.take().await;
        let task = begun(&places, &first);
        first.working();
        let mut next = std::pin::pin!(places.take());
        assert!(futures_poll(next.as_mut()).is_pending());
        assert!(!task.is_finished());
        drop(first);
        next.await;
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    }
}
