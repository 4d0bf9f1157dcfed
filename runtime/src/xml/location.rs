//! Where in a document an offset is, in words for people.
//!
//! Asked only when something went wrong, so the document is simply read again: loosely, since it may be malformed
//! or unfinished from the offset on.

use super::MAX_DEPTH;
use super::scan::{self, byte, is_white, slice};

/// The elements, and the attribute, that an offset is in: `response/notes/note[2]/@id`.
///
/// `[2]` counts elements of the same name in the same element and is left out for the first. The document may break
/// after the offset, and may end there.
pub fn location(document: &str, offset: usize) -> String {
    let (mut path, attribute) = open_at(document, offset);
    count_siblings(document, &mut path);
    let mut steps: Vec<String> = path.iter().map(Open::to_step).collect();
    steps.extend(attribute.map(|name| format!("@{}", shortened(name))));
    steps.join("/")
}

/// An element that the offset is in.
struct Open<'x> {
    name: &'x str,
    start: usize,
    number: usize,
}

impl Open<'_> {
    fn to_step(&self) -> String {
        match self.number {
            0 | 1 => shortened(self.name).to_owned(),
            number => format!("{}[{number}]", shortened(self.name)),
        }
    }
}

/// A hostile name may be as long as the document. None of it is shown then, since a part of a secret would be one, too.
fn shortened(name: &str) -> &str {
    if name.chars().nth(60).is_some() { "…" } else { name }
}

/// The elements open at an offset, outermost first, and the attribute if it is in one.
fn open_at(document: &str, offset: usize) -> (Vec<Open<'_>>, Option<&str>) {
    let mut path = Vec::new();
    let mut attribute = None;
    let mut depth: usize = 0;
    for tag in Tags::of(document).take_while(|tag| tag.start <= offset) {
        let passed = tag.end <= offset;
        if tag.opens {
            if depth <= MAX_DEPTH {
                path.push(Open { name: tag.name, start: tag.start, number: 0 });
            }
            depth += 1;
            if !passed {
                attribute = attribute_at(document, &tag, offset);
            }
        }
        if tag.closes && passed {
            depth = depth.saturating_sub(1);
            path.truncate(depth);
        }
    }
    (path, attribute)
}

/// Numbers each element of the path among its siblings of the same name.
fn count_siblings(document: &str, path: &mut [Open<'_>]) {
    let Some(last) = path.last().map(|open| open.start) else { return };
    let mut depth: usize = 0;
    for tag in Tags::of(document).take_while(|tag| tag.start <= last) {
        if tag.opens {
            let parent = depth.checked_sub(1).and_then(|above| path.get(above)).map(|open| open.start);
            if let Some(open) = path.get_mut(depth) {
                let sibling = tag.start <= open.start && parent.is_none_or(|parent| parent < tag.start);
                open.number += usize::from(sibling && tag.name == open.name);
            }
            depth += 1;
        }
        if tag.closes {
            depth = depth.saturating_sub(1);
        }
    }
}

/// The last attribute of a start tag that starts at or before the offset.
fn attribute_at<'x>(document: &'x str, tag: &Tag<'x>, offset: usize) -> Option<&'x str> {
    let bytes = document.as_bytes();
    let mut found = None;
    let mut at = tag.start + 1 + tag.name.len();
    loop {
        at = scan::white(bytes, at);
        let end = name_end(bytes, at);
        if at > offset || end == at {
            return found;
        }
        let name = slice(document, at, end);
        let equals = scan::white(bytes, end);
        if byte(bytes, equals) != b'=' {
            return found;
        }
        found = Some(name);
        let quote = scan::white(bytes, equals + 1);
        at = past(bytes, quote + 1, &[byte(bytes, quote)]);
    }
}

/// A start or end tag; `<a/>` both opens and closes.
struct Tag<'x> {
    name: &'x str,
    start: usize,
    end: usize,
    opens: bool,
    closes: bool,
}

/// The tags of a document; whatever else starts with `<` is passed over.
struct Tags<'x> {
    document: &'x str,
    at: usize,
}

impl<'x> Tags<'x> {
    fn of(document: &'x str) -> Self {
        Self { document, at: 0 }
    }

    /// Passes the tag that starts here.
    fn tag(&mut self, start: usize) -> Tag<'x> {
        let bytes = self.document.as_bytes();
        let closes = byte(bytes, start + 1) == b'/';
        let from = start + 1 + usize::from(closes);
        let name = slice(self.document, from, name_end(bytes, from));
        let mut at = from + name.len();
        // An unfinished tag never ends.
        let end = loop {
            match bytes.get(at) {
                None => break usize::MAX,
                Some(b'>') => break at + 1,
                Some(quote @ (b'"' | b'\'')) => at = past(bytes, at + 1, &[*quote]),
                Some(_) => at += 1,
            }
        };
        self.at = end;
        let empty = !closes && byte(bytes, at.wrapping_sub(1)) == b'/';
        Tag { name, start, end, opens: !closes, closes: closes || empty && end != usize::MAX }
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
                [b'<', b'!', b'-', b'-', ..] => past(bytes, start + 4, b"-->"),
                [b'<', b'!', b'[', ..] => past(bytes, start + 3, b"]]>"),
                [b'<', b'?', ..] => past(bytes, start + 2, b"?>"),
                [b'<', b'!', ..] => start + 2,
                _ => return Some(self.tag(start)),
            };
        }
    }
}

/// Where a name ends, whether or not it is one.
fn name_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let ends = |byte: &u8| is_white(*byte) || matches!(byte, b'>' | b'/' | b'=' | b'<' | b'"' | b'\'');
    from + rest.iter().position(ends).unwrap_or(rest.len())
}

/// The offset behind the next `needle`, or the end.
fn past(bytes: &[u8], from: usize, needle: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest.windows(needle.len()).position(|window| window == needle);
    found.map_or(bytes.len(), |at| from + at + needle.len())
}
