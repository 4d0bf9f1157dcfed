//! Parser for the times in the fields of a request, in the notations of the libraries that clients are written with.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::{Date, DateTime, Time, Weekday};
use backpack_api::runtime::jiff::tz::{Offset, TimeZone};

use super::notations::{
    find_next_date, find_next_date_at, parse_12_hour_clock, parse_clock, parse_day, parse_digits, parse_month,
    split_suffix,
};

/// Maximum length of a time in bytes. The longest notations, with the name of the time zone, are shorter.
const MAX_LENGTH: usize = 100;

/// Parses a time in a field of a request:
///
/// - `2010-09-27 18:30:05`, also with `/` for `-`, a `T` between the parts, one digit for months, days and hours, a
///   fraction of a second, and without seconds. The other notations of ISO 8601 and RFC 9557 that jiff reads, such as
///   `20100927T183005Z` and `2010-09-27T18:30:05+02:00[Europe/Berlin]`.
/// - `Sep 27, 2010 6:30 pm`, `27 September 2010 18:30`, `Mon, 27 Sep 2010 18:30:05 GMT`, `Mon Sep 27 18:30:05 2010`:
///   the parts in any order.
/// - `9/27/2010`, `9/27/10`: the month first. Two digits count the years from 2000.
/// - An offset: `Z`, `UTC`, `GMT`, `+02:00`, `+0200`, `-7`, `PDT`. Without an offset, the time is in `zone`.
///
/// A date without a time means midnight. A fraction of a second is dropped. A date without a year, or a time without a
/// date, is the next such date or time after `now`.
///
/// Returns `None` if the text has a word that is not part of a time, or two words for the same part. Also returns
/// `None` if the time does not exist, or its weekday is not that of its date.
pub(crate) fn parse_request_time(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let time = parse_words(text, zone, now).or_else(|| parse_iso_time(text, zone))?;
    Timestamp::from_second(time.as_second()).ok()
}

/// Parses a time in ISO 8601 or RFC 9557: the notations of the schema's types, which all operations accept.
fn parse_iso_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let parse_local = || text.parse::<DateTime>().ok().and_then(|time| zone.to_timestamp(time).ok());
    text.parse().ok().or_else(parse_local)
}

/// Parses a time of several words, each with one or more parts of it.
fn parse_words(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let parts = Parts::parse(text)?;
    let zone = parts.offset.map_or_else(|| zone.clone(), TimeZone::fixed);
    let now = now.to_zoned_datetime(zone.clone());
    let date = match (parts.year, parts.month, parts.day) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok()?,
        (None, Some(month), Some(day)) => find_next_date(month, day, now.date())?,
        // Not with a weekday: the next day with this time may be another weekday.
        (None, None, None) if parts.weekday.is_none() => find_next_date_at(parts.time?, &now)?,
        _ => return None,
    };
    if parts.weekday.is_some_and(|weekday| weekday != date.weekday()) {
        return None;
    }
    let time = parts.time.unwrap_or(Time::midnight());
    zone.to_timestamp(date.to_datetime(time)).ok()
}

/// Parts of a time; `None` for a part that the text does not have.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    weekday: Option<Weekday>,
    time: Option<Time>,
    offset: Option<Offset>,
}

