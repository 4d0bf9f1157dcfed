//! Content transfer encodings: base64, quoted-printable and uuencode.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::lines::split_lines;

/// Base64 whose padding can be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Minimum length at which a line of base64 digits is not taken for text: programs write lines of 60 to 76 characters.
const FULL_LINE: usize = 60;

/// Minimum length of a line in which `=` is taken for the padding of base64, and not for an equals sign in text.
const MIN_LINE: usize = 8;

/// Minimum number of bytes in a long line for each damaged one. A URL has more characters that are not base64 digits.
const DIGITS_PER_DAMAGE: usize = 30;

/// A piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Decoded content.
    Content(Cow<'a, [u8]>),
    /// Text that was added to an encoded body on the way.
    Added(Vec<u8>),
}

impl Piece<'_> {
    /// Returns the bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Content(bytes) => bytes,
            Self::Added(bytes) => bytes,
        }
    }
}

/// Decodes a body. `encoding` is in lower case; a body with an unknown encoding is returned as it is.
pub(super) fn decode_body<'a>(body: &'a [u8], encoding: &str) -> Vec<Piece<'a>> {
    match encoding {
        "base64" => decode_base64(body),
        "quoted-printable" => vec![Piece::Content(decode_quoted_printable(body).into())],
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => vec![Piece::Content(decode_uuencode(body).into())],
        _ => vec![Piece::Content(body.into())],
    }
}

/// Decodes base64 line by line. Mailing lists add lines of text before and after it, which are returned as they are.
///
/// The encoded lines have the same length, except the last one, which can have padding. After it, and after a blank
/// line or a line of text, a line is decoded only if it cannot be text.
fn decode_base64(body: &[u8]) -> Vec<Piece<'_>> {
    let (mut pieces, mut encoded, mut added) = (Vec::new(), Vec::new(), Vec::new());
    // Length of the previous encoded line: `None` before the first, and 0 after the last.
    let mut width = None;
    for line in split_lines(body) {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() {
            // Blank lines before and between encoded lines are not text.
            if !added.is_empty() {
                added.push(b'\n');
            }
            width = width.map(|_| 0);
            continue;
        }
        let (digits, text) = trimmed.split_at(measure_base64(trimmed, width));
        if !digits.is_empty() {
            flush_added(&mut pieces, &mut added);
            push_repaired(&mut encoded, digits);
            // Padding ends the encoded lines, and so does a shorter line at the end of a group of four digits.
            let is_shorter = width.is_some_and(|width| trimmed.len() < width);
            let is_last = trimmed.contains(&b'=') || (is_shorter && encoded.len().is_multiple_of(4));
            width = Some(if is_last { 0 } else { trimmed.len() });
        }
        if !text.is_empty() {
            flush_encoded(&mut pieces, &mut encoded);
            added.extend_from_slice(if digits.is_empty() { line } else { text });
            added.push(b'\n');
            width = Some(0);
        }
    }
    flush_encoded(&mut pieces, &mut encoded);
    flush_added(&mut pieces, &mut added);
    pieces
}

/// Returns the length of the base64 at the start of a line. The rest of the line is text. `width` is the length of the
/// previous encoded line: `None` before the first, and 0 after the last.
fn measure_base64(line: &[u8], width: Option<usize>) -> usize {
    let digits = line.iter().take_while(|byte| is_base64_digit(byte)).count();
    let padding = line.iter().skip(digits).take(2).take_while(|byte| **byte == b'=').count();
    let length = digits + padding;
    let is_whole = length == line.len();
    let is_aligned = length.is_multiple_of(4);
    if width == Some(0) {
        let is_base64 =
            is_whole && is_aligned && (padding > 0 || length >= FULL_LINE || is_text(&decode_base64_run(line)));
        return if is_base64 { length } else { 0 };
    }
    if is_whole {
        // A word is text: of a body that was never encoded, or at the start of a text after the encoded lines. After
        // them, a word of up to four letters can be the last group of digits.
        let is_text = length == 1 || (is_word(line) && (width.is_none() || length > 4));
        return if is_text { 0 } else { length };
    }
    if padding > 0 && is_aligned && length >= MIN_LINE {
        // Text was added after the padding, without a line break.
        return length;
    }
    // A damaged line is recognized by its length, or if the rest of it is text in UTF-8.
    let damaged = line.iter().filter(|byte| !is_base64_digit(byte)).count();
    let is_long = line.len() >= FULL_LINE && damaged <= line.len() / DIGITS_PER_DAMAGE;
    let is_damaged = !line.contains(&b' ') && (width == Some(line.len()) || is_long);
    let is_encoded = || line.len() - damaged >= MIN_LINE && is_text(&decode_base64_run(line));
    if is_damaged || is_encoded() { line.len() } else { 0 }
}

/// `true` if a line is a word: lower-case letters, of which the first can be upper-case. A line of capitals is not a
/// word, since `AAAA` encodes zeros.
fn is_word(line: &[u8]) -> bool {
    line.split_first().is_some_and(|(first, rest)| {
        first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase) && line.len() < FULL_LINE
    })
}

