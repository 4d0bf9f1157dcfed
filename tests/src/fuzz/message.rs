//! Text format of HTTP messages in seeds: a first line, headers, an empty line, a body. Lines end with LF and bodies
//! have no length, so that people can write seeds and a fuzzer can mutate them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A message whose first line is not parsed yet.
pub(super) struct Message<'m> {
    pub(super) first_line: &'m str,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl<'m> Message<'m> {
    /// Parses a message. Returns `None` if its head is not UTF-8. Invalid headers are skipped. Without an empty line,
    /// the body is empty.
    pub(super) fn parse(data: &'m [u8]) -> Option<Self> {
        let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
        let mut lines = str::from_utf8(data.get(..end)?).ok()?.split('\n');
        let first_line = lines.next()?;
        let body = Bytes::copy_from_slice(data.get(end + 2..).unwrap_or_default());
        Some(Self { first_line, headers: parse_headers(lines), body })
    }
}

/// Parses headers such as `location: /pages/1`. Invalid ones are skipped.
pub(super) fn parse_headers<'h>(lines: impl Iterator<Item = &'h str>) -> HeaderMap {
    let parse_header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value.trim()).ok()?))
    };
    lines.filter_map(parse_header).collect()
}
