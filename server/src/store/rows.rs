//! Running statements and reading their rows.
//!
//! Statements are cached by their text, so each connection parses a statement once.

use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, Params, Row, RowIndex};

use crate::ApiError;

/// Runs a query and reads all its rows.
///
/// # Errors
///
/// If the storage cannot be read.
pub(crate) fn query_all<T>(
    db: &Connection,
    query: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, ApiError> {
    Ok(db.prepare_cached(query)?.query_map(params, read)?.collect::<Result<_, _>>()?)
}

/// Runs a query and reads its first row. Further rows are ignored.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no row.
pub(crate) fn query_one<T>(
    db: &Connection,
    query: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<T, ApiError> {
    Ok(db.prepare_cached(query)?.query_row(params, read)?)
}

/// Runs a statement and returns the number of rows that it changed.
///
/// # Errors
///
/// If the storage cannot be written.
pub(crate) fn execute(db: &Connection, statement: &str, params: impl Params) -> Result<usize, ApiError> {
    Ok(db.prepare_cached(statement)?.execute(params)?)
}

/// Runs a statement that has to change at least one row.
///
/// # Errors
///
/// [`ApiError::NotFound`] if it changed none.
pub(crate) fn execute_one(db: &Connection, statement: &str, params: impl Params) -> Result<(), ApiError> {
    if execute(db, statement, params)? == 0 { Err(ApiError::NotFound) } else { Ok(()) }
}

/// Inserts a row and returns its id, which SQLite assigns.
///
/// # Errors
///
/// [`ApiError::NotFound`] if it inserted none, as `INSERT … SELECT` does if the selected row does not exist.
pub(crate) fn insert<Id: From<u64>>(db: &Connection, statement: &str, params: impl Params) -> Result<Id, ApiError> {
    match db.prepare_cached(statement)?.insert(params) {
        Ok(rowid) => Ok(Id::from(u64::try_from(rowid).unwrap_or_default())),
        Err(rusqlite::Error::StatementChangedRows(0)) => Err(ApiError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// Reads a column as an id.
pub(crate) fn read_id<Id: From<u64>>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Id> {
    row.get::<_, u64>(column).map(Id::from)
}

/// Reads a column as a point in time. `NULL` and seconds out of range are read as the Unix epoch.
pub(crate) fn read_time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Timestamp> {
    Ok(read_optional_time(row, column)?.unwrap_or_default())
}

/// Reads a column as a point in time. Returns `None` if it is `NULL`, or its seconds are out of range.
pub(crate) fn read_optional_time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|second| Timestamp::from_second(second).ok()))
}
