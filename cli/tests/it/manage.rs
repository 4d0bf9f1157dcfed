//! Accounts, users, tokens and the file, by the command.

use std::path::Path;

use crate::running::{Running, backpack};

/// What the command prints, and whether it succeeded.
fn run(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = backpack().args(arguments).arg("--data").arg(data).output().expect("the command should run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn printed(data: &Path, arguments: &[&str]) -> String {
    let (success, out, err) = run(data, arguments);
    assert!(success, "{arguments:?}: {err}");
    out.trim_end().to_owned()
}

#[test]
fn one_command_makes_a_backpack_that_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let first = Running::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    let page = first.client(&token).pages().create("Coast").expect("a page");
    drop(first);
    let second = Running::serve(&data);
    assert_eq!(second.client(&token).pages().show(page.id).expect("the page").title, "Coast");
}

#[test]
fn the_token_of_a_first_start_that_fails_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let (success, out, err) = run(&data, &["serve", "--listen", &address]);
    assert!(!success && err.starts_with("backpack: cannot listen at "), "{err}");
    let token = out.lines().find_map(|line| line.strip_prefix("token")).expect("a first start shows a token").trim();
    let service = Running::serve(&data);
    assert_eq!(service.token, None, "not a first start");
    assert_eq!(service.client(token).users().me().expect("the service should know the token").name, "home");
}

#[test]
fn accounts_users_and_tokens_are_made_while_the_service_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    printed(&data, &["account", "create", "acme", "--page-limit", "1"]);
    assert_eq!(printed(&data, &["account", "list"]), "acme\t-\t1\nhome\t-\t-");
    let user = printed(&data, &["user", "create", "acme", "Ines", "--email", "ines@example.com"]);
    assert_eq!(printed(&data, &["user", "list", "acme"]), format!("{user}\tines@example.com\tInes"));
    let ours =
        printed(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com", "--time-zone", "Berlin"]);
    let token = printed(&data, &["token", "create", "home", "tom@example.com"]);
    let me = service.client(&token).users().me().expect("the service should know the token");
    assert_eq!((me.id.to_string(), me.name.as_str()), (ours, "Tom"));
    assert_eq!(printed(&data, &["token", "revoke", "home", "Tom"]), "1");
    assert!(service.client(&token).users().me().is_err_and(|error| error.is_unauthorized()));
}

#[test]
fn a_backup_of_a_running_service_is_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    let service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    printed(&data, &["db", "backup", copy.to_str().expect("a path")]);
    service.client(&token).pages().destroy(page).expect("the page should go");
    assert_eq!(printed(&copy, &["db", "check"]), "sound");
    let restored = Running::serve(&copy);
    assert_eq!(restored.client(&token).pages().show(page).expect("the page").title, "Coast");
    let (success, _, err) = run(&data, &["db", "backup", copy.to_str().expect("a path")]);
    assert!(!success && err.contains("exists already"), "{err}");
}

/// As somebody who may read the file, but write neither to it nor beside it; whoever may do everything is nobody for that.
#[cfg(unix)]
#[test]
fn a_file_on_read_only_media_is_listed_checked_and_copied() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let (folder, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (data, copy) = (folder.path().join("data.backpack"), copies.path().join("copy.backpack"));
    drop(Running::serve(&data));
    printed(&data, &["account", "create", "acme"]);
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("our own file");
    };
    allow(copies.path(), 0o777);
    allow(&data, 0o444);
    allow(folder.path(), 0o555);
    let nobody = |arguments: &[&str]| {
        let mut command = backpack();
        if std::fs::metadata(&data).expect("the file").uid() == 0 {
            command.uid(65534).gid(65534);
        }
        let output = command.args(arguments).arg("--data").arg(&data).output().expect("the command should run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(nobody(&["account", "list"]), "acme\t-\t-\nhome\t-\t-\n");
    assert_eq!(nobody(&["db", "check"]), "sound\n");
    nobody(&["db", "backup", copy.to_str().expect("a path")]);
    assert_eq!(printed(&copy, &["account", "list"]), "acme\t-\t-\nhome\t-\t-");
    allow(folder.path(), 0o755);
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.starts_with("backpack: there is no file ") && err.lines().count() == 1, "{err}");
    std::fs::write(&data, "These are notes of mine, and no database at all.\n".repeat(100)).expect("a file");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.contains("cannot be opened: file is not a database"), "{err}");
    let untouched = std::fs::read_to_string(&data).expect("the file");
    assert!(untouched.starts_with("These are notes of mine"));
    std::fs::write(&data, "").expect("a file");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.ends_with(" is no Backpack file\n") && err.lines().count() == 1, "{err}");
}

#[test]
fn an_address_that_names_no_account_is_the_oldest_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let first = Running::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    printed(&data, &["account", "create", "acme"]);
    drop(first);
    let second = Running::serve(&data);
    assert_eq!(second.client(&token).users().me().expect("the oldest account").name, "home");
}

#[test]
fn an_account_that_is_not_there_is_said_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::serve(&data));
    let (success, _, err) = run(&data, &["serve", "--listen", "127.0.0.1:0", "--account", "typo"]);
    assert!(!success);
    assert_eq!(err, "backpack: there is no account typo\n");
}

#[test]
fn the_log_has_a_level_and_no_colours_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let logged = |level: &str| {
        let file = folder.path().join(level);
        let log = std::fs::File::create(&file).expect("a file");
        let service = Running::logging(&folder.path().join("data.backpack"), level, log);
        let nobody = "0".repeat(40);
        service.client(&nobody).users().me().expect_err("nobody has this token");
        drop(service);
        std::fs::read_to_string(file).expect("the log")
    };
    let info = logged("info");
    assert!(info.contains(" INFO ") && info.contains("users.me") && !info.contains('\u{1b}'), "{info}");
    assert_eq!(logged("error"), "");
}
