//! Checks the number of dependencies, heavy ones among them, and the Rust versions that they need.

use std::path::Path;

use crate::packages::{Dependency, list_dependencies, load_packages};

/// Maximum number of third-party crates that the bindings need without features.
const MAX_DEPENDENCIES: usize = 10;

/// HTTP libraries and async runtimes, which the bindings must not need without features.
const HEAVY: &[&str] =
    &["async-std", "curl", "futures-executor", "hyper", "hyper-util", "isahc", "reqwest", "smol", "tokio", "ureq"];

/// Crates that promise a minimum Rust version.
const WITH_RUST_VERSION: &[&str] = &["backpack-api", "backpack-cli", "xmlwire", "backpack-server"];

/// Checks dependencies, and returns a message for each violation.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut found = check_weight(&list_dependencies(root, "backpack-api", &["--no-default-features"])?);
    found.extend(check_rust_versions(root)?);
    Ok(found)
}

/// Checks the dependencies of the bindings. Returns a message for each heavy one, and another if there are too many.
fn check_weight(dependencies: &[Dependency]) -> Vec<String> {
    let names: Vec<&str> = dependencies.iter().map(|(name, _)| name.as_str()).collect();
    let heavy = names.iter().filter(|name| HEAVY.contains(name));
    let mut found: Vec<String> = heavy.map(|name| format!("backpack-api needs {name} without features")).collect();
    if names.len() > MAX_DEPENDENCIES {
        let (count, names) = (names.len(), names.join(", "));
        found
            .push(format!("backpack-api needs {count} crates without features, more than {MAX_DEPENDENCIES}: {names}"));
    }
    found
}

/// Finds dependencies that need a newer Rust version than the crate that depends on them, with all features and on all
/// targets. A dependency without `rust-version` passes.
fn check_rust_versions(root: &Path) -> Result<Vec<String>, String> {
    let packages = load_packages(root)?;
    let mut found = Vec::new();
    for name in WITH_RUST_VERSION {
        let own =
            packages.iter().find(|package| package.name == *name).and_then(|package| package.rust_version.as_deref());
        let Some(own) = own else {
            found.push(format!("{name} has no rust-version"));
            continue;
        };
        for (dependency, version) in list_dependencies(root, name, &["--all-features", "--target", "all"])? {
            let package = packages.iter().find(|package| package.name == dependency && package.version == version);
            let required = package.and_then(|package| package.rust_version.as_deref()).unwrap_or("0");
            if parse_version(required) > parse_version(own) {
                found.push(format!("{name} has rust-version {own}, but {dependency} {version} needs {required}"));
            }
        }
    }
    Ok(found)
}

/// Parses a Rust version into three numbers, so that versions can be compared: `1.88` equals `1.88.0`.
fn parse_version(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    numbers.resize(3, 0);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_versions_by_number_and_fills_in_the_patch_version() {
        assert!(parse_version("1.100") > parse_version("1.88"));
        assert_eq!(parse_version("1.88"), parse_version("1.88.0"));
    }

    #[test]
    fn names_heavy_and_too_many_dependencies() {
        let dependency = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        assert_eq!(
            check_weight(&[dependency("bytes"), dependency("tokio")]),
            ["backpack-api needs tokio without features"]
        );
        let many: Vec<Dependency> = (0..11).map(|number| dependency(&format!("d{number}"))).collect();
        assert_eq!(check_weight(&many).len(), 1);
    }
}
