//! Checks of a request head that hyper leaves to the service: host, codings and scheme (RFC 9110, RFC 9112).
//!
//! A request on which two servers could disagree is rejected, and its connection is closed. No part of it can then pass
//! as another request.

use backpack_api::runtime::http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HOST, TRANSFER_ENCODING};
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use bytes::Bytes;

use super::error_format::ErrorFormat;
use crate::account_host::check_host;

/// Reason why a request head is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadError {
    /// The header `Host` is missing in HTTP/1.1, or there are several.
    HostCount,
    /// The value of the header `Host` is invalid. A valid host in the target does not help, since a proxy may use either.
    InvalidHost,
    /// The scheme of an absolute target is neither `http` nor `https`.
    InvalidScheme,
    /// The header that frames the body has an underscore for a dash. A server that reads the two alike reads another
    /// body than hyper.
    MisspelledFraming,
    /// The body is chunked more than once.
    RepeatedChunked,
    /// The body has a transfer coding besides `chunked`.
    UnknownTransferCoding,
    /// The content has a coding, such as `gzip`.
    ContentCoding,
}

impl HeadError {
    /// HTTP status of the response.
    fn status(self) -> StatusCode {
        match self {
            Self::HostCount
            | Self::InvalidHost
            | Self::InvalidScheme
            | Self::MisspelledFraming
            | Self::RepeatedChunked => StatusCode::BAD_REQUEST,
            Self::UnknownTransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::ContentCoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// Message for the client.
    fn message(self) -> &'static str {
        match self {
            Self::HostCount => "A request needs exactly one Host header",
            Self::InvalidHost => "Invalid host",
            Self::InvalidScheme => "The scheme is neither http nor https",
            Self::MisspelledFraming => "Content-Length and Transfer-Encoding are written with a dash",
            Self::RepeatedChunked => "The body is chunked more than once",
            Self::UnknownTransferCoding => "The only supported transfer coding is chunked",
            Self::ContentCoding => "Content codings are not supported",
        }
    }

    /// Builds the response, after which the connection closes.
    pub(super) fn build_response(self, format: ErrorFormat) -> Response<Bytes> {
        let mut response = format.build(self.status(), self.message());
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        if self == Self::ContentCoding {
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response
    }
}

/// Checks a request head. hyper has checked its syntax and the framing of the body.
///
/// # Errors
///
/// [`HeadError`] for the first problem.
pub(super) fn check_head(parts: &Parts) -> Result<(), HeadError> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if host.is_empty() || check_host(host).is_ok() => {}
        (Some(_), None) => return Err(HeadError::InvalidHost),
        // HTTP/1.0 has no `Host`.
        (None, _) if parts.version < Version::HTTP_11 => {}
        _ => return Err(HeadError::HostCount),
    }
    let is_http = |scheme: &str| ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !parts.uri.scheme_str().is_none_or(is_http) {
        return Err(HeadError::InvalidScheme);
    }
    if ["content_length", "transfer_encoding"].iter().any(|name| parts.headers.contains_key(*name)) {
        return Err(HeadError::MisspelledFraming);
    }
    match list_codings(&parts.headers, TRANSFER_ENCODING).collect::<Vec<_>>()[..] {
        [] => {}
        [coding] if coding.eq_ignore_ascii_case(b"chunked") => {}
        ref codings if codings.iter().all(|coding| coding.eq_ignore_ascii_case(b"chunked")) => {
            return Err(HeadError::RepeatedChunked);
        }
        _ => return Err(HeadError::UnknownTransferCoding),
    }
    let has_coding =
        list_codings(&parts.headers, CONTENT_ENCODING).any(|coding| !coding.eq_ignore_ascii_case(b"identity"));
    if has_coding { Err(HeadError::ContentCoding) } else { Ok(()) }
}

/// Lists the codings in all headers with a name.
fn list_codings(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(name).into_iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    values.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty())
}
