//! Encoded words of RFC 2047, such as `=?utf-8?q?F=C3=A4hre?=`, in header fields.

use super::charset::decode_charset;
use super::transfer_encoding::{decode_base64_run, decode_quoted_printable};

/// Maximum length of the name of a charset in an encoded word.
const MAX_CHARSET_LENGTH: usize = 80;

/// An encoded word, decoded to bytes.
struct EncodedWord<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

/// Decodes the value of a header field, with its encoded words, into text. The bytes of adjacent words with the same
/// charset are joined before they are decoded, since some programs split a character between two words. `charset` is that
/// of bytes that are neither encoded nor UTF-8, if it is known.
pub(super) fn decode_encoded_words(field: &[u8], charset: Option<&str>) -> String {
    let unfolded: Vec<u8> = field.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let decode_plain = |bytes: &[u8]| decode_charset(bytes, if str::from_utf8(bytes).is_ok() { None } else { charset });
    let mut text = String::new();
    let mut pending: Option<EncodedWord<'_>> = None;
    let mut rest = unfolded.as_slice();
    // The field after the last decoded word. Its beginning, up to the next word, is plain text.
    let mut plain = rest;
    // Position of the last `?=`. No word can begin after it. Without this bound, each `=?` in a field without `?=` would
    // be searched to the end, which takes quadratic time.
    let last_end = unfolded.windows(2).rposition(|pair| pair == b"?=").unwrap_or(0);
    while let Some(at) = find_pair(rest, b"=?")
        && unfolded.len() - rest.len() + at < last_end
    {
        let candidate = rest.get(at..).unwrap_or_default();
        let Some((word, after)) = split_encoded_word(candidate) else {
            rest = candidate.get(2..).unwrap_or_default();
            continue;
        };
        let before = plain.get(..plain.len() - candidate.len()).unwrap_or_default();
        (plain, rest) = (after, after);
        // White space between encoded words is not part of the text.
        let is_continued = pending.is_some() && before.trim_ascii().is_empty();
        match &mut pending {
            Some(last) if is_continued && last.charset.eq_ignore_ascii_case(word.charset) => {
                last.bytes.extend(word.bytes);
                continue;
            }
            Some(last) => text.push_str(&decode_charset(&last.bytes, Some(last.charset))),
            None => {}
        }
        if !is_continued {
            text.push_str(&decode_plain(before));
        }
        pending = Some(word);
    }
    if let Some(last) = pending {
        text.push_str(&decode_charset(&last.bytes, Some(last.charset)));
    }
    text + &decode_plain(plain)
}

/// Splits off an encoded word at the start of the bytes. Returns it and the rest.
fn split_encoded_word(bytes: &[u8]) -> Option<(EncodedWord<'_>, &[u8])> {
    let inside = bytes.strip_prefix(b"=?")?;
    let label_end = inside.iter().take(MAX_CHARSET_LENGTH).position(|byte| *byte == b'?')?;
    let charset =
        str::from_utf8(inside.get(..label_end)?).ok().filter(|charset| !charset.contains(char::is_whitespace))?;
    let [b'?', encoding, b'?', content @ ..] = inside.get(label_end..)? else { return None };
    let is_quoted_printable = match encoding {
        b'q' | b'Q' => true,
        b'b' | b'B' => false,
        _ => return None,
    };
    let end = find_pair(content, b"?=")?;
    let (content, after) = (content.get(..end)?, content.get(end + 2..)?);
    let bytes = if is_quoted_printable {
        let spaced: Vec<u8> = content.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
        decode_quoted_printable(&spaced)
    } else {
        decode_base64_run(content)
    };
    Some((EncodedWord { charset, bytes }, after))
}

/// Returns the position of the first occurrence of two bytes.
fn find_pair(bytes: &[u8], pair: &[u8; 2]) -> Option<usize> {
    bytes.windows(2).position(|window| window == pair)
}
