//! Writing a copy of a file.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use rusqlite::Connection;

use super::error::SqliteError;
use super::paths::with_suffix;
use crate::private_files;

/// Reason why a copy cannot be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// The copy exists already.
    Exists(PathBuf),
    /// The store is in memory, so there is no file to copy.
    InMemory,
    /// The name of the copy is not UTF-8, which SQLite requires.
    NotUtf8(PathBuf),
    /// SQLite cannot write the copy: disk full, no permission, missing folder.
    Sqlite(PathBuf, SqliteError),
    /// The copy cannot be created, synced to disk or renamed.
    Io(PathBuf, io::Error),
    /// The copy is complete and has its name, but its folder cannot be synced: the name may be lost in a power failure.
    NotSynced(PathBuf, io::Error),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "{} already exists", path.display()),
            Self::InMemory => f.write_str("a store in memory has no file to copy"),
            Self::NotUtf8(path) => write!(f, "the file name {} is not valid UTF-8", path.display()),
            Self::Sqlite(path, _) | Self::Io(path, _) => write!(f, "{} cannot be written", path.display()),
            Self::NotSynced(path, _) => {
                write!(f, "{} is complete, but its folder cannot be synced to disk", path.display())
            }
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Sqlite(_, error) => Some(error),
            Self::Io(_, error) | Self::NotSynced(_, error) => Some(error),
            Self::Exists(_) | Self::InMemory | Self::NotUtf8(_) => None,
        }
    }
}

/// Writes a copy and syncs it to disk; `sync_folder` syncs its name. The copy has a temporary name until it is complete:
/// SQLite would leave an incomplete file when it fails, and does not sync the file.
pub(super) fn write_copy(
    connection: &Connection,
    copy: &Path,
    sync_folder: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), BackupError> {
    if fs::symlink_metadata(copy).is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let part = with_suffix(copy, ".part");
    let result = write_part(connection, &part)
        .and_then(|()| publish(&part, copy).map_err(|error| BackupError::Io(copy.to_owned(), error)));
    if result.is_err() {
        let _ = fs::remove_file(&part);
    }
    result?;
    sync_folder(copy).map_err(|error| BackupError::NotSynced(copy.to_owned(), error))
}

/// Writes the copy under its temporary name.
fn write_part(connection: &Connection, part: &Path) -> Result<(), BackupError> {
    let name = part.to_str().ok_or_else(|| BackupError::NotUtf8(part.to_owned()))?;
    // Replaces the file of an interrupted backup. SQLite accepts an empty file as the target, and
    // `private_files::replace` sets its permissions.
    private_files::replace(part).map_err(|error| BackupError::Io(part.to_owned(), error))?;
    let sqlite_error = |error: rusqlite::Error| BackupError::Sqlite(part.to_owned(), error.into());
    connection.execute("VACUUM INTO ?1", [name]).map_err(sqlite_error)?;
    Ok(())
}

/// Syncs the finished file to disk and gives it its name.
fn publish(part: &Path, copy: &Path) -> io::Result<()> {
    // Windows requires write permission to sync a file.
    fs::OpenOptions::new().write(true).open(part)?.sync_all()?;
    fs::rename(part, copy)
}

/// Syncs the folder of a file, so that a new name is on disk.
#[cfg(unix)]
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// Has no effect: outside Unix, a folder cannot be opened as a file to sync it.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
