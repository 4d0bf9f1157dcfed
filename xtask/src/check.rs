//! `cargo xtask check`: what CI runs, step by step.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::ValueEnum;

use crate::packages::{cargo, packages};
use crate::{files, shown, tidy};

/// What `cargo xtask check` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this step only
    #[arg(long, value_name = "STEP")]
    only: Option<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Handwritten code is formatted
    Fmt,
    /// No lint speaks, with all features
    Clippy,
    /// No lint speaks, with each feature of the published crates alone, and with none
    Features,
    /// The generated files are what the schema makes
    Regen,
    /// All tests pass, those in the documentation too, and no snapshot is pending or unused
    Test,
    /// The documentation builds without a warning
    Doc,
    /// Dependencies, names and links are as the repository wants them
    Tidy,
}

/// Runs the steps.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let start = Instant::now();
    let steps: Vec<Step> =
        Step::value_variants().iter().copied().filter(|step| args.only.is_none_or(|only| only == *step)).collect();
    for step in &steps {
        let start = Instant::now();
        step.run(root).map_err(|why| format!("{why}\ncheck: step `{}` failed", step.name()))?;
        println!("check: {} passed in {:.1} s", step.name(), start.elapsed().as_secs_f64());
    }
    println!("check: {} of {} steps passed in {:.1} s", steps.len(), steps.len(), start.elapsed().as_secs_f64());
    Ok(())
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn run(self, root: &Path) -> Result<(), String> {
        match self {
            Step::Fmt => cargo_in(root, "fmt --all --check", &[]),
            Step::Clippy => cargo_in(root, "clippy --workspace --all-targets --all-features -- -D warnings", &[]),
            Step::Features => features(root),
            Step::Regen => cargo_in(root, "xtask regen --check", &[]),
            Step::Test => test(root),
            Step::Doc => cargo_in(root, "doc --workspace --no-deps --all-features", &[("RUSTDOCFLAGS", "-D warnings")]),
            Step::Tidy => {
                println!("check: rules of the repository");
                tidy::run(root)
            }
        }
    }
}

/// Lints the published crates with each feature alone, and with none.
fn features(root: &Path) -> Result<(), String> {
    let packages = packages(root)?;
    for package in packages.iter().filter(|package| tidy::PUBLISHED.contains(&package.name.as_str())) {
        let lint = format!("clippy --package {} --no-default-features", package.name);
        cargo_in(root, &format!("{lint} -- -D warnings"), &[])?;
        for feature in &package.features {
            cargo_in(root, &format!("{lint} --features {feature} -- -D warnings"), &[])?;
        }
    }
    Ok(())
}

/// Runs all tests, and then looks for snapshots that wait or that no test has asked for.
fn test(root: &Path) -> Result<(), String> {
    // insta adds the path of each snapshot that a test compares to the file that this variable names.
    let list = std::env::temp_dir().join(format!("snapshots-{}", std::process::id()));
    let environment =
        [("CI", "true"), ("INSTA_UPDATE", "no"), ("INSTA_SNAPSHOT_REFERENCES_FILE", &list.to_string_lossy())];
    let tested = cargo_in(root, "test", &environment);
    let used = fs::read_to_string(&list).unwrap_or_default();
    // It is not there if no test has a snapshot.
    fs::remove_file(&list).ok();
    tested?;
    let files = files(root)?;
    let pending = tidy::pending_snapshots(&files).map(|path| format!("{}: pending", shown(root, path)));
    let wrong: Vec<String> = pending.chain(unused(root, &files, &used)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The snapshots that are not in the list of those used.
fn unused(root: &Path, files: &[PathBuf], used: &str) -> Vec<String> {
    let used: BTreeSet<PathBuf> = used.lines().filter_map(|line| fs::canonicalize(line).ok()).collect();
    let snapshots = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
    let unused = snapshots.filter(|path| fs::canonicalize(path).is_ok_and(|path| !used.contains(&path)));
    unused.map(|path| format!("{}: no test uses this snapshot", shown(root, path))).collect()
}

/// Runs cargo with arguments between spaces, after saying so. Lints come after ` -- `.
fn cargo_in(root: &Path, args: &str, environment: &[(&str, &str)]) -> Result<(), String> {
    let variables: String = environment.iter().map(|(name, value)| format!("{name}={value:?} ")).collect();
    println!("check: {variables}cargo {args}");
    let mut command = Command::new(cargo());
    command.args(args.split(' ')).envs(environment.iter().copied()).current_dir(root);
    let status = command.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("check: `cargo {args}` ended with {status}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unused_snapshots_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["one.snap", "two.snap", "three.rs"] {
            fs::write(path(name), "").unwrap();
        }
        let found = files(folder.path()).unwrap();
        let used = format!("{}\n{}\n", path("two.snap").display(), path("two.snap").display());
        assert_eq!(unused(folder.path(), &found, &used), ["one.snap: no test uses this snapshot"]);
    }
}
