//! No account reaches another's data, by any token or number.

use std::collections::BTreeSet;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::service::Retry;
use backpack_api::runtime::{Caller, ServeEndpoint, Visitor};
use backpack_api::{
    BelongingId, CalendarEventChanges, CalendarEventId, CalendarId, Direction, EmailId, EntryId, ItemChanges, ItemId,
    ListId, NewCalendarEvent, NewItem, NewNote, NewOldReminder, NewReminder, NoteId, PageId, ReminderId, SeparatorId,
    TagId, Token, UserId, bookmarks, calendar_events, calendars, emails, items, journal, legacy, lists, notes, pages,
    reminders, separators, statuses, tags, users,
};
use bytes::Bytes;

use super::world::{Who, World};
use crate::support::{AGENT, Failures};

/// One number of each sort.
#[derive(Clone, Copy)]
pub(super) struct Ids {
    page: PageId,
    linked: PageId,
    list: ListId,
    item: ItemId,
    note: NoteId,
    separator: SeparatorId,
    email: EmailId,
    tag: TagId,
    belonging: BelongingId,
    reminder: ReminderId,
    user: UserId,
    remindee: UserId,
    entry: EntryId,
    calendar: CalendarId,
    event: CalendarEventId,
}

impl Ids {
    /// Numbers of things that are there, as their owner sees them.
    pub(super) fn of(world: &World, who: &Who) -> Self {
        let client = world.blocking(who);
        let page = client.done(&pages::Show::new(PageId(1)));
        let calendar = client.done(&calendars::List::new())[0].id;
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
            reminder: client.done(&reminders::List::new())[0].id,
            user: who.id,
            remindee: who.id,
            entry: client.done(&journal::ListForUser::new(who.id))[0].id,
            calendar,
            event: client.done(&calendar_events::List::new(calendar))[0].id,
        }
    }

    /// Numbers of things that their owner makes; of an email, which nobody makes, that of nothing.
    fn made(world: &World, who: &Who) -> Self {
        let client = world.blocking(who);
        let page = client.done(&pages::Create::new("Harbour")).id;
        let list = client.done(&lists::Create::new(page, "Errands")).id;
        let calendar = client.done(&calendars::List::new())[0].id;
        client.done(&tags::Set::new(page, ["Sea"]));
        let made = Self {
            page,
            linked: client.done(&pages::Create::new("Ferries")).id,
            list,
            item: client.done(&items::Create::new(page, list, NewItem::new("Rope"))).id,
            note: client.done(&notes::Create::new(page, NewNote::new())).id,
            separator: client.done(&separators::Create::new(page, "Later")).id,
            reminder: client.done(&reminders::Create::new(NewReminder::new("+60 Bread"))).id,
            user: who.id,
            remindee: who.id,
            entry: client.done(&journal::Create::new(who.id, "Painted the hull")),
            calendar,
            event: client.done(&calendar_events::Create::new(NewCalendarEvent::new(calendar, "Launch"))),
            ..Self::none()
        };
        let shown = client.done(&pages::Show::new(page));
        Self { tag: shown.tags[0].id, belonging: shown.belongings[0].id, ..made }
    }

    /// These numbers with one of another's, for each number.
    fn with_one_of(self, other: Self) -> [Self; 15] {
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

    /// Numbers of nothing.
    fn none() -> Self {
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

    /// A request of every operation.
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

/// Makes the HTTP request of an operation.
pub(super) struct Sent<'c>(pub(super) &'c Caller);

impl Visitor for Sent<'_> {
    type Output = Request<Bytes>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Request<Bytes> {
        endpoint.to_request(self.0).expect("a request should be written")
    }
}

/// Somebody with a token, wherever.
pub(super) fn with(token: &str) -> Caller {
    let token = Token::new(token).expect("the service's tokens are some");
    Caller::new("https://acme.backpackit.com", token, AGENT).expect("an address")
}

/// Status and body of the answer to a request of somebody's, at an account.
fn asked(world: &World, account: &str, token: &str, request: &AnyRequest) -> (u16, String) {
    let response = world.send(account, request.clone().visit(Sent(&with(token))));
    (response.status().as_u16(), text(&response))
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// All that the owner can read.
fn seen(world: &World, owner: &Who, ids: &Ids) -> Vec<(u16, String)> {
    let reads = ids.requests().into_iter().filter(|request| request.operation().retry == Retry::Read);
    reads.map(|request| asked(world, owner.account, &owner.token, &request)).collect()
}

#[test]
fn every_operation_is_tried() {
    let tried: BTreeSet<_> = Ids::none().requests().iter().map(|request| request.operation().name).collect();
    let all: BTreeSet<_> = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(tried, all);
}

#[test]
fn a_token_of_another_account_is_a_bad_token() {
    let world = World::of_the_demo();
    let ids = Ids::of(&world, &world.ines);
    let before = (seen(&world, &world.ines, &ids), world.rows());
    let mut failures = Failures::default();
    for request in ids.requests() {
        for token in [world.jo.token.as_str(), "0123456789abcdef0123456789abcdef01234567"] {
            let (status, _) = asked(&world, world.ines.account, token, &request);
            let refused = if status == 403 { Ok(()) } else { Err(format!("{status}")) };
            failures.note(request.operation().name, refused);
        }
    }
    failures.finish();
    assert_eq!((seen(&world, &world.ines, &ids), world.rows()), before);
}

#[test]
fn a_number_of_another_account_is_as_one_that_does_not_exist() {
    let world = World::of_the_demo();
    let ids = Ids::of(&world, &world.ines);
    let before = (seen(&world, &world.ines, &ids), world.rows());
    let mut failures = Failures::default();
    for (theirs, nobodys) in ids.requests().iter().zip(Ids::none().requests()) {
        failures.note(theirs.operation().name, same_to_jo(&world, theirs, &nobodys));
    }
    failures.finish();
    assert_eq!((seen(&world, &world.ines, &ids), world.rows()), before);
}

/// The way to the number leads through what is the asker's own, so that no check before it answers.
#[test]
fn one_number_of_another_account_among_ones_own_is_as_one_that_does_not_exist() {
    let world = World::of_the_demo();
    let (theirs, own) = (Ids::of(&world, &world.ines), Ids::made(&world, &world.jo));
    let before = world.rows();
    let mut failures = Failures::default();
    let mut tried = BTreeSet::new();
    for (theirs, nobodys) in own.with_one_of(theirs).iter().zip(own.with_one_of(Ids::none())) {
        for ((theirs, nobodys), own) in theirs.requests().iter().zip(nobodys.requests()).zip(own.requests()) {
            if *theirs != own {
                tried.insert(theirs.operation().name);
                failures.note(theirs.operation().name, same_to_jo(&world, theirs, &nobodys));
            }
        }
    }
    failures.finish();
    assert_eq!(world.rows(), before);
    let numbered = own.requests().into_iter().zip(Ids::none().requests()).filter(|(own, none)| own != none);
    assert_eq!(tried, numbered.map(|(own, _)| own.operation().name).collect());
}

/// Whether two requests that differ in a number have one answer for Jo: that there is no such thing.
fn same_to_jo(world: &World, theirs: &AnyRequest, nobodys: &AnyRequest) -> Result<(), String> {
    if theirs == nobodys {
        return Ok(());
    }
    let [theirs, nobodys] = [theirs, nobodys].map(|request| asked(world, world.jo.account, &world.jo.token, request));
    if theirs == nobodys && theirs.0 == 404 { Ok(()) } else { Err(format!("{theirs:?}\nand not {nobodys:?}")) }
}
