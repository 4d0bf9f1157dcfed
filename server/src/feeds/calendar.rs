//! A calendar as an iCalendar file (RFC 5545), to which other calendar programs subscribe.
//!
//! Events without a date are left out, since the format requires one.

use backpack_archive::render::calendar::{CalendarFile, FileEvent, When};
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
    let mut file = CalendarFile::new(concat!("backpack-server//", env!("CARGO_PKG_VERSION")), name);
    let mut events = db.prepare_cached(EVENTS)?;
    let mut rows = events.query([calendar])?;
    while let Some(row) = rows.next()? {
        add_event(&mut file, row)?;
    }
    Ok(file.finish())
}

/// Adds an event from a row of the table `events`, with an alarm if it has a reminder.
fn add_event(file: &mut CalendarFile, row: &Row<'_>) -> rusqlite::Result<()> {
    let (uid, title, message): (String, String, String) = (row.get("uid")?, row.get("title")?, row.get("message")?);
    let (from, until) = (read_time(row, "occurs_at")?, read_optional_time(row, "occurs_until")?);
    file.add_event(&FileEvent {
        uid: &uid,
        title: &title,
        message: &message,
        created_at: Some(read_time(row, "created_at")?),
        updated_at: read_time(row, "updated_at")?,
        when: if row.get("all_day")? { When::Days { from, until } } else { When::Span { from, until } },
        // 30 minutes before, like the reminder by mail.
        alarm: if row.get("remind")? { Some("-PT30M") } else { None },
    });
    Ok(())
}
