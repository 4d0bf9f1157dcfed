//! `backpack host import`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backpack_api::ApiToken;
use backpack_api::blocking::Client;

use crate::backup::snapshot;
use crate::support::{Finished, Home, ServiceProcess, backpack, host_stdout, run_command, run_host, temp_data};

/// An archive of the demo.
struct DemoArchive {
    home: Home,
    folder: PathBuf,
}

impl DemoArchive {
    fn create() -> Self {
        let service = ServiceProcess::demo();
        let home = Home::logged_in(&service);
        home.stdout(&["backup", "demo.backpack"]);
        let folder = home.path().join("demo.backpack");
        Self { home, folder }
    }

    /// Runs the import of the archive into a data file.
    fn import(&self, data: &Path, options: &[&str]) -> Finished {
        let mut command = self.home.command(&["host", "import"]);
        run_command(command.arg(&self.folder).args(options).arg("--data").arg(data), "")
    }

    /// Imports the archive into a data file, which should succeed. Returns the report, one fact a line.
    fn import_into(&self, data: &Path) -> String {
        let finished = self.import(data, &[]);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.out
    }
}

/// Returns the value of the first line of a report that begins with a name.
fn find_fact<'r>(report: &'r str, name: &str) -> Option<&'r str> {
    report.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))
}

/// Reads the files of an archive's folder `raw`, with secrets masked.
fn read_responses(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mask_all = |text: &str| mask(&mask(text, "email_address=\"", "\""), "<token>", "<");
    let files = snapshot(&folder.join("raw")).into_iter();
    let files = files.map(|(path, (bytes, _))| {
        let path = Path::new(&path).strip_prefix(folder).expect("a path in the folder");
        (path.to_owned(), mask_all(str::from_utf8(&bytes).expect("text")))
    });
    files.collect()
}

/// Replaces each text between two marks.
fn mask(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| masked + start + part.find(end).map_or("", |index| &part[index..]))
}

#[test]
fn a_backup_of_an_imported_account_is_the_archive_that_was_imported() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let imported = archive.import(&data, &[]);
    assert!(imported.err.ends_with(&format!("Next: backpack serve --data {}\n", data.display())), "{imported:?}");
    let report = imported.out;
    assert_eq!(find_fact(&report, "account"), Some("demo\tnew"));
    assert!(report.contains("default\t1 attachment: names only"), "{report}");
    assert!(report.contains("count\tjournal entries\t"), "{report}");
    let token = find_fact(&report, "token").expect("a token");
    let service = ServiceProcess::serve(&data);
    archive.home.log_in("demo", &service, token);
    archive.home.stdout(&["backup", "again.backpack"]);
    assert_eq!(read_responses(&archive.home.path().join("again.backpack")), read_responses(&archive.folder));
    assert_eq!(host_stdout(&data, &["db", "check"]), "ok");
}

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    let archive = DemoArchive::create();
    let (folder, data) = temp_data();
    let dry_run = archive.import(&data, &["--dry-run"]);
    assert_eq!(dry_run.code, Some(0), "{dry_run:?}");
    assert!(!data.exists(), "a dry run creates no file");
    // The same with a file that has an account with other content.
    drop(ServiceProcess::serve(&data));
    let list = || fs::read_dir(folder.path()).expect("the folder").count();
    let (before, files) = (fs::read(&data).expect("the file"), list());
    let dry_run = archive.import(&data, &["--dry-run"]);
    assert!(fs::read(&data).expect("the file") == before && list() == files);
    assert!(dry_run.err.starts_with("Dry run, nothing was changed."), "{}", dry_run.err);
    let report = archive.import_into(&data);
    let (token, rest): (Vec<_>, Vec<_>) = report.lines().partition(|line| line.starts_with("token\t"));
    assert_eq!((token.len(), rest), (1, dry_run.out.lines().collect()));
    assert!(!dry_run.err.contains("Next: "), "{}", dry_run.err);
}

#[test]
fn a_second_import_changes_nothing_and_prints_no_token() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    archive.import_into(&data);
    let before = fs::read(&data).expect("the file");
    let report = archive.import_into(&data);
    assert_eq!((find_fact(&report, "account"), find_fact(&report, "token")), (Some("demo\tpresent"), None));
    assert!(
        report.lines().filter(|line| line.starts_with("count\t")).all(|line| line.contains("\t0 new\t")),
        "{report}"
    );
    assert!(fs::read(&data).expect("the file") == before);
}

#[test]
fn imports_while_the_service_runs() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let report = archive.import_into(&data);
    let token = ApiToken::new(find_fact(&report, "token").expect("a token")).expect("a valid token");
    let url = service.base_url.replace("127.0.0.1", "demo.localhost");
    let client = Client::with_base_url(&url, token, "Test (jo@example.com)").expect("a client");
    let me = client.users().me().expect("the user");
    assert_eq!(find_fact(&report, "user"), Some(&*format!("{}\t{}", me.id, me.name)));
    // User 1 is that of the first account of the file.
    assert!(report.contains("renumbered\tusers\t1\t"), "{report}");
    assert!(!client.pages().list().expect("the pages").is_empty());
}

