//! Every operation has its documented effect, with both clients.

use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{
    BelongingId, CalendarEventChanges, CalendarId, Direction, ItemChanges, ItemId, NewCalendarEvent, NewItem, NewNote,
    NewOldReminder, NewReminder, PageId, PageScope, WidgetKind, bookmarks, calendar_events, calendars, emails, items,
    journal, legacy, lists, notes, pages, reminders, separators, statuses, tags, users,
};

use super::test_service::{TestClient, TestService};

#[test]
fn every_operation_works_with_the_async_client() {
    let service = TestService::new();
    check_all_operations(&service, service.async_client(&service.ines), service.async_client(&service.tom));
}

#[test]
fn every_operation_works_with_the_blocking_client() {
    let service = TestService::new();
    check_all_operations(&service, service.blocking_client(&service.ines), service.blocking_client(&service.tom));
}

/// Runs all checks with the clients of two users of one account, and asserts that every operation was called.
fn check_all_operations(service: &TestService, ines: TestClient, tom: TestClient) {
    let page = create_page(&ines);
    check_contents_of_page(&ines, page);
    check_items(&ines, page);
    check_legacy_operations(&ines, page);
    check_tags_and_search(&ines, page);
    check_sharing_and_copying(service, &ines, page);
    check_reminders(service, &ines, &tom);
    check_statuses_and_journal(service, &ines, &tom);
    check_users_and_bookmarks(service, &ines);
    check_calendars(&ines, &tom);
    check_exports(service, &ines);
    destroy_page(&ines, page);
    let called: BTreeSet<_> = ines.called_operations().union(&tom.called_operations()).copied().collect();
    let all: BTreeSet<_> = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(all.difference(&called).collect::<Vec<_>>(), Vec::<&&str>::new(), "not called");
}

/// Creates and renames a page. Returns its id.
fn create_page(ines: &TestClient) -> PageId {
    let page = ines.call_ok(&pages::Create::new("Coast"));
    assert_eq!(page.title, "Coast");
    ines.call_ok(&pages::UpdateTitle::new(page.id, "The coast"));
    let all = ines.call_ok(&pages::List::new());
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].title.as_str(), &all[0].scope), ("The coast", &Some(PageScope::Personal)));
    let shown = ines.call_ok(&pages::Show::new(page.id));
    assert_eq!((shown.id, shown.title.as_str(), shown.belongings.len()), (page.id, "The coast", 0));
    assert!(shown.email_address.is_some_and(|address| address.expose().ends_with("@acme.localhost")));
    assert_eq!(ines.call_err(&pages::Show::new(PageId(99))), 404);
    assert_eq!(ines.call_err(&pages::Show::new(PageId(u64::MAX))), 404);
    page.id
}

/// Checks notes, lists and separators, and their order on the page.
fn check_contents_of_page(ines: &TestClient, page: PageId) {
    let text = "Leaves at *nine*.\n\n<b>&amp;rarr;</b> pier 4 – “sharp”\n";
    let note = ines.call_ok(&notes::Create::new(page, NewNote::new().title("Ferry").body(text)));
    assert_eq!((note.title.as_str(), note.body.as_str()), ("Ferry", text));
    ines.call_ok(&notes::Update::new(page, note.id, NewNote::new().title("")));
    let second = ines.call_ok(&notes::Create::new(page, NewNote::new()));
    let listed = ines.call_ok(&notes::List::new(page));
    assert_eq!(
        listed.iter().map(|note| (note.id, note.title.as_str())).collect::<Vec<_>>(),
        [(note.id, ""), (second.id, "")]
    );
    assert_eq!(listed[0].body, text);

    let list = ines.call_ok(&lists::Create::new(page, "To do"));
    ines.call_ok(&lists::Update::new(page, list.id, "To pack"));
    assert_eq!(ines.call_ok(&lists::List::new(page))[0].name, "To pack");
    let line = ines.call_ok(&separators::Create::new(page, "Later"));
    ines.call_ok(&separators::Update::new(page, line.id, "Much later"));

    let shown = ines.call_ok(&pages::Show::new(page));
    assert_eq!(shown.separators[0].name, "Much later");
    assert_eq!(shown.lists[0].items, []);
    let kinds: Vec<_> = shown.belongings.iter().map(|belonging| belonging.kind.clone()).collect();
    assert_eq!(kinds, [WidgetKind::Note, WidgetKind::Note, WidgetKind::List, WidgetKind::Separator]);
    assert_eq!(shown.belongings.iter().map(|belonging| belonging.position).collect::<Vec<_>>(), [1, 2, 3, 4]);

    let ids: Vec<BelongingId> = shown.belongings.iter().map(|belonging| belonging.id).collect();
    ines.call_ok(&pages::Reorder::new(page, [ids[2], ids[0]]));
    let order: Vec<_> = ines.call_ok(&pages::Show::new(page)).belongings.iter().map(|belonging| belonging.id).collect();
    assert_eq!(order, [ids[1], ids[3], ids[2], ids[0]]);
    assert_eq!(ines.call_err(&pages::Reorder::new(page, [BelongingId(999)])), 404);

    ines.call_ok(&notes::Destroy::new(page, second.id));
    ines.call_ok(&separators::Destroy::new(page, line.id));
    assert_eq!(ines.call_err(&notes::Destroy::new(page, second.id)), 404);
    assert_eq!(ines.call_err(&separators::Update::new(page, line.id, "")), 404);
    let left = ines.call_ok(&pages::Show::new(page)).belongings;
    assert_eq!(
        left.iter().map(|belonging| (belonging.id, belonging.position)).collect::<Vec<_>>(),
        [(ids[2], 1), (ids[0], 2)]
    );
    assert_eq!(ines.call_ok(&emails::List::new(page)), []);
    assert_eq!(ines.call_err(&emails::Show::new(page, 1.into())), 404);
    assert_eq!(ines.call_err(&emails::Destroy::new(page, 1.into())), 404);
}

