//! Reads and writes side by side, and writes that fail.

use std::sync::mpsc;
use std::time::Duration;

use rusqlite::Connection;

use super::support::{count_notes, open_demo, set_pragma, write_notes};
use crate::ApiError;

#[test]
fn a_full_disk_rejects_the_whole_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let before = count_notes(folder.path());
    // Leaves room for ten more database pages, which is less than the notes need.
    let pages: i64 =
        store.write_blocking(|db| Ok(db.pragma_query_value(None, "page_count", |row| row.get(0))?)).unwrap();
    set_pragma(&store, "max_page_count", pages + 10);
    assert_eq!(write_notes(&store), Err(ApiError::Unavailable));
    assert_eq!(count_notes(folder.path()), before, "nothing was written");
    set_pragma(&store, "max_page_count", 1_000_000);
    assert_eq!(write_notes(&store), Ok(()));
    assert_eq!(count_notes(folder.path()), before + 200);
    store.check().unwrap();
}

#[test]
fn a_read_only_file_rejects_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let before = count_notes(folder.path());
    // SQLite rejects writes as if the file were read-only.
    set_pragma(&store, "query_only", 1);
    assert_eq!(write_notes(&store), Err(ApiError::Unavailable));
    assert_eq!(count_notes(folder.path()), before);
}

#[test]
fn a_locked_file_rejects_writes_until_it_is_unlocked() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    set_pragma(&store, "busy_timeout", 0);
    let before = count_notes(folder.path());
    let other = Connection::open(folder.path().join("data.backpack")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(write_notes(&store), Err(ApiError::Unavailable));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(write_notes(&store), Ok(()));
    assert_eq!(count_notes(folder.path()), before + 200);
}

#[test]
fn a_write_that_panics_is_rolled_back_and_the_next_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let before = count_notes(folder.path());
    let rejected = store.write_blocking(|db| -> Result<(), ApiError> {
        db.execute("DELETE FROM notes", ())?;
        panic!("bug in an operation")
    });
    assert_eq!(rejected, Err(ApiError::Internal));
    assert_eq!(count_notes(folder.path()), before);
    assert_eq!(write_notes(&store), Ok(()));
}

#[test]
fn a_write_that_breaks_its_savepoint_rolls_back_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let before = count_notes(folder.path());
    for result in [Ok(()), Err(ApiError::NotFound)] {
        let rejected = store.write_blocking(move |db| {
            db.execute_batch("DELETE FROM notes; RELEASE work")?;
            result
        });
        assert_eq!(rejected, Err(ApiError::Unavailable));
        assert_eq!(count_notes(folder.path()), before);
    }
    assert_eq!(write_notes(&store), Ok(()));
}

#[test]
fn a_read_does_not_block_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(open_demo(folder.path()));
    set_pragma(&store, "busy_timeout", 0);
    let before = count_notes(folder.path());
    let writer = std::sync::Arc::clone(&store);
    let seen = store.read_blocking(move |db| {
        let count = || db.query_row("SELECT count(*) FROM notes", (), |row| row.get::<_, i64>(0));
        let first = count()?;
        assert_eq!(write_notes(&writer), Ok(()));
        Ok((first, count()?))
    });
    assert_eq!(seen, Ok((before, before)), "a read sees one snapshot of the file");
    assert_eq!(count_notes(folder.path()), before + 200);
}

/// Uses a runtime with one thread: the short read finishes while the long one still runs.
#[test]
fn a_long_read_does_not_block_short_ones() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (sender, receiver) = mpsc::channel();
    let long = store.read_long(move |_| receiver.recv_timeout(TEST_TIMEOUT).map_err(|_| ApiError::Unavailable));
    let short = async {
        let pages: i64 = store.read(|db| Ok(db.query_row("SELECT count(*) FROM pages", (), |row| row.get(0))?)).await?;
        let _ = sender.send(pages);
        Ok::<_, ApiError>(pages)
    };
    let (long, short) = runtime.block_on(async { tokio::join!(long, short) });
    assert_eq!((long, short), (Ok(3), Ok(3)));
}

/// Time that the long read waits for the short one, so that the test fails instead of hanging.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
