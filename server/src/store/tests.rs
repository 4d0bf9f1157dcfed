//! What the storage does when it cannot do what it should.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use super::{BackupError, OpenError, Store};
use crate::{ApiError, demo};

fn filled(folder: &Path) -> Store {
    let store = Store::open(&folder.join("data.backpack")).unwrap();
    demo::fill(&store, Timestamp::UNIX_EPOCH).unwrap();
    store
}

/// Writes 200 notes of 1 kB, all or none.
fn write(store: &Store) -> Result<(), ApiError> {
    const NOTE: &str =
        "INSERT INTO notes (page_id, title, body, created_at) VALUES (1, 'Much', zeroblob(1000) || ?1, 0)";
    const PLACE: &str =
        "INSERT INTO belongings (page_id, position, kind, widget_id) VALUES (1, 9, 'Note', last_insert_rowid())";
    store.write_blocking(|db| {
        (0..200).try_for_each(|number: i64| {
            db.prepare_cached(NOTE)?.execute([number])?;
            Ok(db.prepare_cached(PLACE)?.execute(()).map(drop)?)
        })
    })
}

/// How many notes there are, as another program sees it.
fn notes(folder: &Path) -> i64 {
    let db = Connection::open(folder.join("data.backpack")).unwrap();
    db.query_row("SELECT count(*) FROM notes", (), |row| row.get(0)).unwrap()
}

fn set(store: &Store, pragma: &'static str, value: i64) {
    store
        .write_blocking(move |db| {
            Ok(db.pragma_update_and_check(None, pragma, value, |_| Ok(())).or_else(nothing_said)?)
        })
        .unwrap();
}

/// Some settings answer nothing.
fn nothing_said(error: rusqlite::Error) -> rusqlite::Result<()> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}

#[test]
fn on_a_full_disk_a_write_is_refused_whole_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let before = notes(folder.path());
    let pages: i64 =
        store.write_blocking(|db| Ok(db.pragma_query_value(None, "page_count", |row| row.get(0))?)).unwrap();
    set(&store, "max_page_count", pages + 10);
    assert_eq!(write(&store), Err(ApiError::Unavailable));
    assert_eq!(notes(folder.path()), before, "nothing is half written");
    set(&store, "max_page_count", 1_000_000);
    assert_eq!(write(&store), Ok(()));
    assert_eq!(notes(folder.path()), before + 200);
    store.check().unwrap();
}

#[test]
fn a_file_that_cannot_be_written_refuses_writes_and_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let before = notes(folder.path());
    set(&store, "query_only", 1);
    assert_eq!(write(&store), Err(ApiError::Unavailable));
    assert_eq!(notes(folder.path()), before);
}

#[test]
fn a_file_that_another_program_has_locked_refuses_writes_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    set(&store, "busy_timeout", 0);
    let before = notes(folder.path());
    let other = Connection::open(folder.path().join("data.backpack")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(write(&store), Err(ApiError::Unavailable));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(write(&store), Ok(()));
    assert_eq!(notes(folder.path()), before + 200);
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    drop(filled(folder.path()));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000_000).unwrap();
    let error = Store::open(&path).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::TooNew(_)), "{error}");
}

/// All of a folder: each file's name and bytes.
fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    names(folder).into_iter().map(|name| (name.clone(), std::fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn a_file_that_is_something_else_is_not_touched() {
    let other = |statements: &str| {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(folder.path().join("data.backpack")).unwrap().execute_batch(statements).unwrap();
        folder
    };
    for statements in [
        "CREATE TABLE mine (a)",
        "CREATE TABLE mine (a); PRAGMA user_version = 1",
        "CREATE TABLE bookmarks (a); CREATE TABLE pages (a)",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
        "PRAGMA application_id = 7; CREATE TABLE accounts (a)",
    ] {
        let folder = other(statements);
        let path = folder.path().join("data.backpack");
        let before = bytes(folder.path());
        for open in [Store::open, Store::existing, Store::to_read] {
            let error = open(&path).map(drop).unwrap_err();
            assert_eq!(error.to_string(), format!("{} is no Backpack file", path.display()), "{statements}");
            assert!(bytes(folder.path()) == before, "{statements}");
        }
    }
}

#[test]
fn only_who_may_create_a_file_fills_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    for open in [Store::existing, Store::to_read] {
        open(&path).map(drop).unwrap_err();
        assert!(!path.exists());
        std::fs::write(&path, "").unwrap();
        let error = open(&path).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Foreign(_)), "{error}");
        assert_eq!(bytes(folder.path()), [("data.backpack".to_owned(), vec![])]);
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::write(&path, "").unwrap();
    drop(filled(folder.path()));
    Store::existing(&path).unwrap().check().unwrap();
}