/// Checks items and their order: open ones come first, and they can be moved.
fn check_items(ines: &TestClient, page: PageId) {
    let list = ines.call_ok(&lists::Create::new(page, "Errands")).id;
    let [a, b, c] = ["Bread", "Milk", "Rope"]
        .map(|content| ines.call_ok(&items::Create::new(page, list, NewItem::new(content))).id);
    let order = |ines: &TestClient| -> Vec<ItemId> {
        ines.call_ok(&items::List::new(page, list)).iter().map(|item| item.id).collect()
    };
    assert_eq!(order(ines), [a, b, c]);
    ines.call_ok(&items::Toggle::new(page, list, a));
    assert_eq!(order(ines), [b, c, a], "open items first");
    ines.call_ok(&items::Toggle::new(page, list, a));
    assert_eq!(order(ines), [a, b, c]);
    for (direction, expected) in [
        (Direction::Lower, [b, a, c]),
        (Direction::ToBottom, [b, c, a]),
        (Direction::Lower, [b, c, a]),
        (Direction::Higher, [b, a, c]),
        (Direction::ToTop, [a, b, c]),
        (Direction::Higher, [a, b, c]),
    ] {
        ines.call_ok(&items::MoveTo::new(page, list, a, direction.clone()));
        assert_eq!(order(ines), expected, "{direction:?}");
    }
    ines.call_ok(&items::Reorder::new(page, list, [c, a]));
    assert_eq!(order(ines), [b, c, a], "items that are not named come first");
    ines.call_ok(&items::Update::new(page, list, b, ItemChanges::new().content("Oat milk")));
    ines.call_ok(&items::Update::new(page, list, b, ItemChanges::new().completed(true)));
    let done = ines.call_ok(&items::List::new(page, list)).pop().expect("three items");
    assert_eq!((done.id, done.content.as_str(), done.completed, done.list_id), (b, "Oat milk", true, Some(list)));
    ines.call_ok(&items::Destroy::new(page, list, b));
    assert_eq!(order(ines), [c, a]);
    ines.call_ok(&lists::Destroy::new(page, list));
    assert_eq!(ines.call_err(&items::List::new(page, list)), 404);
}

