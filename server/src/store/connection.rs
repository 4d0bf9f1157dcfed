//! Opening and configuring connections.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use super::migrate;
use crate::text;

/// Time to wait for a lock that another connection or program holds on the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a file for reading and writing. The connection is not configured yet: see [`configure`].
pub(super) fn open_read_write(path: &Path) -> rusqlite::Result<Connection> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// Opens a file for reading only, and configures the connection. SQLite may create `-wal` and `-shm` files next to it.
pub(super) fn open_read_only(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    configure(&connection)?;
    Ok(connection)
}

/// Opens a file for reading only, under the assumption that no process changes it: SQLite takes no locks and creates no
/// files next to it.
pub(super) fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    // Percent-encodes every byte, since the path is part of a URI.
    let path: String = path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("%{byte:02x}")).collect();
    let uri = format!("file:{path}?immutable=1");
    let connection = open(Path::new(&uri), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?;
    configure(&connection)?;
    Ok(connection)
}

/// Opens a file with write permission, but rejects all statements that write.
///
/// SQLite creates `-wal` and `-shm` files next to a file that it reads. If this connection is closed last, it removes
/// them, which a read-only connection cannot do.
pub(super) fn open_for_cleanup(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open_read_write(path)?;
    connection.pragma_update(None, "query_only", true)?;
    configure(&connection)?;
    // Any read would do: SQLite opens the log only at the first read, and removes only a log that it has opened.
    migrate::detect_kind(&connection)?;
    Ok(connection)
}

/// Opens a file without configuring the connection. Each connection is used by one thread at a time, so SQLite need not
/// lock a mutex for each call.
fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Enables the write-ahead log, without which readers and the writer would block each other. Returns `false` if SQLite
/// keeps the previous mode, which it does without an error.
pub(super) fn enable_wal(connection: &Connection) -> rusqlite::Result<bool> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| Ok(row.get::<_, String>(0)? == "wal"))
}

/// Applies the settings that every connection has: foreign keys are enforced, and there are two more SQL functions, as
/// [`add_functions`] describes.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    // Without this, SQLite plans a query again whenever a bound value might change the plan.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    add_functions(connection)?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Adds two SQL functions.
///
/// - `folded(text)`: the case-folded text, for sorting and comparing.
/// - `holds(text, term)`: true if the text contains the term, ignoring case. The term has to be case-folded already.
pub(super) fn add_functions(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function("holds", 2, FunctionFlags::SQLITE_DETERMINISTIC, |values| {
        let text = values.get_raw(0).as_str_or_null()?.map(text::fold_case);
        Ok(text.is_some_and(|text| values.get_raw(1).as_str().is_ok_and(|term| text.contains(term))))
    })?;
    connection.create_scalar_function("folded", 1, FunctionFlags::SQLITE_DETERMINISTIC, |values| {
        Ok(values.get_raw(0).as_str_or_null()?.map(text::fold_case))
    })
}
