//! A calendar as an iCalendar file (RFC 5545), to which other calendar programs subscribe.
//!
//! Events without a date are left out, since the format requires one.

use std::fmt::{Display, Write};

use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ApiError;
use crate::store::rows::{read_optional_time, read_time};

/// Renders the calendar of an account with a token. Returns `None` if the account has no such calendar.
pub(super) fn render_calendar(db: &Connection, account: &str, token: &str) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT calendars.id, calendars.name FROM calendars
        JOIN accounts ON accounts.id = account_id WHERE token = ?1 AND accounts.name = ?2";
    let found = db
        .prepare_cached(FIND)?
        .query_row((token, account), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    found.map(|(calendar, name)| render_events(db, calendar, &name)).transpose()
}

/// Renders a calendar with its events.
fn render_events(db: &Connection, calendar: i64, name: &str) -> Result<String, ApiError> {
    const EVENTS: &str = "SELECT * FROM events WHERE calendar_id = ?1 AND occurs_at IS NOT NULL ORDER BY occurs_at, id";
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", concat!("-//backpack-server//", env!("CARGO_PKG_VERSION"), "//EN"));
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("X-WR-CALNAME", escape_text(name));
    let mut events = db.prepare_cached(EVENTS)?;
    let mut rows = events.query([calendar])?;
    while let Some(row) = rows.next()? {
        write_event(&mut lines, row)?;
    }
    lines.add("END", "VCALENDAR");
    Ok(lines.0)
}

/// Writes an event from a row of the table `events`, with an alarm if it has a reminder.
fn write_event(lines: &mut Lines, row: &Row<'_>) -> rusqlite::Result<()> {
    let (uid, title, message): (String, String, String) = (row.get("uid")?, row.get("title")?, row.get("message")?);
    let (created, updated) = (read_time(row, "created_at")?, read_time(row, "updated_at")?);
    lines.add("BEGIN", "VEVENT");
    lines.add("UID", uid);
    // Without a METHOD, DTSTAMP is the time of the last change and not the time at which the file was created.
    lines.add("DTSTAMP", format_time(updated));
    lines.add("CREATED", format_time(created));
    lines.add("LAST-MODIFIED", format_time(updated));
    lines.add("SUMMARY", escape_text(&title));
    if !message.is_empty() {
        lines.add("DESCRIPTION", escape_text(&message));
    }
    write_time(lines, read_time(row, "occurs_at")?, read_optional_time(row, "occurs_until")?, row.get("all_day")?);
    if row.get("remind")? {
        lines.add("BEGIN", "VALARM");
        lines.add("ACTION", "DISPLAY");
        lines.add("DESCRIPTION", escape_text(&title));
        // 30 minutes before, like the reminder by mail.
        lines.add("TRIGGER", "-PT30M");
        lines.add("END", "VALARM");
    }
    lines.add("END", "VEVENT");
    Ok(())
}

/// Writes the beginning and the end of an event. The format forbids an end that is not after the beginning, so such an
/// end is left out. All-day events are stored as midnights in UTC; their end in the format is the day after the last
/// one.
fn write_time(lines: &mut Lines, from: Timestamp, until: Option<Timestamp>, all_day: bool) {
    if all_day {
        let from = TimeZone::UTC.to_datetime(from).date();
        let last = until.map_or(from, |until| TimeZone::UTC.to_datetime(until).date()).max(from);
        lines.add("DTSTART;VALUE=DATE", format_date(from));
        if let Ok(end) = last.checked_add(1.day()) {
            lines.add("DTEND;VALUE=DATE", format_date(end));
        }
    } else {
        lines.add("DTSTART", format_time(from));
        if let Some(until) = until.filter(|until| *until > from) {
            lines.add("DTEND", format_time(until));
        }
    }
}

/// Formats a time in UTC.
fn format_time(at: Timestamp) -> impl Display {
    at.strftime("%Y%m%dT%H%M%SZ")
}

/// Formats a date as the format requires for all-day events.
fn format_date(date: Date) -> impl Display {
    date.strftime("%Y%m%d")
}

/// Escapes the separators of the format, and removes the characters that it forbids.
fn escape_text(text: &str) -> String {
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

/// Content lines, which end with CRLF. Lines longer than 75 bytes are folded: continued on lines that begin with a
/// space.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Maximum length of a line in bytes, without its CRLF.
    const MAX_LENGTH: usize = 75;

    /// Adds a property, and folds its line between characters. The value has to be escaped already.
    fn add(&mut self, name: &str, value: impl Display) {
        let mut line = String::new();
        let _ = write!(line, "{name}:{value}");
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > Self::MAX_LENGTH {
                self.0.push_str("\r\n ");
                // The space counts.
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
    fn folds_long_lines_between_characters() {
        let mut lines = Lines::default();
        lines.add("SUMMARY", "é".repeat(100));
        assert!(lines.0.split("\r\n").all(|line| line.len() <= 75), "{}", lines.0);
        assert_eq!(lines.0.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "é".repeat(100)));
    }

    #[test]
    fn text_cannot_inject_lines() {
        assert_eq!(escape_text("a,b;c\\d\r\ne\nf\rEND:VEVENT\0"), "a\\,b\\;c\\\\d\\ne\\nf\\nEND:VEVENT");
    }

    #[test]
    fn all_day_events_end_on_the_day_after_the_last() {
        let write = |from: &str, until: Option<&str>, all_day| {
            let mut lines = Lines::default();
            write_time(&mut lines, from.parse().unwrap(), until.map(|until| until.parse().unwrap()), all_day);
            lines.0.replace("\r\n", "|")
        };
        let (morning, noon) = ("2010-12-31T08:00:00Z", "2010-12-31T12:00:00Z");
        assert_eq!(write("2010-12-31T00:00:00Z", None, true), "DTSTART;VALUE=DATE:20101231|DTEND;VALUE=DATE:20110101|");
        assert_eq!(
            write("2010-12-31T00:00:00Z", Some("2011-01-02T00:00:00Z"), true),
            "DTSTART;VALUE=DATE:20101231|DTEND;VALUE=DATE:20110103|"
        );
        assert_eq!(write(morning, Some(noon), false), "DTSTART:20101231T080000Z|DTEND:20101231T120000Z|");
        assert_eq!(write(noon, Some(morning), false), "DTSTART:20101231T120000Z|");
    }
}
