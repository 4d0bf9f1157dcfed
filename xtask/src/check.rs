//! `cargo xtask check`: runs the steps of CI.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::ValueEnum;

use crate::files::{display_path, list_files};
use crate::packages::{cargo_path, load_packages};
use crate::tidy;

/// Arguments of `cargo xtask check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this step only
    #[arg(long, value_name = "STEP")]
    only: Option<CheckStep>,
}

// The comments of the variants are the help of `--only`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckStep {
    /// Handwritten code is formatted
    Fmt,
    /// Clippy reports nothing, with all features
    Clippy,
    /// Clippy reports nothing, with each feature of the bindings alone, and with none
    Features,
    /// The generated files match the schema
    Regen,
    /// All tests pass except slow ones, documentation tests included, and no snapshot is pending
    Test,
    /// All slow tests pass: those with `#[ignore = "slow: …"]`. After `test`, no snapshot is unused
    Slow,
    /// The texts of `textile/` look as with RedCloth. Passes if Ruby or RedCloth is not installed
    Textile,
    /// The OpenAPI document is valid. Passes if Python or openapi-spec-validator is not installed
    Openapi,
    /// The documentation builds without a warning
    Doc,
    /// Dependencies, module structure, wording and links follow the rules of the repository
    Tidy,
}

/// Runs all steps, or the one in the arguments, up to the first failure.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let start = Instant::now();
    let steps: Vec<CheckStep> =
        CheckStep::value_variants().iter().copied().filter(|step| args.only.is_none_or(|only| only == *step)).collect();
    let snapshots = SnapshotLog::new();
    for step in &steps {
        let start = Instant::now();
        step.run(root, &snapshots).map_err(|error| format!("{error}\ncheck: step `{}` failed", step.name()))?;
        println!("check: {} passed in {:.1} s", step.name(), start.elapsed().as_secs_f64());
    }
    // A single step does not run all tests, so it cannot show that a snapshot is unused.
    if args.only.is_none() {
        snapshots.check_unused(root)?;
    }
    // The first failure ends the run, so all steps have passed here.
    let count = steps.len();
    println!("check: {count} of {count} steps passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

impl CheckStep {
    /// Name of the step on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Runs the step.
    fn run(self, root: &Path, snapshots: &SnapshotLog) -> Result<(), String> {
        match self {
            CheckStep::Fmt => run_cargo(root, "fmt --all --check", &[]),
            CheckStep::Clippy => run_cargo(root, "clippy --workspace --all-targets --all-features -- -D warnings", &[]),
            CheckStep::Features => check_features(root),
            CheckStep::Regen => run_cargo(root, "xtask regen --check", &[]),
            CheckStep::Test => {
                run_cargo(root, "test", &snapshots.environment())?;
                check_pending(root)
            }
            CheckStep::Slow => run_slow_tests(root, &snapshots.environment()),
            CheckStep::Textile => compare_textile(root),
            CheckStep::Openapi => validate_openapi(root),
            CheckStep::Doc => {
                run_cargo(root, "doc --workspace --no-deps --all-features", &[("RUSTDOCFLAGS", "-D warnings")])
            }
            CheckStep::Tidy => {
                println!("check: rules of the repository");
                tidy::run(root)
            }
        }
    }
}

/// Lints the crates of the bindings with each feature alone, and with none.
fn check_features(root: &Path) -> Result<(), String> {
    let packages = load_packages(root)?;
    for package in packages.iter().filter(|package| tidy::BINDINGS.contains(&package.name.as_str())) {
        let lint = format!("clippy --package {} --no-default-features", package.name);
        run_cargo(root, &format!("{lint} -- -D warnings"), &[])?;
        for feature in &package.features {
            run_cargo(root, &format!("{lint} --features {feature} -- -D warnings"), &[])?;
        }
    }
    Ok(())
}

/// Runs the tests that `cargo test` ignores. Fails if there are none, which would mean that the step checks nothing.
fn run_slow_tests(root: &Path, environment: &[(&str, &str)]) -> Result<(), String> {
    // Without documentation tests: `ignore` means there that an example cannot be compiled.
    let mut command = prepare_cargo(root, "test --tests -- --ignored", environment);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cannot run cargo: {error}"))?;
    let mut passed = 0;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        let line = line.map_err(|error| format!("cannot read the output of cargo: {error}"))?;
        println!("{line}");
        passed += count_passed(&line);
    }
    let status = child.wait().map_err(|error| format!("cannot wait for cargo: {error}"))?;
    match passed {
        _ if !status.success() => Err(format!("check: slow tests ended with {status}")),
        0 => Err("check: there are no slow tests; mark them with #[ignore = \"slow: …\"]".to_owned()),
        _ => Ok(()),
    }
}

