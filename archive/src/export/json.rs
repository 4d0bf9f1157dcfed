//! JSON: all typed values of the account in one file, without secrets.

use backpack_api::{Bookmark, CalendarEvent, JournalEntry, Member, Page, PageScope, Reminder, Secret, Status, User};
use serde::Serialize;

use super::content::object::list_objects;
use super::content::rendering::Rendering;
use super::report::ExportError;
use crate::model::Account;

/// The account.
#[derive(Serialize)]
struct AccountFile<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    user: Option<&'a User>,
    members: &'a [Member],
    pages: Vec<PageEntry>,
    reminders: &'a [Reminder],
    calendars: Vec<CalendarEntry<'a>>,
    journal: &'a [JournalEntry],
    statuses: &'a [Status],
    bookmarks: &'a [Bookmark],
}

/// A page, and how the account lists it.
#[derive(Serialize)]
struct PageEntry {
    scope: Option<PageScope>,
    page: Page,
}

/// A calendar and its events.
#[derive(Serialize)]
struct CalendarEntry<'a> {
    calendar: backpack_api::Calendar,
    events: &'a [CalendarEvent],
}

/// Renders an account as one JSON file. The mail addresses of pages are absent and the tokens of feeds are empty, since
/// each of them is a password. The archive has them.
pub(super) fn render(account: &Account) -> Result<Rendering, ExportError> {
    let pages = account.pages.iter().map(|archived| {
        let mut page = archived.page.clone();
        page.email_address = None;
        PageEntry { scope: archived.scope.clone(), page }
    });
    let calendars = account.calendars.iter().map(|archived| {
        let mut calendar = archived.calendar.clone();
        calendar.token = Secret::default();
        CalendarEntry { calendar, events: &archived.events }
    });
    let file = AccountFile {
        name: account.name.as_deref(),
        url: account.url.as_deref(),
        user: account.user.as_ref(),
        members: &account.members,
        pages: pages.collect(),
        reminders: &account.reminders,
        calendars: calendars.collect(),
        journal: &account.journal,
        statuses: &account.statuses,
        bookmarks: &account.bookmarks,
    };
    let mut content = serde_json::to_vec_pretty(&file).map_err(|error| ExportError::Format(error.into()))?;
    content.push(b'\n');
    let mut out = Rendering::default();
    // Positions of unavailable widgets are in the file too.
    out.add("account.json", content, list_objects(account));
    Ok(out)
}
