//! Backups.

use super::super::{BackupError, Store};
use super::support::{list_files, open_demo};

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
