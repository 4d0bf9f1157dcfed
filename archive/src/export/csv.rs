//! CSV (RFC 4180): items, events, reminders and journal, for spreadsheets.
//!
//! A cell with text that a spreadsheet would run as a formula begins with an apostrophe.

use backpack_api::Item;
use csv::{Terminator, WriterBuilder};

use super::content::listings::find_author;
use super::content::object::{Kind, Object, list_objects};
use super::content::rendering::Rendering;
use super::report::ExportError;
use crate::model::{Account, ArchivedPage};

/// Renders the tables of an account.
pub(super) fn render(account: &Account) -> Result<Rendering, ExportError> {
    let mut out = Rendering::default();
    let (rows, objects) = list_items(account);
    out.add("items.csv", write_table(&ITEMS, rows)?, objects);
    let (rows, objects) = list_events(account);
    out.add("events.csv", write_table(&EVENTS, rows)?, objects);
    let reminders = account.reminders.iter().map(|reminder| {
        let names: Vec<&str> = reminder.remindees.iter().map(|person| person.name.as_str()).collect();
        let creator = reminder.creator.as_ref().map_or("", |person| &person.name);
        let at = reminder.remind_at.to_string();
        vec![reminder.id.to_string(), at, names.join(", "), creator.to_owned(), reminder.content.clone()]
    });
    let objects = account.reminders.iter().map(|reminder| Object::new(Kind::Reminder, reminder.id));
    out.add("reminders.csv", write_table(&REMINDERS, reminders.collect())?, objects.collect());
    let entries = account.journal.iter().map(|entry| {
        let author = find_author(account, entry);
        vec![
            entry.id.to_string(),
            entry.created_at.to_string(),
            entry.updated_at.to_string(),
            author,
            entry.body.clone(),
        ]
    });
    let objects = account.journal.iter().map(|entry| Object::new(Kind::JournalEntry, entry.id));
    out.add("journal.csv", write_table(&JOURNAL, entries.collect())?, objects.collect());
    let is_other =
        |object: &Object| !matches!(object.kind, Kind::Item | Kind::Event | Kind::Reminder | Kind::JournalEntry);
    let others = list_objects(account).into_iter().filter(is_other);
    out.skip(others, "CSV has items, events, reminders and the journal only");
    Ok(out)
}

/// Columns of the items.
const ITEMS: [&str; 8] = ["page_id", "page", "list_id", "list", "item_id", "completed", "updated_at", "content"];

/// Columns of the events.
const EVENTS: [&str; 9] =
    ["calendar_id", "calendar", "event_id", "occurs_at", "occurs_until", "all_day", "remind", "title", "message"];

/// Columns of the reminders.
const REMINDERS: [&str; 5] = ["reminder_id", "remind_at", "remindees", "creator", "content"];

/// Columns of the journal.
const JOURNAL: [&str; 5] = ["entry_id", "created_at", "updated_at", "author", "body"];

/// Rows of a table, and the objects in them.
type Rows = (Vec<Vec<String>>, Vec<Object>);

/// Lists all items, in the order of the pages.
fn list_items(account: &Account) -> Rows {
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    let mut add = |archived: &ArchivedPage, list: (String, &str), item: &Item| {
        objects.push(Object::new(Kind::Item, item.id));
        rows.push(vec![
            archived.page.id.to_string(),
            archived.page.title.clone(),
            list.0,
            list.1.to_owned(),
            item.id.to_string(),
            item.completed.to_string(),
            item.updated_at.map(|at| at.to_string()).unwrap_or_default(),
            item.content.clone(),
        ]);
    };
    for archived in &account.pages {
        archived.page.items.iter().for_each(|item| add(archived, (String::new(), ""), item));
        for list in &archived.page.lists {
            list.items.iter().for_each(|item| add(archived, (list.id.to_string(), &list.name), item));
        }
    }
    (rows, objects)
}

/// Lists all events, in the order of the calendars.
fn list_events(account: &Account) -> Rows {
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for archived in &account.calendars {
        for event in &archived.events {
            let flag = |value: Option<bool>| value.map(|value| value.to_string()).unwrap_or_default();
            objects.push(Object::new(Kind::Event, event.id));
            rows.push(vec![
                archived.calendar.id.to_string(),
                archived.calendar.name.clone(),
                event.id.to_string(),
                event.occurs_at.map(|at| at.to_string()).unwrap_or_default(),
                event.occurs_until.map(|at| at.to_string()).unwrap_or_default(),
                flag(event.all_day),
                flag(event.remind),
                event.title.clone(),
                event.message.clone().unwrap_or_default(),
            ]);
        }
    }
    (rows, objects)
}

/// Writes a table with its heading.
fn write_table(heading: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, ExportError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(heading).map_err(|error| ExportError::Format(error.into()))?;
    for row in rows {
        let cells = row.into_iter().map(disarm_formula);
        writer.write_record(cells).map_err(|error| ExportError::Format(error.into()))?;
    }
    writer.into_inner().map_err(|error| ExportError::Format(error.to_string().into()))
}

/// Adds an apostrophe to a text that a spreadsheet would run as a formula.
fn disarm_formula(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}
