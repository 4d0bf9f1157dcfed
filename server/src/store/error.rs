//! Errors of opening a file.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::paths::has_wal;
use crate::api_error::is_transient;

/// Reason why a file cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The file does not exist and cannot be created: missing folder, no permission, disk full.
    Create(PathBuf, std::io::Error),
    /// The file or its folder is read-only.
    ReadOnly(PathBuf),
    /// SQLite cannot open the file: not a database, no permission, disk full.
    Sqlite(PathBuf, SqliteError),
    /// The file is empty, or belongs to another program.
    NotBackpack(PathBuf),
    /// A newer version of this program wrote the file.
    TooNew(PathBuf),
    /// The file system does not support SQLite's write-ahead log, as many network file systems do not.
    NoWal(PathBuf),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(path, _) => write!(f, "{} cannot be created", path.display()),
            Self::ReadOnly(path) => write!(f, "{} or its folder is read-only", path.display()),
            Self::Sqlite(path, error) => {
                write!(f, "{} cannot be opened", path.display())?;
                if error.0.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) && has_wal(path) {
                    f.write_str("; its `-wal` file may belong to another file, use `backpack host db restore` to restore a copy")?;
                }
                Ok(())
            }
            Self::NotBackpack(path) => write!(f, "{} is not a Backpack data file", path.display()),
            Self::TooNew(path) => write!(f, "{} was written by a newer version of this program", path.display()),
            Self::NoWal(path) => {
                write!(f, "{} is on a file system that does not support write-ahead logs", path.display())
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Create(_, error) => Some(error),
            Self::Sqlite(_, error) => Some(error),
            Self::ReadOnly(_) | Self::NotBackpack(_) | Self::TooNew(_) | Self::NoWal(_) => None,
        }
    }
}

impl OpenError {
    /// Converts an error of SQLite that occurred while it opened a file.
    pub(super) fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path.to_owned()),
            _ => Self::Sqlite(path.to_owned(), error.into()),
        }
    }

    /// `true` if a later attempt may succeed: another program locks the file, the disk is full or fails, or the file is
    /// read-only at the moment.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Create(_, error) => matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded),
            Self::ReadOnly(_) => true,
            Self::Sqlite(_, error) => is_transient(&error.0),
            Self::NotBackpack(_) | Self::TooNew(_) | Self::NoWal(_) => false,
        }
    }
}

/// Error of SQLite. It has no source, since that of rusqlite's error repeats the message.
#[derive(Debug)]
pub struct SqliteError(rusqlite::Error);

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            // Without the text of the query, which rusqlite adds.
            rusqlite::Error::SqlInputError { msg, .. } => f.write_str(msg),
            error => error.fmt(f),
        }
    }
}

impl std::error::Error for SqliteError {}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error)
    }
}