/// Checks the legacy operations for items, descriptions, links and separators.
fn check_legacy_operations(ines: &TestClient, page: PageId) {
    let first = ines.call_ok(&lists::List::new(page))[0].id;
    let item = ines.call_ok(&legacy::CreateItem::new(page, NewItem::new("Boots")));
    assert_eq!(item.list_id, Some(first), "the page's first list");
    ines.call_ok(&legacy::UpdateItem::new(page, item.id, ItemChanges::new().content("Two boots")));
    ines.call_ok(&legacy::ToggleItem::new(page, item.id));
    ines.call_ok(&legacy::MoveItem::new(page, item.id, Direction::ToTop));
    let listed = ines.call_ok(&legacy::ListItems::new(page));
    assert_eq!((listed[0].content.as_str(), listed[0].completed), ("Two boots", true));
    ines.call_ok(&legacy::DestroyItem::new(page, item.id));
    assert_eq!(ines.call_ok(&legacy::ListItems::new(page)), []);

    ines.call_ok(&legacy::UpdateBody::new(page, "By the sea"));
    let linked = ines.call_ok(&pages::Create::new("Ferries")).id;
    ines.call_ok(&legacy::Link::new(page, linked));
    let shown = ines.call_ok(&pages::Show::new(page));
    assert_eq!(shown.description.as_deref(), Some("By the sea"));
    assert_eq!(shown.linked_pages.iter().map(|page| page.id).collect::<Vec<_>>(), [linked]);
    ines.call_ok(&legacy::Unlink::new(page, linked));
    assert_eq!(ines.call_ok(&pages::Show::new(page)).linked_pages, []);
    ines.call_ok(&legacy::CreateItem::new(linked, NewItem::new("Tickets")));
    assert_eq!(ines.call_ok(&lists::List::new(linked))[0].name, "List", "the list of a page without one");
    ines.call_ok(&pages::Destroy::new(linked));

    let line = ines.call_ok(&legacy::CreateSeparator::new(page, "Soon"));
    ines.call_ok(&legacy::UpdateSeparator::new(page, line.id, "Sooner"));
    assert_eq!(ines.call_ok(&pages::Show::new(page)).separators[0].name, "Sooner");
    ines.call_ok(&legacy::DestroySeparator::new(page, line.id));
    assert_eq!(ines.call_ok(&pages::Show::new(page)).separators, []);
}

/// Checks the tags of a page, and that pages are found by any of their texts.
fn check_tags_and_search(ines: &TestClient, page: PageId) {
    ines.call_ok(&tags::Set::new(page, ["Garden", "Slow Food", "Bikes"]));
    ines.call_ok(&tags::Set::new(page, ["Bikes", "Slow Food"]));
    let tags = ines.call_ok(&pages::Show::new(page)).tags;
    assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Bikes", "Slow Food"]);
    let tagged = ines.call_ok(&tags::Pages::new(tags[0].id));
    assert_eq!(tagged.iter().map(|page| page.id).collect::<Vec<_>>(), [page]);
    assert_eq!(ines.call_err(&tags::Pages::new(999.into())), 404);

    let note = ines.call_ok(&notes::List::new(page))[0].id;
    // Each term, and the ids of the notes that contain it. The page is found by its note, tag, description and title.
    for (term, hits) in [("PIER 4", vec![note.0]), ("slow", vec![]), ("sea", vec![]), ("coast", vec![])] {
        let found = ines.call_ok(&pages::Search::new(term));
        assert_eq!(found.iter().map(|page| page.id).collect::<Vec<_>>(), [page], "{term}");
        let expected: Vec<i64> = hits.into_iter().map(|id| i64::try_from(id).expect("a small number")).collect();
        assert_eq!(found[0].hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), expected, "{term}");
    }
    // The wildcards of SQL are ordinary characters.
    assert_eq!(ines.call_ok(&pages::Search::new("100%")), []);
    assert_eq!(ines.call_ok(&pages::Search::new("_")), []);
}

/// Checks that a shared page is visible in another account, and that a copy has the same contents.
fn check_sharing_and_copying(service: &TestService, ines: &TestClient, page: PageId) {
    let jo = service.blocking_client(&service.jo);
    assert_eq!(jo.call_err(&pages::Show::new(page)), 404);
    ines.call_ok(&pages::Share::new(page).email_addresses(["jo@example.com", "sea@example.org"]).public(true));
    let all = jo.call_ok(&pages::List::new());
    assert_eq!(
        all.iter().map(|page| (page.id, page.scope.clone())).collect::<Vec<_>>(),
        [(page, Some(PageScope::Friends))]
    );
    assert_eq!(jo.call_ok(&pages::Show::new(page)).title, "The coast");
    assert_eq!(jo.call_err(&pages::Destroy::new(page)), 403);
    jo.call_ok(&pages::UnshareFriendPage::new(page));
    assert_eq!(jo.call_err(&pages::UnshareFriendPage::new(page)), 404);
    assert_eq!(jo.call_err(&pages::Show::new(page)), 404);
    assert_eq!(ines.call_err(&pages::UnshareFriendPage::new(page)), 404);
    ines.call_ok(&pages::Email::new(page));

    let copy = ines.call_ok(&pages::Duplicate::new(page));
    assert_eq!(copy.title, "The coast (copy)");
    let (original, copied) = (ines.call_ok(&pages::Show::new(page)), ines.call_ok(&pages::Show::new(copy.id)));
    assert_eq!(copied.notes[0].body, original.notes[0].body);
    let kinds = |page: &backpack_api::Page| page.belongings.iter().map(|one| one.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&copied), kinds(&original));
    assert_eq!(copied.tags, original.tags);
    ines.call_ok(&pages::Destroy::new(copy.id));
    assert_eq!(ines.call_err(&pages::Show::new(copy.id)), 404);
}

