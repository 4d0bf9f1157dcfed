//! What cargo says about packages: their features and dependencies.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The cargo that runs this program.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// A package that a workspace needs.
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its `rust-version`, if it has one.
    pub(crate) rust_version: Option<String>,
    /// Its features, without `default` and those that only switch a dependency on.
    pub(crate) features: Vec<String>,
}

/// All packages, those of the workspace included.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let text = output(root, &["metadata", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    Ok(packages.map(package).collect())
}

fn package(value: &Value) -> Package {
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

/// The third-party packages that those get who depend on `package`. `which` are arguments of cargo: features, target.
pub(crate) fn dependencies(root: &Path, package: &str, which: &[&str]) -> Result<Vec<Dependency>, String> {
    let tree = ["tree", "--package", package, "--edges", "normal", "--prefix", "none"];
    let text = output(root, &[tree.as_slice(), which].concat())?;
    Ok(parse(&text))
}

/// Reads lines such as `bytes v1.11.0 (*)`. Packages with a path, `name v0.1.0 (/path)`, are our own.
fn parse(tree: &str) -> Vec<Dependency> {
    let mut dependencies: Vec<Dependency> =
        tree.lines().filter(|line| !line.contains('/')).filter_map(dependency).collect();
    dependencies.sort();
    dependencies.dedup();
    dependencies
}

fn dependency(line: &str) -> Option<Dependency> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    Some((name.to_owned(), version.strip_prefix('v')?.to_owned()))
}

/// Why a folder that is no member of the workspace is locked to something else than it needs now, if it is.
pub(crate) fn stale_lock(root: &Path, folder: &str) -> Option<String> {
    let manifest = format!("{folder}/Cargo.toml");
    let why = output(root, &["metadata", "--locked", "--format-version", "1", "--manifest-path", &manifest]).err()?;
    Some(format!(
        "{folder}/Cargo.lock: bring it up to date with `cargo update --workspace --manifest-path {manifest}`\n{why}"
    ))
}

fn output(root: &Path, args: &[&str]) -> Result<String, String> {
    let failed = |why: String| format!("`cargo {}` failed: {why}", args.join(" "));
    let output =
        Command::new(cargo()).args(args).current_dir(root).output().map_err(|error| failed(error.to_string()))?;
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
    fn a_tree_is_read_without_our_own_packages() {
        let tree =
            "ours v0.1.0 (/src/ours)\nhttp v1.4.0\nbytes v1.11.0\nmacros v1.0.0 (proc-macro)\nbytes v1.11.0 (*)\n";
        let names: Vec<String> = parse(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["bytes 1.11.0", "http 1.4.0", "macros 1.0.0"]);
    }
}
