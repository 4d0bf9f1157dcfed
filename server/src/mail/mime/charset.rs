//! Decodes bytes to text.
//!
//! The charset of a text is often missing or wrong. Bytes that are not valid in their charset are read as UTF-8 if they
//! are UTF-8, and as Windows-1252 otherwise, which old programs sent. Windows-1252 has a character for each byte, so
//! that no byte is lost.

use std::borrow::Cow;
use std::str::Utf8Chunk;

use encoding_rs::{
    BIG5, DecoderResult, EUC_KR, Encoding, GBK, ISO_2022_JP, ISO_8859_15, REPLACEMENT, SHIFT_JIS, UTF_8,
};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::unusual_charsets::{UnusualCharset, decode_unusual};

/// A charset that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Charset {
    Standard(&'static Encoding),
    Unusual(UnusualCharset),
}

impl Charset {
    /// `true` if ASCII bytes are ASCII characters.
    fn is_ascii_compatible(self) -> bool {
        match self {
            Self::Standard(encoding) => encoding.is_ascii_compatible(),
            Self::Unusual(unusual) => matches!(unusual, UnusualCharset::CodePage(_)),
        }
    }
}

/// Decodes bytes to text. `label` is the declared name of their charset, if there is one.
pub(super) fn decode_charset(bytes: &[u8], label: Option<&str>) -> String {
    let (charset, bytes) = detect_bom(bytes, label.and_then(find_charset));
    if charset.is_none_or(Charset::is_ascii_compatible)
        && let Some(text) = decode_escaped(bytes)
    {
        return text;
    }
    let utf8 = || str::from_utf8(bytes).map(str::to_owned).ok();
    match charset {
        // UTF-8 is valid in the Western charsets, but text in one of them is hardly ever valid UTF-8.
        Some(Charset::Standard(encoding)) if encoding == WINDOWS_1252 || encoding == ISO_8859_15 => {
            utf8().unwrap_or_else(|| decode_leniently(bytes, encoding))
        }
        Some(Charset::Standard(encoding)) => {
            decode_strictly(bytes, encoding).or_else(utf8).unwrap_or_else(|| decode_leniently(bytes, encoding))
        }
        Some(Charset::Unusual(unusual)) => {
            decode_unusual(bytes, unusual).or_else(utf8).unwrap_or_else(|| decode_leniently(bytes, UTF_8))
        }
        None => decode_leniently(bytes, UTF_8),
    }
}

/// `true` if ASCII bytes are ASCII characters in a charset. Unknown charsets are treated as such.
pub(super) fn is_ascii_compatible(label: &str) -> bool {
    find_charset(label).is_none_or(Charset::is_ascii_compatible)
}

/// Returns the charset that a byte order mark indicates, and the bytes after the mark. Without a mark, returns the
/// labelled charset.
fn detect_bom(bytes: &[u8], labelled: Option<Charset>) -> (Option<Charset>, &[u8]) {
    if labelled != Some(Charset::Unusual(UnusualCharset::Utf32))
        && let Some((encoding, length)) = Encoding::for_bom(bytes)
    {
        return (Some(Charset::Standard(encoding)), bytes.get(length..).unwrap_or_default());
    }
    match labelled {
        Some(Charset::Standard(encoding)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            (detect_utf16(bytes, encoding), bytes)
        }
        _ => (labelled, bytes),
    }
}

/// Detects the byte order of text that is labelled UTF-16 and has no byte order mark: the high bytes of its ASCII
/// characters are zeros. Returns `None` if the text is UTF-8.
fn detect_utf16(bytes: &[u8], labelled: &'static Encoding) -> Option<Charset> {
    let count_zeros = |skipped| bytes.iter().skip(skipped).step_by(2).filter(|byte| **byte == 0).count();
    let encoding = match (count_zeros(0), count_zeros(1)) {
        (0, 0) if str::from_utf8(bytes).is_ok() => return None,
        (big_endian, little_endian) if big_endian > little_endian => UTF_16BE,
        (big_endian, little_endian) if big_endian < little_endian => UTF_16LE,
        _ => labelled,
    };
    Some(Charset::Standard(encoding))
}

