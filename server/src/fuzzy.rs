//! Times that stand at the start of a text: how long from now a reminder goes out, when an event is.
//!
//! Both are taken out of the text, with the white space that follows. What is not one of these forms stays: a word too
//! few is mended more easily than an event on a day that nobody meant.
//!
//! - **Delays**: `+30` minutes; `+2:30` hours and minutes.
//! - **Dates**: `9/27`, `9/27/2010`, `9/27/10`, `2010-09-27`, `January 7`, `Jan. 7th`, `Jan 7, 2010`: the month first.
//! - **Times**: `6:30pm`, `6pm`, `6:30 PM`, `18:30`.
//! - A date, a time, or one and the other; a comma may follow each, and `at` may stand before the time.

use std::str::FromStr;

use backpack_api::runtime::jiff::civil::{Date, Time};
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// When an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When {
    /// When it begins. If it takes the whole day: midnight in UTC, so that it is the same day for everybody.
    pub(crate) at: Timestamp,
    /// Whether it takes the whole day.
    pub(crate) all_day: bool,
}

impl When {
    fn whole(date: Date) -> Option<Self> {
        let at = TimeZone::UTC.to_timestamp(date.into()).ok()?;
        Some(Self { at, all_day: true })
    }

    fn moment(date: Date, time: Time, zone: &TimeZone) -> Option<Self> {
        let at = zone.to_timestamp(date.to_datetime(time)).ok()?;
        Some(Self { at, all_day: false })
    }

    /// A moment that somebody gave. If they mean a whole day by it, midnight in UTC is that day everywhere.
    pub(crate) fn given(at: Timestamp, all_day: bool) -> Self {
        let midnight = TimeZone::UTC.to_datetime(at).time() == Time::midnight();
        Self { at, all_day: midnight && all_day }
    }

    /// The same day as a whole, or as the moment at which it begins for somebody in a time zone; `None` if there is no
    /// such moment.
    pub(crate) fn as_whole(self, all_day: bool, zone: &TimeZone) -> Option<Self> {
        match (self.all_day, all_day) {
            (false, true) => Self::whole(self.day(zone)),
            (true, false) => Self::moment(self.day(zone), Time::midnight(), zone),
            _ => Some(self),
        }
    }

    /// The day on which it begins, for somebody in a time zone.
    pub(crate) fn day(&self, zone: &TimeZone) -> Date {
        let zone = if self.all_day { &TimeZone::UTC } else { zone };
        zone.to_datetime(self.at).date()
    }
}

/// The delay at the start of a reminder's content, and the content without it.
pub(crate) fn delay(content: &str) -> Option<(SignedDuration, &str)> {
    let (word, rest) = word(content)?;
    let said = word.strip_prefix('+')?;
    let minutes: i64 = match said.split_once(':') {
        Some((hours, minutes)) => 60 * number::<i64>(hours, 1, 6)? + i64::from(sixtieth(minutes)?),
        None => number(said, 1, 8)?,
    };
    Some((SignedDuration::from_mins(minutes), rest))
}

/// When an event is, by the start of its title, and the title without that.
///
/// - A date without a year is the next such day, today included.
/// - A time without a date is on `day`, on which the event is already; if it is not, the next such time.
/// - A date without a time means the whole day.
pub(crate) fn when<'t>(title: &'t str, now: &ZonedDateTime, day: Option<Date>) -> Option<(When, &'t str)> {
    let today = now.date();
    if let Some((date, rest)) = date(title, today) {
        return match time(at(rest)) {
            Some((time, rest)) => Some((When::moment(date, time, now.time_zone())?, rest)),
            None => Some((When::whole(date)?, rest)),
        };
    }
    let (time, rest) = time(title)?;
    let (date, rest) = match date(rest, today) {
        Some(found) => found,
        None => (day.or_else(|| next(time, now))?, rest),
    };
    Some((When::moment(date, time, now.time_zone())?, rest))
}

/// The day on which it is that time next; this minute is not past.
fn next(time: Time, now: &ZonedDateTime) -> Option<Date> {
    let past = (time.hour(), time.minute()) < (now.hour(), now.minute());
    if past { now.date().tomorrow().ok() } else { Some(now.date()) }
}

/// A date at the start, and what follows it.
fn date(text: &str, today: Date) -> Option<(Date, &str)> {
    let (first, rest) = word(text)?;
    let first = first.strip_suffix(',').unwrap_or(first);
    if let Some(date) = slashed(first, today).or_else(|| dashed(first)) {
        return Some((date, rest));
    }
    let month = month(first.strip_suffix('.').unwrap_or(first))?;
    let (day, rest) = word(rest)?;
    let day = day_of_month(day.strip_suffix(',').unwrap_or(day))?;
    let year = word(rest).and_then(|(word, rest)| Some((year(word.strip_suffix(',').unwrap_or(word))?, rest)));
    match year {
        Some((year, rest)) => Some((Date::new(year, month, day).ok()?, rest)),
        None => Some((upcoming(month, day, today)?, rest)),
    }
}

