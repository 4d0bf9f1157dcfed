//! Errors of a token issuer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::transport::TransportError;

/// Error of a request to a token issuer. Its texts contain no secret.
#[derive(Debug, Clone)]
pub struct IssuerError(Arc<IssuerErrorKind>);

/// Kind of an [`IssuerError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum IssuerErrorKind {
    /// There is no refresh token: the user has to sign in again.
    NoRefreshToken,
    /// The request cannot be built: a URL or a value is not valid.
    InvalidRequest,
    /// The transport failed: no response arrived, or it could not be received.
    Transport(TransportError),
    /// The issuer rejected the request.
    Rejected {
        /// HTTP status.
        status: StatusCode,
        /// Error code in the body, such as `invalid_grant`; `None` if there is none, or it has characters other than
        /// letters and underscores.
        code: Option<String>,
        /// Time to wait before the next request; `None` if the issuer sent no valid `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The response is not valid.
    InvalidResponse {
        /// HTTP status.
        status: StatusCode,
        /// Description of the problem: a clause whose subject is the response.
        problem: &'static str,
    },
}

impl IssuerError {
    /// Returns the kind of the error.
    pub fn kind(&self) -> &IssuerErrorKind {
        &self.0
    }

    /// `true` if another request with the same refresh token would fail too. Either no request can be built, for
    /// example without a refresh token, or the issuer rejected it: with 400 or 401, or with an error code and a success
    /// status or a client error other than 408 and 429. Other rejections may come from an intermediary, such as a
    /// proxy.
    pub fn is_final(&self) -> bool {
        match self.kind() {
            IssuerErrorKind::NoRefreshToken | IssuerErrorKind::InvalidRequest => true,
            IssuerErrorKind::Rejected { status, code, .. } => match status.as_u16() {
                400 | 401 => true,
                408 | 429 => false,
                _ => (status.is_client_error() || status.is_success()) && code.is_some(),
            },
            IssuerErrorKind::Transport(_) | IssuerErrorKind::InvalidResponse { .. } => false,
        }
    }

    /// Returns the time for which the issuer asked before the same request is retried, or zero if it did not ask for
    /// any; `None` if the request must not be retried. A refresh token may be single-use, so a retry is safe only if
    /// the issuer certainly did not process the request.
    pub(crate) fn retry_delay(&self) -> Option<Duration> {
        match self.kind() {
            IssuerErrorKind::Transport(error) if !error.was_sent() && error.kind().is_transient() => {
                Some(Duration::ZERO)
            }
            IssuerErrorKind::Rejected { status, retry_after, .. } if [429, 503].contains(&status.as_u16()) => {
                *retry_after
            }
            _ => None,
        }
    }
}

impl From<IssuerErrorKind> for IssuerError {
    fn from(kind: IssuerErrorKind) -> Self {
        Self(Arc::new(kind))
    }
}

impl From<TransportError> for IssuerError {
    fn from(error: TransportError) -> Self {
        IssuerErrorKind::Transport(error).into()
    }
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            IssuerErrorKind::NoRefreshToken => f.write_str("there is no refresh token"),
            IssuerErrorKind::InvalidRequest => f.write_str("the request to the token issuer is not valid"),
            IssuerErrorKind::Transport(error) => write!(f, "no response from the token issuer: {error}"),
            IssuerErrorKind::Rejected { status, code, .. } => {
                let code = code.as_deref().or(status.canonical_reason()).unwrap_or("no reason given");
                write!(f, "the token issuer rejected the request: {code} (HTTP status {})", status.as_u16())
            }
            IssuerErrorKind::InvalidResponse { status, problem } => {
                write!(f, "the token issuer's response (HTTP status {}) {problem}", status.as_u16())
            }
        }
    }
}

impl std::error::Error for IssuerError {
    /// Returns the first cause that `Display` does not show.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            IssuerErrorKind::Transport(error) => error.source(),
            _ => None,
        }
    }
}
