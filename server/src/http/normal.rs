//! What old clients send, brought into the one form that is read.
//!
//! - Of several slashes in a path one counts, and none at its end.
//! - Names of headers have dashes: `X-POST_DATA_FORMAT` is `X-POST-DATA-FORMAT`.
//! - HTTP Basic, with the token as the user, is the bearer's header.
//! - A token that stands first in the path of an operation with another carrier goes into a header.
//! - `HEAD` is `GET`, but for the body of the answer.
//! - A body is XML, without a byte order mark, a declaration, or white space before it, or the tree of another format.

use backpack_api::runtime::http::header::{AUTHORIZATION, CONTENT_TYPE};
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::uri::PathAndQuery;
use backpack_api::runtime::http::{HeaderName, HeaderValue, Method, Uri};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::formats::{Format, Malformed, RequestBody};

const FORMAT: HeaderName = HeaderName::from_static("x-post-data-format");
const TOKEN: HeaderName = HeaderName::from_static("x-bp-token");

/// Brings the head of a request into its normal form.
pub(super) fn head(parts: &mut Parts) {
    dashes(parts);
    if let Some(uri) = slashes(&parts.uri) {
        parts.uri = uri;
    }
    if let Some(bearer) = parts.headers.get(AUTHORIZATION).and_then(bearer) {
        parts.headers.insert(AUTHORIZATION, bearer);
    }
    if let Some((token, rest)) = token_in_path(&parts.uri) {
        parts.uri = rest;
        parts.headers.insert(TOKEN, token);
    }
    if parts.method == Method::HEAD {
        parts.method = Method::GET;
    }
}

/// An address without the slashes that are too many, if there are any.
fn slashes(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.starts_with('/') || path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let parted = path.split('/').filter(|segment| !segment.is_empty()).flat_map(|segment| ["/", segment]);
    let path: String = parted.collect();
    with_path(uri, if path.is_empty() { "/" } else { &path })
}

/// The same address, with another path.
fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from([path, &query].concat()).ok()?);
    Uri::from_parts(parts).ok()
}

/// A header that is there under both names keeps the value of the right one.
fn dashes(parts: &mut Parts) {
    if !parts.headers.keys().any(|name| name.as_str().contains('_')) {
        return;
    }
    let named = parts.headers.iter().filter(|(name, _)| name.as_str().contains('_'));
    let renamed = named
        .filter_map(|(name, value)| Some((HeaderName::try_from(name.as_str().replace('_', "-")).ok()?, value.clone())));
    for (name, value) in renamed.collect::<Vec<_>>() {
        parts.headers.entry(name).or_insert(value);
    }
}

/// The user of `Basic` credentials as the token of a bearer; the password does not matter.
fn bearer(credentials: &HeaderValue) -> Option<HeaderValue> {
    let (scheme, encoded) = credentials.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let user = decoded.split(|byte| *byte == b':').next()?;
    let mut bearer = HeaderValue::from_bytes(&[b"Bearer ", user].concat()).ok()?;
    bearer.set_sensitive(true);
    Some(bearer)
}

/// A token as the first of several segments, and the address without it.
fn token_in_path(uri: &Uri) -> Option<(HeaderValue, Uri)> {
    let path = uri.path();
    let (token, _) = path.strip_prefix('/')?.split_once('/')?;
    if token.len() != 40 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut value = HeaderValue::from_str(token).ok()?;
    value.set_sensitive(true);
    Some((value, with_path(uri, path.get(1 + token.len()..)?)?))
}

/// An address with underscores for dashes and the extension, if it is another one then: the `Location` of what was created
/// is at times without.
pub(super) fn spelled_out(uri: &Uri) -> Option<Uri> {
    let path = uri.path().replace('-', "_");
    let path = if path.ends_with(".xml") { path } else { path + ".xml" };
    if path == uri.path() { None } else { with_path(uri, &path) }
}

/// Brings the body of a request into its normal form.
///
/// A body that begins as XML is XML, whatever the headers say, since many a client's HTTP library says something of its
/// own. Of others the format is in `X-POST-DATA-FORMAT`, or plain from how it begins, or in the `Content-Type`.
///
/// # Errors
///
/// [`Malformed`] if it is not in the format that it should be in.
pub(super) fn body(parts: &Parts, body: Bytes) -> Result<RequestBody, Malformed> {
    let start = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&body).trim_ascii_start();
    if start.starts_with(b"<") {
        let after = declaration(start);
        return Ok(RequestBody::Xml(if after.len() == body.len() { body } else { body.slice_ref(after) }));
    }
    match (start, format(parts, start)) {
        ([], _) => Ok(RequestBody::Xml(Bytes::new())),
        (_, Some(format)) => format.read(start).map(RequestBody::Tree),
        (_, None) => Ok(RequestBody::Xml(body)),
    }
}

fn format(parts: &Parts, start: &[u8]) -> Option<Format> {
    let named = |header: HeaderName| Format::from_header(parts.headers.get(header)?.to_str().ok()?);
    let begins = match start {
        [b'{', ..] => Some(Format::Json),
        [b'-', b'-', b'-', ..] => Some(Format::Yaml),
        _ => None,
    };
    named(FORMAT).or(begins).or_else(|| named(CONTENT_TYPE))
}

