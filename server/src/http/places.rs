//! How many connections there may be, and which one goes when there are too many.
//!
//! The one that kept the service waiting longest makes room for a new one. So whoever opens connections and does
//! nothing with them, or little, locks nobody out: not for the time of a timeout, nor at all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// How long a connection has at least, however many others come: enough to say what it wants.
const GRACE: Duration = Duration::from_millis(250);

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
    stage: Stage,
    /// Since when it is the client's turn, in every stage but [`Stage::Working`].
    since: Instant,
    /// Ends it; none until it has begun.
    task: Option<AbortHandle>,
}

/// How far a connection is. There is always somebody whose turn it is, and it is the service's while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No request has come yet, or not the whole head of the first one.
    New,
    /// The head of a request has come.
    Asked,
    /// A whole request has come.
    Working,
    /// There is an answer for the client to take, or to think about.
    Answered,
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
    /// if none waits for long enough, this waits.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            let until = match self.lock().take(self.most) {
                Ok(number) => return Place { places: Arc::clone(self), number },
                Err(until) => until,
            };
            let freed = self.freed.notified();
            match until {
                Some(until) => drop(timeout_at(until, freed).await),
                None => freed.await,
            }
        }
    }

    /// Says what ends a connection, once it has begun.
    pub(super) fn begun(&self, number: u64, task: AbortHandle) {
        if let Some(connection) = self.lock().connections.get_mut(&number) {
            connection.task = Some(task);
        }
    }

    /// Ends the connection that waits longest for its client, for however short a time.
    pub(super) fn make_room(&self) {
        let mut taken = self.lock();
        if let Some((_, number)) = taken.longest() {
            taken.end(number);
        }
    }

    /// Ends the connections whose first request has not even come with its head: nothing of them was taken.
    pub(super) fn end_new(&self) {
        self.lock().end_where(|stage| stage == Stage::New);
    }

    /// Ends the connections that wait for their client.
    pub(super) fn end_waiting(&self) {
        self.lock().end_where(|stage| stage != Stage::Working);
    }

    /// How many requests there are of which at least the head has come, and no answer is there yet.
    pub(super) fn requests(&self) -> usize {
        let asked = |connection: &&Connection| matches!(connection.stage, Stage::Asked | Stage::Working);
        self.lock().connections.values().filter(asked).count()
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The number of a place; or until when to wait for one, if that is known.
    fn take(&mut self, most: usize) -> Result<u64, Option<Instant>> {
        let now = Instant::now();
        if self.connections.len() >= most {
            match self.longest() {
                Some((since, number)) if now.saturating_duration_since(since) >= GRACE => self.end(number),
                longest => return Err(longest.map(|(since, _)| since + GRACE)),
            }
        }
        self.next += 1;
        self.connections.insert(self.next, Connection { stage: Stage::New, since: now, task: None });
        Ok(self.next)
    }

    /// The connection that waits longest for its client, and since when it does.
    fn longest(&self) -> Option<(Instant, u64)> {
        let waits = |connection: &Connection| connection.task.is_some() && connection.stage != Stage::Working;
        let waiting = self.connections.iter().filter(|(_, connection)| waits(connection));
        waiting.map(|(number, connection)| (connection.since, *number)).min()
    }

    fn end(&mut self, number: u64) {
        if let Some(Connection { task: Some(task), since, .. }) = self.connections.remove(&number) {
            tracing::debug!(seconds = since.elapsed().as_secs(), "a connection makes room");
            task.abort();
        }
    }

    fn end_where(&mut self, ends: impl Fn(Stage) -> bool) {
        let ending = self.connections.values().filter(|connection| ends(connection.stage));
        ending.filter_map(|connection| connection.task.as_ref()).for_each(AbortHandle::abort);
    }
}

impl Place {
    /// Its number, by which it can be ended.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The head of a request has come.
    pub(super) fn asked(&self) {
        self.reach(|connection| connection.stage = Stage::Asked);
    }

    /// A whole request has come, and is being worked on.
    pub(super) fn working(&self) {
        self.reach(|connection| connection.stage = Stage::Working);
    }

    /// It is the client's turn again.
    pub(super) fn waiting(&self) {
        self.reach(|connection| (connection.stage, connection.since) = (Stage::Answered, Instant::now()));
        self.places.freed.notify_one();
    }

    fn reach(&self, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.places.lock().connections.get_mut(&self.number) {
            change(connection);
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
    use tokio::task::JoinHandle;
    use tokio::time::{advance, timeout};

    fn begun(places: &Places, place: &Place) -> JoinHandle<()> {
        let task = tokio::spawn(std::future::pending());
        places.begun(place.number(), task.abort_handle());
        task
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_waits_longest_makes_room() {
        let places = Places::new(2);
        let (first, second) = (places.take().await, places.take().await);
        let (one, other) = (begun(&places, &first), begun(&places, &second));
        advance(Duration::from_millis(1)).await;
        first.working();
        first.waiting();
        let third = places.take().await;
        assert!(other.await.is_err_and(|error| error.is_cancelled()));
        assert!(!one.is_finished());
        drop((first, second, third));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_has_just_begun_keeps_its_place_for_a_moment() {
        let places = Places::new(1);
        let first = places.take().await;
        let task = begun(&places, &first);
        assert!(timeout(GRACE / 2, places.take()).await.is_err());
        assert!(!task.is_finished());
        assert!(timeout(GRACE, places.take()).await.is_ok());
        assert!(task.await.is_err());
    }

    #[tokio::test]
    async fn at_the_end_only_what_is_being_served_stays() {
        let places = Places::new(4);
        let (new, asked, working, answered) =
            (places.take().await, places.take().await, places.take().await, places.take().await);
        let all = [&new, &asked, &working, &answered].map(|place| begun(&places, place));
        [&asked, &working, &answered].iter().for_each(|place| place.asked());
        [&working, &answered].iter().for_each(|place| place.working());
        answered.waiting();
        assert_eq!(places.requests(), 2);
        let [of_new, of_asked, of_working, of_answered] = all;
        places.end_new();
        assert!(of_new.await.is_err());
        assert!(![&of_asked, &of_working, &of_answered].iter().any(|task| task.is_finished()));
        places.end_waiting();
        assert!(of_asked.await.is_err() && of_answered.await.is_err());
        assert!(!of_working.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_being_served_keeps_its_place() {
        let places = Places::new(1);
        let first = places.take().await;
        let task = begun(&places, &first);
        first.working();
        assert!(timeout(Duration::from_secs(3_600), places.take()).await.is_err());
        assert!(!task.is_finished());
        drop(first);
        assert!(timeout(Duration::ZERO, places.take()).await.is_ok());
    }
}