/// Appends the digits of a line that can be damaged. If the digits alone form groups of four, other bytes were added,
/// and are skipped. Otherwise they replace digits, and each becomes a zero (`A`), which keeps the next digits in place.
fn push_repaired(encoded: &mut Vec<u8>, line: &[u8]) {
    let is_valid = |byte: &u8| is_base64_digit(byte) || *byte == b'=';
    let is_added = line.contains(&b' ') || line.iter().filter(|byte| is_valid(byte)).count().is_multiple_of(4);
    if is_added {
        encoded.extend(line.iter().copied().filter(is_valid));
    } else {
        encoded.extend(line.iter().map(|byte| if is_valid(byte) { *byte } else { b'A' }));
    }
}

/// Moves encoded lines to the pieces, decoded.
fn flush_encoded(pieces: &mut Vec<Piece<'_>>, encoded: &mut Vec<u8>) {
    if !encoded.is_empty() {
        pieces.push(Piece::Content(decode_base64_run(encoded).into()));
        encoded.clear();
    }
}

/// Moves lines of text to the pieces.
fn flush_added(pieces: &mut Vec<Piece<'_>>, added: &mut Vec<u8>) {
    if !added.is_empty() {
        pieces.push(Piece::Added(std::mem::take(added)));
    }
}

/// `true` if a byte is a digit of base64.
fn is_base64_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// `true` if bytes are UTF-8 without control characters other than white space.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_control = |c: char| c.is_control() && !c.is_whitespace();
    str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_control))
}

/// Decodes base64, and skips bytes that are not digits. Padding can be missing. It can also be in the middle, where
/// encoded texts were joined.
pub(super) fn decode_base64_run(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3 + 3);
    for run in encoded.split(|byte| *byte == b'=') {
        let mut digits: Vec<u8> = run.iter().copied().filter(is_base64_digit).collect();
        // A single digit at the end has six bits, which is less than a byte.
        if digits.len() % 4 == 1 {
            digits.pop();
        }
        // Digits in a valid number always decode.
        decoded.extend(BASE64.decode(digits).unwrap_or_default());
    }
    decoded
}

/// Decodes quoted-printable. An equals sign that begins neither an encoded byte nor a soft line break is kept.
pub(super) fn decode_quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|byte| *byte == b'=') {
        let (before, after) = rest.split_at(at);
        decoded.extend_from_slice(before);
        rest = after.get(1..).unwrap_or_default();
        if let Some(byte) = rest.get(..2).and_then(parse_hex) {
            decoded.push(byte);
            rest = rest.get(2..).unwrap_or_default();
        } else if let Some(after) = skip_soft_break(rest) {
            rest = after;
        } else {
            decoded.push(b'=');
        }
    }
    decoded.extend_from_slice(rest);
    decoded
}

/// Parses two hexadecimal digits of either case.
fn parse_hex(digits: &[u8]) -> Option<u8> {
    let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u8::from_str_radix(digits, 16).ok()
}

/// Skips the rest of a soft line break: white space that was added on the way, and the line end or the end of the body.
/// Returns `None` if other bytes follow.
fn skip_soft_break(bytes: &[u8]) -> Option<&[u8]> {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match bytes.get(blank..)? {
        [] => Some(&[]),
        [b'\r', b'\r', b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] | [b'\n' | b'\r', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Decodes the lines between `begin` and `end`. Other lines are kept.
fn decode_uuencode(body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(body.len());
    let mut is_inside = false;
    for line in split_lines(body) {
        match line {
            [b'b', b'e', b'g', b'i', b'n', b' ', ..] if !is_inside => is_inside = true,
            b"end" if is_inside => is_inside = false,
            _ => match decode_uuencoded_line(line) {
                Some(bytes) if is_inside => decoded.extend(bytes),
                _ => {
                    decoded.extend_from_slice(line);
                    decoded.push(b'\n');
                }
            },
        }
    }
    decoded
}

/// Decodes a line: its first character is the number of bytes, and each other one has six bits. Spaces at the end, which
/// encode zeros, can be missing. Returns `None` if the line is not encoded.
fn decode_uuencoded_line(line: &[u8]) -> Option<Vec<u8>> {
    let (length, digits) = line.split_first()?;
    let length = usize::from(length.wrapping_sub(b' ') & 0x3f);
    if !line.iter().all(|byte| matches!(byte, b' '..=b'`')) || digits.len() > length.div_ceil(3) * 4 + 1 {
        return None;
    }
    let sextet = |byte: &u8| u32::from(byte.wrapping_sub(b' ') & 0x3f);
    let mut bytes: Vec<u8> = digits
        .chunks(4)
        .flat_map(|chunk| {
            let bits = (0..4).fold(0, |bits, at| bits << 6 | chunk.get(at).map_or(0, sextet));
            let [_, bytes @ ..] = bits.to_be_bytes();
            bytes
        })
        .collect();
    bytes.truncate(length);
    Some(bytes)
}
