//! Text, escaped: how long it gets, and how it is written.

use super::scan::{self, slice};

/// Where text is going to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In an element: `<`, `>`, `&` and CR are escaped.
    Content,
    /// In an attribute in double quotes: `"`, tab and LF are escaped too.
    Attribute,
}

/// How many bytes are escaped together.
const PIECE: usize = 64;

/// What a byte is written as, and the length of that in the last place.
type Escape = [u8; 8];

const LONGEST: usize = 6;

impl Place {
    /// By how many bytes text gets longer; `None` if it holds a character that XML does not allow.
    pub(super) fn growth(self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let (growth, suspicious) = match self {
            Self::Content => growth(bytes.get(scan::text(bytes, 0)..)?, grown_in_content),
            Self::Attribute => growth(bytes.get(scan::escaped_in_attribute(bytes, 0)..)?, grown_in_attribute),
        };
        (!suspicious || text.chars().all(scan::is_allowed)).then_some(growth)
    }

    /// Appends text, escaped.
    pub(super) fn escape(self, text: &str, out: &mut String) {
        let (table, next): (_, fn(&[u8], usize) -> usize) = match self {
            Self::Content => (&IN_CONTENT, scan::escaped),
            Self::Attribute => (&IN_ATTRIBUTE, scan::escaped_in_attribute),
        };
        let stop = next(text.as_bytes(), 0);
        out.push_str(slice(text, 0, stop));
        if stop < text.len() {
            escape_pieces(slice(text, stop, text.len()), table, next, out);
        }
    }
}

/// Appends text that starts with a byte to escape: a piece, byte by byte, and what stands between pieces at once.
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

/// Without a branch per byte: each is written as eight bytes, of which the next one overwrites what is too much.
fn escape_piece<'b>(text: &str, table: &[Escape; 256], buffer: &'b mut [u8]) -> &'b str {
    let mut length = 0;
    for byte in text.bytes() {
        let escape = table[usize::from(byte)];
        if let Some(room) = buffer.get_mut(length..).and_then(|rest| rest.first_chunk_mut()) {
            *room = escape;
        }
        length += usize::from(escape[7]);
    }
    buffer.get(..length).and_then(|written| str::from_utf8(written).ok()).unwrap_or_default()
}

/// The sum of `grown` over all bytes, and whether any is suspicious; in blocks that become vector instructions.
#[inline(always)]
fn growth(bytes: &[u8], grown: impl Fn(u8) -> u8) -> (usize, bool) {
    // A byte grows by five at most, so the sum over a block fits into a byte.
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut sum = 0;
    let mut suspicious = false;
    for block in blocks {
        sum += usize::from(block.iter().fold(0u8, |sum, byte| sum.wrapping_add(grown(*byte))));
        suspicious |= block.iter().fold(false, |found, byte| found | scan::is_suspicious(*byte));
    }
    for byte in rest {
        sum += usize::from(grown(*byte));
        suspicious |= scan::is_suspicious(*byte);
    }
    (sum, suspicious)
}

#[inline(always)]
fn grown_in_content(byte: u8) -> u8 {
    let by_three = if (byte == b'<') | (byte == b'>') { 3 } else { 0 };
    let by_four = if (byte == b'&') | (byte == b'\r') { 4 } else { 0 };
    by_three | by_four
}

#[inline(always)]
fn grown_in_attribute(byte: u8) -> u8 {
    let by_three = if byte == b'\t' { 3 } else { 0 };
    let by_four = if byte == b'\n' { 4 } else { 0 };
    let by_five = if byte == b'"' { 5 } else { 0 };
    grown_in_content(byte) | by_three | by_four | by_five
}

static IN_CONTENT: [Escape; 256] = table(&[(b'<', "&lt;"), (b'>', "&gt;"), (b'&', "&amp;"), (b'\r', "&#13;")]);

static IN_ATTRIBUTE: [Escape; 256] = table(&[
    (b'<', "&lt;"),
    (b'>', "&gt;"),
    (b'&', "&amp;"),
    (b'"', "&quot;"),
    (b'\t', "&#9;"),
    (b'\n', "&#10;"),
    (b'\r', "&#13;"),
]);

const fn table(escapes: &[(u8, &str)]) -> [Escape; 256] {
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
