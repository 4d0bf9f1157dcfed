//! The size of a page, and its maximum.

use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use super::super::{Store, page_size};
use super::support::open_demo;
use crate::{ApiError, demo};

/// Statements that change every element that counts, on the page 1 and on a new page 1000.
const CHANGES: &str = "
    INSERT INTO pages (id, account_id, title, description, mailbox, created_at, updated_at)
        VALUES (1000, 1, 'Fähre', NULL, 'ferry', 0, 0);
    UPDATE pages SET description = 'Neun Tage' WHERE id = 1000;
    UPDATE pages SET title = '', description = NULL, updated_at = 1 WHERE id = 1;
    INSERT INTO notes (id, page_id, title, body, created_at) VALUES (1000, 1000, 'a', 'ä', 0), (1001, 1000, 'b', 'c', 0);
    UPDATE notes SET body = 'longer', created_at = 1 WHERE id = 1000;
    DELETE FROM notes WHERE id = 1001;
    INSERT INTO lists (id, page_id, name) VALUES (1000, 1000, 'a'), (1001, 1000, 'b');
    UPDATE lists SET name = 'longer' WHERE id = 1000;
    INSERT INTO items (id, list_id, content, position, updated_at)
        VALUES (1000, 1000, 'a', 1, 0), (1001, 1000, 'b', 2, 0), (1002, 1001, 'c', 1, 0);
    UPDATE items SET content = 'longer', completed = 1 WHERE id = 1000;
    DELETE FROM items WHERE id = 1001;
    DELETE FROM lists WHERE id = 1001;
    INSERT INTO separators (id, page_id, name) VALUES (1000, 1000, 'a'), (1001, 1000, 'b');
    UPDATE separators SET name = 'longer' WHERE id = 1000;
    DELETE FROM separators WHERE id = 1001;
    INSERT INTO galleries (id, page_id, name) VALUES (1000, 1000, 'a'), (1001, 1000, 'b');
    UPDATE galleries SET name = 'longer' WHERE id = 1000;
    INSERT INTO images (id, gallery_id, file_name) VALUES (1000, 1000, 'a'), (1001, 1000, 'b'), (1002, 1001, 'c');
    UPDATE images SET file_name = 'longer', description = 'd' WHERE id = 1000;
    DELETE FROM images WHERE id = 1001;
    DELETE FROM galleries WHERE id = 1001;
    INSERT INTO attachments (id, page_id, file_name) VALUES (1000, 1000, 'a'), (1001, 1000, 'b');
    UPDATE attachments SET file_name = 'longer' WHERE id = 1000;
    DELETE FROM attachments WHERE id = 1001;
    DELETE FROM notes WHERE page_id = 1;
    DELETE FROM lists WHERE page_id = 1;";

/// The migration, which first computes the sizes of all pages.
const MIGRATION: &str = include_str!("../migrations/0003_page_size.sql");

/// Lists the ids of all pages with their sizes.
fn list_sizes(db: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut statement = db.prepare("SELECT id, size FROM pages ORDER BY id")?;
    statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The migration computes the sizes from all rows, and the triggers from each change.
#[test]
fn triggers_keep_the_size_that_the_migration_computes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_demo(folder.path());
    let compute = MIGRATION.split_inclusive(';').find(|statement| statement.contains("UPDATE pages")).unwrap();
    let (kept, computed) = store
        .write_blocking(|db| {
            db.execute_batch(CHANGES)?;
            let kept = list_sizes(db)?;
            db.execute_batch(compute)?;
            Ok::<_, ApiError>((kept, list_sizes(db)?))
        })
        .unwrap();
    assert_eq!(kept, computed);
    assert!(kept.iter().all(|(_, size)| *size >= 200), "{kept:?}");
}

/// Adds a note with 2 MB of text to page 1.
const ADD_LARGE_NOTE: &str =
    "INSERT INTO notes (page_id, title, body, created_at) VALUES (1, 'Large', hex(zeroblob(1000000)), 0)";

/// Creates a store with demo data, and adds large notes to page 1 until there is no room for another one.
fn create_store_with_full_page() -> Store {
    let store = Store::in_memory().unwrap();
    demo::fill(&store, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(write(&store, ADD_LARGE_NOTE), Ok(1));
    assert_eq!(write(&store, ADD_LARGE_NOTE), Ok(1));
    assert_eq!(write(&store, ADD_LARGE_NOTE), Err(ApiError::InvalidValue(page_size::FULL)));
    store
}

/// Runs a statement. Returns the number of rows that it changed.
fn write(store: &Store, statement: &'static str) -> Result<usize, ApiError> {
    store.write_blocking(move |db| Ok(db.execute(statement, ())?))
}

#[test]
fn a_note_on_a_full_page_grows_by_a_few_bytes_only() {
    let store = create_store_with_full_page();
    let grown = write(&store, "UPDATE notes SET body = body || hex(zeroblob(1000000)) WHERE title = 'Large'");
    assert_eq!(grown, Err(ApiError::InvalidValue(page_size::FULL)));
    assert_eq!(write(&store, "UPDATE notes SET body = body || '.' WHERE title = 'Large'"), Ok(2));
}

#[test]
fn a_full_page_still_receives_mail() {
    let store = create_store_with_full_page();
    let receive = "INSERT INTO emails (page_id, subject, body, created_at)
        SELECT 1, title, body, 0 FROM notes WHERE title = 'Large'";
    assert_eq!(write(&store, receive), Ok(2));
}

#[test]
fn a_full_page_has_room_again_after_a_deletion() {
    let store = create_store_with_full_page();
    assert_eq!(write(&store, "DELETE FROM notes WHERE title = 'Large'"), Ok(2));
    assert_eq!(write(&store, ADD_LARGE_NOTE), Ok(1));
}
