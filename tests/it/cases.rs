//! What a call does when things go wrong, as data: `cases/README.md` has the language, the XML files beside it the cases.
//!
//! Both clients play every case, with the same clock and the same script.

mod play;
mod read;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use backpack_tests::schema;

use crate::support::Failures;

fn folder() -> PathBuf {
    schema::root().join("tests/it/cases")
}

/// Every file's name and text, by name.
fn files() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).expect("the folder should be readable");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry should be readable").file_name();
    let mut names: Vec<_> = entries.map(name).map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".xml"));
    names.sort();
    let text = |name: &String| fs::read_to_string(folder().join(name)).expect("a file of cases should be readable");
    names.iter().map(|name| (name.clone(), text(name))).collect()
}

/// The README's example, as a file.
fn readme() -> (String, String) {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README should be readable");
    let example = readme.split("```xml\n").nth(1).and_then(|rest| rest.split("```").next());
    ("README.md".to_owned(), example.expect("the README should have an example").to_owned())
}

#[test]
fn every_case_with_either_client() {
    let api = schema::api();
    let examples = play::examples(&api);
    let mut failures = Failures::default();
    let mut count = 0;
    for (file, text) in files().into_iter().chain([readme()]) {
        let cases = read::cases(&file, &text).unwrap_or_else(|problem| panic!("{problem}"));
        for case in cases {
            count += 1;
            for (client, blocking) in [("async", false), ("blocking", true)] {
                let played = catch_unwind(AssertUnwindSafe(|| play::play(&case, blocking, &examples)));
                failures.note(format!("{}, {client}", case.name), played.unwrap_or(Err("it panicked".to_owned())));
            }
        }
    }
    failures.finish();
    assert!(count > 400, "cases are missing: there are {count}");
}

/// A word that means nothing would be a check that is not made.
#[test]
fn a_slip_of_the_pen_is_refused() {
    let good = r#"<case name="a" call="notes.list"><answer/><ok/></case>"#;
    read::cases("good.xml", &format!("<cases>{good}</cases>")).unwrap();
    let bad = [
        ("", "there is no case"),
        ("<cas/>", "<cas>: this has no meaning"),
        (r#"<case call="notes.list"><answer/><ok/></case>"#, "`name` is missing"),
        (r#"<case name="a" cal="notes.list"><answer/><ok/></case>"#, "there is no attribute `cal`"),
        (r#"<case name="a" call=""><answer/><ok/></case>"#, "`call` names no operation"),
        (r#"<case name="a"></case>"#, "nothing is called"),
        (r#"<case name="a" call="notes.list"></case>"#, "this has no result"),
        (r#"<case name="a" call="notes.list"><answer/></case>"#, "<answer>: this has no meaning here"),
        (r#"<case name="a" call="notes.list"><anwser/><ok/></case>"#, "<anwser>: nothing of this name comes"),
        (r#"<case name="a" call="notes.list"><ok/><answer/><ok/></case>"#, "<ok>: nothing of this name comes"),
        (r#"<case name="a" call="notes.list"><answer/><with/><ok/></case>"#, "<with>: nothing of this name comes"),
        (r#"<case name="a" call="notes.list">answer<ok/></case>"#, "text has no meaning here"),
        (r#"<case name="a" call="notes.list"><answer code="500"/><ok/></case>"#, "there is no attribute `code`"),
        (r#"<case name="a" call="notes.list"><answer status="abc"/><ok/></case>"#, "`status` has no such value"),
        (r#"<case name="a" call="notes.list"><answer retry-after="2"/><ok/></case>"#, "has a `status`"),
        (r#"<case name="a" call="notes.list"><broken sent="yes"/><ok/></case>"#, "`sent` has no such value"),
        (r#"<case name="a" call="notes.list"><broken times="0"/><ok/></case>"#, "`times` has no such value"),
        (r#"<case name="a" call="notes.list"><wait/><ok/></case>"#, "either `exactly` or `up_to`"),
        (r#"<case name="a" call="notes.list"><wait upto="1"/><ok/></case>"#, "there is no attribute `upto`"),
        (r#"<case name="a" call="notes.list"><wait exactly="soon"/><ok/></case>"#, "`exactly` has no such value"),
        (r#"<case name="a" call="notes.list"><ok>fine</ok></case>"#, "text has no meaning here"),
        (r#"<case name="a" call="notes.list"><error is="lost">x</error></case>"#, "no error is `lost`"),
        (r#"<case name="a" call="notes.list"><error is="sent"/></case>"#, "what it says is missing"),
        (r#"<case name="a" call="notes.list"><with patience="1"/><ok/></case>"#, "there is no attribute `patience`"),
        (r#"<case name="a" call="notes.list"><with pacing="no"/><ok/></case>"#, "`pacing` has no such value"),
        (
            r#"<case name="a" call="notes.list"><caller credentials="x"/><ok/></case>"#,
            "`credentials` has no such value",
        ),
        (r#"<case name="a"><idle/></case>"#, "`for` is missing"),
        (r#"<case name="a"><call of="notes.list" by="me"><ok/></call></case>"#, "`by` has no such value"),
        (&good.repeat(2), "there is another case of this name"),
    ];
    for (cases, expected) in bad {
        let problem = read::cases("bad.xml", &format!("<cases>{cases}</cases>")).unwrap_err();
        assert!(problem.starts_with("bad.xml:1:") && problem.contains(expected), "{cases}: {problem}");
    }
}
