//! No more requests than the service allows: a sliding log for each rate.
//!
//! A token bucket would let through nearly twice the allowance within one window. The log holds the time of each request
//! of the last window, and a request goes when the one that is as many places before it as the rate allows is a whole
//! window ago. So **no window of that length ever holds more than the rate allows**, and none is left empty.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::service::Limit;

/// When requests went, or are to go, by the name of their rate.
#[derive(Debug, Default)]
pub struct Pacer {
    logs: BTreeMap<&'static str, VecDeque<Instant>>,
}

impl Pacer {
    /// Takes the next place in a rate and says how long it is until then; `None` if that is not before the deadline,
    /// and no place is taken then.
    pub fn reserve(
        &mut self,
        limit: Limit,
        margin: Duration,
        now: Instant,
        deadline: Option<Instant>,
    ) -> Option<Duration> {
        let log = self.logs.entry(limit.name).or_default();
        let allowed = usize::try_from(limit.requests).unwrap_or(usize::MAX).max(1);
        let window = Duration::from_secs(limit.seconds.into()) + margin;
        let earlier = log.len().checked_sub(allowed).and_then(|index| log.get(index));
        let free = match earlier {
            Some(earlier) => Some(earlier.checked_add(window)?),
            None => None,
        };
        // Places are handed out in order, so that none ever comes before one that was taken earlier.
        let at = free.into_iter().chain(log.back().copied()).fold(now, Instant::max);
        if deadline.is_some_and(|deadline| at >= deadline) {
            return None;
        }
        log.push_back(at);
        if log.len() > allowed {
            log.pop_front();
        }
        Some(at - now)
    }
}
