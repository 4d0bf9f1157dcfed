//! Maximum size of a page of a user, which is not a database page.

use rusqlite::{Connection, Error};

use crate::ApiError;

/// Maximum size of a page in bytes: of its texts, with 200 bytes for each element. Mail does not count.
const MAX_PAGE_SIZE: u32 = 4 * 1024 * 1024;

/// Message for a user whose addition would exceed the maximum.
pub(crate) const FULL: &str = "The page is full: its texts are limited to 4 MiB";

/// Rejects statements that make a page larger than the maximum, on this connection. A page that is larger already, since
/// an older version wrote it, can still become smaller. The table `pages` has the size of each page.
pub(super) fn limit_page_sizes(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "CREATE TEMP TRIGGER page_is_full AFTER UPDATE OF size ON main.pages
         WHEN new.size > old.size AND new.size > {MAX_PAGE_SIZE} BEGIN SELECT RAISE(ABORT, '{FULL}'); END"
    ))
}

/// Runs a write whose pages may be larger than the maximum. If `work` fails, the rollback of its transaction restores the
/// limit.
pub(crate) fn without_limit<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    connection.execute_batch("DROP TRIGGER IF EXISTS temp.page_is_full")?;
    let result = work(connection)?;
    limit_page_sizes(connection)?;
    Ok(result)
}

/// `true` if a statement was rejected because a page would have become too large.
pub(crate) fn is_page_full(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(_, Some(message)) if message == FULL)
}
