//! Names of the files next to a data file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Returns the path with a suffix added to the file name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// `true` if a file has a write-ahead log that is not empty. Without the log, the file lacks the latest commits.
pub(super) fn has_wal(path: &Path) -> bool {
    std::fs::metadata(with_suffix(path, "-wal")).is_ok_and(|wal| wal.len() > 0)
}
