//! `cargo xtask regen` as a process: the same bytes in every environment, and on every run.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the command in this folder and returns its standard output.
fn run_xtask(from: &Path, locale: &str, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).current_dir(from).env("TZ", "Pacific/Chatham");
    command.envs(["LANG", "LC_ALL", "LC_COLLATE"].map(|name| (name, locale)));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Lists all files in a folder and below.
fn list_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { list_files(&path) } else { vec![path] }).collect()
}

/// Reads all files in a folder and below, by path.
fn read_folder(folder: &Path) -> BTreeMap<PathBuf, String> {
    let paths = list_files(folder).into_iter();
    paths.map(|path| (path.strip_prefix(folder).unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn output_does_not_depend_on_the_environment() {
    let (root, folder) = (repository_root(), tempfile::tempdir().unwrap());
    let checked_in = read_folder(&root.join("generated/src/api"));
    let environments = [
        ("C", root.clone(), PathBuf::from("schema")),
        ("tr_TR.UTF-8", folder.path().to_owned(), root.join("schema")),
        ("ja_JP.eucJP", root.join("generated/src"), PathBuf::from("../../schema")),
    ];
    for (index, (locale, from, schema)) in environments.iter().enumerate() {
        let out = folder.path().join(index.to_string());
        run_xtask(from, locale, &["regen", "--schema", as_text(schema), "--out", as_text(&out)]);
        let generated = read_folder(&out);
        let paths = checked_in.keys().chain(generated.keys());
        let differing: Vec<_> = paths.filter(|path| checked_in.get(*path) != generated.get(*path)).collect();
        assert!(differing.is_empty(), "{locale} in {}: {differing:?}", from.display());
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let (root, folder) = (repository_root(), tempfile::tempdir().unwrap());
    let run = || run_xtask(&root, "C", &["regen", "--out", as_text(folder.path())]);
    let first = run();
    let times = || list_files(folder.path()).into_iter().map(|path| fs::metadata(path).unwrap().modified().unwrap());
    let (written, files) = (times().max(), read_folder(folder.path()).len());
    assert_eq!(first.lines().filter(|line| line.starts_with("created ")).count(), files, "{first}");
    let second = run();
    assert_eq!(second.lines().count(), 1, "{second}");
    assert_eq!(times().max(), written);
}

#[test]
fn checked_in_files_match_the_schema() {
    run_xtask(&std::env::temp_dir(), "C", &["regen", "--check"]);
}
