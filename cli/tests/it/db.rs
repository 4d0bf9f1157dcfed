//! `backpack host db`.

use std::path::Path;

use crate::support::{ServiceProcess, backpack, host_stdout, run_host};

/// Also rejects a file in use, the file as its own copy, a folder, and a damaged copy.
#[test]
fn restores_a_copy_and_keeps_the_replaced_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (data, copy) = (file("data.backpack"), file("copy.backpack"));
    let mut service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    let copy_path = copy.to_str().expect("a path");
    host_stdout(&data, &["db", "backup", copy_path]);
    service.client(&token).pages().destroy(page).expect("the page should go");
    let (success, _, err) = run_host(&data, &["db", "restore", copy_path]);
    let message = format!("backpack: {} is in use: stop the server first\n", data.display());
    assert_eq!((success, err), (false, message));
    // A killed service leaves its write-ahead log, which must not be applied to the restored file.
    service.kill();
    assert!(file("data.backpack-wal").exists());
    let replaced = host_stdout(&data, &["db", "restore", copy_path]);
    assert!(replaced.starts_with(&format!("{}.old-20", data.display())), "{replaced}");
    let restored = ServiceProcess::serve(&data);
    assert_eq!(restored.client(&token).pages().show(page).expect("the page").title, "Coast");
    drop(restored);
    let old = ServiceProcess::serve(Path::new(&replaced));
    assert!(old.client(&token).pages().show(page).is_err_and(|error| error.is_not_found()), "the replaced file");
    drop(old);
    assert_eq!(host_stdout(&file("new.backpack"), &["db", "restore", copy_path]), "", "no file was replaced");
    assert_eq!(host_stdout(&file("new.backpack"), &["db", "check"]), "ok");

    // A second restore keeps the file that it replaces, and the one of the first restore.
    let mut service = ServiceProcess::serve(&data);
    let later = service.client(&token).pages().create("Later").expect("a page").id;
    service.kill();
    let second = host_stdout(&data, &["db", "restore", copy_path]);
    assert!(second != replaced && Path::new(&replaced).exists(), "{second}");
    let old = ServiceProcess::serve(Path::new(&second));
    assert_eq!(old.client(&token).pages().show(later).expect("the page").title, "Later");
    drop(old);
    let data_path = data.to_str().expect("a path");
    let (success, _, err) = run_host(&data, &["db", "restore", data_path]);
    assert_eq!((success, err), (false, format!("backpack: {data_path} cannot be restored from itself\n")));
    // A folder is not replaced.
    let (success, _, err) = run_host(folder.path(), &["db", "restore", copy_path]);
    assert!(!success && folder.path().is_dir(), "{err}");

    std::fs::write(file("damaged.backpack"), "no database").expect("a file");
    let (success, _, err) =
        run_host(&file("new.backpack"), &["db", "restore", file("damaged.backpack").to_str().expect("a path")]);
    let is_old = |name: &str| name.starts_with("new.backpack.old");
    let mut names = folder.path().read_dir().expect("the folder").map(|entry| entry.expect("a file").file_name());
    assert!(!success && !names.any(|name| name.to_str().is_some_and(is_old)), "{err}");
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
