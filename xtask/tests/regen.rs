//! `cargo xtask regen` as a whole: whoever runs it, wherever and how often, the same bytes come of it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the command somewhere and returns what it says.
fn xtask(from: &Path, locale: &str, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).current_dir(from).env("TZ", "Pacific/Chatham");
    command.envs(["LANG", "LC_ALL", "LC_COLLATE"].map(|name| (name, locale)));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Paths of all files in a folder and its subfolders.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { paths(&path) } else { vec![path] }).collect()
}

/// The files of a folder, by path.
fn read(folder: &Path) -> BTreeMap<PathBuf, String> {
    let paths = paths(folder).into_iter();
    paths.map(|path| (path.strip_prefix(folder).unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn surroundings_do_not_matter() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let checked_in = read(&root.join("generated/src/api"));
    let places = [
        ("C", root.clone(), PathBuf::from("schema")),
        ("tr_TR.UTF-8", folder.path().to_owned(), root.join("schema")),
        ("ja_JP.eucJP", root.join("generated/src"), PathBuf::from("../../schema")),
    ];
    for (place, (locale, from, schema)) in places.iter().enumerate() {
        let out = folder.path().join(place.to_string());
        xtask(from, locale, &["regen", "--schema", text(schema), "--out", text(&out)]);
        let made = read(&out);
        let paths = checked_in.keys().chain(made.keys());
        let differing: Vec<_> = paths.filter(|path| checked_in.get(*path) != made.get(*path)).collect();
        assert!(differing.is_empty(), "{locale} in {}: {differing:?}", from.display());
    }
}

#[test]
fn the_second_run_changes_nothing() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let run = || xtask(&root, "C", &["regen", "--out", text(folder.path())]);
    let first = run();
    let times = || paths(folder.path()).into_iter().map(|path| fs::metadata(path).unwrap().modified().unwrap());
    let (written, files) = (times().max(), read(folder.path()).len());
    assert_eq!(first.lines().filter(|line| line.starts_with("created ")).count(), files, "{first}");
    let second = run();
    assert_eq!(second.lines().count(), 1, "{second}");
    assert_eq!(times().max(), written);
}

#[test]
fn what_is_checked_in_is_what_the_schema_makes() {
    xtask(&std::env::temp_dir(), "C", &["regen", "--check"]);
}
