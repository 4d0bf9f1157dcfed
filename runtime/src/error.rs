//! What can go wrong with a call, as the caller sees it.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::decode::{DecodeError, DecodeErrorKind};
use crate::exchange::Attempt;
use crate::redact::redact;
use crate::renewal::IssuerError;
use crate::secret::Token;
use crate::service::Operation;
use crate::transport::TransportError;
use crate::xml::EncodeError;

/// A call that did not succeed: what was asked, what came back, and where it broke.
///
/// Neither `Display` nor `Debug` shows a secret: they have the operation's name and the template of its path, not the
/// address that was asked. Where the service repeats the caller's token, `…` stands for it in the error of a client's
/// call; [`Endpoint::from_response`](crate::Endpoint::from_response) knows no token, and its error has the service's
/// words as they came.
pub struct Error(Box<Inner>);

struct Inner {
    operation: &'static Operation,
    kind: ErrorKind,
    unknown: bool,
    attempts: Vec<Attempt>,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value cannot be written. Nothing was sent.
    Invalid(EncodeError),
    /// No answer came.
    Transport(TransportError),
    /// The service said no.
    Refused(Refusal),
    /// The answer is not what it should be.
    Unreadable(Unreadable),
    /// The access token was not good any more, and was not renewed.
    Renewal(IssuerError),
}

/// How a service says no.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// The sentence beside the status, where there was one of its own.
    pub reason: Option<String>,
    /// The code in the body, where there was one.
    pub code: Option<i64>,
    /// The message in the body, where there was one.
    pub message: Option<String>,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// Whether it is a redirect to where people sign in.
    pub login: bool,
    /// Where a redirect leads: scheme and host.
    pub redirect: Option<String>,
}

/// An answer that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The HTTP status.
    pub status: StatusCode,
    /// Whether the body is a web page.
    pub html: bool,
    /// Where and why reading stopped.
    pub error: DecodeError,
}

impl Error {
    pub(crate) fn new(operation: &'static Operation, kind: ErrorKind) -> Self {
        Self(Box::new(Inner { operation, kind, unknown: false, attempts: Vec::new() }))
    }

    /// The same error, of an operation that may have run.
    pub(crate) fn of_unknown_outcome(mut self) -> Self {
        self.0.unknown = true;
        self
    }

    /// The same error, after these attempts.
    pub(crate) fn after(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// The same error, in which nobody reads this token: what a service says may repeat it.
    pub(crate) fn without(mut self, token: &Token) -> Self {
        match &mut self.0.kind {
            ErrorKind::Refused(Refusal { message, reason, redirect, .. }) => {
                let said = [message, reason, redirect].into_iter().flatten();
                said.for_each(|text| redact(text, token));
            }
            ErrorKind::Unreadable(unreadable) => unreadable.error.redact(token),
            // What these hold is ours, or the transport's, which knows no token.
            ErrorKind::Invalid(_) | ErrorKind::Transport(_) | ErrorKind::Renewal(_) => {}
        }
        self
    }

    /// Whether the service said it in a failure envelope.
    pub(crate) fn is_from_envelope(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code.is_some())
    }

    #[cold]
    pub(crate) fn invalid(operation: &'static Operation, error: EncodeError) -> Self {
        Self::new(operation, ErrorKind::Invalid(error))
    }

