//! Tests of backups of an account in memory. No request is sent.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::*;
use crate::storage::crash;
use crate::verify::{Completeness, verify};

/// An account: the responses by file. A missing one fails.
type Account = BTreeMap<String, String>;

fn xml(content: &str) -> String {
    format!("<response success=\"true\">{content}</response>")
}

fn page(number: u64, title: &str) -> String {
    format!(
        "<page title=\"{title}\" id=\"{number}\"><notes><note title=\"\" id=\"{number}1\" created_at=\"2009-03-15 21:12:09\">{title}</note></notes></page>"
    )
}

/// Returns an account with two pages, of which the export has the first one.
fn new_account() -> Account {
    let entry = |id| {
        format!(
            "<journal-entry><body>a</body><created-at>2009-03-15T21:12:09Z</created-at><id>{id}</id><updated-at>2009-03-15T21:12:09Z</updated-at></journal-entry>"
        )
    };
    let calendar = "<calendar><account-id>1</account-id><color>336699</color><created-at>2009-03-15T21:12:09Z</created-at><ical-subscription-url/><id>301</id><name>Home</name><token>5ec4e7</token><updated-at>2009-03-15T21:12:09Z</updated-at></calendar>";
    [
        ("raw/me.xml", "<user><id>77</id><name>Ines</name></user>".to_owned()),
        ("raw/users.xml", "<users><user><id>77</id><name>Ines</name></user></users>".to_owned()),
        ("raw/users/77/export.xml", format!("<user id=\"77\" name=\"Ines\" account=\"acme\"><pages>{}</pages></user>", page(1, "One"))),
        ("raw/pages.xml", xml("<pages><page scope=\"personal\" title=\"One\" id=\"1\"/><page scope=\"personal\" title=\"Two\" id=\"2\"/></pages>")),
        ("raw/pages/1.xml", xml(&page(1, "One"))),
        ("raw/pages/2.xml", xml(&page(2, "Two"))),
        ("raw/reminders.xml", "<reminders/>".to_owned()),
        ("raw/calendars.xml", format!("<calendars>{calendar}</calendars>")),
        ("raw/calendars/301/events.xml", "<calendar-events/>".to_owned()),
        ("raw/journal/0.xml", format!("<journal-entries>{}{}</journal-entries>", entry(9), entry(8))),
        ("raw/journal/1.xml", format!("<journal-entries>{}</journal-entries>", entry(7))),
        ("raw/journal/2.xml", "<journal-entries/>".to_owned()),
        ("raw/statuses.xml", "<statuses/>".to_owned()),
        ("raw/users/77/bookmarks.xml", "<bookmarks/>".to_owned()),
    ]
    .into_iter()
    .map(|(file, body)| (file.to_owned(), body))
    .collect()
}

fn try_run(folder: &Path, account: &Account, scope: Option<Vec<Kind>>) -> Result<(Summary, Vec<Request>), BackupError> {
    let now = Timestamp::from_second(1_240_000_000).unwrap();
    let mut backup = Backup::start(folder, "https://acme.backpackit.com", scope, now)?;
    let mut requests = Vec::new();
    while let Some(request) = backup.next_request()? {
        requests.push(request);
        match account.get(&request.file()) {
            Some(body) => backup.record(request, body.as_bytes())?,
            None => backup.record_failure(request, "HTTP status 500: Internal Server Error".to_owned()),
        }
    }
    Ok((backup.finish(&Run::default())?, requests))
}

fn run(folder: &Path, account: &Account) -> Summary {
    try_run(folder, account, None).unwrap().0
}

/// Returns bytes and time of each file.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut names = BTreeSet::new();
    crate::archive::list_files(folder, "", &mut names).unwrap();
    let read = |name: String| {
        let path = folder.join(&name);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        (name, (fs::read(path).unwrap(), time))
    };
    names.into_iter().map(read).collect()
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

fn temp() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("acme.backpack");
    (folder, archive)
}

