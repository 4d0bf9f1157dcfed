//! `cargo xtask diff` as a process: folders, revisions of git, formats, and the exit code.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const API: &str = r#"<api name="harbour" host="https://example.com">
  <doc>Boats.</doc>
  <style name="plain"><doc>The token in a header.</doc><header name="X-Token">{token}</header></style>
</api>"#;

const BOATS: &str = r#"<section name="boats" style="plain">
  <doc>Boats.</doc>
  <endpoint name="count" method="GET" path="/count.xml">
    <doc>Returns the number of boats.</doc>
    <response><count>{count: integer}</count></response>
    <doc for="count">Number of boats.</doc>
    <example path="/count.xml"><response><count>7</count></response></example>
  </endpoint>
</section>"#;

const DIFFERENCES: &str = "boats.count response: type is `integer?`, was `integer`
    breaking: Rust API, servers send
    compatible: clients accept
major (1 breaking)
";

/// Runs the command with `root` as the repository.
fn run_diff(root: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("diff").args(args).env("CARGO_MANIFEST_DIR", root.join("xtask")).current_dir(root).output().unwrap()
}

/// Writes a schema into the folder `schema` of `root`, with this type of the number of boats.
fn write_schema(root: &Path, count: &str) {
    fs::create_dir_all(root.join("schema")).unwrap();
    fs::write(root.join("schema/api.xml"), API).unwrap();
    fs::write(root.join("schema/boats.xml"), BOATS.replace("{count: integer}", &format!("{{count: {count}}}")))
        .unwrap();
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn compares_two_folders() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_schema(old.path(), "integer");
    write_schema(new.path(), "integer?");
    let (old_schema, new_schema) = (old.path().join("schema"), new.path().join("schema"));
    let folders = [old_schema.to_str().unwrap(), new_schema.to_str().unwrap()];
    let output = run_diff(old.path(), &folders);
    assert_eq!((stdout(&output), output.status.code()), (DIFFERENCES, Some(0)));
    let output = run_diff(old.path(), &[folders[0], folders[0]]);
    assert_eq!(stdout(&output), "unchanged (no differences)\n");
}

#[test]
fn compares_a_revision_with_the_working_tree() {
    let root = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=Ines", "-c", "user.email=ines@example.com"];
        Command::new("git").current_dir(root.path()).args(identity).args(args).output()
    };
    if git(&["init", "--quiet"]).is_err() {
        eprintln!("skipped: this machine has no git");
        return;
    }
    write_schema(root.path(), "integer");
    git(&["add", "."]).unwrap();
    assert!(git(&["commit", "--quiet", "--message", "first"]).unwrap().status.success());
    write_schema(root.path(), "integer?");
    let output = run_diff(root.path(), &["HEAD"]);
    assert_eq!((stdout(&output), output.status.code()), (DIFFERENCES, Some(0)));
    let output = run_diff(root.path(), &["HEAD", "HEAD"]);
    assert_eq!(stdout(&output), "unchanged (no differences)\n");
    let output = run_diff(root.path(), &["v9"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("v9"));
}

#[test]
fn fails_on_the_given_change_of_the_version_and_higher_ones() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_schema(old.path(), "integer");
    write_schema(new.path(), "integer?");
    let (old_schema, new_schema) = (old.path().join("schema"), new.path().join("schema"));
    let code = |new: &Path, bump: &str| {
        let args = [old_schema.to_str().unwrap(), new.to_str().unwrap(), "--fail-on", bump];
        run_diff(old.path(), &args).status.code()
    };
    for bump in ["patch", "minor", "major"] {
        assert_eq!((code(&new_schema, bump), code(&old_schema, bump)), (Some(1), Some(0)), "{bump}");
    }
}

#[test]
fn writes_markdown_and_json() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_schema(old.path(), "integer");
    write_schema(new.path(), "integer?");
    let (old_schema, new_schema) = (old.path().join("schema"), new.path().join("schema"));
    let run = |format: &str| {
        let args = [old_schema.to_str().unwrap(), new_schema.to_str().unwrap(), "--format", format];
        stdout(&run_diff(old.path(), &args)).to_owned()
    };
    let row =
        "| `boats.count response` | type is `integer?`, was `integer` | Rust API, servers send | clients accept |";
    assert_eq!(run("markdown").lines().last(), Some(row));
    let json: serde_json::Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(json["version"], "major");
    let effects = &json["differences"][0]["effects"];
    assert_eq!((&effects["servers_send"], &effects["clients_accept"]), (&"breaking".into(), &"compatible".into()));
}

#[test]
fn names_the_mistakes_of_an_invalid_schema() {
    let root = tempfile::tempdir().unwrap();
    write_schema(root.path(), "number");
    let schema = root.path().join("schema");
    let output = run_diff(root.path(), &[schema.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown type `number`"));
}
