//! The fuzz targets, with the seeds in `fuzz/corpus` and those that the schema's examples make.

use std::fs;
use std::path::Path;

use backpack_tests::{fuzz, schema};

/// The seeds of a target that are in the repository. What a fuzzer finds is named by its hash, and stays where it was found.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = schema::root().join("fuzz/corpus").join(target);
    let mut seeds = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.len() < 40 {
            seeds.push((name, fs::read(&path).unwrap()));
        }
    }
    seeds
}

#[test]
fn seeds_keep_every_promise() {
    for (target, run) in fuzz::TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() >= 24, "{target} has {} seeds", seeds.len());
        for (name, seed) in seeds {
            // Who sees this fail sees which seed it was.
            println!("{target}/{name}");
            run(&seed);
        }
    }
}

#[test]
fn examples_keep_every_promise() {
    for (target, name, seed) in fuzz::seeds() {
        let (_, run) = fuzz::TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
        println!("{target}/{name}");
        run(&seed);
    }
}

#[test]
fn every_target_has_its_program() {
    let folder = schema::root().join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (target, _) in fuzz::TARGETS {
        let program = format!("fuzz_targets/{target}.rs");
        assert!(manifest.contains(&format!("path = \"{program}\"")), "{target} is not in fuzz/Cargo.toml");
        let text = fs::read_to_string(Path::new(&folder).join(program)).unwrap();
        assert!(text.contains(&format!("backpack_tests::fuzz::{target}(data)")), "{target} calls something else");
    }
}
