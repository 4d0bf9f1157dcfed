//! The short commands for pages, notes, items, reminders, events, the journal and statuses.

use crate::support::{Home, ServiceProcess};

#[test]
fn lists_and_shows_pages() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let pages = "1\tWeekend on the coast\tpersonal\n2\tThe boat\tpersonal\n3\tRecipes\tpersonal\n";
    let mut listed: Vec<_> = home.stdout(&["pages"]).lines().map(|line| format!("{line}\n")).collect();
    listed.sort();
    assert_eq!(listed.concat(), pages);
    assert_eq!(home.read_json(&["pages"]).as_array().map(Vec::len), Some(3));
    let page = home.stdout(&["page", "weekend on the coast"]);
    let beginning = "# Weekend on the coast [page 1]\n\nTags: Travel, Summer plans\n\n## To pack [list 1]\n- [ ] Boots [item 1]\n- [ ] Tent & pegs [item 2]\n";
    assert!(page.starts_with(beginning), "{page}");
    for part in [
        "## Ferry [note 1]\nLeaves at nine from pier 4.\n",
        "\n\n---- Later [separator 1]\n\n## [note 2]\nAsk Tom about the _lighthouse_.\n\n## tickets.pdf [file 1]\n",
        "## Last time [gallery 1]\nbay.jpg\n",
        "## Timetable [email 1]\nThe 9:15 runs daily",
    ] {
        assert!(page.contains(part), "{page}");
    }
    assert_eq!(home.stdout(&["page", "1"]), page);
    assert_eq!(home.read_json(&["page", "The boat"])["id"], 2);
}

#[test]
fn names_the_pages_near_a_wrong_title() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let finished = home.run(&["page", "The boot"]);
    assert_eq!(finished.code, Some(5), "{finished:?}");
    assert_eq!(finished.err, "backpack: there is no page “The boot”; near it: “The boat” (2)\n");
    assert_eq!(home.run(&["page", "999"]).code, Some(5));
}

#[test]
fn an_unknown_number_is_named_as_an_unknown_title_is() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    for (arguments, message) in [
        (&["page", "999"][..], "there is no page “999”"),
        (&["note", "add", "999", "Text"], "there is no page “999”"),
        (&["item", "add", "999", "Text"], "there is no page “999”"),
        (&["item", "done", "999", "Text"], "there is no page “999”"),
        (&["journal", "--user", "999"], "there is no user “999”"),
    ] {
        let finished = home.run(arguments);
        assert_eq!((finished.code, finished.err), (Some(5), format!("backpack: {message}\n")), "{arguments:?}");
    }
}

#[test]
fn adds_notes_and_items_and_marks_items_as_done() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let note = home.stdout(&["note", "add", "recipes", "Nutmeg, too.", "--title", "Café"]);
    let page = home.stdout(&["page", "Recipes"]);
    assert!(page.ends_with(&format!("## Café [note {}]\nNutmeg, too.\n", note.trim())), "{page}");
    // The line break that `echo` adds is removed; others are kept.
    home.run_with_input(&["note", "add", "Recipes", "-"], "One\n\nTwo\n");
    let notes = home.read_json(&["page", "Recipes"]);
    assert_eq!(notes["notes"][2]["body"], "One\n\nTwo");
    let item = home.stdout(&["item", "add", "Weekend on the coast", "Rope"]);
    assert_eq!(home.stdout(&["item", "done", "1", "rope"]), item);
    let page = home.stdout(&["page", "1"]);
    assert!(page.contains(&format!("- [x] Rope [item {}]", item.trim())), "{page}");
    assert_eq!(home.read_json(&["item", "done", "1", item.trim()])["completed"], true);
}

