//! Replacing a file by a copy.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use backpack_api::runtime::jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::backup::{BackupError, sync_folder};
use super::check::CheckError;
use super::database::Store;
use super::error::{OpenError, SqliteError};
use super::paths::{has_wal, with_suffix};

/// Reason why a file was not restored, and is unchanged. The exception is [`NotSynced`](Self::NotSynced).
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError {
    /// The copy cannot be opened.
    OpenCopy(OpenError),
    /// The copy fails the integrity check.
    Damaged(CheckError),
    /// The copy is the file itself, or the temporary file that a restore writes.
    SameFile(PathBuf),
    /// A server or another program uses the file.
    InUse(PathBuf),
    /// The file cannot be locked, so another program may be using it.
    LockFailed(PathBuf, SqliteError),
    /// A file with the name that the previous file would get exists.
    OldExists(PathBuf),
    /// The previous file cannot be renamed.
    Rename(PathBuf, io::Error),
    /// The restored file cannot be written.
    Write(BackupError),
    /// The file is restored, but its folder cannot be synced: the new names may be lost in a power failure.
    NotSynced(PathBuf, io::Error),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenCopy(error) => error.fmt(f),
            Self::Damaged(_) => f.write_str("the copy is damaged"),
            Self::SameFile(path) => write!(f, "{} cannot be restored from itself", path.display()),
            Self::InUse(path) => write!(f, "{} is in use: stop the server first", path.display()),
            Self::LockFailed(path, _) => write!(f, "{} may be in use", path.display()),
            Self::OldExists(path) => {
                write!(f, "{} exists from an earlier restore: try again", path.display())
            }
            Self::Rename(path, _) => write!(f, "{} cannot be renamed", path.display()),
            Self::Write(error) => error.fmt(f),
            Self::NotSynced(path, _) => {
                write!(f, "{} is restored, but its folder cannot be synced to disk", path.display())
            }
        }
    }
}

/// Variants that display their inner error return the source of that error, so that no message is repeated.
impl std::error::Error for RestoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::OpenCopy(error) => error.source(),
            Self::Damaged(error) => Some(error),
            Self::LockFailed(_, error) => Some(error),
            Self::Rename(_, error) | Self::NotSynced(_, error) => Some(error),
            Self::Write(error) => error.source(),
            Self::SameFile(_) | Self::InUse(_) | Self::OldExists(_) => None,
        }
    }
}

impl Store {
    /// Replaces a file by a copy. The file may be damaged or absent. The previous file is kept with `.old` and the time
    /// added to its name, and its log under the name that belongs to that file. Returns its new path, or `None` if
    /// there was no file.
    ///
    /// # Errors
    ///
    /// [`RestoreError`] if the copy cannot be opened or is damaged, the file is in use, or the files cannot be written
    /// or renamed. The file is unchanged then, except after [`RestoreError::NotSynced`].
    pub fn restore(path: &Path, copy: &Path) -> Result<Option<PathBuf>, RestoreError> {
        // Follows symbolic links, so that the file is replaced and not a link to it.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let part = with_suffix(&path, ".part");
        let is_copy = |other: &Path| {
            fs::canonicalize(copy).is_ok_and(|copy| fs::canonicalize(other).is_ok_and(|other| copy == other))
        };
        if is_copy(&path) || is_copy(&part) {
            return Err(RestoreError::SameFile(copy.to_owned()));
        }
        let source = Self::open_read_only(copy).map_err(RestoreError::OpenCopy)?;
        source.check().map_err(RestoreError::Damaged)?;
        // Removes the file of an interrupted restore.
        let _ = fs::remove_file(&part);
        // The new file is on disk before the old one is touched, so that the remaining steps are unlikely to fail.
        let result = source.backup(&part).map_err(|error| match error {
            // The new file is removed below, since the same would happen after the file is replaced.
            BackupError::NotSynced(path, error) => RestoreError::Write(BackupError::Io(path, error)),
            error => RestoreError::Write(error),
        });
        let result = result.and_then(|()| replace(&path, &part, Timestamp::now(), sync_folder));
        if result.is_err() {
            let _ = fs::remove_file(&part);
        }
        result
    }
}

/// Renames the file to its `.old` name, which has the time, and the new file to the file's name. `sync_folder` syncs
/// both names. Returns the `.old` path, or `None` if there was no file.
pub(super) fn replace(
    path: &Path,
    part: &Path,
    now: Timestamp,
    sync_folder: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<Option<PathBuf>, RestoreError> {
    let had_file = fs::symlink_metadata(path).is_ok();
    // Windows allows no colons in names.
    let old = with_suffix(path, &now.strftime(".old-%Y-%m-%dT%H%M%S%.3fZ").to_string());
    let lock = lock_exclusively(path)?;
    if !has_wal(path) {
        // Reading a file creates an empty log next to it, which must not be kept as the log of the old file.
        let _ = fs::remove_file(with_suffix(path, "-wal"));
    }
    // Windows cannot rename an open file, so the lock is released there.
    if !cfg!(unix) {
        drop(lock);
    }
    rename_with_wal(path, &old)?;
    fs::rename(part, path).map_err(|error| {
        let _ = rename_with_wal(&old, path);
        RestoreError::Write(BackupError::Io(path.to_owned(), error))
    })?;
    sync_folder(path).map_err(|error| RestoreError::NotSynced(path.to_owned(), error))?;
    Ok(had_file.then_some(old))
}

/// Locks a file exclusively, until the returned connection is dropped. Returns `None` if there is no file, or it
/// cannot be locked because it is damaged or not a database.
fn lock_exclusively(path: &Path) -> Result<Option<Connection>, RestoreError> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let locked = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(Duration::ZERO)?;
        // Keeps the file unchanged: closing the connection would copy the log into it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.execute_batch("BEGIN EXCLUSIVE")?;
        Ok(connection)
    });
    locked.map(Some).or_else(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(None),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(RestoreError::InUse(path.to_owned())),
        _ => Err(RestoreError::LockFailed(path.to_owned(), error.into())),
    })
}

/// Renames a file with its log, since SQLite finds the log by the name of the file. Renames all of them, or none if one
/// cannot be renamed or a new name is taken. Absent files are skipped.
fn rename_with_wal(from: &Path, to: &Path) -> Result<(), RestoreError> {
    let renames = ["", "-wal", "-shm"].map(|suffix| (with_suffix(from, suffix), with_suffix(to, suffix)));
    if let Some((_, existing)) = renames.iter().find(|(_, to)| fs::symlink_metadata(to).is_ok()) {
        return Err(RestoreError::OldExists(existing.clone()));
    }
    for (done, (from, to)) in renames.iter().enumerate() {
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                for (from, to) in renames.iter().take(done).rev() {
                    let _ = fs::rename(to, from);
                }
                return Err(RestoreError::Rename(from.clone(), error));
            }
            _ => {}
        }
    }
    Ok(())
}
