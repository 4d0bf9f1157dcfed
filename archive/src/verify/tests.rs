//! Tests of the checks that need no manifest.

use super::*;

/// Verifies a file with the pages of an export.
fn verify_pages(pages: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.xml");
    std::fs::write(&path, format!("<user id='77' name='Ines' account='acme'><pages>{pages}</pages></user>")).unwrap();
    verify(&path).unwrap()
}

#[test]
fn names_widgets_that_a_page_names_but_lacks_except_writeboards() {
    let place = |kind: &str, id: u64| {
        format!("<belonging id='{id}'><position>1</position><widget type='{kind}' id='{id}'/></belonging>")
    };
    let places = [place("Note", 5), place("WriteboardLink", 6), place("Drawing", 7)].concat();
    let report = verify_pages(&format!("<page title='a' id='1'><belongings>{places}</belongings></page>"));
    assert_eq!(
        report.missing,
        ["page 1: Note 5 has a position, but is missing", "page 1: Drawing 7 has a position, but is missing"]
    );
    assert_eq!((report.not_in_api["writeboards"], report.verdict), (1, Completeness::Incomplete));
    assert_eq!(report.to_string(), "incomplete: 2 missing");
}

#[test]
fn numbers_are_unique() {
    let item = |list: u64| format!("<item completed='false' id='9' list_id='{list}'>a</item>");
    let list = |id: u64| format!("<list name='a' id='{id}'><items>{}</items></list>", item(3));
    let pages = format!(
        "<page title='a' id='1'><lists>{}</lists></page><page title='b' id='2'><lists>{}</lists></page>\
         <page title='c' id='2'/>",
        list(3),
        list(4)
    );
    let report = verify_pages(&pages.replace("title='c' id='2'", "title='c' id='1'"));
    assert!(report.missing.contains(&"export.xml has page 1 twice".to_owned()), "{:?}", report.missing);
    let report = verify_pages(&pages.replace("<page title='c' id='2'/>", ""));
    assert_eq!(report.missing, ["page 2: item 9 is of another list", "page 2: item 9 exists twice"]);
}

#[test]
fn people_and_pages_that_are_gone_are_remarks() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("users.xml", "<users><user><id>77</id><name>Ines</name></user></users>"),
        (
            "reminders.xml",
            "<reminders><reminder id='6'><remind_at>2009-04-02 09:45:00</remind_at><content>a</content>\
             <creator id='77' name='Ines'/><remindees><user id='81' name='Tom'/></remindees></reminder></reminders>",
        ),
        (
            "bookmarks.xml",
            "<bookmarks><bookmark><id>1</id><user-id>77</user-id><bookmarkable-type>Page</bookmarkable-type>\
             <bookmarkable-id>9</bookmarkable-id><position>1</position></bookmark></bookmarks>",
        ),
        ("page.xml", "<page title='a' id='1'/>"),
        (
            "events.xml",
            "<calendar-events><calendar-event><calendar-id>3</calendar-id><id>4</id><title>a</title>\
             </calendar-event></calendar-events>",
        ),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let report = verify(folder.path()).unwrap();
    assert_eq!(
        report.remarks,
        ["reminder 6: user 81 is not a user of the account", "bookmark 1: page 9 is not in the archive"]
    );
    assert_eq!(report.missing, ["event 4: its calendar 3 is missing"]);
    std::fs::remove_file(folder.path().join("events.xml")).unwrap();
    assert_eq!(verify(folder.path()).unwrap().verdict, Completeness::Readable);
}
