//! Errors of transports.

use std::error::Error as StdError;
use std::fmt;

/// Kind of failure of a request without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request cannot be sent, for instance because its URL has no host. Nothing was sent.
    InvalidRequest,
    /// The connection could not be established: unknown host, refused, unreachable, or no system resources
    /// left. Nothing was sent.
    Connect,
    /// TLS could not be set up, the handshake failed, or the certificate is not trusted. Nothing of the request was
    /// sent.
    Tls,
    /// One of the timeouts of [`TransportConfig`](super::TransportConfig) expired, or the deadline of the call.
    Timeout,
    /// The connection was lost while the request was sent or the response was read.
    ConnectionLost,
    /// The response is not valid HTTP.
    Protocol,
    /// The head of the response is too large: more than 100 header fields, or about 400 KiB.
    HeadTooLarge,
    /// The response body is larger than the limit.
    TooLarge,
    /// The response body is compressed or otherwise encoded, though the request did not ask for it.
    UnexpectedEncoding,
}

impl TransportErrorKind {
    /// `true` if another attempt may succeed, because neither the request nor the peer's certificate is the cause.
    pub(crate) fn is_transient(self) -> bool {
        !matches!(self, Self::InvalidRequest | Self::Tls)
    }

    /// `true` if a part of the request may have been sent before a failure of this kind.
    fn may_have_sent(self) -> bool {
        match self {
            Self::InvalidRequest | Self::Connect | Self::Tls => false,
            Self::Timeout
            | Self::ConnectionLost
            | Self::Protocol
            | Self::HeadTooLarge
            | Self::TooLarge
            | Self::UnexpectedEncoding => true,
        }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidRequest => "the request cannot be sent",
            Self::Connect => "could not connect",
            Self::Tls => "the TLS handshake failed",
            Self::Timeout => "timed out waiting for the response",
            Self::ConnectionLost => "the connection was lost before the end of the response",
            Self::Protocol => "the response is not valid HTTP",
            Self::HeadTooLarge => "the head of the response is too large, or has more than 100 header fields",
            Self::TooLarge => "the response is larger than the limit",
            Self::UnexpectedEncoding => "the response is encoded, though the request did not ask for it",
        })
    }
}

/// Error of a request without a complete response. It has the kind of failure, and tells whether a part of the request
/// may have been sent.
///
/// **Invariant:** neither `Debug`, `Display` nor the text of a source shows a header, a body, or more of a URL than its
/// host, because each of them may contain a token. Code that attaches a source of its own must keep to this.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    was_sent: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Creates an error without a source. The request counts as sent, unless the kind rules that out.
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, was_sent: kind.may_have_sent(), source: None }
    }

    /// Marks the request as not sent, for a failure that certainly came first.
    #[must_use]
    pub fn unsent(mut self) -> Self {
        self.was_sent = false;
        self
    }

    /// Attaches the cause. Its text must not show the request's URL, headers or body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Kind of failure.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// `true` if a part of the request may have been sent; `false` only if certainly nothing was sent.
    pub fn was_sent(&self) -> bool {
        self.was_sent
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
