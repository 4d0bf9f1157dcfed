//! Everything that is on no page, as lists of plain text: reminders, calendars, journal and people.

use std::collections::BTreeMap;

use backpack_api::{CalendarEvent, JournalEntry, Reminder, UserId};

use super::dates::{format_date, format_time};
use super::names::FileNames;
use super::object::{Kind, Object};
use crate::model::{Account, ArchivedCalendar};

/// A list, which is a file in some formats.
pub(crate) struct Listing {
    /// Path of the file, without an extension.
    pub(crate) path: String,
    /// Title.
    pub(crate) title: String,
    /// Sections, in order.
    pub(crate) sections: Vec<Section>,
    /// Objects of the list.
    pub(crate) objects: Vec<Object>,
}

/// A part of a list.
#[derive(Default)]
pub(crate) struct Section {
    /// Heading; empty if there is none.
    pub(crate) heading: String,
    /// Lines below the heading.
    pub(crate) lines: Vec<Line>,
}

/// A line of a list.
pub(crate) struct Line {
    /// `true` if the line is something to do.
    pub(crate) is_task: bool,
    /// Plain text. It can have line breaks.
    pub(crate) text: String,
    /// More plain text; may be empty.
    pub(crate) detail: String,
}

impl Line {
    /// Creates a line without details.
    fn new(text: String) -> Self {
        Self { is_task: false, text, detail: String::new() }
    }
}

/// Lists everything that is on no page, except bookmarks.
pub(crate) fn build_listings(account: &Account) -> Vec<Listing> {
    let mut names = FileNames::default();
    let mut listings = Vec::new();
    listings.extend(list_reminders(account));
    listings.extend(account.calendars.iter().map(|calendar| list_events(calendar, &mut names)));
    listings.extend(list_journal(account));
    listings.extend(list_people(account));
    listings
}

/// Lists the reminders by time. `None` if there are none.
fn list_reminders(account: &Account) -> Option<Listing> {
    let mut reminders: Vec<&Reminder> = account.reminders.iter().collect();
    reminders.sort_by_key(|reminder| (reminder.remind_at, reminder.id));
    let objects = reminders.iter().map(|reminder| Object::new(Kind::Reminder, reminder.id)).collect();
    let zone = account.user.as_ref().and_then(|user| user.time_zone_id.as_deref());
    let heading = zone.map_or_else(String::new, |zone| format!("In the time zone {zone}"));
    let lines = reminders.iter().map(|reminder| Line { is_task: true, ..Line::new(describe_reminder(reminder)) });
    let sections = vec![Section { heading, lines: lines.collect() }];
    let title = "Reminders".to_owned();
    (!reminders.is_empty()).then(|| Listing { path: "reminders".to_owned(), title, sections, objects })
}

/// Describes a reminder: time, text, recipients and creator.
fn describe_reminder(reminder: &Reminder) -> String {
    let mut text = format!("{} {}", reminder.remind_at.strftime("%Y-%m-%d %H:%M"), reminder.content);
    if !reminder.remindees.is_empty() {
        let names: Vec<&str> = reminder.remindees.iter().map(|person| person.name.as_str()).collect();
        text.push_str(&format!(" (for {})", names.join(", ")));
    }
    if let Some(creator) = &reminder.creator {
        text.push_str(&format!(" (by {})", creator.name));
    }
    text
}

/// Lists the events of a calendar by time.
fn list_events(archived: &ArchivedCalendar, names: &mut FileNames) -> Listing {
    let calendar = &archived.calendar;
    let mut events: Vec<&CalendarEvent> = archived.events.iter().collect();
    events.sort_by_key(|event| (event.occurs_at, event.id));
    let mut objects = vec![Object::new(Kind::Calendar, calendar.id)];
    objects.extend(events.iter().map(|event| Object::new(Kind::Event, event.id)));
    let describe = |event: &&CalendarEvent| {
        let alarm = if event.remind == Some(true) { " (with a reminder)" } else { "" };
        let detail = event.message.clone().unwrap_or_default();
        Line { detail, ..Line::new(format!("{}: {}{alarm}", format_span(event), event.title)) }
    };
    Listing {
        path: format!("calendars/{}", names.create(calendar.id.0, &calendar.name)),
        title: format!("Calendar: {}", calendar.name),
        sections: vec![Section { heading: String::new(), lines: events.iter().map(describe).collect() }],
        objects,
    }
}

