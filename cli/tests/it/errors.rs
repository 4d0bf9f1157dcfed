//! Error messages and exit codes.

use std::path::Path;
use std::process::Stdio;

use crate::support::{ServiceProcess, backpack, run_host, temp_data};

#[test]
fn names_what_was_not_found() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    for (arguments, missing) in [
        (&["user", "list", "typo"][..], "there is no account typo"),
        (&["account", "ssl", "typo", "on"], "there is no account typo"),
        (&["token", "create", "typo", "home"], "there is no account typo"),
        (&["token", "create", "home", "typo"], "there is no user typo in the account home"),
        (&["user", "set", "home", "7", "--name", "Tom"], "there is no user 7 in the account home"),
        (&["user", "show", "home", "7"], "there is no user 7 in the account home"),
        (&["account", "rename", "typo", "coast"], "there is no account typo"),
        (&["calendar", "delete", "home", "Work", "--yes"], "there is no calendar Work in the account home"),
        (&["calendar", "set", "home", "7", "--shared", "on"], "there is no calendar 7 in the account home"),
    ] {
        let (success, _, err) = run_host(&data, arguments);
        assert_eq!((success, err), (false, format!("backpack: {missing}\n")), "{arguments:?}");
    }
}

/// Runs `backpack host account list` with `out` as its standard output. Returns the exit code and standard error.
#[cfg(target_os = "linux")]
fn list_accounts_to(out: Stdio, data: &Path) -> (Option<i32>, String) {
    let mut command = backpack();
    command.args(["host", "account", "list", "--data"]).arg(data).stdout(out).stderr(Stdio::piped());
    let output = command.spawn().and_then(|child| child.wait_with_output()).expect("the command should run");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[cfg(target_os = "linux")]
#[test]
fn fails_without_a_panic_if_the_result_cannot_be_printed() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    // A closed pipe is not an error to report: the reader, such as `head`, has seen enough.
    let (read, write) = std::io::pipe().expect("a pipe");
    drop(read);
    assert_eq!(list_accounts_to(write.into(), &data), (Some(1), String::new()));
    // Writing to this device fails as on a full disk.
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let (code, err) = list_accounts_to(full.into(), &data);
    assert!(code == Some(1) && err.starts_with("backpack: cannot print the result: No space left"), "{err}");
    // The error message cannot be printed either.
    let (read, write) = std::io::pipe().expect("a pipe");
    drop(read);
    let failed = backpack().args(["host", "account", "list", "--data", "missing"]).stderr(write).status();
    assert_eq!(failed.expect("the command should run").code(), Some(1));
}

#[test]
fn reports_missing_and_unusable_files() {
    let (_folder, data) = temp_data();
    let (success, _, err) = run_host(&data, &["account", "list"]);
    assert!(!success && err.starts_with("backpack: there is no file ") && err.lines().count() == 1, "{err}");
    std::fs::write(&data, "These are notes of mine, and no database at all.\n".repeat(100)).expect("a file");
    let (success, _, err) = run_host(&data, &["account", "list"]);
    let message = format!("backpack: {} cannot be opened: file is not a database\n", data.display());
    assert_eq!((success, err), (false, message));
    let untouched = std::fs::read_to_string(&data).expect("the file");
    assert!(untouched.starts_with("These are notes of mine"));
    std::fs::write(&data, "").expect("a file");
    let (success, _, err) = run_host(&data, &["account", "list"]);
    assert!(!success && err.ends_with(" is not a Backpack data file\n") && err.lines().count() == 1, "{err}");
}
