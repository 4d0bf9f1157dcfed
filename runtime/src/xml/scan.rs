//! Where a run of ordinary bytes ends; and what a name, a character and a reference are.
//!
//! A set of bytes is a function that marks a byte in its highest bit, by arithmetic alone. It is written once, for
//! [`Bytes`], and used twice: on eight bytes as one number, which finds the end of a short run without a branch per
//! byte, and on single bytes in blocks of 32, which the compiler turns into vector instructions without `unsafe`.
//!
//! **Invariant:** the lowest mark in a number is exact. A subtraction borrows from the byte above, so there may be
//! false marks above a true one, but none below.
//! **Invariant:** every set holds the byte 0, so that the padding of the last number ends every run.

use std::ops::BitOr;

use super::{Error, ErrorKind};

const WORD: usize = 8;
const BLOCK: usize = 4 * WORD;
const HIGHEST: u64 = each(0x80);

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// One byte, or eight.
trait Bytes: Copy + BitOr<Output = Self> {
    /// Marks this byte.
    fn equal(self, byte: u8) -> Self;

    /// Marks bytes below a bound, which is at most 0x80.
    fn below(self, bound: u8) -> Self;

    /// Marks bytes from `low` on and below `high`, which is at most 0x80; exactly.
    fn between(self, low: u8, high: u8) -> Self;

    /// The byte with these bits set.
    fn with(self, bits: u8) -> Self;
}

impl Bytes for u8 {
    #[inline(always)]
    fn equal(self, byte: u8) -> Self {
        if self == byte { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn below(self, bound: u8) -> Self {
        if self < bound { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn between(self, low: u8, high: u8) -> Self {
        if self.wrapping_sub(low) < high - low { 0x80 } else { 0 }
    }

    #[inline(always)]
    fn with(self, bits: u8) -> Self {
        self | bits
    }
}

impl Bytes for u64 {
    #[inline(always)]
    fn equal(self, byte: u8) -> Self {
        let zero = self ^ each(byte);
        zero.wrapping_sub(each(1)) & !zero
    }

    #[inline(always)]
    fn below(self, bound: u8) -> Self {
        self.wrapping_sub(each(bound)) & !self
    }

    #[inline(always)]
    fn between(self, low: u8, high: u8) -> Self {
        let bytes = self & !HIGHEST;
        (bytes + each(0x80 - low)) & !(bytes + each(0x80 - high)) & !self
    }

    #[inline(always)]
    fn with(self, bits: u8) -> Self {
        self | each(bits)
    }
}

/// Control characters and CR, but neither tab nor LF.
#[inline(always)]
fn control<B: Bytes>(bytes: B) -> B {
    bytes.below(b'\t') | bytes.between(b'\n' + 1, b' ')
}

/// `<` and `>`, which differ in one bit.
#[inline(always)]
fn angle<B: Bytes>(bytes: B) -> B {
    bytes.with(b'<' ^ b'>').equal(b'>')
}

/// What might start U+FFFE or U+FFFF.
#[inline(always)]
fn wide<B: Bytes>(bytes: B) -> B {
    bytes.equal(0xEF)
}

/// The first byte from `from` on in a set, or the end. The set is given for eight bytes and for one.
#[inline(always)]
fn first(bytes: &[u8], from: usize, eight: impl Fn(u64) -> u64, one: impl Fn(u8) -> u8) -> usize {
    let mut at = from;
    loop {
        for _ in 0..BLOCK / WORD {
            let Some(word) = chunk(bytes, at) else { return last(bytes, at, eight) };
            let found = eight(u64::from_le_bytes(*word)) & HIGHEST;
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += WORD;
        }
        let free = |block: &[u8; BLOCK]| block.iter().fold(0, |found, byte| found | one(*byte)) == 0;
        while let Some(block) = chunk(bytes, at) {
            if !free(block) {
                break;
            }
            at += BLOCK;
        }
        // The last block overlaps what was looked at: if nothing in it is in the set, nothing is left to find.
        if bytes.len() < at + BLOCK && bytes.last_chunk().is_some_and(free) {
            return bytes.len();
        }
    }
}

/// The same for what is left, less than a word.
#[inline(always)]
fn last(bytes: &[u8], from: usize, eight: impl Fn(u64) -> u64) -> usize {
    let left = bytes.len().saturating_sub(from);
    let word = match bytes.last_chunk::<WORD>() {
        Some(word) => u64::from_le_bytes(*word).checked_shr(64 - 8 * left as u32).unwrap_or(0),
        None => bytes.iter().skip(from).rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    from + (eight(word) & HIGHEST).trailing_zeros() as usize / 8
}

#[inline(always)]
fn chunk<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<&[u8; LENGTH]> {
    #[cfg(test)]
    super::tests::count_step();
    bytes.get(at..)?.first_chunk()
}

/// The next byte that element content does not take as it stands: a delimiter, CR, a control character, or the first
/// byte of what might be forbidden.
pub(super) fn text(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        control(bytes) | angle(bytes) | bytes.equal(b'&') | wide(bytes)
    }
    first(bytes, from, set::<u64>, set::<u8>)
}

/// The same for an attribute value in quotes of this kind; white space other than a blank is not taken either.
pub(super) fn attribute(bytes: &[u8], from: usize, quote: u8) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B, quote: u8) -> B {
        bytes.below(b' ') | bytes.equal(b'<') | bytes.equal(b'&') | bytes.equal(quote) | wide(bytes)
    }
    first(bytes, from, |eight: u64| set(eight, quote), |one: u8| set(one, quote))
}

/// As [`text`] for a comment, a processing instruction or a CDATA section, whose end starts with `delimiter`.
pub(super) fn markup(bytes: &[u8], from: usize, delimiter: u8) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B, delimiter: u8) -> B {
        control(bytes) | bytes.equal(delimiter) | wide(bytes)
    }
    first(bytes, from, |eight: u64| set(eight, delimiter), |one: u8| set(one, delimiter))
}

