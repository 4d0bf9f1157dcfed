//! Where everything is kept: one SQLite file, or memory.
//!
//! - **Reads** go over connections of their own and see the file as it was at one moment; they wait for nobody.
//! - **Writes** go through one thread, `writer`, which lets those that arrive together share a commit.
//!
//! **Invariant:** a write is answered after its commit is on disk, and not before.

mod backup;
mod check;
mod migrate;
#[cfg(test)]
mod tests;
mod writer;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use tokio::sync::Semaphore;

use crate::refusal::may_pass;
use crate::{Refusal, files, text};
pub use backup::{BackupError, RestoreError};
pub use check::CheckError;
use migrate::Form;
use writer::Writer;

/// Where everything is kept. Cheap to share in an `Arc`.
pub struct Store {
    /// Idle connections for reading; none when all is in memory, where the writer's is the only one.
    readers: Option<Arc<Readers>>,
    /// **Invariant:** closed after the readers. What is closed last moves the log into the file, and has to write for that.
    writer: Writer,
}

struct Readers {
    path: PathBuf,
    /// Whether nothing can change the file, nor be written beside it.
    frozen: bool,
    idle: Mutex<Vec<Connection>>,
    /// Whose turn it is to read for long.
    turns: Arc<Semaphore>,
}

/// Why a store cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// It is not there and cannot be created: no such folder, no permission, no space.
    Create(PathBuf, std::io::Error),
    /// It may only be read, or nothing may be written beside it.
    ReadOnly(PathBuf),
    /// SQLite says no: not a database, no permission, no space.
    Sqlite(PathBuf, rusqlite::Error),
    /// The file is something else: an empty one, or another program's.
    Foreign(PathBuf),
    /// The file was written by a newer version of this program.
    TooNew(PathBuf),
    /// The file system cannot hold SQLite's write-ahead log, as many that are reached over a network.
    NoLog(PathBuf),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Create(path, error) => write!(f, "{} cannot be created: {error}", path.display()),
            Self::ReadOnly(path) => write!(f, "{} or its folder can only be read", path.display()),
            Self::Sqlite(path, error) => {
                write!(f, "{} cannot be opened: {}", path.display(), plain(error))?;
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) && has_log(path) {
                    f.write_str(". Was it put beside a log (`-wal`) of another file? See `backpack host db restore`")?;
                }
                Ok(())
            }
            Self::Foreign(path) => write!(f, "{} is no Backpack file", path.display()),
            Self::TooNew(path) => write!(f, "{} was written by a newer version of this program", path.display()),
            Self::NoLog(path) => write!(f, "{} is on a file system without write-ahead logs", path.display()),
        }
    }
}

impl std::error::Error for OpenError {}

impl OpenError {
    fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path.to_owned()),
            _ => Self::Sqlite(path.to_owned(), error),
        }
    }

    /// Whether the same may succeed later: another program holds the file, the disk is full or fails, or the file may not
    /// be written just now.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Create(_, error) => matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded),
            Self::ReadOnly(_) => true,
            Self::Sqlite(_, error) => may_pass(error),
            Self::Foreign(_) | Self::TooNew(_) | Self::NoLog(_) => false,
        }
    }
}

