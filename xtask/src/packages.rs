//! Asks cargo about packages: their features and dependencies.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Path of the cargo that runs this program.
pub(crate) fn cargo_path() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// A package of the workspace or one of its dependencies.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// `rust-version` of the manifest.
    pub(crate) rust_version: Option<String>,
    /// Names of the features, without `default`.
    pub(crate) features: Vec<String>,
}

/// Loads all packages: those of the workspace and their dependencies.
pub(crate) fn load_packages(root: &Path) -> Result<Vec<Package>, String> {
    let text = run_cargo(root, &["metadata", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    Ok(packages.map(parse_package).collect())
}

/// Reads a package in the output of `cargo metadata`. Missing values are empty.
fn parse_package(value: &Value) -> Package {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let features = value.get("features").and_then(Value::as_object).into_iter().flatten();
    Package {
        name: text("name").unwrap_or_default(),
        version: text("version").unwrap_or_default(),
        rust_version: text("rust_version"),
        features: features.map(|(name, _)| name.clone()).filter(|name| name != "default").collect(),
    }
}

/// A package in a dependency tree: name and version.
pub(crate) type Dependency = (String, String);

/// Lists the third-party packages that a package depends on, directly or not. `args` select features and target, as for
/// `cargo tree`.
pub(crate) fn list_dependencies(root: &Path, package: &str, args: &[&str]) -> Result<Vec<Dependency>, String> {
    let tree = ["tree", "--package", package, "--edges", "normal", "--prefix", "none"];
    let text = run_cargo(root, &[tree.as_slice(), args].concat())?;
    Ok(parse_tree(&text))
}

/// Parses lines such as `bytes v1.11.0 (*)`, and returns each dependency once, sorted. Skips the workspace's packages,
/// which have a path: `name v0.1.0 (/path)` or `name v0.1.0 (C:\path)`.
fn parse_tree(tree: &str) -> Vec<Dependency> {
    let mut dependencies: Vec<Dependency> =
        tree.lines().filter(|line| !line.contains(['/', '\\'])).filter_map(parse_dependency).collect();
    dependencies.sort();
    dependencies.dedup();
    dependencies
}

/// Parses a line of a dependency tree. Returns `None` if the line has no version.
fn parse_dependency(line: &str) -> Option<Dependency> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    Some((name.to_owned(), version.strip_prefix('v')?.to_owned()))
}

/// Checks the lock file of a folder outside the workspace. Returns a message if it is out of date or cannot be checked,
/// otherwise `None`.
pub(crate) fn check_lock(root: &Path, folder: &str) -> Option<String> {
    let manifest = format!("{folder}/Cargo.toml");
    let args = ["metadata", "--locked", "--format-version", "1", "--manifest-path", &manifest];
    let error = run_cargo(root, &args).err()?;
    Some(format!("{folder}/Cargo.lock: update it with `cargo update --workspace --manifest-path {manifest}`\n{error}"))
}

/// Runs cargo and returns its standard output. If cargo fails, the error has its standard error.
fn run_cargo(root: &Path, args: &[&str]) -> Result<String, String> {
    let failed = |reason: String| format!("`cargo {}` failed: {reason}", args.join(" "));
    let output =
        Command::new(cargo_path()).args(args).current_dir(root).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_each_third_party_package_of_a_tree_once() {
        let tree = "ours v0.1.0 (/src/ours)\nours-too v0.1.0 (C:\\src\\ours)\nhttp v1.4.0\nbytes v1.11.0\nmacros v1.0.0 (proc-macro)\nbytes v1.11.0 (*)\n";
        let names: Vec<String> =
            parse_tree(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["bytes 1.11.0", "http 1.4.0", "macros 1.0.0"]);
    }
}
