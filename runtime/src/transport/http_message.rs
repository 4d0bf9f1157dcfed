//! Prepares requests and reads responses, for all transports over a real connection.

use std::error::Error as StdError;
use std::io;

use ::hyper::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version};
use http_body_util::BodyExt;

use super::attempt_timer::{AttemptTimer, Elapsed};
use super::config::TransportConfig;
use super::connector::is_tls_error;
use super::error::{TransportError, TransportErrorKind};
use super::reason::{ReasonPhrase, parse_custom_phrase};

/// Prepares a request: checks its URL, sets the HTTP version, and replaces `Transfer-Encoding` and `Content-Length`.
///
/// A `Content-Length` is set if there is a body, and for `POST`, `PUT` and `PATCH`. It is set here because libraries
/// differ for an empty `POST` and for a `DELETE` with a body.
pub(super) fn prepare_request(mut request: Request<Bytes>) -> Result<Request<Bytes>, TransportError> {
    check_url(request.uri())
        .map_err(|message| TransportError::new(TransportErrorKind::InvalidRequest).with_source(message))?;
    *request.version_mut() = Version::HTTP_11;
    let length = request.body().len();
    let needs_length = length > 0 || matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
    let headers = request.headers_mut();
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    if needs_length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(request)
}

/// Returns an error if a URL is not absolute, has another scheme than http and https, or has a user name.
fn check_url(uri: &Uri) -> Result<(), &'static str> {
    let is_http = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme());
    if !is_http || uri.host().unwrap_or_default().is_empty() {
        return Err("the URL must start with http:// or https:// and a host");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        // Libraries differ: one turns the user name into a header, another drops it.
        return Err("the URL must not contain a user name");
    }
    Ok(())
}

/// Reads the whole body of a response, up to the size limit. If the transport decodes bodies, `response` has already
/// been decoded, and its headers name no encoding.
pub(super) async fn read_response<B>(
    response: Response<B>,
    config: &TransportConfig,
    timer: &mut AttemptTimer,
    convert_error: impl Fn(B::Error) -> TransportError,
) -> Result<Response<Bytes>, TransportError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let (parts, mut body) = response.into_parts();
    let is_encoded = is_encoded_body(&parts.headers);
    let timed_out = |Elapsed| TransportError::new(TransportErrorKind::Timeout);
    let limit = usize::try_from(config.max_response_size).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut bytes = Vec::new();
    while let Some(frame) = timer.timeout(config.read_timeout, body.frame()).await.map_err(timed_out)? {
        // Trailers are ignored.
        let Ok(piece) = frame.map_err(&convert_error)?.into_data() else { continue };
        if is_encoded && !piece.is_empty() {
            return Err(TransportError::new(TransportErrorKind::UnexpectedEncoding));
        }
        // At most one of the two is not empty: the bytes that were read so far.
        if piece.len() > limit - first.len().max(bytes.len()) {
            return Err(TransportError::new(TransportErrorKind::TooLarge));
        }
        // Most bodies arrive in one piece, which is then not copied.
        if first.is_empty() && bytes.is_empty() {
            first = piece;
            continue;
        }
        // Pieces that are available at once never reach the timer, so the deadline is checked here.
        timer.check_deadline().map_err(timed_out)?;
        bytes.extend_from_slice(&std::mem::take(&mut first));
        bytes.extend_from_slice(&piece);
    }
    let body = if bytes.is_empty() { first } else { Bytes::from(bytes) };
    let mut response = Response::from_parts(parts, body);
    keep_custom_phrase(&mut response);
    Ok(response)
}

/// Returns the kind of an error that occurred on an open connection, while a request was sent or its response was read.
pub(super) fn classify_hyper_error(error: &::hyper::Error) -> TransportErrorKind {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
    match cause {
        _ if error.is_parse_too_large() => TransportErrorKind::HeadTooLarge,
        _ if error.is_parse() => TransportErrorKind::Protocol,
        // hyper reports malformed chunks as I/O errors, and so does rustls the errors of a broken TLS connection.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) if !is_tls_error(error) => {
            TransportErrorKind::Protocol
        }
        _ => TransportErrorKind::ConnectionLost,
    }
}

/// `true` if the headers name an encoding other than `identity`.
fn is_encoded_body(headers: &HeaderMap) -> bool {
    let is_identity = |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    let all_identity = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.split(',').all(is_identity));
    !headers.get_all(CONTENT_ENCODING).iter().all(all_identity)
}

/// Replaces hyper's reason phrase by a [`ReasonPhrase`]. An empty phrase and the standard one are removed.
fn keep_custom_phrase(response: &mut Response<Bytes>) {
    let Some(phrase) = response.extensions_mut().remove::<::hyper::ext::ReasonPhrase>() else { return };
    if let Some(custom) = parse_custom_phrase(response, &String::from_utf8_lossy(phrase.as_bytes())) {
        response.extensions_mut().insert(ReasonPhrase(custom));
    }
}
