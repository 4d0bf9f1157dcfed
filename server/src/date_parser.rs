//! Parser for dates and times that users and old clients write.
//!
//! - [`parse_request_time`]: a field of a request.
//! - [`parse_delay`]: the delay at the start of a reminder.
//! - [`parse_event_time`]: the date and time at the start of an event's title.
//!
//! The part that is parsed is removed from the start of the text, with the white space after it. Everything else stays
//! in the text: a date that was not recognized is easier to correct than an event on the wrong day.
//!
//! Notations at the start of a text:
//!
//! - **Delays**: `+30` minutes; `+2:30` hours and minutes.
//! - **Dates**: `9/27`, `9/27/2010`, `9/27/10`, `2010-09-27`, `January 7`, `Jan. 7th`, `Jan 7, 2010`: the month first.
//! - **Times**: `6:30pm`, `6pm`, `6:30 PM`, `6:30 p.m.`, `18:30`.
//! - A date, a time, or both in either order; each may be followed by a comma, and a time preceded by `at`.

mod notations;
mod request_time;

use backpack_api::runtime::jiff::civil::{Date, Time};
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{SignedDuration, Timestamp, ZonedDateTime};

use notations::{
    find_next_date, find_next_date_at, parse_12_hour_clock, parse_clock, parse_day, parse_digits, parse_iso_date,
    parse_minute, parse_month, parse_us_date, parse_year, split_suffix,
};
pub(crate) use request_time::parse_request_time;

/// Time of an event: a moment or a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventTime {
    /// Beginning of the event. An all-day event begins at midnight in UTC, so that its date is the same in all time
    /// zones.
    pub(crate) at: Timestamp,
    /// `true` if the event lasts the whole day.
    pub(crate) all_day: bool,
}

impl EventTime {
    /// Returns the whole day of a date; `None` if it is out of range.
    fn on_day(date: Date) -> Option<Self> {
        let at = TimeZone::UTC.to_timestamp(date.into()).ok()?;
        Some(Self { at, all_day: true })
    }

    /// Returns the moment of a date and time in a time zone; `None` if it is out of range.
    fn at_time(date: Date, time: Time, zone: &TimeZone) -> Option<Self> {
        let at = zone.to_timestamp(date.to_datetime(time)).ok()?;
        Some(Self { at, all_day: false })
    }

    /// Converts the time of a request. It is a whole day if the client says so and the time is midnight in UTC, and a
    /// moment otherwise.
    pub(crate) fn from_request(at: Timestamp, all_day: bool) -> Self {
        let is_midnight = TimeZone::UTC.to_datetime(at).time() == Time::midnight();
        Self { at, all_day: is_midnight && all_day }
    }

    /// Converts a moment to the whole day that contains it in a time zone, or a whole day to its first moment there.
    /// Returns `None` if the result is out of range.
    pub(crate) fn with_all_day(self, all_day: bool, zone: &TimeZone) -> Option<Self> {
        if all_day == self.all_day {
            return Some(self);
        }
        let date = self.date_in(zone);
        if all_day { Self::on_day(date) } else { Self::at_time(date, Time::midnight(), zone) }
    }

    /// Returns the date on which the event begins in a time zone.
    pub(crate) fn date_in(&self, zone: &TimeZone) -> Date {
        let zone = if self.all_day { &TimeZone::UTC } else { zone };
        zone.to_datetime(self.at).date()
    }
}

/// Parses the delay at the start of a reminder's content. Returns the delay and the rest of the content, or `None` if
/// there is no delay.
pub(crate) fn parse_delay(content: &str) -> Option<(SignedDuration, &str)> {
    let (word, rest) = split_word(content)?;
    let delay = word.strip_prefix('+')?;
    let minutes: i64 = match delay.split_once(':') {
        Some((hours, minutes)) => 60 * parse_digits::<i64>(hours, 1, 6)? + i64::from(parse_minute(minutes)?),
        None => parse_digits(delay, 1, 8)?,
    };
    Some((SignedDuration::from_mins(minutes), rest))
}

