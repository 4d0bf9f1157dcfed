//! Reminders and events become mail when their time comes.
//!
//! - A reminder goes to everybody whom it is for, also when the service was not running at its time.
//! - An event with `remind` goes to who wrote it, 30 minutes ahead. What was past when it was written is not reminded
//!   of, nor what began more than a day ago.
//!
//! **Invariant:** that something went out is written together with its mail. So nothing is lost, or sent twice, whenever
//! the service breaks off.

use backpack_api::AccountId;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};

use super::post;
use crate::ApiError;
use crate::fuzzy::When;
use crate::store::rows::{query_all, read_id, read_time};
use crate::text;
use crate::zones::zone;

/// How long before an event its reminder goes out.
const AHEAD: SignedDuration = SignedDuration::from_mins(30);

/// How long after its beginning an event is still worth a reminder.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// The most reminders that become mail in one write.
const MOST: usize = 100;

/// A reminder, or an event, whose time has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    kind: Kind,
    id: u64,
    account: AccountId,
    /// Who set it.
    creator: u64,
    creator_name: String,
    content: String,
    /// What else there is to say.
    message: String,
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reminder,
    Event,
}

/// Somebody who is reminded.
struct Remindee {
    id: u64,
    email_address: Option<String>,
    mobile_address: Option<String>,
    zone: TimeZone,
    use_24h_clock: bool,
}

/// Whose time has come.
pub(super) fn due(db: &Connection, now: Timestamp) -> Result<Vec<Due>, ApiError> {
    let mut due = reminders(db, now)?;
    due.extend(events(db, now)?);
    due.truncate(MOST);
    Ok(due)
}

fn reminders(db: &Connection, now: Timestamp) -> Result<Vec<Due>, ApiError> {
    const DUE: &str =
        "SELECT reminders.*, content, '' AS message, remind_at AS at, 0 AS all_day, account_id, users.name
        FROM reminders JOIN users ON users.id = creator_id
        WHERE sent_at IS NULL AND remind_at <= ?1 ORDER BY remind_at LIMIT ?2";
    query_all(db, DUE, (now.as_second(), MOST), |row| read(row, Kind::Reminder))
}

fn events(db: &Connection, now: Timestamp) -> Result<Vec<Due>, ApiError> {
    // A whole day begins in each time zone at its own moment, at most 14 hours before and 12 after the one that is kept.
    const NEAR: &str = "SELECT events.*, title AS content, occurs_at AS at, account_id, users.name, time_zone
        FROM events JOIN users ON users.id = creator_id
        WHERE remind AND reminded_at IS NULL AND occurs_at BETWEEN ?1 - 129600 AND ?1 + 54000 ORDER BY occurs_at";
    let near = query_all(db, NEAR, [now.as_second()], |row| {
        let due = read(row, Kind::Event)?;
        let begins = begins(due.when, &zone(&row.get::<_, String>("time_zone")?));
        let is_due = now >= begins - AHEAD && now - LATE < begins && read_time(row, "updated_at")? < begins;
        Ok(is_due.then_some(due))
    })?;
    Ok(near.into_iter().flatten().collect())
}

fn read(row: &Row<'_>, kind: Kind) -> rusqlite::Result<Due> {
    Ok(Due {
        kind,
        id: row.get("id")?,
        account: read_id(row, "account_id")?,
        creator: row.get("creator_id")?,
        creator_name: row.get("name")?,
        content: row.get("content")?,
        message: row.get("message")?,
        when: When { at: read_time(row, "at")?, all_day: row.get("all_day")? },
    })
}

/// At which moment an event begins for somebody in a time zone.
fn begins(when: When, zone: &TimeZone) -> Timestamp {
    let midnight = || zone.to_timestamp(when.day(zone).into()).ok();
    if when.all_day { midnight().unwrap_or(when.at) } else { when.at }
}

/// Makes mail of those whose time has come, and says how many there were.
pub(super) fn post_due(db: &Connection, now: Timestamp) -> Result<usize, ApiError> {
    let due = due(db, now)?;
    for due in &due {
        for remindee in remindees(db, due)? {
            post_to(db, due, &remindee, now)?;
        }
        let sent = match due.kind {
            Kind::Reminder => "UPDATE reminders SET sent_at = ?2 WHERE id = ?1",
            Kind::Event => "UPDATE events SET reminded_at = ?2 WHERE id = ?1",
        };
        db.prepare_cached(sent)?.execute((due.id, now.as_second()))?;
    }
    Ok(due.len())
}

fn remindees(db: &Connection, due: &Due) -> Result<Vec<Remindee>, ApiError> {
    match due.kind {
        Kind::Reminder => {
            let of =
                "SELECT users.* FROM users JOIN remindees ON user_id = users.id WHERE reminder_id = ?1 ORDER BY id";
            query_all(db, of, [due.id], remindee)
        }
        Kind::Event => query_all(db, "SELECT * FROM users WHERE id = ?1", [due.creator], remindee),
    }
}

fn remindee(row: &Row<'_>) -> rusqlite::Result<Remindee> {
    let by_mail: bool = row.get("remind_via_email")?;
    let by_mobile: bool = row.get("remind_via_mobile")?;
    let number: Option<String> = row.get("mobile_phone_number")?;
    let host: Option<String> = row.get("mobile_phone_host")?;
    // People write numbers with spaces and dashes.
    let number = number.map(|number| number.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    let mobile_address = number.zip(host).map(|(number, host)| format!("{number}@{host}"));
    let address = |address: &String| text::is_mail_address(address);
    Ok(Remindee {
        id: row.get("id")?,
        email_address: by_mail.then(|| row.get("email_address")).transpose()?.filter(address),
        mobile_address: mobile_address.filter(|_| by_mobile).filter(address),
        zone: zone(&row.get::<_, String>("time_zone")?),
        use_24h_clock: row.get("use_24h_clock")?,
    })
}

fn post_to(db: &Connection, due: &Due, remindee: &Remindee, now: Timestamp) -> Result<(), ApiError> {
    let time = time_for(due.when, remindee);
    if let Some(address) = &remindee.email_address {
        let subject = format!("Reminder: {}", heading(&due.content));
        let mut body = format!("{}\n\n{time}\n", due.content);
        if due.creator != remindee.id {
            body.push_str(&format!("Set by {}\n", due.creator_name));
        }
        if !due.message.is_empty() {
            body.push_str(&format!("\n{}\n", due.message));
        }
        post(db, due.account, address, &subject, &body, now)?;
    }
    if let Some(address) = &remindee.mobile_address {
        post(db, due.account, address, "Reminder", &format!("{}\n{time}\n", due.content), now)?;
    }
    Ok(())
}

/// A text's first line, not too long for a subject.
fn heading(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line.to_owned(),
    }
}

/// When something is, as somebody reads it.
fn time_for(when: When, remindee: &Remindee) -> String {
    let format = match remindee {
        _ if when.all_day => "%A, %-d %B %Y",
        Remindee { use_24h_clock: true, .. } => "%A, %-d %B %Y, %-H:%M",
        _ => "%A, %-d %B %Y, %-I:%M %p",
    };
    let zone = if when.all_day { TimeZone::UTC } else { remindee.zone.clone() };
    when.at.to_zoned_datetime(zone).strftime(format).to_string()
}
