//! Rate limiter: a sliding window log for each rate limit.
//!
//! The log holds the times of the last requests, as many as one window allows. With a limit of 100 requests in 5
//! seconds, request 101 is sent when request 1 is 5 seconds old. So **no window contains more requests than the
//! limit**, and only the margin is unused. A token bucket would allow nearly twice the limit within one window.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::service::RateLimit;

/// Times of past and reserved requests, by the name of their rate limit.
#[derive(Debug, Default)]
pub struct RateLimiter {
    logs: BTreeMap<&'static str, VecDeque<Instant>>,
}

impl RateLimiter {
    /// Reserves the next slot, and returns the wait until then. `margin` is added to the limit's window.
    ///
    /// Returns `None`, and reserves no slot, if the slot is not before the deadline or the clock cannot represent it.
    pub fn reserve(
        &mut self,
        limit: RateLimit,
        margin: Duration,
        now: Instant,
        deadline: Option<Instant>,
    ) -> Option<Duration> {
        let log = self.logs.entry(limit.name).or_default();
        let allowed = usize::try_from(limit.requests).unwrap_or(usize::MAX).max(1);
        let window = Duration::from_secs(limit.seconds.into()) + margin;
        // The request that must be a window old: the one `allowed` requests before the new one. `None` if there were
        // fewer.
        let earlier = log.len().checked_sub(allowed).and_then(|index| log.get(index));
        let free_at = match earlier {
            Some(earlier) => Some(earlier.checked_add(window)?),
            None => None,
        };
        // Slots are reserved in order, so a slot is never before one that was reserved earlier.
        let slot = free_at.into_iter().chain(log.back().copied()).fold(now, Instant::max);
        if deadline.is_some_and(|deadline| slot >= deadline) {
            return None;
        }
        log.push_back(slot);
        if log.len() > allowed {
            log.pop_front();
        }
        Some(slot - now)
    }
}
