//! Queue of the requests for feeds, which clients send without a token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::client_info::ClientNetwork;

/// Queue in which one feed is rendered at a time. Clients without a token therefore use at most one processor and the
/// memory of one page, and delay no other request.
///
/// The clients take turns: a request waits first for the earlier requests of its own client, and then for one request
/// of each other client.
pub(super) struct FeedQueue {
    /// Held while a feed is rendered.
    turn: Semaphore,
    /// For each client with requests in the queue, the semaphore that its next request holds.
    clients: Mutex<HashMap<ClientNetwork, Arc<Semaphore>>>,
}

/// Turn of a request. Dropping it ends the turn.
pub(super) struct FeedPermit<'q> {
    _turn: SemaphorePermit<'q>,
    _of_client: OwnedSemaphorePermit,
}

impl FeedQueue {
    /// Creates an empty queue.
    pub(super) fn new() -> Self {
        Self { turn: Semaphore::new(1), clients: Mutex::default() }
    }

    /// Waits until a feed may be rendered for a client. Returns `None` only if a semaphore is closed, which never
    /// happens.
    pub(super) async fn acquire(&self, client: ClientNetwork) -> Option<FeedPermit<'_>> {
        let of_client = self.client_semaphore(client).acquire_owned().await.ok()?;
        let turn = self.turn.acquire().await.ok()?;
        Some(FeedPermit { _turn: turn, _of_client: of_client })
    }

    /// Returns the semaphore of a client, and forgets the clients without requests.
    fn client_semaphore(&self, client: ClientNetwork) -> Arc<Semaphore> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        Arc::clone(clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(1))))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use tokio::sync::mpsc;

    use super::*;

    /// Client with an IPv4 address.
    fn client(last_byte: u8) -> ClientNetwork {
        IpAddr::from([10, 0, 0, last_byte]).into()
    }

    #[tokio::test]
    async fn clients_take_turns() {
        let queue = Arc::new(FeedQueue::new());
        let first = queue.acquire(client(1)).await;
        let (sender, mut order) = mpsc::unbounded_channel();
        for last_byte in [1, 1, 1, 2, 2, 3] {
            let (queue, sender) = (Arc::clone(&queue), sender.clone());
            tokio::spawn(async move {
                let _permit = queue.acquire(client(last_byte)).await;
                let _ = sender.send(last_byte);
            });
            // Runs the task until it waits, so that the requests arrive in this order.
            tokio::task::yield_now().await;
        }
        drop((first, sender));
        let mut turns = Vec::new();
        while let Some(last_byte) = order.recv().await {
            turns.push(last_byte);
        }
        assert_eq!(turns, [2, 3, 1, 2, 1, 1]);
    }

    #[tokio::test]
    async fn forgets_clients_without_requests() {
        let queue = FeedQueue::new();
        for last_byte in 0..10 {
            drop(queue.acquire(client(last_byte)).await);
        }
        assert_eq!(queue.clients.lock().unwrap().len(), 1);
    }
}
