//! Rate limiter: bounds the number of requests that a client sends to an account.
//!
//! It keeps a sliding window for each account, client network and rate limit. The limit is exact: no period of its
//! length contains more requests than it allows, wherever the period begins. A request counts from its admission until
//! one period after its response, so that the limit also holds by the client's clock.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use backpack_api::runtime::service;

use super::client_info::ClientNetwork;

/// Time between two removals of idle windows.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(5);

/// Requests that are counted together: name of the account, network of the client, name of the rate limit.
type WindowKey = (String, ClientNetwork, &'static str);

/// Admits requests up to the rate limits of the API.
#[derive(Default)]
pub(super) struct RateLimiter(Mutex<Windows>);

/// Windows of all clients.
#[derive(Default)]
struct Windows {
    by_key: HashMap<WindowKey, Window>,
    /// Time of the latest removal of idle windows; `None` before the first.
    last_cleanup: Option<Instant>,
}

/// Sliding window of one client's requests.
struct Window {
    /// Length of the window.
    period: Duration,
    /// Number of admitted requests without a response.
    in_flight: usize,
    /// Times of the latest responses, oldest first; at most as many as the limit allows.
    responses: VecDeque<Instant>,
}

/// Admission of one request. Dropping it, when the response is ready, records the time of the response.
pub(super) struct Permit {
    limiter: Arc<RateLimiter>,
    key: WindowKey,
}

impl RateLimiter {
    /// Admits a request.
    ///
    /// # Errors
    ///
    /// Number of seconds to wait, for `Retry-After`, if the limit is reached.
    pub(super) fn acquire(
        self: &Arc<Self>,
        account: &str,
        client: ClientNetwork,
        limit: service::RateLimit,
        now: Instant,
    ) -> Result<Permit, u64> {
        let key = (account.to_owned(), client, limit.name);
        let mut windows = self.lock();
        windows.remove_idle(now);
        let period = Duration::from_secs(limit.seconds.into());
        let window = windows.by_key.entry(key.clone()).or_insert_with(|| Window::new(period));
        window.admit(limit.requests as usize, now)?;
        Ok(Permit { limiter: Arc::clone(self), key })
    }

    /// Locks the windows. They are valid even if a thread has panicked with the lock held.
    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Windows {
    /// Removes windows without requests, at most once per [`CLEANUP_INTERVAL`]. Memory use is therefore
    /// proportional to the requests of the last seconds.
    fn remove_idle(&mut self, now: Instant) {
        if self.last_cleanup.is_some_and(|last| now.saturating_duration_since(last) < CLEANUP_INTERVAL) {
            return;
        }
        self.last_cleanup = Some(now);
        self.by_key.retain(|_, window| {
            window.expire(now);
            window.in_flight > 0 || !window.responses.is_empty()
        });
    }
}

impl Window {
    fn new(period: Duration) -> Self {
        Self { period, in_flight: 0, responses: VecDeque::new() }
    }

    /// Removes the responses that are older than the period.
    fn expire(&mut self, now: Instant) {
        while self.responses.front().is_some_and(|response| now.saturating_duration_since(*response) > self.period) {
            self.responses.pop_front();
        }
    }

    /// Admits a request.
    ///
    /// # Errors
    ///
    /// Number of seconds to wait if the window contains `max_requests` requests.
    fn admit(&mut self, max_requests: usize, now: Instant) -> Result<(), u64> {
        self.expire(now);
        if self.in_flight + self.responses.len() >= max_requests {
            // Without responses, all requests are in flight: the next response leaves the window one period later.
            let oldest = self.responses.front().map_or(now, |oldest| *oldest);
            let wait = self.period.saturating_sub(now.saturating_duration_since(oldest));
            // Rounded up, so that a client that waits this long is admitted.
            return Err(wait.as_secs() + 1);
        }
        self.in_flight += 1;
        Ok(())
    }

    /// Records that the response to an admitted request is ready.
    fn record_response(&mut self, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.responses.push_back(now);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(window) = self.limiter.lock().by_key.get_mut(&self.key) {
            window.record_response(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const LIMIT: service::RateLimit = service::RateLimit { name: "few", requests: 3, seconds: 5 };

    /// Returns the network of an IPv4 address.
    fn network(address: [u8; 4]) -> ClientNetwork {
        IpAddr::from(address).into()
    }

    /// Returns the time a number of milliseconds after the start.
    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// Sends a request at each time, in milliseconds, with an immediate response. Returns the result of each: `Ok` if
    /// it was admitted, or the seconds to wait.
    fn send_at(limit: service::RateLimit, times: &[u64]) -> Vec<Result<(), u64>> {
        let start = Instant::now();
        let mut window = Window::new(Duration::from_secs(limit.seconds.into()));
        let send = |time: &u64| {
            let now = after(start, *time);
            window.admit(limit.requests as usize, now)?;
            window.record_response(now);
            Ok(())
        };
        times.iter().map(send).collect()
    }

    #[test]
    fn no_period_contains_more_requests_than_allowed() {
        let results = send_at(LIMIT, &[0, 4_000, 4_900, 4_950, 5_001, 5_002, 8_999, 9_001]);
        assert_eq!(results, [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Err(4), Err(1), Ok(())]);
    }

    #[test]
    fn admits_a_client_that_waits_for_the_returned_time() {
        for first in [0, 1, 500, 999, 1_000, 4_321] {
            let times = [0, first, first + 1, first + 2];
            let wait = send_at(LIMIT, &times).pop().and_then(Result::err).unwrap_or_default();
            let later = [0, first, first + 1, first + 2, first + 2 + wait * 1_000];
            assert_eq!(send_at(LIMIT, &later).pop(), Some(Ok(())), "{first}");
        }
    }

    #[test]
    fn a_request_in_flight_counts_for_its_account_client_and_limit() {
        let (limiter, start) = (Arc::new(RateLimiter::default()), Instant::now());
        let client = network([127, 0, 0, 1]);
        let limit = service::RateLimit { requests: 1, ..LIMIT };
        let permit = limiter.acquire("acme", client, limit, start);
        assert_eq!(limiter.acquire("acme", client, limit, after(start, 60_000)).err(), Some(6));
        assert!(limiter.acquire("other", client, limit, start).is_ok());
        assert!(limiter.acquire("acme", network([10, 0, 0, 1]), limit, start).is_ok());
        assert!(limiter.acquire("acme", client, service::RateLimit { name: "other", ..limit }, start).is_ok());
        drop(permit);
    }

    #[test]
    fn removes_the_windows_of_idle_clients() {
        let (limiter, start) = (Arc::new(RateLimiter::default()), Instant::now());
        for last_byte in 0..200 {
            drop(limiter.acquire("acme", network([10, 0, 0, last_byte]), LIMIT, start));
        }
        assert_eq!(limiter.lock().by_key.len(), 200);
        drop(limiter.acquire("acme", network([10, 0, 1, 0]), LIMIT, after(start, 60_000)));
        assert_eq!(limiter.lock().by_key.len(), 1);
    }
}
