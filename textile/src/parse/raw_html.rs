//! Tags of raw HTML.

use super::scan::{byte_at, is_space, rest_from, slice};
use crate::safe::{Attributes, Tag};

/// Maximum length in bytes of a tag. A longer one stays as it was typed.
const MAX_TAG: usize = 2_000;

/// Kind of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    Start,
    End,
    /// A start tag such as `<hr />`, of an element without content.
    Empty,
}

/// A tag of raw HTML. Nothing in it has been checked against the allow-list.
#[derive(Debug)]
pub(super) struct RawTag<'t> {
    pub(super) kind: TagKind,
    pub(super) name: &'t str,
    /// Names and values.
    attributes: Vec<(&'t str, &'t str)>,
    /// Position after the tag.
    pub(super) end: usize,
}

impl RawTag<'_> {
    /// Returns the attributes that are allowed.
    pub(super) fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::default();
        for (name, value) in &self.attributes {
            attributes.insert(name, &decode_references(value));
        }
        attributes
    }
}

/// Decodes the character references that are common in attributes.
fn decode_references(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    value.replace("&apos;", "'").replace("&amp;", "&")
}

/// Reads the tag at a position. Returns `None` if there is none, for example at `<jo@example.com>`.
pub(super) fn read_tag(text: &str, start: usize) -> Option<RawTag<'_>> {
    let is_end_tag = byte_at(text, start + 1) == b'/';
    let name_start = start + 1 + usize::from(is_end_tag);
    if byte_at(text, start) != b'<' || !byte_at(text, name_start).is_ascii_alphabetic() {
        return None;
    }
    let name_end = find_name_end(text, name_start);
    let mut tag = RawTag {
        kind: if is_end_tag { TagKind::End } else { TagKind::Start },
        name: slice(text, name_start, name_end),
        attributes: Vec::new(),
        end: name_end,
    };
    let mut at = name_end;
    loop {
        let next = skip_space(text, at);
        match byte_at(text, next) {
            b'>' => {
                tag.end = next + 1;
                return Some(tag);
            }
            b'/' if byte_at(text, next + 1) == b'>' && !is_end_tag => {
                tag.kind = TagKind::Empty;
                tag.end = next + 2;
                return Some(tag);
            }
            _ if is_end_tag || next == at || next - start > MAX_TAG => return None,
            _ => {}
        }
        let name_end = find_name_end(text, next);
        if name_end == next {
            return None;
        }
        let name = slice(text, next, name_end);
        let (value, end) = read_value(text, name_end)?;
        tag.attributes.push((name, value));
        at = end;
    }
}

/// Reads the value of an attribute after its name, with the `=`, and returns it with the position after it. The value
/// is empty if there is none.
fn read_value(text: &str, start: usize) -> Option<(&str, usize)> {
    let equals = skip_space(text, start);
    if byte_at(text, equals) != b'=' {
        return Some(("", start));
    }
    let value = skip_space(text, equals + 1);
    match byte_at(text, value) {
        quote @ (b'"' | b'\'') => {
            let rest = rest_from(text, value + 1);
            let length = rest.bytes().take(MAX_TAG).position(|byte| byte == quote)?;
            Some((slice(text, value + 1, value + 1 + length), value + length + 2))
        }
        _ => {
            let ends_value = |c: char| c.is_ascii_whitespace() || matches!(c, '<' | '>' | '"' | '\'');
            let mut length = rest_from(text, value).find(ends_value).unwrap_or(text.len() - value);
            // The slash of `<br clear=all/>` is not part of the value.
            if slice(text, value, value + length).ends_with('/') && byte_at(text, value + length) == b'>' {
                length -= 1;
            }
            Some((slice(text, value, value + length), value + length))
        }
    }
}

/// Returns the end of a name of an element or attribute.
fn find_name_end(text: &str, start: usize) -> usize {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| is_name(byte)).count()
}

/// Returns the end of white space.
fn skip_space(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| is_space(**byte)).count()
}

/// `true` if the end tag of a block is at a position. `</pre>` is none, since no blocks are read within `<pre>`.
pub(super) fn is_block_end(text: &str, start: usize) -> bool {
    byte_at(text, start + 1) == b'/'
        && read_tag(text, start).and_then(|tag| Tag::new(tag.name)).is_some_and(|tag| tag.is_block() && tag != Tag::PRE)
}

/// Removes from the content of `<pre>` what is not part of its text: `<code>` around it, and a line feed at its start.
/// Returns `true` if `<code>` was there.
pub(super) fn strip_code(text: &str) -> (bool, &str) {
    let start = text.trim_start();
    let inside = start.strip_prefix("<code").and_then(|rest| rest.split_once('>'));
    let inside = inside.filter(|(attributes, _)| attributes.is_empty() || attributes.starts_with(' '));
    let inside = inside.and_then(|(_, rest)| rest.trim_end().strip_suffix("</code>"));
    let (is_code, text) = inside.map_or((false, text), |inside| (true, inside));
    (is_code, text.strip_prefix('\n').unwrap_or(text))
}

/// Returns the text of a comment. Returns `None` if it could end the comment early in some HTML parser.
pub(super) fn check_comment(text: &str) -> Option<String> {
    let is_safe = !text.contains("--") && !text.contains(['<', '>']) && !text.ends_with('-');
    is_safe.then(|| text.to_owned())
}
