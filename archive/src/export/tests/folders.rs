//! Folders: second runs, files of the user, names, sums.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use backpack_api::{Page, PageId};
use tempfile::tempdir;

use super::sample::{FEED_TOKEN, MAILBOX, archive_page, build_account, page_with_note};
use crate::export::content::names::fold_path;
use crate::export::content::object::list_objects;
use crate::export::report::{ExportError, Report};
use crate::export::{Format, Kind, render, write_folder};
use crate::model::Account;

/// Reads all files below a folder: path, modification time and content.
fn read_tree(folder: &Path) -> BTreeMap<String, (SystemTime, Vec<u8>)> {
    let mut tree = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                tree.insert(name, (path.metadata().unwrap().modified().unwrap(), fs::read(&path).unwrap()));
            }
        }
    }
    tree
}

#[test]
fn a_second_export_writes_nothing() {
    let account = build_account();
    for format in Format::ALL {
        let folder = tempdir().unwrap();
        let first = write_folder(&account, *format, folder.path(), false).unwrap();
        let before = read_tree(folder.path());
        let second = write_folder(&account, *format, folder.path(), true).unwrap();
        assert_eq!(before, read_tree(folder.path()), "{}", format.name());
        assert!(first.files.written > 0 && first.files.unchanged == 0, "{first:?}");
        assert!(second.files.written == 0 && second.files.unchanged == first.files.written, "{second:?}");
    }
}

#[test]
fn every_object_has_exactly_one_fate() {
    let account = build_account();
    for format in Format::ALL {
        let folder = tempdir().unwrap();
        let report = write_folder(&account, *format, folder.path(), false).unwrap();
        let total: usize = report.objects.values().map(|counts| counts.total()).sum();
        assert_eq!(total, list_objects(&account).len(), "{}", format.name());
        let rendering = render(&account, *format).unwrap();
        let files = rendering.files.iter().flat_map(|file| &file.objects);
        let mut objects: Vec<_> = files.chain(rendering.skipped.iter().map(|(object, _)| object)).copied().collect();
        let mut expected = list_objects(&account);
        objects.sort();
        expected.sort();
        assert_eq!(objects, expected, "{}", format.name());
    }
}

#[test]
fn sums_that_do_not_balance_are_an_error() {
    let account = build_account();
    let mut objects = list_objects(&account);
    let mut report = Report::default();
    objects.iter().for_each(|object| report.add_skipped(*object, "test"));
    report.check_balance(&objects).unwrap();
    let last = objects.pop().unwrap();
    assert!(matches!(report.check_balance(&objects), Err(ExportError::Unbalanced { kind, .. }) if kind == last.kind));
}

#[test]
fn files_of_the_user_are_never_touched() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut account = build_account();
    fs::write(path("index.md"), "mine").unwrap();
    fs::write(path("own.md"), "mine").unwrap();
    let report = write_folder(&account, Format::Markdown, folder.path(), true).unwrap();
    assert_eq!(report.failures.len(), 1, "{report:?}");
    assert_eq!(report.failures[0].path, "index.md");
    assert_eq!(report.objects[&Kind::Bookmark].failed, 2);
    fs::write(path("13-the-boat.md"), "changed").unwrap();
    account.pages[1].page.title = "The Boat".to_owned();
    let report = write_folder(&account, Format::Markdown, folder.path(), true).unwrap();
    let failed: Vec<&str> = report.failures.iter().map(|failed| failed.path.as_str()).collect();
    assert_eq!(failed, ["13-the-boat.md", "index.md"]);
    for (name, content) in [("index.md", "mine"), ("own.md", "mine"), ("13-the-boat.md", "changed")] {
        assert_eq!(fs::read_to_string(path(name)).unwrap(), content);
    }
}

#[test]
fn files_of_earlier_exports_are_removed_only_on_request_and_only_unchanged() {
    let folder = tempdir().unwrap();
    let mut account = build_account();
    let export = |account: &Account, prune| write_folder(account, Format::Markdown, folder.path(), prune).unwrap();
    export(&account, false);
    fs::write(folder.path().join("14.md"), "changed").unwrap();
    account.pages.truncate(1);
    account.journal.clear();
    let report = export(&account, false);
    assert_eq!(report.stale, ["13-the-boat.md", "14.md", "journal/2009-03.md", "journal/2009-04.md"]);
    let report = export(&account, true);
    assert_eq!((report.files.removed, &report.stale[..]), (3, &["14.md".to_owned()][..]));
    assert!(!folder.path().join("journal").exists() && !folder.path().join("13-the-boat.md").exists());
    assert_eq!(fs::read_to_string(folder.path().join("14.md")).unwrap(), "changed");
}

