//! The file in which everything is kept: what may be wrong with it, and what is said then.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use backpack_api::{NewNote, PageId};
use tempfile::TempDir;

use crate::running::{Running, backpack};

/// A folder with a file after its first start. Whose it is may not do everything, as root may.
struct Place {
    folder: TempDir,
    data: PathBuf,
    token: String,
}

/// The user who stands for nobody in particular.
const NOBODY: u32 = 65534;

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut place = Self { data: folder.path().join("data.backpack"), folder, token: String::new() };
        if place.is_roots() {
            let (given, program) = (Path::new(env!("CARGO_BIN_EXE_backpack")), place.program());
            fs::hard_link(given, &program).or_else(|_| fs::copy(given, &program).map(drop)).expect("the command");
            chown(place.folder.path(), Some(NOBODY), None).expect("root may do so");
        }
        let service = place.serve();
        place.token = service.token.clone().expect("a first start shows a token");
        service.stop();
        place
    }

    fn is_roots(&self) -> bool {
        fs::metadata(self.folder.path()).expect("the folder").uid() == 0 || self.program().exists()
    }

    /// Where everybody may run it.
    fn program(&self) -> PathBuf {
        self.folder.path().join("backpack")
    }

    /// The command, run by whose the file is.
    fn command(&self) -> Command {
        if !self.is_roots() {
            return backpack();
        }
        let mut command = Command::new(self.program());
        command.uid(NOBODY);
        command
    }

    fn serve(&self) -> Running {
        Running::serve_by(&mut self.command(), &self.data)
    }

    fn allow(&self, file: u32, folder: u32) {
        fs::set_permissions(&self.data, Permissions::from_mode(file)).expect("the file");
        fs::set_permissions(self.folder.path(), Permissions::from_mode(folder)).expect("the folder");
    }
}

/// What the command says, which should end at once and print nothing.
fn refusal(command: &mut Command, data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let command = command.args(arguments).arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command should start");
    let mut printed = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut printed).expect("text");
    if !printed.is_empty() {
        let _ = child.kill();
    }
    let Output { status, stderr, .. } = child.wait_with_output().expect("the command should end");
    assert_eq!(printed, "");
    (status.code(), String::from_utf8(stderr).expect("text"))
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    names
}

#[test]
fn a_file_that_may_not_be_written_is_named_and_left_as_it_is() {
    let place = Place::new();
    let (before, files) = (fs::read(&place.data).expect("the file"), names(place.folder.path()));
    let sentence = format!("backpack: {} or its folder is read-only\n", place.data.display());
    for (file, folder) in [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)] {
        place.allow(file, folder);
        for arguments in [&SERVE[..], &["account", "create", "acme"]] {
            let refused = refusal(&mut place.command(), &place.data, arguments);
            assert_eq!(refused, (Some(75), sentence.clone()), "{arguments:?} with {file:o} in {folder:o}");
        }
    }
    place.allow(0o600, 0o700);
    assert!(fs::read(&place.data).expect("the file") == before && names(place.folder.path()) == files);
    assert_eq!(place.serve().client(&place.token).users().me().expect("me").name, "home");
}

#[test]
fn a_file_that_cannot_be_served_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("notes"), "These are notes of mine, and no database at all.\n".repeat(100)).expect("a file");
    Running::serve(&at("data.backpack")).stop();
    // Where the version of its form stands in the head of any SQLite file.
    let newer = File::options().write(true).open(at("data.backpack")).expect("the file");
    newer.write_all_at(&1_000_u32.to_be_bytes(), 60).expect("the file");
    fs::create_dir(at("folder")).expect("a folder");
    for (name, problem) in [
        ("missing/data.backpack", "cannot be created: No such file or directory (os error 2)"),
        ("folder", "cannot be opened: unable to open database file"),
        ("notes", "cannot be opened: file is not a database"),
        ("data.backpack", "was written by a newer version of this program"),
    ] {
        let before = fs::read(at(name)).ok();
        let (status, said) = refusal(&mut backpack(), &at(name), &SERVE);
        assert!(said.starts_with(&format!("backpack: {} {problem}", at(name).display())), "{said}");
        assert_eq!((status, said.lines().count()), (Some(1), 1), "{said}");
        assert!(fs::read(at(name)).ok() == before, "{name}");
    }
}

#[test]
fn no_file_has_a_token_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Running::serve(&folder.path().join("data.backpack"));
    let token = service.token.clone().expect("a first start shows a token");
    service.client(&token).pages().create("Coast").expect("a page");
    let has = |text: &str| {
        let files = names(folder.path()).into_iter().filter(|path| path.is_file());
        files
            .map(|path| fs::read(path).expect("a file"))
            .any(|file| file.windows(text.len()).any(|some| some == text.as_bytes()))
    };
    assert!(has("Coast") && !has(&token));
}

/// As when a new version is started before the old one is stopped.
#[test]
fn two_services_of_one_file_know_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let (one, other) = (Running::serve(&data), Running::serve(&data));
    let token = one.token.clone().expect("a first start shows a token");
    assert_eq!(other.token, None, "the first start is over");
    let (one, other) = (one.client(&token), other.client(&token));
    for (writer, reader) in [(&one, &other), (&other, &one)] {
        let page = writer.pages().create("Coast").expect("a page").id;
        assert_eq!(reader.pages().show(page).expect("the page").title, "Coast");
    }
}

/// The process may make no file larger than one or two megabytes, as the shell counts. It meets that as it would meet
/// the end of a disk: in the middle of a commit.
#[test]
fn where_there_is_no_space_left_a_write_is_refused_whole_and_the_service_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 2048 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_backpack")]);
    let service = Running::serve_by(&mut limited, &data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    let mut kept = Vec::new();
    let refused = loop {
        assert!(kept.len() < 1_000, "ten times as much as there is space for");
        match write(&service, &token, page, kept.len()) {
            Ok(title) => kept.push(title),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.to_string(), "notes.create: The storage is not available at the moment (code 503)");
    assert_eq!(titles(&service, &token, page), kept);
    service.stop();
    let mut service = Running::serve(&data);
    assert_eq!(titles(&service, &token, page), kept);
    kept.push(write(&service, &token, page, kept.len()).expect("there is space again"));
    assert_eq!(titles(&service, &token, page), kept);
    service.kill();
    let checked = backpack().args(["db", "check", "--data"]).arg(&data).output().expect("the command should run");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "sound\n");
}

/// Writes a note of 20 kB.
fn write(service: &Running, token: &str, page: PageId, number: usize) -> Result<String, backpack_api::Error> {
    let note = NewNote::new().title(format!("{number:03}")).body("x".repeat(20_000));
    Ok(service.client(token).notes(page).create(note)?.title)
}

/// The notes on a page, by their titles.
fn titles(service: &Running, token: &str, page: PageId) -> Vec<String> {
    let notes = service.client(token).notes(page).list().expect("the notes");
    let mut titles: Vec<_> = notes.into_iter().map(|note| note.title).collect();
    titles.sort();
    titles
}