/// Parses the date and time at the start of an event's title. Returns them and the rest of the title, or `None` if the
/// title starts with neither.
///
/// - A date without a year is the next such date, today included.
/// - A time without a date is on `event_date`, the current date of the event. If that is `None`, it is the next such
///   time.
/// - A date without a time means the whole day.
pub(crate) fn parse_event_time<'t>(
    title: &'t str,
    now: &ZonedDateTime,
    event_date: Option<Date>,
) -> Option<(EventTime, &'t str)> {
    let today = now.date();
    if let Some((date, rest)) = parse_date(title, today) {
        return match parse_time(skip_at(rest)) {
            Some((time, rest)) => Some((EventTime::at_time(date, time, now.time_zone())?, rest)),
            None => Some((EventTime::on_day(date)?, rest)),
        };
    }
    let (time, rest) = parse_time(title)?;
    let (date, rest) = match parse_date(rest, today) {
        Some(found) => found,
        None => (event_date.or_else(|| find_next_date_at(time, now))?, rest),
    };
    Some((EventTime::at_time(date, time, now.time_zone())?, rest))
}

/// Parses a date at the start of a text, and a comma after it. Returns the date and the rest of the text.
fn parse_date(text: &str, today: Date) -> Option<(Date, &str)> {
    let (first, rest) = split_word(text)?;
    let first = strip_comma(first);
    if let Some(date) = parse_us_date(first, today).or_else(|| parse_iso_date(first)) {
        return Some((date, rest));
    }
    let month = parse_month(first.strip_suffix('.').unwrap_or(first))?;
    let (day, rest) = split_word(rest)?;
    let day = parse_day(strip_comma(day))?;
    if let Some((year, rest)) = split_word(rest)
        && let Some(year) = parse_year(strip_comma(year))
    {
        return Some((Date::new(year, month, day).ok()?, rest));
    }
    Some((find_next_date(month, day, today)?, rest))
}

/// Parses a time at the start of a text, and a comma after it. Returns the time and the rest of the text.
fn parse_time(text: &str) -> Option<(Time, &str)> {
    let (first, rest) = split_word(text)?;
    if first.matches(':').count() > 1 {
        // People do not type seconds.
        return None;
    }
    // `6:30 pm`, in two words.
    if let Some((suffix, rest)) = split_word(rest)
        && let Some(time) = parse_12_hour_clock(first, strip_comma(suffix))
    {
        return Some((time, rest));
    }
    // `6:30pm` in one word, or `18:30`.
    let first = strip_comma(first);
    let with_suffix = split_suffix(first).and_then(|(time, suffix)| parse_12_hour_clock(time, suffix));
    Some((with_suffix.or_else(|| parse_clock(first))?, rest))
}

/// Removes a comma at the end of a word.
fn strip_comma(word: &str) -> &str {
    word.strip_suffix(',').unwrap_or(word)
}

/// Skips the word `at` at the start of a text, if it is there.
fn skip_at(text: &str) -> &str {
    match split_word(text) {
        Some((word, rest)) if word.eq_ignore_ascii_case("at") => rest,
        _ => text,
    }
}