/// Checks reminders with two recipients, and the legacy operations for reminders.
fn check_reminders(service: &TestService, ines: &TestClient, tom: &TestClient) {
    let both = [service.ines.id, service.tom.id];
    let created = ines.call_ok(&reminders::Create::new(NewReminder::new("+2:30 Call back").remindees(both)));
    assert_eq!(created.content, "Call back");
    assert_eq!(created.creator.map(|creator| creator.name), Some("Ines".to_owned()));
    assert_eq!(created.remindees.iter().map(|person| person.id).collect::<Vec<_>>(), both);
    assert_eq!(tom.call_ok(&reminders::List::new()).iter().map(|one| one.id).collect::<Vec<_>>(), [created.id]);
    assert_eq!(tom.call_err(&reminders::Destroy::new(created.id)), 403);
    assert_eq!(
        ines.call_err(&reminders::Create::new(
            NewReminder::new("Then").remind_at(backpack_api::runtime::jiff::civil::date(2009, 3, 20).at(17, 30, 0, 0))
        )),
        422
    );

    let later = ines.call_ok(&legacy::CreateReminder::new(NewOldReminder::new("+300 Bread")));
    assert_eq!(later.content, "Bread");
    let listed = ines.call_ok(&legacy::Reminders::new());
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [created.id, later.id], "earliest first");
    ines.call_ok(&reminders::Update::new(created.id, NewReminder::new("+400 Call back")));
    let listed = ines.call_ok(&reminders::List::new());
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [later.id, created.id]);
    let updated = ines.call_ok(&legacy::UpdateReminder::new(later.id, NewOldReminder::new("Rye bread")));
    assert_eq!((updated.content.as_str(), updated.remind_at), ("Rye bread", later.remind_at));
    ines.call_ok(&legacy::DestroyReminder::new(later.id));
    ines.call_ok(&reminders::Destroy::new(created.id));
    assert_eq!(ines.call_ok(&reminders::List::new()), []);
}

/// Checks that users list each other's statuses and journal entries, but change only their own.
fn check_statuses_and_journal(service: &TestService, ines: &TestClient, tom: &TestClient) {
    let (me, him) = (service.ines.id, service.tom.id);
    assert_eq!(ines.call_err(&statuses::Show::new(me)), 404);
    ines.call_ok(&statuses::Update::new(me, "out (dentist)"));
    assert_eq!(tom.call_ok(&statuses::Show::new(me)).message, "out (dentist)");
    assert_eq!(ines.call_err(&statuses::Update::new(him, "")), 403);
    ines.call_ok(&statuses::Update::new(me, ""));
    let all = tom.call_ok(&statuses::List::new());
    assert_eq!(all.iter().map(|status| (status.user_id, status.message.as_str())).collect::<Vec<_>>(), [(me, "")]);
    assert_eq!(all[0].user.as_ref().map(|user| user.name.as_str()), Some("Ines"));

    let entry = ines.call_ok(&journal::Create::new(me, "Dug over the bean bed"));
    let newer = tom.call_ok(&journal::Create::new(him, "Painted the hull"));
    assert_eq!(ines.call_err(&journal::Create::new(him, "Nothing")), 403);
    let page = |number, count| {
        let listed = ines.call_ok(&journal::List::new().page(number).count(count));
        listed.iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    assert_eq!((page(0, 1), page(1, 1), page(2, 1)), (vec![newer], vec![entry], vec![]));
    let his = ines.call_ok(&journal::ListForUser::new(him));
    assert_eq!(his.iter().map(|entry| entry.body.as_str()).collect::<Vec<_>>(), ["Painted the hull"]);
    let shown = ines.call_ok(&journal::Show::new(entry));
    assert_eq!((shown.user_id, shown.body.as_str()), (Some(me), "Dug over the bean bed"));
    assert_eq!(ines.call_err(&journal::Show::new(newer)), 403);
    assert_eq!(ines.call_ok(&journal::Update::new(entry, "Sowed beans")).body, "Sowed beans");
    ines.call_ok(&journal::Destroy::new(entry));
    assert_eq!(ines.call_err(&journal::Destroy::new(entry)), 404);
}

/// Checks that users are listed, and that bookmarks are private.
fn check_users_and_bookmarks(service: &TestService, ines: &TestClient) {
    let (me, him) = (service.ines.id, service.tom.id);
    let user = ines.call_ok(&users::Me::new());
    assert_eq!((user.id, user.name.as_str(), user.time_zone_id.as_deref()), (me, "Ines", Some("Berlin")));
    let users = ines.call_ok(&users::List::new());
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [me, him]);
    assert_eq!(ines.call_ok(&bookmarks::List::new(me)), []);
    assert_eq!(ines.call_err(&bookmarks::List::new(him)), 403);
}