/// `9/27`, `9/27/2010`, `9/27/10`.
fn slashed(word: &str, today: Date) -> Option<Date> {
    let (month, day) = word.split_once('/')?;
    let month = number(month, 1, 2)?;
    let Some((day, said)) = day.split_once('/') else { return upcoming(month, number(day, 1, 2)?, today) };
    let year = year(said).or_else(|| number::<i16>(said, 2, 2).map(|year| 2000 + year))?;
    Date::new(year, month, number(day, 1, 2)?).ok()
}

/// `2010-09-27`.
fn dashed(word: &str) -> Option<Date> {
    let (said, day) = word.split_once('-')?;
    let (month, day) = day.split_once('-')?;
    Date::new(year(said)?, number(month, 2, 2)?, number(day, 2, 2)?).ok()
}

/// The next such day, today included. A leap year is at most eight years away.
fn upcoming(month: i8, day: i8, today: Date) -> Option<Date> {
    (0..=8).filter_map(|years| Date::new(today.year().checked_add(years)?, month, day).ok()).find(|date| *date >= today)
}

/// `January`, `Jan`, `sept`.
fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let word = if word == "sept" { "sep" } else { word.as_str() };
    let found = MONTHS.iter().position(|month| *month == word || month.get(..3) == Some(word));
    i8::try_from(found? + 1).ok()
}

/// `7`, `7th`.
fn day_of_month(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let ending = word.get(digits.len()..)?.to_ascii_lowercase();
    matches!(&*ending, "" | "st" | "nd" | "rd" | "th").then(|| number(digits, 1, 2))?
}

/// A year that somebody would put into a calendar, so that `Jan 7 1830 Dinner` is not in 1830.
fn year(word: &str) -> Option<i16> {
    number(word, 4, 4).filter(|year| (1900..2100).contains(year))
}

/// A time at the start, and what follows it.
fn time(text: &str) -> Option<(Time, &str)> {
    let (first, rest) = word(text)?;
    if let Some((half, rest)) = word(rest)
        && let Some(time) = half_day(first, half.strip_suffix(',').unwrap_or(half))
    {
        return Some((time, rest));
    }
    let first = first.strip_suffix(',').unwrap_or(first);
    let halves = first.len().checked_sub(2).and_then(|at| first.split_at_checked(at));
    let time = halves.and_then(|(time, half)| half_day(time, half)).or_else(|| whole_day(first))?;
    Some((time, rest))
}

/// `6:30` or `6`, and `am` or `pm`.
fn half_day(word: &str, half: &str) -> Option<Time> {
    let first = if half.eq_ignore_ascii_case("am") {
        0
    } else if half.eq_ignore_ascii_case("pm") {
        12
    } else {
        return None;
    };
    let (hour, minute) = match word.split_once(':') {
        Some((hour, minute)) => (hour, sixtieth(minute)?),
        None => (word, 0),
    };
    let hour: i8 = number(hour, 1, 2).filter(|hour| (1..=12).contains(hour))?;
    Time::new(first + hour % 12, minute, 0, 0).ok()
}

/// `18:30`.
fn whole_day(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    Time::new(number(hour, 1, 2)?, sixtieth(minute)?, 0, 0).ok()
}

/// Two digits, below sixty.
fn sixtieth(digits: &str) -> Option<i8> {
    number(digits, 2, 2).filter(|minute| *minute < 60)
}

