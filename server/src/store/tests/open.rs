//! Opening files, and rejecting those of other programs and newer versions.

use rusqlite::Connection;

use super::super::connection::enable_wal;
use super::super::{OpenError, Store};
use super::support::{count_notes, list_files, open_demo, read_files, set_pragma, write_notes};
use crate::ApiError;

#[test]
fn rejects_a_file_of_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    drop(open_demo(folder.path()));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000_000).unwrap();
    let error = Store::open(&path).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::TooNew(_)), "{error}");
}

#[test]
fn does_not_change_files_of_other_programs() {
    let create_file = |statements: &str| {
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
        let folder = create_file(statements);
        let path = folder.path().join("data.backpack");
        let before = read_files(folder.path());
        for open in [Store::open, Store::open_existing, Store::open_read_only] {
            let error = open(&path).map(drop).unwrap_err();
            assert_eq!(error.to_string(), format!("{} is not a Backpack data file", path.display()), "{statements}");
            assert!(read_files(folder.path()) == before, "{statements}");
        }
    }
}

#[test]
fn only_open_initializes_an_empty_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    for open in [Store::open_existing, Store::open_read_only] {
        open(&path).map(drop).unwrap_err();
        assert!(!path.exists());
        std::fs::write(&path, "").unwrap();
        let error = open(&path).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::NotBackpack(_)), "{error}");
        assert_eq!(read_files(folder.path()), [("data.backpack".to_owned(), vec![])]);
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::write(&path, "").unwrap();
    drop(open_demo(folder.path()));
    Store::open_existing(&path).unwrap().check().unwrap();
}

#[test]
fn accepts_a_file_without_an_application_id_and_adds_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.backpack");
    drop(open_demo(folder.path()));
    // The separate connection stays open, and sees what each store writes.
    let read_id = |db: &Connection| db.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0)).unwrap();
    let db = Connection::open(&path).unwrap();
    let application_id = read_id(&db);
    db.pragma_update(None, "application_id", 0).unwrap();
    Store::open_read_only(&path).unwrap().check().unwrap();
    assert_eq!(read_id(&db), 0, "opened for reading only");
    Store::open_existing(&path).unwrap().check().unwrap();
    assert_eq!(read_id(&db), application_id);
    assert_ne!(application_id, 0);
}

#[test]
fn a_file_opened_read_only_can_be_copied_but_not_written() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open_demo(folder.path()));
    let path = folder.path().join("data.backpack");
    let before = std::fs::read(&path).unwrap();
    let store = Store::open_read_only(&path).unwrap();
    store.check().unwrap();
    assert_eq!(write_notes(&store), Err(ApiError::Unavailable));
    store.backup(&copies.path().join("data.backpack")).unwrap();
    drop(store);
    assert!(std::fs::read(&path).unwrap() == before);
    assert_eq!(count_notes(copies.path()), count_notes(folder.path()));
}

#[test]
fn opening_and_checking_do_not_wait_for_writers() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    set_pragma(&store, "busy_timeout", 0);
    let other = Connection::open(folder.path().join("data.backpack")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    Store::open(&folder.path().join("data.backpack")).unwrap().check().unwrap();
    store.check().unwrap();
}

#[test]
fn distinguishes_transient_open_errors_from_permanent_ones() {
    use rusqlite::ffi;
    for code in [ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED, ffi::SQLITE_FULL, ffi::SQLITE_IOERR_READ] {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        assert!(OpenError::Sqlite("data.backpack".into(), error.into()).is_transient(), "{code}");
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = Store::open(&folder.path().join("missing/data.backpack")).map(drop).unwrap_err();
    assert!(matches!(missing, OpenError::Create(..)) && !missing.is_transient(), "{missing}");
    let full = OpenError::Create("data.backpack".into(), std::io::ErrorKind::StorageFull.into());
    assert!(full.is_transient() && OpenError::ReadOnly("data.backpack".into()).is_transient());
    assert!(!OpenError::TooNew("data.backpack".into()).is_transient());
}

#[test]
fn detects_that_the_write_ahead_log_is_unsupported() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(enable_wal(&Connection::open(folder.path().join("file")).unwrap()), Ok(true));
    assert_eq!(enable_wal(&Connection::open_in_memory().unwrap()), Ok(false));
}

#[test]
fn closing_leaves_a_single_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    store.check().unwrap();
    drop(store);
    assert_eq!(list_files(folder.path()), ["data.backpack"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file_its_log_and_its_copies() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    store.backup(&folder.path().join("copy.backpack")).unwrap();
    let all = list_files(folder.path());
    assert_eq!(all, ["copy.backpack", "data.backpack", "data.backpack-shm", "data.backpack-wal"]);
    for name in all {
        let mode = std::fs::metadata(folder.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
