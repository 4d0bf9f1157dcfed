//! Copies of the file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use rusqlite::Connection;

use crate::files;

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

/// Writes a copy that is there whole or not at all, and on disk: SQLite itself leaves a half where it breaks off, and
/// does not wait for the disk.
pub(super) fn write(connection: &Connection, copy: &Path) -> Result<(), BackupError> {
    if fs::symlink_metadata(copy).is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let mut part = OsString::from(copy);
    part.push(".part");
    let part = PathBuf::from(part);
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
    files::create(part).map_err(|error| BackupError::File(part.to_owned(), error))?;
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
