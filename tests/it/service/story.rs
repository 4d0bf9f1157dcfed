//! Every operation with what it means, told once and lived through with either client.

use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{
    BelongingId, CalendarEventChanges, CalendarId, Direction, ItemChanges, ItemId, NewCalendarEvent, NewItem, NewNote,
    NewOldReminder, NewReminder, PageId, PageScope, WidgetKind, bookmarks, calendar_events, calendars, emails, items,
    journal, legacy, lists, notes, pages, reminders, separators, statuses, tags, users,
};

use super::world::{Client, World};

/// The story as either client lives through it.
#[test]
fn every_operation_does_what_it_says_for_the_async_client() {
    let world = World::new();
    lived_through(&world, world.waiting(&world.ines), world.waiting(&world.tom));
}

#[test]
fn every_operation_does_what_it_says_for_the_blocking_client() {
    let world = World::new();
    lived_through(&world, world.blocking(&world.ines), world.blocking(&world.tom));
}

fn lived_through(world: &World, ines: Client, tom: Client) {
    let page = a_page(&ines);
    things_on_it(&ines, page);
    items_of_a_list(&ines, page);
    as_old_clients_do(&ines, page);
    tags_and_search(&ines, page);
    shared(world, &ines, page);
    reminded(world, &ines, &tom);
    said_and_done(world, &ines, &tom);
    planned(&ines, &tom);
    exported(world, &ines);
    gone(&ines, page);
    let called: BTreeSet<_> = ines.called().union(&tom.called()).copied().collect();
    let all: BTreeSet<_> = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(all.difference(&called).collect::<Vec<_>>(), Vec::<&&str>::new(), "not called");
}

fn a_page(ines: &Client) -> PageId {
    let page = ines.done(&pages::Create::new("Coast"));
    assert_eq!(page.title, "Coast");
    ines.done(&pages::UpdateTitle::new(page.id, "The coast"));
    let all = ines.done(&pages::List::new());
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].title.as_str(), &all[0].scope), ("The coast", &Some(PageScope::Personal)));
    let shown = ines.done(&pages::Show::new(page.id));
    assert_eq!((shown.id, shown.title.as_str(), shown.belongings.len()), (page.id, "The coast", 0));
    assert!(shown.email_address.is_some_and(|address| address.expose().ends_with("@acme.localhost")));
    assert_eq!(ines.refused(&pages::Show::new(PageId(99))), 404);
    assert_eq!(ines.refused(&pages::Show::new(PageId(u64::MAX))), 404);
    page.id
}

fn things_on_it(ines: &Client, page: PageId) {
    let text = "Leaves at *nine*.\n\n<b>&amp;rarr;</b> pier 4 – “sharp”\n";
    let note = ines.done(&notes::Create::new(page, NewNote::new().title("Ferry").body(text)));
    assert_eq!((note.title.as_str(), note.body.as_str()), ("Ferry", text));
    ines.done(&notes::Update::new(page, note.id, NewNote::new().title("")));
    let second = ines.done(&notes::Create::new(page, NewNote::new()));
    let listed = ines.done(&notes::List::new(page));
    assert_eq!(
        listed.iter().map(|note| (note.id, note.title.as_str())).collect::<Vec<_>>(),
        [(note.id, ""), (second.id, "")]
    );
    assert_eq!(listed[0].body, text);

    let list = ines.done(&lists::Create::new(page, "To do"));
    ines.done(&lists::Update::new(page, list.id, "To pack"));
    assert_eq!(ines.done(&lists::List::new(page))[0].name, "To pack");
    let line = ines.done(&separators::Create::new(page, "Later"));
    ines.done(&separators::Update::new(page, line.id, "Much later"));

    let shown = ines.done(&pages::Show::new(page));
    assert_eq!(shown.separators[0].name, "Much later");
    assert_eq!(shown.lists[0].items, []);
    let kinds: Vec<_> = shown.belongings.iter().map(|belonging| belonging.kind.clone()).collect();
    assert_eq!(kinds, [WidgetKind::Note, WidgetKind::Note, WidgetKind::List, WidgetKind::Separator]);
    assert_eq!(shown.belongings.iter().map(|belonging| belonging.position).collect::<Vec<_>>(), [1, 2, 3, 4]);

    let ids: Vec<BelongingId> = shown.belongings.iter().map(|belonging| belonging.id).collect();
    ines.done(&pages::Reorder::new(page, [ids[2], ids[0]]));
    let order: Vec<_> = ines.done(&pages::Show::new(page)).belongings.iter().map(|belonging| belonging.id).collect();
    assert_eq!(order, [ids[1], ids[3], ids[2], ids[0]]);
    assert_eq!(ines.refused(&pages::Reorder::new(page, [BelongingId(999)])), 404);

    ines.done(&notes::Destroy::new(page, second.id));
    ines.done(&separators::Destroy::new(page, line.id));
    assert_eq!(ines.refused(&notes::Destroy::new(page, second.id)), 404);
    assert_eq!(ines.refused(&separators::Update::new(page, line.id, "")), 404);
    let left = ines.done(&pages::Show::new(page)).belongings;
    assert_eq!(
        left.iter().map(|belonging| (belonging.id, belonging.position)).collect::<Vec<_>>(),
        [(ids[2], 1), (ids[0], 2)]
    );
    assert_eq!(ines.done(&emails::List::new(page)), []);
    assert_eq!(ines.refused(&emails::Show::new(page, 1.into())), 404);
    assert_eq!(ines.refused(&emails::Destroy::new(page, 1.into())), 404);
}

