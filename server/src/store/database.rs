//! [`Store`], which opens a file and runs reads and writes.
//!
//! - **Reads** use connections of their own. Each sees one snapshot of the file, and waits for no other read or write.
//! - **Writes** run on one thread, the `writer`. Writes that arrive together share a commit.
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
use super::paths::has_wal;
use super::read_pool::ReadPool;
use super::writer::Writer;
use crate::Refusal;
use crate::files;

/// The storage. Share it in an `Arc`.
pub struct Store {
    /// Connections for reading; `None` if the data is in memory, where only the writer has a connection.
    read_pool: Option<Arc<ReadPool>>,
    /// **Invariant:** dropped after the read pool. The connection that is closed last copies the log into the file, for
    /// which it needs write permission.
    writer: Writer,
}

impl Store {
    /// Opens a file, or creates it. An empty file is treated as a new one.
    ///
    /// # Errors
    ///
    /// [`OpenError`]. A file of another program is not changed.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        match files::create_new(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(OpenError::Create(path.to_owned(), error));
            }
            _ => {}
        }
        Self::open_kind(path, &[FileKind::Empty, FileKind::Backpack])
    }

    /// Opens an existing file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), also if there is no such file or it is empty.
    pub fn open_existing(path: &Path) -> Result<Self, OpenError> {
        Self::open_kind(path, &[FileKind::Backpack])
    }

    fn open_kind(path: &Path, allowed: &[FileKind]) -> Result<Self, OpenError> {
        let sqlite_error = |error| OpenError::from_sqlite(path, error);
        let mut connection = open_read_write(path).map_err(sqlite_error)?;
        if connection.is_readonly(MAIN_DB).map_err(sqlite_error)? {
            // SQLite opened the file for reading only. Checked before it creates a log that nobody could write.
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
        Ok(Self { writer: Writer::start(connection), read_pool: Some(ReadPool::new(path, false)) })
    }

    /// Opens an existing file for reading only. The schema may be of an older version, and the file and its folder may be
    /// read-only. Every write is rejected.
    ///
    /// # Errors
    ///
    /// As [`open_existing`](Self::open_existing).
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let is_complete = !has_wal(path);
        let open = |immutable| -> rusqlite::Result<_> {
            let read_pool = ReadPool::new(path, immutable);
            let connection = read_pool.checkout()?;
            Ok((migrate::detect_kind(&connection)?, connection, read_pool))
        };
        // To read a file with a write-ahead log, even an empty one, SQLite has to create a file beside it. Where it
        // cannot, the file is opened as immutable.
        let opened = open(false).or_else(|error| match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) if is_complete => open(true),
            _ => Err(error),
        });
        let (kind, connection, read_pool) = opened.map_err(|error| OpenError::from_sqlite(path, error))?;
        ensure_kind(path, kind, &[FileKind::Backpack])?;
        let may_clean_up = is_complete && !read_pool.is_immutable();
        let cleanup = if may_clean_up { open_for_cleanup(path).ok() } else { None };
        let closed_last = match cleanup {
            Some(cleanup) => {
                read_pool.checkin(connection);
                cleanup
            }
            None => connection,
        };
        Ok(Self { writer: Writer::start(closed_last), read_pool: Some(read_pool) })
    }

    /// Creates a store in memory. Dropping it discards the data.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if SQLite cannot be set up.
    pub fn in_memory() -> Result<Self, OpenError> {
        let sqlite_error = |error| OpenError::Sqlite("memory".into(), error);
        let mut connection = Connection::open_in_memory().map_err(sqlite_error)?;
        migrate::migrate(&mut connection).map_err(sqlite_error)?;
        configure(&connection).map_err(sqlite_error)?;
        Ok(Self { writer: Writer::start(connection), read_pool: None })
    }

    /// Runs a short read. `work` sees one snapshot of the file.
    ///
    /// It runs on the calling thread: a short read takes less time than a switch to another thread and back.
    ///
    /// # Errors
    ///
    /// The error of `work`, and [`Refusal::Unavailable`] if the file cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(read_pool) = &self.read_pool else { return self.write(work).await };
        read_pool.read(work)
    }

    /// Runs a long read on another thread, so that it blocks no other task. The number of long reads at the same time is
    /// limited; further ones wait.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(read_pool) = &self.read_pool else { return self.write(work).await };
        let permit = read_pool.acquire_long_read_permit().await?;
        let read_pool = Arc::clone(read_pool);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also if the caller stopped waiting.
            let _permit = permit;
            read_pool.read(work)
        });
        task.await.unwrap_or(Err(Refusal::Internal))
    }

    /// Runs a write: applies all changes of `work`, or none if it returns an error. Returns after the commit is on disk.
    ///
    /// # Errors
    ///
    /// The error of `work`, and [`Refusal::Unavailable`] if the file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.writer.write(work).await
    }

    /// Checks the integrity of the file: its database pages and indexes, references between rows, and that everything on a
    /// page has a position there.
    ///
    /// # Errors
    ///
    /// [`CheckError`] with the problems found.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where nothing may block.
    pub fn check(&self) -> Result<(), CheckError> {
        match self.read_blocking(|db| Ok(check::find_problems(db))) {
            Ok(problems) if problems.is_empty() => Ok(()),
            Ok(problems) => Err(CheckError(problems)),
            Err(error) => Err(CheckError(vec![error.to_string()])),
        }
    }

    /// Writes a copy of the file as it is at this moment, while other reads and writes continue. Returns after the copy is
    /// on disk. If it fails, no copy is left.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if the copy exists already or cannot be written.
    pub fn backup(&self, copy: &Path) -> Result<(), BackupError> {
        let Some(read_pool) = &self.read_pool else { return Err(BackupError::InMemory) };
        let connection = read_pool.checkout().map_err(|error| BackupError::Sqlite(copy.to_owned(), error))?;
        backup::write_copy(&connection, copy)?;
        read_pool.checkin(connection);
        Ok(())
    }

    /// As [`read`](Self::read), for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where nothing may block.
    pub fn read_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(read_pool) = &self.read_pool else { return self.write_blocking(work) };
        read_pool.read(work)
    }

    /// As [`write`](Self::write), for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where nothing may block.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
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
