//! A file with demo content, and helpers that write, count and list.

use std::path::Path;

use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use super::super::Store;
use crate::{ApiError, demo};

/// Creates `data.backpack` in a folder, or opens an empty one, and fills it with the demo content.
pub(super) fn open_demo(folder: &Path) -> Store {
    let store = Store::open(&folder.join("data.backpack")).unwrap();
    demo::fill(&store, Timestamp::UNIX_EPOCH).unwrap();
    store
}

/// Writes 200 notes of 1 kB in one write.
pub(super) fn write_notes(store: &Store) -> Result<(), ApiError> {
    const NOTE: &str =
        "INSERT INTO notes (page_id, title, body, created_at) VALUES (1, 'Much', zeroblob(1000) || ?1, 0)";
    const POSITION: &str =
        "INSERT INTO belongings (page_id, position, kind, widget_id) VALUES (1, 9, 'Note', last_insert_rowid())";
    store.write_blocking(|db| {
        (0..200).try_for_each(|number: i64| {
            db.prepare_cached(NOTE)?.execute([number])?;
            Ok(db.prepare_cached(POSITION)?.execute(()).map(drop)?)
        })
    })
}

/// Counts the notes over a separate connection, as another program would.
pub(super) fn count_notes(folder: &Path) -> i64 {
    let db = Connection::open(folder.join("data.backpack")).unwrap();
    db.query_row("SELECT count(*) FROM notes", (), |row| row.get(0)).unwrap()
}

/// Sets a pragma of the connection that writes.
pub(super) fn set_pragma(store: &Store, pragma: &'static str, value: i64) {
    store
        .write_blocking(move |db| {
            Ok(db.pragma_update_and_check(None, pragma, value, |_| Ok(())).or_else(ignore_no_rows)?)
        })
        .unwrap();
}

/// Ignores that a pragma returned no row: only some return their new value.
fn ignore_no_rows(error: rusqlite::Error) -> rusqlite::Result<()> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}

/// Returns the name and the bytes of each file in a folder.
pub(super) fn read_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    list_files(folder).into_iter().map(|name| (name.clone(), std::fs::read(folder.join(name)).unwrap())).collect()
}

/// Returns the names of the files in a folder, sorted.
pub(super) fn list_files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}
