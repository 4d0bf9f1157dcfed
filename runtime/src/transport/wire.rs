//! What the transports over a real connection share.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use ::hyper::body::Body;
use ::hyper::ext::ReasonPhrase;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version};
use http_body_util::BodyExt;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::yield_now;

use super::patience::{Over, Patience};
use super::{Reason, Settings, TransportError, TransportErrorKind, own_sentence};

/// How long an idle connection is kept for the next request.
pub(super) const KEEP_IDLE: Duration = Duration::from_secs(15);

/// The runtime that polls this, which hyper and reqwest cannot be without: they panic.
pub(super) fn runtime() -> Result<Handle, TransportError> {
    Handle::try_current().map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest).with_source(error))
}

/// Lets the connections see what happened to them while they were idle and nobody drove the runtime: else a request would
/// go into one that the server closed long ago.
///
/// A runtime with one thread stands still outside `block_on`, and sees it when a task gives way. One with several may miss
/// it, too, while those of its threads that are awake are busy; there, giving way twice is what was found to be enough.
pub(super) async fn catch_up(runtime: &Handle, idle: Duration) {
    if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
        yield_now().await;
    } else if idle > Duration::from_millis(1) {
        yield_now().await;
        yield_now().await;
    }
}

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

/// Reads the whole body as it arrives; whoever decodes it has done so before.
pub(super) async fn read<B>(
    response: Response<B>,
    settings: &Settings,
    patience: &mut Patience,
    broken: impl Fn(B::Error) -> TransportError,
) -> Result<Response<Bytes>, TransportError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let (parts, mut body) = response.into_parts();
    let encoded = is_encoded(&parts.headers);
    let silent = |Over| TransportError::new(TransportErrorKind::Timeout);
    let limit = usize::try_from(settings.max_response).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut bytes = Vec::new();
    while let Some(frame) = patience.within(settings.read_timeout, body.frame()).await.map_err(silent)? {
        let Ok(piece) = frame.map_err(&broken)?.into_data() else { continue };
        if encoded && !piece.is_empty() {
            return Err(TransportError::new(TransportErrorKind::Encoded));
        }
        if piece.len() > limit - first.len().max(bytes.len()) {
            return Err(TransportError::new(TransportErrorKind::TooLarge));
        }
        // Most answers come in one piece, which need not be copied.
        if first.is_empty() && bytes.is_empty() {
            first = piece;
            continue;
        }
        // What never has to be waited for meets no timer.
        patience.is_left().map_err(silent)?;
        bytes.extend_from_slice(&std::mem::take(&mut first));
        bytes.extend_from_slice(&piece);
    }
    let body = if bytes.is_empty() { first } else { Bytes::from(bytes) };
    let mut response = Response::from_parts(parts, body);
    note_reason(&mut response);
    Ok(response)
}

/// Whether the body is something else than it will be when it is decoded.
fn is_encoded(headers: &HeaderMap) -> bool {
    let plain = |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    let is_plain = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.split(',').all(plain));
    !headers.get_all(CONTENT_ENCODING).iter().all(is_plain)
}

/// Notes the sentence of the status line, unless it is the standard phrase.
fn note_reason(response: &mut Response<Bytes>) {
    let Some(phrase) = response.extensions_mut().remove::<ReasonPhrase>() else { return };
    if let Some(own) = own_sentence(response, &String::from_utf8_lossy(phrase.as_bytes())) {
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
