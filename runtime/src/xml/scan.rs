//! Fast search for the next byte of a set, such as the delimiters of text.
//!
//! A set of bytes is a function that marks members by their highest bit, with arithmetic only. Each set is written
//! once, for [`Bytes`], and is used in two ways. On eight bytes as one `u64`, it finds the end of a short run without a
//! branch per byte. On single bytes in blocks of 32, the compiler turns it into vector instructions without `unsafe`.
//!
//! **Invariant:** the lowest mark in a `u64` is exact. A subtraction borrows from the next higher byte, so there can be
//! false marks above a true one, but none below it.
//! **Invariant:** every set contains the byte 0, so the padding of the last `u64` ends every run.

use std::ops::BitOr;

#[cfg(test)]
thread_local! {
    /// Number of accesses to a document, for the tests of linear run time.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Number of bytes in a `u64`.
const WORD: usize = 8;
/// Number of bytes in a block of a long run.
const BLOCK: usize = 4 * WORD;
/// Highest bit of each byte: the marks.
const HIGHEST: u64 = repeat(0x80);

/// Repeats a byte eight times.
const fn repeat(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// One byte, or eight bytes in a `u64`.
trait Bytes: Copy + BitOr<Output = Self> {
    /// Marks bytes that are equal to `byte`.
    fn mark_equal(self, byte: u8) -> Self;

    /// Marks bytes below `bound`, which is at most 0x80.
    fn mark_below(self, bound: u8) -> Self;

    /// Marks bytes in `low..high`, without false marks; `high` is at most 0x80.
    fn mark_between(self, low: u8, high: u8) -> Self;

    /// Sets bits in each byte.
    fn set_bits(self, bits: u8) -> Self;
}

impl Bytes for u8 {
    #[inline(always)]
    fn mark_equal(self, byte: u8) -> Self {
        if self == byte { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn mark_below(self, bound: u8) -> Self {
        if self < bound { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn mark_between(self, low: u8, high: u8) -> Self {
        if self.wrapping_sub(low) < high - low { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn set_bits(self, bits: u8) -> Self {
        self | bits
    }
}

impl Bytes for u64 {
    #[inline(always)]
    fn mark_equal(self, byte: u8) -> Self {
        let zero = self ^ repeat(byte);
        zero.wrapping_sub(repeat(1)) & !zero
    }

    #[inline(always)]
    fn mark_below(self, bound: u8) -> Self {
        self.wrapping_sub(repeat(bound)) & !self
    }

    #[inline(always)]
    fn mark_between(self, low: u8, high: u8) -> Self {
        let bytes = self & !HIGHEST;
        (bytes + repeat(0x80 - low)) & !(bytes + repeat(0x80 - high)) & !self
    }

    #[inline(always)]
    fn set_bits(self, bits: u8) -> Self {
        self | repeat(bits)
    }
}

/// Marks control characters and CR, but neither tab nor LF.
#[inline(always)]
fn mark_control<B: Bytes>(bytes: B) -> B {
    bytes.mark_below(b'\t') | bytes.mark_between(b'\n' + 1, b' ')
}

/// Marks `<` and `>`, which differ in one bit.
#[inline(always)]
fn mark_angle<B: Bytes>(bytes: B) -> B {
    bytes.set_bits(b'<' ^ b'>').mark_equal(b'>')
}

/// Marks bytes that may start U+FFFE or U+FFFF in UTF-8.
#[inline(always)]
fn mark_wide<B: Bytes>(bytes: B) -> B {
    bytes.mark_equal(0xEF)
}

/// Returns the offset of the first member of a set at or after `from`, or the length if there is none. `eight` and
/// `one` are the same set, for eight bytes and for one byte.
#[inline(always)]
fn find_first(bytes: &[u8], from: usize, eight: impl Fn(u64) -> u64, one: impl Fn(u8) -> u8) -> usize {
    let mut at = from;
    loop {
        // Search word by word: most runs are short.
        for _ in 0..BLOCK / WORD {
            let Some(word) = chunk_at(bytes, at) else { return find_in_rest(bytes, at, eight) };
            let found = eight(u64::from_le_bytes(*word)) & HIGHEST;
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += WORD;
        }
        // Skip whole blocks of a long run. The next words then find the offset within the block that has a member.
        let has_no_member = |block: &[u8; BLOCK]| block.iter().fold(0, |found, byte| found | one(*byte)) == 0;
        while let Some(block) = chunk_at(bytes, at) {
            if !has_no_member(block) {
                break;
            }
            at += BLOCK;
        }
        // The last block overlaps the blocks before it: if it has no member of the set, no byte is left to search.
        if bytes.len() < at + BLOCK && bytes.last_chunk().is_some_and(has_no_member) {
            return bytes.len();
        }
    }
}

/// Returns the offset of the first member of a set among the last bytes, which are fewer than eight, or the length if
/// there is none. The bytes are padded with zeros to a `u64`.
#[inline(always)]
fn find_in_rest(bytes: &[u8], from: usize, eight: impl Fn(u64) -> u64) -> usize {
    let remaining = bytes.len().saturating_sub(from);
    let word = match bytes.last_chunk::<WORD>() {
        Some(word) => u64::from_le_bytes(*word).checked_shr(64 - 8 * remaining as u32).unwrap_or(0),
        None => bytes.iter().skip(from).rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    from + (eight(word) & HIGHEST).trailing_zeros() as usize / 8
}

/// Returns the `LENGTH` bytes from an offset; `None` if fewer are left.
#[inline(always)]
fn chunk_at<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<&[u8; LENGTH]> {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
    bytes.get(at..)?.first_chunk()
}

/// Skips element content up to `<`, `>`, `&`, CR, a control character, or a byte that may start a forbidden character.
pub(super) fn skip_text(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        mark_control(bytes) | mark_angle(bytes) | bytes.mark_equal(b'&') | mark_wide(bytes)
    }
    find_first(bytes, from, set::<u64>, set::<u8>)
}

/// Skips an attribute value up to its closing quote, `<`, `&`, white space other than a space, a control character, or
/// a byte that may start a forbidden character.
pub(super) fn skip_value(bytes: &[u8], from: usize, quote: u8) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B, quote: u8) -> B {
        bytes.mark_below(b' ')
            | bytes.mark_equal(b'<')
            | bytes.mark_equal(b'&')
            | bytes.mark_equal(quote)
            | mark_wide(bytes)
    }
    find_first(bytes, from, |eight: u64| set(eight, quote), |one: u8| set(one, quote))
}

/// Skips a comment, a processing instruction or a CDATA section up to `delimiter`, with which its end starts, CR, a
/// control character, or a byte that may start a forbidden character.
pub(super) fn skip_markup(bytes: &[u8], from: usize, delimiter: u8) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B, delimiter: u8) -> B {
        mark_control(bytes) | bytes.mark_equal(delimiter) | mark_wide(bytes)
    }
    find_first(bytes, from, |eight: u64| set(eight, delimiter), |one: u8| set(one, delimiter))
}

/// Finds the next byte of checked content that is replaced when its value is read: CR or `&`.
pub(super) fn find_replaced(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        mark_control(bytes) | bytes.mark_equal(b'&')
    }
    find_first(bytes, from, set::<u64>, set::<u8>)
}

/// Finds the next byte of a checked attribute value that is replaced when it is read: tab, LF, CR or `&`.
pub(super) fn find_replaced_in_attribute(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.mark_below(b' ') | bytes.mark_equal(b'&')
    }
    find_first(bytes, from, set::<u64>, set::<u8>)
}

/// `true` for a control character other than tab, LF and CR, and for a byte that may start a forbidden character.
#[inline(always)]
pub(super) fn is_suspicious(byte: u8) -> bool {
    ((mark_control(byte) | mark_wide(byte)) != 0) & (byte != b'\r')
}

/// Finds the next byte that the writer escapes in content, or the byte 0, which every set contains.
pub(super) fn find_escaped(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.mark_equal(0) | bytes.mark_equal(b'\r') | mark_angle(bytes) | bytes.mark_equal(b'&')
    }
    find_first(bytes, from, set::<u64>, set::<u8>)
}

/// Finds the next byte that the writer escapes in an attribute, a control character, or a byte that may start a
/// forbidden character.
pub(super) fn find_escaped_in_attribute(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.mark_below(b' ') | mark_angle(bytes) | bytes.mark_equal(b'&') | bytes.mark_equal(b'"') | mark_wide(bytes)
    }
    find_first(bytes, from, set::<u64>, set::<u8>)
}

/// Returns the offset after white space as XML defines it: space, tab, CR and LF.
#[inline]
pub fn skip_white(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while is_white(byte_at(bytes, at)) {
        at += 1;
    }
    at
}

/// `true` for white space as XML defines it: space, tab, CR and LF.
#[inline]
pub fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Returns the byte at an offset, or 0 at the end. No well-formed document contains the byte 0.
#[inline(always)]
pub(super) fn byte_at(bytes: &[u8], at: usize) -> u8 {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
    bytes.get(at).copied().unwrap_or(0)
}

/// Returns the part of a document between two offsets on character boundaries; empty for other offsets.
#[inline(always)]
pub(super) fn slice(document: &str, from: usize, to: usize) -> &str {
    document.get(from..to).unwrap_or_default()
}
