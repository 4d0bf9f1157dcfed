//! Reason phrases that differ from the standard phrase of their status.

use http::Response;

/// Reason phrase of the status line, if it is not the standard phrase.
///
/// Transports set it as an extension of the response. [`reason_phrase`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPhrase(pub String);

/// Returns the reason phrase that the peer sent; `None` if it is empty or the standard phrase.
///
/// It comes from the status line, or else from the header `Status: 422 Phrase`, which some servers use to repeat the
/// status line.
pub fn reason_phrase<B>(response: &Response<B>) -> Option<String> {
    match response.extensions().get::<ReasonPhrase>() {
        Some(ReasonPhrase(phrase)) => Some(phrase.clone()),
        None => read_status_header(response),
    }
}

/// Reads the phrase of the `Status` header; `None` if the header is missing or has another status than the response.
fn read_status_header<B>(response: &Response<B>) -> Option<String> {
    let line = String::from_utf8_lossy(response.headers().get("status")?.as_bytes());
    let (code, phrase) = line.trim().split_once([' ', '\t'])?;
    if code == response.status().as_str() { parse_custom_phrase(response, phrase) } else { None }
}

/// Trims a phrase; `None` if it is empty or the standard phrase of the response's status.
pub(super) fn parse_custom_phrase<B>(response: &Response<B>, phrase: &str) -> Option<String> {
    let phrase = phrase.trim();
    let is_custom = !phrase.is_empty() && Some(phrase) != response.status().canonical_reason();
    is_custom.then(|| phrase.to_owned())
}
