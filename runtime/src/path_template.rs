//! Path templates: segments with holes, and the values of a path at these holes.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Segment of a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Literal text.
    Literal(&'static str),
    /// A hole for a value, with literal text around it.
    Hole {
        /// Text before the value.
        before: &'static str,
        /// Name of the value. Empty for the value of a `Location`.
        name: &'static str,
        /// Text after the value.
        after: &'static str,
        /// `true` if only digits match.
        is_numeric: bool,
    },
}

/// Values of a path, by the names of their holes.
pub(crate) type PathValues<'r> = Vec<(&'static str, Cow<'r, str>)>;

/// Splits a path into its segments, which are still percent-encoded.
pub(crate) fn split_path(path: &str) -> Vec<&str> {
    path.strip_prefix('/').unwrap_or(path).split('/').collect()
}

/// Percent-decodes a segment; `None` if the result is not UTF-8.
pub(crate) fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// Matches the segments of a path against a template, and returns the values in its holes; `None` if they do not match.
/// An empty value does not match. `eq` compares a literal of the template with a segment.
pub(crate) fn match_path<'r>(
    template: &[Segment],
    segments: &[&'r str],
    eq: impl Fn(&str, &str) -> bool,
) -> Option<PathValues<'r>> {
    if template.len() != segments.len() {
        return None;
    }
    let mut values = Vec::new();
    for (expected, segment) in template.iter().zip(segments) {
        match expected {
            Segment::Literal(text) if eq(text, segment) => {}
            Segment::Literal(_) => return None,
            Segment::Hole { before, name, after, is_numeric } => {
                let value = decode_segment(segment.strip_prefix(before)?.strip_suffix(after)?)?;
                if value.is_empty() || (*is_numeric && !value.bytes().all(|byte| byte.is_ascii_digit())) {
                    return None;
                }
                values.push((*name, value));
            }
        }
    }
    Some(values)
}
