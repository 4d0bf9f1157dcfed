//! An entity of RFC 2045: a header and a body. A mail is one, and so is each part of a multipart body.

use super::charset::{decode_charset, is_ascii_compatible};
use super::encoded_words::decode_encoded_words;
use super::fields::read_parameter;
use super::lines::{split_line, strip_line_end};

/// Maximum size of a header in bytes. The rest of a longer one is text of the body.
const MAX_HEADER_SIZE: usize = 1024 * 1024;

/// A header and a body.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    header: &'a [u8],
    pub(super) body: &'a [u8],
}

/// A section of a multipart body. A delimiter line separates it from the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Section<'a> {
    Part(&'a [u8]),
    /// The section before the first delimiter, or one after a closing delimiter.
    Outside(&'a [u8]),
}

impl<'a> Entity<'a> {
    /// Reads an entity. A blank line ends the header; a line that is not a header field ends it, too, and is the first
    /// line of the body. Skips a byte order mark and the separator line of an mbox file (`From jo@example.com …`).
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let mut bytes = skip_bom(bytes);
        while bytes.starts_with(b"From ") || bytes.starts_with(b">From ") {
            (_, bytes) = split_line(bytes);
            bytes = skip_bom(bytes);
        }
        let mut rest = bytes;
        while let Some((.., after)) = split_field(rest)
            && bytes.len() - after.len() <= MAX_HEADER_SIZE
        {
            rest = after;
        }
        let header = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
        let (line, after) = split_line(rest);
        Self { header, body: if line.is_empty() { after } else { rest } }
    }

    /// Reads a part of a multipart body. Its header is text if it has no `Content-` field, since a part needs no other
    /// fields.
    pub(super) fn read_part(bytes: &'a [u8]) -> Self {
        let entity = Self::read(bytes);
        let is_content = |(name, _): (&[u8], &[u8])| starts_with_ignore_case(name, b"content-");
        let is_header = entity.has_no_header() || entity.all_fields().any(is_content);
        if is_header { entity } else { Self { header: &[], body: bytes } }
    }

    /// `true` if there is no header field.
    pub(super) fn has_no_header(&self) -> bool {
        self.header.is_empty()
    }

    /// Iterates over the names and values of all fields. A value contains the line breaks of a folded field.
    fn all_fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let mut rest = self.header;
        std::iter::from_fn(move || {
            let (name, value, after) = split_field(rest)?;
            rest = after;
            Some((name, value))
        })
    }

    /// Iterates over the values of the fields with this name.
    pub(super) fn fields(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.all_fields().filter(move |(other, _)| other.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Returns the first field with this name as text. Returns an empty text if there is no such field. Old programs sent
    /// headers in the charset of the body.
    pub(super) fn text(&self, name: &str) -> String {
        let charset = self.parameter("Content-Type", "charset").filter(|label| is_ascii_compatible(label));
        self.fields(name).next().map(|field| decode_encoded_words(field, charset.as_deref())).unwrap_or_default()
    }

    /// Returns the first word of a field, in lower case: `multipart/mixed` of `Multipart/Mixed; boundary=b`.
    pub(super) fn keyword(&self, name: &str) -> String {
        let value = decode_charset(self.fields(name).next().unwrap_or_default(), None);
        let is_separator = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '(' | '"' | '\'');
        value.split(is_separator).find(|word| !word.is_empty()).unwrap_or_default().to_ascii_lowercase()
    }

    /// Returns a parameter of a field: `b` of `Content-Type: multipart/mixed; boundary=b`.
    pub(super) fn parameter(&self, field: &str, parameter: &str) -> Option<String> {
        self.fields(field).find_map(|value| read_parameter(value, parameter))
    }
}

/// Skips the blank lines and the indented lines before a header. A blank line comes from programs that add one on the
/// way, and an indented line continues a field that was removed.
pub(super) fn skip_before_header(bytes: &[u8]) -> &[u8] {
    let mut rest = skip_bom(bytes);
    while rest.first().is_some_and(u8::is_ascii_whitespace) {
        (_, rest) = split_line(rest);
    }
    rest
}

/// Skips the byte order mark of UTF-8.
fn skip_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Splits off a header field, with the lines that continue it. Returns its name, its value and the rest. Returns `None`
/// if the first line is not a field.
fn split_field(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (line, mut rest) = split_line(bytes);
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    while rest.starts_with(b" ") || rest.starts_with(b"\t") {
        (_, rest) = split_line(rest);
    }
    Some((name, bytes.get(colon + 1..bytes.len() - rest.len())?, rest))
}

/// `true` if the bytes begin with `prefix`, ignoring the case of ASCII letters.
pub(super) fn starts_with_ignore_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Iterates over the sections of a multipart body. Without a delimiter line, the whole body is one section.
pub(super) fn split_sections<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = Section<'a>> {
    let boundary = boundary.as_bytes().to_vec();
    let mut rest = Some(body);
    let mut is_part = false;
    std::iter::from_fn(move || {
        let section: fn(&'a [u8]) -> Section<'a> = if is_part { Section::Part } else { Section::Outside };
        let start = rest.take()?;
        let mut at = start;
        while !at.is_empty() {
            let (line, after) = split_line(at);
            if let Some(is_closing) = read_delimiter(line, &boundary) {
                (rest, is_part) = (Some(after), !is_closing);
                let bytes = start.get(..start.len() - at.len()).unwrap_or_default();
                // The line end before a delimiter belongs to it.
                return Some(section(strip_line_end(bytes)));
            }
            at = after;
        }
        Some(section(start))
    })
}

/// Reads a delimiter line. Returns `true` if it is a closing delimiter, and `None` if it is another line.
fn read_delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let end = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match end {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}
