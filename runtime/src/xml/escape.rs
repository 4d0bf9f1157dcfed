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
        let (growth, is_suspicious) = match self {
            Self::Content => sum_growth(bytes.get(scan::skip_text(bytes, 0)..)?, growth_in_content),
            Self::Attribute => sum_growth(bytes.get(scan::find_escaped_in_attribute(bytes, 0)..)?, growth_in_attribute),
        };
        (!is_suspicious || text.chars().all(is_allowed)).then_some(growth)
    }

    /// Appends text, escaped.
    pub(super) fn escape(self, text: &str, out: &mut String) {
        let (table, next): (_, fn(&[u8], usize) -> usize) = match self {
            Self::Content => (&IN_CONTENT, scan::find_escaped),
            Self::Attribute => (&IN_ATTRIBUTE, scan::find_escaped_in_attribute),
        };
        let stop = next(text.as_bytes(), 0);
        out.push_str(slice(text, 0, stop));
        if stop < text.len() {
            escape_pieces(slice(text, stop, text.len()), table, next, out);
        }
    }
}

/// Appends text that starts with a byte to escape: pieces byte by byte, and the text between pieces in one go.
fn escape_pieces(text: &str, table: &[Escape; 256], next: fn(&[u8], usize) -> usize, out: &mut String) {
    let mut buffer = [0; PIECE * LONGEST + size_of::<Escape>()];
    let mut at = 0;
    while at < text.len() {
        let mut end = text.len().min(at + PIECE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        out.push_str(escape_piece(slice(text, at, end), table, &mut buffer));
        at = next(text.as_bytes(), end);
        out.push_str(slice(text, end, at));
    }
}

/// Escapes a piece without a branch per byte: each replacement is written as eight bytes, and the next one overwrites
/// the padding.
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

/// Sums up `growth_of` over all bytes, and returns `true` if any byte is suspicious. Blocks become vector instructions.
#[inline(always)]
fn sum_growth(bytes: &[u8], growth_of: impl Fn(u8) -> u8) -> (usize, bool) {
    // A byte grows by five at most, so the sum over a block fits into a byte.
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut sum = 0;
    let mut suspicious = false;
    for block in blocks {
        sum += usize::from(block.iter().fold(0u8, |sum, byte| sum.wrapping_add(growth_of(*byte))));
        suspicious |= block.iter().fold(false, |found, byte| found | scan::is_suspicious(*byte));
    }
    for byte in rest {
        sum += usize::from(growth_of(*byte));
        suspicious |= scan::is_suspicious(*byte);
    }
    (sum, suspicious)
}

#[inline(always)]
fn growth_in_content(byte: u8) -> u8 {
    let by_three = if (byte == b'<') | (byte == b'>') { 3 } else { 0 };
    let by_four = if (byte == b'&') | (byte == b'\r') { 4 } else { 0 };
    by_three | by_four
}

#[inline(always)]
fn growth_in_attribute(byte: u8) -> u8 {
    let by_three = if byte == b'\t' { 3 } else { 0 };
    let by_four = if byte == b'\n' { 4 } else { 0 };
    let by_five = if byte == b'"' { 5 } else { 0 };
    growth_in_content(byte) | by_three | by_four | by_five
}

static IN_CONTENT: [Escape; 256] = escape_table(&[(b'<', "&lt;"), (b'>', "&gt;"), (b'&', "&amp;"), (b'\r', "&#13;")]);

static IN_ATTRIBUTE: [Escape; 256] = escape_table(&[
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'&', "&amp;"),
    (b'"', "&quot;"),
    (b'\t', "&#9;"),
    (b'\n', "&#10;"),
    (b'\r', "&#13;"),
]);

const fn escape_table(escapes: &[(u8, &str)]) -> [Escape; 256] {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [byte as u8, 0, 0, 0, 0, 0, 0, 1];
        byte += 1;
    }
    let mut n = 0;
    while n < escapes.len() {
        let (byte, escape) = escapes[n];
        let mut at = 0;
        while at < escape.len() {
            table[byte as usize][at] = escape.as_bytes()[at];
            at += 1;
        }
        table[byte as usize][7] = escape.len() as u8;
        n += 1;
    }
    table
}
