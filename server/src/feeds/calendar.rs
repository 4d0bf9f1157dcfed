//! A calendar as an iCalendar file (RFC 5545), which other calendars subscribe to.
//!
//! Events that nobody gave a date are not in it: the format has no place for them.

use std::fmt::{Display, Write};

use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ApiError;
use crate::store::rows::{read_optional_time, read_time};

/// The calendar of a token, if it is one of the account's.
pub(super) fn file(db: &Connection, account: &str, token: &str) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT calendars.id, calendars.name FROM calendars
        JOIN accounts ON accounts.id = account_id WHERE token = ?1 AND accounts.name = ?2";
    let found = db
        .prepare_cached(FIND)?
        .query_row((token, account), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    found.map(|(calendar, name)| write(db, account, calendar, &name)).transpose()
}

fn write(db: &Connection, account: &str, calendar: i64, name: &str) -> Result<String, ApiError> {
    const EVENTS: &str = "SELECT * FROM events WHERE calendar_id = ?1 AND occurs_at IS NOT NULL ORDER BY occurs_at, id";
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", concat!("-//backpack-server//", env!("CARGO_PKG_VERSION"), "//EN"));
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("X-WR-CALNAME", text(name));
    let mut events = db.prepare_cached(EVENTS)?;
    let mut rows = events.query([calendar])?;
    while let Some(row) = rows.next()? {
        write_event(&mut lines, account, row)?;
    }
    lines.add("END", "VCALENDAR");
    Ok(lines.0)
}

fn write_event(lines: &mut Lines, account: &str, row: &Row<'_>) -> rusqlite::Result<()> {
    let (number, title, message): (i64, String, String) = (row.get("id")?, row.get("title")?, row.get("message")?);
    let (created, updated) = (read_time(row, "created_at")?, read_time(row, "updated_at")?);
    lines.add("BEGIN", "VEVENT");
    // The same whatever the service is called from outside, and nobody else's who numbers events from 1.
    lines.add("UID", format_args!("event-{number}-{}@{account}.backpack", created.as_second()));
    // Without a METHOD, this says when the event was last changed, and not when the file was written.
    lines.add("DTSTAMP", moment(updated));
    lines.add("CREATED", moment(created));
    lines.add("LAST-MODIFIED", moment(updated));
    lines.add("SUMMARY", text(&title));
    if !message.is_empty() {
        lines.add("DESCRIPTION", text(&message));
    }
    write_time(lines, read_time(row, "occurs_at")?, read_optional_time(row, "occurs_until")?, row.get("all_day")?);
    if row.get("remind")? {
        lines.add("BEGIN", "VALARM");
        lines.add("ACTION", "DISPLAY");
        lines.add("DESCRIPTION", text(&title));
        lines.add("TRIGGER", "-PT30M");
        lines.add("END", "VALARM");
    }
    lines.add("END", "VEVENT");
    Ok(())
}

/// An end that is not after the beginning says nothing, and the format forbids it. Whole days are kept as midnights in
/// UTC, so that they are the same days for everybody; the format's end is the day after the last one.
fn write_time(lines: &mut Lines, from: Timestamp, until: Option<Timestamp>, all_day: bool) {
    if all_day {
        let from = TimeZone::UTC.to_datetime(from).date();
        let last = until.map_or(from, |until| TimeZone::UTC.to_datetime(until).date()).max(from);
        lines.add("DTSTART;VALUE=DATE", day(from));
        if let Ok(end) = last.checked_add(1.day()) {
            lines.add("DTEND;VALUE=DATE", day(end));
        }
    } else {
        lines.add("DTSTART", moment(from));
        if let Some(until) = until.filter(|until| *until > from) {
            lines.add("DTEND", moment(until));
        }
    }
}

fn moment(at: Timestamp) -> impl Display {
    at.strftime("%Y%m%dT%H%M%SZ")
}

fn day(date: Date) -> impl Display {
    date.strftime("%Y%m%d")
}

/// A value of text: what separates values is escaped, and what the format cannot hold is left out.
fn text(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', c]),
            _ if c.is_control() && c != '\t' => {}
            _ => value.push(c),
        }
    }
    value
}

/// Content lines: each ends with CRLF, and goes on in a further line that begins with a space where it would be longer
/// than 75 bytes.
#[derive(Default)]
struct Lines(String);

impl Lines {
    const LONGEST: usize = 75;

    fn add(&mut self, name: &str, value: impl Display) {
        let mut line = String::new();
        let _ = write!(line, "{name}:{value}");
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > Self::LONGEST {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(c);
            length += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_in_the_next_without_parting_a_character() {
        let mut lines = Lines::default();
        lines.add("SUMMARY", "é".repeat(100));
        assert!(lines.0.split("\r\n").all(|line| line.len() <= 75), "{}", lines.0);
        assert_eq!(lines.0.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "é".repeat(100)));
    }

    #[test]
    fn a_text_cannot_end_its_line() {
        assert_eq!(text("a,b;c\\d\r\ne\nf\rEND:VEVENT\0"), "a\\,b\\;c\\\\d\\ne\\nf\\nEND:VEVENT");
    }

    #[test]
    fn whole_days_end_on_the_day_after_the_last() {
        let of = |from: &str, until: Option<&str>, all_day| {
            let mut lines = Lines::default();
            write_time(&mut lines, from.parse().unwrap(), until.map(|until| until.parse().unwrap()), all_day);
            lines.0.replace("\r\n", "|")
        };
        let (morning, noon) = ("2010-12-31T08:00:00Z", "2010-12-31T12:00:00Z");
        assert_eq!(of("2010-12-31T00:00:00Z", None, true), "DTSTART;VALUE=DATE:20101231|DTEND;VALUE=DATE:20110101|");
        assert_eq!(
            of("2010-12-31T00:00:00Z", Some("2011-01-02T00:00:00Z"), true),
            "DTSTART;VALUE=DATE:20101231|DTEND;VALUE=DATE:20110103|"
        );
        assert_eq!(of(morning, Some(noon), false), "DTSTART:20101231T080000Z|DTEND:20101231T120000Z|");
        assert_eq!(of(noon, Some(morning), false), "DTSTART:20101231T120000Z|");
    }
}
