//! Conditional requests: a client that already has a resource receives only its headers.

use backpack_api::runtime::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use backpack_api::runtime::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;

/// Replaces a response by `304 Not Modified` if the header `If-None-Match` of the request has its entity tag.
pub(super) fn omit_known_body(request: &HeaderMap, mut response: Response<Bytes>) -> Response<Bytes> {
    if response.headers().get(ETAG).is_some_and(|tag| is_known(request, tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(CONTENT_TYPE);
        *response.body_mut() = Bytes::new();
    }
    response
}

/// `true` if `If-None-Match` lists the entity tag, or is `*`. A weak tag `W/"…"` equals the strong one (RFC 9110).
fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    // The entity tags of this server have no commas.
    let lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut known = lists.flat_map(|list| list.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the status for a request with these `If-None-Match` headers. The entity tag of the response is `"ab"`.
    fn status(conditions: &[&'static str]) -> u16 {
        let mut request = HeaderMap::new();
        for condition in conditions {
            request.append(IF_NONE_MATCH, HeaderValue::from_static(condition));
        }
        let mut response = Response::new(Bytes::from_static(b"body"));
        response.headers_mut().insert(ETAG, HeaderValue::from_static("\"ab\""));
        omit_known_body(&request, response).status().as_u16()
    }

    #[test]
    fn compares_entity_tags_weakly_in_lists_and_knows_the_asterisk() {
        for known in [&["\"ab\""][..], &["W/\"ab\""], &["\"a,b\", W/\"x\" ,\"ab\""], &["\"x\"", "\"ab\""], &["*"]] {
            assert_eq!(status(known), 304, "{known:?}");
        }
        for unknown in [&[][..], &["\"x\""], &["ab"], &["\"ab"], &["\"a\", \"b\""], &[""]] {
            assert_eq!(status(unknown), 200, "{unknown:?}");
        }
    }

    #[test]
    fn a_response_without_an_entity_tag_keeps_its_body() {
        let request = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("*"))]);
        assert_eq!(omit_known_body(&request, Response::new(Bytes::from_static(b"body"))).body(), "body");
    }
}
