//! Splits bytes into lines, with any line end.

/// Splits off the first line. Returns it without its line end, and the rest. The end is a line feed, a carriage return
/// or both. Two carriage returns before a line feed, which faulty conversions write, are one end, too.
pub(super) fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some(at) = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { return (bytes, &[]) };
    let (line, rest) = bytes.split_at(at);
    // Any other line end is a single byte.
    let end: &[u8] = [&b"\r\r\n"[..], b"\r\n"].into_iter().find(|end| rest.starts_with(end)).unwrap_or(b"\n");
    (line, rest.get(end.len()..).unwrap_or_default())
}

/// Iterates over the lines, without their ends.
pub(super) fn split_lines(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let (line, rest) = split_line(bytes);
        bytes = rest;
        Some(line)
    })
}

/// Removes the line end at the end of the bytes, if there is one.
pub(super) fn strip_line_end(bytes: &[u8]) -> &[u8] {
    let ends = [&b"\r\r\n"[..], b"\r\n", b"\n", b"\r"];
    ends.into_iter().find_map(|end| bytes.strip_suffix(end)).unwrap_or(bytes)
}
