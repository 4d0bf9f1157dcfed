//! An account with objects of all kinds.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{
    AccountId, Attachment, AttachmentId, Belonging, BelongingId, Bookmark, BookmarkId, Bookmarkable, Calendar,
    CalendarEvent, CalendarEventId, CalendarId, Email, EmailId, EntryId, Gallery, GalleryId, Image, ImageId, Item,
    ItemId, JournalEntry, ListId, Member, Note, NoteId, Page, PageId, PageList, PageScope, PageSeparator, PageSummary,
    Person, Reminder, ReminderId, SeparatorId, Status, StatusId, Tag, TagId, User, UserId, WidgetKind,
};

use crate::model::{Account, ArchivedCalendar, ArchivedPage};

/// Token of the calendar's feed.
pub(super) const FEED_TOKEN: &str = "6b3a8e0f5d1c47a2b9e8f7061524c3d2e1f0a9b8";

/// Mailbox of the page, which is secret too.
pub(super) const MAILBOX: &str = "spruce47lantern";

/// Parses a time.
pub(super) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// Builds a page that the account lists.
pub(super) fn archive_page(page: Page) -> ArchivedPage {
    ArchivedPage { page, scope: Some(PageScope::Personal) }
}

/// Builds a page with one note.
pub(super) fn page_with_note(number: u64, title: &str, body: &str) -> ArchivedPage {
    let note = Note::new("", NoteId(number), at("2009-03-15T21:12:09Z"), body);
    archive_page(Page::new(title, PageId(number)).notes([note]))
}

/// Builds the page with widgets of all kinds.
fn build_page() -> Page {
    let created = at("2009-03-15T21:12:09Z");
    let belonging = |id: u64, kind: WidgetKind, widget: i64| {
        Belonging::new(BelongingId(id), i64::try_from(id).unwrap(), kind, widget)
    };
    let item = |id: u64, content: &str, completed: bool| {
        Item::new(completed, ItemId(id), content).updated_at(at("2010-05-01T10:00:00Z"))
    };
    let ferry = "Leaves at *nine*, see \"the boat\":/pages/13 and \"help\":/help.\n\n|a|b|\n|c|d|\n\n-1- +2+";
    Page::new("Weekend \"on\" the coast: <1>", PageId(12))
        .email_address(format!("{MAILBOX}@acme.backpackit.com"))
        .belongings([
            belonging(1, WidgetKind::List, 3),
            belonging(2, WidgetKind::Note, 4),
            belonging(3, WidgetKind::Separator, 5),
            belonging(4, WidgetKind::Email, 6),
            belonging(5, WidgetKind::Gallery, 7),
            belonging(6, WidgetKind::Attachment, 8),
            belonging(7, WidgetKind::WriteboardLink, 9),
        ])
        .lists([PageList::new("To pack", ListId(3))
            .items([item(1, "Boots & \"socks\":/pub/13", false), item(2, "Map of the path", true)])])
        .notes([Note::new("Ferry", NoteId(4), created, ferry), Note::new("", NoteId(5), created, "Without a place")])
        .separators([PageSeparator::new(SeparatorId(5), "Later")])
        .emails([Email::new(
            EmailId(6),
            "Time*table*",
            created,
            "# The 9:15 runs daily.\r\nSee <you> aboard!\n\n<p>x</p>",
        )])
        .galleries([Gallery::new("Last time", GalleryId(7))
            .images([Image::new(GalleryId(7), "bay.jpg", ImageId(1)).description("The bay_")])])
        .attachments([Attachment::new("tickets.pdf", AttachmentId(8))])
        .tags([Tag::new("Travel", TagId(1)), Tag::new("Summer plans", TagId(2))])
}

/// Builds the account.
pub(super) fn build_account() -> Account {
    let created = at("2009-03-15T21:12:09Z");
    let legacy = Page::new("The boat", PageId(13))
        .description("h1. Hull\n\nBuilt in *1971*.")
        .items([Item::new(false, ItemId(9), "Antifouling"), Item::new(true, ItemId(10), "=1+1")])
        .linked_pages([PageSummary::new("Weekend", PageId(12)), PageSummary::new("Gone", PageId(99))]);
    let calendar = Calendar::new(AccountId(1), "b5651d", created, CalendarId(301), "Home; etc.", FEED_TOKEN, created);
    let event = |id: u64, title: &str| {
        CalendarEvent::new(CalendarId(301), CalendarEventId(id), title).created_at(created).updated_at(created)
    };
    Account {
        name: Some("Acme".to_owned()),
        url: None,
        user: Some(User::new(UserId(77), "Ines").time_zone_id("London").email_address("ines@example.com")),
        members: vec![Member::new(UserId(77), "Ines"), Member::new(UserId(78), "Tom")],
        pages: vec![archive_page(build_page()), archive_page(legacy), archive_page(Page::new("", PageId(14)))],
        reminders: vec![
            Reminder::new(ReminderId(1), "2010-09-29T09:45:00".parse().unwrap(), "Pay the *berth*, today")
                .creator(Person::new(UserId(77), "Ines"))
                .remindees([Person::new(UserId(78), "Tom")]),
        ],
        calendars: vec![ArchivedCalendar {
            calendar,
            events: vec![
                event(1, "Ferry, two of us").occurs_at(at("2010-09-27T00:00:00Z")).all_day(true),
                event(2, "Film").occurs_at(at("2010-09-28T17:30:00Z")).remind(true).message("Bring tea;\nand cups"),
                event(3, "Some day"),
            ],
        }],
        journal: vec![
            JournalEntry::new("Painted & _varnished_\nthe hull", created, EntryId(1), created)
                .user(Member::new(UserId(77), "Ines")),
            JournalEntry::new("Dug", at("2009-04-01T08:00:00Z"), EntryId(2), created).user_id(UserId(78)),
        ],
        statuses: vec![Status::new(StatusId(1), "At the boat", created, UserId(77))],
        bookmarks: vec![
            Bookmark::new(BookmarkId(1), UserId(77), Bookmarkable::Page, 12, 1),
            Bookmark::new(BookmarkId(2), UserId(77), Bookmarkable::Tag, 2, 2),
        ],
    }
}
