//! Checks the texts of scalar values, and converts them to the canonical form that is written.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::model::{Api, Scalar};
use crate::notation::insert_separators;

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
        Scalar::Phrases => Ok(Some(parse_phrases(trimmed))),
        Scalar::Flag => parse_flag(trimmed).map(Some),
        // An empty text is a value for the scalars above, and absent for those below.
        _ if trimmed.is_empty() => Ok(None),
        Scalar::Word | Scalar::Secret => parse_word(trimmed).map(Some),
        Scalar::Integer => parse_integer(trimmed).map(Some),
        Scalar::Id(id) => parse_id(api.ids.get(id.0).map_or("a number", |id| &id.name), trimmed).map(Some),
        Scalar::Bool => parse_bool(trimmed).map(Some),
        Scalar::Bit => parse_flag(trimmed).map(Some),
        Scalar::Utc => parse_timestamp(trimmed, "%Y-%m-%d %H:%M:%S", "2009-03-14 08:05:40").map(Some),
        Scalar::Timestamp => parse_timestamp(trimmed, "%Y-%m-%dT%H:%M:%SZ", "2008-11-05T06:41:12Z").map(Some),
        Scalar::Date => parse_date(trimmed).map(Some),
        Scalar::Decimal => parse_decimal(trimmed).map(Some),
        Scalar::Compact(time) => parse_compact(api, time, trimmed),
        Scalar::Local if trimmed == "\"\"" => Ok(None),
        Scalar::Local => parse_local(trimmed).map(Some),
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

/// Parses a time without a zone, which may be in double quotes.
fn parse_local(text: &str) -> Result<String, String> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let time = parse_date_time(inner).map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    time.ok_or_else(|| "a time such as `2009-03-14 08:05:40`".to_owned())
}

/// Parses a point in time, and converts it to UTC. Without a zone, it is in UTC. `format` is the canonical notation,
/// and `sample` a time in it.
fn parse_timestamp(text: &str, format: &str, sample: &str) -> Result<String, String> {
    let in_utc = parse_date_time(text.strip_suffix('Z').unwrap_or(text));
    let with_zone = || text.parse::<Timestamp>().ok().map(|time| Offset::UTC.to_datetime(time));
    let time = in_utc.or_else(with_zone).map(|time| time.strftime(format).to_string());
    time.ok_or_else(|| format!("a time such as `{sample}`"))
}

/// Parses a date.
fn parse_date(text: &str) -> Result<String, String> {
    let midnight = parse_date_time(&format!("{text} 00:00:00"));
    let date = midnight.map(|time| time.strftime("%Y-%m-%d").to_string());
    date.ok_or_else(|| "a date such as `2009-03-14`".to_owned())
}

/// Parses a time or a date, with separators or without, and removes them.
fn parse_compact(api: &Api, time: &Scalar, text: &str) -> Result<Option<String>, String> {
    let separated = canonicalize(api, time, &insert_separators(text)).map_err(|_| match time {
        Scalar::Date => "a date such as `20090314`".to_owned(),
        _ => "a time such as `20090314080540`".to_owned(),
    })?;
    Ok(separated.map(|text| text.chars().filter(char::is_ascii_digit).collect()))
}

/// Parses a decimal number, and removes leading zeros.
fn parse_decimal(text: &str) -> Result<String, String> {
    let expected = || "a decimal number such as `19.90`, with at most 28 digits".to_owned();
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let digits = format!("{whole}{}", fraction.unwrap_or_default());
    // The limits of a 96-bit number with a decimal point.
    let is_in_range = digits.parse::<u128>().is_ok_and(|number| number < 1 << 96);
    if !is_number(whole) || !fraction.is_none_or(|digits| is_number(digits) && digits.len() <= 28) || !is_in_range {
        return Err(expected());
    }
    // Zero has no sign.
    let sign = if digits.bytes().all(|digit| digit == b'0') { "" } else { sign };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Ok(fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}")))
}

/// Parses a date and a time of day, separated by a space or a `T`. The seconds and a leading zero of the hour are
/// optional. Returns `None` if the time does not exist.
fn parse_date_time(text: &str) -> Option<DateTime> {
    let (date, clock) = text.split_once([' ', 'T'])?;
    let [year, month, day] = *date.split('-').collect::<Vec<_>>() else { return None };
    let mut clock = clock.split(':');
    let (hour, minute) = (clock.next()?, clock.next()?);
    let second = clock.next().unwrap_or("00");
    if clock.next().is_some() {
        return None;
    }
    let pair = |text| parse_digits(text, 2..=2).and_then(|number| i8::try_from(number).ok());
    let hour = parse_digits(hour, 1..=2).and_then(|hour| i8::try_from(hour).ok())?;
    let year = i16::try_from(parse_digits(year, 4..=4)?).ok()?;
    DateTime::new(year, pair(month)?, pair(day)?, hour, pair(minute)?, pair(second)?, 0).ok()
}

/// Parses a number with as many ASCII digits as `length` allows. Returns `None` for other texts.
fn parse_digits(text: &str, length: RangeInclusive<usize>) -> Option<u32> {
    let is_valid = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_valid { text.parse().ok() } else { None }
}

/// Parses words of a scalar, and separates them by single spaces.
fn parse_words(api: &Api, scalar: &Scalar, text: &str) -> Result<String, String> {
    let words: Result<Vec<_>, _> =
        text.split(is_space).filter(|word| !word.is_empty()).map(|word| canonicalize(api, scalar, word)).collect();
    Ok(words?.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Parses phrases, and quotes only those with white space. Empty phrases are left out, and a quote that is not closed
/// extends to the end.
fn parse_phrases(text: &str) -> String {
    let mut phrases = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (phrase, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_at(rest.find(|c| is_space(c) || c == '"').unwrap_or(rest.len())),
        };
        if !phrase.is_empty() {
            phrases.push(if phrase.contains(is_space) { format!("\"{phrase}\"") } else { phrase.to_owned() });
        }
        rest = after.trim_start_matches(is_space);
    }
    phrases.join(" ")
}
