//! The `Retry-After` header.

use std::time::Duration;

use http::Response;
use http::header::{DATE, RETRY_AFTER};

/// Parses `Retry-After`: a number of seconds, or a date, which is compared with the response's `Date`. A date that has
/// passed by then is zero.
///
/// `None` if the header is missing or not valid, or if it is a date and there is no valid `Date`.
pub(crate) fn parse_retry_after<B>(response: &Response<B>) -> Option<Duration> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let text = header(RETRY_AFTER)?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let parse_date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp());
    let wait = parse_date(text)?.duration_since(parse_date(header(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}
