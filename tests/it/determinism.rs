//! What is generated depends on the schema and on nothing else, and what is checked in is what is generated.
//! That the command's surroundings do not matter either is tested beside the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use xmlwire_codegen::{Options, Source, generate};
use backpack_tests::schema;

/// What files make, by path.
fn files_of(sources: &[Source]) -> BTreeMap<String, String> {
    let options = Options { crate_name: "backpack_api".to_owned(), command: "cargo xtask regen".to_owned() };
    let output = generate(sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    output.files.into_iter().map(|file| (file.path, file.text)).collect()
}

/// Paths at which two sets of files differ.
fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let paths = one.keys().chain(other.keys().filter(|path| !one.contains_key(*path)));
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// Files of a folder, by path.
fn read(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder should be readable");
    let paths = entries.map(|entry| entry.expect("the folder should be readable").path());
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read_to_string(&path).expect("a file should be readable"))).collect()
}

#[test]
fn what_is_checked_in_is_what_the_schema_makes() {
    let stale = differing(&files_of(&schema::sources()), &read(&schema::root().join("generated/src/api")));
    assert!(stale.is_empty(), "run `cargo xtask regen`: {stale:?}");
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn the_order_of_files_does_not_matter() {
    let mut sources = schema::sources();
    let sorted = files_of(&sources);
    sources.reverse();
    for _ in 0..5 {
        // A riffle: what stood apart comes together.
        let (even, odd): (Vec<_>, Vec<_>) = sources.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        sources = odd.into_iter().chain(even).map(|(_, source)| source).collect();
        let differing = differing(&files_of(&sources), &sorted);
        assert!(differing.is_empty(), "{differing:?}");
    }
}
