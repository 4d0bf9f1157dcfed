//! Attributes in signatures and at the start of phrases: `(class#id)`, `{style}`, `[language]`, alignment and spans.

use super::scan::{byte_at, rest_from, slice};
use crate::safe::Attributes;

/// Attributes that a construct can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Class, id, style and language.
    Names,
    /// These and horizontal alignment, vertical alignment and padding.
    Block,
    /// These, spans and the mark of a heading.
    Cell,
}

/// Attributes that were read, and the position after them.
#[derive(Debug, Default)]
pub(super) struct ParsedAttributes {
    pub(super) attributes: Attributes,
    /// `true` if a cell is a heading.
    pub(super) is_heading: bool,
    /// Position after the attributes.
    pub(super) end: usize,
}

/// Marks of alignments, with the attribute and its value. A mark comes before those that are a prefix of it.
const ALIGNMENTS: [(&str, &str, &str); 7] = [
    ("<>", "align", "justify"),
    ("<", "align", "left"),
    (">", "align", "right"),
    ("=", "align", "center"),
    ("-", "valign", "middle"),
    ("^", "valign", "top"),
    ("~", "valign", "bottom"),
];

/// Reads as many attributes as there are at a position, in any order.
pub(super) fn read_attributes(text: &str, start: usize, allowed: Allowed) -> ParsedAttributes {
    let mut parsed = ParsedAttributes { end: start, ..ParsedAttributes::default() };
    let (mut left, mut right) = (0_u8, 0_u8);
    loop {
        let at = parsed.end;
        if let Some(end) = read_names(text, at, &mut parsed.attributes) {
            parsed.end = end;
            continue;
        }
        if allowed == Allowed::Names {
            break;
        }
        if let Some((mark, name, value)) = ALIGNMENTS.iter().find(|(mark, ..)| rest_from(text, at).starts_with(mark)) {
            parsed.attributes.insert(name, value);
            parsed.end += mark.len();
            continue;
        }
        match byte_at(text, at) {
            b'(' => left = left.saturating_add(1),
            b')' => right = right.saturating_add(1),
            b'_' if allowed == Allowed::Cell => parsed.is_heading = true,
            mark @ (b'\\' | b'/') if allowed == Allowed::Cell => {
                let Some(digits) = read_digits(text, at + 1) else { break };
                parsed.attributes.insert(if mark == b'/' { "rowspan" } else { "colspan" }, digits);
                parsed.end += digits.len();
            }
            _ => break,
        }
        parsed.end += 1;
    }
    for (padding, count) in [("padding-left", left), ("padding-right", right)] {
        if count > 0 {
            parsed.attributes.insert("style", &format!("{padding}:{count}em"));
        }
    }
    parsed
}

/// Returns the digits at a position, at most nine.
pub(super) fn read_digits(text: &str, start: usize) -> Option<&str> {
    let length = rest_from(text, start).bytes().take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&length).then(|| slice(text, start, start + length))
}

/// Reads `(class#id)`, `{style}` or `[language]`, and returns the position after it.
fn read_names(text: &str, start: usize, attributes: &mut Attributes) -> Option<usize> {
    let rest = rest_from(text, start + 1);
    match byte_at(text, start) {
        b'(' => {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b" -_#".contains(byte);
            let length = rest.bytes().take_while(is_name).count();
            let name = slice(rest, 0, length);
            let (class, id) = name.split_once('#').unwrap_or((name, ""));
            if byte_at(rest, length) != b')' || name.is_empty() || id.contains(['#', ' ']) || name.ends_with('#') {
                return None;
            }
            attributes.insert("class", class);
            attributes.insert("id", id);
            Some(start + length + 2)
        }
        b'{' => {
            let length = rest.bytes().take(1_000).position(|byte| matches!(byte, b'}' | b'{' | b'\n' | b'<'))?;
            if byte_at(rest, length) != b'}' || !slice(rest, 0, length).contains(':') {
                return None;
            }
            attributes.insert("style", slice(rest, 0, length));
            Some(start + length + 2)
        }
        b'[' => {
            let is_language = |byte: &u8| byte.is_ascii_alphabetic() || b"-_".contains(byte);
            let length = rest.bytes().take(20).take_while(is_language).count();
            if byte_at(rest, length) != b']' || length == 0 {
                return None;
            }
            attributes.insert("lang", slice(rest, 0, length));
            Some(start + length + 2)
        }
        _ => None,
    }
}
