//! Structured header fields: parameters of RFC 2045 and RFC 2231, and addresses of RFC 5322.

use percent_encoding::percent_decode;

use super::charset::decode_charset;
use super::encoded_words::decode_encoded_words;
use super::entity::starts_with_ignore_case;

/// A part of the value of a parameter, which RFC 2231 splits over several ones: `filename*0*=utf-8''F%C3`.
struct Continuation {
    number: u32,
    /// `true` if the value is percent-encoded.
    is_encoded: bool,
    value: Vec<u8>,
}

/// Returns a parameter of a field: the file name of `attachment; filename="plan.txt"`. The value can be an encoded
/// word, or percent-encoded with a charset: `filename*=utf-8''plan.txt`. It can be split into continuations:
/// `filename*0=plan; filename*1=.txt`.
pub(super) fn read_parameter(field: &[u8], name: &str) -> Option<String> {
    let mut plain = None;
    let mut continuations = Vec::new();
    for (key, value) in split_parameters(field) {
        if !starts_with_ignore_case(key, name.as_bytes()) {
            continue;
        }
        match key.get(name.len()..).unwrap_or_default() {
            b"" => plain = plain.or(Some(value)),
            suffix => continuations.extend(parse_continuation(suffix, value)),
        }
    }
    continuations.sort_by_key(|continuation| continuation.number);
    join_continuations(&continuations).or_else(|| Some(decode_encoded_words(&plain?, None)))
}

/// Parses the suffix of a parameter's name: `*0` for a plain value, `*0*` for an encoded one, or `*` for an encoded one
/// without further continuations.
fn parse_continuation(suffix: &[u8], value: Vec<u8>) -> Option<Continuation> {
    let number = suffix.strip_prefix(b"*")?;
    let (number, is_encoded) = match number.strip_suffix(b"*") {
        Some(number) => (number, true),
        None => (number, number.is_empty()),
    };
    let number = if number.is_empty() { 0 } else { str::from_utf8(number).ok()?.parse().ok()? };
    Some(Continuation { number, is_encoded, value })
}

/// Joins the continuations of a value, and decodes it. Returns `None` if there are none. If the first one is encoded, it
/// begins with the charset and the language: `utf-8'en'plan`.
fn join_continuations(continuations: &[Continuation]) -> Option<String> {
    let first = continuations.first()?;
    let mut charset = None;
    let mut bytes = Vec::new();
    if first.is_encoded
        && let [label, _, _] = first.value.splitn(3, |byte| *byte == b'\'').collect::<Vec<_>>()[..]
    {
        charset = str::from_utf8(label).ok();
    }
    for (index, Continuation { is_encoded, value, .. }) in continuations.iter().enumerate() {
        // Skips the charset and the language.
        let skipped = if index == 0 && charset.is_some() { 2 } else { 0 };
        let value = value.splitn(skipped + 1, |byte| *byte == b'\'').last().unwrap_or_default();
        if *is_encoded { bytes.extend(percent_decode(value)) } else { bytes.extend_from_slice(value) }
    }
    Some(decode_charset(&bytes, charset))
}

/// Iterates over the names and values of a field's parameters. Values are without quotes and line breaks.
fn split_parameters(field: &[u8]) -> impl Iterator<Item = (&[u8], Vec<u8>)> {
    let mut rest = field;
    std::iter::from_fn(move || {
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let (before, after) = rest.split_at_checked(equals)?;
        // The word before the equals sign: a semicolon can be missing.
        let is_separator = |byte: &u8| byte.is_ascii_whitespace() || *byte == b';';
        let name = before.trim_ascii_end().rsplit(is_separator).next()?;
        let value;
        (value, rest) = split_value(after.get(1..)?.trim_ascii_start());
        Some((name, value))
    })
}

/// Splits off the value of a parameter, and removes its quotes. Returns it and the rest.
fn split_value(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    if let Some(quoted) = bytes.strip_prefix(b"\"") {
        let mut value = Vec::new();
        let mut iter = quoted.iter().enumerate();
        while let Some((at, byte)) = iter.next() {
            match byte {
                b'"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
                // Only quotes and backslashes are escaped: old programs send Windows paths unescaped, such as
                // `C:\plan.txt`.
                b'\\' if quoted.get(at + 1).is_some_and(|next| matches!(next, b'"' | b'\\')) => {
                    value.extend(iter.next().map(|(_, next)| *next));
                }
                b'\r' | b'\n' => {}
                byte => value.push(*byte),
            }
        }
    }
    // Not quoted, or the closing quote is missing.
    let end = bytes.iter().position(|byte| *byte == b';').unwrap_or(bytes.len());
    let (value, rest) = bytes.split_at(end);
    let value = value.strip_prefix(b"\"").unwrap_or(value).trim_ascii();
    (value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect(), rest)
}

/// Reads the addresses of a field such as `To`, without display names and comments.
pub(super) fn read_addresses(field: &[u8]) -> Vec<String> {
    let text = decode_charset(field, None);
    let mut addresses = Vec::new();
    let mut address = String::new();
    let mut rest = text.as_str();
    // A quote or parenthesis that is never closed is an ordinary character.
    let (mut has_quotes, mut has_comments) = (true, true);
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = after;
        match c {
            '"' if has_quotes => match find_quote(after).and_then(|at| after.split_at_checked(at)) {
                Some((quoted, after)) => {
                    address.push_str(quoted);
                    rest = after.get(1..).unwrap_or_default();
                }
                None => has_quotes = false,
            },
            '(' if has_comments => match find_comment_end(after) {
                Some(at) => rest = after.get(at + 1..).unwrap_or_default(),
                None => has_comments = false,
            },
            // The text before is a display name, the name of a group, or a route.
            '<' | ':' => address.clear(),
            '>' | ',' | ';' => addresses.push(std::mem::take(&mut address)),
            c => address.push(c),
        }
    }
    addresses.push(address);
    addresses.into_iter().map(|address| address.trim().to_owned()).filter(|address| !address.is_empty()).collect()
}

/// Returns the position of the quote that ends a quoted text.
fn find_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end.then_some(at)
    })
}

/// Returns the position of the parenthesis that ends a comment, which can contain comments.
fn find_comment_end(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}
