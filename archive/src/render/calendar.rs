//! A calendar as an iCalendar file (RFC 5545): the writer.

use std::fmt::{Display, Write};

use backpack_api::CalendarEvent;
use backpack_api::runtime::jiff::civil::{Date, DateTime};
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{Timestamp, ToSpan};

/// An event of a file.
#[derive(Debug, Clone, Copy)]
pub struct FileEvent<'a> {
    /// Identifier, unique in the world. It never changes, so that calendar programs recognize the event.
    pub uid: &'a str,
    /// Title.
    pub title: &'a str,
    /// Description; may be empty.
    pub message: &'a str,
    /// Time of creation.
    pub created_at: Option<Timestamp>,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Beginning and end.
    pub when: When,
    /// Time of an alarm, as a duration such as `-PT30M` before the beginning.
    pub alarm: Option<&'a str>,
}

/// Beginning and end of an event.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Whole days, as midnights in UTC.
    Days {
        /// First day.
        from: Timestamp,
        /// Last day.
        until: Option<Timestamp>,
    },
    /// Points in time.
    Span {
        /// Beginning.
        from: Timestamp,
        /// End.
        until: Option<Timestamp>,
    },
    /// Time of the clock, wherever the user is.
    Clock(DateTime),
}

/// Formats the UID of an event of an account. It is the one that the service's feeds give to events of which they know
/// no other.
pub fn format_event_uid(event: &CalendarEvent, account: &str) -> String {
    format!("event-{}-{}@{account}.backpack", event.id, event.created_at.unwrap_or_default().as_second())
}

/// A file while it is written.
pub struct CalendarFile(Lines);

impl CalendarFile {
    /// Begins a file. `product` identifies the program that writes it.
    pub fn new(product: &str, name: &str) -> Self {
        let mut lines = Lines::default();
        lines.add("BEGIN", "VCALENDAR");
        lines.add("VERSION", "2.0");
        lines.add("PRODID", format_args!("-//{product}//EN"));
        lines.add("CALSCALE", "GREGORIAN");
        lines.add("X-WR-CALNAME", escape_text(name));
        Self(lines)
    }

    /// Adds an event.
    pub fn add_event(&mut self, event: &FileEvent<'_>) {
        let lines = &mut self.0;
        lines.add("BEGIN", "VEVENT");
        lines.add("UID", escape_text(event.uid));
        // Without a METHOD, DTSTAMP is the time of the last change and not the time at which the file was created.
        lines.add("DTSTAMP", format_time(event.updated_at));
        if let Some(created_at) = event.created_at {
            lines.add("CREATED", format_time(created_at));
            lines.add("LAST-MODIFIED", format_time(event.updated_at));
        }
        lines.add("SUMMARY", escape_text(event.title));
        if !event.message.is_empty() {
            lines.add("DESCRIPTION", escape_text(event.message));
        }
        write_time(lines, event.when);
        if let Some(alarm) = event.alarm {
            lines.add("BEGIN", "VALARM");
            lines.add("ACTION", "DISPLAY");
            lines.add("DESCRIPTION", escape_text(event.title));
            lines.add("TRIGGER", alarm);
            lines.add("END", "VALARM");
        }
        lines.add("END", "VEVENT");
    }

    /// Ends the file, and returns it.
    pub fn finish(mut self) -> String {
        self.0.add("END", "VCALENDAR");
        self.0.0
    }
}

/// Writes the beginning and the end of an event. The format forbids an end that is not after the beginning, so such an
/// end is left out. The end of whole days is, in the format, the day after the last one.
fn write_time(lines: &mut Lines, when: When) {
    match when {
        When::Days { from, until } => {
            let from = TimeZone::UTC.to_datetime(from).date();
            let last = until.map_or(from, |until| TimeZone::UTC.to_datetime(until).date()).max(from);
            lines.add("DTSTART;VALUE=DATE", format_date(from));
            if let Ok(end) = last.checked_add(1.day()) {
                lines.add("DTEND;VALUE=DATE", format_date(end));
            }
        }
        When::Span { from, until } => {
            lines.add("DTSTART", format_time(from));
            if let Some(until) = until.filter(|until| *until > from) {
                lines.add("DTEND", format_time(until));
            }
        }
        When::Clock(at) => lines.add("DTSTART", at.strftime("%Y%m%dT%H%M%S")),
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
            let (from, until) = (from.parse().unwrap(), until.map(|until| until.parse().unwrap()));
            write_time(&mut lines, if all_day { When::Days { from, until } } else { When::Span { from, until } });
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
