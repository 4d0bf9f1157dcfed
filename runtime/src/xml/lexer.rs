//! Names, characters, references and quoted values: the tokens from which tags and markup are built.
//!
//! A function that skips or reads a token takes the document and the offset at which the token starts, and returns the
//! offset at which it ends.

use super::error::{Error, ErrorKind};
use super::scan::{byte_at, skip_value, skip_white, slice};

/// Creates an error at an offset: [`ErrorKind::CutOff`] at the end of the document, else [`ErrorKind::Malformed`].
#[cold]
pub(super) fn malformed(document: &str, offset: usize, problem: &'static str) -> Error {
    let kind = if offset >= document.len() { ErrorKind::CutOff } else { ErrorKind::Malformed(problem) };
    Error::new(offset, kind)
}

/// Skips the name that starts at `from`; an error if no name starts there.
#[inline(always)]
pub(super) fn skip_name(document: &str, from: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    if NAME[usize::from(byte_at(bytes, from))] < STARTS {
        return skip_wide_name(document, from);
    }
    let mut end = from + 1;
    while NAME[usize::from(byte_at(bytes, end))] >= CONTINUES {
        end += 1;
    }
    if byte_at(bytes, end) < 0x80 { Ok(end) } else { skip_wide_name(document, from) }
}

/// Role of a character that may continue a name, but not start one.
const CONTINUES: u8 = 1;
/// Role of a character that may start or continue a name.
const STARTS: u8 = 2;

/// Role of each ASCII character in a name: [`CONTINUES`], [`STARTS`], or 0 for none. Other bytes have the role 0 too.
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

/// Skips a name character by character: the slow path of [`skip_name`], for names that are not ASCII and for errors.
#[cold]
fn skip_wide_name(document: &str, from: usize) -> Result<usize, Error> {
    let rest = slice(document, from, document.len());
    if !rest.starts_with(is_name_start) {
        return Err(malformed(document, from, "a name is missing or starts with a character that no name starts with"));
    }
    Ok(from + rest.find(|char| !is_name_part(char)).unwrap_or(rest.len()))
}

/// `true` for a `NameStartChar` of the XML recommendation.
fn is_name_start(char: char) -> bool {
    matches!(char, ':' | '_' | 'A'..='Z' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `true` for a `NameChar` of the XML recommendation.
fn is_name_part(char: char) -> bool {
    is_name_start(char)
        || matches!(char, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// `true` if XML allows the character.
pub(super) fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Skips the character at `at`; an error if XML forbids it, or at the end of the document. A scan must have stopped at
/// `at`, so the byte is ASCII or 0xEF.
#[inline]
pub(super) fn skip_character(document: &str, at: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    match byte_at(bytes, at) {
        // U+FFFE and U+FFFF are EF BF BE and EF BF BF in UTF-8.
        0xEF if byte_at(bytes, at + 1) == 0xBF && byte_at(bytes, at + 2) >= 0xBE => Err(reject_character(document, at)),
        0xEF => Ok(at + 3),
        b'\t' | b'\n' | b'\r' | b' '..0x80 => Ok(at + 1),
        _ => Err(reject_character(document, at)),
    }
}

/// Creates the error for a character that XML forbids.
#[cold]
fn reject_character(document: &str, at: usize) -> Error {
    malformed(document, at, "a character is not allowed in XML")
}

/// Reads the reference whose `&` is at `at`; returns its character and the offset after its `;`.
pub(super) fn read_reference(document: &str, at: usize) -> Result<(char, usize), Error> {
    let rest = document.as_bytes().get(at + 1..).unwrap_or_default();
    match rest {
        [b'a', b'm', b'p', b';', ..] => Ok(('&', at + 5)),
        [b'l', b't', b';', ..] => Ok(('<', at + 4)),
        [b'g', b't', b';', ..] => Ok(('>', at + 4)),
        [b'q', b'u', b'o', b't', b';', ..] => Ok(('"', at + 6)),
        [b'a', b'p', b'o', b's', b';', ..] => Ok(('\'', at + 6)),
        [b'#', b'x', ..] => read_numeric_reference(document, at + 3, 16),
        [b'#', ..] => read_numeric_reference(document, at + 2, 10),
        _ => Err(reject_reference(document, at)),
    }
}

/// Reads a numeric reference whose first digit is at `from`; returns its character and the offset after its `;`.
fn read_numeric_reference(document: &str, from: usize, radix: u32) -> Result<(char, usize), Error> {
    let bytes = document.as_bytes();
    let mut code = 0u32;
    let mut at = from;
    while let Some(digit) = char::from(byte_at(bytes, at)).to_digit(radix) {
        code = code.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == from || byte_at(bytes, at) != b';' {
        return Err(malformed(document, at, "a character reference is not a number and a semicolon"));
    }
    match char::from_u32(code).filter(|char| is_allowed(*char)) {
        Some(char) => Ok((char, at + 1)),
        None => Err(malformed(document, from, "a reference is to a character that is not allowed in XML")),
    }
}

/// Creates the error for an `&` that starts neither a predefined nor a numeric reference.
#[cold]
fn reject_reference(document: &str, at: usize) -> Error {
    match skip_name(document, at + 1) {
        Ok(end) if byte_at(document.as_bytes(), end) == b';' => malformed(document, at, "an entity is not defined"),
        Ok(end) => malformed(document, end, "a reference does not end in a semicolon"),
        Err(_) => malformed(document, at + 1, "an ampersand does not start a reference"),
    }
}

/// Skips `literal`, which must be at `at`. Otherwise, the error has the offset of the first byte that differs.
pub(super) fn expect_literal(document: &str, at: usize, literal: &str, problem: &'static str) -> Result<usize, Error> {
    let found = document.as_bytes().get(at..).unwrap_or_default();
    if found.starts_with(literal.as_bytes()) {
        return Ok(at + literal.len());
    }
    let matching = found.iter().zip(literal.bytes()).take_while(|(byte, expected)| **byte == *expected).count();
    Err(malformed(document, at + matching, problem))
}

/// Skips an attribute's `=` and its opening quote, with the white space before each of them. Returns the offset of the
/// value, directly after the quote.
pub(super) fn skip_to_value(document: &str, from: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    let at = expect_literal(document, skip_white(bytes, from), "=", "an attribute has no value")?;
    let at = skip_white(bytes, at);
    match byte_at(bytes, at) {
        b'"' | b'\'' => Ok(at + 1),
        _ => Err(malformed(document, at, "an attribute value is not in quotes")),
    }
}

/// Skips an attribute value, and returns the offset of its closing quote. Also returns `true` if the value must be
/// normalized, because it has a reference or white space other than a space.
pub(super) fn skip_quoted(document: &str, from: usize, quote: u8) -> Result<(usize, bool), Error> {
    let mut at = from;
    let mut must_normalize = false;
    loop {
        at = skip_value(document.as_bytes(), at, quote);
        let stop = byte_at(document.as_bytes(), at);
        at = match stop {
            _ if stop == quote => return Ok((at, must_normalize)),
            b'<' => return Err(malformed(document, at, "an attribute value contains <")),
            b'&' => read_reference(document, at)?.1,
            _ => skip_character(document, at)?,
        };
        // The other stops, at 0xEF, are at ordinary characters.
        must_normalize |= stop < 0x80;
    }
}
