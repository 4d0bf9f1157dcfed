//! The data file: permissions, files that cannot be used, a full disk, tokens, and two processes.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use backpack_api::{NewNote, PageId};
use tempfile::TempDir;

use crate::support::{ServiceProcess, backpack, host_stdout, temp_data};

/// A data file after its first start, owned by a user whom permissions restrict. If the tests run as root, that user is
/// `nobody`.
struct OwnedFile {
    folder: TempDir,
    data: PathBuf,
    token: String,
}

/// Id of the user `nobody`.
const NOBODY: u32 = 65534;

impl OwnedFile {
    /// Creates the file with a first start. If the tests run as root, `nobody` gets the folder and a copy of the
    /// command.
    fn new() -> Self {
        let (folder, data) = temp_data();
        let mut file = Self { data, folder, token: String::new() };
        if file.is_run_by_root() {
            let (built, program) = (Path::new(env!("CARGO_BIN_EXE_backpack")), file.program());
            // A hard link takes no time, but fails if the folder is on another file system.
            fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(drop)).expect("the command");
            chown(file.folder.path(), Some(NOBODY), None).expect("root may do so");
        }
        let service = file.serve();
        file.token = service.token.clone().expect("a first start shows a token");
        service.stop();
        file
    }

    /// `true` if the tests run as root: then root owns the folder, or the copy of the command exists already.
    fn is_run_by_root(&self) -> bool {
        fs::metadata(self.folder.path()).expect("the folder").uid() == 0 || self.program().exists()
    }

    /// Path of the copy of the command that `nobody` may run.
    fn program(&self) -> PathBuf {
        self.folder.path().join("backpack")
    }

    /// Returns the command, to be run by the owner of the file.
    fn command(&self) -> Command {
        if !self.is_run_by_root() {
            return backpack();
        }
        let mut command = Command::new(self.program());
        command.uid(NOBODY);
        command
    }

    /// Serves the file as its owner.
    fn serve(&self) -> ServiceProcess {
        ServiceProcess::serve_with(&mut self.command(), &self.data)
    }

    /// Sets the permissions of the file and of its folder.
    fn set_modes(&self, file: u32, folder: u32) {
        fs::set_permissions(&self.data, Permissions::from_mode(file)).expect("the file");
        fs::set_permissions(self.folder.path(), Permissions::from_mode(folder)).expect("the folder");
    }
}

/// Runs a command that should fail at once and print nothing. Returns the exit code and standard error.
fn run_failing(command: &mut Command, data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let command = command.args(arguments).arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command should start");
    let mut printed = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut printed).expect("text");
    // A service that has started would run until it is killed.
    if !printed.is_empty() {
        let _ = child.kill();
    }
    let Output { status, stderr, .. } = child.wait_with_output().expect("the command should end");
    assert_eq!(printed, "");
    (status.code(), String::from_utf8(stderr).expect("text"))
}

/// Arguments that serve on a free port.
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Lists the paths in a folder, sorted.
fn list_folder(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

#[test]
fn names_a_read_only_file_and_leaves_it_unchanged() {
    let file = OwnedFile::new();
    let before = fs::read(&file.data).expect("the file");
    let files = list_folder(file.folder.path());
    let message = format!("backpack: {} or its folder is read-only\n", file.data.display());
    for (file_mode, folder_mode) in [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)] {
        file.set_modes(file_mode, folder_mode);
        for arguments in [&SERVE[..], &["host", "account", "create", "acme"]] {
            let failure = run_failing(&mut file.command(), &file.data, arguments);
            assert_eq!(failure, (Some(75), message.clone()), "{arguments:?} with {file_mode:o} in {folder_mode:o}");
        }
    }
    file.set_modes(0o600, 0o700);
    assert!(fs::read(&file.data).expect("the file") == before && list_folder(file.folder.path()) == files);
    assert_eq!(file.serve().client(&file.token).users().me().expect("me").name, "home");
}