impl Store {
    /// Opens a file, or creates it. An empty file counts as none.
    ///
    /// # Errors
    ///
    /// [`OpenError`], which names the file and what is wrong. Nothing is written into a file that is something else.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        match files::create_new(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(OpenError::Create(path.to_owned(), error));
            }
            _ => {}
        }
        Self::open_as(path, &[Form::Blank, Form::Ours])
    }

    /// Opens a file that is there already.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), also if there is no such file.
    pub fn existing(path: &Path) -> Result<Self, OpenError> {
        Self::open_as(path, &[Form::Ours])
    }

    fn open_as(path: &Path, forms: &[Form]) -> Result<Self, OpenError> {
        let refused = |error| OpenError::from_sqlite(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(refused)?;
        if connection.is_readonly(MAIN_DB).map_err(refused)? {
            // Before SQLite puts a log beside it, which nobody may write either.
            return Err(OpenError::ReadOnly(path.to_owned()));
        }
        connection.busy_timeout(BUSY).map_err(refused)?;
        accept(path, migrate::form(&connection).map_err(refused)?, forms)?;
        if !logs_ahead(&connection).map_err(refused)? {
            return Err(OpenError::NoLog(path.to_owned()));
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(refused)?;
        if !migrate::migrate(&mut connection).map_err(refused)? {
            return Err(OpenError::TooNew(path.to_owned()));
        }
        prepare(&connection).map_err(refused)?;
        Ok(Self { writer: Writer::start(connection), readers: Some(Readers::of(path, false)) })
    }

    /// Opens a file that is there already for reading only, in whatever form of an older version it is, and also where
    /// nothing can be written: not to the file, nor beside it. Every write is refused.
    ///
    /// # Errors
    ///
    /// As [`existing`](Self::existing).
    pub fn to_read(path: &Path) -> Result<Self, OpenError> {
        let is_whole = !has_log(path);
        let open = |frozen| -> rusqlite::Result<_> {
            let readers = Readers::of(path, frozen);
            let connection = readers.take()?;
            Ok((migrate::form(&connection)?, connection, readers))
        };
        // SQLite reads a file with a write-ahead log by way of a file beside it, even if the log is empty.
        let opened = open(false).or_else(|error| match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) if is_whole => open(true),
            _ => Err(error),
        });
        let (form, connection, readers) = opened.map_err(|error| OpenError::from_sqlite(path, error))?;
        accept(path, form, &[Form::Ours])?;
        let swept = if is_whole && !readers.frozen { sweep(path).ok() } else { None };
        let last = match swept {
            Some(sweeper) => {
                readers.give_back(connection);
                sweeper
            }
            None => connection,
        };
        Ok(Self { writer: Writer::start(last), readers: Some(readers) })
    }

    /// Keeps everything in memory, and forgets it when dropped.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if SQLite cannot be set up.
    pub fn in_memory() -> Result<Self, OpenError> {
        let refused = |error| OpenError::Sqlite("memory".into(), error);
        let mut connection = Connection::open_in_memory().map_err(refused)?;
        migrate::migrate(&mut connection).map_err(refused)?;
        prepare(&connection).map_err(refused)?;
        Ok(Self { writer: Writer::start(connection), readers: None })
    }

    /// Reads, for a short time: what `work` sees is one moment of the file.
    ///
    /// `work` is done where this is awaited: what it takes is less than a way to another thread and back.
    ///
    /// # Errors
    ///
    /// What `work` refuses, and [`Refusal::Unavailable`] if the file cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(readers) = &self.readers else { return self.write(work).await };
        readers.read(work)
    }

    /// As [`read`](Self::read), for as long as it takes: on another thread, so that nothing else waits. Of these there are
    /// few at a time; a further one waits for its turn.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn read_long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(readers) = &self.readers else { return self.write(work).await };
        let turn = Arc::clone(&readers.turns).acquire_owned().await.map_err(|_| Refusal::Internal)?;
        let readers = Arc::clone(readers);
        let reading = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, even if nobody waits for it any more.
            let _turn = turn;
            readers.read(work)
        });
        reading.await.unwrap_or(Err(Refusal::Internal))
    }

    /// Writes: all that `work` does, or, if it refuses, nothing. Returns when it is on disk.
    ///
    /// # Errors
    ///
    /// What `work` refuses, and [`Refusal::Unavailable`] if it cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.writer.write(work).await
    }

    /// Whether the file is sound: its pages, its indexes, what refers to what, and that everything has its place on a page.
    ///
    /// # Errors
    ///
    /// [`CheckError`], with what is wrong.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where nothing may block.
    pub fn check(&self) -> Result<(), CheckError> {
        match self.read_blocking(|db| Ok(check::wrong(db))) {
            Ok(wrong) if wrong.is_empty() => Ok(()),
            Ok(wrong) => Err(CheckError(wrong)),
            Err(refusal) => Err(CheckError(vec![refusal.to_string()])),
        }
    }

    /// Writes a copy of the file as it is at this moment, while others go on reading and writing. Returns when it is on
    /// disk; if it cannot be written, nothing of it is there.
    ///
    /// # Errors
    ///
    /// [`BackupError`], if the copy is there already or cannot be written.
    pub fn backup(&self, copy: &Path) -> Result<(), BackupError> {
        let Some(readers) = &self.readers else { return Err(BackupError::Memory) };
        let connection = readers.take().map_err(|error| BackupError::Sqlite(copy.to_owned(), error))?;
        backup::write(&connection, copy)?;
        readers.give_back(connection);
        Ok(())
    }

    /// Puts a copy in the place of a file, which need not be sound, nor there. That file is put aside, with what is in
    /// its log, under its name and `.old`.
    ///
    /// # Errors
    ///
    /// [`RestoreError`], if the copy is not sound or cannot be written, or the file is in use. The file is where it was
    /// then.
    pub fn restore(path: &Path, copy: &Path) -> Result<(), RestoreError> {
        backup::restore(path, copy)
    }

    /// As [`read`](Self::read), for programs without a runtime.
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
        let Some(readers) = &self.readers else { return self.write_blocking(work) };
        readers.read(work)
    }

    /// As [`write`](Self::write), for programs without a runtime.
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

