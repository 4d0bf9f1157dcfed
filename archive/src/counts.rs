//! Numbers of objects by kind.

use std::collections::BTreeMap;
use std::fmt::Display;

use backpack_api::{Page, PageList};

use crate::document::Document;
use crate::model::Account;

/// Numbers of objects by kind, such as `notes`. Kinds without an object are left out.
pub type Counts = BTreeMap<String, u64>;

/// Formats a number of objects. Their kind is an English plural, which loses its ending for one object: `1 entry`.
pub fn format_count<N: Display + PartialEq + From<u8>>(number: N, kind: &str) -> String {
    if number != N::from(1) {
        return format!("{number} {kind}");
    }
    if let Some(stem) = kind.strip_suffix("ies") {
        format!("1 {stem}y")
    } else if let Some(stem) = kind.strip_suffix("es")
        && stem.ends_with("us")
    {
        format!("1 {stem}")
    } else {
        format!("1 {}", kind.strip_suffix('s').unwrap_or(kind))
    }
}

/// Adds a number of objects of a kind.
fn add(counts: &mut Counts, kind: &str, number: usize) {
    if number > 0 {
        *counts.entry(kind.to_owned()).or_default() += u64::try_from(number).unwrap_or(u64::MAX);
    }
}

/// Adds counts to others.
pub(crate) fn merge(counts: &mut Counts, more: &Counts) {
    for (kind, number) in more {
        *counts.entry(kind.clone()).or_default() += number;
    }
}

/// Counts the objects of a document.
pub(crate) fn count_document(document: &Document) -> Counts {
    let mut counts = Counts::new();
    match document {
        // The user is one of the users of the account.
        Document::User(_) => {}
        Document::Members(members) => add(&mut counts, "users", members.len()),
        Document::Export(export) => {
            export.pages.iter().for_each(|page| add_page(&mut counts, page));
            add(&mut counts, "reminders", export.reminders.len());
        }
        Document::PageList(pages) => add(&mut counts, "pages", pages.len()),
        Document::Page(page) => add_page(&mut counts, page),
        Document::Emails(_, emails) => add(&mut counts, "emails", emails.len()),
        Document::Reminders(reminders) => add(&mut counts, "reminders", reminders.len()),
        Document::Calendars(calendars) => add(&mut counts, "calendars", calendars.len()),
        Document::CalendarEvents(events) => add(&mut counts, "events", events.len()),
        Document::Journal(entries) => add(&mut counts, "entries", entries.len()),
        Document::Statuses(statuses) => add(&mut counts, "statuses", statuses.len()),
        Document::Bookmarks(bookmarks) => add(&mut counts, "bookmarks", bookmarks.len()),
    }
    counts
}

/// Counts the objects of an account.
pub fn count_account(account: &Account) -> Counts {
    let mut counts = Counts::new();
    account.pages.iter().for_each(|archived| add_page(&mut counts, &archived.page));
    add(&mut counts, "users", account.members.len());
    add(&mut counts, "reminders", account.reminders.len());
    add(&mut counts, "calendars", account.calendars.len());
    add(&mut counts, "events", account.calendars.iter().map(|archived| archived.events.len()).sum());
    add(&mut counts, "entries", account.journal.len());
    add(&mut counts, "statuses", account.statuses.len());
    add(&mut counts, "bookmarks", account.bookmarks.len());
    counts
}

/// Adds a page and what is on it.
fn add_page(counts: &mut Counts, page: &Page) {
    let items = |list: &PageList| list.items.len();
    add(counts, "pages", 1);
    add(counts, "notes", page.notes.len());
    add(counts, "lists", page.lists.len());
    let own_items = page.items.len() + page.open_items.len() + page.done_items.len();
    add(counts, "items", page.lists.iter().map(items).sum::<usize>() + own_items);
    add(counts, "galleries", page.galleries.len());
    add(counts, "images", page.galleries.iter().map(|gallery| gallery.images.len()).sum());
    add(counts, "files", page.attachments.len());
    add(counts, "separators", page.separators.len());
    add(counts, "emails", page.emails.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_has_a_noun_in_the_singular() {
        let nouns = [
            ("pages", "page"),
            ("journal entries", "journal entry"),
            ("statuses", "status"),
            ("images", "image"),
            ("responses", "response"),
            ("bytes", "byte"),
        ];
        for (kind, one) in nouns {
            assert_eq!(format_count(1, kind), format!("1 {one}"));
            assert_eq!(format_count(2, kind), format!("2 {kind}"));
        }
    }
}