#[test]
fn asks_for_pages_that_the_export_left_out_and_for_the_journal_to_its_end() {
    let (_folder, archive) = temp();
    let (summary, requests) = try_run(&archive, &new_account(), None).unwrap();
    let asked: Vec<_> = requests.iter().map(|request| request.path()).collect();
    assert_eq!(
        asked,
        [
            "/me.xml",
            "/users/77/bookmarks.xml",
            "/calendars.xml",
            "/calendars/301/calendar_events.xml",
            "/journal_entries.xml?n=0",
            "/journal_entries.xml?n=1",
            "/journal_entries.xml?n=2",
            "/users/77/export.xml",
            "/ws/pages/all",
            "/ws/page/2",
            "/reminders.xml",
            "/statuses.xml",
            "/users.xml",
        ]
    );
    assert_eq!((summary.responses, summary.new, summary.skipped), (13, 12, 1));
    assert_eq!((summary.pages.listed, summary.pages.archived, summary.pages.new), (2, 2, 2));
    let opened = crate::Archive::open(&archive).unwrap();
    assert_eq!(opened.account().journal.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [7, 8, 9]);
    assert_eq!(opened.account().name.as_deref(), Some("acme"));
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
}

#[test]
fn an_unchanged_account_changes_no_byte_but_the_list_of_runs() {
    let (_folder, archive) = temp();
    run(&archive, &new_account());
    let before = files(&archive);
    let summary = run(&archive, &new_account());
    let mut after = files(&archive);
    assert_eq!((summary.new, summary.changed, summary.unchanged, summary.gone), (0, 0, 12, 0));
    let runs = after.insert("runs.jsonl".to_owned(), before["runs.jsonl"].clone()).unwrap();
    assert_eq!(runs.0.iter().filter(|byte| **byte == b'\n').count(), 2);
    assert!(after == before);
}

#[test]
fn keeps_replaced_responses_and_those_that_are_gone() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    run(&archive, &account);
    account.insert("raw/pages/2.xml".to_owned(), xml(&page(2, "Second")));
    account.insert("raw/calendars.xml".to_owned(), "<calendars/>".to_owned());
    let summary = run(&archive, &account);
    assert_eq!((summary.changed, summary.gone, summary.pages.changed), (2, 1, 1));
    let old: Vec<_> = names(&archive).into_iter().filter(|name| name.starts_with("old/")).collect();
    assert_eq!(old.len(), 3, "{old:?}");
    assert!(!archive.join("raw/calendars").exists());
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
    let mut writer = Writer::open(&archive).unwrap();
    assert_eq!(writer.old_files().unwrap().len(), 3);
    writer.remove_old_files().unwrap();
    assert!(!archive.join("old").exists());
}

#[test]
fn a_failed_request_keeps_the_former_response_and_is_repeated() {
    let (_folder, archive) = temp();
    let complete = new_account();
    run(&archive, &complete);
    let mut failing = complete.clone();
    failing.remove("raw/pages/2.xml");
    failing.remove("raw/calendars.xml");
    failing.remove("raw/journal/1.xml");
    for _ in 0..2 {
        let summary = run(&archive, &failing);
        let failed: Vec<_> = summary.failed.iter().map(|failure| failure.file.as_str()).collect();
        assert_eq!(failed, ["raw/pages/2.xml", "raw/calendars.xml", "raw/journal/1.xml"]);
        assert_eq!((summary.gone, summary.pages.gone), (0, 0));
    }
    let report = verify(&archive).unwrap();
    assert_eq!((report.verdict, report.counts["entries"], report.counts["pages"]), (Completeness::Incomplete, 3, 2));
    assert_eq!(report.missing.len(), 3, "{:?}", report.missing);
    let summary = run(&archive, &complete);
    assert_eq!((summary.failed.len(), summary.unchanged), (0, 12));
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
}

#[test]
fn a_failing_export_is_replaced_by_single_pages() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    account.remove("raw/users/77/export.xml");
    let summary = run(&archive, &account);
    assert_eq!((summary.pages.archived, summary.failed.len()), (2, 1));
}

