//! Files and folders that survive a crash, and that only their owner can read.
//!
//! **Invariant:** all changes of an archive are calls of these functions, so that tests can end a run at each of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;

/// Ending of a file that is being written.
const TEMPORARY: &str = "tmp";

/// Number of threads that sync files.
const SYNC_THREADS: usize = 8;

/// Creates a folder and its missing parents, for the owner only. Existing folders keep their permissions.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    check_running()?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Opens a file for writing, for the owner only.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// Replaces a file: its name always has the old bytes or the new ones. They survive a crash of the machine only after
/// [`sync_file`] and [`sync_folder`].
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".");
    temporary.push(TEMPORARY);
    let mut file = open_private(OpenOptions::new().write(true).create(true).truncate(true), temporary.as_ref())?;
    write_all(&mut file, bytes)?;
    drop(file);
    rename(temporary.as_ref(), path)
}

/// Appends a line to a file, and waits until it is on the disk. A run that was killed may have left a part of its line,
/// which then gets its line break first.
pub(crate) fn append_line(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = open_private(OpenOptions::new().read(true).append(true).create(true), path)?;
    let mut bytes = Vec::new();
    if file.seek(SeekFrom::End(0))? > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        bytes.extend((last != *b"\n").then_some(b'\n'));
    }
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    write_all(&mut file, &bytes)?;
    check_running()?;
    file.sync_all()
}

/// Renames a file, also over an existing one.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    check_running()?;
    fs::rename(from, to)
}

/// Writes bytes to a file.
fn write_all(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if let Err(crash) = check_running() {
        // The kill of a process may leave a part of its bytes.
        file.write_all(bytes.get(..bytes.len() / 2).unwrap_or(bytes))?;
        return Err(crash);
    }
    file.write_all(bytes)
}

/// Waits until the bytes of a file are on the disk.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    check_running()?;
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// Waits until the bytes of many files are on the disk. The syncs of several threads share writes to the disk.
///
/// # Errors
///
/// The first file that cannot be synced.
pub(crate) fn sync_files(paths: &[PathBuf]) -> Result<(), (PathBuf, io::Error)> {
    // A test counts the calls of its own thread.
    paths.iter().try_for_each(|path| check_running().map_err(|error| (path.clone(), error)))?;
    let sync = |path: &PathBuf| sync_file(path).map_err(|error| (path.clone(), error));
    thread::scope(|scope| {
        let chunks = paths.chunks(paths.len().div_ceil(SYNC_THREADS).max(1));
        let threads: Vec<_> = chunks.map(|chunk| scope.spawn(move || chunk.iter().try_for_each(sync))).collect();
        let ended_early = |_| Err((PathBuf::new(), io::Error::other("a thread has ended early")));
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(ended_early))
    })
}

/// Waits until the names in a folder are on the disk. Windows has no such call, and writes them in order.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    check_running()?;
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Removes a file or folder with everything in it; `Ok` if there is none.
pub(crate) fn remove_all(path: &Path) -> io::Result<()> {
    if path.exists() {
        check_running()?;
    }
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a folder that has no files; others stay.
pub(crate) fn remove_empty_folder(path: &Path) {
    if check_running().is_ok() {
        let _ = fs::remove_dir(path);
    }
}

/// An error if a test has ended the run: no call after it has an effect, as if the process had been killed.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "tests return errors")]
fn check_running() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use crash::check_running;

/// Ends a run in a test.
#[cfg(test)]
pub(crate) mod crash {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        /// Number of calls until the run ends; `None` to let it run.
        static CALLS_LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Calls `run`, whose changes of files end after a number of them. Returns its result, and `true` if it ended early.
    pub(crate) fn after<T>(calls: usize, run: impl FnOnce() -> T) -> (T, bool) {
        CALLS_LEFT.set(Some(calls));
        let result = run();
        let is_ended = CALLS_LEFT.replace(None) == Some(0);
        (result, is_ended)
    }

    pub(super) fn check_running() -> io::Result<()> {
        match CALLS_LEFT.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the test has ended the run")),
            Some(left) => {
                CALLS_LEFT.set(Some(left - 1));
                if left == 1 { Err(io::Error::other("the test has ended the run")) } else { Ok(()) }
            }
        }
    }
}