/// Splits off the first word. Returns it and the rest, without the white space around the word; `None` if the text is
/// blank.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then(|| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Friday evening in Berlin, at UTC+2: daylight saving time began the Sunday before.
    fn now() -> ZonedDateTime {
        "2009-04-03T19:30:40[Europe/Berlin]".parse().unwrap()
    }

    /// Parses a title. Returns its date or its time in Berlin, and the rest of the title. Without a time, returns
    /// "nothing" and the whole title.
    fn parse(title: &str) -> (String, &str) {
        parse_on(title, None)
    }

    /// Parses a title as [`parse`] does, for an event whose current date is `day`.
    fn parse_on(title: &str, day: Option<Date>) -> (String, &str) {
        match parse_event_time(title, &now(), day) {
            None => ("nothing".to_owned(), title),
            Some((EventTime { at, all_day: true }, rest)) => {
                let midnight = TimeZone::UTC.to_datetime(at);
                assert_eq!(midnight.time(), Time::midnight());
                (midnight.date().to_string(), rest)
            }
            Some((EventTime { at, all_day: false }, rest)) => {
                (now().time_zone().to_datetime(at).strftime("%F %H:%M").to_string(), rest)
            }
        }
    }

    #[test]
    fn parses_a_delay_in_minutes_or_hours_and_minutes() {
        for (content, minutes, rest) in [
            ("+30 Call back", 30, "Call back"),
            ("+2:30 Call Ada", 150, "Call Ada"),
            ("+0:05 Tea", 5, "Tea"),
            ("+100:00 Later", 6000, "Later"),
            ("+0 Now", 0, "Now"),
            ("+30", 30, ""),
            ("  +30 \n Two\nlines ", 30, "Two\nlines "),
            ("+99999999 Long after", 99_999_999, "Long after"),
        ] {
            assert_eq!(parse_delay(content), Some((SignedDuration::from_mins(minutes), rest)), "{content:?}");
        }
    }

    #[test]
    fn rejects_malformed_delays() {
        for content in [
            "", "+", "30 Call", "Call +30", "+30min Call", "+30: Call", "+2:5 Call", "+2:60 Call", "+-30 Call",
            "++30 Call", "+ 30 Call", "+2:30:00 Call", "+999999999 Call", "+9999999:00 Call", "+٣٠ Call", "+:30 Call",
        ] {
            assert_eq!(parse_delay(content), None, "{content:?}");
        }
    }

    #[test]
    fn parses_a_date_without_a_time_as_a_whole_day() {
        for (title, expected, rest) in [
            ("9/27 Dinner", "2009-09-27", "Dinner"),
            ("09/05 Dinner", "2009-09-05", "Dinner"),
            ("9/27/2010 Dinner", "2010-09-27", "Dinner"),
            ("9/27/10 Dinner", "2010-09-27", "Dinner"),
            ("9/27/2008 Dinner", "2008-09-27", "Dinner"),
            ("2010-09-27 Dinner", "2010-09-27", "Dinner"),
            ("January 7 Trip", "2010-01-07", "Trip"),
            ("january 7th Trip", "2010-01-07", "Trip"),
            ("Jan 7 2012 Trip", "2012-01-07", "Trip"),
            ("Jan. 7, 2012, Trip", "2012-01-07", "Trip"),
            ("Sept 1st, Trip", "2009-09-01", "Trip"),
            ("sep 2nd Trip", "2009-09-02", "Trip"),
            ("May 2 Tom's birthday", "2009-05-02", "Tom's birthday"),
            ("  5/2 \t Tom's  birthday ", "2009-05-02", "Tom's  birthday "),
            ("5/2", "2009-05-02", ""),
        ] {
            assert_eq!(parse(title), (expected.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn a_date_without_a_year_is_the_next_such_date() {
        for (title, expected) in [
            ("4/3 Today", "2009-04-03"),
            ("4/4 Tomorrow", "2009-04-04"),
            ("4/2 Yesterday", "2010-04-02"),
            ("April 2 Yesterday", "2010-04-02"),
            ("2/29 Leap", "2012-02-29"),
        ] {
            assert_eq!(parse(title).0, expected, "{title:?}");
        }
    }

    #[test]
    fn today_depends_on_the_users_time_zone() {
        let late_evening = "2009-04-03T23:30:00Z".parse::<Timestamp>().unwrap();
        let parse_in_zone = |zone| {
            parse_event_time("4/3 Film", &late_evening.to_zoned_datetime(crate::time_zones::zone_or_utc(zone)), None)
                .unwrap()
                .0
        };
        assert_eq!(parse_in_zone("Hawaii").at.to_string(), "2009-04-03T00:00:00Z");
        assert_eq!(parse_in_zone("Berlin").at.to_string(), "2010-04-03T00:00:00Z");
    }

    #[test]
    fn a_time_without_a_date_is_the_next_such_time() {
        for (title, expected, rest) in [
            ("9:30pm Film", "2009-04-03 21:30", "Film"),
            ("6:30pm Film", "2009-04-04 18:30", "Film"),
            ("7:29pm Film", "2009-04-04 19:29", "Film"),
            ("7:30pm Film", "2009-04-03 19:30", "Film"),
            ("8PM Film", "2009-04-03 20:00", "Film"),
            ("8 pm Film", "2009-04-03 20:00", "Film"),
            ("8:15 Pm, Film", "2009-04-03 20:15", "Film"),
            ("8:15 p.m. Film", "2009-04-03 20:15", "Film"),
            ("8P.M., Film", "2009-04-03 20:00", "Film"),
            ("22:45 Film", "2009-04-03 22:45", "Film"),
            ("6:30 Run", "2009-04-04 06:30", "Run"),
            ("12am Sleep", "2009-04-04 00:00", "Sleep"),
            ("12:30 pm Lunch", "2009-04-04 12:30", "Lunch"),
            ("0:30 Moon", "2009-04-04 00:30", "Moon"),
        ] {
            assert_eq!(parse(title), (expected.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn a_time_without_a_date_keeps_the_date_of_the_event() {
        let day = Some(Date::constant(2009, 5, 1));
        assert_eq!(parse_on("6:30pm Film", day), ("2009-05-01 18:30".to_owned(), "Film"));
        assert_eq!(parse_on("5/2 6:30pm Film", day), ("2009-05-02 18:30".to_owned(), "Film"));
        assert_eq!(parse_on("5/2 Film", day), ("2009-05-02".to_owned(), "Film"));
    }

    #[test]
    fn parses_date_and_time_in_either_order() {
        for (title, expected, rest) in [
            ("9/27 6:30pm Dinner", "2009-09-27 18:30", "Dinner"),
            ("6:30pm 9/27 Dinner", "2009-09-27 18:30", "Dinner"),
            ("9/27 at 6:30 pm Dinner", "2009-09-27 18:30", "Dinner"),
            ("Jan 7, 2010, 18:30, Trip", "2010-01-07 18:30", "Trip"),
            ("January 7 6pm Trip", "2010-01-07 18:00", "Trip"),
            ("4/3 8:00am Past, but said", "2009-04-03 08:00", "Past, but said"),
            ("9/27 at Tom's", "2009-09-27", "at Tom's"),
            ("9/27 6 eggs", "2009-09-27", "6 eggs"),
            ("Jan 7 1830 Dinner", "2010-01-07", "1830 Dinner"),
            ("9/27 9/28 Fair", "2009-09-27", "9/28 Fair"),
            ("6:30pm 7:30pm Film", "2009-04-04 18:30", "7:30pm Film"),
        ] {
            assert_eq!(parse(title), (expected.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn leaves_malformed_times_in_the_title() {
        for title in [
            "", " ", "Dinner 9/27", "9/45 Dinner", "13/27 Dinner", "27/9 Dinner", "2/30 Dinner", "0/5 Dinner",
            "5/0 Dinner", "9/27/1 Dinner", "9/27/3000 Dinner", "2/29/2010 Dinner", "9/27x Dinner", "9/27-9/29 Fair",
            "2010-13-01 Fair", "2010-1-1 Fair", "10-11-12 Fair", "6 eggs", "6", "6pmx Film", "13pm Film", "0pm Film",
            "25:00 Film", "24:00 Film", "18:60 Film", "6:5 Film", "6:30:00 Film", "+6:30 Film", "6:+3pm Film",
            "pm Film", "am", "May I come", "May", "May 32", "May 0 Fair", "Feb 30 Fair", "Feb 29 2010 Fair", "Mayor 5",
            "Ma 5", "Janua 5", "7 January Trip", "March on", "Jan 7x Trip", "Jan +7 Trip", "é9/27 Dinner", "6éé Film",
            "at 6pm Film", "٩/٢٧ Dinner", "January 007 Film", "6.30pm Film",
        ] {
            assert_eq!(parse(title), ("nothing".to_owned(), title), "{title:?}");
        }
    }

    #[test]
    fn a_time_skipped_by_daylight_saving_moves_forward() {
        let (time, _) = parse_event_time("3/28/2010 2:30am Clocks", &now(), None).unwrap();
        assert_eq!(time.at.to_string(), "2010-03-28T01:30:00Z");
    }

    #[test]
    fn the_date_of_an_all_day_event_ignores_the_time_zone() {
        let zone = crate::time_zones::zone_or_utc("Hawaii");
        let at = "2009-05-02T00:00:00Z".parse().unwrap();
        assert_eq!(EventTime { at, all_day: true }.date_in(&zone), Date::constant(2009, 5, 2));
        assert_eq!(EventTime { at, all_day: false }.date_in(&zone), Date::constant(2009, 5, 1));
    }
}