/// Digits, no fewer and no more than so many.
fn number<N: FromStr>(digits: &str, fewest: usize, most: usize) -> Option<N> {
    let well = (fewest..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    well.then(|| digits.parse().ok())?
}

/// The text after `at`, if it starts so.
fn at(text: &str) -> &str {
    word(text).filter(|(word, _)| word.eq_ignore_ascii_case("at")).map_or(text, |(_, rest)| rest)
}

/// The first word, and what follows it, both without the white space between.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then(|| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Friday evening in Berlin, two hours ahead of UTC that week already.
    fn now() -> ZonedDateTime {
        "2009-04-03T19:30:40[Europe/Berlin]".parse().unwrap()
    }

    /// What a title says: when, as it is written in Berlin, and what is left.
    fn said(title: &str) -> (String, &str) {
        said_on(title, None)
    }

    fn said_on(title: &str, day: Option<Date>) -> (String, &str) {
        match when(title, &now(), day) {
            None => ("nothing".to_owned(), title),
            Some((When { at, all_day: true }, rest)) => {
                let midnight = TimeZone::UTC.to_datetime(at);
                assert_eq!(midnight.time(), Time::midnight());
                (midnight.date().to_string(), rest)
            }
            Some((When { at, all_day: false }, rest)) => {
                (now().time_zone().to_datetime(at).strftime("%F %H:%M").to_string(), rest)
            }
        }
    }

    #[test]
    fn a_delay_is_minutes_or_hours_and_minutes() {
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
            assert_eq!(delay(content), Some((SignedDuration::from_mins(minutes), rest)), "{content:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_delay_is_none() {
        for content in [
            "", "+", "30 Call", "Call +30", "+30min Call", "+30: Call", "+2:5 Call", "+2:60 Call", "+-30 Call",
            "++30 Call", "+ 30 Call", "+2:30:00 Call", "+999999999 Call", "+9999999:00 Call", "+٣٠ Call", "+:30 Call",
        ] {
            assert_eq!(delay(content), None, "{content:?}");
        }
    }

    #[test]
    fn a_date_is_for_the_whole_day() {
        for (title, when, rest) in [
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
            assert_eq!(said(title), (when.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn a_date_without_a_year_is_the_next_one() {
        for (title, when) in [
            ("4/3 Today", "2009-04-03"),
            ("4/4 Tomorrow", "2009-04-04"),
            ("4/2 Yesterday", "2010-04-02"),
            ("April 2 Yesterday", "2010-04-02"),
            ("2/29 Leap", "2012-02-29"),
        ] {
            assert_eq!(said(title).0, when, "{title:?}");
        }
    }

    #[test]
    fn today_is_what_it_is_in_the_users_zone() {
        let midnight = "2009-04-03T23:30:00Z".parse::<Timestamp>().unwrap();
        let whole = |zone| when("4/3 Film", &midnight.to_zoned_datetime(crate::zones::zone(zone)), None).unwrap().0;
        assert_eq!(whole("Hawaii").at.to_string(), "2009-04-03T00:00:00Z");
        assert_eq!(whole("Berlin").at.to_string(), "2010-04-03T00:00:00Z");
    }

    #[test]
    fn a_time_is_today_or_if_it_is_past_tomorrow() {
        for (title, when, rest) in [
            ("9:30pm Film", "2009-04-03 21:30", "Film"),
            ("6:30pm Film", "2009-04-04 18:30", "Film"),
            ("7:29pm Film", "2009-04-04 19:29", "Film"),
            ("7:30pm Film", "2009-04-03 19:30", "Film"),
            ("8PM Film", "2009-04-03 20:00", "Film"),
            ("8 pm Film", "2009-04-03 20:00", "Film"),
            ("8:15 Pm, Film", "2009-04-03 20:15", "Film"),
            ("22:45 Film", "2009-04-03 22:45", "Film"),
            ("6:30 Run", "2009-04-04 06:30", "Run"),
            ("12am Sleep", "2009-04-04 00:00", "Sleep"),
            ("12:30 pm Lunch", "2009-04-04 12:30", "Lunch"),
            ("0:30 Moon", "2009-04-04 00:30", "Moon"),
        ] {
            assert_eq!(said(title), (when.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn a_time_is_on_the_day_of_an_event_that_has_one() {
        let day = Some(Date::constant(2009, 5, 1));
        assert_eq!(said_on("6:30pm Film", day), ("2009-05-01 18:30".to_owned(), "Film"));
        assert_eq!(said_on("5/2 6:30pm Film", day), ("2009-05-02 18:30".to_owned(), "Film"));
        assert_eq!(said_on("5/2 Film", day), ("2009-05-02".to_owned(), "Film"));
    }

    #[test]
    fn a_date_and_a_time_stand_in_either_order() {
        for (title, when, rest) in [
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
            assert_eq!(said(title), (when.to_owned(), rest), "{title:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_time_stays_in_the_title() {
        for title in [
            "", " ", "Dinner 9/27", "9/45 Dinner", "13/27 Dinner", "27/9 Dinner", "2/30 Dinner", "0/5 Dinner",
            "5/0 Dinner", "9/27/1 Dinner", "9/27/3000 Dinner", "2/29/2010 Dinner", "9/27x Dinner", "9/27-9/29 Fair",
            "2010-13-01 Fair", "2010-1-1 Fair", "10-11-12 Fair", "6 eggs", "6", "6pmx Film", "13pm Film", "0pm Film",
            "25:00 Film", "24:00 Film", "18:60 Film", "6:5 Film", "6:30:00 Film", "+6:30 Film", "6:+3pm Film",
            "pm Film", "am", "May I come", "May", "May 32", "May 0 Fair", "Feb 30 Fair", "Feb 29 2010 Fair", "Mayor 5",
            "Ma 5", "Janua 5", "7 January Trip", "March on", "Jan 7x Trip", "Jan +7 Trip", "é9/27 Dinner", "6éé Film",
            "at 6pm Film", "٩/٢٧ Dinner", "January 007 Film", "6.30pm Film",
        ] {
            assert_eq!(said(title), ("nothing".to_owned(), title), "{title:?}");
        }
    }

    #[test]
    fn a_time_that_a_clock_skips_is_the_one_after_it() {
        let (when, _) = when("3/28/2010 2:30am Clocks", &now(), None).unwrap();
        assert_eq!(when.at.to_string(), "2010-03-28T01:30:00Z");
    }

    #[test]
    fn a_day_is_that_of_the_zone_unless_it_is_whole() {
        let zone = crate::zones::zone("Hawaii");
        let at = "2009-05-02T00:00:00Z".parse().unwrap();
        assert_eq!(When { at, all_day: true }.day(&zone), Date::constant(2009, 5, 2));
        assert_eq!(When { at, all_day: false }.day(&zone), Date::constant(2009, 5, 1));
    }
}
