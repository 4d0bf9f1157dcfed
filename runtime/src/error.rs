//! Errors of calls.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::attempt::Attempt;
use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::issuer_error::IssuerError;
use crate::redact::redact;
use crate::secret::Token;
use crate::service::Operation;
use crate::transport::{TransportError, TransportErrorKind};
use crate::xml::EncodeError;

/// Error of a call, with the operation, the service's response and the location of a parse failure.
///
/// Neither `Display` nor `Debug` shows a secret: they contain the operation's name, not the URL. If the service repeats
/// the client's token in its response, the errors of a client's call contain `…` in its place.
/// [`EndpointExt::from_response`](crate::EndpointExt::from_response) does not know the token, and its errors contain
/// the service's text unchanged.
pub struct Error(Box<Inner>);

/// Fields of an [`Error`], which are boxed to keep a `Result` small.
struct Inner {
    operation: &'static Operation,
    kind: ErrorKind,
    is_outcome_unknown: bool,
    attempts: Vec<Attempt>,
    /// Beginning of the response's body.
    body: Option<String>,
    /// `true` if the body is longer than the part that is kept.
    is_body_cut: bool,
}

/// Number of bytes of a response's body that an error keeps.
const MAX_BODY: usize = 16 * 1024;

/// Kind of an [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be built, for example because a value cannot be written. It was not sent.
    InvalidRequest(EncodeError),
    /// The transport failed: no response arrived, or it could not be received.
    Transport(TransportError),
    /// The service reported an error.
    Service(ServiceError),
    /// The HTTP status is a success, but the response does not have the expected content.
    InvalidResponse(InvalidResponse),
    /// The access token expired or was rejected, and could not be refreshed.
    TokenRefresh(IssuerError),
}

/// Error that the service reported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// HTTP status.
    pub status: StatusCode,
    /// Reason phrase; `None` if there is none, or it is the standard one of the status.
    pub reason: Option<String>,
    /// `true` if the body is a failure document.
    pub has_failure_document: bool,
    /// Error code in the body; `None` if the body is not a failure document, or has no code.
    pub code: Option<i64>,
    /// Error message in the body, or all of them as one text; `None` if the body is not a failure document, or has no
    /// message.
    pub message: Option<String>,
    /// Error messages in the body, one by one.
    pub messages: Vec<String>,
    /// Time to wait before the next request, from `Retry-After`; `None` if the service sent no valid one.
    pub retry_after: Option<Duration>,
    /// `true` if the response redirects to the sign-in page.
    pub is_sign_in_redirect: bool,
    /// Scheme and host of a redirect's target; `None` if there is no redirect, or its target is not an absolute URL.
    pub redirect: Option<String>,
}

/// Response whose HTTP status is a success, but which does not have the expected content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidResponse {
    /// HTTP status.
    pub status: StatusCode,
    /// `true` if the body is an HTML page.
    pub is_html: bool,
    /// Location and kind of the problem.
    pub error: DecodeError,
}

