//! Due reminders and events, and their mail.
//!
//! - A reminder goes to all its remindees, also when the server was not running at its time.
//! - An event with `remind` goes to its creator 30 minutes ahead. It is skipped if it was already past when it was last
//!   changed, or if it began more than a day ago.
//!
//! **Invariant:** marking a reminder as sent and enqueuing its mail happen in one transaction. So no mail is lost or
//! enqueued twice, whenever the server stops.

use backpack_api::AccountId;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};

use super::outbox::enqueue;
use crate::date_parser::EventTime;
use crate::store::rows::{query_all, read_id, read_time};
use crate::time_zones::zone_or_utc;
use crate::{ApiError, text};

/// Maximum number of reminders and events that are enqueued in one transaction.
pub(super) const BATCH_SIZE: usize = 100;

/// Time between the mail about an event and its beginning.
const EVENT_LEAD_TIME: SignedDuration = SignedDuration::from_mins(30);

/// Time after the beginning of an event during which its mail is still sent.
pub(crate) const EVENT_MAX_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// Maximum number of characters that a subject takes from the content of a reminder.
const MAX_SUBJECT_LENGTH: usize = 80;

/// A reminder or an event that is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DueReminder {
    source: Source,
    /// Id of the reminder or the event.
    id: u64,
    /// Account of the creator.
    account: AccountId,
    creator_id: u64,
    creator_name: String,
    /// Content of a reminder, or title of an event.
    content: String,
    /// The message of an event; empty for a reminder.
    message: String,
    time: EventTime,
}

/// Table that a [`DueReminder`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Reminder,
    Event,
}

/// A user who receives a reminder. An address is `None` if the user has disabled its kind of reminder, or has no
/// valid address of this kind.
struct Remindee {
    id: u64,
    email_address: Option<String>,
    mobile_address: Option<String>,
    zone: TimeZone,
    use_24h_clock: bool,
}

/// Finds due reminders and events, at most [`BATCH_SIZE`].
pub(super) fn find_due(db: &Connection, now: Timestamp) -> Result<Vec<DueReminder>, ApiError> {
    let mut due = find_due_reminders(db, now)?;
    due.extend(find_due_events(db, now)?);
    due.truncate(BATCH_SIZE);
    Ok(due)
}

/// Finds reminders that are due and not sent yet, the earliest first.
fn find_due_reminders(db: &Connection, now: Timestamp) -> Result<Vec<DueReminder>, ApiError> {
    const DUE: &str =
        "SELECT reminders.*, content, '' AS message, remind_at AS at, 0 AS all_day, account_id, users.name
        FROM reminders JOIN users ON users.id = creator_id
        WHERE sent_at IS NULL AND remind_at <= ?1 ORDER BY remind_at LIMIT ?2";
    query_all(db, DUE, (now.as_second(), BATCH_SIZE), |row| read_due(row, Source::Reminder))
}

/// Finds events that begin soon, or began recently, and whose mail was not sent yet, the earliest first.
fn find_due_events(db: &Connection, now: Timestamp) -> Result<Vec<DueReminder>, ApiError> {
    let mut due = find_due_events_of_kind(db, now, false)?;
    due.extend(find_due_events_of_kind(db, now, true)?);
    due.sort_by_key(|event| event.time.at);
    Ok(due)
}

/// Finds due events, either all-day or timed ones, at most [`BATCH_SIZE`].
fn find_due_events_of_kind(db: &Connection, now: Timestamp, all_day: bool) -> Result<Vec<DueReminder>, ApiError> {
    const NEAR: &str = "SELECT events.*, title AS content, occurs_at AS at, account_id, users.name, time_zone
        FROM events JOIN users ON users.id = creator_id
        WHERE remind AND reminded_at IS NULL AND all_day = ?1 AND occurs_at BETWEEN ?2 AND ?3 ORDER BY occurs_at";
    // An all-day event is stored as midnight in UTC. In its creator's time zone, the day begins at most 14 hours before
    // and 12 hours after that.
    let [before, after] = if all_day { [12, 14] } else { [0, 0] }.map(SignedDuration::from_hours);
    let (from, until) = (now - EVENT_MAX_DELAY - before, now + EVENT_LEAD_TIME + after);
    let mut due = Vec::new();
    let mut near = db.prepare_cached(NEAR)?;
    let mut rows = near.query((all_day, from.as_second(), until.as_second()))?;
    while due.len() < BATCH_SIZE
        && let Some(row) = rows.next()?
    {
        let event = read_due(row, Source::Event)?;
        let begins_at = find_event_start(event.time, &zone_or_utc(&row.get::<_, String>("time_zone")?));
        let is_due = now >= begins_at - EVENT_LEAD_TIME
            && now - EVENT_MAX_DELAY < begins_at
            && read_time(row, "updated_at")? < begins_at;
        due.extend(is_due.then_some(event));
    }
    Ok(due)
}