fn items_of_a_list(ines: &Client, page: PageId) {
    let list = ines.done(&lists::Create::new(page, "Errands")).id;
    let [a, b, c] =
        ["Bread", "Milk", "Rope"].map(|content| ines.done(&items::Create::new(page, list, NewItem::new(content))).id);
    let order = |ines: &Client| -> Vec<ItemId> {
        ines.done(&items::List::new(page, list)).iter().map(|item| item.id).collect()
    };
    assert_eq!(order(ines), [a, b, c]);
    ines.done(&items::Toggle::new(page, list, a));
    assert_eq!(order(ines), [b, c, a], "open ones first");
    ines.done(&items::Toggle::new(page, list, a));
    assert_eq!(order(ines), [a, b, c]);
    for (direction, expected) in [
        (Direction::Lower, [b, a, c]),
        (Direction::ToBottom, [b, c, a]),
        (Direction::Lower, [b, c, a]),
        (Direction::Higher, [b, a, c]),
        (Direction::ToTop, [a, b, c]),
        (Direction::Higher, [a, b, c]),
    ] {
        ines.done(&items::MoveTo::new(page, list, a, direction.clone()));
        assert_eq!(order(ines), expected, "{direction:?}");
    }
    ines.done(&items::Reorder::new(page, list, [c, a]));
    assert_eq!(order(ines), [b, c, a], "those not named come first");
    ines.done(&items::Update::new(page, list, b, ItemChanges::new().content("Oat milk")));
    ines.done(&items::Update::new(page, list, b, ItemChanges::new().completed(true)));
    let done = ines.done(&items::List::new(page, list)).pop().expect("three items");
    assert_eq!((done.id, done.content.as_str(), done.completed, done.list_id), (b, "Oat milk", true, Some(list)));
    ines.done(&items::Destroy::new(page, list, b));
    assert_eq!(order(ines), [c, a]);
    ines.done(&lists::Destroy::new(page, list));
    assert_eq!(ines.refused(&items::List::new(page, list)), 404);
}

fn as_old_clients_do(ines: &Client, page: PageId) {
    let first = ines.done(&lists::List::new(page))[0].id;
    let item = ines.done(&legacy::CreateItem::new(page, NewItem::new("Boots")));
    assert_eq!(item.list_id, Some(first), "the page's first list");
    ines.done(&legacy::UpdateItem::new(page, item.id, ItemChanges::new().content("Two boots")));
    ines.done(&legacy::ToggleItem::new(page, item.id));
    ines.done(&legacy::MoveItem::new(page, item.id, Direction::ToTop));
    let listed = ines.done(&legacy::ListItems::new(page));
    assert_eq!((listed[0].content.as_str(), listed[0].completed), ("Two boots", true));
    ines.done(&legacy::DestroyItem::new(page, item.id));
    assert_eq!(ines.done(&legacy::ListItems::new(page)), []);

    ines.done(&legacy::UpdateBody::new(page, "By the sea"));
    let linked = ines.done(&pages::Create::new("Ferries")).id;
    ines.done(&legacy::Link::new(page, linked));
    let shown = ines.done(&pages::Show::new(page));
    assert_eq!(shown.description.as_deref(), Some("By the sea"));
    assert_eq!(shown.linked_pages.iter().map(|page| page.id).collect::<Vec<_>>(), [linked]);
    ines.done(&legacy::Unlink::new(page, linked));
    assert_eq!(ines.done(&pages::Show::new(page)).linked_pages, []);
    ines.done(&pages::Destroy::new(linked));

    let line = ines.done(&legacy::CreateSeparator::new(page, "Soon"));
    ines.done(&legacy::UpdateSeparator::new(page, line.id, "Sooner"));
    assert_eq!(ines.done(&pages::Show::new(page)).separators[0].name, "Sooner");
    ines.done(&legacy::DestroySeparator::new(page, line.id));
    assert_eq!(ines.done(&pages::Show::new(page)).separators, []);
}

