//! [`Store`], which opens a file and runs reads and writes.
//!
//! - **Reads** use separate connections. Each sees one snapshot of the file, and waits for no other read or write.
//! - **Writes** run on one thread, the `writer`. Writes that arrive together share a commit.
//!
//! A store in memory has one connection, that of the writer. Its reads run there, like writes.
//!
//! **Invariant:** a write returns after its commit is on disk.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode, MAIN_DB};

use super::backup::{self, BackupError};
use super::check::{self, CheckError};
use super::connection::{configure, enable_wal, open_for_cleanup, open_read_write};
use super::error::OpenError;
use super::migrate::{self, FileKind};
use super::page_size::limit_page_sizes;
use super::paths::has_wal;
use super::read_pool::ReadPool;
use super::writer::Writer;
use crate::{ApiError, private_files};

/// The storage. Share it in an `Arc`.
pub struct Store {
    /// Connections for reading; `None` if the data is in memory, where only the writer has a connection.
    read_pool: Option<Arc<ReadPool>>,
    /// **Invariant:** dropped after the read pool, since it is declared after it. The connection that is closed last
    /// copies the log into the file, for which it needs write permission.
    writer: Writer,
}

impl Store {
    /// Opens a file and updates its schema, or creates the file. An empty file is treated as a new one.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file cannot be opened or created, or is not a data file of this version or an older one. A
    /// file of another program is not changed.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        match private_files::create_new(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(OpenError::Create(path.to_owned(), error));
            }
            _ => {}
        }
        Self::open_kind(path, &[FileKind::Empty, FileKind::Backpack])
    }

    /// Opens an existing file and updates its schema.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open); also if there is no such file or it is empty, which `open` accepts.
    pub fn open_existing(path: &Path) -> Result<Self, OpenError> {
        Self::open_kind(path, &[FileKind::Backpack])
    }

    /// Opens a file of one of the allowed kinds, which has to exist, and updates its schema.
    fn open_kind(path: &Path, allowed: &[FileKind]) -> Result<Self, OpenError> {
        let sqlite_error = |error| OpenError::from_sqlite(path, error);
        let mut connection = open_read_write(path).map_err(sqlite_error)?;
        if connection.is_readonly(MAIN_DB).map_err(sqlite_error)? {
            // SQLite opened the file for reading only. This is checked before SQLite creates a log that it cannot
            // write.
            return Err(OpenError::ReadOnly(path.to_owned()));
        }
        let kind = migrate::detect_kind(&connection).map_err(sqlite_error)?;
        ensure_kind(path, kind, allowed)?;
        if !enable_wal(&connection).map_err(sqlite_error)? {
            return Err(OpenError::NoWal(path.to_owned()));
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite_error)?;
        if !migrate::migrate(&mut connection).map_err(sqlite_error)? {
            return Err(OpenError::TooNew(path.to_owned()));
        }
        configure(&connection).map_err(sqlite_error)?;
        limit_page_sizes(&connection).map_err(sqlite_error)?;
        Ok(Self { writer: Writer::start(connection), read_pool: Some(ReadPool::new(path, false)) })
    }

    /// Opens an existing file for reading only. The schema may be of an older version, and the file and its folder may
    /// be read-only. Every write is rejected.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file does not exist, cannot be read, or is not a data file of this version or an older one.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        // Without commits in a log, the file itself is complete. It can then be read without the log, and closing a
        // connection with write permission does not change it.
        let is_complete = !has_wal(path);
        let open = |is_immutable| -> rusqlite::Result<_> {
            let read_pool = ReadPool::new(path, is_immutable);
            let connection = read_pool.checkout()?;
            Ok((migrate::detect_kind(&connection)?, connection, read_pool))
        };
        // To read a file in WAL mode, even with an empty log, SQLite has to create a file next to it. If it cannot, the
        // file is opened as immutable.
        let opened = open(false).or_else(|error| match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) if is_complete => open(true),
            _ => Err(error),
        });
        let (kind, connection, read_pool) = opened.map_err(|error| OpenError::from_sqlite(path, error))?;
        ensure_kind(path, kind, &[FileKind::Backpack])?;
        let may_clean_up = is_complete && !read_pool.is_immutable();
        let cleanup = if may_clean_up { open_for_cleanup(path).ok() } else { None };
        // The writer rejects all writes, but its connection is closed last, so it removes the log if it can.
        let last_connection = match cleanup {
            Some(cleanup) => {
                read_pool.checkin(connection);
                cleanup
            }
            None => connection,
        };
        Ok(Self { writer: Writer::start(last_connection), read_pool: Some(read_pool) })
    }

    /// Creates a store in memory. Dropping it discards the data.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if SQLite cannot be set up.
    pub fn in_memory() -> Result<Self, OpenError> {
        let sqlite_error = |error| OpenError::from_sqlite(Path::new("memory"), error);
        let mut connection = Connection::open_in_memory().map_err(sqlite_error)?;
        migrate::migrate(&mut connection).map_err(sqlite_error)?;
        configure(&connection).map_err(sqlite_error)?;
        limit_page_sizes(&connection).map_err(sqlite_error)?;
        Ok(Self { writer: Writer::start(connection), read_pool: None })
    }

    /// Runs a short read. `work` sees one snapshot of the file.
    ///
    /// If the store is a file, `work` runs on the calling thread: a short read takes less time than a switch to another
    /// thread and back.
    ///
    /// # Errors
    ///
    /// The error of `work`, and [`ApiError::Unavailable`] if the file cannot be read at the moment.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(read_pool) = &self.read_pool else { return self.write(work).await };
        read_pool.read(work)
    }

    /// Runs a long read on another thread, so that it blocks no other task. The number of long reads at the same time
    /// is limited; further ones wait.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); also [`ApiError::Internal`] if `work` panics.
    pub async fn read_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(read_pool) = &self.read_pool else { return self.write(work).await };
        let permit = read_pool.acquire_long_read_permit().await?;
        let read_pool = Arc::clone(read_pool);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also if the caller stopped waiting.
            let _permit = permit;
            read_pool.read(work)
        });
        task.await.unwrap_or(Err(ApiError::Internal))
    }

    /// Runs a write: applies all changes of `work`, or none if it returns an error. Returns after the commit is on
    /// disk.
    ///
    /// # Errors
    ///
    /// The error of `work`; [`ApiError::Unavailable`] if the file cannot be written at the moment;
    /// [`ApiError::Internal`] if `work` panics.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.writer.write(work).await
    }

    /// Checks the integrity of the file: its database pages and indexes, the references between rows, and the positions
    /// of widgets. Every widget has to have a position on its page, and every position a widget.
    ///
    /// # Errors
    ///
    /// [`CheckError`] with the problems found, or with the reason why the file cannot be read.
    ///
    /// # Panics
    ///
    /// Inside an async runtime if the store is in memory, since it waits for the writer thread.
    pub fn check(&self) -> Result<(), CheckError> {
        match self.read_blocking(|db| Ok(check::find_problems(db))) {
            Ok(problems) if problems.is_empty() => Ok(()),
            Ok(problems) => Err(CheckError(problems)),
            Err(error) => Err(CheckError(vec![error.to_string()])),
        }
    }

    /// Writes a copy of the file as it is at this moment, while other reads and writes continue. Returns after the copy
    /// is on disk.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if the copy exists already or cannot be written, or the store is in memory. No copy is left then,
    /// except after [`BackupError::NotSynced`].
    pub fn backup(&self, copy: &Path) -> Result<(), BackupError> {
        let Some(read_pool) = &self.read_pool else { return Err(BackupError::InMemory) };
        let connection = read_pool.checkout().map_err(|error| BackupError::Sqlite(copy.to_owned(), error.into()))?;
        backup::write_copy(&connection, copy, backup::sync_folder)?;
        read_pool.checkin(connection);
        Ok(())
    }

    /// Runs a read on the calling thread, for callers without an async runtime. Otherwise like [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// The same as for [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// Inside an async runtime if the store is in memory, since it waits for the writer thread.
    pub fn read_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Some(read_pool) = &self.read_pool else { return self.write_blocking(work) };
        read_pool.read(work)
    }

    /// Runs a write like [`write`](Self::write), and blocks until it is committed, for callers without an async
    /// runtime.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// Inside an async runtime, since it blocks.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.writer.write_blocking(work)
    }
}

/// Checks that a file has one of the allowed kinds.
fn ensure_kind(path: &Path, kind: FileKind, allowed: &[FileKind]) -> Result<(), OpenError> {
    match kind {
        FileKind::NewerVersion => Err(OpenError::TooNew(path.to_owned())),
        kind if allowed.contains(&kind) => Ok(()),
        _ => Err(OpenError::NotBackpack(path.to_owned())),
    }
}
