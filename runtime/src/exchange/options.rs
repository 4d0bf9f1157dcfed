//! Settings of calls, with defaults that suit most programs.

use std::time::Duration;

/// Settings of calls: retries, deadline, rate limits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Number of requests that one call may send; 4 by default. 1 or 0 disables retries. Requests to a token issuer are
    /// counted separately, with the same limit.
    ///
    /// Two cases are allowed beyond this limit: a redirect to the other scheme, and a request that is sent again with a
    /// refreshed token. In both, the service did not apply the first request. They still count towards the limit for
    /// retries.
    pub max_attempts: u32,
    /// Time that a call may take, with all attempts and waits; 2 minutes by default.
    pub deadline: Duration,
    /// Upper limit of the wait before the second attempt; it doubles with each further attempt. The actual wait is
    /// random, between zero and the limit. Half a second by default.
    pub initial_backoff: Duration,
    /// Longest wait before a retry; 30 seconds by default. If the service asks for a longer wait, the call ends with
    /// the service's error. Waits for the rate limiter may be longer.
    pub max_wait: Duration,
    /// `true` if calls wait to stay within the service's rate limits; the default.
    pub respect_rate_limits: bool,
    /// Margin that is added to the window of each rate limit; a quarter of a second by default. Requests do not arrive
    /// as evenly as they are sent.
    pub rate_limit_margin: Duration,
    /// Port that a redirect to the other scheme may have, besides that scheme's default port; `None` by default, which
    /// allows the default port only.
    pub redirect_port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            deadline: Duration::from_secs(120),
            initial_backoff: Duration::from_millis(500),
            max_wait: Duration::from_secs(30),
            respect_rate_limits: true,
            rate_limit_margin: Duration::from_millis(250),
            redirect_port: None,
        }
    }
}

impl Options {
    /// Returns the upper limit of the random wait after `attempts` attempts.
    pub(super) fn max_backoff(&self, attempts: u32) -> Duration {
        let factor = 1u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial_backoff.saturating_mul(factor).min(self.max_wait)
    }
}
