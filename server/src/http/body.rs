//! Request bodies: receives them within the limits, and reads them as XML or as the tree of another format.

use std::sync::Arc;

use backpack_api::runtime::http::header::{CONTENT_TYPE, EXPECT};
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::{HeaderName, StatusCode};
use backpack_api::runtime::xml::skip_white;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use super::chunked_body::CHUNK_SIZE;
use super::connection_limit::{ConnectionSlot, OutOfMemory, Reservation};
use super::formats::{Format, Malformed, RequestBody};
use crate::ApiError;
use crate::config::Limits;

/// Header in which old clients declare the format of a body, such as `yaml`.
const FORMAT_HEADER: HeaderName = HeaderName::from_static("x-post-data-format");

/// Message for malformed bodies.
pub(super) const MALFORMED: &str = "The request is not well-formed";

/// Reason why a request body is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The body exceeds the size limit.
    TooLarge,
    /// The bodies of other requests and responses leave too little memory.
    OutOfMemory,
    /// The connection closed before the body was complete, or its chunks are invalid.
    Incomplete,
    /// The client took too long to send the body.
    TimedOut,
    /// The body is not valid in its declared or detected format.
    Malformed,
}

impl BodyError {
    /// HTTP status of the response.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::OutOfMemory => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Incomplete | Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }

    /// Message for the client.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The request is too large",
            Self::OutOfMemory => ApiError::Overloaded.message(),
            Self::Incomplete => "Connection closed before the request was complete",
            Self::TimedOut => "The request took too long",
            Self::Malformed => MALFORMED,
        }
    }
}

impl From<Malformed> for BodyError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<OutOfMemory> for BodyError {
    fn from(_: OutOfMemory) -> Self {
        Self::OutOfMemory
    }
}

/// Body that is being received. Its parts are copied into one buffer: a part of a few bytes would otherwise keep the
/// whole buffer that hyper read it into.
#[derive(Default)]
struct ReceivedBody {
    bytes: Vec<u8>,
    /// Memory for all bytes; empty up to [`CHUNK_SIZE`].
    reservations: Vec<Reservation>,
}

