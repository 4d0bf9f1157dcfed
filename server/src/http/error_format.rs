//! Error responses in the style of the operation, or as HTML.

use std::borrow::Cow;

use backpack_api::SERVICE;
use backpack_api::runtime::http::header::{ALLOW, RETRY_AFTER};
use backpack_api::runtime::http::{HeaderValue, Method, Response, StatusCode};
use backpack_api::runtime::service::Operation;
use backpack_api::runtime::transport::ReasonPhrase;
use bytes::Bytes;

use super::response::build_text;
use crate::api_error::ApiError;
use crate::feeds::{self, Feed};

/// Messages that the documentation of the API has for a status in an error envelope.
const DOCUMENTED_MESSAGES: [(StatusCode, &str); 2] =
    [(StatusCode::NOT_FOUND, "Record not found"), (StatusCode::INTERNAL_SERVER_ERROR, "Internal error")];

/// Seconds after which a client may retry while the database is unavailable or memory is short.
const UNAVAILABLE_RETRY_AFTER: u64 = 5;

/// Format of error responses.
///
/// In an envelope, the message follows the documented one as its reason: `Internal error: the time of the reminder is
/// in the past`. Most clients show only this text to their users.
#[derive(Clone, Copy)]
pub(super) enum ErrorFormat {
    /// The error envelope of an operation's style.
    Envelope(&'static Operation),
    /// The message as plain text, also as the reason phrase.
    Text,
    /// The message as an HTML page, for browsers.
    Page,
}

impl ErrorFormat {
    /// Returns the format for a path, also if no operation has that path: below `/ws/`, errors have an envelope.
    pub(super) fn for_path(path: &str) -> Self {
        if Feed::is_page_path(path) {
            return Self::Page;
        }
        let find_envelope = || SERVICE.operations.iter().copied().find(|operation| operation.style.failure.is_some());
        path.starts_with("/ws/").then(find_envelope).flatten().map_or(Self::Text, Self::Envelope)
    }

    /// Returns the format for an operation.
    pub(super) fn for_operation(operation: &'static Operation) -> Self {
        if operation.style.failure.is_some() { Self::Envelope(operation) } else { Self::Text }
    }

    /// Builds an error response. With status 503, it has a `Retry-After`.
    pub(super) fn build(self, status: StatusCode, message: &str) -> Response<Bytes> {
        let response = self.build_body(status, message);
        match status {
            StatusCode::SERVICE_UNAVAILABLE => with_retry_after(response, UNAVAILABLE_RETRY_AFTER),
            _ => response,
        }
    }

    /// Builds an error response without `Retry-After`.
    fn build_body(self, status: StatusCode, message: &str) -> Response<Bytes> {
        let text = || with_reason(build_text(status, message), message);
        match self {
            Self::Envelope(operation) => {
                operation.error_response(status, &add_documented(status, message)).unwrap_or_else(|_| text())
            }
            Self::Text => text(),
            Self::Page => with_reason(feeds::build_error_page(status, message), message),
        }
    }

    /// Builds the response for an [`ApiError`]. The envelope reports invalid values as internal errors, as the original
    /// service did.
    pub(super) fn build_api_error(self, error: &ApiError) -> Response<Bytes> {
        match error {
            ApiError::InvalidValue(_) | ApiError::InvalidField(_) if matches!(self, Self::Envelope(_)) => {
                with_reason(self.build(StatusCode::INTERNAL_SERVER_ERROR, error.message()), error.message())
            }
            _ => self.build(error.status(), error.message()),
        }
    }

    /// Builds the response for a request over the rate limit. `retry_after` is in seconds.
    pub(super) fn build_too_many_requests(self, retry_after: u64) -> Response<Bytes> {
        with_retry_after(self.build(StatusCode::SERVICE_UNAVAILABLE, "Too many requests"), retry_after)
    }

    /// Builds the response for a path that no operation has.
    pub(super) fn build_unknown_path(self) -> Response<Bytes> {
        let message = match self {
            Self::Page => feeds::NO_PUBLIC_PAGE,
            Self::Envelope(_) | Self::Text => "No operation has this path",
        };
        self.build(StatusCode::NOT_FOUND, message)
    }

    /// Builds the response for a path that does not accept the request's method.
    pub(super) fn build_method_not_allowed(self, allowed: &[Method]) -> Response<Bytes> {
        let mut response = self.build(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        if let Ok(allowed) = HeaderValue::try_from(allowed) {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }
}

/// Puts the documented message of a status in front of a message, which then begins in lower case.
fn add_documented(status: StatusCode, message: &str) -> Cow<'_, str> {
    let documented = DOCUMENTED_MESSAGES.into_iter().find(|(documented, _)| *documented == status);
    let Some((_, documented)) = documented.filter(|(_, documented)| *documented != message) else {
        return Cow::Borrowed(message);
    };
    let (first, rest) = message.split_at_checked(1).unwrap_or((message, ""));
    Cow::Owned(format!("{documented}: {}{rest}", first.to_ascii_lowercase()))
}

/// Sets `Retry-After`.
fn with_retry_after(mut response: Response<Bytes>, seconds: u64) -> Response<Bytes> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Sets the reason phrase of the status line.
fn with_reason(mut response: Response<Bytes>, message: &str) -> Response<Bytes> {
    response.extensions_mut().insert(ReasonPhrase(message.to_owned()));
    response
}
