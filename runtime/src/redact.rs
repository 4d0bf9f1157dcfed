//! The caller's own token, taken out of text that a service said, so that nobody is shown it.

use crate::secret::Token;

/// What stands for a token.
const MARK: char = '…';

/// What is shorter than this stands in many a text by chance.
const LEAST: usize = 8;

/// Replaces each occurrence of the token, or of its beginning, by `…`: as it is, escaped for a URL or for XML as a whole
/// or in part, and in base64, alone or within something longer.
pub(crate) fn redact(text: &mut String, token: &Token) {
    let encoded = encoded(token.expose());
    let found = |rest: &str| {
        let encoded = encoded.iter().find(|form| rest.starts_with(form.as_str()));
        spelled(rest, token.expose()).or(encoded.map(String::len))
    };
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(next) = rest.chars().next() {
        let token = found(rest);
        shown.push(if token.is_some() { MARK } else { next });
        rest = rest.get(token.unwrap_or(next.len_utf8())..).unwrap_or_default();
    }
    *text = shown;
}

/// How much of the token is at the start of a text, in bytes of the text, however its characters are spelled; `None` if
/// that is too little. A host, or a name in XML, may end where a character does not fit into it.
fn spelled(text: &str, token: &str) -> Option<usize> {
    let mut rest = text;
    let mut found = 0;
    for byte in token.bytes() {
        let literal = rest.strip_prefix(char::from(byte));
        let escaped = || escaped(rest).filter(|(code, _)| *code == u32::from(byte)).map(|(_, rest)| rest);
        let Some(after) = literal.or_else(escaped) else { break };
        rest = after;
        found += 1;
    }
    (found >= LEAST.min(token.len())).then_some(text.len() - rest.len())
}

/// The character that an escape at the start of a text stands for, and the rest: `%2B`, `&#43;`, `&#x2b;`.
fn escaped(text: &str) -> Option<(u32, &str)> {
    if let Some(rest) = text.strip_prefix('%') {
        let (digits, rest) = rest.split_at_checked(2)?;
        return Some((u32::from_str_radix(digits, 16).ok()?, rest));
    }
    // The longest that anybody writes has some zeros in front; a hostile one may be as long as the text.
    let (digits, rest) =
        text.strip_prefix("&#")?.split_at_checked(text.bytes().take(16).position(|b| b == b';')? - 2)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some((code.ok()?, rest.strip_prefix(';')?))
}

/// What base64 makes of the token wherever it begins in what is encoded, without the characters that it shares with its
/// neighbours; in both alphabets.
fn encoded(token: &str) -> Vec<String> {
    let standard = [(0, 0), (1, 2), (2, 3)].into_iter().map(|(before, shared)| {
        let bytes = [&[0; 2][..before], token.as_bytes()].concat();
        let own = bytes.len() * 8 / 6;
        base64(&bytes).chars().take(own).skip(shared).collect::<String>()
    });
    let both = standard.flat_map(|form| [form.replace('+', "-").replace('/', "_"), form]);
    both.filter(|form| form.len() >= LEAST).collect()
}

/// Base64 without padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0usize, |bits, at| bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        let sextets = [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift) % 64]);
        out.extend(sextets.iter().take(chunk.len() + 1).map(|byte| char::from(*byte)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str, token: &str) -> String {
        let mut text = text.to_owned();
        redact(&mut text, &Token::new(token).unwrap());
        text
    }

    #[test]
    fn a_token_is_redacted_however_it_is_spelled() {
        let token = "a1+b2/c3=d4-e5_f6.g7~";
        for spelled in [
            "a1+b2/c3=d4-e5_f6.g7~",
            "a1%2Bb2%2fc3%3Dd4-e5_f6.g7%7e",
            "%61%31%2b%62%32%2F%63%33%3d%64%34%2D%65%35%5F%66%36%2E%67%37%7E",
            "a1&#43;b2&#x2F;c3&#x00003d;d4&#0045;e5_f6.g7&#X7E;",
            // Alone, after one byte, after two; and for URLs.
            "YTErYjIvYzM9ZDQtZTVfZjYuZzd-",
            "YTErYjIvYzM9ZDQtZTVfZjYuZzd+",
        ] {
            assert_eq!(
                redacted(&format!("No {spelled}, says {spelled}{spelled}"), token),
                "No …, says ……",
                "{spelled}"
            );
        }
        assert_eq!(redacted("http://a1+b2/c3/", token), "http://…/");
        assert_eq!(redacted("OmExK2IyL2MzPWQ0LWU1X2Y2Lmc3fjo=", token), "Om…jo=");
        assert_eq!(redacted("OjphMStiMi9jMz1kNC1lNV9mNi5nN346Og", token), "Ojp…46Og");
    }

    #[test]
    fn nothing_else_is_redacted() {
        for text in [
            "", "No such page", "a1+b2/c", "b2/c3=d4-e5_f6.g7~", "A1+B2/C3=D4-E5_F6.G7~", "%", "%a", "%é1", "&#",
            "&#;", "&#x;", "&;", "a1&#43", "日本語 &amp; …",
        ] {
            assert_eq!(redacted(text, "a1+b2/c3=d4-e5_f6.g7~"), text);
        }
        assert_eq!(redacted("a1+b2/", "a1+b2/c4"), "a1+b2/");
        assert_eq!(redacted("OmE6", "a"), "OmE6");
    }

    #[test]
    fn base64_is_as_in_rfc_4648() {
        let rows = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy")];
        for (text, expected) in rows {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