#[test]
fn the_scope_is_stored_and_what_is_outside_is_kept() {
    let (_folder, archive) = temp();
    run(&archive, &new_account());
    let (summary, requests) = try_run(&archive, &new_account(), Some(vec![Kind::Journal])).unwrap();
    assert_eq!(requests.len(), 4);
    assert_eq!((summary.gone, summary.unchanged), (0, 3));
    let (_, requests) = try_run(&archive, &new_account(), None).unwrap();
    assert_eq!(requests.len(), 4);
    assert_eq!(names(&archive).iter().filter(|name| name.starts_with("raw/")).count(), 12);
    let report = verify(&archive).unwrap();
    assert_eq!(report.verdict, Completeness::Complete);
    assert_eq!(
        report.remarks,
        ["not in the scope of the archive: bookmarks, calendars, pages, reminders, statuses, users"]
    );
}

#[test]
fn refuses_other_accounts_other_folders_and_a_second_run() {
    let (folder, archive) = temp();
    run(&archive, &new_account());
    let now = Timestamp::UNIX_EPOCH;
    let other = Backup::start(&archive, "https://other.backpackit.com", None, now);
    assert!(matches!(other, Err(BackupError::OtherAccount { user: 77, .. })));
    let mut of_tom = new_account();
    of_tom.insert("raw/me.xml".to_owned(), "<user><id>81</id><name>Tom</name></user>".to_owned());
    assert!(matches!(try_run(&archive, &of_tom, None), Err(BackupError::OtherAccount { user: 77, .. })));
    let _running = Backup::start(&archive, "https://acme.backpackit.com", None, now).unwrap();
    let second = Backup::start(&archive, "https://acme.backpackit.com", None, now);
    assert!(matches!(second, Err(BackupError::Write(WriteError::Locked(_)))));
    fs::write(folder.path().join("letter.txt"), "Dear Tom").unwrap();
    let unrelated = Backup::start(folder.path(), "https://acme.backpackit.com", None, now);
    assert!(matches!(unrelated, Err(BackupError::Write(WriteError::NoArchive(_)))));
}

#[test]
fn refuses_to_write_an_archive_of_a_newer_format_or_with_a_damaged_manifest() {
    for (manifest, problem) in [("{\"format\":2}", "format 2"), ("{", "damaged")] {
        let (_folder, archive) = temp();
        run(&archive, &new_account());
        fs::write(archive.join("manifest.json"), manifest).unwrap();
        let error = try_run(&archive, &new_account(), None).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn a_damaged_file_gets_its_bytes_again() {
    let (_folder, archive) = temp();
    run(&archive, &new_account());
    let manifest = fs::read(archive.join("manifest.json")).unwrap();
    fs::write(archive.join("raw/pages/2.xml"), "<damaged").unwrap();
    fs::remove_file(archive.join("raw/me.xml")).unwrap();
    assert_eq!(verify(&archive).unwrap().damaged.len(), 3);
    run(&archive, &new_account());
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
    assert!(fs::read(archive.join("manifest.json")).unwrap() == manifest);
}

#[test]
fn verification_finds_each_file_that_is_not_as_the_archive_says() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    run(&archive, &account);
    account.insert("raw/pages/2.xml".to_owned(), xml(&page(2, "Second")));
    run(&archive, &account);
    let old = names(&archive).into_iter().find(|name| name.starts_with("old/")).unwrap();
    for file in ["files.txt", "raw/pages/9.xml", &old] {
        fs::write(archive.join(file), "changed").unwrap();
    }
    assert_eq!(
        verify(&archive).unwrap().damaged,
        [
            "files.txt: the file has other bytes than the manifest says".to_owned(),
            "raw/pages/9.xml: the file is not in the manifest".to_owned(),
            format!("{old}: the file has other bytes than its name says"),
        ]
    );
}

#[test]
fn what_the_schema_does_not_know_is_kept_and_named() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    let body = xml("<page title=\"Two\" id=\"2\" colour=\"red\"><stars><star/></stars></page>");
    account.insert("raw/pages/2.xml".to_owned(), body.clone());
    let summary = run(&archive, &account);
    let paths = ["response/page/@colour".to_owned(), "response/page/stars".to_owned()];
    assert_eq!(summary.unknown["raw/pages/2.xml"], paths);
    assert_eq!(fs::read_to_string(archive.join("raw/pages/2.xml")).unwrap(), body);
    let report = verify(&archive).unwrap();
    assert_eq!((report.verdict, &report.unknown["raw/pages/2.xml"][..]), (Completeness::Incomplete, &paths[..]));
}

