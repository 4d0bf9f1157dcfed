//! Normalization: converts the request heads of old clients to the documented form.
//!
//! - Redundant slashes in a path are removed.
//! - Header names have dashes: `X-POST_DATA_FORMAT` becomes `X-POST-DATA-FORMAT`.
//! - HTTP Basic credentials with the token as the user become a bearer token.
//! - A token in the first path segment is moved into a header.
//! - `HEAD` is handled as `GET`; hyper leaves the response body out.

use backpack_api::runtime::http::header::AUTHORIZATION;
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::uri::PathAndQuery;
use backpack_api::runtime::http::{HeaderName, HeaderValue, Method, Uri};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Header that carries a token.
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-bp-token");

/// Length of a token in hex digits.
const TOKEN_LENGTH: usize = 40;

/// Normalizes the head of a request.
pub(super) fn normalize_head(parts: &mut Parts) {
    normalize_header_names(parts);
    if let Some(uri) = normalize_path(&parts.uri) {
        parts.uri = uri;
    }
    if let Some(bearer) = parts.headers.get(AUTHORIZATION).and_then(convert_basic_to_bearer) {
        parts.headers.insert(AUTHORIZATION, bearer);
    }
    // A token in the path replaces one in the header.
    if let Some((token, rest)) = split_token_off_path(&parts.uri) {
        parts.uri = rest;
        parts.headers.insert(TOKEN_HEADER, token);
    }
    if parts.method == Method::HEAD {
        parts.method = Method::GET;
    }
}

/// Replaces underscores in header names by dashes. If a header is present under both names, the one with dashes wins.
fn normalize_header_names(parts: &mut Parts) {
    if !parts.headers.keys().any(|name| name.as_str().contains('_')) {
        return;
    }
    let misspelled = parts.headers.iter().filter(|(name, _)| name.as_str().contains('_'));
    let renamed = misspelled
        .filter_map(|(name, value)| Some((HeaderName::try_from(name.as_str().replace('_', "-")).ok()?, value.clone())));
    for (name, value) in renamed.collect::<Vec<_>>() {
        parts.headers.entry(name).or_insert(value);
    }
}

/// Returns the URI without empty path segments and the slash at the end; `None` if it has neither.
fn normalize_path(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.starts_with('/') || path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty()).flat_map(|segment| ["/", segment]);
    let path: String = segments.collect();
    replace_path(uri, if path.is_empty() { "/" } else { &path })
}

/// Returns the URI with another path and the same query; `None` if that is not a valid URI.
fn replace_path(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from([path, &query].concat()).ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns the user of HTTP Basic credentials as a bearer token; the password is ignored. Returns `None` for other
/// schemes and malformed credentials.
fn convert_basic_to_bearer(credentials: &HeaderValue) -> Option<HeaderValue> {
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

/// Splits off a token that is the first of several path segments. Returns the token and the rest of the URI, or `None`
/// if there is no such token.
fn split_token_off_path(uri: &Uri) -> Option<(HeaderValue, Uri)> {
    let path = uri.path();
    let (token, _) = path.strip_prefix('/')?.split_once('/')?;
    if token.len() != TOKEN_LENGTH || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut value = HeaderValue::from_str(token).ok()?;
    value.set_sensitive(true);
    Some((value, replace_path(uri, path.get(1 + token.len()..)?)?))
}

/// Returns the URI with underscores instead of dashes and with the extension `.xml`; `None` if it has that form
/// already. Some `Location` headers have the short form without these, and clients follow them.
pub(super) fn expand_location(uri: &Uri) -> Option<Uri> {
    let path = uri.path().replace('-', "_");
    let path = if path.ends_with(".xml") { path } else { path + ".xml" };
    if path == uri.path() { None } else { replace_path(uri, &path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::Request;

    const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

    /// Builds the head of a request with these headers and this path.
    fn build_parts(headers: &[(&str, &str)], path: &str) -> Parts {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).map(|request| request.into_parts().0).unwrap_or_else(|_| Request::new(()).into_parts().0)
    }

    /// Normalizes a head with these headers, and returns the value of one of them.
    fn normalize_and_get(headers: &[(&str, &str)], name: &str) -> Option<String> {
        let mut parts = build_parts(headers, "/");
        normalize_head(&mut parts);
        Some(parts.headers.get(name)?.to_str().ok()?.to_owned())
    }

    #[test]
    fn treats_underscores_in_header_names_as_dashes() {
        assert_eq!(normalize_and_get(&[("X_BP_TOKEN", "abc")], "x-bp-token").as_deref(), Some("abc"));
        assert_eq!(
            normalize_and_get(&[("X_BP_TOKEN", "abc"), ("X-BP-Token", "def")], "x-bp-token").as_deref(),
            Some("def")
        );
    }

    #[test]
    fn reads_the_user_of_basic_credentials_as_a_bearer_token() {
        let normalized = |text: &str| normalize_and_get(&[("Authorization", text)], "authorization");
        assert_eq!(normalized("Basic YWJjOlg=").as_deref(), Some("Bearer abc"));
        assert_eq!(normalized("basic YWJj").as_deref(), Some("Bearer abc"));
        assert_eq!(normalized("Bearer abc").as_deref(), Some("Bearer abc"));
        assert_eq!(normalized("Basic ?").as_deref(), Some("Basic ?"));
    }

    #[test]
    fn moves_a_token_from_the_path_into_a_header() {
        let mut parts = build_parts(&[], &format!("http://acme.example.com/{HEX}/calendars.xml?n=1"));
        normalize_head(&mut parts);
        assert_eq!(parts.uri.to_string(), "http://acme.example.com/calendars.xml?n=1");
        assert_eq!(parts.headers.get(TOKEN_HEADER).map(HeaderValue::as_bytes), Some(HEX.as_bytes()));
    }

    #[test]
    fn removes_redundant_slashes() {
        for (path, normalized) in [
            ("//ws/pages/all", "/ws/pages/all"),
            ("/ws//page/1/", "/ws/page/1"),
            ("/calendars.xml/?n=1//2/", "/calendars.xml?n=1//2/"),
            ("//", "/"),
            ("http://acme.example.com//calendars.xml/", "http://acme.example.com/calendars.xml"),
        ] {
            let mut parts = build_parts(&[], path);
            normalize_head(&mut parts);
            assert_eq!(parts.uri.to_string(), normalized);
        }
    }

    #[test]
    fn leaves_a_path_without_a_token_unchanged() {
        for path in ["/ws/pages/all", "/", &format!("/{HEX}.ics"), &format!("/{HEX}"), "/abc/reminders.xml"] {
            let mut parts = build_parts(&[], path);
            normalize_head(&mut parts);
            assert_eq!(parts.uri.to_string(), path);
            assert!(parts.headers.is_empty());
        }
    }
}
