//! Runs the fuzz targets with the seeds in `fuzz/corpus` and with seeds from the schema's examples.

use std::fs;
use std::path::Path;

use backpack_tests::{fuzz, schema};

/// Reads the names and contents of a target's checked-in seeds. Inputs that a fuzzer found are named by their hash,
/// which has 40 digits, and are not checked in.
fn read_seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = schema::repository_root().join("fuzz/corpus").join(target);
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
fn every_target_accepts_the_checked_in_seeds() {
    for (target, run) in fuzz::TARGETS {
        let seeds = read_seeds(target);
        assert!(seeds.len() >= 24, "{target} has {} seeds", seeds.len());
        for (name, seed) in seeds {
            // Shown only if the test fails.
            println!("{target}/{name}");
            run(&seed);
        }
    }
}

#[test]
fn every_target_accepts_the_seeds_from_examples() {
    for (target, name, seed) in fuzz::make_seeds() {
        let (_, run) = fuzz::TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
        println!("{target}/{name}");
        run(&seed);
    }
}

#[test]
fn every_target_has_a_fuzz_program() {
    let folder = schema::repository_root().join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (target, _) in fuzz::TARGETS {
        let program = format!("fuzz_targets/{target}.rs");
        assert!(manifest.contains(&format!("path = \"{program}\"")), "{target} is not in fuzz/Cargo.toml");
        let text = fs::read_to_string(Path::new(&folder).join(program)).unwrap();
        assert!(text.contains(&format!("backpack_tests::fuzz::check_{target}(data)")), "{target} calls something else");
    }
}
