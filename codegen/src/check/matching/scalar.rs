//! Checks the texts of scalar values, and converts them to the canonical form that is written.

use crate::model::{Api, Scalar};

/// Returns the canonical form of a text, or `None` if it is read as absent.
///
/// # Errors
///
/// Returns a description of the expected text if this text is invalid.
pub(super) fn canonicalize(api: &Api, scalar: &Scalar, text: &str) -> Result<Option<String>, String> {
    // All scalars except `string` and `text` are trimmed.
    let trimmed = text.trim_matches(is_space);
    match scalar {
        Scalar::String | Scalar::Text => Ok(Some(text.to_owned())),
        Scalar::Words(scalar) => parse_words(api, scalar, trimmed).map(Some),
        Scalar::Phrases => parse_phrases(trimmed).map(Some),
        Scalar::Flag => parse_flag(trimmed).map(Some),
        // An empty text is a value for the scalars above, and absent for those below.
        _ if trimmed.is_empty() => Ok(None),
        Scalar::Word | Scalar::Secret => parse_word(trimmed).map(Some),
        Scalar::Integer => parse_integer(trimmed).map(Some),
        Scalar::Id(id) => parse_id(api.ids.get(id.0).map_or("a number", |id| &id.name), trimmed).map(Some),
        Scalar::Bool => parse_bool(trimmed).map(Some),
        Scalar::Bit => parse_flag(trimmed).map(Some),
        Scalar::Utc | Scalar::Local => parse_time(trimmed).map(Some),
        Scalar::Timestamp => parse_timestamp(trimmed).map(Some),
        Scalar::Enum(_) => Ok(Some(trimmed.to_owned())),
    }
}

/// `true` for a placeholder that documentation has in place of a value: `...`, `…` or `#{title}`.
pub(super) fn is_placeholder(text: &str) -> bool {
    let trimmed = text.trim();
    matches!(trimmed, "..." | "…") || trimmed.split_once("#{").is_some_and(|(_, rest)| rest.contains('}'))
}

/// `true` for XML's white space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Parses a word: text without white space.
fn parse_word(text: &str) -> Result<String, String> {
    if text.contains(is_space) { Err("text without white space".to_owned()) } else { Ok(text.to_owned()) }
}

/// Parses a signed integer, and removes leading zeros.
fn parse_integer(text: &str) -> Result<String, String> {
    let expected = || "a 64-bit integer".to_owned();
    // `parse` accepts a `+`, which is never written.
    if text.starts_with('+') {
        return Err(expected());
    }
    text.parse::<i64>().map(|integer| integer.to_string()).map_err(|_| expected())
}

/// Parses an unsigned integer, and removes leading zeros. `id` is the name of the id for the message.
fn parse_id(id: &str, text: &str) -> Result<String, String> {
    let expected = || format!("`{id}`, an unsigned 64-bit integer");
    // `parse` accepts a `+`, which is never written.
    if text.starts_with('+') {
        return Err(expected());
    }
    text.parse::<u64>().map(|number| number.to_string()).map_err(|_| expected())
}

/// Parses a boolean; `1` and `0` are accepted too.
fn parse_bool(text: &str) -> Result<String, String> {
    match text {
        "true" | "1" => Ok("true".to_owned()),
        "false" | "0" => Ok("false".to_owned()),
        _ => Err("`true` or `false`".to_owned()),
    }
}

/// Parses a flag; `true`, `false` and an empty text are accepted too.
fn parse_flag(text: &str) -> Result<String, String> {
    match text {
        "1" | "true" => Ok("1".to_owned()),
        "0" | "false" | "" => Ok("0".to_owned()),
        _ => Err("`1` or `0`".to_owned()),
    }
}

/// Parses a date and a time of day, separated by a space.
fn parse_time(text: &str) -> Result<String, String> {
    let parsed =
        text.split_once(' ').and_then(|(date, clock)| Some(format!("{} {}", parse_date(date)?, parse_clock(clock)?)));
    parsed.ok_or_else(|| "a time such as `2009-03-14 08:05:40`".to_owned())
}

/// Parses a date and a time of day, separated by `T`; the `Z` at the end is optional.
fn parse_timestamp(text: &str) -> Result<String, String> {
    let zoneless = text.strip_suffix('Z').unwrap_or(text);
    let parsed = zoneless
        .split_once('T')
        .and_then(|(date, clock)| Some(format!("{}T{}Z", parse_date(date)?, parse_clock(clock)?)));
    parsed.ok_or_else(|| "a time such as `2008-11-05T06:41:12Z`".to_owned())
}

/// Parses a date such as `2009-03-14`. Returns `None` if it does not exist.
fn parse_date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let year = parse_digits(parts.next()?, 4..=4)?;
    let month = parse_digits(parts.next()?, 2..=2)?;
    let day = parse_digits(parts.next()?, 2..=2)?;
    let is_valid =
        parts.next().is_none() && (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    is_valid.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Parses a time of day such as `08:05:40`. The seconds and a leading zero of the hour are optional.
fn parse_clock(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (hour, minute) = (parse_digits(parts.next()?, 1..=2)?, parse_digits(parts.next()?, 2..=2)?);
    let second = parts.next().map_or(Some(0), |second| parse_digits(second, 2..=2))?;
    let is_valid = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    is_valid.then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

/// Parses a number with as many ASCII digits as `length` allows. Returns `None` for other texts.
fn parse_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_valid = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_valid { text.parse().ok() } else { None }
}

/// Returns the number of days in a month of the Gregorian calendar.
fn days_in_month(year: u32, month: u32) -> u32 {
    let is_leap_year = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap_year),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Parses words of a scalar, and separates them by single spaces.
fn parse_words(api: &Api, scalar: &Scalar, text: &str) -> Result<String, String> {
    let words: Result<Vec<_>, _> =
        text.split(is_space).filter(|word| !word.is_empty()).map(|word| canonicalize(api, scalar, word)).collect();
    Ok(words?.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Parses phrases, and quotes only those with white space.
fn parse_phrases(text: &str) -> Result<String, String> {
    let expected = || "phrases such as `a \"b c\" d`".to_owned();
    let mut phrases = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (phrase, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(expected)?,
            None => rest.split_at(rest.find(is_space).unwrap_or(rest.len())),
        };
        let has_end = after.is_empty() || after.starts_with(is_space);
        if phrase.is_empty() || phrase.contains('"') || !has_end {
            return Err(expected());
        }
        phrases.push(if phrase.contains(is_space) { format!("\"{phrase}\"") } else { phrase.to_owned() });
        rest = after.trim_start_matches(is_space);
    }
    Ok(phrases.join(" "))
}
