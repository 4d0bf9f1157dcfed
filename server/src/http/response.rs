//! Responses without an operation, such as redirects, and the headers of all responses.

use backpack_api::runtime::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use backpack_api::runtime::http::{HeaderName, HeaderValue, Response, StatusCode};
use backpack_api::runtime::transport::ReasonPhrase;
use bytes::Bytes;

use crate::account_host::AccountHost;

/// Header that repeats the status line.
const STATUS: HeaderName = HeaderName::from_static("status");

/// Builds a plain-text response.
pub(super) fn build_text(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Builds a temporary redirect: `302 Found` with a `Location`.
pub(super) fn redirect_to(url: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(url) = HeaderValue::try_from(url) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

/// Makes the `Location` of a response without a body an absolute URL, as the original service sent it. A response whose
/// body is the new resource keeps the path.
pub(super) fn complete_location(mut response: Response<Bytes>, host: &AccountHost) -> Response<Bytes> {
    let has_body = !response.body().is_empty();
    if let Some(location) = response.headers_mut().get_mut(LOCATION)
        && !has_body
        && let Ok(path) = location.to_str()
        && let Ok(url) = HeaderValue::try_from([host.scheme(), "://", &host.authority, path].concat())
    {
        *location = url;
    }
    response
}

/// Forbids caches to store a response without rules of its own, since most responses contain private data.
pub(super) fn forbid_storage(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Adds the header `Status`, which some clients read instead of the status line, and passes the reason phrase to hyper.
pub(super) fn add_status(mut response: Response<Bytes>) -> Response<Bytes> {
    let status = response.status();
    let reason = response.extensions_mut().remove::<ReasonPhrase>().map(|reason| reason.0);
    let phrase = reason.as_deref().or(status.canonical_reason()).unwrap_or_default();
    if let Ok(line) = HeaderValue::try_from([status.as_str(), " ", phrase].concat()) {
        response.headers_mut().insert(STATUS, line);
    }
    if let Some(phrase) = reason.and_then(|reason| hyper::ext::ReasonPhrase::try_from(reason).ok()) {
        response.extensions_mut().insert(phrase);
    }
    response
}
