//! Values that the API does not give, and values that the file cannot take as they are.

use backpack_api::runtime::jiff::SignedDuration;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{
    AccountId, Belonging, BelongingId, Bookmark, BookmarkId, Calendar, CalendarEvent, CalendarEventId, CalendarId,
    EntryId, Item, ItemId, JournalEntry, Member, Note, NoteId, Page, PageId, PageList, PageScope, PageSummary, Person,
    Reminder, ReminderId, Status, StatusId, Tag, TagId, User, UserId,
};
use backpack_archive::model::{Account, ArchivedCalendar, ArchivedPage};
use backpack_server::import::Kind;
use rusqlite::types::FromSql;

use crate::service::{NOW, TestFile, now};

/// Returns an archive of Ines with one page.
fn archive_with(page: Page) -> Account {
    let mut account = Account::default();
    account.name = Some("acme".to_owned());
    account.user = Some(User::new(UserId(77), "Ines").email_address("ines@example.com").time_zone_id("Lisbon"));
    account.members = vec![Member::new(UserId(77), "Ines"), Member::new(UserId(81), "Tom")];
    account.pages = vec![ArchivedPage::new(page, None)];
    account
}

/// Reads the only column of all rows of a query.
fn query<T: FromSql + Send + 'static>(file: &TestFile, query: &'static str) -> Vec<T> {
    file.write(move |db| Ok(db.prepare(query)?.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?))
}

#[test]
fn a_page_of_the_oldest_accounts_keeps_its_body_items_and_links() {
    let page = Page::new("Compost", PageId(19))
        .description("Turn it in May.")
        .items([Item::new(false, ItemId(71), "Turn"), Item::new(true, ItemId(72), "Weed")])
        .linked_pages([PageSummary::new("Allotment", PageId(20)), PageSummary::new("Gone", PageId(99))]);
    let mut archive = archive_with(page);
    archive.pages.push(ArchivedPage::new(Page::new("Allotment", PageId(20)), None));
    let file = TestFile::new();
    let report = file.import(&archive, None).expect("an import");
    let page = file.read("acme", UserId(77)).account.pages.swap_remove(0).page;
    assert_eq!(page.description.as_deref(), Some("Turn it in May."));
    let contents: Vec<_> =
        page.lists[0].items.iter().map(|item| (item.content.as_str(), item.id.0, item.completed)).collect();
    assert_eq!((page.lists[0].name.as_str(), &contents[..]), ("List", &[("Turn", 71, false), ("Weed", 72, true)][..]));
    assert_eq!(page.belongings.len(), 1, "the list has a position");
    assert_eq!(page.linked_pages, [PageSummary::new("Allotment", PageId(20))]);
    assert!(report.defaults.iter().any(|text| text.contains("no link to page 99")), "{:#?}", report.defaults);
    assert_eq!(file.import(&archive, None).expect("a second import").total().written, 0);
}

#[test]
fn items_of_a_list_are_not_written_twice() {
    let item = Item::new(false, ItemId(71), "Turn");
    let page = Page::new("Compost", PageId(19)).items([item.clone()]);
    let page = page.lists([PageList::new("Heap", backpack_api::ListId(3)).items([item])]);
    let file = TestFile::new();
    let report = file.import(&archive_with(page), None).expect("an import");
    assert_eq!((report.counts[&Kind::Item].written, report.total().skipped), (1, 0));
    assert_eq!(query::<u64>(&file, "SELECT list_id FROM items"), [3]);
}

#[test]
fn widgets_without_a_position_get_one_and_positions_without_a_widget_are_named() {
    let page = Page::new("Ferry", PageId(7))
        .notes([Note::new("a", NoteId(1), now(), ""), Note::new("b", NoteId(2), now(), "")])
        .belongings([
            Belonging::new(BelongingId(1), 9, "Note", 2),
            Belonging::new(BelongingId(2), 1, "WriteboardLink", 88),
            Belonging::new(BelongingId(3), 5, "List", 404),
            Belonging::new(BelongingId(4), 10, "Note", 2),
        ]);
    let file = TestFile::new();
    let report = file.import(&archive_with(page), None).expect("an import");
    let belongings = file.read("acme", UserId(77)).account.pages.swap_remove(0).page.belongings;
    let order: Vec<_> = belongings.iter().map(|one| (one.kind.as_str(), one.widget_id)).collect();
    assert_eq!(order, [("WriteboardLink", 88), ("Note", 2), ("Note", 1)]);
    let skipped: Vec<_> = report.skipped.iter().map(|one| (one.kind, one.number)).collect();
    assert_eq!(skipped, [(Kind::Belonging, 3), (Kind::Belonging, 4)]);
}

