//! Escapes text for XML, and computes its escaped length.

use super::lexer::is_allowed;
use super::scan::{self, slice};

/// Position of the escaped text in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EscapeContext {
    /// In an element: `<`, `>`, `&` and CR are escaped.
    Content,
    /// In an attribute in double quotes: `"`, tab and LF are escaped too.
    Attribute,
}

/// Number of bytes that are escaped together.
const PIECE: usize = 64;

/// Replacement of a byte, padded to seven bytes, and its length in the last byte.
type Escape = [u8; 8];

/// Length of the longest replacement.
const LONGEST: usize = 6;

impl EscapeContext {
    /// Number of bytes that escaping adds to a text; `None` if the text has a character that XML forbids.
    pub(super) fn measure_growth(self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        // The text before the first candidate has no effect, and is skipped at once.
        let (growth, has_suspicious) = match self {
            Self::Content => sum_growth(bytes.get(scan::skip_text(bytes, 0)..)?, growth_in_content),
            Self::Attribute => sum_growth(bytes.get(scan::find_escaped_in_attribute(bytes, 0)..)?, growth_in_attribute),
        };
        (!has_suspicious || text.chars().all(is_allowed)).then_some(growth)
    }

    /// Appends the escaped text to `out`. Forbidden characters are not checked here, but by
    /// [`measure_growth`](Self::measure_growth).
    pub(super) fn escape(self, text: &str, out: &mut String) {
        let (table, find_next): (_, fn(&[u8], usize) -> usize) = match self {
            Self::Content => (&IN_CONTENT, scan::find_escaped),
            Self::Attribute => (&IN_ATTRIBUTE, scan::find_escaped_in_attribute),
        };
        let stop = find_next(text.as_bytes(), 0);
        out.push_str(slice(text, 0, stop));
        if stop < text.len() {
            escape_pieces(slice(text, stop, text.len()), table, find_next, out);
        }
    }
}

/// Appends text that starts with a byte to escape. A piece is escaped byte by byte; the text from its end to the next
/// byte to escape is copied at once.
fn escape_pieces(text: &str, table: &[Escape; 256], find_next: fn(&[u8], usize) -> usize, out: &mut String) {
    // The last replacement is written as eight bytes too, so the buffer has room for its padding.
    let mut buffer = [0; PIECE * LONGEST + size_of::<Escape>()];
    let mut at = 0;
    while at < text.len() {
        let mut end = text.len().min(at + PIECE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        out.push_str(escape_piece(slice(text, at, end), table, &mut buffer));
        at = find_next(text.as_bytes(), end);
        out.push_str(slice(text, end, at));
    }
}

/// Escapes a piece into the buffer, and returns the written text. There is no branch per byte: each replacement is
/// written as eight bytes, and the next one overwrites the padding.
fn escape_piece<'b>(text: &str, table: &[Escape; 256], buffer: &'b mut [u8]) -> &'b str {
    let mut length = 0;
    for byte in text.bytes() {
        let escape = table[usize::from(byte)];
        if let Some(slot) = buffer.get_mut(length..).and_then(|rest| rest.first_chunk_mut()) {
            *slot = escape;
        }
        length += usize::from(escape[7]);
    }
    buffer.get(..length).and_then(|written| str::from_utf8(written).ok()).unwrap_or_default()
}

/// Returns the sum of `growth_of` over all bytes, and `true` if any byte is suspicious. Blocks become vector
/// instructions.
#[inline(always)]
fn sum_growth(bytes: &[u8], growth_of: impl Fn(u8) -> u8) -> (usize, bool) {
    // A byte grows by five at most, so the sum over a block fits into a byte.
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut sum = 0;
    let mut has_suspicious = false;
    for block in blocks {
        sum += usize::from(block.iter().fold(0u8, |sum, byte| sum.wrapping_add(growth_of(*byte))));
        has_suspicious |= block.iter().fold(false, |found, byte| found | scan::is_suspicious(*byte));
    }
    for byte in rest {
        sum += usize::from(growth_of(*byte));
        has_suspicious |= scan::is_suspicious(*byte);
    }
    (sum, has_suspicious)
}

/// Returns the number of bytes that escaping adds to a byte of content. No byte is in two groups, so `|` adds them.
#[inline(always)]
fn growth_in_content(byte: u8) -> u8 {
    let by_three = if (byte == b'<') | (byte == b'>') { 3 } else { 0 };
    let by_four = if (byte == b'&') | (byte == b'\r') { 4 } else { 0 };
    by_three | by_four
}

/// Returns the number of bytes that escaping adds to a byte of an attribute value.
#[inline(always)]
fn growth_in_attribute(byte: u8) -> u8 {
    let by_three = if byte == b'\t' { 3 } else { 0 };
    let by_four = if byte == b'\n' { 4 } else { 0 };
    let by_five = if byte == b'"' { 5 } else { 0 };
    growth_in_content(byte) | by_three | by_four | by_five
}

/// Replacement of each byte of content.
static IN_CONTENT: [Escape; 256] = build_table(&[(b'<', "&lt;"), (b'>', "&gt;"), (b'&', "&amp;"), (b'\r', "&#13;")]);

/// Replacement of each byte of an attribute value.
static IN_ATTRIBUTE: [Escape; 256] = build_table(&[
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'&', "&amp;"),
    (b'"', "&quot;"),
    (b'\t', "&#9;"),
    (b'\n', "&#10;"),
    (b'\r', "&#13;"),
]);

/// Builds the table of the replacements of all bytes. A byte without an escape is replaced by itself.
const fn build_table(escapes: &[(u8, &str)]) -> [Escape; 256] {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [byte as u8, 0, 0, 0, 0, 0, 0, 1];
        byte += 1;
    }
    let mut index = 0;
    while index < escapes.len() {
        let (byte, escape) = escapes[index];
        let mut at = 0;
        while at < escape.len() {
            table[byte as usize][at] = escape.as_bytes()[at];
            at += 1;
        }
        table[byte as usize][7] = escape.len() as u8;
        index += 1;
    }
    table
}
