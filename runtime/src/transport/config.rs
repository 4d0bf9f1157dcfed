//! Limits of a transport.

use std::time::Duration;

/// Timeouts and the size limit of a transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransportConfig {
    /// Timeout for establishing a connection, including the TLS handshake; 10 seconds by default.
    pub connect_timeout: Duration,
    /// Timeout from the start of the request to the head of the response, and between two pieces of the body; 30
    /// seconds by default.
    pub read_timeout: Duration,
    /// Timeout of one attempt, from the name lookup to the last byte of the body; 60 seconds by default.
    pub timeout: Duration,
    /// Maximum size of a response body in bytes, after decoding; 64 MiB by default.
    pub max_response_size: u64,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            max_response_size: 64 * 1024 * 1024,
        }
    }
}

/// Duration after which an idle connection is no longer used. It is closed soon after that.
#[cfg(feature = "hyper")]
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