#[test]
fn numbers_that_occur_twice_or_cannot_be_ids_are_named() {
    let notes = [1, 1, 0, u64::MAX, 1 << 60].map(|id| Note::new("", NoteId(id), now(), ""));
    let file = TestFile::new();
    let report = file.import(&archive_with(Page::new("Ferry", PageId(7)).notes(notes)), None).expect("an import");
    let skipped: Vec<_> = report.skipped.iter().map(|one| one.number).collect();
    assert_eq!(skipped, [1, 0, u64::MAX]);
    assert_eq!(query::<u64>(&file, "SELECT id FROM notes ORDER BY id"), [1, 2], "too large a number is replaced");
}

#[test]
fn tags_that_differ_in_case_only_become_one() {
    let tags = [Tag::new("Ärger", TagId(1)), Tag::new("ärger", TagId(2)), Tag::new("Food", TagId(3))];
    let mut archive = archive_with(Page::new("Ferry", PageId(7)).tags(tags));
    archive.bookmarks = vec![Bookmark::new(BookmarkId(1), UserId(77), "Tag", 2, 1)];
    let file = TestFile::new();
    let report = file.import(&archive, None).expect("an import");
    assert_eq!(query::<u64>(&file, "SELECT tag_id FROM page_tags ORDER BY position"), [1, 3]);
    assert_eq!(query::<u64>(&file, "SELECT target_id FROM bookmarks"), [1]);
    assert_eq!((report.skipped[0].kind, report.skipped[0].number), (Kind::Tag, 2));
}

#[test]
fn users_that_only_the_content_names_become_users_without_mail() {
    let mut archive = archive_with(Page::new("Ferry", PageId(7)));
    archive.journal = vec![
        JournalEntry::new("x", now(), EntryId(1), now()).user(Member::new(UserId(5), "Ada")),
        JournalEntry::new("y", now(), EntryId(2), now()).user_id(UserId(6)),
    ];
    archive.statuses =
        vec![Status::new(StatusId(1), "out", now(), UserId(5)), Status::new(StatusId(2), "in", now(), UserId(5))];
    let file = TestFile::new();
    let report = file.import(&archive, None).expect("an import");
    let users = "SELECT id || ' ' || name || ' ' || email_address FROM users ORDER BY id";
    assert_eq!(
        query::<String>(&file, users),
        [
            "5 Ada user-5@acme.invalid",
            "6 User 6 user-6@acme.invalid",
            "77 Ines ines@example.com",
            "81 Tom user-81@acme.invalid",
        ]
    );
    assert_eq!(query::<u64>(&file, "SELECT user_id FROM journal_entries ORDER BY id"), [5, 6]);
    assert_eq!((report.skipped[0].kind, report.skipped[0].number), (Kind::Status, 2), "a user has one status");
    assert!(report.defaults.iter().any(|text| text.contains("Ada") && text.contains("no longer")));
}

#[test]
fn past_reminders_are_done_and_future_ones_are_kept_in_the_time_zone_of_the_user() {
    let zone = TimeZone::get("Europe/Lisbon").expect("a time zone");
    let at = |hours| zone.to_datetime(now() + SignedDuration::from_hours(hours));
    let mut archive = archive_with(Page::new("Ferry", PageId(7)));
    archive.reminders = vec![
        Reminder::new(ReminderId(1), at(-1), "past").creator(Person::new(UserId(81), "Tom")),
        Reminder::new(ReminderId(2), at(1), "to come").remindees([Person::new(UserId(81), "Tom")]),
    ];
    let file = TestFile::new();
    file.import(&archive, None).expect("an import");
    let (past, to_come) = (NOW - 3600, NOW + 3600);
    assert_eq!(query::<i64>(&file, "SELECT remind_at FROM reminders ORDER BY id"), [past, to_come]);
    assert_eq!(query::<Option<i64>>(&file, "SELECT sent_at FROM reminders ORDER BY id"), [Some(past), None]);
    assert_eq!(query::<u64>(&file, "SELECT creator_id FROM reminders ORDER BY id"), [81, 77]);
    assert_eq!(query::<u64>(&file, "SELECT user_id FROM remindees ORDER BY reminder_id"), [81, 81]);
}

