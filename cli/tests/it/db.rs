//! `backpack host db`.

use std::path::{Path, PathBuf};

use backpack_api::PageId;
use tempfile::TempDir;

use crate::support::{ServiceProcess, backpack, host_stdout, run_host};

/// A service that was stopped after it lost the page `Coast`, and a copy of its data file that has the page.
struct Restore {
    folder: TempDir,
    token: String,
    page: PageId,
}

impl Restore {
    fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut service = ServiceProcess::serve(&folder.path().join("data.backpack"));
        let token = service.token.clone().expect("a first start shows a token");
        let page = service.client(&token).pages().create("Coast").expect("a page").id;
        let restore = Self { folder, token, page };
        host_stdout(&restore.file("data.backpack"), &["db", "backup", &restore.path("copy.backpack")]);
        service.client(&restore.token).pages().destroy(page).expect("the page should go");
        // A killed service leaves its write-ahead log, which must not be applied to the restored file.
        service.kill();
        assert!(restore.file("data.backpack-wal").exists());
        restore
    }

    /// Returns the path of a file in the folder.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the path of a file in the folder as an argument of the command.
    fn path(&self, name: &str) -> String {
        self.file(name).to_str().expect("a path").to_owned()
    }

    /// Restores a file from a copy. Returns the success, the path of the replaced file, and standard error.
    fn run(&self, file: &str, copy: &str) -> (bool, String, String) {
        let (success, replaced, err) = run_host(&self.file(file), &["db", "restore", &self.path(copy)]);
        (success, replaced.trim_end().to_owned(), err)
    }

    /// Restores a file from a copy, which should fail. Returns the error.
    fn run_rejected(&self, file: &str, copy: &str) -> String {
        let (success, _, err) = self.run(file, copy);
        assert!(!success);
        err
    }

    /// `true` if a data file has the page `Coast`.
    fn has_page(&self, name: &str) -> bool {
        let service = ServiceProcess::serve(&self.file(name));
        match service.client(&self.token).pages().show(self.page) {
            Ok(page) => page.title == "Coast",
            Err(error) if error.is_not_found() => false,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn restores_a_copy_and_keeps_the_replaced_file() {
    let restore = Restore::prepare();
    let (success, replaced, err) = restore.run("data.backpack", "copy.backpack");
    assert!(success, "{err}");
    assert!(replaced.starts_with(&format!("{}.old-20", restore.path("data.backpack"))), "{replaced}");
    assert!(restore.has_page("data.backpack"));
    assert!(!restore.has_page(&replaced));
}

#[test]
fn a_second_restore_keeps_the_file_of_the_first() {
    let restore = Restore::prepare();
    let (_, first, _) = restore.run("data.backpack", "copy.backpack");
    let (success, second, err) = restore.run("data.backpack", "copy.backpack");
    assert!(success, "{err}");
    assert_ne!(first, second);
    assert!(!restore.has_page(&first));
    assert!(restore.has_page(&second));
}

#[test]
fn restores_a_file_that_does_not_exist() {
    let restore = Restore::prepare();
    let (success, replaced, err) = restore.run("new.backpack", "copy.backpack");
    assert!(success, "{err}");
    assert_eq!(replaced, "");
    assert_eq!(host_stdout(&restore.file("new.backpack"), &["db", "check"]), "ok");
}

#[test]
fn does_not_restore_a_file_in_use() {
    let restore = Restore::prepare();
    let _service = ServiceProcess::serve(&restore.file("data.backpack"));
    let err = restore.run_rejected("data.backpack", "copy.backpack");
    assert_eq!(err, format!("backpack: {} is in use: stop the server first\n", restore.path("data.backpack")));
}

#[test]
fn restores_only_a_file_from_another_data_file() {
    let restore = Restore::prepare();
    let data = restore.path("data.backpack");
    assert_eq!(
        restore.run_rejected("data.backpack", "data.backpack"),
        format!("backpack: {data} cannot be restored from itself\n")
    );
    let (success, _, err) = run_host(restore.folder.path(), &["db", "restore", &restore.path("copy.backpack")]);
    assert!(!success && restore.folder.path().is_dir(), "{err}");
    std::fs::write(restore.file("damaged.backpack"), "no database").expect("a file");
    let err = restore.run_rejected("data.backpack", "damaged.backpack");
    let mut files = restore.folder.path().read_dir().expect("the folder").map(|file| file.expect("a file").file_name());
    assert!(!files.any(|name| name.to_string_lossy().contains(".old")), "{err}");
}

#[cfg(unix)]
#[test]
fn read_only_commands_leave_no_files_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    ServiceProcess::serve(&data).stop();
    host_stdout(&data, &["account", "list"]);
    host_stdout(&data, &["user", "show", "home", "home"]);
    host_stdout(&data, &["db", "check"]);
    host_stdout(&data, &["db", "backup", copy.to_str().expect("a path")]);
    // A failed check leaves no files behind either.
    let mut bytes = std::fs::read(&copy).expect("the copy");
    bytes[6 * 4096..9 * 4096].fill(0x55);
    std::fs::write(&copy, bytes).expect("the copy should be damaged");
    let (success, _, err) = run_host(&copy, &["db", "check"]);
    assert!(!success, "{err}");
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("the folder").map(|file| file.expect("a file").file_name()).collect();
    names.sort();
    assert_eq!(names, ["copy.backpack", "data.backpack", "outbox"]);
}

#[test]
fn backs_up_a_running_service_completely() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    host_stdout(&data, &["db", "backup", copy.to_str().expect("a path")]);
    service.client(&token).pages().destroy(page).expect("the page should go");
    assert_eq!(host_stdout(&copy, &["db", "check"]), "ok");
    let restored = ServiceProcess::serve(&copy);
    assert_eq!(restored.client(&token).pages().show(page).expect("the page").title, "Coast");
    let (success, _, err) = run_host(&data, &["db", "backup", copy.to_str().expect("a path")]);
    assert!(!success && err.contains("already exists"), "{err}");
}

/// Runs the command as a user with read access only. Root could write everywhere, so root becomes the user `nobody`.
#[cfg(unix)]
#[test]
fn lists_checks_and_copies_a_file_on_read_only_media() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let (folder, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (data, copy) = (folder.path().join("data.backpack"), copies.path().join("copy.backpack"));
    drop(ServiceProcess::serve(&data));
    host_stdout(&data, &["account", "create", "acme"]);
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the owner may change the mode");
    };
    set_mode(copies.path(), 0o777);
    set_mode(&data, 0o444);
    set_mode(folder.path(), 0o555);
    let run_as_nobody = |arguments: &[&str]| {
        let mut command = backpack();
        if std::fs::metadata(&data).expect("the file").uid() == 0 {
            command.uid(65534).gid(65534);
        }
        let output =
            command.arg("host").args(arguments).arg("--data").arg(&data).output().expect("the command should run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(run_as_nobody(&["account", "list"]), "acme\t-\t-\nhome\t-\t-\n");
    assert_eq!(run_as_nobody(&["db", "check"]), "ok\n");
    run_as_nobody(&["db", "backup", copy.to_str().expect("a path")]);
    assert_eq!(host_stdout(&copy, &["account", "list"]), "acme\t-\t-\nhome\t-\t-");
    set_mode(folder.path(), 0o755);
}