/// Formats the beginning and the end of an event, or only the dates if it takes the whole day.
fn format_span(event: &CalendarEvent) -> String {
    let format = if event.all_day == Some(true) { format_date } else { format_time };
    match (event.occurs_at.map(format), event.occurs_until.map(format)) {
        (Some(from), Some(until)) if from != until => format!("{from} to {until}"),
        (Some(from), _) => from,
        (None, _) => "Without a date".to_owned(),
    }
}

/// Lists the journal, one list a month and one section a day.
fn list_journal(account: &Account) -> Vec<Listing> {
    let mut days: BTreeMap<String, Vec<&JournalEntry>> = BTreeMap::new();
    for entry in &account.journal {
        days.entry(format_date(entry.created_at)).or_default().push(entry);
    }
    let mut months: BTreeMap<String, Listing> = BTreeMap::new();
    for (day, entries) in days {
        let month = day.rsplit_once('-').map_or(day.as_str(), |(month, _)| month);
        let listing = months.entry(month.to_owned()).or_insert_with(|| Listing {
            path: format!("journal/{month}"),
            title: format!("Journal, {month}"),
            sections: Vec::new(),
            objects: Vec::new(),
        });
        listing.objects.extend(entries.iter().map(|entry| Object::new(Kind::JournalEntry, entry.id)));
        let lines = entries.iter().map(|entry| Line::new(describe_entry(account, entry))).collect();
        listing.sections.push(Section { heading: day, lines });
    }
    months.into_values().collect()
}

/// Describes an entry of the journal: time, author and text.
fn describe_entry(account: &Account, entry: &JournalEntry) -> String {
    let time = entry.created_at.strftime("%H:%M UTC");
    format!("{time}, {}: {}", find_author(account, entry), entry.body)
}

/// Name of the author of an entry.
pub(crate) fn find_author(account: &Account, entry: &JournalEntry) -> String {
    let listed = entry.user.as_ref().map(|user| user.name.clone());
    listed.or_else(|| Some(name_user(account, entry.user_id?))).unwrap_or_else(|| "Unknown".to_owned())
}

/// Lists the users and their statuses. `None` if there are none.
fn list_people(account: &Account) -> Option<Listing> {
    let mut objects: Vec<_> = account.members.iter().map(|member| Object::new(Kind::Member, member.id)).collect();
    objects.extend(account.statuses.iter().map(|status| Object::new(Kind::Status, status.id)));
    let members = account.members.iter().map(|member| Line::new(member.name.clone())).collect();
    let statuses = account.statuses.iter().map(|status| {
        let listed = status.user.as_ref().map(|user| user.name.clone());
        let name = listed.unwrap_or_else(|| name_user(account, status.user_id));
        Line::new(format!("{name}: {} ({})", status.message, format_time(status.updated_at)))
    });
    let statuses = Section { heading: "Statuses".to_owned(), lines: statuses.collect() };
    let members = Section { heading: "Users".to_owned(), lines: members };
    let sections = [members, statuses].into_iter().filter(|section| !section.lines.is_empty()).collect();
    let title = "People".to_owned();
    (!objects.is_empty()).then(|| Listing { path: "people".to_owned(), title, sections, objects })
}

/// Name of a user, or the number if the account does not list the user.
fn name_user(account: &Account, user: UserId) -> String {
    let member = account.members.iter().find(|member| member.id == user);
    member.map_or_else(|| format!("User {user}"), |member| member.name.clone())
}