impl Parts {
    /// Parses all words of a text; `None` if a word is not a part, or the text has two words for the same part.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let text = text.trim_matches('"').to_ascii_lowercase();
        // Some libraries write the name of the time zone in parentheses at the end.
        let text = match text.split_once(" (") {
            Some((time, name)) if name.ends_with(')') => time,
            _ => &text,
        };
        let mut parts = Self::default();
        // Current libraries put a narrow no-break space before `AM` and `PM`.
        let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            // `6:30 pm`, in two words.
            if let Some(time) = words.peek().and_then(|suffix| parse_12_hour_clock(word, suffix)) {
                words.next();
                set_once(&mut parts.time, time)?;
            } else if word != "at" {
                parts.add_word(word)?;
            }
        }
        Some(parts)
    }

    /// Adds the parts in a word; `None` if it is not a part, or there is such a part already.
    fn add_word(&mut self, word: &str) -> Option<()> {
        if let Some((date, time)) = word.split_once('t')
            && date.contains('-')
        {
            self.add_date(date)?;
            self.add_time(time)
        } else if let Some(month) = parse_month(word.trim_end_matches('.')) {
            set_once(&mut self.month, month)
        } else if let Some(weekday) = parse_weekday(word.trim_end_matches('.')) {
            set_once(&mut self.weekday, weekday)
        } else if let Some(offset) = parse_offset(word) {
            set_once(&mut self.offset, offset)
        } else if let Some(year) = parse_digits(word, 4, 4) {
            set_once(&mut self.year, year)
        } else if let Some(day) = parse_day(word) {
            set_once(&mut self.day, day)
        } else if word.contains(':') || word.ends_with(['m', '.']) {
            // `18:30`, `6pm`, `6p.m.`
            self.add_time(word)
        } else {
            self.add_date(word)
        }
    }

    /// Adds a time of day, with an offset after it if there is one: `18:30:05`, `18:30+02:00`, `6:30pm`.
    fn add_time(&mut self, word: &str) -> Option<()> {
        let end = word.find(['z', '+', '-']).unwrap_or(word.len());
        let (time, offset) = word.split_at_checked(end)?;
        if !offset.is_empty() {
            set_once(&mut self.offset, parse_offset(offset)?)?;
        }
        let with_suffix = split_suffix(time).and_then(|(time, suffix)| parse_12_hour_clock(time, suffix));
        set_once(&mut self.time, with_suffix.or_else(|| parse_clock(time))?)
    }

    /// Adds a date of numbers, or with the name of its month: `2010-9-27`, `2010/09/27`, `9/27/2010`, `9/27`,
    /// `27-Sep-2010`, `2010-Sep-27`.
    fn add_date(&mut self, word: &str) -> Option<()> {
        let parts: Vec<_> = word.split(['-', '/']).collect();
        let (year, month, day) = match parts[..] {
            [year, month, day] if year.len() == 4 => {
                let month = parse_digits(month, 1, 2).or_else(|| parse_month(month))?;
                (Some(parse_digits(year, 4, 4)?), month, day)
            }
            [day, month, year] if word.contains('-') => (Some(parse_digits(year, 4, 4)?), parse_month(month)?, day),
            [month, day, year] => (Some(parse_short_year(year)?), parse_digits(month, 1, 2)?, day),
            [month, day] if word.contains('/') => (None, parse_digits(month, 1, 2)?, day),
            _ => return None,
        };
        if let Some(year) = year {
            set_once(&mut self.year, year)?;
        }
        set_once(&mut self.month, month)?;
        set_once(&mut self.day, parse_digits(day, 1, 2)?)
    }
}

/// Sets a part; `None` if it was set already.
fn set_once<T>(part: &mut Option<T>, value: T) -> Option<()> {
    match part.replace(value) {
        None => Some(()),
        Some(_) => None,
    }
}

/// Parses `2010`, `10`. Two digits count the years from 2000.
fn parse_short_year(digits: &str) -> Option<i16> {
    parse_digits(digits, 4, 4).or_else(|| parse_digits::<i16>(digits, 2, 2).map(|year| 2000 + year))
}

/// Parses `monday`, `mon`, `thurs`. A name may be cut after its third letter.
fn parse_weekday(word: &str) -> Option<Weekday> {
    const WEEKDAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let found = WEEKDAYS.iter().find(|(name, _)| word.len() >= 3 && name.starts_with(word));
    found.map(|(_, weekday)| *weekday)
}