#[test]
fn a_file_of_before_files_had_a_mark_is_ours_and_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    drop(filled(folder.path()));
    let mark = |db: &Connection| db.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0)).unwrap();
    let db = Connection::open(&path).unwrap();
    let ours = mark(&db);
    db.pragma_update(None, "application_id", 0).unwrap();
    Store::to_read(&path).unwrap().check().unwrap();
    assert_eq!(mark(&db), 0, "reading writes nothing");
    Store::existing(&path).unwrap().check().unwrap();
    assert_eq!(mark(&db), ours);
    assert_ne!(ours, 0);
}

#[test]
fn a_file_that_is_opened_to_read_is_read_copied_and_not_written() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(filled(folder.path()));
    let path = folder.path().join("data.backpack");
    let before = std::fs::read(&path).unwrap();
    let store = Store::to_read(&path).unwrap();
    store.check().unwrap();
    assert_eq!(write(&store), Err(ApiError::Unavailable));
    store.backup(&copies.path().join("data.backpack")).unwrap();
    drop(store);
    assert!(std::fs::read(&path).unwrap() == before);
    assert_eq!(notes(copies.path()), notes(folder.path()));
}

/// What a check of a filled file says after something was done to it by hand.
fn wrong_after(statements: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join("data.backpack");
    Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA foreign_keys = 0; {statements}")).unwrap();
    Store::to_read(&path).unwrap().check().err().map(|error| error.0).unwrap_or_default()
}

#[test]
fn a_check_says_in_few_lines_what_refers_to_nothing() {
    let broken = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
        INSERT INTO items (list_id, content, position, updated_at) SELECT 77, 'Boots', n, 0 FROM numbers";
    assert_eq!(wrong_after(broken), ["10000 in items refer to what is not in lists"]);
}

#[test]
fn a_check_finds_what_has_no_place_and_places_of_nothing() {
    assert_eq!(wrong_after(""), [""; 0]);
    let lost = wrong_after("DELETE FROM belongings WHERE id = (SELECT id FROM belongings WHERE kind = 'Note' LIMIT 1)");
    assert_eq!(lost, ["1 in notes have no place on their page"]);
    let empty = wrong_after("DELETE FROM separators");
    assert_eq!(empty, ["1 in belongings are places of what is not in separators"]);
    let elsewhere = wrong_after("UPDATE lists SET page_id = 3 WHERE id = 1");
    assert_eq!(
        elsewhere,
        ["1 in lists have no place on their page", "1 in belongings are places of what is not in lists"]
    );
}

#[test]
fn a_check_of_a_damaged_file_says_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let path = folder.path().join("data.backpack");
    let mut damaged = std::fs::read(&path).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4 * 4096].fill(0xa5);
    std::fs::write(&path, damaged).unwrap();
    let wrong = Store::to_read(&path).unwrap().check().unwrap_err().0;
    assert!(wrong.len() <= 24 && wrong.iter().any(|line| line.contains("page")), "{wrong:?}");
    assert!(!wrong.iter().any(|line| line.contains("Internal error")), "{wrong:?}");
}

#[test]
fn work_that_panics_is_undone_and_the_next_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let before = notes(folder.path());
    let refused = store.write_blocking(|db| -> Result<(), ApiError> {
        db.execute("DELETE FROM notes", ())?;
        panic!("a mistake in an operation")
    });
    assert_eq!(refused, Err(ApiError::Internal));
    assert_eq!(notes(folder.path()), before);
    assert_eq!(write(&store), Ok(()));
}

#[test]
fn work_that_cannot_be_undone_alone_takes_the_whole_commit_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let before = notes(folder.path());
    for result in [Ok(()), Err(ApiError::NotFound)] {
        let refused = store.write_blocking(move |db| {
            db.execute_batch("DELETE FROM notes; RELEASE work")?;
            result
        });
        assert_eq!(refused, Err(ApiError::Unavailable));
        assert_eq!(notes(folder.path()), before);
    }
    assert_eq!(write(&store), Ok(()));
}

#[test]
fn opening_and_checking_a_file_wait_for_nobody_who_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    set(&store, "busy_timeout", 0);
    let other = Connection::open(folder.path().join("data.backpack")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    Store::open(&folder.path().join("data.backpack")).unwrap().check().unwrap();
    store.check().unwrap();
}