#[test]
fn names_an_unusable_file_and_leaves_it_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("notes"), "These are notes of mine, and no database at all.\n".repeat(100)).expect("a file");
    ServiceProcess::serve(&path("data.backpack")).stop();
    // At offset 60, the header of a SQLite file has `user_version`, the version of the schema.
    let newer = File::options().write(true).open(path("data.backpack")).expect("the file");
    newer.write_all_at(&1_000_u32.to_be_bytes(), 60).expect("the file");
    fs::create_dir(path("folder")).expect("a folder");
    for (name, problem) in [
        ("missing/data.backpack", "cannot be created: No such file or directory (os error 2)"),
        ("folder", "cannot be opened: unable to open database file"),
        ("notes", "cannot be opened: file is not a database"),
        ("data.backpack", "was written by a newer version of this program"),
    ] {
        let before = fs::read(path(name)).ok();
        let (status, err) = run_failing(&mut backpack(), &path(name), &SERVE);
        assert!(err.starts_with(&format!("backpack: {} {problem}", path(name).display())), "{err}");
        assert_eq!((status, err.lines().count()), (Some(1), 1), "{err}");
        assert!(fs::read(path(name)).ok() == before, "{name}");
    }
}

#[test]
fn writes_no_token_to_any_file() {
    let (folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    service.client(&token).pages().create("Coast").expect("a page");
    let is_in_a_file = |text: &str| {
        let files = list_folder(folder.path()).into_iter().filter(|path| path.is_file());
        files
            .map(|path| fs::read(path).expect("a file"))
            .any(|file| file.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    assert!(is_in_a_file("Coast") && !is_in_a_file(&token));
}

/// During an upgrade, the new version may start before the old one has stopped.
#[test]
fn serves_one_file_from_two_processes() {
    let (_folder, data) = temp_data();
    let (one, other) = (ServiceProcess::serve(&data), ServiceProcess::serve(&data));
    let token = one.token.clone().expect("a first start shows a token");
    assert_eq!(other.token, None, "not a first start");
    let (one, other) = (one.client(&token), other.client(&token));
    for (writer, reader) in [(&one, &other), (&other, &one)] {
        let page = writer.pages().create("Coast").expect("a page").id;
        assert_eq!(reader.pages().show(page).expect("the page").title, "Coast");
    }
}

/// `ulimit -f` limits files to one or two megabytes, depending on the shell. Like a full disk, the limit is reached in
/// the middle of a commit.
#[test]
fn rejects_a_write_on_a_full_disk_completely_and_keeps_running() {
    let (_folder, data) = temp_data();
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 2048 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_backpack")]);
    let service = ServiceProcess::serve_with(&mut limited, &data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    let mut titles = Vec::new();
    let error = loop {
        assert!(titles.len() < 1_000, "a write should fail long before this");
        match write_note(&service, &token, page, titles.len()) {
            Ok(title) => titles.push(title),
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "notes.create: The storage is not available at the moment (code 503)");
    assert_eq!(read_titles(&service, &token, page), titles);
    service.stop();
    let mut service = ServiceProcess::serve(&data);
    assert_eq!(read_titles(&service, &token, page), titles);
    titles.push(write_note(&service, &token, page, titles.len()).expect("there is space again"));
    assert_eq!(read_titles(&service, &token, page), titles);
    service.kill();
    assert_eq!(host_stdout(&data, &["db", "check"]), "ok");
}

/// Writes a note of 20 kB and returns its title.
fn write_note(
    service: &ServiceProcess,
    token: &str,
    page: PageId,
    number: usize,
) -> Result<String, backpack_api::Error> {
    let note = NewNote::new().title(format!("{number:03}")).body("x".repeat(20_000));
    Ok(service.client(token).notes(page).create(note)?.title)
}

/// Reads the titles of the notes on a page, sorted.
fn read_titles(service: &ServiceProcess, token: &str, page: PageId) -> Vec<String> {
    let notes = service.client(token).notes(page).list().expect("the notes");
    let mut titles: Vec<_> = notes.into_iter().map(|note| note.title).collect();
    titles.sort();
    titles
}