#[test]
fn an_interrupted_export_is_completed_by_the_next() {
    let folder = tempdir().unwrap();
    let list = folder.path().join(".backpack-markdown.sha256");
    let mut account = build_account();
    write_folder(&account, Format::Markdown, folder.path(), false).unwrap();
    let complete = fs::read(&list).unwrap();
    account.pages[1].page.description = Some("Sold".to_owned());
    write_folder(&account, Format::Markdown, folder.path(), false).unwrap();
    // A run that ended before it saved the list has added the new hashes at its end.
    let new = fs::read(&list).unwrap();
    fs::write(&list, [complete, new].concat()).unwrap();
    account.pages[1].page.description = Some("Bought".to_owned());
    let report = write_folder(&account, Format::Markdown, folder.path(), false).unwrap();
    assert!(report.is_complete() && report.files.written == 1, "{report:?}");
}

#[test]
fn a_damaged_list_is_an_error() {
    let folder = tempdir().unwrap();
    let list = folder.path().join(".backpack-csv.sha256");
    for text in ["x", "00  ../secret\n", "00  /etc/passwd\n", "\u{0}"] {
        fs::write(&list, text).unwrap();
        let error = write_folder(&build_account(), Format::Csv, folder.path(), true).unwrap_err();
        assert!(matches!(error, ExportError::FileList(_)), "{error}");
    }
}

/// Titles that are difficult as names of files.
pub(super) fn list_titles() -> Vec<String> {
    let mut titles: Vec<String> = [
        "", "???", "CON", "con.txt", "nul", "a", "A", "é", "e\u{301}", "É", "../x", "..", "x.", "x ...", "a\nb",
        "a\r\nb", "/etc/passwd", "C:\\x", "a:b", "a|b*c?<d>\"e\"", ".hidden", "-rf", "ﬁ", "fi", "İstanbul",
        "\u{202e}txt.exe", "a\0b", "~", "COM¹", "ß", "SS", "日本語",
    ]
    .map(str::to_owned)
    .to_vec();
    titles.extend(["😀".repeat(300), "x".repeat(300), "é".repeat(300), "e\u{301}".repeat(300), "a ".repeat(300)]);
    titles
}

#[test]
fn no_two_things_share_a_file_and_no_name_is_refused() {
    let mut account = build_account();
    let titles = list_titles();
    account.pages = titles.iter().zip(1..).map(|(title, number)| page_with_note(number, title, "x")).collect();
    // Numbers that are not unique.
    account.pages.push(page_with_note(6, "a", "y"));
    account.pages.push(page_with_note(6, "a-2", "z"));
    let calendar = account.calendars[0].clone();
    account.calendars = titles.iter().map(|title| calendar.clone_with(title)).collect();
    for format in Format::ALL {
        let rendering = render(&account, *format).unwrap();
        let mut folded: Vec<String> = rendering.files.iter().map(|file| fold_path(&file.path)).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), rendering.files.len(), "{}", format.name());
        for file in &rendering.files {
            file.path.split('/').for_each(check_name);
        }
    }
    let folder = tempdir().unwrap();
    let report = write_folder(&account, Format::Markdown, folder.path(), false).unwrap();
    assert!(report.is_complete(), "{:?}", report.failures);
}

/// Checks that Windows and macOS accept a name.
fn check_name(name: &str) {
    const RESERVED: &[&str] = &["con", "prn", "aux", "nul", "com1", "lpt1", "conin$", "conout$"];
    let stem = name.split('.').next().unwrap().to_lowercase();
    assert!(!name.is_empty() && name.len() <= 128, "{name:?}");
    assert!(!RESERVED.contains(&stem.as_str()), "{name:?}");
    assert!(!name.ends_with(['.', ' ']) && !name.starts_with([' ', '.', '-']), "{name:?}");
    assert!(!name.chars().any(|c| c.is_control() || "<>:\"/\\|?*\u{202e}".contains(c)), "{name:?}");
    let normalized: String = unicode_normalization::UnicodeNormalization::nfc(name).collect();
    assert_eq!(normalized, name);
}

impl crate::model::ArchivedCalendar {
    /// Copies the calendar under another name.
    fn clone_with(&self, name: &str) -> Self {
        let mut copy = self.clone();
        copy.calendar.name = name.to_owned();
        copy
    }
}

#[test]
fn no_export_has_a_token_or_a_secret_address() {
    for format in Format::ALL {
        for file in render(&build_account(), *format).unwrap().files {
            let text = String::from_utf8(file.content).unwrap();
            assert!(!text.contains(FEED_TOKEN) && !text.contains(MAILBOX), "{}", file.path);
        }
    }
}

#[test]
fn an_account_without_anything_has_an_export() {
    for format in Format::ALL {
        let folder = tempdir().unwrap();
        write_folder(&Account::default(), *format, folder.path(), false).unwrap();
        let page = archive_page(Page::new("", PageId(1)));
        let account = Account { pages: vec![page], ..Account::default() };
        write_folder(&account, *format, folder.path(), true).unwrap();
    }
}
