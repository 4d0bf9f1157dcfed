//! Why a request brought no answer.

use std::error::Error as StdError;
use std::fmt;

/// What kept a request from bringing an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request itself cannot be sent, for instance because its address has no host. Nothing was sent.
    InvalidRequest,
    /// No connection came about: unknown name, refused, unreachable. Nothing was sent.
    Connect,
    /// The peer could not be trusted, or does not speak TLS. Nothing of the request was sent.
    Tls,
    /// The time for connecting, for the next byte or for the whole attempt was over.
    Timeout,
    /// The connection broke while the request was sent or the answer was read.
    Broken,
    /// What came back is not HTTP, or its head has no end.
    Protocol,
    /// The body of the answer is larger than the limit.
    TooLarge,
    /// The body of the answer is compressed or otherwise encoded, though nothing asked for that.
    Encoded,
}

impl TransportErrorKind {
    /// Whether another attempt may go better: it is not the request's fault, nor the peer's certificate's.
    pub(crate) fn may_pass(self) -> bool {
        !matches!(self, Self::InvalidRequest | Self::Tls)
    }

    /// Whether something of a request may have left when this happens.
    fn may_have_sent(self) -> bool {
        match self {
            Self::InvalidRequest | Self::Connect | Self::Tls => false,
            Self::Timeout | Self::Broken | Self::Protocol | Self::TooLarge | Self::Encoded => true,
        }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidRequest => "the request cannot be sent",
            Self::Connect => "no connection came about",
            Self::Tls => "the TLS handshake failed",
            Self::Timeout => "the time was over before the answer was there",
            Self::Broken => "the connection broke",
            Self::Protocol => "what came back is not HTTP",
            Self::TooLarge => "the answer is larger than the limit",
            Self::Encoded => "the answer is encoded, though nothing asked for that",
        })
    }
}

/// A request that brought no answer: what happened, and whether anything was sent.
///
/// **Invariant:** neither `Debug`, `Display` nor a source's text shows a header, a body, or an address beyond its host,
/// for each of them may hold a token. The transports of this crate keep to it; whoever attaches a source of their own
/// has to.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    sent: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind, which counts as sent unless the kind rules that out.
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, sent: kind.may_have_sent(), source: None }
    }

    /// The same error, for a request of which certainly nothing left.
    #[must_use]
    pub fn unsent(mut self) -> Self {
        self.sent = false;
        self
    }

    /// The same error with its cause, whose texts must not show the request's address, headers or body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What happened.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether something of the request may have left; `false` only if certainly nothing did.
    pub fn was_sent(&self) -> bool {
        self.sent
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.source) {
            // Only the cause says what is to be done about it.
            (TransportErrorKind::InvalidRequest, Some(cause)) => write!(f, "{}: {cause}", self.kind),
            _ => self.kind.fmt(f),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
