//! Paths and locations: segments between `/`, each with at most one hole.

use std::ops::Range;

use super::hole;
use super::xml::{self, XmlNode};
use crate::diagnostic::SourceSink;
use crate::syntax::{Hole, Path, Segment};

/// Parses the path or location at the range `raw` of the source.
pub(super) fn parse_path(raw: Range<usize>, sink: &mut SourceSink<'_>) -> Path {
    let before = sink.len();
    let text = sink.slice(&raw);
    let is_absolute = text.starts_with('/');
    let mut segments = Vec::new();
    if let Some(at) = text.find("#{") {
        hole::report_placeholder(raw.start + at..raw.end, sink);
    } else {
        let ranges = split_segments(raw.start + usize::from(is_absolute)..raw.end, sink);
        let last = ranges.len().saturating_sub(1);
        for (index, range) in ranges.into_iter().enumerate() {
            // The last segment may be empty: the path then ends with `/`.
            if range.is_empty() && index != last {
                sink.error(range.start.saturating_sub(1)..range.end + 1, "empty path segment");
            }
            segments.push(parse_segment(range, sink));
        }
    }
    Path { span: sink.span(raw), is_absolute, segments, is_broken: sink.len() > before }
}

/// Creates a placeholder for the path of an element that has none, which has been reported.
pub(super) fn make_broken_path(node: XmlNode<'_>, sink: &SourceSink<'_>) -> Path {
    let span = sink.span(xml::tag_range(node, sink));
    Path { span, is_absolute: true, segments: Vec::new(), is_broken: true }
}

/// Returns the ranges between `/`. A `/` within braces does not separate segments.
fn split_segments(range: Range<usize>, sink: &SourceSink<'_>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut inside) = (range.start, false);
    for (at, byte) in sink.slice(&range).bytes().enumerate() {
        match byte {
            b'{' => inside = true,
            b'}' => inside = false,
            b'/' if !inside => {
                ranges.push(start..range.start + at);
                start = range.start + at + 1;
            }
            _ => {}
        }
    }
    ranges.push(start..range.end);
    ranges
}

/// Parses a segment. Reports `.`, `..` and a second hole.
fn parse_segment(range: Range<usize>, sink: &mut SourceSink<'_>) -> Segment {
    if matches!(sink.slice(&range), "." | "..") {
        sink.error(range.clone(), "a path cannot contain `.` or `..` segments")
            .help("write the path that they resolve to");
    }
    let errors_before = sink.len();
    let (before, hole, after) = hole::split_at_hole(range, sink);
    if hole.is_none() && sink.len() > errors_before {
        // The rest of a broken hole would be reported as literal text.
        return Segment { before: String::new(), hole: None, after: String::new() };
    }
    let after = match sink.slice(&after).find('{') {
        Some(second) => {
            let at = after.start + second..after.end;
            sink.error(at, "a segment cannot have two holes").help("put a `/` between them");
            after.start..after.start + second
        }
        None => after,
    };
    let hole: Option<Hole> = hole.and_then(|hole| hole::parse_hole(hole, sink));
    Segment { before: parse_literal(before, sink), hole, after: parse_literal(after, sink) }
}

/// Returns the literal text of a segment. Reports characters that a URL does not allow there.
fn parse_literal(range: Range<usize>, sink: &mut SourceSink<'_>) -> String {
    let text = sink.slice(&range);
    let bad = text.char_indices().find(|&(at, c)| !is_allowed(text, at, c));
    if let Some((at, c)) = bad {
        let at = range.start + at;
        let error = sink.error(at..at + c.len_utf8(), format!("`{c}` is not allowed in a path"));
        match c {
            '?' => error.help("query parameters go into `<query name=\"{hole}\"/>`"),
            _ => error.help("percent-encode it"),
        };
    }
    text.to_owned()
}

/// `true` if RFC 3986 allows the character in a segment. `at` is its byte position in `text`, because two hexadecimal
/// digits must follow a `%`.
fn is_allowed(text: &str, at: usize, c: char) -> bool {
    let is_hex = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    match c {
        // Unmatched braces have been reported.
        '{' | '}' => true,
        '%' => is_hex(at + 1) && is_hex(at + 2),
        _ => c.is_ascii_alphanumeric() || "-._~!$'()*+,;=:@".contains(c),
    }
}
