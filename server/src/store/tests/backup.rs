//! Backups.

use std::error::Error;
use std::io;
use std::path::Path;

use rusqlite::Connection;

use super::super::backup::write_copy;
use super::super::restore::replace;
use super::super::{BackupError, RestoreError, Store};
use super::support::{list_files, open_demo};

/// Fails to sync a folder.
fn fail_sync(_: &Path) -> io::Result<()> {
    Err(io::Error::other("the disk is failing"))
}

#[test]
fn reports_a_complete_copy_whose_folder_cannot_be_synced() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_demo(folder.path()));
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    let error = write_copy(&Connection::open(data).unwrap(), &copy, fail_sync).unwrap_err();
    assert!(matches!(error, BackupError::NotSynced(..)), "{error:?}");
    assert_eq!(error.to_string(), format!("{} is complete, but its folder cannot be synced to disk", copy.display()));
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the disk is failing"));
    Store::open(&copy).unwrap().check().unwrap();
}

#[test]
fn reports_a_restored_file_whose_folder_cannot_be_synced() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_demo(folder.path()));
    let (data, new) = (folder.path().join("data.backpack"), folder.path().join("new.backpack"));
    std::fs::write(&new, "new").unwrap();
    let now = "2009-03-15T21:12:09.5Z".parse().unwrap();
    let error = replace(&data, &new, now, fail_sync).unwrap_err();
    assert!(matches!(error, RestoreError::NotSynced(..)), "{error:?}");
    assert_eq!(error.to_string(), format!("{} is restored, but its folder cannot be synced to disk", data.display()));
    assert_eq!(std::fs::read(&data).unwrap(), b"new");
    assert_eq!(list_files(folder.path()), ["data.backpack", "data.backpack.old-2009-03-15T211209.500Z"]);
}

/// Otherwise, a program that prints the chain of an error prints the cause twice.
#[test]
fn errors_leave_their_cause_to_the_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no database at all".repeat(100)).unwrap();
    let store = open_demo(folder.path());
    let errors: [Box<dyn Error>; 4] = [
        Store::open(&folder.path().join("notes.txt")).map(drop).unwrap_err().into(),
        Store::open(&folder.path().join("missing/data.backpack")).map(drop).unwrap_err().into(),
        store.backup(&folder.path().join("missing/copy.backpack")).unwrap_err().into(),
        Store::restore(&folder.path().join("data.backpack"), &folder.path().join("notes.txt")).unwrap_err().into(),
    ];
    for error in errors {
        let cause = error.source().expect("a cause");
        assert!(!error.to_string().contains(&cause.to_string()), "{error}");
        assert!(cause.source().is_none(), "{cause}");
    }
}

#[test]
fn a_failed_backup_leaves_no_file_and_does_not_prevent_another() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open_demo(folder.path());
    let copy = copies.path().join("copy.backpack");
    let missing = store.backup(&copies.path().join("missing/copy.backpack")).unwrap_err();
    assert!(matches!(missing, BackupError::Io(..)), "{missing}");
    // Left by an interrupted backup.
    std::fs::write(copies.path().join("copy.backpack.part"), "half of it").unwrap();
    store.backup(&copy).unwrap();
    assert_eq!(list_files(copies.path()), ["copy.backpack"]);
    Store::open(&copy).unwrap().check().unwrap();
    let again = store.backup(&copy).unwrap_err();
    assert!(matches!(again, BackupError::Exists(_)), "{again}");
    std::fs::create_dir(copies.path().join("other.part")).unwrap();
    store.backup(&copies.path().join("other")).unwrap_err();
    assert!(!copies.path().join("other").exists());
}

#[test]
fn rejects_a_store_in_memory_and_a_name_that_is_not_utf_8() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Store::in_memory().unwrap().backup(&folder.path().join("copy")).unwrap_err();
    assert!(matches!(memory, BackupError::InMemory), "{memory}");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let copy = folder.path().join(std::ffi::OsStr::from_bytes(b"copy\xff"));
        let name = open_demo(folder.path()).backup(&copy).unwrap_err();
        assert!(matches!(name, BackupError::NotUtf8(_)), "{name}");
    }
}
