//! Puts the account together from documents.

use std::collections::{BTreeMap, BTreeSet};

use backpack_api::{
    CalendarEvent, CalendarId, Email, EntryId, Item, JournalEntry, Page, PageId, PageSummary, Reminder, ReminderId,
    User, WidgetKind,
};

use crate::document::Document;
use crate::model::{Account, ArchivedCalendar, ArchivedPage};

/// Documents that were read so far.
#[derive(Default)]
pub(crate) struct Assembly {
    account: Account,
    /// The user of an export, without settings.
    exporting_user: Option<User>,
    /// Pages that have a document of their own.
    pages: BTreeMap<PageId, Page>,
    /// Pages of exports.
    exported_pages: BTreeMap<PageId, Page>,
    listed_pages: Vec<PageSummary>,
    emails: Vec<(Option<PageId>, Email)>,
    reminders: BTreeMap<ReminderId, Reminder>,
    events: BTreeMap<CalendarId, Vec<CalendarEvent>>,
    journal: BTreeMap<EntryId, JournalEntry>,
    duplicates: Vec<String>,
}

/// The account, and what else its documents say.
pub(crate) struct Assembled {
    pub(crate) account: Account,
    /// Pages that the account lists.
    pub(crate) listed_pages: Vec<PageSummary>,
    /// Events whose calendar is not listed.
    pub(crate) stray_events: Vec<CalendarEvent>,
    /// E-mails whose page is not in the archive.
    pub(crate) stray_emails: Vec<Email>,
    /// Clauses about objects that occur twice in a document.
    pub(crate) duplicates: Vec<String>,
}

impl Assembly {
    /// Adds the document of a file.
    pub(crate) fn add(&mut self, document: Document, file: &str) {
        let mut seen = BTreeSet::new();
        document.visit_objects(|object| {
            if !seen.insert((object.kind, object.number)) {
                self.duplicates.push(format!("{file} has {} {} twice", object.kind, object.number));
            }
        });
        let account = &mut self.account;
        match document {
            Document::User(user) => account.user = Some(*user),
            Document::Members(members) => account.members.extend(members),
            Document::Export(export) => {
                account.name = account.name.take().or(export.account);
                self.exporting_user = export.user.or(self.exporting_user.take());
                self.exported_pages.extend(export.pages.into_iter().map(|page| (page.id, page)));
                self.add_reminders(export.reminders);
            }
            Document::PageList(pages) => self.listed_pages.extend(pages),
            Document::Page(page) => {
                self.pages.insert(page.id, *page);
            }
            Document::Emails(page, emails) => self.emails.extend(emails.into_iter().map(|email| (page, email))),
            Document::Reminders(reminders) => self.add_reminders(reminders),
            Document::Calendars(calendars) => {
                let to_archived = |calendar| ArchivedCalendar { calendar, events: Vec::new() };
                account.calendars.extend(calendars.into_iter().map(to_archived));
            }
            Document::CalendarEvents(events) => {
                for event in events {
                    self.events.entry(event.calendar_id).or_default().push(event);
                }
            }
            Document::Journal(entries) => self.journal.extend(entries.into_iter().map(|entry| (entry.id, entry))),
            Document::Statuses(statuses) => account.statuses.extend(statuses),
            Document::Bookmarks(bookmarks) => account.bookmarks.extend(bookmarks),
        }
    }

    /// Adds reminders. A list and an export may have the same reminder, and only one of them may have its recipients.
    fn add_reminders(&mut self, reminders: Vec<Reminder>) {
        for reminder in reminders {
            let known = self.reminders.get(&reminder.id);
            if known.is_none_or(|known| known.remindees.len() < reminder.remindees.len()) {
                self.reminders.insert(reminder.id, reminder);
            }
        }
    }

    /// Puts the account together.
    pub(crate) fn finish(mut self) -> Assembled {
        let mut pages = std::mem::take(&mut self.exported_pages);
        pages.append(&mut self.pages);
        pages.values_mut().for_each(merge_groups);
        let stray_emails = add_emails(&mut pages, self.emails);
        let scopes: BTreeMap<_, _> = self.listed_pages.iter().map(|page| (page.id, page.scope.clone())).collect();
        let mut account = self.account;
        account.user = account.user.or(self.exporting_user);
        let to_archived = |page: Page| ArchivedPage { scope: scopes.get(&page.id).cloned().flatten(), page };
        account.pages = pages.into_values().map(to_archived).collect();
        account.reminders = self.reminders.into_values().collect();
        sort_by_number(&mut account.members, |member| member.id);
        sort_by_number(&mut account.calendars, |archived| archived.calendar.id);
        for archived in &mut account.calendars {
            archived.events = self.events.remove(&archived.calendar.id).unwrap_or_default();
            sort_by_number(&mut archived.events, |event| event.id);
        }
        account.journal = self.journal.into_values().collect();
        account.journal.sort_by_key(|entry| (entry.created_at, entry.id));
        sort_by_number(&mut account.statuses, |status| status.id);
        sort_by_number(&mut account.bookmarks, |bookmark| bookmark.id);
        account.bookmarks.sort_by_key(|bookmark| (bookmark.position, bookmark.id));
        let stray_events = self.events.into_values().flatten().collect();
        Assembled { account, listed_pages: self.listed_pages, stray_events, stray_emails, duplicates: self.duplicates }
    }
}

/// Sorts values by number, and removes the later ones of the same number: saved responses may overlap.
fn sort_by_number<T, N: Ord>(values: &mut Vec<T>, number: impl Fn(&T) -> N) {
    values.sort_by_key(&number);
    values.dedup_by_key(|value| number(value));
}

/// Moves the items of groups, as the oldest responses have them, to the list that later responses have.
fn merge_groups(page: &mut Page) {
    let open = std::mem::take(&mut page.open_items).into_iter().map(|item| (false, item));
    let done = std::mem::take(&mut page.done_items).into_iter().map(|item| (true, item));
    page.items.extend(open.chain(done).map(|(completed, item)| Item::new(completed, item.id, item.content)));
}

/// Adds e-mails to pages that lack them. Returns those whose page is not there.
fn add_emails(pages: &mut BTreeMap<PageId, Page>, emails: Vec<(Option<PageId>, Email)>) -> Vec<Email> {
    let known: BTreeSet<_> = pages.values().flat_map(|page| &page.emails).map(|email| email.id).collect();
    let mut strays = Vec::new();
    for (page, email) in emails {
        let number = i64::try_from(email.id.0).ok();
        let has_position = |page: &&mut Page| {
            page.belongings.iter().any(|one| one.kind == WidgetKind::Email && Some(one.widget_id) == number)
        };
        let page = match page {
            Some(page) => pages.get_mut(&page),
            None => pages.values_mut().find(has_position),
        };
        match page {
            _ if known.contains(&email.id) => {}
            Some(page) => {
                page.emails.push(email);
                sort_by_number(&mut page.emails, |email| email.id);
            }
            None => strays.push(email),
        }
    }
    strays
}