/// Compares the texts of `textile/` with RedCloth. Passes if RedCloth is not installed.
fn compare_textile(root: &Path) -> Result<(), String> {
    let mut probe = Command::new("ruby");
    probe.args(["-e", "require 'redcloth'"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        println!("check: RedCloth is not installed, so nothing was compared; install the package ruby-redcloth");
        return Ok(());
    }
    let script = "textile/tests/redcloth.rb";
    println!("check: ruby {script}");
    let status = Command::new("ruby").arg(script).current_dir(root).status();
    let status = status.map_err(|error| format!("cannot run ruby: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("check: `ruby {script}` ended with {status}")) }
}

/// Validates the OpenAPI document of the schema. Passes if the validator is not installed.
fn validate_openapi(root: &Path) -> Result<(), String> {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import openapi_spec_validator"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        println!(
            "check: openapi-spec-validator is not installed, so nothing was validated; install the Python package \
             openapi-spec-validator"
        );
        return Ok(());
    }
    let document = std::env::temp_dir().join(format!("openapi-{}.json", std::process::id()));
    run_cargo(root, &format!("xtask openapi --out {}", document.display()), &[])?;
    let status = Command::new("python3").args(["-m", "openapi_spec_validator"]).arg(&document).status();
    fs::remove_file(&document).ok();
    let status = status.map_err(|error| format!("cannot run python3: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("check: the validation of the document ended with {status}")) }
}

/// Returns the number of passed tests in a line such as `test result: ok. 3 passed; 0 failed; …`. Returns 0 for other
/// lines.
fn count_passed(line: &str) -> usize {
    let count = line.strip_prefix("test result: ok. ").and_then(|rest| rest.split_once(" passed"));
    count.and_then(|(count, _)| count.parse().ok()).unwrap_or(0)
}

/// Fails if snapshots wait to be accepted.
fn check_pending(root: &Path) -> Result<(), String> {
    let files = list_files(root)?;
    let pending = tidy::pending_snapshots(&files).map(|path| format!("{}: pending", display_path(root, path)));
    fail_with(pending.collect())
}

/// The file to which insta appends the path of each snapshot that a test compares.
struct SnapshotLog {
    path: String,
}

impl SnapshotLog {
    /// Creates a log without a file. The first test with a snapshot creates the file.
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("snapshots-{}", std::process::id()));
        Self { path: path.to_string_lossy().into_owned() }
    }

    /// Environment variables for tests: snapshots are compared and logged, and never updated.
    fn environment(&self) -> [(&str, &str); 3] {
        [("CI", "true"), ("INSTA_UPDATE", "no"), ("INSTA_SNAPSHOT_REFERENCES_FILE", &self.path)]
    }

    /// Fails if there are snapshots that neither an ordinary nor a slow test has compared.
    fn check_unused(&self, root: &Path) -> Result<(), String> {
        // There is no file if no test has a snapshot.
        let used = fs::read_to_string(&self.path).unwrap_or_default();
        fail_with(find_unused(root, &list_files(root)?, &used))
    }
}

impl Drop for SnapshotLog {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Finds snapshots that are not used, and returns a message for each. `used` has the path of a used snapshot in each
/// line.
fn find_unused(root: &Path, files: &[PathBuf], used: &str) -> Vec<String> {
    let used: BTreeSet<PathBuf> = used.lines().filter_map(|line| fs::canonicalize(line).ok()).collect();
    let snapshots = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
    let unused = snapshots.filter(|path| fs::canonicalize(path).is_ok_and(|path| !used.contains(&path)));
    unused.map(|path| format!("{}: no test uses this snapshot", display_path(root, path))).collect()
}

/// Returns an error with a line for each finding, or `Ok` if there are none.
fn fail_with(findings: Vec<String>) -> Result<(), String> {
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

/// Prints and runs a command of cargo. `args` are separated by spaces. Fails if the command does.
fn run_cargo(root: &Path, args: &str, environment: &[(&str, &str)]) -> Result<(), String> {
    let status = prepare_cargo(root, args, environment).status();
    let status = status.map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("check: `cargo {args}` ended with {status}")) }
}

/// Prints a command line of cargo and returns the command, which does not run yet.
fn prepare_cargo(root: &Path, args: &str, environment: &[(&str, &str)]) -> Command {
    let variables: String = environment.iter().map(|(name, value)| format!("{name}={value:?} ")).collect();
    println!("check: {variables}cargo {args}");
    let mut command = Command::new(cargo_path());
    command.args(args.split(' ')).envs(environment.iter().copied()).current_dir(root);
    // Cargo sets these variables for xtask. Build scripts that depend on them, such as ring's, would run again.
    for (name, _) in std::env::vars_os() {
        let has_prefix = |prefix: &&str| name.to_string_lossy().starts_with(*prefix);
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(has_prefix) {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_unused_snapshots() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["one.snap", "two.snap", "three.rs"] {
            fs::write(path(name), "").unwrap();
        }
        let files = list_files(folder.path()).unwrap();
        let used = format!("{}\n{}\n", path("two.snap").display(), path("two.snap").display());
        assert_eq!(find_unused(folder.path(), &files, &used), ["one.snap: no test uses this snapshot"]);
    }

    #[test]
    fn counts_passed_tests() {
        assert_eq!(count_passed("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out"), 12);
        assert_eq!(count_passed("test soak::one ... ok"), 0);
    }
}