#[test]
fn prints_the_report_as_json() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let finished = archive.import(&data, &["--json", "--account", "moved"]);
    let report: serde_json::Value = serde_json::from_str(&finished.out).expect("JSON");
    assert_eq!((&report["account"], &report["dry_run"]), (&"moved".into(), &false.into()));
    assert!(report["counts"]["pages"]["new"].as_u64() > Some(0), "{report}");
    assert_eq!(report["token"].as_str().map(str::len), Some(40));
    let dry_run = archive.import(&data, &["--json", "--dry-run"]);
    assert!(serde_json::from_str::<serde_json::Value>(&dry_run.out).expect("JSON")["token"].is_null());
}

#[test]
fn imports_a_bare_export_as_its_user() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let export = archive.folder.join("raw/users/1/export.xml");
    let report = host_stdout(&data, &["import", export.to_str().expect("a path")]);
    assert_eq!(find_fact(&report, "user"), Some("1\tInes Moreau"));
    assert!(report.contains("default\tuser 1 (Ines Moreau): time zone UTC"), "{report}");
}

#[test]
fn names_what_an_incomplete_archive_lacks_and_imports_the_rest() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let raw = archive.folder.join("raw/calendars.xml");
    fs::write(&raw, "<calendars><calendar>").expect("a damaged file");
    let finished = archive.import(&data, &[]);
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(finished.out.contains("missing\traw/calendars.xml: "), "{}", finished.out);
    assert!(finished.out.contains("missing\tevent "), "events without their calendar: {}", finished.out);
    assert!(finished.err.contains("the archive is incomplete"), "{}", finished.err);
    assert_eq!(host_stdout(&data, &["account", "list"]), "demo\t-\t-");
}

#[test]
fn names_a_changed_file_and_imports_it_nevertheless() {
    let archive = DemoArchive::create();
    let (_folder, data) = temp_data();
    let raw = archive.folder.join("raw/calendars.xml");
    let changed = fs::read_to_string(&raw).expect("a file").replace("<name>", "<name>My ");
    fs::write(&raw, changed).expect("a changed file");
    let finished = archive.import(&data, &[]);
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(finished.out.contains("missing\traw/calendars.xml: the file is damaged"), "{}", finished.out);
    assert!(host_stdout(&data, &["calendar", "list", "demo"]).contains("\tMy "));
}

#[test]
fn rejects_what_it_cannot_import_and_creates_no_file() {
    let archive = DemoArchive::create();
    let (folder, data) = temp_data();
    let invalid = archive.import(&data, &["--account", "not a name"]);
    assert!(invalid.code == Some(1) && invalid.err.contains("An account name has 1 to 63 letters"), "{invalid:?}");
    let missing = run_host(&data, &["import", "missing.backpack"]);
    assert!(!missing.0 && missing.2.contains("there is no archive missing.backpack"), "{missing:?}");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let empty = run_host(&data, &["import", empty.to_str().expect("a path")]);
    assert!(!empty.0 && empty.2.lines().count() == 1, "{empty:?}");
    assert!(!data.exists());
    drop(ServiceProcess::serve(&data));
    let other = archive.import(&data, &["--account", "home"]);
    assert!(other.code == Some(1) && other.err.contains("is not from this archive"), "{other:?}");
}

/// The import is killed by the system at its first write beyond a size, at all sizes up to that of the whole import.
#[cfg(unix)]
#[test]
fn a_kill_leaves_the_former_file_or_the_whole_account() {
    let archive = DemoArchive::create();
    let (folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    let base = folder.path().join("base");
    host_stdout(&data, &["db", "backup", base.to_str().expect("a path")]);
    let (mut kills, mut size) = (0, 0);
    loop {
        let copy = folder.path().join(format!("copy-{size}"));
        fs::copy(&base, &copy).expect("a copy");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "ulimit -c 0; ulimit -f \"$0\"; exec \"$@\"", &size.to_string()]);
        command.arg(backpack().get_program()).args(["host", "import"]).arg(&archive.folder);
        let finished = run_command(command.arg("--data").arg(&copy), "");
        assert_eq!(host_stdout(&copy, &["db", "check"]), "ok", "killed at {size} blocks");
        let accounts = host_stdout(&copy, &["account", "list"]);
        match finished.code {
            // It is killed after the commit, too, while the log is copied into the file.
            None => assert!(["demo\t-\t-\nhome\t-\t-", "home\t-\t-"].contains(&&*accounts), "{accounts}"),
            code => {
                assert_eq!((code, &*accounts), (Some(0), "demo\t-\t-\nhome\t-\t-"), "{finished:?}");
                break;
            }
        }
        let report = archive.import_into(&copy);
        let is_new = accounts == "home\t-\t-";
        assert_eq!(find_fact(&report, "account"), Some(if is_new { "demo\tnew" } else { "demo\tpresent" }));
        (kills, size) = (kills + 1, size + 32);
    }
    assert!(kills > 5, "the import was killed only {kills} times");
}
