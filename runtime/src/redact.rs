//! Removes the client's token from text of a response, so that errors and logs never show it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use crate::secret::Token;

/// Replacement of a token.
const REPLACEMENT: char = '…';

/// Minimum length of a match, because shorter texts occur by chance. A shorter token matches only as a whole.
const MIN_MATCH: usize = 8;

/// Replaces each occurrence of the token, or of a prefix of it, by `…`. Finds it literally, percent-encoded or with XML
/// references (also in part), and in base64, alone or within a longer text.
pub(crate) fn redact(text: &mut String, token: &Token) {
    let base64_forms = encode_base64_forms(token.expose());
    // Returns the length of the match at the start of a text.
    let match_at = |rest: &str| {
        let encoded = base64_forms.iter().find(|form| rest.starts_with(form.as_str()));
        match_prefix(rest, token.expose()).or(encoded.map(String::len))
    };
    let (mut redacted, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(next) = rest.chars().next() {
        let match_length = match_at(rest);
        redacted.push(if match_length.is_some() { REPLACEMENT } else { next });
        rest = rest.get(match_length.unwrap_or(next.len_utf8())..).unwrap_or_default();
    }
    *text = redacted;
}

/// Matches the token, or a prefix of it, at the start of a text, in any mix of literal and escaped characters. Returns
/// the number of matched bytes of the text; `None` if the match is too short. A prefix is enough, because a host or an
/// XML name may end at a character that is not allowed in it.
fn match_prefix(text: &str, token: &str) -> Option<usize> {
    let mut rest = text;
    let mut matched_bytes = 0;
    for byte in token.bytes() {
        let literal = rest.strip_prefix(char::from(byte));
        let unescaped = || read_escape(rest).filter(|(code, _)| *code == u32::from(byte)).map(|(_, rest)| rest);
        let Some(after) = literal.or_else(unescaped) else { break };
        rest = after;
        matched_bytes += 1;
    }
    (matched_bytes >= MIN_MATCH.min(token.len())).then_some(text.len() - rest.len())
}

/// Reads an escape at the start of a text, such as `%2B`, `&#43;` or `&#x2b;`. Returns its character code and the rest;
/// `None` if there is no escape.
fn read_escape(text: &str) -> Option<(u32, &str)> {
    if let Some(rest) = text.strip_prefix('%') {
        let (digits, rest) = rest.split_at_checked(2)?;
        return Some((u32::from_str_radix(digits, 16).ok()?, rest));
    }
    // The digits are between `&#` and `;`. The search for `;` ends after 16 bytes: real references have few leading
    // zeros, and a hostile one may be as long as the text.
    let (digits, rest) =
        text.strip_prefix("&#")?.split_at_checked(text.bytes().take(16).position(|b| b == b';')? - 2)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some((code.ok()?, rest.strip_prefix(';')?))
}

/// Returns the base64 forms of the token for each offset modulo 3 at which it may be in the encoded text, in both
/// alphabets. Characters that also encode neighbouring bytes are left out.
fn encode_base64_forms(token: &str) -> Vec<String> {
    // For each number of bytes before the token in its group of three: the number of characters that encode these
    // bytes.
    let standard = [(0, 0), (1, 2), (2, 3)].into_iter().map(|(before, shared)| {
        let bytes = [&[0; 2][..before], token.as_bytes()].concat();
        let complete = bytes.len() * 8 / 6;
        BASE64_STANDARD_NO_PAD.encode(&bytes).chars().take(complete).skip(shared).collect::<String>()
    });
    let both = standard.flat_map(|form| [form.replace('+', "-").replace('/', "_"), form]);
    both.filter(|form| form.len() >= MIN_MATCH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact_text(text: &str, token: &str) -> String {
        let mut text = text.to_owned();
        redact(&mut text, &Token::new(token).unwrap());
        text
    }

    #[test]
    fn redacts_a_token_in_any_spelling() {
        let token = "a1+b2/c3=d4-e5_f6.g7~";
        for spelled in [
            "a1+b2/c3=d4-e5_f6.g7~",
            "a1%2Bb2%2fc3%3Dd4-e5_f6.g7%7e",
            "%61%31%2b%62%32%2F%63%33%3d%64%34%2D%65%35%5F%66%36%2E%67%37%7E",
            "a1&#43;b2&#x2F;c3&#x00003d;d4&#0045;e5_f6.g7&#X7E;",
            // Base64 in the alphabet for URLs, and in the standard one.
            "YTErYjIvYzM9ZDQtZTVfZjYuZzd-",
            "YTErYjIvYzM9ZDQtZTVfZjYuZzd+",
        ] {
            assert_eq!(
                redact_text(&format!("No {spelled}, says {spelled}{spelled}"), token),
                "No …, says ……",
                "{spelled}"
            );
        }
        assert_eq!(redact_text("http://a1+b2/c3/", token), "http://…/");
        // Base64 of the token within a longer text: after one byte, and after two.
        assert_eq!(redact_text("OmExK2IyL2MzPWQ0LWU1X2Y2Lmc3fjo=", token), "Om…jo=");
        assert_eq!(redact_text("OjphMStiMi9jMz1kNC1lNV9mNi5nN346Og", token), "Ojp…46Og");
    }

    #[test]
    fn redacts_no_other_text() {
        for text in [
            "", "No such page", "a1+b2/c", "b2/c3=d4-e5_f6.g7~", "A1+B2/C3=D4-E5_F6.G7~", "%", "%a", "%é1", "&#",
            "&#;", "&#x;", "&;", "a1&#43", "日本語 &amp; …",
        ] {
            assert_eq!(redact_text(text, "a1+b2/c3=d4-e5_f6.g7~"), text);
        }
        assert_eq!(redact_text("a1+b2/", "a1+b2/c4"), "a1+b2/");
        assert_eq!(redact_text("OmE6", "a"), "OmE6");
    }
}
