//! What the transports over a real connection share.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, Response, Uri, Version};

use super::{Reason, TransportError, TransportErrorKind, own_sentence};

/// How long an idle connection is kept for the next request.
pub(super) const KEEP_IDLE: Duration = Duration::from_secs(15);

/// The request as every transport sends it: an address that can be reached, HTTP/1.1, a length where one is due.
///
/// The length is set here, because libraries differ on it for an empty `POST` and for a `DELETE` with a body.
pub(super) fn prepare(mut request: Request<Bytes>) -> Result<Request<Bytes>, TransportError> {
    check_address(request.uri())
        .map_err(|message| TransportError::new(TransportErrorKind::InvalidRequest).with_source(message))?;
    *request.version_mut() = Version::HTTP_11;
    let length = request.body().len();
    let due = length > 0 || matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let headers = request.headers_mut();
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    if due {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(request)
}

fn check_address(uri: &Uri) -> Result<(), &'static str> {
    let known = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme());
    if !known || uri.host().unwrap_or_default().is_empty() {
        return Err("the address must begin with http:// or https:// and a host");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        // One library would make a header of it, and another would drop it.
        return Err("the address must not hold a user name");
    }
    Ok(())
}

/// Notes the sentence of the status line, unless it is the standard phrase.
pub(super) fn note_reason<B>(response: &mut Response<B>, sentence: &[u8]) {
    if let Some(own) = own_sentence(response, &String::from_utf8_lossy(sentence)) {
        response.extensions_mut().insert(Reason(own));
    }
}

/// Whether rustls is what failed, however deep it is wrapped.
pub(super) fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An I/O error names as its source the source of what it wraps, and so hides one level.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}