fn tags_and_search(ines: &Client, page: PageId) {
    ines.done(&tags::Set::new(page, ["Garden", "Slow Food", "Bikes"]));
    ines.done(&tags::Set::new(page, ["Bikes", "Slow Food"]));
    let tags = ines.done(&pages::Show::new(page)).tags;
    assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Bikes", "Slow Food"]);
    let tagged = ines.done(&tags::Pages::new(tags[0].id));
    assert_eq!(tagged.iter().map(|page| page.id).collect::<Vec<_>>(), [page]);
    assert_eq!(ines.refused(&tags::Pages::new(999.into())), 404);

    let note = ines.done(&notes::List::new(page))[0].id;
    for (term, hits) in [("PIER 4", vec![note.0]), ("slow", vec![]), ("sea", vec![]), ("coast", vec![])] {
        let found = ines.done(&pages::Search::new(term));
        assert_eq!(found.iter().map(|page| page.id).collect::<Vec<_>>(), [page], "{term}");
        let expected: Vec<i64> = hits.into_iter().map(|id| i64::try_from(id).expect("a small number")).collect();
        assert_eq!(found[0].hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), expected, "{term}");
    }
    assert_eq!(ines.done(&pages::Search::new("100%")), []);
    assert_eq!(ines.done(&pages::Search::new("_")), []);
}

fn shared(world: &World, ines: &Client, page: PageId) {
    let jo = world.blocking(&world.jo);
    assert_eq!(jo.refused(&pages::Show::new(page)), 404);
    ines.done(&pages::Share::new(page).email_addresses(["jo@example.com", "sea@example.org"]).public(true));
    let all = jo.done(&pages::List::new());
    assert_eq!(
        all.iter().map(|page| (page.id, page.scope.clone())).collect::<Vec<_>>(),
        [(page, Some(PageScope::Friends))]
    );
    assert_eq!(jo.done(&pages::Show::new(page)).title, "The coast");
    assert_eq!(jo.refused(&pages::Destroy::new(page)), 403);
    jo.done(&pages::UnshareFriendPage::new(page));
    assert_eq!(jo.refused(&pages::UnshareFriendPage::new(page)), 404);
    assert_eq!(jo.refused(&pages::Show::new(page)), 404);
    assert_eq!(ines.refused(&pages::UnshareFriendPage::new(page)), 404);
    ines.done(&pages::Email::new(page));

    let copy = ines.done(&pages::Duplicate::new(page));
    assert_eq!(copy.title, "The coast (copy)");
    let (original, copied) = (ines.done(&pages::Show::new(page)), ines.done(&pages::Show::new(copy.id)));
    assert_eq!(copied.notes[0].body, original.notes[0].body);
    let kinds = |page: &backpack_api::Page| page.belongings.iter().map(|one| one.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&copied), kinds(&original));
    assert_eq!(copied.tags, original.tags);
    ines.done(&pages::Destroy::new(copy.id));
    assert_eq!(ines.refused(&pages::Show::new(copy.id)), 404);
}

fn reminded(world: &World, ines: &Client, tom: &Client) {
    let both = [world.ines.id, world.tom.id];
    let made = ines.done(&reminders::Create::new(NewReminder::new("+2:30 Call back").remindees(both)));
    assert_eq!(made.content, "Call back");
    assert_eq!(made.creator.map(|creator| creator.name), Some("Ines".to_owned()));
    assert_eq!(made.remindees.iter().map(|person| person.id).collect::<Vec<_>>(), both);
    assert_eq!(tom.done(&reminders::List::new()).iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
    assert_eq!(tom.refused(&reminders::Destroy::new(made.id)), 403);
    assert_eq!(
        ines.refused(&reminders::Create::new(
            NewReminder::new("Then").remind_at(backpack_api::runtime::jiff::civil::date(2009, 3, 20).at(17, 30, 0, 0))
        )),
        422
    );

    let later = ines.done(&legacy::CreateReminder::new(NewOldReminder::new("+300 Bread")));
    assert_eq!(later.content, "Bread");
    let listed = ines.done(&legacy::Reminders::new());
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id, later.id], "earliest first");
    ines.done(&reminders::Update::new(made.id, NewReminder::new("+400 Call back")));
    let listed = ines.done(&reminders::List::new());
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [later.id, made.id]);
    let updated = ines.done(&legacy::UpdateReminder::new(later.id, NewOldReminder::new("Rye bread")));
    assert_eq!((updated.content.as_str(), updated.remind_at), ("Rye bread", later.remind_at));
    ines.done(&legacy::DestroyReminder::new(later.id));
    ines.done(&reminders::Destroy::new(made.id));
    assert_eq!(ines.done(&reminders::List::new()), []);
}