#[test]
fn the_settings_that_only_an_import_can_set_are_kept() {
    let mut archive = archive_with(Page::new("Ferry", PageId(7)));
    let user = archive.user.take().expect("a user");
    archive.user =
        Some(user.account_id(AccountId(1207)).start_page_id(PageId(7)).identity_url("http://ines.example.com/"));
    let calendar = Calendar::new(AccountId(1207), "cc6633", now(), CalendarId(302), "Ferries", "secret", now())
        .ical_subscription_url("http://example.com/ferries.ics");
    let mut event = CalendarEvent::new(CalendarId(302), CalendarEventId(8), "Ferry");
    (event.remind, event.occurs_at) = (Some(true), Some(now() - SignedDuration::from_mins(5)));
    archive.calendars = vec![ArchivedCalendar::new(calendar, vec![event])];
    let file = TestFile::new();
    file.import(&archive, None).expect("an import");
    let read = file.read("acme", UserId(77)).account;
    let user = read.user.expect("a user");
    assert_eq!((user.account_id, user.start_page_id), (Some(AccountId(1207)), Some(PageId(7))));
    assert_eq!(user.identity_url.as_deref(), Some("http://ines.example.com/"));
    let calendar = &read.calendars[0].calendar;
    assert_eq!(calendar.ical_subscription_url.as_deref(), Some("http://example.com/ferries.ics"));
    assert_ne!(calendar.token.expose(), "secret", "feeds get new addresses");
    assert!(read.calendars[0].events[0].reminded_at.is_some(), "no reminder of a past event is sent");
}

#[test]
fn pages_of_other_accounts_become_pages_of_the_account() {
    let mut archive = archive_with(Page::new("Ferry", PageId(7)));
    archive.pages.push(ArchivedPage::new(Page::new("Birthday", PageId(8)), Some(PageScope::Friends)));
    let file = TestFile::new();
    let report = file.import(&archive, None).expect("an import");
    assert_eq!(file.read("acme", UserId(77)).account.pages.len(), 2);
    assert!(report.defaults.iter().any(|text| text.starts_with("1 page: of other accounts")), "{:#?}", report.defaults);
}

#[test]
fn a_page_may_be_larger_than_the_limit_of_the_service() {
    let notes = [1, 2].map(|id| Note::new("", NoteId(id), now(), "x".repeat(3 * 1024 * 1024)));
    let file = TestFile::new();
    let archive = archive_with(Page::new("Ferry", PageId(7)).notes(notes));
    let store = file.open();
    let import = move |db: &rusqlite::Connection| backpack_server::import::import(db, &archive, None, now());
    store.write_blocking(import).expect("an import");
    let append = "UPDATE notes SET body = body || 'x' WHERE id = 1";
    let full = store.write_blocking(move |db| Ok(db.execute(append, ())?));
    assert!(matches!(full, Err(backpack_server::ApiError::InvalidValue(_))), "afterwards, the limit applies again");
}

#[test]
fn an_archive_without_settings_gets_a_user() {
    let mut archive = archive_with(Page::new("Ferry", PageId(7)));
    archive.user = None;
    let file = TestFile::new();
    let report = file.import(&archive, None).expect("an import");
    assert_eq!((report.user, report.token.is_some()), (UserId(77), true));
    let mut archive = Account::default();
    archive.name = Some("empty".to_owned());
    let report = file.import(&archive, None).expect("an import");
    assert_eq!((report.user_name.as_str(), report.token.is_some()), ("empty", true));
}
