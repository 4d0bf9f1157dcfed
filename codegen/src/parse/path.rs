//! Paths and locations: segments between `/`, each with one hole at most.

use std::ops::Range;

use super::hole;
use super::syntax::{Hole, Path, Segment};
use crate::diagnostic::Report;

/// Reads the path that stands at `raw`.
pub(super) fn path(raw: Range<usize>, report: &mut Report<'_>) -> Path {
    let before = report.diagnostics.len();
    let text = hole::slice(report, &raw);
    let absolute = text.starts_with('/');
    let mut segments = Vec::new();
    if let Some(at) = text.find("#{") {
        hole::placeholder(raw.start + at..raw.end, report);
    } else {
        let ranges = split(raw.start + usize::from(absolute)..raw.end, report);
        let last = ranges.len().saturating_sub(1);
        for (index, range) in ranges.into_iter().enumerate() {
            if range.is_empty() && index != last {
                report.error(range.start.saturating_sub(1)..range.end + 1, "there is nothing between these two `/`");
            }
            segments.push(segment(range, report));
        }
    }
    Path { span: report.span(raw), absolute, segments, broken: report.diagnostics.len() > before }
}

/// The ranges between `/`, braces left whole.
fn split(range: Range<usize>, report: &Report<'_>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut inside) = (range.start, false);
    for (at, byte) in hole::slice(report, &range).bytes().enumerate() {
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

fn segment(range: Range<usize>, report: &mut Report<'_>) -> Segment {
    if matches!(hole::slice(report, &range), "." | "..") {
        report
            .error(range.clone(), "a path goes straight to its end")
            .help("write the whole path without `.` and `..`");
    }
    let (before, hole, after) = hole::split(range, report);
    let after = match hole::slice(report, &after).find('{') {
        Some(second) => {
            let at = after.start + second..after.end;
            report.error(at, "there is a second hole in this segment").help("put a `/` between them");
            after.start..after.start + second
        }
        None => after,
    };
    let hole: Option<Hole> = hole.and_then(|hole| hole::read(hole, report));
    Segment { before: literal(before, report), hole, after: literal(after, report) }
}

/// Text of a path, which stands in a URL as it is.
fn literal(range: Range<usize>, report: &mut Report<'_>) -> String {
    let text = hole::slice(report, &range);
    let bad = text.char_indices().find(|&(at, c)| !allowed(text, at, c));
    if let Some((at, c)) = bad {
        let at = range.start + at;
        let error = report.error(at..at + c.len_utf8(), format!("`{c}` cannot stand in a path"));
        match c {
            '?' => error.help("queries go into `<query name=\"{hole}\"/>`"),
            _ => error.help("write it percent-encoded, as it travels"),
        };
    }
    text.to_owned()
}

/// The characters of RFC 3986 for a segment.
fn allowed(text: &str, at: usize, c: char) -> bool {
    let is_hex = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
    match c {
        // What is wrong with a brace has been said.
        '{' | '}' => true,
        '%' => is_hex(at + 1) && is_hex(at + 2),
        _ => c.is_ascii_alphanumeric() || "-._~!$'()*+,;=:@".contains(c),
    }
}
