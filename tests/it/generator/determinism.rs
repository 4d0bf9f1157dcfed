//! The generator's output depends on the schema alone, and the checked-in files are its output.
//!
//! `xtask` tests that the environment of the command does not matter either.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use backpack_tests::schema;
use xmlwire_codegen::{Options, Source, generate};

/// Generates files from sources. Returns their texts by path.
fn generate_files(sources: &[Source]) -> BTreeMap<String, String> {
    let options = Options { crate_name: "backpack_api".to_owned(), command: "cargo xtask regen".to_owned() };
    let output = generate(sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    output.files.into_iter().map(|file| (file.path, file.text)).collect()
}

/// Paths of the files that differ.
fn differing_paths(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let paths = one.keys().chain(other.keys().filter(|path| !one.contains_key(*path)));
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// Reads the files of a folder. Returns their texts by name.
fn read_folder(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder should be readable");
    let paths = entries.map(|entry| entry.expect("the folder should be readable").path());
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read_to_string(&path).expect("a file should be readable"))).collect()
}

#[test]
fn the_checked_in_files_are_generated_from_the_schema() {
    let stale =
        differing_paths(&generate_files(&schema::sources()), &read_folder(&schema::root().join("generated/src/api")));
    assert!(stale.is_empty(), "run `cargo xtask regen`: {stale:?}");
}

#[test]
fn the_order_of_files_does_not_matter() {
    let mut sources = schema::sources();
    let sorted = generate_files(&sources);
    sources.reverse();
    for _ in 0..5 {
        // A riffle shuffle, so that neighbors change.
        let (even, odd): (Vec<_>, Vec<_>) = sources.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        sources = odd.into_iter().chain(even).map(|(_, source)| source).collect();
        let differing = differing_paths(&generate_files(&sources), &sorted);
        assert!(differing.is_empty(), "{differing:?}");
    }
}
