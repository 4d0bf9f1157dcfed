//! Files that, on Unix, only their owner can read, regardless of the umask, since they contain users' pages and mail.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file for writing; fails if it exists already.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a file for writing, after deleting an existing one. Truncating it instead would keep its permissions.
pub(crate) fn replace(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => create_new(path),
    }
}