/// The next byte that is replaced when content is resolved: in checked text, CR and `&`.
pub(super) fn replaced(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        control(bytes) | bytes.equal(b'&')
    }
    first(bytes, from, set::<u64>, set::<u8>)
}

/// The same in an attribute, where tab and LF are replaced too.
pub(super) fn replaced_in_attribute(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.below(b' ') | bytes.equal(b'&')
    }
    first(bytes, from, set::<u64>, set::<u8>)
}

/// Whether a byte is a control character other than tab, LF and CR, or might start a character that is not allowed.
#[inline(always)]
pub(super) fn is_suspicious(byte: u8) -> bool {
    ((control(byte) | wide(byte)) != 0) & (byte != b'\r')
}

/// The next byte that the writer escapes in content; or a control character.
pub(super) fn escaped(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.equal(0) | bytes.equal(b'\r') | angle(bytes) | bytes.equal(b'&')
    }
    first(bytes, from, set::<u64>, set::<u8>)
}

/// The next byte that the writer escapes in an attribute; or the first byte of what might be forbidden.
pub(super) fn escaped_in_attribute(bytes: &[u8], from: usize) -> usize {
    #[inline(always)]
    fn set<B: Bytes>(bytes: B) -> B {
        bytes.below(b' ') | angle(bytes) | bytes.equal(b'&') | bytes.equal(b'"') | wide(bytes)
    }
    first(bytes, from, set::<u64>, set::<u8>)
}

