//! The canary: a token that is searched for in everything a program can show, in every encoding.

use std::sync::OnceLock;

/// A token with every punctuation character that a token can have, so that each way of escaping changes it.
pub(super) const CANARY: &str = "c4nary-7Qx.9Lm_2Vt~8Rb+5Kz/3Hd=6Wp0Yf1Gs";

/// Secrets in the examples' responses: tokens of calendars and e-mail addresses of pages.
const SECRETS_IN_RESPONSES: [&str; 3] = ["fake-calendar-token-30", "fake12secret@acme", "fake34secret@acme"];

/// Encodes every byte, with a separator between the results.
fn encode_all(text: &str, separator: &str, encode: impl Fn(u8) -> String) -> String {
    text.bytes().map(encode).collect::<Vec<_>>().join(separator)
}

/// Encodes punctuation. Letters and digits are unchanged.
fn encode_punctuation(text: &str, encode: impl Fn(u8) -> String) -> String {
    encode_all(text, "", |byte| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { encode(byte) })
}

/// Returns the Base64 digits of a text that begins `offset` bytes after a multiple of three. Digits that also depend on
/// other bytes are omitted.
fn base64_at(text: &str, offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    // Starts at the first whole sextet that belongs to the text alone.
    let sextets = bits[offset * 4 % 6..].chunks_exact(6);
    sextets.map(|bits| char::from(ALPHABET[bits.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))])).collect()
}

/// Returns a text in every encoding that it may have in a log or an error.
pub(super) fn encodings(text: &str) -> Vec<String> {
    let percent = |byte| format!("%{byte:02X}");
    let percent_lower = |byte| format!("%{byte:02x}");
    let decimal = |byte| format!("&#{byte};");
    let hexadecimal = |byte| format!("&#x{byte:x};");
    let mut encodings = vec![
        text.to_owned(),
        encode_punctuation(text, percent),
        encode_punctuation(text, percent_lower),
        encode_all(text, "", percent),
        encode_punctuation(text, decimal),
        encode_all(text, "", decimal),
        encode_all(text, "", hexadecimal),
    ];
    for offset in 0..3 {
        let base64 = base64_at(text, offset);
        encodings.extend([base64.replace('+', "-").replace('/', "_"), base64]);
    }
    encodings
}

/// Returns a text in every notation of a byte dump.
fn dumps(text: &str) -> Vec<String> {
    let hex = |byte| format!("{byte:02x}");
    let mut dumps: Vec<_> =
        ["", " ", ":", ", "].into_iter().map(|separator| encode_all(text, separator, hex)).collect();
    dumps.push(encode_all(text, ", ", |byte| byte.to_string()));
    dumps.push(encode_all(text, ", ", |byte| format!("0x{byte:02x}")));
    // Hexadecimal digits in groups of two bytes, which begin at an even or an odd byte of the text.
    for offset in 0..2 {
        let pairs = text.bytes().enumerate().map(|(index, byte)| {
            let space = if index > 0 && index % 2 == offset { " " } else { "" };
            format!("{space}{byte:02x}")
        });
        dumps.push(pairs.collect());
    }
    dumps.iter().flat_map(|dump| [dump.clone(), dump.to_uppercase()]).collect()
}

/// Returns all patterns to search for, indexed by their first two bytes: pieces of the canary of 12 characters, of
/// which every dump in rows of 16 contains one, and the secrets in responses.
fn search_patterns() -> &'static [Vec<String>] {
    static PATTERNS: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let pieces = (0..=CANARY.len() - 12).step_by(4).map(|start| &CANARY[start..start + 12]);
        let of_canary = pieces.flat_map(|piece| [encodings(piece), dumps(piece)].concat());
        let mut patterns = vec![Vec::new(); 1 << 16];
        for pattern in of_canary.chain(SECRETS_IN_RESPONSES.map(str::to_owned)) {
            patterns[index_of(pattern.as_bytes())].push(pattern);
        }
        patterns
    })
}

/// Returns the index of a pattern that starts with these bytes. There have to be at least two.
fn index_of(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Returns the first line of a text that contains a secret. `None` if no line does.
pub(super) fn find_leak(text: &str) -> Option<&str> {
    let (bytes, patterns) = (text.as_bytes(), search_patterns());
    let is_match = |at: &usize| {
        let rest = &bytes[*at..];
        patterns[index_of(rest)].iter().any(|pattern| rest.starts_with(pattern.as_bytes()))
    };
    let found = (0..bytes.len().saturating_sub(1)).find(is_match)?;
    let line = text[..found].rfind('\n').map_or(0, |end| end + 1);
    text[line..].lines().next()
}

#[test]
fn every_encoding_of_the_canary_is_found() {
    for encoding in [encodings(CANARY), dumps(CANARY)].concat() {
        assert!(find_leak(&format!("before\nrow {encoding} row\nafter")).is_some(), "{encoding}");
    }
    for start in 0..16 {
        let text = format!("{}{CANARY}", "x".repeat(start));
        let rows: Vec<_> = text.as_bytes().chunks(16).map(String::from_utf8_lossy).collect();
        assert!(find_leak(&rows.join("\n")).is_some(), "{rows:?}");
        assert!(find_leak(&rows.join("|\n")).is_some(), "{rows:?}");
        let hex: Vec<_> = text
            .as_bytes()
            .chunks(16)
            .map(|row| encode_all(str::from_utf8(row).unwrap(), " ", |byte| format!("{byte:02x}")))
            .collect();
        assert!(find_leak(&hex.join("\n")).is_some(), "{hex:?}");
    }
    assert_eq!(find_leak("nothing\nof the kind"), None);
}