fn read_due(row: &Row<'_>, source: Source) -> rusqlite::Result<DueReminder> {
    Ok(DueReminder {
        source,
        id: row.get("id")?,
        account: read_id(row, "account_id")?,
        creator_id: row.get("creator_id")?,
        creator_name: row.get("name")?,
        content: row.get("content")?,
        message: row.get("message")?,
        time: EventTime { at: read_time(row, "at")?, all_day: row.get("all_day")? },
    })
}

/// Returns the moment at which an event begins. An all-day event begins when its day begins in the time zone.
fn find_event_start(time: EventTime, zone: &TimeZone) -> Timestamp {
    let midnight = || zone.to_timestamp(time.date_in(zone).into()).ok();
    if time.all_day { midnight().unwrap_or(time.at) } else { time.at }
}

/// Enqueues the mail of due reminders and events, at most [`BATCH_SIZE`], marks these as sent, and returns their
/// number. A reminder is also marked if none of its remindees has an address.
pub(super) fn enqueue_due(db: &Connection, now: Timestamp) -> Result<usize, ApiError> {
    let due = find_due(db, now)?;
    for reminder in &due {
        for remindee in find_remindees(db, reminder)? {
            enqueue_mail(db, reminder, &remindee, now)?;
        }
        let mark_sent = match reminder.source {
            Source::Reminder => "UPDATE reminders SET sent_at = ?2 WHERE id = ?1",
            Source::Event => "UPDATE events SET reminded_at = ?2 WHERE id = ?1",
        };
        db.prepare_cached(mark_sent)?.execute((reminder.id, now.as_second()))?;
    }
    Ok(due.len())
}

/// Finds the users who receive a reminder: its remindees, or the creator of an event.
fn find_remindees(db: &Connection, reminder: &DueReminder) -> Result<Vec<Remindee>, ApiError> {
    const REMINDEES: &str =
        "SELECT users.* FROM users JOIN remindees ON user_id = users.id WHERE reminder_id = ?1 ORDER BY id";
    match reminder.source {
        Source::Reminder => query_all(db, REMINDEES, [reminder.id], read_remindee),
        Source::Event => query_all(db, "SELECT * FROM users WHERE id = ?1", [reminder.creator_id], read_remindee),
    }
}

fn read_remindee(row: &Row<'_>) -> rusqlite::Result<Remindee> {
    let by_email: bool = row.get("remind_via_email")?;
    let by_mobile: bool = row.get("remind_via_mobile")?;
    let email_address: String = row.get("email_address")?;
    let number: Option<String> = row.get("mobile_phone_number")?;
    let host: Option<String> = row.get("mobile_phone_host")?;
    // Users write `+44 7700-900123`. The address of a mail-to-SMS gateway has no spaces, dashes or `+`.
    let number = number.map(|number| number.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let mobile_address = number.zip(host).map(|(number, host)| format!("{number}@{host}"));
    let is_mail_address = |address: &String| text::is_mail_address(address);
    Ok(Remindee {
        id: row.get("id")?,
        email_address: (by_email && is_mail_address(&email_address)).then_some(email_address),
        mobile_address: if by_mobile { mobile_address.filter(is_mail_address) } else { None },
        zone: zone_or_utc(&row.get::<_, String>("time_zone")?),
        use_24h_clock: row.get("use_24h_clock")?,
    })
}

/// Enqueues the mail to one remindee, at most one to each of the two addresses. Mail to a phone is short.
fn enqueue_mail(db: &Connection, reminder: &DueReminder, remindee: &Remindee, now: Timestamp) -> Result<(), ApiError> {
    let time = format_time(reminder.time, remindee);
    if let Some(address) = &remindee.email_address {
        let subject = format!("Reminder: {}", shorten_subject(&reminder.content));
        let mut body = format!("{}\n\n{time}\n", reminder.content);
        if reminder.creator_id != remindee.id {
            body.push_str(&format!("Set by {}\n", reminder.creator_name));
        }
        if !reminder.message.is_empty() {
            body.push_str(&format!("\n{}\n", reminder.message));
        }
        enqueue(db, reminder.account, address, &subject, &body, now)?;
    }
    if let Some(address) = &remindee.mobile_address {
        enqueue(db, reminder.account, address, "Reminder", &format!("{}\n{time}\n", reminder.content), now)?;
    }
    Ok(())
}

/// Returns the first line of a text. A line longer than [`MAX_SUBJECT_LENGTH`] is cut off, and ends with `…`.
fn shorten_subject(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_SUBJECT_LENGTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// Formats a time in the time zone and the clock format of a remindee. An all-day event has only its date.
fn format_time(time: EventTime, remindee: &Remindee) -> String {
    let format = match remindee {
        _ if time.all_day => "%A, %-d %B %Y",
        Remindee { use_24h_clock: true, .. } => "%A, %-d %B %Y, %-H:%M",
        _ => "%A, %-d %B %Y, %-I:%M %p",
    };
    let zone = if time.all_day { TimeZone::UTC } else { remindee.zone.clone() };
    time.at.to_zoned_datetime(zone).strftime(format).to_string()
}
