//! The charsets of old mails that `encoding_rs` lacks, since browsers do not support them.

use encoding_rs::{EUC_KR, GBK};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

use super::charset::decode_strictly;
use super::transfer_encoding::decode_base64_run;

/// A charset that `encoding_rs` lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnusualCharset {
    Utf7,
    Utf32,
    /// A code page of DOS.
    CodePage(u16),
    /// Chinese, in seven bits.
    HzGb2312,
    /// Chinese, in seven bits.
    Iso2022Cn,
    /// Korean, in seven bits.
    Iso2022Kr,
}

impl UnusualCharset {
    /// Finds a charset by the letters and digits of its label, in lower case.
    pub(super) fn find(key: &str) -> Option<Self> {
        match key {
            "utf7" | "unicode11utf7" | "csutf7" => Some(Self::Utf7),
            "utf32" | "utf32be" | "utf32le" | "ucs4" | "iso10646ucs4" => Some(Self::Utf32),
            "hz" | "hzgb" | "hzgb2312" => Some(Self::HzGb2312),
            "iso2022cn" | "iso2022cnext" => Some(Self::Iso2022Cn),
            "iso2022kr" | "csiso2022kr" => Some(Self::Iso2022Kr),
            _ => None,
        }
    }

    /// Finds a code page of DOS by its number.
    pub(super) fn find_code_page(number: &str) -> Option<Self> {
        let number = number.parse().ok()?;
        DECODING_TABLE_CP_MAP.contains_key(&number).then_some(Self::CodePage(number))
    }
}

/// Decodes text. Returns `None` if some bytes are not valid.
pub(super) fn decode_unusual(bytes: &[u8], charset: UnusualCharset) -> Option<String> {
    match charset {
        UnusualCharset::Utf7 => decode_utf7(bytes),
        UnusualCharset::Utf32 => decode_utf32(bytes),
        UnusualCharset::CodePage(number) => decode_code_page(bytes, number),
        UnusualCharset::HzGb2312 => Some(decode_strictly(&set_high_bits(bytes, b"~{", b"~}"), GBK)?.replace("~~", "~")),
        UnusualCharset::Iso2022Cn => decode_strictly(&set_high_bits(bytes, b"\x0e", b"\x0f"), GBK),
        UnusualCharset::Iso2022Kr => decode_strictly(&set_high_bits(bytes, b"\x0e", b"\x0f"), EUC_KR),
    }
}

/// Decodes UTF-7: `+` and `-` enclose UTF-16 in base64, and `+-` is a plus sign.
fn decode_utf7(bytes: &[u8]) -> Option<String> {
    let mut rest = str::from_utf8(bytes).ok()?;
    let mut decoded = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('+') {
        decoded.push_str(before);
        let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
        let (digits, after) = after.split_at(after.find(|c| !is_digit(c)).unwrap_or(after.len()));
        let utf16 = decode_base64_run(digits.as_bytes());
        let (units, _) = utf16.as_chunks::<2>();
        if units.is_empty() {
            // A plus sign, encoded or not.
            decoded.push('+');
            decoded.push_str(digits);
        }
        let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
        decoded.extend(char::decode_utf16(units).collect::<Result<Vec<_>, _>>().ok()?);
        rest = after.strip_prefix('-').unwrap_or(after);
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// Decodes UTF-32 of either byte order. The first character, which can be a byte order mark, shows the order.
fn decode_utf32(bytes: &[u8]) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<4>();
    let is_little_endian = units.first().is_some_and(|[first, ..]| *first != 0);
    let decode = |unit: &[u8; 4]| {
        let number = if is_little_endian { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) };
        char::from_u32(number)
    };
    let text: String = units.iter().map(decode).collect::<Option<_>>()?;
    rest.is_empty().then(|| text.trim_start_matches('\u{feff}').to_owned())
}

/// Decodes a code page of DOS.
fn decode_code_page(bytes: &[u8], number: u16) -> Option<String> {
    match DECODING_TABLE_CP_MAP.get(&number)? {
        TableType::Complete(table) => Some(oem_cp::decode_string_complete_table(bytes, table)),
        TableType::Incomplete(table) => oem_cp::decode_string_incomplete_table_checked(bytes, table),
    }
}

/// Sets the high bit of the bytes between `begin` and `end`. This converts text in seven bits, which switches between
/// ASCII and another charset, to the form in eight bits. The end of a line also ends a switch. Removes the escape
/// sequences that select the other charset.
fn set_high_bits(bytes: &[u8], begin: &[u8], end: &[u8]) -> Vec<u8> {
    let mut converted = Vec::with_capacity(bytes.len());
    let (mut rest, mut is_shifted) = (bytes, false);
    while let Some((byte, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(begin) {
            (rest, is_shifted) = (after, true);
        } else if let Some(after) = rest.strip_prefix(end) {
            (rest, is_shifted) = (after, false);
        } else if let [0x1b, b'$', b')' | b'*', _, after @ ..] = rest {
            rest = after;
        } else {
            is_shifted &= *byte != b'\n';
            let is_high = is_shifted && byte.is_ascii_graphic();
            converted.push(if is_high { byte | 0x80 } else { *byte });
            rest = after;
        }
    }
    converted
}