/// The next byte that is not white space.
#[inline]
pub(super) fn white(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while is_white(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// Whether XML calls it white space.
#[inline]
pub(super) fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The byte there, or 0 at the end, which no document may hold.
#[inline(always)]
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    #[cfg(test)]
    super::tests::count_step();
    bytes.get(at).copied().unwrap_or(0)
}

/// The part of a document between two offsets on character boundaries.
#[inline(always)]
pub(super) fn slice(document: &str, from: usize, to: usize) -> &str {
    document.get(from..to).unwrap_or_default()
}

/// "Cut off" if the offset is the document's end, and else what is wrong there.
#[cold]
pub(super) fn malformed(document: &str, offset: usize, problem: &'static str) -> Error {
    let kind = if offset >= document.len() { ErrorKind::CutOff } else { ErrorKind::Malformed(problem) };
    Error::new(offset, kind)
}

/// The end of the name that starts at `from`.
#[inline(always)]
pub(super) fn name(document: &str, from: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    if NAME[usize::from(byte(bytes, from))] < STARTS {
        return wide_name(document, from);
    }
    let mut end = from + 1;
    while NAME[usize::from(byte(bytes, end))] >= CONTINUES {
        end += 1;
    }
    if byte(bytes, end) < 0x80 { Ok(end) } else { wide_name(document, from) }
}

const CONTINUES: u8 = 1;
const STARTS: u8 = 2;

/// What ASCII characters may do in a name: nothing, continue it, or start it too.
static NAME: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b':' | b'_' => STARTS,
            b'0'..=b'9' | b'-' | b'.' => CONTINUES,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// As [`name`], character by character.
#[cold]
fn wide_name(document: &str, from: usize) -> Result<usize, Error> {
    let rest = slice(document, from, document.len());
    if !rest.starts_with(starts_name) {
        return Err(malformed(document, from, "a name is missing or starts with a character that no name starts with"));
    }
    Ok(from + rest.find(|char| !continues_name(char)).unwrap_or(rest.len()))
}

fn starts_name(char: char) -> bool {
    matches!(char, ':' | '_' | 'A'..='Z' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(char: char) -> bool {
    starts_name(char)
        || matches!(char, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether XML allows the character.
pub(super) fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The end of the character that starts at `at`, where [`text`] or another scan stopped for it.
#[inline]
pub(super) fn character(document: &str, at: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    match byte(bytes, at) {
        0xEF if byte(bytes, at + 1) == 0xBF && byte(bytes, at + 2) >= 0xBE => Err(forbidden(document, at)),
        0xEF => Ok(at + 3),
        b'\t' | b'\n' | b'\r' | b' '..0x80 => Ok(at + 1),
        _ => Err(forbidden(document, at)),
    }
}

#[cold]
fn forbidden(document: &str, at: usize) -> Error {
    malformed(document, at, "a character is not allowed in XML")
}

/// The character that the reference at `at` (where the `&` is) stands for, and the reference's end.
pub(super) fn reference(document: &str, at: usize) -> Result<(char, usize), Error> {
    let rest = document.as_bytes().get(at + 1..).unwrap_or_default();
    match rest {
        [b'a', b'm', b'p', b';', ..] => Ok(('&', at + 5)),
        [b'l', b't', b';', ..] => Ok(('<', at + 4)),
        [b'g', b't', b';', ..] => Ok(('>', at + 4)),
        [b'q', b'u', b'o', b't', b';', ..] => Ok(('"', at + 6)),
        [b'a', b'p', b'o', b's', b';', ..] => Ok(('\'', at + 6)),
        [b'#', b'x', ..] => numbered(document, at + 3, 16),
        [b'#', ..] => numbered(document, at + 2, 10),
        _ => Err(undefined(document, at)),
    }
}

fn numbered(document: &str, from: usize, radix: u32) -> Result<(char, usize), Error> {
    let bytes = document.as_bytes();
    let mut code = 0u32;
    let mut at = from;
    while let Some(digit) = char::from(byte(bytes, at)).to_digit(radix) {
        code = code.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == from || byte(bytes, at) != b';' {
        return Err(malformed(document, at, "a character reference is not a number and a semicolon"));
    }
    match char::from_u32(code).filter(|char| is_allowed(*char)) {
        Some(char) => Ok((char, at + 1)),
        None => Err(malformed(document, from, "a reference stands for a character that is not allowed in XML")),
    }
}

#[cold]
fn undefined(document: &str, at: usize) -> Error {
    match name(document, at + 1) {
        Ok(end) if byte(document.as_bytes(), end) == b';' => malformed(document, at, "an entity is not defined"),
        Ok(end) => malformed(document, end, "a reference does not end in a semicolon"),
        Err(_) => malformed(document, at + 1, "an ampersand does not start a reference"),
    }
}