/// Finds a charset by its label.
fn find_charset(label: &str) -> Option<Charset> {
    // RFC 2231 adds a language: `utf-8*en`.
    let label = label.split('*').next()?.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    if let Some(encoding) = find_standard(label) {
        return Some(Charset::Standard(encoding));
    }
    // `cp-850`, `CP850` and `x_cp850` are the same charset.
    let key: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let key = key.strip_prefix('x').unwrap_or(&key);
    if let Some(unusual) = UnusualCharset::find(key) {
        return Some(Charset::Unusual(unusual));
    }
    let (name, number) = key.split_at(key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len()));
    // The key is split at its first digit: `koi8r` into `koi` and `8r`.
    let alias = match (name, number) {
        ("iso" | "", number) if number.starts_with("8859") => format!("iso-8859-{}", number.get(4..)?),
        ("iso", number) if number.starts_with("2022jp") => "iso-2022-jp".to_owned(),
        ("cp", number) if number.starts_with("5022") => "iso-2022-jp".to_owned(),
        ("macroman" | "applemacintosh", _) => "macintosh".to_owned(),
        ("utf" | "tis", number) => format!("{name}-{number}"),
        ("big", _) => "big5".to_owned(),
        ("koi", number) => format!("koi8-{}", number.get(1..)?),
        ("shiftjis" | "mskanji", _) => "shift_jis".to_owned(),
        ("eucjp" | "euckr" | "euctw", _) => format!("euc-{}", name.get(3..)?),
        ("euccn", _) => "gbk".to_owned(),
        _ => key.to_owned(),
    };
    find_standard(&alias).map(Charset::Standard).or_else(|| find_code_page(number))
}

/// Finds a charset by a label of the Encoding Standard. Returns `None` for the two encodings that are not for text.
fn find_standard(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.as_bytes())?;
    (encoding != REPLACEMENT && encoding != X_USER_DEFINED).then_some(encoding)
}

/// Finds a code page of Windows or DOS by its number.
fn find_code_page(number: &str) -> Option<Charset> {
    let encoding = match number {
        "932" => SHIFT_JIS,
        "936" => GBK,
        "949" => EUC_KR,
        "950" => BIG5,
        "65001" => UTF_8,
        _ => match Encoding::for_label(format!("windows-{number}").as_bytes()) {
            Some(encoding) => encoding,
            None => return UnusualCharset::find_code_page(number).map(Charset::Unusual),
        },
    };
    Some(Charset::Standard(encoding))
}

/// Decodes Japanese or Korean text in seven bits, whose escape sequences occur in no other text.
fn decode_escaped(bytes: &[u8]) -> Option<String> {
    let has_escape = bytes.is_ascii() && bytes.windows(2).any(|pair| pair == b"\x1b$" || pair == b"\x1b(");
    if !has_escape {
        return None;
    }
    decode_strictly(bytes, ISO_2022_JP).or_else(|| decode_unusual(bytes, UnusualCharset::Iso2022Kr))
}

/// Decodes text. Returns `None` if some bytes are not valid.
pub(super) fn decode_strictly(bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    Some(encoding.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned())
}

/// Decodes text. Bytes that are not valid are read as Windows-1252.
fn decode_leniently(bytes: &[u8], encoding: &'static Encoding) -> String {
    if encoding == UTF_8 {
        let decode = |chunk: Utf8Chunk<'_>| chunk.valid().to_owned() + &decode_windows_1252(chunk.invalid());
        return bytes.utf8_chunks().map(decode).collect();
    }
    let mut text = String::with_capacity(bytes.len());
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // The decoder stops at each invalid byte. With a buffer for the whole text, each stop would take time for all of it.
    let mut buffer = [0; 256];
    let mut read = 0;
    loop {
        let rest = bytes.get(read..).unwrap_or_default();
        let (result, length, written) = decoder.decode_to_utf8_without_replacement(rest, &mut buffer, true);
        text.push_str(buffer.get(..written).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default());
        read += length;
        match result {
            DecoderResult::InputEmpty => return text,
            DecoderResult::OutputFull => {}
            // The decoder may have read some bytes after the malformed ones.
            DecoderResult::Malformed(malformed_length, read_after) => {
                let end = read.saturating_sub(usize::from(read_after));
                let malformed = bytes.get(end.saturating_sub(usize::from(malformed_length))..end).unwrap_or_default();
                text.push_str(&decode_windows_1252(malformed));
            }
        }
    }
}

/// Decodes Windows-1252, which has a character for each byte.
fn decode_windows_1252(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}
