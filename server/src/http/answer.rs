//! Answers that are no operation's, and what every answer has.

use backpack_api::SERVICE;
use backpack_api::runtime::http::header::{ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use backpack_api::runtime::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use backpack_api::runtime::service::Operation;
use backpack_api::runtime::transport::ReasonPhrase;
use bytes::Bytes;

use super::host::Host;
use crate::Refusal;

const STATUS: HeaderName = HeaderName::from_static("status");

/// What broke, as the API says it.
const INTERNAL: &str = "Internal error";

/// A failure in the form of a style: its own document where it has one, with the status as its code; else the sentence
/// in the status line, and as plain text.
pub(super) fn failure(form: Form, status: StatusCode, sentence: &str) -> Response<Bytes> {
    let document = form.0.and_then(|operation| operation.refuse(status, sentence).ok());
    document.unwrap_or_else(|| because(plain(status, sentence), sentence))
}

/// The form of failures: that of an operation, any of the same style.
#[derive(Clone, Copy)]
pub(super) struct Form(Option<&'static Operation>);

impl Form {
    /// By the path, whether there is such an operation or not.
    pub(super) fn at(path: &str) -> Self {
        let with_document = || SERVICE.operations.iter().copied().find(|operation| operation.style.failure.is_some());
        Self(path.starts_with("/ws/").then(with_document).flatten())
    }

    /// Of an operation.
    pub(super) fn of(operation: &'static Operation) -> Self {
        Self(Some(operation).filter(|operation| operation.style.failure.is_some()))
    }

    /// Whether failures have a document.
    pub(super) fn is_document(self) -> bool {
        self.0.is_some()
    }
}

/// A refusal. Where failures have a document, that a value is bad is not told from that something broke; the sentence is
/// in the status line then.
pub(super) fn refusal(form: Form, refusal: &Refusal) -> Response<Bytes> {
    match refusal {
        Refusal::Invalid(_) | Refusal::Unreadable(_) if form.is_document() => {
            because(failure(form, StatusCode::INTERNAL_SERVER_ERROR, INTERNAL), refusal.message())
        }
        Refusal::Unavailable => later(failure(form, refusal.status(), refusal.message()), 5),
        _ => failure(form, refusal.status(), refusal.message()),
    }
}

/// Too many requests: there is room again in so many seconds.
pub(super) fn too_many(form: Form, seconds: u64) -> Response<Bytes> {
    later(failure(form, StatusCode::SERVICE_UNAVAILABLE, "Too many requests"), seconds)
}

fn later(mut response: Response<Bytes>, seconds: u64) -> Response<Bytes> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn because(mut response: Response<Bytes>, sentence: &str) -> Response<Bytes> {
    response.extensions_mut().insert(ReasonPhrase(sentence.to_owned()));
    response
}

/// A sentence as plain text.
pub(super) fn plain(status: StatusCode, sentence: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(sentence.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The path is known, the method is not.
pub(super) fn wrong_method(form: Form, methods: &[Method]) -> Response<Bytes> {
    let mut response = failure(form, StatusCode::METHOD_NOT_ALLOWED, "This address takes other methods");
    let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// The same is at another address.
pub(super) fn elsewhere(address: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// With a `Location` as the original has it: an address where it is all of the answer, a path where the new thing itself
/// is in the body.
pub(super) fn located(mut response: Response<Bytes>, host: &Host) -> Response<Bytes> {
    let alone = response.body().is_empty();
    if let Some(location) = response.headers_mut().get_mut(LOCATION)
        && alone
        && let Ok(path) = location.to_str()
        && let Ok(address) = HeaderValue::try_from([host.scheme(), "://", &host.authority, path].concat())
    {
        *location = address;
    }
    response
}

/// With what every answer has: the status once more in a header, which is all that some clients read, and the sentence
/// of a refusal in the status line.
pub(super) fn finished(mut response: Response<Bytes>) -> Response<Bytes> {
    let status = response.status();
    let own = response.extensions_mut().remove::<ReasonPhrase>().map(|reason| reason.0);
    let phrase = own.as_deref().or(status.canonical_reason()).unwrap_or_default();
    if let Ok(line) = HeaderValue::try_from([status.as_str(), " ", phrase].concat()) {
        response.headers_mut().insert(STATUS, line);
    }
    if let Some(phrase) = own.and_then(|own| hyper::ext::ReasonPhrase::try_from(own).ok()) {
        response.extensions_mut().insert(phrase);
    }
    response
}