impl Error {
    /// Creates an error without attempts. The outcome of the operation does not count as unknown.
    pub(crate) fn new(operation: &'static Operation, kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            operation,
            kind,
            is_outcome_unknown: false,
            attempts: Vec::new(),
            body: None,
            is_body_cut: false,
        }))
    }

    /// Creates the error for a request that cannot be written.
    #[cold]
    pub(crate) fn invalid_request(operation: &'static Operation, error: EncodeError) -> Self {
        Self::new(operation, ErrorKind::InvalidRequest(error))
    }

    /// Marks the outcome of the operation as unknown.
    pub(crate) fn with_unknown_outcome(mut self) -> Self {
        self.0.is_outcome_unknown = true;
        self
    }

    /// Sets the attempts of the call.
    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Keeps the beginning of the response's body. Invalid UTF-8 is replaced.
    #[cold]
    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        self.0.is_body_cut = body.len() > MAX_BODY;
        self.0.body = Some(String::from_utf8_lossy(body.get(..MAX_BODY).unwrap_or(body)).into_owned());
        self
    }

    /// Replaces the token in the texts of the service by `…`.
    pub(crate) fn redacted(mut self, token: &Token) -> Self {
        if let Some(body) = &mut self.0.body {
            redact(body, token);
            // The cut may have left the beginning of a token, whose characters may be escaped: `&#x61;`, `\u0061`.
            let shown = body.len().saturating_sub(if self.0.is_body_cut { token.expose().len() * 8 } else { 0 });
            body.truncate((0..=shown).rfind(|end| body.is_char_boundary(*end)).unwrap_or(0));
        }
        match &mut self.0.kind {
            ErrorKind::Service(ServiceError { message, messages, reason, redirect, .. }) => {
                let texts = [message, reason, redirect].into_iter().flatten().chain(messages);
                texts.for_each(|text| redact(text, token));
            }
            ErrorKind::InvalidResponse(response) => response.error.redact(token),
            // The texts of these kinds are from this crate or from the transport, which does not know the token.
            ErrorKind::InvalidRequest(_) | ErrorKind::Transport(_) | ErrorKind::TokenRefresh(_) => {}
        }
        self
    }

    /// `true` if the service reported the error in a failure document.
    pub(crate) fn has_failure_document(&self) -> bool {
        self.service_error().is_some_and(|error| error.has_failure_document)
    }

    /// Returns the operation that was called.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// `true` if a request that is not idempotent was sent but no response reported its outcome, so it may or may not
    /// have been applied. Check before you call the operation again.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.is_outcome_unknown
    }

    /// Returns the attempts of the call, with their outcomes. Empty if the call ended before its first attempt, or if
    /// the error is from [`EndpointExt`](crate::EndpointExt).
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns the error that the service reported; `None` for errors of another kind.
    fn service_error(&self) -> Option<&ServiceError> {
        match &self.0.kind {
            ErrorKind::Service(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the HTTP status of the service's response; `None` if no complete response arrived.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.kind {
            ErrorKind::Service(error) => Some(error.status),
            ErrorKind::InvalidResponse(response) => Some(response.status),
            ErrorKind::InvalidRequest(_) | ErrorKind::Transport(_) | ErrorKind::TokenRefresh(_) => None,
        }
    }

    /// Returns the service's error code: the code in the body, or else the HTTP status. `None` if the service reported
    /// no error.
    pub fn code(&self) -> Option<i64> {
        self.service_error().map(|error| error.code.unwrap_or(error.status.as_u16().into()))
    }

    /// Returns all messages in the body of the service's error, for example one for each invalid value.
    pub fn messages(&self) -> &[String] {
        self.service_error().map_or(&[], |error| &error.messages)
    }

    /// Returns the service's error message: the message in the body, or else a reason phrase that is not the standard
    /// one. `None` if there is neither.
    pub fn message(&self) -> Option<&str> {
        self.service_error().and_then(|error| error.message.as_deref().or(error.reason.as_deref()))
    }

    /// Returns the beginning of the response's body, at most 16 KiB, to show to a developer; `None` if no complete
    /// response arrived.
    ///
    /// It is not in `Debug` and `Display`, because it may contain what users wrote. If it contains the client's token,
    /// it has `…` in its place.
    pub fn response_body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// `true` if the request timed out, or the deadline of the call passed.
    pub fn is_timeout(&self) -> bool {
        self.is_transport_error(TransportErrorKind::Timeout)
    }

    /// `true` if no connection could be established: unknown host, connection refused, or a network that is down. TLS
    /// errors are not included.
    pub fn is_connect(&self) -> bool {
        self.is_transport_error(TransportErrorKind::Connect)
    }

    /// `true` if the transport failed in this way.
    fn is_transport_error(&self, kind: TransportErrorKind) -> bool {
        matches!(&self.0.kind, ErrorKind::Transport(error) if error.kind() == kind)
    }

    /// `true` for 422: the service rejected a value in the request.
    pub fn is_validation(&self) -> bool {
        self.code() == Some(422)
    }

    /// `true` for 404: the resource does not exist, or the user cannot access it.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// `true` if the service rejected the token: 401, a redirect to the sign-in page, or 403 from an operation that
    /// does not document 403. Also `true` if the access token could not be refreshed and another attempt would fail
    /// too.
    ///
    /// A 403 may also have a reason that the service does not document. Before you discard a token because of it, call
    /// an operation that every user may call.
    pub fn is_unauthorized(&self) -> bool {
        if let ErrorKind::TokenRefresh(error) = &self.0.kind {
            return error.is_final();
        }
        let is_documented = self.0.operation.errors.iter().any(|(status, _)| *status == 403);
        let is_sign_in_redirect = self.service_error().is_some_and(|error| error.is_sign_in_redirect);
        self.code() == Some(401) || is_sign_in_redirect || (self.is_forbidden() && !is_documented)
    }

    /// `true` if the service rejected the token as invalid or expired: 401, or a redirect to the sign-in page. The
    /// operation was not applied.
    pub(crate) fn is_token_rejected(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
            || self.code() == Some(401)
            || self.service_error().is_some_and(|error| error.is_sign_in_redirect)
    }

    /// `true` if the response shows that authentication succeeded: its status is a success or a client error, or it is
    /// a failure document. Any other redirect or server error may occur before the service checks the token.
    pub(crate) fn is_authenticated(&self) -> bool {
        let was_checked = self.status().is_some_and(|status| status.is_success() || status.is_client_error());
        !self.is_token_rejected() && (was_checked || self.has_failure_document())
    }

    /// `true` for 403: the token is not valid for this operation, or not valid at all.
    pub fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// `true` if a rate limit was exceeded: 429, or 503 with `Retry-After`.
    pub fn is_rate_limited(&self) -> bool {
        self.service_error().is_some_and(|error| match error.status.as_u16() {
            429 => true,
            503 => error.retry_after.is_some(),
            _ => false,
        })
    }

    /// Returns the time to wait before the next request; `None` if the service sent no valid `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        self.service_error().and_then(|error| error.retry_after)
    }

    /// `true` if the server may have received the request, in any attempt of the call.
    pub fn was_sent(&self) -> bool {
        match &self.0.kind {
            ErrorKind::InvalidRequest(_) => false,
            ErrorKind::Transport(error) => error.was_sent() || !self.0.attempts.iter().all(Attempt::is_unsent),
            ErrorKind::TokenRefresh(_) => !self.0.attempts.iter().all(Attempt::is_unsent),
            ErrorKind::Service(_) | ErrorKind::InvalidResponse(_) => true,
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
            ErrorKind::InvalidRequest(error) => write!(f, "invalid request, not sent: {error}"),
            ErrorKind::Transport(error) => write!(f, "{error}"),
            ErrorKind::Service(error) => write!(f, "{error}"),
            ErrorKind::InvalidResponse(response) => write!(f, "{response}"),
            ErrorKind::TokenRefresh(error) => write!(f, "could not refresh the access token: {error}"),
        }?;
        match (self.0.is_outcome_unknown, self.0.attempts.len()) {
            (true, _) => f.write_str("; the request may or may not have been applied"),
            (false, 0 | 1) => Ok(()),
            (false, attempts) => write!(f, " ({attempts} attempts)"),
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        let phrase = self.reason.as_deref().or(self.status.canonical_reason()).unwrap_or("no reason given");
        match (&self.message, self.code) {
            (Some(message), Some(code)) if code == i64::from(status) => write!(f, "{message} (code {code})"),
            (Some(message), Some(code)) => write!(f, "{message} (code {code}, HTTP status {status})"),
            (Some(message), None) => write!(f, "{message} (HTTP status {status})"),
            _ if self.is_sign_in_redirect => {
                write!(f, "the token was rejected (HTTP status {status}, redirect to the sign-in page)")
            }
            _ if self.redirect.is_some() => {
                let target = self.redirect.as_deref().unwrap_or_default();
                write!(f, "HTTP status {status}: redirect to {target}, which was not followed")
            }
            _ => write!(f, "HTTP status {status}: {phrase}"),
        }
    }
}

impl fmt::Display for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        match self.error.kind() {
            _ if self.is_html => write!(f, "expected XML, got an HTML page (HTTP status {status})"),
            DecodeErrorKind::Xml(error) if error.is_cut_off() => {
                write!(f, "the response (HTTP status {status}) is truncated: {}", self.error)
            }
            _ => write!(f, "invalid response (HTTP status {status}): {}", self.error),
        }
    }
}

impl StdError for Error {
    /// Returns the first cause that `Display` does not show.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Transport(error) => error.source(),
            ErrorKind::TokenRefresh(error) => error.source(),
            ErrorKind::InvalidRequest(_) | ErrorKind::InvalidResponse(_) | ErrorKind::Service(_) => None,
        }
    }
}
