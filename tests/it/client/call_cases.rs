//! Retries, redirects, deadlines and rate limits, as data. `call_cases/README.md` describes the language of the cases,
//! which are in the XML files beside it.
//!
//! Both clients play every case, with the same clock and the same script.

mod any_client;
mod model;
mod parser;
mod player;
mod transcript;
mod transport;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use backpack_tests::schema;

use self::parser::parse_cases;
use self::player::{load_examples, play_case};
use crate::support::Checks;

/// Returns the folder of the case files.
fn folder() -> PathBuf {
    schema::repository_root().join("tests/it/client/call_cases")
}

/// Reads the name and text of every case file, sorted by name.
fn read_files() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).expect("the folder should be readable");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry should be readable").file_name();
    let mut names: Vec<_> = entries.map(name).map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".xml"));
    names.sort();
    let read_text =
        |name: &String| fs::read_to_string(folder().join(name)).expect("a file of cases should be readable");
    names.iter().map(|name| (name.clone(), read_text(name))).collect()
}

/// Reads the example in the README. Returns it as the name and text of a case file.
fn read_readme_example() -> (String, String) {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README should be readable");
    let example = readme.split("```xml\n").nth(1).and_then(|rest| rest.split("```").next());
    ("README.md".to_owned(), example.expect("the README should have an example").to_owned())
}

#[test]
fn both_clients_follow_the_transcript_of_every_case() {
    let api = schema::read_api();
    let examples = load_examples(&api);
    let mut checks = Checks::default();
    let mut case_count = 0;
    for (file, text) in read_files().into_iter().chain([read_readme_example()]) {
        let cases = parse_cases(&file, &text).unwrap_or_else(|problem| panic!("{problem}"));
        for case in cases {
            case_count += 1;
            for (client, is_blocking) in [("async", false), ("blocking", true)] {
                let result = catch_unwind(AssertUnwindSafe(|| play_case(&case, is_blocking, &examples)));
                checks.record(format!("{}, {client}", case.name), result.unwrap_or(Err("it panicked".to_owned())));
            }
        }
    }
    checks.finish();
    assert!(case_count > 400, "cases are missing: there are {case_count}");
}

/// An unknown element or attribute could be a misspelled expectation, which would check nothing.
#[test]
fn mistakes_in_cases_are_rejected() {
    let good = r#"<case name="a" operations="notes.list"><response/><ok/></case>"#;
    parse_cases("good.xml", &format!("<cases>{good}</cases>")).unwrap();
    // Each `…` stands for a case that calls `notes.list`.
    let bad = [
        ("", "there is no case"),
        ("<cas/>", "<cas>: unknown element in <cases>"),
        (r#"<case operations="notes.list"><response/><ok/></case>"#, "`name` is missing"),
        (r#"<case name="a" operation="notes.list"><response/><ok/></case>"#, "unknown attribute `operation`"),
        (r#"<case name="a" operations=""><response/><ok/></case>"#, "`operations` is empty"),
        (r#"<case name="a"></case>"#, "there is no call"),
        ("…</case>", "there is no result"),
        ("…<response/></case>", "<response>: unknown element"),
        ("…<reponse/><ok/></case>", "<reponse>: unknown reply"),
        ("…<ok/><response/><ok/></case>", "<ok>: unknown reply"),
        ("…<response/><options/><ok/></case>", "<options>: unknown reply"),
        ("…response<ok/></case>", "unexpected text"),
        (r#"…<response code="500"/><ok/></case>"#, "unknown attribute `code`"),
        (r#"…<response status="abc"/><ok/></case>"#, "invalid value of `status`"),
        (r#"…<response retry-after="2"/><ok/></case>"#, "needs a `status`"),
        (r#"…<connection-lost sent="yes"/><ok/></case>"#, "invalid value of `sent`"),
        (r#"…<connection-lost times="0"/><ok/></case>"#, "invalid value of `times`"),
        ("…<wait/><ok/></case>", "either `exactly` or `up_to`"),
        (r#"…<wait upto="1"/><ok/></case>"#, "unknown attribute `upto`"),
        (r#"…<wait exactly="soon"/><ok/></case>"#, "invalid value of `exactly`"),
        ("…<ok>fine</ok></case>", "unexpected text"),
        (r#"…<error is="lost">x</error></case>"#, "unknown predicate `lost`"),
        (r#"…<error is="sent"/></case>"#, "the error text is missing"),
        (r#"…<options patience="1"/><ok/></case>"#, "unknown attribute `patience`"),
        (r#"…<options rate_limit="no"/><ok/></case>"#, "invalid value of `rate_limit`"),
        (r#"…<client credentials="x"/><ok/></case>"#, "invalid value of `credentials`"),
        (r#"<case name="a"><idle/></case>"#, "`for` is missing"),
        (r#"<case name="a"><call operation="notes.list" client="me"><ok/></call></case>"#, "invalid value of `client`"),
        (&good.repeat(2), "duplicate name"),
    ];
    for (cases, expected) in bad {
        let cases = cases.replace('…', r#"<case name="a" operations="notes.list">"#);
        let problem = parse_cases("bad.xml", &format!("<cases>{cases}</cases>")).unwrap_err();
        assert!(problem.starts_with("bad.xml:1:") && problem.contains(expected), "{cases}: {problem}");
    }
}