#[test]
fn a_list_is_chosen_by_name_if_a_page_has_several() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let finished = home.run(&["item", "add", "The boat", "Rope"]);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert_eq!(
        finished.err,
        "backpack: the page “The boat” has several lists, use `--list`: “Before the launch” (2), “To buy” (3)\n"
    );
    let item = home.read_json(&["item", "add", "The boat", "Rope", "--list", "to buy"]);
    assert_eq!(item["list_id"], 3);
    let finished = home.run(&["item", "add", "Recipes", "Leeks"]);
    assert_eq!(finished.code, Some(5), "{finished:?}");
    assert_eq!(
        finished.err,
        "backpack: the page “Recipes” has no list: add one with `backpack call lists create 3 NAME`\n"
    );
    let finished = home.run(&["item", "done", "The boat", "Shackles"]);
    assert_eq!(finished.code, Some(5), "{finished:?}");
    assert_eq!(finished.err, "backpack: there is no item “Shackles”; near it: “Two shackles, 8 mm” (9)\n");
}

#[test]
fn searches_all_pages() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    assert_eq!(home.stdout(&["search", "nutmeg"]), "3\tRecipes\tnote 4\n");
    assert_eq!(home.read_json(&["search", "nutmeg"])[0]["hits"][0]["kind"], "note");
    assert_eq!(home.stdout(&["search", "xyz"]), "");
}

#[test]
fn sets_and_lists_reminders() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let number = home.stdout(&["remind", "Renew the berth", "--at", "2099-05-06 17:00", "--for", "tom okafor"]);
    let listed = home.stdout(&["remind"]);
    let expected = format!("{}\t2099-05-06 17:00\tRenew the berth\tTom Okafor\n", number.trim());
    assert!(listed.ends_with(&expected) && listed.lines().count() == 3, "{listed}");
    home.stdout(&["remind", "+30 Call back"]);
    let reminders = home.read_json(&["remind"]);
    assert_eq!(reminders[0]["content"], "Call back");
    let finished = home.run(&["remind", "Call back"]);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.err.starts_with("backpack: a reminder needs a time: use `--at TIME`"), "{finished:?}");
    assert_eq!(home.run(&["remind", "Call back", "--at", "soon"]).code, Some(2));
}

#[test]
fn lists_events_in_the_order_of_their_time() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let events = home.stdout(&["events"]);
    let titles: Vec<&str> = events.lines().filter_map(|line| line.split('\t').nth(2)).collect();
    assert_eq!(titles, ["Ferry to the coast", "Film", "Dentist"]);
    let family = home.read_json(&["events", "--calendar", "family"]);
    assert_eq!(family.as_array().map(Vec::len), Some(2));
    assert_eq!(home.stdout(&["events", "--to", "2001-01-01"]), "");
    assert_eq!(home.stdout(&["events", "--from", "2199-01-01"]), "");
    let finished = home.run(&["events", "--calendar", "Famly"]);
    assert_eq!(finished.code, Some(5), "{finished:?}");
    assert!(finished.err.starts_with("backpack: there is no calendar “Famly”; near it: “Family” ("), "{finished:?}");
}

#[test]
fn adds_to_the_journal_and_lists_it() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let number = home.stdout(&["journal", "add", "Scraped the keel"]);
    let latest = home.stdout(&["journal", "--count", "1"]);
    let cells: Vec<&str> = latest.trim_end().split('\t').collect();
    assert_eq!((cells[0], cells[2], cells[3]), (number.trim(), "Ines Moreau", "Scraped the keel"));
    assert_eq!(home.stdout(&["journal"]).lines().count(), 5);
    assert_eq!(home.stdout(&["journal", "--user", "Tom Okafor"]).lines().count(), 2);
    assert_eq!(home.read_json(&["journal"])[0]["body"], "Scraped the keel");
}

#[test]
fn sets_and_lists_statuses() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    assert_eq!(home.stdout(&["status", "set", "Back at eight"]), "1\n");
    let statuses = home.stdout(&["status"]);
    let line = statuses.lines().find(|line| line.starts_with("Ines Moreau\t")).expect("a status");
    assert!(line.ends_with("\tBack at eight"), "{statuses}");
    assert_eq!(home.read_json(&["status"]).as_array().map(Vec::len), Some(2));
    let set = home.read_json(&["status", "set", "Home"]);
    assert_eq!(set, serde_json::json!({ "user_id": 1, "message": "Home" }));
}