#[test]
fn asks_for_emails_that_a_page_names_but_lacks() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    let belonging = "<belongings><belonging id=\"5\"><position>1</position><widget type=\"Email\" id=\"41\"/></belonging></belongings>";
    let body = xml(&format!("<page title=\"Two\" id=\"2\">{belonging}</page>"));
    account.insert("raw/pages/2.xml".to_owned(), body);
    assert_eq!(run(&archive, &account).failed.len(), 1);
    let emails =
        xml("<emails><email id=\"41\" subject=\"Hi\" created_at=\"2009-03-14 08:05:40\">First</email></emails>");
    account.insert("raw/pages/2/emails.xml".to_owned(), emails);
    assert_eq!(run(&archive, &account).failed.len(), 0);
    let opened = crate::Archive::open(&archive).unwrap();
    assert_eq!(opened.account().pages[1].page.emails[0].body, "First");
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
}

#[test]
fn asks_once_for_what_a_listing_names_twice() {
    let (_folder, archive) = temp();
    let mut account = new_account();
    let calendars = &account["raw/calendars.xml"];
    let calendar = calendars.trim_start_matches("<calendars>").trim_end_matches("</calendars>").to_owned();
    account.insert("raw/calendars.xml".to_owned(), format!("<calendars>{calendar}{calendar}</calendars>"));
    let (summary, requests) = try_run(&archive, &account, None).unwrap();
    assert_eq!((summary.responses, requests.len(), summary.reused), (13, 13, 0));
    assert_eq!(verify(&archive).unwrap().missing, ["raw/calendars.xml has calendar 301 twice"]);
}

#[test]
fn a_request_without_a_response_does_not_balance() {
    let (_folder, archive) = temp();
    let mut backup = Backup::start(&archive, "https://acme.backpackit.com", None, Timestamp::UNIX_EPOCH).unwrap();
    while let Some(request) = backup.next_request().unwrap() {
        if request != Request::Statuses {
            backup.record(request, new_account()[&request.file()].as_bytes()).unwrap();
        }
    }
    assert!(matches!(backup.finish(&Run::default()), Err(BackupError::Unbalanced(_))));
}

#[test]
fn only_the_owner_can_read_the_archive() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, archive) = temp();
    let mut account = new_account();
    run(&archive, &account);
    account.insert("raw/pages/2.xml".to_owned(), xml(&page(2, "Second")));
    run(&archive, &account);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in names(&archive) {
        let path = archive.join(&name);
        assert_eq!(mode(&path), 0o600, "{name}");
        path.ancestors().skip(1).take_while(|above| above.starts_with(&archive)).for_each(|above| {
            assert_eq!(mode(above), 0o700, "{}", above.display());
        });
    }
}

