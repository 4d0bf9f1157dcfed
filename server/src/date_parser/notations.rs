//! Notations of dates and times of day: a word, or a number in a word.

use std::str::FromStr;

use backpack_api::runtime::jiff::ZonedDateTime;
use backpack_api::runtime::jiff::civil::{Date, Time};

/// Returns the next date with a time of day: today, or tomorrow if the time is before the current minute.
pub(super) fn find_next_date_at(time: Time, now: &ZonedDateTime) -> Option<Date> {
    let is_past = (time.hour(), time.minute()) < (now.hour(), now.minute());
    if is_past { now.date().tomorrow().ok() } else { Some(now.date()) }
}

/// Parses `9/27`, `9/27/2010`, `9/27/10`. Two digits count the years from 2000.
pub(super) fn parse_us_date(word: &str, today: Date) -> Option<Date> {
    let (month, day) = word.split_once('/')?;
    let month = parse_digits(month, 1, 2)?;
    let Some((day, year)) = day.split_once('/') else { return find_next_date(month, parse_digits(day, 1, 2)?, today) };
    let year = parse_year(year).or_else(|| parse_digits::<i16>(year, 2, 2).map(|year| 2000 + year))?;
    Date::new(year, month, parse_digits(day, 1, 2)?).ok()
}

/// Parses `2010-09-27`.
pub(super) fn parse_iso_date(word: &str) -> Option<Date> {
    let (year, month_and_day) = word.split_once('-')?;
    let (month, day) = month_and_day.split_once('-')?;
    Date::new(parse_year(year)?, parse_digits(month, 2, 2)?, parse_digits(day, 2, 2)?).ok()
}

/// Returns the next date with this month and day, today included. The next 29 February is at most eight years away.
pub(super) fn find_next_date(month: i8, day: i8, today: Date) -> Option<Date> {
    (0..=8).filter_map(|years| Date::new(today.year().checked_add(years)?, month, day).ok()).find(|date| *date >= today)
}

/// Parses `January`, `Jan`, `sept`. Returns the number of the month.
pub(super) fn parse_month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let word = if word == "sept" { "sep" } else { word.as_str() };
    let index = MONTHS.iter().position(|month| *month == word || month.get(..3) == Some(word));
    i8::try_from(index? + 1).ok()
}

/// Parses `7`, `7th`. Any of the four ordinal suffixes is accepted.
pub(super) fn parse_day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let suffix = word.get(digits.len()..)?.to_ascii_lowercase();
    if matches!(&*suffix, "" | "st" | "nd" | "rd" | "th") { parse_digits(digits, 1, 2) } else { None }
}

/// Parses a year that is plausible in a calendar. `Jan 7 1830 Dinner` is not in the year 1830.
pub(super) fn parse_year(word: &str) -> Option<i16> {
    parse_digits(word, 4, 4).filter(|year| (1900..2100).contains(year))
}

/// Parses `18:30`, `18:30:05`, `18:30:05.25`.
pub(super) fn parse_clock(word: &str) -> Option<Time> {
    let (hour, minute, second) = split_clock(word)?;
    Time::new(hour, minute?, second, 0).ok()
}

/// Parses `6`, `6:30`, `6:30:05` with the suffix `am` or `pm`.
pub(super) fn parse_12_hour_clock(word: &str, suffix: &str) -> Option<Time> {
    let (hour, minute, second) = split_clock(word)?;
    Time::new(apply_suffix(hour, suffix)?, minute.unwrap_or(0), second, 0).ok()
}

/// Splits a time of day into hour, minute if there is one, and second.
fn split_clock(word: &str) -> Option<(i8, Option<i8>, i8)> {
    let Some((hour, rest)) = word.split_once(':') else { return Some((parse_digits(word, 1, 2)?, None, 0)) };
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_fraction {
        return None;
    }
    Some((parse_digits(hour, 1, 2)?, Some(parse_digits(minute, 2, 2)?), parse_digits(second, 1, 2)?))
}

/// Splits `6:30pm` and `6:30p.m.` before the suffix.
pub(super) fn split_suffix(word: &str) -> Option<(&str, &str)> {
    word.split_at_checked(word.find(|c: char| c.is_ascii_alphabetic())?)
}

/// Converts an hour with the suffix `am` or `pm`, also with dots as in `p.m.`, to an hour of the day.
fn apply_suffix(hour: i8, suffix: &str) -> Option<i8> {
    let first_hour = match suffix.to_ascii_lowercase().as_str() {
        "am" | "a.m." => 0,
        "pm" | "p.m." => 12,
        _ => return None,
    };
    (1..=12).contains(&hour).then_some(first_hour + hour % 12)
}

/// Parses two digits below 60.
pub(super) fn parse_minute(digits: &str) -> Option<i8> {
    parse_digits(digits, 2, 2).filter(|minute| *minute < 60)
}

/// Parses a number of `min` to `max` ASCII digits.
pub(super) fn parse_digits<N: FromStr>(digits: &str, min: usize, max: usize) -> Option<N> {
    let is_number = (min..=max).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}
