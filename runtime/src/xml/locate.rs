//! Turns a byte offset into a path of elements, for error messages.
//!
//! This runs only after an error, so scanning the document again is fast enough. The scan is loose, because the
//! document may be malformed or unfinished after the offset.

use super::limits::MAX_DEPTH;
use super::scan::{byte_at, is_white, skip_white, slice};

/// Returns the path of the elements around an offset, and of the attribute if the offset is in one:
/// `response/notes/note[2]/@id`. The path is empty outside the root element.
///
/// `[2]` counts siblings of the same name and is omitted for the first one. Very long names are replaced by `…`, and
/// elements nested deeper than the reader accepts are left out. The document may be malformed after the offset, or end
/// there.
pub fn locate(document: &str, offset: usize) -> String {
    let (mut path, attribute) = find_open_elements(document, offset);
    count_siblings(document, &mut path);
    let mut steps: Vec<String> = path.iter().map(OpenElement::to_step).collect();
    steps.extend(attribute.map(|name| format!("@{}", redact_long(name))));
    steps.join("/")
}

/// An element around the offset.
struct OpenElement<'x> {
    name: &'x str,
    /// Offset of its start tag.
    start: usize,
    /// Number among its siblings of the same name, from 1; 0 until they are counted.
    number: usize,
}

impl OpenElement<'_> {
    /// Returns the element as a step of the path, such as `note[2]`.
    fn to_step(&self) -> String {
        match self.number {
            0 | 1 => redact_long(self.name).to_owned(),
            number => format!("{}[{number}]", redact_long(self.name)),
        }
    }
}

/// Replaces a name of more than 60 characters. A hostile name can be as long as the document, and a part of a secret is
/// secret too, so no part of it is shown.
pub(super) fn redact_long(name: &str) -> &str {
    if name.chars().nth(60).is_some() { "…" } else { name }
}

/// Finds the elements that are open at an offset, outermost first, and the attribute if the offset is in one.
fn find_open_elements(document: &str, offset: usize) -> (Vec<OpenElement<'_>>, Option<&str>) {
    let mut path = Vec::new();
    let mut attribute = None;
    let mut depth: usize = 0;
    for tag in Tags::new(document).take_while(|tag| tag.start <= offset) {
        let is_before_offset = tag.end <= offset;
        if tag.opens {
            // One more element than the reader accepts, so that the path shows the one that is too deep.
            if depth <= MAX_DEPTH {
                path.push(OpenElement { name: tag.name, start: tag.start, number: 0 });
            }
            depth += 1;
            if !is_before_offset {
                attribute = find_attribute(document, &tag, offset);
            }
        }
        // An end tag around the offset still belongs to its element.
        if tag.closes && is_before_offset {
            depth = depth.saturating_sub(1);
            path.truncate(depth);
        }
    }
    (path, attribute)
}

/// Sets the number of each element of the path among its siblings of the same name.
fn count_siblings(document: &str, path: &mut [OpenElement<'_>]) {
    let Some(last_start) = path.last().map(|open| open.start) else { return };
    let mut depth: usize = 0;
    for tag in Tags::new(document).take_while(|tag| tag.start <= last_start) {
        if tag.opens {
            // A sibling has the same depth, comes after the parent's start tag, and is not after the element itself.
            let parent_start = depth.checked_sub(1).and_then(|above| path.get(above)).map(|open| open.start);
            if let Some(open) = path.get_mut(depth) {
                let is_sibling = tag.start <= open.start && parent_start.is_none_or(|start| start < tag.start);
                open.number += usize::from(is_sibling && tag.name == open.name);
            }
            depth += 1;
        }
        if tag.closes {
            depth = depth.saturating_sub(1);
        }
    }
}

/// Finds the attribute of a start tag around the offset: the last one with a `=` that starts at or before it. `None` if
/// there is none.
fn find_attribute<'x>(document: &'x str, tag: &Tag<'x>, offset: usize) -> Option<&'x str> {
    let bytes = document.as_bytes();
    let mut found = None;
    let mut at = tag.start + 1 + tag.name.len();
    loop {
        at = skip_white(bytes, at);
        let end = skip_loose_name(bytes, at);
        if at > offset || end == at {
            return found;
        }
        let name = slice(document, at, end);
        let equals = skip_white(bytes, end);
        if byte_at(bytes, equals) != b'=' {
            return found;
        }
        found = Some(name);
        // The first byte of the value counts as its quote, even if it is none.
        let quote = skip_white(bytes, equals + 1);
        at = skip_past(bytes, quote + 1, &[byte_at(bytes, quote)]);
    }
}

/// A start or end tag; `<a/>` both opens and closes.
struct Tag<'x> {
    name: &'x str,
    start: usize,
    /// Offset after the tag; `usize::MAX` if the document ends within it.
    end: usize,
    opens: bool,
    closes: bool,
}

/// Iterator over the tags of a document. Other markup is skipped.
struct Tags<'x> {
    document: &'x str,
    /// Offset from which the next tag is searched.
    at: usize,
}

impl<'x> Tags<'x> {
    /// Creates an iterator from the start of a document.
    fn new(document: &'x str) -> Self {
        Self { document, at: 0 }
    }

    /// Reads the tag whose `<` is at `start`.
    fn read_tag(&mut self, start: usize) -> Tag<'x> {
        let bytes = self.document.as_bytes();
        let closes = byte_at(bytes, start + 1) == b'/';
        let name_start = start + 1 + usize::from(closes);
        let name = slice(self.document, name_start, skip_loose_name(bytes, name_start));
        let mut at = name_start + name.len();
        // An unfinished tag contains every later offset.
        let end = loop {
            match bytes.get(at) {
                None => break usize::MAX,
                Some(b'>') => break at + 1,
                Some(quote @ (b'"' | b'\'')) => at = skip_past(bytes, at + 1, &[*quote]),
                Some(_) => at += 1,
            }
        };
        self.at = end;
        let is_empty = !closes && byte_at(bytes, at.wrapping_sub(1)) == b'/';
        Tag { name, start, end, opens: !closes, closes: closes || is_empty && end != usize::MAX }
    }
}

impl<'x> Iterator for Tags<'x> {
    type Item = Tag<'x>;

    fn next(&mut self) -> Option<Tag<'x>> {
        let bytes = self.document.as_bytes();
        loop {
            let rest = bytes.get(self.at..)?;
            let start = self.at + rest.iter().position(|byte| *byte == b'<')?;
            let rest = bytes.get(start..)?;
            self.at = match rest {
                [b'<', b'!', b'-', b'-', ..] => skip_past(bytes, start + 4, b"-->"),
                [b'<', b'!', b'[', ..] => skip_past(bytes, start + 3, b"]]>"),
                [b'<', b'?', ..] => skip_past(bytes, start + 2, b"?>"),
                [b'<', b'!', ..] => start + 2,
                _ => return Some(self.read_tag(start)),
            };
        }
    }
}

/// Skips a name without checking its characters: it ends at white space or at a character that is special in a tag.
fn skip_loose_name(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let ends = |byte: &u8| is_white(*byte) || matches!(byte, b'>' | b'/' | b'=' | b'<' | b'"' | b'\'');
    from + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Returns the offset after the next `needle`, or the end of the document.
fn skip_past(bytes: &[u8], from: usize, needle: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest.windows(needle.len()).position(|window| window == needle);
    found.map_or(bytes.len(), |at| from + at + needle.len())
}