fn said_and_done(world: &World, ines: &Client, tom: &Client) {
    let (me, him) = (world.ines.id, world.tom.id);
    assert_eq!(ines.refused(&statuses::Show::new(me)), 404);
    ines.done(&statuses::Update::new(me, "out (dentist)"));
    assert_eq!(tom.done(&statuses::Show::new(me)).message, "out (dentist)");
    assert_eq!(ines.refused(&statuses::Update::new(him, "")), 403);
    ines.done(&statuses::Update::new(me, ""));
    let all = tom.done(&statuses::List::new());
    assert_eq!(all.iter().map(|status| (status.user_id, status.message.as_str())).collect::<Vec<_>>(), [(me, "")]);
    assert_eq!(all[0].user.as_ref().map(|user| user.name.as_str()), Some("Ines"));

    let entry = ines.done(&journal::Create::new(me, "Dug over the bean bed"));
    let newer = tom.done(&journal::Create::new(him, "Painted the hull"));
    assert_eq!(ines.refused(&journal::Create::new(him, "Nothing")), 403);
    let page = |number, count| {
        let listed = ines.done(&journal::List::new().page(number).count(count));
        listed.iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    assert_eq!((page(0, 1), page(1, 1), page(2, 1)), (vec![newer], vec![entry], vec![]));
    let his = ines.done(&journal::ListForUser::new(him));
    assert_eq!(his.iter().map(|entry| entry.body.as_str()).collect::<Vec<_>>(), ["Painted the hull"]);
    let shown = ines.done(&journal::Show::new(entry));
    assert_eq!((shown.user_id, shown.body.as_str()), (Some(me), "Dug over the bean bed"));
    assert_eq!(ines.refused(&journal::Show::new(newer)), 403);
    assert_eq!(ines.done(&journal::Update::new(entry, "Sowed beans")).body, "Sowed beans");
    ines.done(&journal::Destroy::new(entry));
    assert_eq!(ines.refused(&journal::Destroy::new(entry)), 404);

    let who = ines.done(&users::Me::new());
    assert_eq!((who.id, who.name.as_str(), who.time_zone_id.as_deref()), (me, "Ines", Some("Berlin")));
    let people = ines.done(&users::List::new());
    assert_eq!(people.iter().map(|user| user.id).collect::<Vec<_>>(), [me, him]);
    assert_eq!(ines.done(&bookmarks::List::new(me)), []);
    assert_eq!(ines.refused(&bookmarks::List::new(him)), 403);
}

fn planned(ines: &Client, tom: &Client) {
    let calendars = ines.done(&calendars::List::new());
    let calendar = calendars[0].id;
    let event = ines.done(&calendar_events::Create::new(NewCalendarEvent::new(calendar, "9/27 Dinner").remind(true)));
    let shown = ines.done(&calendar_events::Show::new(event));
    assert_eq!((shown.title.as_str(), shown.all_day, shown.remind), ("Dinner", Some(true), Some(true)));
    assert!(shown.occurs_at.is_some_and(|at| at.to_string().contains("-09-27T")));
    assert_eq!(tom.refused(&calendar_events::Show::new(event)), 404, "a calendar is private until it is shared");
    assert_eq!(ines.refused(&calendar_events::Create::new(NewCalendarEvent::new(calendar, ""))), 422);
    let changes = CalendarEventChanges::new().title("Late dinner");
    ines.done(&calendar_events::Update::new(event, changes));
    let listed = ines.done(&calendar_events::List::new(calendar));
    assert_eq!((listed[0].title.as_str(), listed[0].occurs_at), ("Late dinner", shown.occurs_at));
    ines.done(&calendar_events::Destroy::new(event));
    assert_eq!(ines.done(&calendar_events::List::new(calendar)), []);
    said_in_fields(ines, calendar);
}

/// What an event says of itself beside its title reads back as it was written.
fn said_in_fields(ines: &Client, calendar: CalendarId) {
    let [nine, ten, eleven] =
        [9, 10, 11].map(|hour| format!("2030-05-01T{hour:02}:00:00Z").parse::<Timestamp>().expect("a time"));
    let new = NewCalendarEvent::new(calendar, "9/27 Ferry").occurs_at(nine).occurs_until(ten).message("Pier 4\n");
    let event = ines.done(&calendar_events::Create::new(new));
    let shown = ines.done(&calendar_events::Show::new(event));
    assert_eq!((shown.title.as_str(), shown.message.as_deref()), ("Ferry", Some("Pier 4\n")));
    assert_eq!((shown.occurs_at, shown.occurs_until, shown.all_day), (Some(nine), Some(ten), Some(false)));
    let later = CalendarEventChanges::new().occurs_at(ten).message("Pier 5");
    ines.done(&calendar_events::Update::new(event, later));
    let shown = ines.done(&calendar_events::Show::new(event));
    assert_eq!(
        (shown.occurs_at, shown.occurs_until, shown.message.as_deref()),
        (Some(ten), Some(eleven), Some("Pier 5"))
    );
    let backwards = CalendarEventChanges::new().occurs_until(nine);
    assert_eq!(ines.refused(&calendar_events::Update::new(event, backwards)), 422);
    ines.done(&calendar_events::Update::new(event, CalendarEventChanges::new().all_day(true)));
    let shown = ines.done(&calendar_events::Show::new(event));
    let day = "2030-05-01T00:00:00Z".parse().expect("a time");
    assert_eq!((shown.occurs_at, shown.occurs_until, shown.all_day), (Some(day), Some(day), Some(true)));
    ines.done(&calendar_events::Destroy::new(event));
}

fn exported(world: &World, ines: &Client) {
    let export = ines.done(&users::Export::new(world.ines.id));
    assert_eq!((export.name.as_str(), export.account.as_str(), export.pages.len()), ("Ines", "acme", 1));
    assert_eq!(ines.refused(&users::Export::new(world.tom.id)), 403);
    let older = ines.done(&legacy::Export::new());
    assert_eq!((older.username.as_str(), older.pages), ("Ines", export.pages));
}

fn gone(ines: &Client, page: PageId) {
    ines.done(&pages::Destroy::new(page));
    assert_eq!(ines.done(&pages::List::new()), []);
    assert_eq!(ines.refused(&pages::Destroy::new(page)), 404);
}

/// What no operation makes: mail that came in, and bookmarks.
#[test]
fn mail_that_came_in_is_shown_and_destroyed_and_bookmarks_are_listed() {
    let world = World::of_the_demo();
    let ines = world.blocking(&world.ines);
    let page = PageId(1);
    let listed = ines.done(&emails::List::new(page));
    assert_eq!(listed.iter().map(|email| email.subject.as_str()).collect::<Vec<_>>(), ["Timetable"]);
    let email = &listed[0];
    assert_eq!(email.body, "The 9:15 runs daily from May on.\nSee you aboard!\n");
    assert_eq!(&ines.done(&emails::Show::new(page, email.id)), email);
    assert_eq!(ines.done(&pages::Show::new(page)).emails, listed);
    let other = ines.done(&pages::Create::new("Harbour")).id;
    assert_eq!(ines.refused(&emails::Show::new(other, email.id)), 404);
    assert_eq!(ines.refused(&emails::Destroy::new(other, email.id)), 404);
    ines.done(&emails::Destroy::new(page, email.id));
    assert_eq!(ines.refused(&emails::Show::new(page, email.id)), 404);
    let left = ines.done(&pages::Show::new(page));
    assert_eq!(left.emails, []);
    assert!(left.belongings.iter().all(|belonging| belonging.kind != WidgetKind::Email));

    let bookmarks = ines.done(&bookmarks::List::new(world.ines.id));
    let found: Vec<_> =
        bookmarks.iter().map(|one| (one.user_id, one.kind.as_str(), one.target_id, one.position)).collect();
    assert_eq!(found, [(world.ines.id, "Page", 1, 1)]);
    ines.done(&pages::Destroy::new(page));
    assert_eq!(ines.done(&bookmarks::List::new(world.ines.id)), [], "it leads nowhere");
}

#[test]
fn tags_and_the_order_of_pages_know_no_case_in_any_script() {
    let world = World::new();
    let ines = world.blocking(&world.ines);
    let [z, o, a] = ["Zug", "Öl", "ähre"].map(|title| ines.done(&pages::Create::new(title)).id);
    for (page, tag) in [(z, "Über"), (o, "ÜBER"), (a, "über")] {
        ines.done(&tags::Set::new(page, [tag, "ПОРТ", "порт"]));
    }
    let tags = ines.done(&pages::Show::new(a)).tags;
    assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Über", "ПОРТ"]);
    for listed in [ines.done(&tags::Pages::new(tags[0].id)), ines.done(&pages::List::new())] {
        assert_eq!(listed.iter().map(|page| page.id).collect::<Vec<_>>(), [z, a, o]);
    }
}
