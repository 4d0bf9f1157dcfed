//! Connections for reading.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection;
use crate::ApiError;

/// Maximum number of long reads at the same time.
const MAX_LONG_READS: usize = 8;

/// Pool of connections for reading. It opens a connection when none is idle.
pub(super) struct ReadPool {
    path: PathBuf,
    /// `true` if SQLite cannot create files next to the file. The file is then read without locks, as one that no
    /// process changes.
    is_immutable: bool,
    /// Connections that no read uses at the moment.
    idle: Mutex<Vec<Connection>>,
    long_read_permits: Arc<Semaphore>,
}

impl ReadPool {
    /// Creates a pool for a file. It opens no connection yet.
    pub(super) fn new(path: &Path, is_immutable: bool) -> Arc<Self> {
        let long_read_permits = Arc::new(Semaphore::new(MAX_LONG_READS));
        Arc::new(Self { path: path.to_owned(), is_immutable, idle: Mutex::default(), long_read_permits })
    }

    /// `true` if the file is read as one that no process changes.
    pub(super) fn is_immutable(&self) -> bool {
        self.is_immutable
    }

    /// Runs `work` in a transaction, so that it sees one snapshot of the file.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ApiError>) -> Result<T, ApiError> {
        // Returned to the pool at the end. If `BEGIN` or `ROLLBACK` fails or `work` panics, it is closed instead.
        let connection = self.checkout()?;
        connection.prepare_cached("BEGIN")?.execute(())?;
        let result = work(&connection);
        // There is nothing to commit.
        connection.prepare_cached("ROLLBACK")?.execute(())?;
        self.checkin(connection);
        result
    }

    /// Waits until a long read may start. The caller holds the permit until the read is done.
    pub(super) async fn acquire_long_read_permit(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.long_read_permits).acquire_owned().await.map_err(|_| ApiError::Internal)
    }

    /// Takes an idle connection, or opens one.
    pub(super) fn checkout(&self) -> rusqlite::Result<Connection> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        if self.is_immutable { connection::open_immutable(&self.path) } else { connection::open_read_only(&self.path) }
    }

    /// Returns a connection to the pool.
    pub(super) fn checkin(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
