//! The generator's output depends on the schema alone, and the checked-in files are its output.
//!
//! `xtask/tests/regen.rs` tests that the output does not depend on the environment of the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backpack_tests::host::list_files;
use backpack_tests::schema;
use xmlwire_codegen::{Options, Source, generate};

/// Generates files from sources. Returns their texts by path.
fn generate_files(sources: &[Source]) -> BTreeMap<String, String> {
    let options = Options {
        crate_name: "backpack_api".to_owned(),
        command: "cargo xtask regen".to_owned(),
        ..Options::default()
    };
    let output = generate(sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    output.files.into_iter().map(|file| (file.path, file.text)).collect()
}

/// Returns the paths of files whose texts differ, or that only one of the two has.
fn differing_paths(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let paths = one.keys().chain(other.keys().filter(|path| !one.contains_key(*path)));
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// Reads all files in a folder and below. Returns their texts by path.
fn read_folder(folder: &Path) -> BTreeMap<String, String> {
    let read_file = |path: PathBuf| {
        let name = path.strip_prefix(folder).expect("the file is in the folder").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).expect("a file should be readable"))
    };
    list_files(folder).into_iter().map(read_file).collect()
}

#[test]
fn the_checked_in_files_are_generated_from_the_schema() {
    let stale = differing_paths(
        &generate_files(&schema::read_sources()),
        &read_folder(&schema::repository_root().join("generated/src/api")),
    );
    assert!(stale.is_empty(), "run `cargo xtask regen`: {stale:?}");
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn the_order_of_files_does_not_matter() {
    let mut sources = schema::read_sources();
    let sorted = generate_files(&sources);
    sources.reverse();
    for _ in 0..5 {
        // Files with odd positions first, then those with even ones, so that each file gets other neighbors.
        let (even, odd): (Vec<_>, Vec<_>) = sources.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        sources = odd.into_iter().chain(even).map(|(_, source)| source).collect();
        let differing = differing_paths(&generate_files(&sources), &sorted);
        assert!(differing.is_empty(), "{differing:?}");
    }
}
