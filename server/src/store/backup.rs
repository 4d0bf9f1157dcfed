//! Copies of the file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{CheckError, OpenError, Store, has_log};
use crate::private_files;

/// Why there is no copy.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// There is such a file already.
    Exists(PathBuf),
    /// The store is in memory only, and has no file that could be copied.
    Memory,
    /// The file's name is not UTF-8, as SQLite needs it.
    Name(PathBuf),
    /// SQLite cannot write it: no space, no permission, no such folder.
    Sqlite(PathBuf, rusqlite::Error),
    /// It cannot be created, kept on disk or given its name.
    File(PathBuf, io::Error),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "{} exists already", path.display()),
            Self::Memory => f.write_str("what is in memory only has no file to copy"),
            Self::Name(path) => write!(f, "{} is not UTF-8", path.display()),
            Self::Sqlite(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
            Self::File(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for BackupError {}

/// Why a copy was not put in the file's place. The file is where it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError {
    /// The copy cannot be opened.
    Copy(OpenError),
    /// The copy is not sound.
    Unsound(CheckError),
    /// The copy is the file itself, or where a new one is written.
    Same(PathBuf),
    /// A service works with the file, or another program.
    InUse(PathBuf),
    /// It cannot be told whether somebody works with the file.
    Unknown(PathBuf, rusqlite::Error),
    /// Where the file would be put aside is something already.
    Aside(PathBuf),
    /// The file cannot be renamed.
    File(PathBuf, io::Error),
    /// The copy cannot be written.
    Backup(BackupError),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy(error) => error.fmt(f),
            Self::Unsound(error) => write!(f, "the copy is not sound: {error}"),
            Self::Same(path) => write!(f, "{} cannot be restored from itself", path.display()),
            Self::InUse(path) => write!(f, "{} is in use: stop the service first", path.display()),
            Self::Unknown(path, error) => write!(f, "{} may be in use: {error}", path.display()),
            Self::Aside(path) => write!(f, "{} is there from an earlier time: move it elsewhere first", path.display()),
            Self::File(path, error) => write!(f, "{} cannot be put aside: {error}", path.display()),
            Self::Backup(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RestoreError {}

/// Puts a copy in the place of a file, which need not be there or sound, and that file aside.
///
/// What can fail comes first: the new file is on disk before the old one is touched, and nobody else has that open.
pub(super) fn restore(path: &Path, copy: &Path) -> Result<(), RestoreError> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let part = beside(&path, ".part");
    let is_copy = |other: &Path| {
        fs::canonicalize(copy).is_ok_and(|copy| fs::canonicalize(other).is_ok_and(|other| copy == other))
    };
    if is_copy(&path) || is_copy(&part) {
        return Err(RestoreError::Same(copy.to_owned()));
    }
    let source = Store::to_read(copy).map_err(RestoreError::Copy)?;
    source.check().map_err(RestoreError::Unsound)?;
    // What an earlier try that broke off has left.
    let _ = fs::remove_file(&part);
    let restored = source.backup(&part).map_err(RestoreError::Backup).and_then(|()| put_in_place(&part, &path));
    if restored.is_err() {
        let _ = fs::remove_file(&part);
    }
    restored
}

fn put_in_place(part: &Path, path: &Path) -> Result<(), RestoreError> {
    let old = beside(path, ".old");
    let alone = only_user(path)?;
    if !has_log(path) {
        // An empty one, such as looking has made.
        let _ = fs::remove_file(beside(path, "-wal"));
    }
    // Elsewhere, what is open cannot be renamed.
    let _alone = alone.filter(|_| cfg!(unix));
    rename_with_log(path, &old)?;
    fs::rename(part, path).and_then(|()| sync_folder(path)).map_err(|error| {
        let _ = rename_with_log(&old, path);
        RestoreError::Backup(BackupError::File(path.to_owned(), error))
    })
}

/// Keeps others from opening a file as a database, while what this answers is there; `None` if it is none.
fn only_user(path: &Path) -> Result<Option<Connection>, RestoreError> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(Duration::ZERO)?;
        // Nothing is changed, not even by a log.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok(connection)
    });
    opened.map(Some).or_else(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(None),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(RestoreError::InUse(path.to_owned())),
        _ => Err(RestoreError::Unknown(path.to_owned(), error)),
    })
}

/// Renames a file with its log, all of it or nothing: a log belongs to the file that it lies beside, under its name.
fn rename_with_log(path: &Path, old: &Path) -> Result<(), RestoreError> {
    let pieces = ["", "-wal", "-shm"].map(|piece| (beside(path, piece), beside(old, piece)));
    if let Some((_, taken)) = pieces.iter().find(|(_, to)| fs::symlink_metadata(to).is_ok()) {
        return Err(RestoreError::Aside(taken.clone()));
    }
    for (done, (from, to)) in pieces.iter().enumerate() {
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                for (from, to) in pieces.iter().take(done).rev() {
                    let _ = fs::rename(to, from);
                }
                return Err(RestoreError::File(from.clone(), error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The name of a file that belongs to another.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Writes a copy that is there whole or not at all, and on disk: SQLite itself leaves a half where it breaks off, and
/// does not wait for the disk.
pub(super) fn write(connection: &Connection, copy: &Path) -> Result<(), BackupError> {
    if fs::symlink_metadata(copy).is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let part = beside(copy, ".part");
    let written = write_part(connection, &part)
        .and_then(|()| finish(&part, copy).map_err(|error| BackupError::File(copy.to_owned(), error)));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

fn write_part(connection: &Connection, part: &Path) -> Result<(), BackupError> {
    let name = part.to_str().ok_or_else(|| BackupError::Name(part.to_owned()))?;
    // An earlier try that broke off may have left one. SQLite fills a file that is empty.
    private_files::replace(part).map_err(|error| BackupError::File(part.to_owned(), error))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| BackupError::Sqlite(part.to_owned(), error))?;
    Ok(())
}

fn finish(part: &Path, copy: &Path) -> io::Result<()> {
    // Windows lets only those who may write wait for the disk.
    fs::OpenOptions::new().write(true).open(part)?.sync_all()?;
    fs::rename(part, copy)?;
    sync_folder(copy)
}

/// So that the name is on disk, too.
#[cfg(unix)]
fn sync_folder(copy: &Path) -> io::Result<()> {
    let folder = copy.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
