//! One request for each operation of the API, and the user who sends it.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::jiff::civil::date;
use backpack_api::{
    BelongingId, CalendarEventChanges, CalendarEventId, CalendarId, Direction, EmailId, EntryId, ItemChanges, ItemId,
    ListId, NewCalendarEvent, NewItem, NewNote, NewOldReminder, NewReminder, NoteId, PageId, ReminderId, SeparatorId,
    TagId, UserId, bookmarks, calendar_events, calendars, emails, items, journal, legacy, lists, notes, pages,
    reminders, separators, statuses, tags, users,
};

/// Users of `subjects.sql`. Jo and Bo belong to the account to which `crowd.sql` adds a crowd of rows, Cy to another one.
pub(super) const JO: UserId = UserId(1);
const BO: UserId = UserId(2);
pub(super) const CY: UserId = UserId(3);

/// The page with a crowd of widgets, and the list on it with a crowd of items.
const PAGE: PageId = PageId(1);
const LIST: ListId = ListId(1);

/// A page and a list without a crowd, for responses that contain them.
const QUIET_PAGE: PageId = PageId(2);
const QUIET_LIST: ListId = ListId(2);

/// Lists a request of each operation, and its user: Jo, whose rows are among the crowd. If the response would contain the
/// crowd, the request is about another page or user instead.
#[rustfmt::skip]
pub(super) fn list_calls() -> Vec<(UserId, AnyRequest)> {
    let event = NewCalendarEvent::new(CalendarId(1), "9/27 Dinner");
    let event_changes = CalendarEventChanges::new().title("Dinner");
    let item = NewItem::new("Boots");
    let item_changes = ItemChanges::new().completed(true);
    let (note, note_changes) = (NewNote::new().title("Ferry"), NewNote::new().body("At ten"));
    let at = date(2010, 9, 2).at(9, 0, 0, 0);
    let reminder = NewReminder::new("+30 Call back").remindees([JO, BO]);
    let reminder_changes = NewReminder::new("Call back").remind_at(at).remindees([BO]);
    let (old_reminder, old_changes) = (NewOldReminder::new("+30 Call back"), NewOldReminder::new("Call back").remind_at(at));
    vec![
        (BO, AnyRequest::BookmarksList(bookmarks::List::new(BO))),
        (JO, AnyRequest::CalendarEventsList(calendar_events::List::new(CalendarId(2)))),
        (JO, AnyRequest::CalendarEventsShow(calendar_events::Show::new(CalendarEventId(1)))),
        (JO, AnyRequest::CalendarEventsCreate(calendar_events::Create::new(event))),
        (JO, AnyRequest::CalendarEventsUpdate(calendar_events::Update::new(CalendarEventId(1), event_changes))),
        (JO, AnyRequest::CalendarEventsDestroy(calendar_events::Destroy::new(CalendarEventId(1)))),
        (JO, AnyRequest::CalendarsList(calendars::List::new())),
        (JO, AnyRequest::EmailsList(emails::List::new(QUIET_PAGE))),
        (JO, AnyRequest::EmailsShow(emails::Show::new(PAGE, EmailId(1)))),
        (JO, AnyRequest::EmailsDestroy(emails::Destroy::new(PAGE, EmailId(1)))),
        (JO, AnyRequest::ItemsList(items::List::new(QUIET_PAGE, QUIET_LIST))),
        (JO, AnyRequest::ItemsCreate(items::Create::new(PAGE, LIST, item.clone()))),
        (JO, AnyRequest::ItemsUpdate(items::Update::new(PAGE, LIST, ItemId(1), item_changes.clone()))),
        (JO, AnyRequest::ItemsToggle(items::Toggle::new(PAGE, LIST, ItemId(1)))),
        (JO, AnyRequest::ItemsDestroy(items::Destroy::new(PAGE, LIST, ItemId(1)))),
        (JO, AnyRequest::ItemsMoveTo(items::MoveTo::new(PAGE, LIST, ItemId(2), Direction::Higher))),
        (JO, AnyRequest::ItemsMoveTo(items::MoveTo::new(PAGE, LIST, ItemId(2), Direction::Lower))),
        (JO, AnyRequest::ItemsMoveTo(items::MoveTo::new(PAGE, LIST, ItemId(2), Direction::ToTop))),
        (JO, AnyRequest::ItemsMoveTo(items::MoveTo::new(PAGE, LIST, ItemId(2), Direction::ToBottom))),
        (JO, AnyRequest::ItemsReorder(items::Reorder::new(PAGE, LIST, [ItemId(2), ItemId(1)]))),
        (JO, AnyRequest::JournalList(journal::List::new())),
        (JO, AnyRequest::JournalListForUser(journal::ListForUser::new(JO))),
        (JO, AnyRequest::JournalShow(journal::Show::new(EntryId(1)))),
        (JO, AnyRequest::JournalCreate(journal::Create::new(JO, "Painted"))),
        (JO, AnyRequest::JournalUpdate(journal::Update::new(EntryId(1), "Painted"))),
        (JO, AnyRequest::JournalDestroy(journal::Destroy::new(EntryId(1)))),
        (JO, AnyRequest::LegacyListItems(legacy::ListItems::new(QUIET_PAGE))),
        (JO, AnyRequest::LegacyCreateItem(legacy::CreateItem::new(PAGE, item))),
        (JO, AnyRequest::LegacyUpdateItem(legacy::UpdateItem::new(PAGE, ItemId(1), item_changes))),
        (JO, AnyRequest::LegacyToggleItem(legacy::ToggleItem::new(PAGE, ItemId(1)))),
        (JO, AnyRequest::LegacyDestroyItem(legacy::DestroyItem::new(PAGE, ItemId(1)))),
        (JO, AnyRequest::LegacyMoveItem(legacy::MoveItem::new(PAGE, ItemId(2), Direction::Higher))),
        (JO, AnyRequest::LegacyUpdateBody(legacy::UpdateBody::new(PAGE, "Nine days"))),
        (JO, AnyRequest::LegacyLink(legacy::Link::new(PAGE, PageId(4)))),
        (JO, AnyRequest::LegacyUnlink(legacy::Unlink::new(PAGE, QUIET_PAGE))),
        (JO, AnyRequest::LegacyCreateSeparator(legacy::CreateSeparator::new(PAGE, "Later"))),
        (JO, AnyRequest::LegacyUpdateSeparator(legacy::UpdateSeparator::new(PAGE, SeparatorId(1), "Soon"))),
        (JO, AnyRequest::LegacyDestroySeparator(legacy::DestroySeparator::new(PAGE, SeparatorId(1)))),
        (BO, AnyRequest::LegacyReminders(legacy::Reminders::new())),
        (JO, AnyRequest::LegacyCreateReminder(legacy::CreateReminder::new(old_reminder))),
        (JO, AnyRequest::LegacyUpdateReminder(legacy::UpdateReminder::new(ReminderId(1), old_changes))),
        (JO, AnyRequest::LegacyDestroyReminder(legacy::DestroyReminder::new(ReminderId(1)))),
        (CY, AnyRequest::LegacyExport(legacy::Export::new())),
        (JO, AnyRequest::ListsList(lists::List::new(QUIET_PAGE))),
        (JO, AnyRequest::ListsCreate(lists::Create::new(PAGE, "To buy"))),
        (JO, AnyRequest::ListsUpdate(lists::Update::new(PAGE, LIST, "To buy"))),
        (JO, AnyRequest::ListsDestroy(lists::Destroy::new(QUIET_PAGE, QUIET_LIST))),
        (JO, AnyRequest::NotesList(notes::List::new(QUIET_PAGE))),
        (JO, AnyRequest::NotesCreate(notes::Create::new(PAGE, note))),
        (JO, AnyRequest::NotesUpdate(notes::Update::new(PAGE, NoteId(1), note_changes))),
        (JO, AnyRequest::NotesDestroy(notes::Destroy::new(PAGE, NoteId(1)))),
        (CY, AnyRequest::PagesList(pages::List::new())),
        (CY, AnyRequest::PagesSearch(pages::Search::new("nine"))),
        (JO, AnyRequest::PagesCreate(pages::Create::new("Trip"))),
        (JO, AnyRequest::PagesShow(pages::Show::new(QUIET_PAGE))),
        (JO, AnyRequest::PagesReorder(pages::Reorder::new(PAGE, [BelongingId(3), BelongingId(1)]))),
        (JO, AnyRequest::PagesUpdateTitle(pages::UpdateTitle::new(PAGE, "Trip"))),
        (JO, AnyRequest::PagesDestroy(pages::Destroy::new(QUIET_PAGE))),
        (JO, AnyRequest::PagesDuplicate(pages::Duplicate::new(QUIET_PAGE))),
        (JO, AnyRequest::PagesShare(pages::Share::new(PAGE).public(false).email_addresses(["Ed@example.com"]))),
        (JO, AnyRequest::PagesUnshareFriendPage(pages::UnshareFriendPage::new(PageId(4)))),
        (JO, AnyRequest::PagesEmail(pages::Email::new(QUIET_PAGE))),
        (BO, AnyRequest::RemindersList(reminders::List::new())),
        (JO, AnyRequest::RemindersCreate(reminders::Create::new(reminder))),
        (JO, AnyRequest::RemindersUpdate(reminders::Update::new(ReminderId(1), reminder_changes))),
        (JO, AnyRequest::RemindersDestroy(reminders::Destroy::new(ReminderId(1)))),
        (JO, AnyRequest::SeparatorsCreate(separators::Create::new(PAGE, "Later"))),
        (JO, AnyRequest::SeparatorsUpdate(separators::Update::new(PAGE, SeparatorId(1), "Soon"))),
        (JO, AnyRequest::SeparatorsDestroy(separators::Destroy::new(PAGE, SeparatorId(1)))),
        (JO, AnyRequest::StatusesList(statuses::List::new())),
        (JO, AnyRequest::StatusesShow(statuses::Show::new(BO))),
        (JO, AnyRequest::StatusesUpdate(statuses::Update::new(JO, "Out"))),
        (JO, AnyRequest::TagsPages(tags::Pages::new(TagId(1)))),
        (JO, AnyRequest::TagsSet(tags::Set::new(PAGE, ["TRAVEL", "Tag 7", "Fähren"]))),
        (JO, AnyRequest::UsersMe(users::Me::new())),
        (CY, AnyRequest::UsersList(users::List::new())),
        (CY, AnyRequest::UsersExport(users::Export::new(CY))),
    ]
}
