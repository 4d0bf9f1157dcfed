//! Answers that are no operation's, and what every answer has.

use backpack_api::runtime::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use backpack_api::runtime::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use backpack_api::runtime::service::Operation;
use backpack_api::runtime::transport::Reason;
use bytes::Bytes;

use crate::Refusal;

/// A refusal, in the form of the operation's style.
pub(super) fn refusal(operation: &Operation, refusal: &Refusal) -> Response<Bytes> {
    let mut response = refused(operation, refusal.status(), refusal.message());
    if *refusal == Refusal::Unavailable {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// A refusal with a sentence, in the form of the operation's style.
pub(super) fn refused(operation: &Operation, status: StatusCode, sentence: &'static str) -> Response<Bytes> {
    operation.refuse(status, sentence).unwrap_or_else(|_| plain(status, sentence))
}

/// A sentence as plain text.
pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(sentence.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The path is known, the method is not.
pub(super) fn wrong_method(methods: &[Method]) -> Response<Bytes> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "This address takes other methods");
    let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// With what every answer has: the status once more in a header, which is all that some clients read, and the sentence
/// of a refusal in the status line.
pub(super) fn finished(mut response: Response<Bytes>) -> Response<Bytes> {
    let status = response.status();
    let standard = status.canonical_reason().unwrap_or_default().to_owned();
    let own = response.extensions_mut().remove::<Reason>().map(|reason| reason.0);
    let line = format!("{} {}", status.as_str(), own.as_deref().unwrap_or(&standard));
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().insert(HeaderName::from_static("status"), line);
    }
    if let Some(phrase) = own.and_then(|own| hyper::ext::ReasonPhrase::try_from(own).ok()) {
        response.extensions_mut().insert(phrase);
    }
    response
}
