//! A request of every operation, with the ids of existing resources or with ids that do not exist.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::{ClientConfig, ServeEndpoint, Visitor};
use backpack_api::{
    ApiToken, BelongingId, CalendarEventChanges, CalendarEventId, CalendarId, Direction, EmailId, EndpointExt, EntryId,
    ItemChanges, ItemId, ListId, NewCalendarEvent, NewItem, NewNote, NewOldReminder, NewReminder, NoteId, PageId,
    ReminderId, SERVICE, SeparatorId, TagId, UserId, bookmarks, calendar_events, calendars, emails, items, journal,
    legacy, lists, notes, pages, reminders, separators, statuses, tags, users,
};
use bytes::Bytes;

use super::test_service::{TestService, TestUser};
use crate::support::USER_AGENT;

/// One id of each kind of resource.
#[derive(Clone, Copy)]
pub(super) struct ResourceIds {
    /// Page that contains the list, note, separator, email and belonging.
    page: PageId,
    /// Page that a page links to.
    linked: PageId,
    list: ListId,
    item: ItemId,
    note: NoteId,
    separator: SeparatorId,
    email: EmailId,
    tag: TagId,
    /// Entry for one of the page's widgets.
    belonging: BelongingId,
    reminder: ReminderId,
    /// User that an operation is about.
    user: UserId,
    /// Second recipient of a reminder.
    remindee: UserId,
    entry: EntryId,
    calendar: CalendarId,
    event: CalendarEventId,
}

impl ResourceIds {
    /// Reads ids of resources in the demo data, as their owner.
    pub(super) fn of_demo(service: &TestService, user: &TestUser) -> Self {
        let client = service.blocking_client(user);
        let page = client.call_ok(&pages::Show::new(PageId(1)));
        let calendar = client.call_ok(&calendars::List::new())[0].id;
        Self {
            page: page.id,
            linked: page.id,
            list: page.lists[0].id,
            item: page.lists[0].items[0].id,
            note: page.notes[0].id,
            separator: page.separators[0].id,
            email: page.emails[0].id,
            tag: page.tags[0].id,
            belonging: page.belongings[0].id,
            reminder: client.call_ok(&reminders::List::new())[0].id,
            user: user.id,
            remindee: user.id,
            entry: client.call_ok(&journal::ListForUser::new(user.id))[0].id,
            calendar,
            event: client.call_ok(&calendar_events::List::new(calendar))[0].id,
        }
    }

    /// Creates resources as a user and returns their ids. The calendar exists already, and the email's id does not
    /// exist, since no operation creates emails.
    pub(super) fn of_new_resources(service: &TestService, user: &TestUser) -> Self {
        let client = service.blocking_client(user);
        let page = client.call_ok(&pages::Create::new("Harbour")).id;
        let list = client.call_ok(&lists::Create::new(page, "Errands")).id;
        let calendar = client.call_ok(&calendars::List::new())[0].id;
        client.call_ok(&tags::Set::new(page, ["Sea"]));
        let created = Self {
            page,
            linked: client.call_ok(&pages::Create::new("Ferries")).id,
            list,
            item: client.call_ok(&items::Create::new(page, list, NewItem::new("Rope"))).id,
            note: client.call_ok(&notes::Create::new(page, NewNote::new())).id,
            separator: client.call_ok(&separators::Create::new(page, "Later")).id,
            reminder: client.call_ok(&reminders::Create::new(NewReminder::new("+60 Bread"))).id,
            user: user.id,
            remindee: user.id,
            entry: client.call_ok(&journal::Create::new(user.id, "Painted the hull")),
            calendar,
            event: client.call_ok(&calendar_events::Create::new(NewCalendarEvent::new(calendar, "Launch"))),
            ..Self::of_nothing()
        };
        let shown = client.call_ok(&pages::Show::new(page));
        Self { tag: shown.tags[0].id, belonging: shown.belongings[0].id, ..created }
    }

