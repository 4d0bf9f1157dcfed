//! Attempts of a call and their outcomes.

use std::time::Duration;

use http::StatusCode;

use crate::transport::TransportErrorKind;

/// One request of a call to the service, and its outcome. Requests to a token issuer are not attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Time that the call waited before this attempt, for a retry and for the rate limiter. Waits for a token refresh
    /// are not included.
    pub waited: Duration,
    /// Outcome of the attempt.
    pub outcome: AttemptOutcome,
}

/// Outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// A response with this status arrived.
    Status(StatusCode),
    /// No response arrived, though the server may have received the request.
    NoResponse(TransportErrorKind),
    /// The request was certainly not sent.
    NotSent(TransportErrorKind),
}

impl Attempt {
    /// `true` if the request was certainly not sent.
    pub fn is_unsent(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::NotSent(_))
    }
}
