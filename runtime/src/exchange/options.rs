//! What may be set about exchanges. The defaults are for the service as it is.

use std::time::Duration;

/// How calls are made: how often, how long, how fast.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many requests one call may send; 4 by default. 1 means no retry, and 0 means the same. All the same, a
    /// redirect to the other scheme is followed, and what was refused with a token that expired is sent again with a
    /// renewed one: neither ran.
    pub attempts: u32,
    /// How long a call may take, all attempts and waits together; 2 minutes by default.
    pub deadline: Duration,
    /// The most that is waited before the second attempt; twice as long before the third, and so on. What is waited is
    /// any time up to that. Half a second by default.
    pub backoff: Duration,
    /// The longest wait between two attempts, whatever the service says; 30 seconds by default. If it says more, the
    /// call ends with its answer.
    pub longest_wait: Duration,
    /// Whether requests are held back to stay within the service's rates; yes by default.
    pub pacing: bool,
    /// What is added to the time of each rate, since requests do not arrive as evenly as they are sent; a quarter of a
    /// second by default.
    pub margin: Duration,
    /// The port to which a redirect to the other scheme may lead, besides that scheme's own.
    pub other_port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            attempts: 4,
            deadline: Duration::from_secs(120),
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            pacing: true,
            margin: Duration::from_millis(250),
            other_port: None,
        }
    }
}

impl Options {
    /// The most that is waited after so many attempts.
    pub(super) fn backoff_after(&self, attempts: u32) -> Duration {
        let doubled = 1u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.backoff.saturating_mul(doubled).min(self.longest_wait)
    }
}
