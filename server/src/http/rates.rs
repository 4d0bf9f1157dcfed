//! Rates: how many requests a client may send to an account.
//!
//! A log of the last requests for each account, client address and rate, and so exact: in no stretch of time as long as
//! the rate's are there more requests than it allows, wherever the stretch begins. A request counts from when it is let in
//! until so long after its answer, so that this holds by the client's clock too.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use backpack_api::runtime::service::Limit;

/// Who is counted together: an account's name, a client's address, a rate's name.
type Key = (String, IpAddr, &'static str);

/// All logs that matter still.
#[derive(Default)]
pub(super) struct Rates(Mutex<Logs>);

#[derive(Default)]
struct Logs {
    by_key: HashMap<Key, Log>,
    swept: Option<Instant>,
}

struct Log {
    period: Duration,
    /// How many were let in and have no answer yet.
    inside: usize,
    /// When the others were answered, oldest first; at most as many as the rate allows.
    answered: VecDeque<Instant>,
}

/// A request that was let in; dropped when it is answered.
pub(super) struct Pass {
    rates: Arc<Rates>,
    key: Key,
}

impl Rates {
    /// Lets a request in.
    ///
    /// # Errors
    ///
    /// In how many whole seconds there is room again.
    pub(super) fn enter(
        self: &Arc<Self>,
        account: &str,
        client: IpAddr,
        limit: Limit,
        now: Instant,
    ) -> Result<Pass, u64> {
        let key = (account.to_owned(), client, limit.name);
        let mut logs = self.lock();
        logs.sweep(now);
        let period = Duration::from_secs(limit.seconds.into());
        let log = logs.by_key.entry(key.clone()).or_insert_with(|| Log::new(period));
        log.enter(limit.requests as usize, now)?;
        Ok(Pass { rates: Arc::clone(self), key })
    }

    fn lock(&self) -> MutexGuard<'_, Logs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Logs {
    /// Forgets who has not been seen for so long that nothing of theirs counts: once in a while, so that what is kept
    /// is in proportion to the requests of the last seconds.
    fn sweep(&mut self, now: Instant) {
        const EVERY: Duration = Duration::from_secs(5);
        if self.swept.is_some_and(|swept| now.saturating_duration_since(swept) < EVERY) {
            return;
        }
        self.swept = Some(now);
        self.by_key.retain(|_, log| {
            log.forget(now);
            log.inside > 0 || !log.answered.is_empty()
        });
    }
}

impl Log {
    fn new(period: Duration) -> Self {
        Self { period, inside: 0, answered: VecDeque::new() }
    }

    fn forget(&mut self, now: Instant) {
        while self.answered.front().is_some_and(|answered| now.saturating_duration_since(*answered) > self.period) {
            self.answered.pop_front();
        }
    }

    fn enter(&mut self, most: usize, now: Instant) -> Result<(), u64> {
        self.forget(now);
        if self.inside + self.answered.len() >= most {
            let oldest = self.answered.front().map_or(now, |oldest| *oldest);
            let wait = self.period.saturating_sub(now.saturating_duration_since(oldest));
            // The second that has begun counts: after it there is room for certain.
            return Err(wait.as_secs() + 1);
        }
        self.inside += 1;
        Ok(())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.answered(Instant::now());
    }
}

impl Pass {
    fn answered(&self, now: Instant) {
        if let Some(log) = self.rates.lock().by_key.get_mut(&self.key) {
            log.inside = log.inside.saturating_sub(1);
            log.answered.push_back(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { name: "few", requests: 3, seconds: 5 };

    fn milliseconds(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// Asks at each of these times, with the answer at once, and says who was let in or how long the others wait.
    fn asked(limit: Limit, times: &[u64]) -> Vec<Result<(), u64>> {
        let start = Instant::now();
        let mut log = Log::new(Duration::from_secs(limit.seconds.into()));
        let ask = |time: &u64| {
            let now = milliseconds(start, *time);
            log.enter(limit.requests as usize, now)?;
            log.inside -= 1;
            log.answered.push_back(now);
            Ok(())
        };
        times.iter().map(ask).collect()
    }

    #[test]
    fn in_no_stretch_of_time_are_there_more_than_allowed() {
        let results = asked(LIMIT, &[0, 4_000, 4_900, 4_950, 5_001, 5_002, 8_999, 9_001]);
        assert_eq!(results, [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Err(4), Err(1), Ok(())]);
    }

    #[test]
    fn what_is_said_about_waiting_is_so() {
        for first in [0, 1, 500, 999, 1_000, 4_321] {
            let times = [0, first, first + 1, first + 2];
            let wait = asked(LIMIT, &times).pop().and_then(Result::err).unwrap_or_default();
            let later = [0, first, first + 1, first + 2, first + 2 + wait * 1_000];
            assert_eq!(asked(LIMIT, &later).pop(), Some(Ok(())), "{first}");
        }
    }

    #[test]
    fn a_request_without_an_answer_counts() {
        let (rates, start) = (Arc::new(Rates::default()), Instant::now());
        let client = IpAddr::from([127, 0, 0, 1]);
        let limit = Limit { requests: 1, ..LIMIT };
        let pass = rates.enter("acme", client, limit, start);
        assert_eq!(rates.enter("acme", client, limit, milliseconds(start, 60_000)).err(), Some(6));
        assert!(rates.enter("other", client, limit, start).is_ok());
        assert!(rates.enter("acme", IpAddr::from([10, 0, 0, 1]), limit, start).is_ok());
        assert!(rates.enter("acme", client, Limit { name: "other", ..limit }, start).is_ok());
        drop(pass);
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let (rates, start) = (Arc::new(Rates::default()), Instant::now());
        for last in 0..200 {
            drop(rates.enter("acme", IpAddr::from([10, 0, 0, last]), LIMIT, start));
        }
        assert_eq!(rates.lock().by_key.len(), 200);
        drop(rates.enter("acme", IpAddr::from([10, 0, 1, 0]), LIMIT, milliseconds(start, 60_000)));
        assert_eq!(rates.lock().by_key.len(), 1);
    }
}