    /// The operation that was called.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// Whether nobody can tell if the operation ran: it was sent, twice is not the same as once, and no answer said so.
    /// Look before you call it again.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.unknown
    }

    /// Every request that was sent, and what came of it.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.0.kind {
            ErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The HTTP status of the answer, if one came.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.kind {
            ErrorKind::Refused(refusal) => Some(refusal.status),
            ErrorKind::Unreadable(unreadable) => Some(unreadable.status),
            ErrorKind::Invalid(_) | ErrorKind::Transport(_) | ErrorKind::Renewal(_) => None,
        }
    }

    /// The service's code: the one in the body, else the HTTP status of a refusal.
    pub fn code(&self) -> Option<i64> {
        self.refusal().map(|refusal| refusal.code.unwrap_or(refusal.status.as_u16().into()))
    }

    /// The service's message: the one in the body, else the sentence beside the status.
    pub fn message(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.message.as_deref().or(refusal.reason.as_deref()))
    }

    /// Whether there is no such thing, or it is not the caller's.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// Whether the service does not take the token: 401, a redirect to where people sign in, or 403 from an operation
    /// for which that means nothing else. Also if an access token that expired cannot be renewed.
    pub fn is_unauthorized(&self) -> bool {
        if let ErrorKind::Renewal(error) = &self.0.kind {
            return error.is_final();
        }
        let documented = self.0.operation.fails.iter().any(|(status, _)| *status == 403);
        let refused = self.code() == Some(401) || (self.is_forbidden() && !documented);
        refused || self.refusal().is_some_and(|refusal| refusal.login)
    }

    /// Whether a service that knows the token as expired says this: 401, or a redirect to where people sign in. What was
    /// asked did not run then.
    pub(crate) fn is_token_refused(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
            || self.code() == Some(401)
            || self.refusal().is_some_and(|refusal| refusal.login)
    }

    /// Whether it came from behind the door, so that the token was taken: the service's own words, a success, or a
    /// complaint about what was asked. A redirect, or a server that failed, may not have looked at the token.
    pub(crate) fn is_from_inside(&self) -> bool {
        let looked = self.status().is_some_and(|status| status.is_success() || status.is_client_error());
        !self.is_token_refused() && (looked || self.is_from_envelope())
    }

    /// Whether the service says 403: the token is not good for this, or for anything.
    pub fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// Whether too many requests were sent: 429, or 503 with a time to come back.
    pub fn is_rate_limited(&self) -> bool {
        self.refusal().is_some_and(|refusal| match refusal.status.as_u16() {
            429 => true,
            503 => refusal.retry_after.is_some(),
            _ => false,
        })
    }

    /// When to come back, if the service said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal().and_then(|refusal| refusal.retry_after)
    }

    /// Whether the request may have reached the service.
    pub fn was_sent(&self) -> bool {
        match &self.0.kind {
            ErrorKind::Invalid(_) => false,
            ErrorKind::Transport(error) => error.was_sent() || !self.0.attempts.iter().all(Attempt::is_unsent),
            ErrorKind::Renewal(_) => !self.0.attempts.iter().all(Attempt::is_unsent),
            ErrorKind::Refused(_) | ErrorKind::Unreadable(_) => true,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("operation", &self.0.operation.name).field("kind", &self.0.kind).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.operation.name)?;
        match &self.0.kind {
            ErrorKind::Invalid(error) => write!(f, "nothing was sent: {error}"),
            ErrorKind::Transport(error) => write!(f, "{error}"),
            ErrorKind::Refused(refusal) => write!(f, "{refusal}"),
            ErrorKind::Unreadable(unreadable) => write!(f, "{unreadable}"),
            ErrorKind::Renewal(error) => write!(f, "the access token was not renewed: {error}"),
        }?;
        match (self.0.unknown, self.0.attempts.len()) {
            (true, _) => f.write_str("; it is unknown whether it was done"),
            (false, 0 | 1) => Ok(()),
            (false, attempts) => write!(f, " (after {attempts} attempts)"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        let phrase = self.reason.as_deref().or(self.status.canonical_reason()).unwrap_or("without a reason");
        match (&self.message, self.code) {
            (Some(message), Some(code)) if code == i64::from(status) => write!(f, "{message} (code {code})"),
            (Some(message), Some(code)) => write!(f, "{message} (code {code}, HTTP status {status})"),
            _ if self.login => write!(f, "the token was not accepted (HTTP status {status}, to the sign-in page)"),
            _ if self.redirect.is_some() => {
                let to = self.redirect.as_deref().unwrap_or_default();
                write!(f, "HTTP status {status}: it leads to {to}, and is not followed")
            }
            _ => write!(f, "HTTP status {status}: {phrase}"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        match self.error.kind() {
            _ if self.html => write!(f, "the answer (HTTP status {status}) is a web page, not what was due"),
            DecodeErrorKind::Xml(error) if error.is_cut_off() => {
                write!(f, "the answer (HTTP status {status}) is cut off: {}", self.error)
            }
            _ => write!(f, "the answer (HTTP status {status}) cannot be read: {}", self.error),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::Invalid(error) => Some(error),
            ErrorKind::Transport(error) => Some(error),
            ErrorKind::Unreadable(unreadable) => Some(&unreadable.error),
            ErrorKind::Renewal(error) => Some(error),
            ErrorKind::Refused(_) => None,
        }
    }
}
