//! Request bodies: receives them within the limits, and brings them into one format.

use backpack_api::runtime::http::header::{CONTENT_TYPE, EXPECT};
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::{HeaderName, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use super::formats::{Format, Malformed, RequestBody};
use crate::config::Limits;

const FORMAT_HEADER: HeaderName = HeaderName::from_static("x-post-data-format");

/// Message for bodies that are not in their format.
pub(super) const MALFORMED: &str = "The request is not well-formed";

/// Reason for which a request body cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The body exceeds the size limit.
    TooLarge,
    /// The connection closed before the body was complete.
    Incomplete,
    /// The client took too long to send the body.
    TimedOut,
    /// The body is not in the format that it claims or seems to be in.
    Malformed,
}

impl BodyError {
    /// HTTP status of the response.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Incomplete | Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }

    /// Message for the client.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The request is too large",
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

/// Receives a whole body.
///
/// # Errors
///
/// [`BodyError`] if the body exceeds the limits or the connection closes.
pub(super) async fn receive_body(parts: &Parts, mut body: Incoming, limits: &Limits) -> Result<Bytes, BodyError> {
    let max_size = limits.max_request_size;
    // A client that waits for `100 Continue` receives the error before it sends anything.
    if body.size_hint().lower() > max_size as u64 && parts.headers.contains_key(EXPECT) {
        return Err(BodyError::TooLarge);
    }
    let deadline = Instant::now() + limits.body_timeout;
    match timeout_at(deadline, Limited::new(&mut body, max_size).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            // Many clients do not read a response before they have sent the whole request.
            let rest = async { while body.frame().await.is_some_and(|frame| frame.is_ok()) {} };
            let _ = timeout_at(deadline, rest).await;
            Err(BodyError::TooLarge)
        }
        Ok(Err(_)) => Err(BodyError::Incomplete),
        Err(_) => Err(BodyError::TimedOut),
    }
}

/// Reads a body: XML without byte order mark, declaration and leading white space, or the tree of another format.
///
/// A body that starts with `<` is XML whatever the headers say, since the HTTP libraries of many clients set a
/// `Content-Type` of their own. Otherwise, `X-POST-DATA-FORMAT` names the format, then the first bytes do, then the
/// `Content-Type`.
///
/// # Errors
///
/// [`Malformed`] if the body is not in that format.
pub(super) fn read_body(parts: &Parts, body: Bytes) -> Result<RequestBody, Malformed> {
    let start = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&body).trim_ascii_start();
    if start.starts_with(b"<") {
        let document = skip_declaration(start);
        return Ok(RequestBody::Xml(if document.len() == body.len() { body } else { body.slice_ref(document) }));
    }
    match (start, detect_format(parts, start)) {
        ([], _) => Ok(RequestBody::Xml(Bytes::new())),
        (_, Some(format)) => format.read(start).map(RequestBody::Tree),
        // The XML parser rejects it, and says why.
        (_, None) => Ok(RequestBody::Xml(body)),
    }
}

fn detect_format(parts: &Parts, start: &[u8]) -> Option<Format> {
    let by_header = |header: HeaderName| Format::from_header(parts.headers.get(header)?.to_str().ok()?);
    let by_start = match start {
        [b'{', ..] => Some(Format::Json),
        [b'-', b'-', b'-', ..] => Some(Format::Yaml),
        _ => None,
    };
    by_header(FORMAT_HEADER).or(by_start).or_else(|| by_header(CONTENT_TYPE))
}

/// Skips an XML declaration. The encoding that it names is ignored: .NET writes the encoding of the string before it was
/// sent, and only UTF-8 is read.
fn skip_declaration(start: &[u8]) -> &[u8] {
    let Some(rest) = start.strip_prefix(b"<?xml ") else { return start };
    let end = rest.windows(2).position(|two| two == b"?>");
    end.and_then(|end| rest.get(end + 2..)).map_or(start, <[u8]>::trim_ascii_start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::Request;
    use backpack_api::runtime::tree::Node;

    fn build_parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).map(|request| request.into_parts().0).unwrap_or_else(|_| Request::new(()).into_parts().0)
    }

    fn read_xml(headers: &[(&str, &str)], text: &str) -> Option<String> {
        match read_body(&build_parts(headers), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(document) => String::from_utf8(document.to_vec()).ok(),
            RequestBody::Tree(_) => None,
        }
    }

    fn read_tree(headers: &[(&str, &str)], text: &str) -> Option<Node<'static>> {
        match read_body(&build_parts(headers), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(_) => None,
            RequestBody::Tree(tree) => Some(tree),
        }
    }

    #[test]
    fn detects_xml_whatever_the_headers_say() {
        for headers in [
            &[][..],
            &[("X-POST-DATA-FORMAT", "yaml")],
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &[("Content-Type", "application/json")],
        ] {
            assert_eq!(read_xml(headers, "<request/>").as_deref(), Some("<request/>"));
            assert_eq!(read_xml(headers, "\u{FEFF}\r\n <request/>\r\n").as_deref(), Some("<request/>\r\n"));
        }
    }

    #[test]
    fn removes_the_xml_declaration() {
        let declared = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<request/>";
        assert_eq!(read_xml(&[], declared).as_deref(), Some("<request/>"));
        assert_eq!(read_xml(&[], "<?xml version=").as_deref(), Some("<?xml version="));
    }

    #[test]
    fn detects_other_formats_by_header_or_first_bytes() {
        let document = Node::read("<request><token>a</token></request>").ok();
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
