//! Messages as HTTP has them, in a form that a person can write into a seed and a fuzzer can break: a first line, headers,
//! an empty line, a body. Lines end with LF, so that nothing is to be counted or escaped.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A message with its first line still to be read.
pub(super) struct Message<'m> {
    pub(super) first: &'m str,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl<'m> Message<'m> {
    /// Reads a message, if its head is UTF-8. Headers that are none are left out.
    pub(super) fn read(data: &'m [u8]) -> Option<Self> {
        let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
        let mut lines = str::from_utf8(data.get(..end)?).ok()?.split('\n');
        let first = lines.next()?;
        let body = Bytes::copy_from_slice(data.get(end + 2..).unwrap_or_default());
        Some(Self { first, headers: headers(lines), body })
    }
}

/// The headers in these lines: `location: /pages/1`.
pub(super) fn headers<'h>(lines: impl Iterator<Item = &'h str>) -> HeaderMap {
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value.trim()).ok()?))
    };
    lines.filter_map(header).collect()
}