/// Receives a whole body. Its memory is reserved as it arrives, and belongs to the body until the reservations are
/// dropped.
///
/// # Errors
///
/// [`BodyError`] if the body exceeds the size limit, takes longer than the timeout, does not arrive completely, or too
/// little memory is left for it.
pub(super) async fn receive_body(
    parts: &Parts,
    mut body: Incoming,
    limits: &Limits,
    slot: &Arc<ConnectionSlot>,
) -> Result<(Bytes, Vec<Reservation>), BodyError> {
    let max_size = limits.max_request_size;
    // A client that waits for `100 Continue` receives the error before it sends anything.
    if body.size_hint().lower() > max_size as u64 && parts.headers.contains_key(EXPECT) {
        return Err(BodyError::TooLarge);
    }
    let deadline = Instant::now() + limits.body_timeout;
    let mut received = ReceivedBody::default();
    let result = timeout_at(deadline, received.receive(&mut body, max_size, slot)).await;
    match result.unwrap_or(Err(BodyError::TimedOut)) {
        Ok(()) => Ok((received.bytes.into(), received.reservations)),
        Err(error @ (BodyError::TooLarge | BodyError::OutOfMemory)) => {
            drop(received);
            discard_rest(body, deadline).await;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Receives a body and discards it, before its request is rejected. A client that waits for `100 Continue` receives the
/// error at once.
pub(super) async fn discard_body(parts: &Parts, body: Incoming, limits: &Limits) {
    if !parts.headers.contains_key(EXPECT) {
        discard_rest(body, Instant::now() + limits.body_timeout).await;
    }
}

/// Discards the rest of a body, since many clients do not read a response before they have sent the whole request.
async fn discard_rest(mut body: Incoming, deadline: Instant) {
    let rest = async { while body.frame().await.is_some_and(|frame| frame.is_ok()) {} };
    let _ = timeout_at(deadline, rest).await;
}

impl ReceivedBody {
    /// Receives all parts of a body.
    async fn receive(
        &mut self,
        body: &mut Incoming,
        max_size: usize,
        slot: &Arc<ConnectionSlot>,
    ) -> Result<(), BodyError> {
        while let Some(frame) = body.frame().await {
            // A frame without data has trailers, which have no meaning here.
            if let Ok(part) = frame.map_err(|_| BodyError::Incomplete)?.into_data() {
                self.append(&part, max_size, slot)?;
            }
        }
        Ok(())
    }

    /// Appends a part. Each full chunk is progress of the client.
    fn append(&mut self, part: &[u8], max_size: usize, slot: &Arc<ConnectionSlot>) -> Result<(), BodyError> {
        let size = self.bytes.len() + part.len();
        if size > max_size {
            return Err(BodyError::TooLarge);
        }
        let capacity = self.bytes.capacity();
        if size > capacity {
            let new_capacity = size.next_power_of_two().min(max_size);
            if new_capacity > CHUNK_SIZE {
                self.reservations.push(slot.reserve(new_capacity - capacity)?);
            }
            self.bytes.reserve_exact(new_capacity - self.bytes.len());
        }
        if size / CHUNK_SIZE > self.bytes.len() / CHUNK_SIZE {
            slot.record_progress();
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }
}

/// Reads a body: an XML document, which is not read yet, or the tree of another format.
///
/// A body that starts with `<` after white space is XML regardless of the headers: the HTTP libraries of many clients set
/// a default `Content-Type`. Otherwise, `X-POST-DATA-FORMAT` decides the format, then the first bytes, then the
/// `Content-Type`.
///
/// # Errors
///
/// [`Malformed`] if the body is not in that format.
pub(super) fn read_body(parts: &Parts, body: Bytes) -> Result<RequestBody, Malformed> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&body);
    // JSON and XML have the same white space.
    let start = text.get(skip_white(text, 0)..).unwrap_or_default();
    match (start, detect_format(parts, start)) {
        // An empty body is an empty document, in every format.
        ([], _) => Ok(RequestBody::Xml(Bytes::new())),
        ([b'<', ..], _) => Ok(RequestBody::Xml(body)),
        (_, Some(format)) => format.read(start).map(RequestBody::Tree),
        // Not XML either, but the XML parser rejects it with a specific error.
        (_, None) => Ok(RequestBody::Xml(body)),
    }
}

/// Finds the format of a body that does not start with `<`; `None` if neither headers nor first bytes tell it.
fn detect_format(parts: &Parts, start: &[u8]) -> Option<Format> {
    let by_header = |header: HeaderName| Format::from_header(parts.headers.get(header)?.to_str().ok()?);
    let by_start = match start {
        [b'{', ..] => Some(Format::Json),
        [b'-', b'-', b'-', ..] => Some(Format::Yaml),
        _ => None,
    };
    by_header(FORMAT_HEADER).or(by_start).or_else(|| by_header(CONTENT_TYPE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::Request;
    use backpack_api::runtime::params::ParamNode;

    /// Builds the head of a request with these headers.
    fn build_parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).map(|request| request.into_parts().0).unwrap_or_else(|_| Request::new(()).into_parts().0)
    }

    /// Reads a body as XML; `None` if it is malformed or in another format.
    fn read_xml(headers: &[(&str, &str)], text: &str) -> Option<String> {
        match read_body(&build_parts(headers), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(document) => String::from_utf8(document.to_vec()).ok(),
            RequestBody::Tree(_) => None,
        }
    }

    /// Reads a body in a format other than XML; `None` if it is malformed or XML.
    fn read_tree(headers: &[(&str, &str)], text: &str) -> Option<ParamNode<'static>> {
        match read_body(&build_parts(headers), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(_) => None,
            RequestBody::Tree(tree) => Some(tree),
        }
    }

    #[test]
    fn detects_xml_regardless_of_the_headers() {
        for headers in [
            &[][..],
            &[("X-POST-DATA-FORMAT", "yaml")],
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &[("Content-Type", "application/json")],
        ] {
            assert_eq!(read_xml(headers, "<request/>").as_deref(), Some("<request/>"));
            let marked = "\u{FEFF}\r\n <request/>\r\n";
            assert_eq!(read_xml(headers, marked).as_deref(), Some(marked));
        }
    }

    #[test]
    fn leaves_the_xml_declaration_to_the_parser() {
        for document in [
            "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<request/>",
            "<?xml version=",
            "<?xml bogus?><request/>",
            " <?xml version=\"1.0\"?><request/>",
            "\u{C}<request/>",
            "\u{C}",
        ] {
            assert_eq!(read_xml(&[], document).as_deref(), Some(document));
        }
    }

    #[test]
    fn detects_other_formats_by_header_or_first_bytes() {
        let document = ParamNode::read("<request><token>a</token></request>").ok();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        assert_eq!(read_tree(&[("X-POST-DATA-FORMAT", "yaml"), form[0]], "token: a"), document);
        assert_eq!(read_tree(&[("Content-Type", "application/x-yaml")], "token: a"), document);
        assert_eq!(read_tree(&form, "--- \ntoken: a"), document);
        assert_eq!(read_tree(&form, r#"{"token": "a"}"#), document);
        assert_eq!(read_tree(&form, "token=a"), document);
        assert_eq!(read_xml(&[], "token=a").as_deref(), Some("token=a"));
        assert_eq!(read_xml(&form, " \r\n").as_deref(), Some(""));
    }
}