/// Checks events of a calendar, which only its owner can read.
fn check_calendars(ines: &TestClient, tom: &TestClient) {
    let calendars = ines.call_ok(&calendars::List::new());
    let calendar = calendars[0].id;
    let event =
        ines.call_ok(&calendar_events::Create::new(NewCalendarEvent::new(calendar, "9/27 Dinner").remind(true)));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    assert_eq!((shown.title.as_str(), shown.all_day, shown.remind), ("Dinner", Some(true), Some(true)));
    assert!(shown.occurs_at.is_some_and(|at| at.to_string().contains("-09-27T")));
    assert_eq!(tom.call_err(&calendar_events::Show::new(event)), 404, "a calendar is private until it is shared");
    assert_eq!(ines.call_err(&calendar_events::Create::new(NewCalendarEvent::new(calendar, ""))), 422);
    let changes = CalendarEventChanges::new().title("Late dinner");
    ines.call_ok(&calendar_events::Update::new(event, changes));
    let listed = ines.call_ok(&calendar_events::List::new(calendar));
    assert_eq!((listed[0].title.as_str(), listed[0].occurs_at), ("Late dinner", shown.occurs_at));
    ines.call_ok(&calendar_events::Destroy::new(event));
    assert_eq!(ines.call_ok(&calendar_events::List::new(calendar)), []);
    check_fields_of_event(ines, calendar);
}

/// Checks that the fields of an event are returned as they were written.
fn check_fields_of_event(ines: &TestClient, calendar: CalendarId) {
    let [nine, ten, eleven] =
        [9, 10, 11].map(|hour| format!("2030-05-01T{hour:02}:00:00Z").parse::<Timestamp>().expect("a time"));
    let new = NewCalendarEvent::new(calendar, "9/27 Ferry").occurs_at(nine).occurs_until(ten).message("Pier 4\n");
    let event = ines.call_ok(&calendar_events::Create::new(new));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    assert_eq!((shown.title.as_str(), shown.message.as_deref()), ("Ferry", Some("Pier 4\n")));
    assert_eq!((shown.occurs_at, shown.occurs_until, shown.all_day), (Some(nine), Some(ten), Some(false)));
    let later = CalendarEventChanges::new().occurs_at(ten).message("Pier 5");
    ines.call_ok(&calendar_events::Update::new(event, later));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    assert_eq!(
        (shown.occurs_at, shown.occurs_until, shown.message.as_deref()),
        (Some(ten), Some(eleven), Some("Pier 5"))
    );
    let backwards = CalendarEventChanges::new().occurs_until(nine);
    assert_eq!(ines.call_err(&calendar_events::Update::new(event, backwards)), 422);
    ines.call_ok(&calendar_events::Update::new(event, CalendarEventChanges::new().all_day(true)));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    let day = "2030-05-01T00:00:00Z".parse().expect("a time");
    assert_eq!((shown.occurs_at, shown.occurs_until, shown.all_day), (Some(day), Some(day), Some(true)));
    let no_end = CalendarEventChanges::new().clear_occurs_until();
    ines.call_ok(&calendar_events::Update::new(event, no_end));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    assert_eq!(
        (shown.occurs_at, shown.occurs_until, shown.message.as_deref()),
        (Some(day), None, Some("Pier 5")),
        "the start and the message are kept"
    );
    let no_date = CalendarEventChanges::new().clear_occurs_at().clear_message();
    ines.call_ok(&calendar_events::Update::new(event, no_date));
    let shown = ines.call_ok(&calendar_events::Show::new(event));
    assert_eq!((shown.occurs_at, shown.occurs_until, shown.all_day), (None, None, Some(false)));
    assert!(shown.message.is_none_or(|message| message.is_empty()));
    ines.call_ok(&calendar_events::Destroy::new(event));
}

