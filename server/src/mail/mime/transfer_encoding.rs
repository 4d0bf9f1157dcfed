//! Content transfer encodings: base64, quoted-printable and uuencode.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::lines::lines;

/// Base64 whose padding can be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Length from which a line without spaces is taken for base64: programs write lines of 60 to 76 characters.
const FULL_LINE: usize = 60;

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
    let mut width = None;
    for line in lines(body) {
        let trimmed = line.trim_ascii();
        let is_continued = width.is_none_or(|width| width > 0);
        if trimmed.is_empty() {
            // Blank lines before and between encoded lines are not text.
            if !added.is_empty() {
                added.push(b'\n');
            }
            width = width.map(|_| 0);
        } else if is_base64_line(trimmed, is_continued, width) {
            flush_added(&mut pieces, &mut added);
            // A zero for each damaged digit keeps the others in place.
            encoded.extend(trimmed.iter().map(|byte| if is_base64_byte(byte) || *byte == b'=' { *byte } else { b'A' }));
            // A shorter line or padding is the end.
            let is_last = trimmed.ends_with(b"=") || width.is_some_and(|width| trimmed.len() < width);
            width = Some(if is_last { 0 } else { trimmed.len() });
        } else {
            flush_encoded(&mut pieces, &mut encoded);
            added.extend_from_slice(line);
            added.push(b'\n');
            width = Some(0);
        }
    }
    flush_encoded(&mut pieces, &mut encoded);
    flush_added(&mut pieces, &mut added);
    pieces
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

/// `true` if a line is base64. `is_continued` is `true` if an encoded line must follow, and `width` is the length of the
/// line before.
fn is_base64_line(line: &[u8], is_continued: bool, width: Option<usize>) -> bool {
    let has_alphabet = {
        let unpadded = line.strip_suffix(b"==").or_else(|| line.strip_suffix(b"=")).unwrap_or(line);
        unpadded.iter().all(is_base64_byte)
    };
    if is_continued {
        // Between lines of the same length, a damaged line is recognized by its length.
        let is_damaged = width == Some(line.len()) && !line.contains(&b' ');
        return is_damaged || (has_alphabet && line.len() != 1);
    }
    has_alphabet
        && line.len() % 4 == 0
        && (line.ends_with(b"=") || line.len() >= FULL_LINE || is_text(&decode_base64_run(line)))
}

/// `true` if a byte is a digit of base64.
fn is_base64_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// `true` if bytes are UTF-8 without control characters other than white space.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_control = |c: char| c.is_control() && !c.is_whitespace();
    str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_control))
}

/// Decodes base64, without the bytes that are none. Padding can be missing, and can be in the middle, where encoded
/// texts were joined.
pub(super) fn decode_base64_run(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3 + 3);
    for run in encoded.split(|byte| *byte == b'=') {
        let mut digits: Vec<u8> = run.iter().copied().filter(is_base64_byte).collect();
        // A single digit at the end has less than a byte.
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

/// Skips the rest of a soft line break: white space that was added on the way, and the line end. The end of the body is
/// one, too.
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
    for line in lines(body) {
        match line {
            [b'b', b'e', b'g', b'i', b'n', b' ', ..] if !is_inside => is_inside = true,
            b"end" if is_inside => is_inside = false,
            _ if is_inside => decoded.extend(decode_uuencoded_line(line)),
            _ => {
                decoded.extend_from_slice(line);
                decoded.push(b'\n');
            }
        }
    }
    decoded
}

/// Decodes a line: its first character is the number of bytes, and each other one has six bits.
fn decode_uuencoded_line(line: &[u8]) -> Vec<u8> {
    let Some((length, digits)) = line.split_first() else { return Vec::new() };
    let sextet = |byte: &u8| u32::from(byte.wrapping_sub(b' ') & 0x3f);
    let mut bytes: Vec<u8> = digits
        .chunks(4)
        .flat_map(|chunk| {
            let bits = (0..4).fold(0, |bits, at| bits << 6 | chunk.get(at).map_or(0, sextet));
            let [_, bytes @ ..] = bits.to_be_bytes();
            bytes
        })
        .collect();
    bytes.truncate(usize::from(length.wrapping_sub(b' ') & 0x3f));
    bytes
}