/// Parses `z`, `utc`, `gmt`, `+02:00`, `-0700`, `-7`, `gmt+0200`, and the names of RFC 2822 for American time zones.
fn parse_offset(word: &str) -> Option<Offset> {
    let numeric = match word {
        "z" | "utc" | "gmt" | "ut" => return Some(Offset::UTC),
        "edt" => "-4",
        "est" | "cdt" => "-5",
        "cst" | "mdt" => "-6",
        "mst" | "pdt" => "-7",
        "pst" => "-8",
        _ => word.strip_prefix("gmt").or_else(|| word.strip_prefix("utc")).unwrap_or(word),
    };
    let (sign, digits) = match numeric.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    let (hours, minutes): (i32, i32) = (parse_digits(hours, 1, 2)?, parse_digits(minutes, 2, 2)?);
    // The offset furthest from UTC that any place has is 14 hours.
    if minutes >= 60 || 60 * hours + minutes > 14 * 60 {
        return None;
    }
    Offset::from_seconds(sign * 60 * (60 * hours + minutes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a time of a user in Berlin on a Friday evening, at UTC+2. Returns it in UTC, or "refused".
    fn parse(text: &str) -> String {
        let zone = crate::time_zones::zone_or_utc("Berlin");
        let now = "2027-04-02T17:30:40Z".parse().unwrap();
        parse_request_time(text, &zone, now).map_or("refused".to_owned(), |time| time.to_string())
    }

    #[test]
    fn reads_the_notations_of_libraries() {
        for (library, text) in [
            ("YAML", "2027-05-06 07:08:09.000000000 Z"),
            ("YAML", "2027-05-06 09:08:09.00 +02:00"),
            ("YAML", "2027-05-06t00:08:09.0-7"),
            ("YAML", "2027-5-6 7:08:09 Z"),
            ("Ruby", "2027-05-06 09:08:09 +0200"),
            ("Ruby", "2027-05-06 07:08:09 UTC"),
            ("Ruby", "Thu May 06 09:08:09 +0200 2027"),
            ("Ruby", "Thu May 06 07:08:09 UTC 2027"),
            ("Ruby", "2027-05-06T09:08:09+02:00"),
            ("Perl", "Thu May  6 09:08:09 2027"),
            ("Perl", "06-May-2027 09:08:09"),
            ("mail", "Thu, 06 May 2027 07:08:09 GMT"),
            ("mail", "Thu, 6 May 2027 00:08:09 -0700 (PDT)"),
            ("mail", "6 May 2027 00:08:09 PDT"),
            ("JavaScript", "Thu May 06 2027 09:08:09 GMT+0200 (Central European Summer Time)"),
            ("JavaScript", "2027-05-06T07:08:09.123Z"),
            ("Python", "2027-05-06 09:08:09.123456"),
            ("C#", "5/6/2027 9:08:09 AM"),
            ("C#", "Thursday, May 6, 2027 9:08:09 AM"),
            ("C#", "2027-05-06T09:08:09.1234567+02:00"),
            ("AppleScript", "Thursday, May 6, 2027 at 9:08:09 am"),
            ("JavaScript", "5/6/2027, 9:08:09\u{202F}AM"),
            ("JavaScript", "6 May 2027, 9:08:09\u{A0}a.m."),
            ("Java", "2027-05-06T09:08:09+02:00[Europe/Berlin]"),
            ("Python", "2027-05-06 09:08:09,123"),
            ("XML-RPC", "20270506T09:08:09"),
            ("iCalendar", "20270506T070809Z"),
            ("iCalendar", "20270506T090809"),
            ("Perl", "2027-May-06 09:08:09"),
            ("Perl", "2027-05-06 09:08:09.123456789012"),
            ("shell", "\"2027/05/06 09:08:09\""),
        ] {
            assert_eq!(parse(text), "2027-05-06T07:08:09Z", "{library}: {text}");
        }
    }

    #[test]
    fn reads_the_notations_of_people() {
        for (text, expected) in [
            ("May 6, 2027 5pm", "2027-05-06T15:00:00Z"),
            ("6 May 2027 17:00", "2027-05-06T15:00:00Z"),
            ("may 6th 2027, 5:30 pm", "2027-05-06T15:30:00Z"),
            ("5:30 PM", "2027-04-03T15:30:00Z"),
            ("Sept. 7, 2027 12am", "2027-09-06T22:00:00Z"),
            ("Thurs 6 May 2027 at 17:00", "2027-05-06T15:00:00Z"),
            ("5/6/2027", "2027-05-05T22:00:00Z"),
            ("5/6/27 17:00", "2027-05-06T15:00:00Z"),
            ("2027-05-06", "2027-05-05T22:00:00Z"),
            ("20270506", "2027-05-05T22:00:00Z"),
            // A leap second.
            ("2027-05-06 07:08:60", "2027-05-06T05:08:59Z"),
            ("May 6, 2027 at 5:30 p.m.", "2027-05-06T15:30:00Z"),
            ("6 May 2027, 5p.m.", "2027-05-06T15:00:00Z"),
            ("2027-5-6", "2027-05-05T22:00:00Z"),
            ("5/6 5pm", "2027-05-06T15:00:00Z"),
            ("April 1", "2028-03-31T22:00:00Z"),
            ("April 2", "2027-04-01T22:00:00Z"),
            ("19:31", "2027-04-02T17:31:00Z"),
            ("19:29", "2027-04-03T17:29:00Z"),
            ("17:31 UTC", "2027-04-02T17:31:00Z"),
            ("17:29 UTC", "2027-04-03T17:29:00Z"),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_times_that_do_not_exist_or_are_ambiguous() {
        for text in [
            "",
            "at",
            "now",
            "tomorrow",
            "1809673689",
            "2027",
            "6",
            "May",
            "May 2027",
            "Thursday",
            "Thursday 5pm",
            "UTC",
            "+02:00",
            "2027-13-06",
            "2027-00-06",
            "2027-02-30",
            "2027-02-29 10:00",
            "99999-01-01",
            "27-05-06",
            "2027-05",
            "2027-05-06 25:00",
            "2027-05-06 24:00",
            "2027-05-06 07:60",
            "2027-05-06 7",
            "2027-05-06 13pm",
            "2027-05-06 0am",
            "2027-05-06 07:08:09.",
            "2027-05-06 07:08 +15:00",
            "2027-05-06 07:08 +02:60",
            "2027-05-06 07:08 CEST",
            "2027-05-06 07:08 +",
            "2027-05-06 07:08Z Z",
            "2027-05-06 07:08 08:09",
            "2027-05-06 2027-05-07",
            "Fri, 06 May 2027 07:08:09 GMT",
            "6 May 27",
            "May 32 2027",
            "13/6/2027",
            "5/6/2",
            "5/6/02027",
            "2027-05-06T",
            "T07:08",
            "2027-05-06T07:08T",
            "May 6 2027 5pm sharp",
            "-2027-05-06",
            "2027-05--6",
            "٢٠٢٧-05-06",
            "2027-05-06 07:08:09 (",
            "9999-12-31 23:59 -14:00",
        ] {
            assert_eq!(parse(text), "refused", "{text:?}");
        }
        assert_eq!(parse(&format!("2027-05-06{}", " ".repeat(100))), "refused");
    }
}