/// Checks the export of a user, and that the legacy export has the same pages.
fn check_exports(service: &TestService, ines: &TestClient) {
    let export = ines.call_ok(&users::Export::new(service.ines.id));
    assert_eq!((export.name.as_str(), export.account.as_str(), export.pages.len()), ("Ines", "acme", 1));
    assert_eq!(ines.call_err(&users::Export::new(service.tom.id)), 403);
    let legacy_export = ines.call_ok(&legacy::Export::new());
    assert_eq!((legacy_export.username.as_str(), legacy_export.pages), ("Ines", export.pages));
}

/// Destroys the only page that is left.
fn destroy_page(ines: &TestClient, page: PageId) {
    ines.call_ok(&pages::Destroy::new(page));
    assert_eq!(ines.call_ok(&pages::List::new()), []);
    assert_eq!(ines.call_err(&pages::Destroy::new(page)), 404);
}

/// No operation creates emails, so they come from the demo data.
#[test]
fn emails_are_shown_and_destroyed() {
    let service = TestService::with_demo_data();
    let ines = service.blocking_client(&service.ines);
    let page = PageId(1);
    let listed = ines.call_ok(&emails::List::new(page));
    assert_eq!(listed.iter().map(|email| email.subject.as_str()).collect::<Vec<_>>(), ["Timetable"]);
    let email = &listed[0];
    assert_eq!(email.body, "The 9:15 runs daily from May on.\nSee you aboard!\n");
    assert_eq!(&ines.call_ok(&emails::Show::new(page, email.id)), email);
    assert_eq!(ines.call_ok(&pages::Show::new(page)).emails, listed);
    let other = ines.call_ok(&pages::Create::new("Harbour")).id;
    assert_eq!(ines.call_err(&emails::Show::new(other, email.id)), 404);
    assert_eq!(ines.call_err(&emails::Destroy::new(other, email.id)), 404);
    ines.call_ok(&emails::Destroy::new(page, email.id));
    assert_eq!(ines.call_err(&emails::Show::new(page, email.id)), 404);
    let left = ines.call_ok(&pages::Show::new(page));
    assert_eq!(left.emails, []);
    assert!(left.belongings.iter().all(|belonging| belonging.kind != WidgetKind::Email));
}

/// No operation creates bookmarks, so they come from the demo data.
#[test]
fn bookmarks_are_listed_until_their_page_is_destroyed() {
    let service = TestService::with_demo_data();
    let ines = service.blocking_client(&service.ines);
    let bookmarks = ines.call_ok(&bookmarks::List::new(service.ines.id));
    let found: Vec<_> =
        bookmarks.iter().map(|one| (one.user_id, one.kind.as_str(), one.target_id, one.position)).collect();
    assert_eq!(found, [(service.ines.id, "Page", 1, 1)]);
    ines.call_ok(&pages::Destroy::new(PageId(1)));
    assert_eq!(ines.call_ok(&bookmarks::List::new(service.ines.id)), [], "the bookmarked page is destroyed");
}

#[test]
fn tags_and_the_order_of_pages_ignore_case_in_every_script() {
    let service = TestService::new();
    let ines = service.blocking_client(&service.ines);
    let [z, o, a] = ["Zug", "Öl", "ähre"].map(|title| ines.call_ok(&pages::Create::new(title)).id);
    for (page, tag) in [(z, "Über"), (o, "ÜBER"), (a, "über")] {
        ines.call_ok(&tags::Set::new(page, [tag, "ПОРТ", "порт"]));
    }
    let tags = ines.call_ok(&pages::Show::new(a)).tags;
    assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Über", "ПОРТ"]);
    for listed in [ines.call_ok(&tags::Pages::new(tags[0].id)), ines.call_ok(&pages::List::new())] {
        assert_eq!(listed.iter().map(|page| page.id).collect::<Vec<_>>(), [z, a, o]);
    }
}