impl Readers {
    fn of(path: &Path, frozen: bool) -> Arc<Self> {
        let turns = Arc::new(Semaphore::new(LONG_READS));
        Arc::new(Self { path: path.to_owned(), frozen, idle: Mutex::default(), turns })
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let connection = self.take()?;
        connection.prepare_cached("BEGIN")?.execute(())?;
        let result = work(&connection);
        connection.prepare_cached("ROLLBACK")?.execute(())?;
        self.give_back(connection);
        result
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = if self.frozen {
            let path = self.path.as_os_str().as_encoded_bytes().iter();
            let path: String = path.map(|byte| format!("%{byte:02x}")).collect();
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)?
        } else {
            Connection::open_with_flags(&self.path, flags)?
        };
        connection.busy_timeout(BUSY)?;
        prepare(&connection)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// How many reads that take long there are at a time.
const LONG_READS: usize = 8;

/// How long another program's lock on the file is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// Whether a file may be opened: it should have one of these forms.
fn accept(path: &Path, form: Form, forms: &[Form]) -> Result<(), OpenError> {
    match form {
        Form::Newer => Err(OpenError::TooNew(path.to_owned())),
        form if forms.contains(&form) => Ok(()),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// Whether there is something in a file's write-ahead log, without which the file is not to be read.
fn has_log(path: &Path) -> bool {
    std::fs::metadata(backup::beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// An error without the text of a query.
fn plain(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}

/// A connection that writes nothing, but may: closed last, it takes away what SQLite put beside a file without a log.
fn sweep(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    prepare(&connection)?;
    // SQLite looks at the log only when something is read.
    migrate::form(&connection)?;
    Ok(connection)
}

/// Switches to a write-ahead log, without which readers and writers would wait for each other; `false` if SQLite stays
/// with what it had, which it does without an error.
fn logs_ahead(connection: &Connection) -> rusqlite::Result<bool> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| Ok(row.get::<_, String>(0)? == "wal"))
}

/// What every connection is set to.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    // Else SQLite plans a query anew whenever a value is bound that its plan might have been made for.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.create_scalar_function("holds", 2, FunctionFlags::SQLITE_DETERMINISTIC, |values| {
        let text = values.get_raw(0).as_str_or_null()?.map(text::folded);
        Ok(text.is_some_and(|text| values.get_raw(1).as_str().is_ok_and(|term| text.contains(term))))
    })?;
    connection.create_scalar_function("folded", 1, FunctionFlags::SQLITE_DETERMINISTIC, |values| {
        Ok(values.get_raw(0).as_str_or_null()?.map(text::folded))
    })?;
    connection.pragma_update(None, "foreign_keys", true)
}