/// What follows the declaration. It may name an encoding that the text was in before it was sent, as .NET writes it; what
/// is sent is UTF-8, or it is not read.
fn declaration(start: &[u8]) -> &[u8] {
    let Some(rest) = start.strip_prefix(b"<?xml ") else { return start };
    let end = rest.windows(2).position(|two| two == b"?>");
    end.and_then(|end| rest.get(end + 2..)).map_or(start, <[u8]>::trim_ascii_start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::Request;
    use backpack_api::runtime::tree::Node;

    const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

    fn parts(headers: &[(&str, &str)], path: &str) -> Parts {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).map(|request| request.into_parts().0).unwrap_or_else(|_| Request::new(()).into_parts().0)
    }

    fn header(headers: &[(&str, &str)], name: &str) -> Option<String> {
        let mut parts = parts(headers, "/");
        head(&mut parts);
        Some(parts.headers.get(name)?.to_str().ok()?.to_owned())
    }

    #[test]
    fn an_underscore_in_a_header_is_a_dash() {
        assert_eq!(header(&[("X_BP_TOKEN", "abc")], "x-bp-token").as_deref(), Some("abc"));
        assert_eq!(header(&[("X_BP_TOKEN", "abc"), ("X-BP-Token", "def")], "x-bp-token").as_deref(), Some("def"));
    }

    #[test]
    fn the_user_of_basic_is_a_bearer_token() {
        let bearer = |text: &str| header(&[("Authorization", text)], "authorization");
        assert_eq!(bearer("Basic YWJjOlg=").as_deref(), Some("Bearer abc"));
        assert_eq!(bearer("basic YWJj").as_deref(), Some("Bearer abc"));
        assert_eq!(bearer("Bearer abc").as_deref(), Some("Bearer abc"));
        assert_eq!(bearer("Basic ?").as_deref(), Some("Basic ?"));
    }

    #[test]
    fn a_token_first_in_the_path_goes_into_a_header() {
        let mut parts = parts(&[], &format!("http://acme.example.com/{HEX}/calendars.xml?n=1"));
        head(&mut parts);
        assert_eq!(parts.uri.to_string(), "http://acme.example.com/calendars.xml?n=1");
        assert_eq!(parts.headers.get(TOKEN).map(HeaderValue::as_bytes), Some(HEX.as_bytes()));
    }

    #[test]
    fn slashes_that_are_too_many_do_not_count() {
        for (path, normal) in [
            ("//ws/pages/all", "/ws/pages/all"),
            ("/ws//page/1/", "/ws/page/1"),
            ("/calendars.xml/?n=1//2/", "/calendars.xml?n=1//2/"),
            ("//", "/"),
            ("http://acme.example.com//calendars.xml/", "http://acme.example.com/calendars.xml"),
        ] {
            let mut parts = parts(&[], path);
            head(&mut parts);
            assert_eq!(parts.uri.to_string(), normal);
        }
    }

    #[test]
    fn a_path_without_a_token_stays() {
        for path in ["/ws/pages/all", "/", &format!("/{HEX}.ics"), &format!("/{HEX}"), "/abc/reminders.xml"] {
            let mut parts = parts(&[], path);
            head(&mut parts);
            assert_eq!(parts.uri.to_string(), path);
            assert!(parts.headers.is_empty());
        }
    }

    fn normal(headers: &[(&str, &str)], text: &str) -> Option<String> {
        match body(&parts(headers, "/"), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(document) => String::from_utf8(document.to_vec()).ok(),
            RequestBody::Tree(_) => None,
        }
    }

    fn tree(headers: &[(&str, &str)], text: &str) -> Option<Node<'static>> {
        match body(&parts(headers, "/"), Bytes::copy_from_slice(text.as_bytes())).ok()? {
            RequestBody::Xml(_) => None,
            RequestBody::Tree(tree) => Some(tree),
        }
    }

    #[test]
    fn xml_is_xml_whatever_the_headers_say() {
        for headers in [
            &[][..],
            &[("X-POST-DATA-FORMAT", "yaml")],
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &[("Content-Type", "application/json")],
        ] {
            assert_eq!(normal(headers, "<request/>").as_deref(), Some("<request/>"));
            assert_eq!(normal(headers, "\u{FEFF}\r\n <request/>\r\n").as_deref(), Some("<request/>\r\n"));
        }
    }

    #[test]
    fn a_declaration_does_not_matter() {
        let declared = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<request/>";
        assert_eq!(normal(&[], declared).as_deref(), Some("<request/>"));
        assert_eq!(normal(&[], "<?xml version=").as_deref(), Some("<?xml version="));
    }

    #[test]
    fn other_formats_are_told_by_header_or_look() {
        let document = Node::read("<request><token>a</token></request>").ok();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        assert_eq!(tree(&[("X-POST-DATA-FORMAT", "yaml"), form[0]], "token: a"), document);
        assert_eq!(tree(&[("Content-Type", "application/x-yaml")], "token: a"), document);
        assert_eq!(tree(&form, "--- \ntoken: a"), document);
        assert_eq!(tree(&form, r#"{"token": "a"}"#), document);
        assert_eq!(tree(&form, "token=a"), document);
        assert_eq!(normal(&[], "token=a").as_deref(), Some("token=a"));
        assert_eq!(normal(&form, " \r\n").as_deref(), Some(""));
    }
}
