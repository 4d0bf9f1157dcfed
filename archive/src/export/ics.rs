//! iCalendar: one file for each calendar, and one for the reminders.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{CalendarEvent, Reminder};

use super::content::names::FileNames;
use super::content::object::{Kind, Object, list_objects};
use super::content::rendering::Rendering;
use crate::model::Account;
use crate::render::calendar::{CalendarFile, FileEvent, When, format_event_uid};

/// Identifies this program in the files.
const PRODUCT: &str = concat!("backpack-archive//", env!("CARGO_PKG_VERSION"));

/// Renders the calendars and reminders of an account.
pub(super) fn render(account: &Account) -> Rendering {
    let mut out = Rendering::default();
    let name = account.name.as_deref().unwrap_or("account").to_lowercase();
    let mut names = FileNames::default();
    for archived in &account.calendars {
        let calendar = &archived.calendar;
        let mut file = CalendarFile::new(PRODUCT, &calendar.name);
        let mut objects = vec![Object::new(Kind::Calendar, calendar.id)];
        for event in &archived.events {
            let object = Object::new(Kind::Event, event.id);
            match event.occurs_at {
                Some(from) => {
                    objects.push(object);
                    add_event(&mut file, event, from, &name);
                }
                None => out.skip([object], "iCalendar requires a date, and the event has none"),
            }
        }
        let path = format!("{}.ics", names.create(calendar.id.0, &calendar.name));
        out.add(path, file.finish(), objects);
    }
    if !account.reminders.is_empty() {
        let mut file = CalendarFile::new(PRODUCT, "Reminders");
        account.reminders.iter().for_each(|reminder| add_reminder(&mut file, reminder, &name));
        let objects = account.reminders.iter().map(|reminder| Object::new(Kind::Reminder, reminder.id));
        out.add("reminders.ics", file.finish(), objects.collect());
    }
    let is_other = |object: &Object| !matches!(object.kind, Kind::Calendar | Kind::Event | Kind::Reminder);
    out.skip(list_objects(account).into_iter().filter(is_other), "iCalendar has calendars and reminders only");
    out
}

/// Adds an event.
fn add_event(file: &mut CalendarFile, event: &CalendarEvent, from: Timestamp, account: &str) {
    let (until, created_at) = (event.occurs_until, event.created_at);
    file.add_event(&FileEvent {
        uid: &format_event_uid(event, account),
        title: &event.title,
        message: event.message.as_deref().unwrap_or_default(),
        created_at,
        updated_at: event.updated_at.or(created_at).unwrap_or(from),
        when: if event.all_day == Some(true) { When::Days { from, until } } else { When::Span { from, until } },
        // 30 minutes before, like the reminder by mail.
        alarm: if event.remind == Some(true) { Some("-PT30M") } else { None },
    });
}

/// Adds a reminder as an event with an alarm. Its time is that of the user's clock, whose time zone the reminder does not
/// name.
fn add_reminder(file: &mut CalendarFile, reminder: &Reminder, account: &str) {
    let at = reminder.remind_at;
    let names: Vec<&str> = reminder.remindees.iter().map(|person| person.name.as_str()).collect();
    file.add_event(&FileEvent {
        uid: &format!("reminder-{}@{account}.backpack", reminder.id),
        title: &reminder.content,
        message: &if names.is_empty() { String::new() } else { format!("For {}", names.join(", ")) },
        created_at: None,
        // The format requires a time of the last change, and the API gives none.
        updated_at: TimeZone::UTC.to_timestamp(at).unwrap_or_default(),
        when: When::Clock(at),
        alarm: Some("PT0S"),
    });
}