    /// Returns these ids once for each kind, with that kind's id taken from `other`.
    pub(super) fn with_one_of(self, other: Self) -> [Self; 15] {
        [
            Self { page: other.page, ..self },
            Self { linked: other.linked, ..self },
            Self { list: other.list, ..self },
            Self { item: other.item, ..self },
            Self { note: other.note, ..self },
            Self { separator: other.separator, ..self },
            Self { email: other.email, ..self },
            Self { tag: other.tag, ..self },
            Self { belonging: other.belonging, ..self },
            Self { reminder: other.reminder, ..self },
            Self { user: other.user, ..self },
            Self { remindee: other.remindee, ..self },
            Self { entry: other.entry, ..self },
            Self { calendar: other.calendar, ..self },
            Self { event: other.event, ..self },
        ]
    }

    /// Returns ids that no resource has.
    pub(super) fn of_nothing() -> Self {
        /// Far above the ids that the service assigns.
        const NONE: u64 = 4_000_000_000;
        Self {
            page: PageId(NONE),
            linked: PageId(NONE),
            list: ListId(NONE),
            item: ItemId(NONE),
            note: NoteId(NONE),
            separator: SeparatorId(NONE),
            email: EmailId(NONE),
            tag: TagId(NONE),
            belonging: BelongingId(NONE),
            reminder: ReminderId(NONE),
            user: UserId(NONE),
            remindee: UserId(NONE),
            entry: EntryId(NONE),
            calendar: CalendarId(NONE),
            event: CalendarEventId(NONE),
        }
    }