#[test]
fn writing_goes_on_while_something_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(filled(folder.path()));
    set(&store, "busy_timeout", 0);
    let before = notes(folder.path());
    let writer = std::sync::Arc::clone(&store);
    let seen = store.read_blocking(move |db| {
        let count = || db.query_row("SELECT count(*) FROM notes", (), |row| row.get::<_, i64>(0));
        let first = count()?;
        assert_eq!(write(&writer), Ok(()));
        Ok((first, count()?))
    });
    assert_eq!(seen, Ok((before, before)), "one moment of the file");
    assert_eq!(notes(folder.path()), before + 200);
}

#[test]
fn a_file_that_cannot_be_opened_just_now_is_told_from_one_that_never_can() {
    use rusqlite::ffi;
    for code in [ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED, ffi::SQLITE_FULL, ffi::SQLITE_IOERR_READ] {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        assert!(OpenError::Sqlite("data.backpack".into(), error).may_pass(), "{code}");
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = Store::open(&folder.path().join("missing/data.backpack")).map(drop).unwrap_err();
    assert!(matches!(missing, OpenError::Create(..)) && !missing.may_pass(), "{missing}");
    let full = OpenError::Create("data.backpack".into(), std::io::ErrorKind::StorageFull.into());
    assert!(full.may_pass() && OpenError::ReadOnly("data.backpack".into()).may_pass());
    assert!(!OpenError::TooNew("data.backpack".into()).may_pass());
}

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_backup_that_fails_leaves_nothing_and_hinders_no_other() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled(folder.path());
    let copy = copies.path().join("copy.backpack");
    let missing = store.backup(&copies.path().join("missing/copy.backpack")).unwrap_err();
    assert!(matches!(missing, BackupError::File(..)), "{missing}");
    // What a try that broke off has left.
    std::fs::write(copies.path().join("copy.backpack.part"), "half of it").unwrap();
    store.backup(&copy).unwrap();
    assert_eq!(names(copies.path()), ["copy.backpack"]);
    Store::open(&copy).unwrap().check().unwrap();
    let again = store.backup(&copy).unwrap_err();
    assert!(matches!(again, BackupError::Exists(_)), "{again}");
    std::fs::create_dir(copies.path().join("other.part")).unwrap();
    store.backup(&copies.path().join("other")).unwrap_err();
    assert!(!copies.path().join("other").exists());
}

#[test]
fn a_backup_says_what_it_cannot_copy() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Store::in_memory().unwrap().backup(&folder.path().join("copy")).unwrap_err();
    assert!(matches!(memory, BackupError::Memory), "{memory}");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let copy = folder.path().join(std::ffi::OsStr::from_bytes(b"copy\xff"));
        let name = filled(folder.path()).backup(&copy).unwrap_err();
        assert!(matches!(name, BackupError::Name(_)), "{name}");
    }
}

#[test]
fn when_it_is_closed_all_is_in_the_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    store.check().unwrap();
    drop(store);
    assert_eq!(names(folder.path()), ["data.backpack"]);
}

#[test]
fn what_has_no_write_ahead_log_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(super::logs_ahead(&Connection::open(folder.path().join("file")).unwrap()), Ok(true));
    assert_eq!(super::logs_ahead(&Connection::open_in_memory().unwrap()), Ok(false));
}

#[cfg(unix)]
#[test]
fn the_file_its_log_and_its_copies_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    store.backup(&folder.path().join("copy.backpack")).unwrap();
    let all = names(folder.path());
    assert_eq!(all, ["copy.backpack", "data.backpack", "data.backpack-shm", "data.backpack-wal"]);
    for name in all {
        let mode = std::fs::metadata(folder.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// On a runtime with one thread, a short read is answered while a long one is still at work.
#[test]
fn a_long_read_keeps_no_short_one_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, receiver) = mpsc::channel();
    let long = store.read_long(move |_| receiver.recv_timeout(PATIENCE).map_err(|_| ApiError::Unavailable));
    let short = async {
        let pages: i64 = store.read(|db| Ok(db.query_row("SELECT count(*) FROM pages", (), |row| row.get(0))?)).await?;
        let _ = sender.send(pages);
        Ok::<_, ApiError>(pages)
    };
    let (long, short) = runtime.block_on(async { tokio::join!(long, short) });
    assert_eq!((long, short), (Ok(3), Ok(3)));
}

/// Longer than any read takes, so that a test fails rather than hangs.
const PATIENCE: Duration = Duration::from_secs(20);