/// Returns everything of an archive that a reader sees: files and bytes of its state.
fn state(folder: &Path) -> BTreeMap<String, String> {
    let opened = crate::Archive::open(folder).unwrap();
    let entries = opened
        .manifest()
        .iter()
        .flat_map(|manifest| &manifest.responses)
        .map(|entry| (entry.file.clone(), entry.sha256.clone()))
        .collect();
    assert_eq!(opened.problems(), []);
    entries
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_crash_at_any_change_of_a_file_leaves_the_former_or_the_new_archive_and_the_next_run_completes() {
    let before = new_account();
    let mut after = new_account();
    after.insert("raw/pages/2.xml".to_owned(), xml(&page(2, "Second")));
    after.insert("raw/pages/3.xml".to_owned(), xml(&page(3, "Third")));
    after.insert("raw/pages.xml".to_owned(), xml("<pages><page title=\"One\" id=\"1\"/><page title=\"Two\" id=\"2\"/><page title=\"Three\" id=\"3\"/></pages>"));
    after.insert("raw/calendars.xml".to_owned(), "<calendars/>".to_owned());
    let (_expected_folder, expected) = temp();
    run(&expected, &before);
    let former = state(&expected);
    run(&expected, &after);
    let new = state(&expected);
    let old_names = |folder: &Path| names(folder).into_iter().filter(|name| name != "runs.jsonl").collect::<Vec<_>>();
    let mut crashes = 0;
    for calls in 1.. {
        let (_folder, archive) = temp();
        run(&archive, &before);
        let (result, is_ended) = crash::after(calls, || try_run(&archive, &after, None));
        assert_eq!(result.is_err(), is_ended, "after {calls} changes");
        let found = state(&archive);
        assert!(found == former || found == new, "after {calls} changes: {found:?}");
        assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete, "after {calls} changes");
        if !is_ended {
            break;
        }
        crashes += 1;
        run(&archive, &after);
        assert!(state(&archive) == new, "after {calls} changes");
        assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete, "after {calls} changes");
        assert_eq!(old_names(&archive), old_names(&expected), "after {calls} changes");
    }
    assert!(crashes > 30, "{crashes}");
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_crash_of_the_first_backup_leaves_nothing_that_keeps_the_next_one_from_completing() {
    for calls in 1.. {
        let (_folder, archive) = temp();
        let (_, is_ended) = crash::after(calls, || try_run(&archive, &new_account(), None));
        run(&archive, &new_account());
        assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete, "after {calls} changes");
        if !is_ended {
            break;
        }
    }
}

#[test]
fn uses_the_pages_of_an_interrupted_backup() {
    let (_folder, archive) = temp();
    let now = Timestamp::UNIX_EPOCH;
    let mut backup = Backup::start(&archive, "https://acme.backpackit.com", None, now).unwrap();
    while let Some(request) = backup.next_request().unwrap() {
        if request == Request::Reminders {
            break;
        }
        backup.record(request, new_account()[&request.file()].as_bytes()).unwrap();
    }
    drop(backup);
    let (summary, requests) = try_run(&archive, &new_account(), None).unwrap();
    assert_eq!(summary.reused, 2);
    assert!(!requests.contains(&Request::Page(PageId(2))));
    assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete);
}

#[test]
fn does_not_use_the_pages_of_an_interrupted_backup_of_another_account() {
    let (_folder, archive) = temp();
    let mut of_tom = new_account();
    of_tom.insert("raw/me.xml".to_owned(), "<user><id>81</id><name>Tom</name></user>".to_owned());
    of_tom.insert("raw/users/81/export.xml".to_owned(), of_tom["raw/users/77/export.xml"].clone());
    of_tom.insert("raw/pages/2.xml".to_owned(), xml(&page(2, "Of Tom")));
    let mut backup = Backup::start(&archive, "https://acme.backpackit.com", None, Timestamp::UNIX_EPOCH).unwrap();
    while let Some(request) = backup.next_request().unwrap().filter(|request| *request != Request::Reminders) {
        match of_tom.get(&request.file()) {
            Some(body) => backup.record(request, body.as_bytes()).unwrap(),
            None => backup.record_failure(request, String::new()),
        }
    }
    drop(backup);
    assert!(archive.join("next/raw/pages/2.xml").exists());
    let (summary, requests) = try_run(&archive, &new_account(), None).unwrap();
    assert_eq!(summary.reused, 0);
    assert!(requests.contains(&Request::Page(PageId(2))));
    assert_eq!(crate::Archive::open(&archive).unwrap().account().pages[1].page.title, "Two");
}