    /// Builds a request of every operation.
    pub(super) fn requests(&self) -> Vec<AnyRequest> {
        use AnyRequest as Any;
        let Self { page, linked, list, item, note, separator, email, tag, .. } = *self;
        let Self { reminder, user, remindee, entry, calendar, event, .. } = *self;
        let changes = || ItemChanges::new().completed(true);
        vec![
            Any::BookmarksList(bookmarks::List::new(user)),
            Any::CalendarEventsList(calendar_events::List::new(calendar)),
            Any::CalendarEventsShow(calendar_events::Show::new(event)),
            Any::CalendarEventsCreate(calendar_events::Create::new(NewCalendarEvent::new(calendar, "Concert"))),
            Any::CalendarEventsUpdate(calendar_events::Update::new(event, CalendarEventChanges::new().title("Late"))),
            Any::CalendarEventsDestroy(calendar_events::Destroy::new(event)),
            Any::CalendarsList(calendars::List::new()),
            Any::EmailsList(emails::List::new(page)),
            Any::EmailsShow(emails::Show::new(page, email)),
            Any::EmailsDestroy(emails::Destroy::new(page, email)),
            Any::ItemsList(items::List::new(page, list)),
            Any::ItemsCreate(items::Create::new(page, list, NewItem::new("Rope"))),
            Any::ItemsUpdate(items::Update::new(page, list, item, changes())),
            Any::ItemsToggle(items::Toggle::new(page, list, item)),
            Any::ItemsDestroy(items::Destroy::new(page, list, item)),
            Any::ItemsMoveTo(items::MoveTo::new(page, list, item, Direction::Lower)),
            Any::ItemsReorder(items::Reorder::new(page, list, [item])),
            Any::JournalList(journal::List::new()),
            Any::JournalListForUser(journal::ListForUser::new(user)),
            Any::JournalShow(journal::Show::new(entry)),
            Any::JournalCreate(journal::Create::new(user, "Nothing")),
            Any::JournalUpdate(journal::Update::new(entry, "Nothing")),
            Any::JournalDestroy(journal::Destroy::new(entry)),
            Any::LegacyListItems(legacy::ListItems::new(page).list_id(list)),
            Any::LegacyCreateItem(legacy::CreateItem::new(page, NewItem::new("Rope")).list_id(list)),
            Any::LegacyUpdateItem(legacy::UpdateItem::new(page, item, changes())),
            Any::LegacyToggleItem(legacy::ToggleItem::new(page, item)),
            Any::LegacyDestroyItem(legacy::DestroyItem::new(page, item)),
            Any::LegacyMoveItem(legacy::MoveItem::new(page, item, Direction::Lower)),
            Any::LegacyUpdateBody(legacy::UpdateBody::new(page, "Gone")),
            Any::LegacyLink(legacy::Link::new(page, linked)),
            Any::LegacyUnlink(legacy::Unlink::new(page, linked)),
            Any::LegacyCreateSeparator(legacy::CreateSeparator::new(page, "Soon")),
            Any::LegacyUpdateSeparator(legacy::UpdateSeparator::new(page, separator, "Soon")),
            Any::LegacyDestroySeparator(legacy::DestroySeparator::new(page, separator)),
            Any::LegacyReminders(legacy::Reminders::new()),
            Any::LegacyCreateReminder(legacy::CreateReminder::new(NewOldReminder::new("+30 Bread"))),
            Any::LegacyUpdateReminder(legacy::UpdateReminder::new(reminder, NewOldReminder::new("Bread"))),
            Any::LegacyDestroyReminder(legacy::DestroyReminder::new(reminder)),
            Any::LegacyExport(legacy::Export::new()),
            Any::ListsList(lists::List::new(page)),
            Any::ListsCreate(lists::Create::new(page, "Errands")),
            Any::ListsUpdate(lists::Update::new(page, list, "Errands")),
            Any::ListsDestroy(lists::Destroy::new(page, list)),
            Any::NotesList(notes::List::new(page)),
            Any::NotesCreate(notes::Create::new(page, NewNote::new().title("Ferry"))),
            Any::NotesUpdate(notes::Update::new(page, note, NewNote::new().title("Ferry"))),
            Any::NotesDestroy(notes::Destroy::new(page, note)),
            Any::PagesList(pages::List::new()),
            Any::PagesSearch(pages::Search::new("ferry")),
            Any::PagesCreate(pages::Create::new("Coast")),
            Any::PagesShow(pages::Show::new(page)),
            Any::PagesReorder(pages::Reorder::new(page, [self.belonging])),
            Any::PagesUpdateTitle(pages::UpdateTitle::new(page, "Mine")),
            Any::PagesDestroy(pages::Destroy::new(page)),
            Any::PagesDuplicate(pages::Duplicate::new(page)),
            Any::PagesShare(pages::Share::new(page).public(true)),
            Any::PagesUnshareFriendPage(pages::UnshareFriendPage::new(page)),
            Any::PagesEmail(pages::Email::new(page)),
            Any::RemindersList(reminders::List::new()),
            Any::RemindersCreate(reminders::Create::new(NewReminder::new("+30 Call").remindees([user, remindee]))),
            Any::RemindersUpdate(reminders::Update::new(
                reminder,
                NewReminder::new("+30 Call").remindees([user, remindee]),
            )),
            Any::RemindersDestroy(reminders::Destroy::new(reminder)),
            Any::SeparatorsCreate(separators::Create::new(page, "Later")),
            Any::SeparatorsUpdate(separators::Update::new(page, separator, "Later")),
            Any::SeparatorsDestroy(separators::Destroy::new(page, separator)),
            Any::StatusesList(statuses::List::new()),
            Any::StatusesShow(statuses::Show::new(user)),
            Any::StatusesUpdate(statuses::Update::new(user, "At sea")),
            Any::TagsPages(tags::Pages::new(tag)),
            Any::TagsSet(tags::Set::new(page, ["Mine"])),
            Any::UsersMe(users::Me::new()),
            Any::UsersList(users::List::new()),
            Any::UsersExport(users::Export::new(user)),
        ]
    }
}

/// Writes the HTTP request of an operation. Panics if it is invalid.
pub(super) struct WriteRequest<'c>(pub(super) &'c ClientConfig);

impl Visitor for WriteRequest<'_> {
    type Output = Request<Bytes>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Request<Bytes> {
        endpoint.to_request(self.0).expect("a request should be written")
    }
}

/// Returns a client configuration with this token. Its account does not matter, since [`TestService::send`] replaces
/// the host.
pub(super) fn config_with_token(token: &str) -> ClientConfig {
    let token = ApiToken::new(token).expect("the token should be valid");
    ClientConfig::new(&SERVICE, "https://acme.backpackit.com", token, USER_AGENT).expect("the base URL should be valid")
}
