//! Rules of the repository that no compiler knows.

use std::fs;
use std::path::Path;

use crate::packages::{Dependency, dependencies, packages, stale_lock};
use crate::{files, shown};

/// How many crates of others the bindings may need without features.
const MOST_DEPENDENCIES: usize = 10;

/// What the bindings must not need without features.
const HEAVY: &[&str] =
    &["async-std", "curl", "futures-executor", "hyper", "hyper-util", "isahc", "reqwest", "smol", "tokio", "ureq"];

/// The crates whose users have a Rust of their own.
const PROMISING: &[&str] = &["backpack-api", "backpack-cli", "xmlwire", "backpack-server"];

/// The published crates.
pub(crate) const PUBLISHED: &[&str] = &["backpack-api", "xmlwire"];

/// Checks all rules, and says in one message what is against them.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = files(root)?;
    let mut found = Vec::new();
    found.extend(pending_snapshots(&files).map(|path| format!("{}: accept or delete it", shown(root, path))));
    for path in &files {
        let name = shown(root, path);
        if ["codegen/", "runtime/"].iter().any(|folder| name.starts_with(folder)) {
            found
                .extend(service_names(&read(path)).into_iter().map(|line| format!("{name}:{line}: names the service")));
        }
        if name.ends_with(".md") {
            found.extend(
                broken_links(path, &read(path))
                    .into_iter()
                    .map(|(line, link)| format!("{name}:{line}: no file {link}")),
            );
        }
    }
    found.extend(too_many(&dependencies(root, "backpack-api", &["--no-default-features"])?));
    found.extend(too_new(root)?);
    found.extend(stale_lock(root, "fuzz"));
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Snapshots that wait to be accepted.
pub(crate) fn pending_snapshots(files: &[std::path::PathBuf]) -> impl Iterator<Item = &std::path::PathBuf> {
    let pending = |path: &Path| path.to_string_lossy().ends_with(".snap.new");
    files.iter().filter(move |path| pending(path))
}

fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The lines that name the service. The generator and the runtime do not know it.
fn service_names(text: &str) -> Vec<usize> {
    let names = |line: &str| line.to_lowercase().contains("backpack");
    text.lines().enumerate().filter(|(_, line)| names(line)).map(|(index, _)| index + 1).collect()
}

/// Relative links in a document to files that are not there: line and target. Code is not looked at.
fn broken_links(document: &Path, text: &str) -> Vec<(usize, String)> {
    let folder = document.parent().unwrap_or(document);
    let mut broken = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        if !in_code && !fence {
            let missing = links(line).into_iter().filter(|link| !folder.join(link).exists());
            broken.extend(missing.map(|link| (index + 1, link)));
        }
    }
    broken
}

/// The targets of the relative links in a line, without their anchors.
fn links(line: &str) -> Vec<String> {
    // Every other part stands between backticks.
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let reference = text.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    let relative = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    let targets = inline.chain(reference).filter(relative).filter_map(|target| target.split('#').next());
    targets.filter(|target| !target.is_empty()).map(str::to_owned).collect()
}

fn too_many(dependencies: &[Dependency]) -> Vec<String> {
    let names: Vec<&str> = dependencies.iter().map(|(name, _)| name.as_str()).collect();
    let heavy = names.iter().filter(|name| HEAVY.contains(name));
    let mut found: Vec<String> = heavy.map(|name| format!("backpack-api needs {name} without features")).collect();
    if names.len() > MOST_DEPENDENCIES {
        let (count, names) = (names.len(), names.join(", "));
        found.push(format!(
            "backpack-api needs {count} crates without features, more than {MOST_DEPENDENCIES}: {names}"
        ));
    }
    found
}

/// Dependencies that need a newer Rust than the crates promise that need them.
fn too_new(root: &Path) -> Result<Vec<String>, String> {
    let packages = packages(root)?;
    let mut found = Vec::new();
    for name in PROMISING {
        let ours =
            packages.iter().find(|package| package.name == *name).and_then(|package| package.rust_version.as_deref());
        let Some(ours) = ours else {
            found.push(format!("{name} has no rust-version"));
            continue;
        };
        for (dependency, version) in dependencies(root, name, &["--all-features", "--target", "all"])? {
            let package = packages.iter().find(|package| package.name == dependency && package.version == version);
            let theirs = package.and_then(|package| package.rust_version.as_deref()).unwrap_or("0");
            if numbers(theirs) > numbers(ours) {
                found.push(format!("{name} promises Rust {ours}, and {dependency} {version} needs {theirs}"));
            }
        }
    }
    Ok(found)
}

fn numbers(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    numbers.resize(3, 0);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_the_service_are_found() {
        assert_eq!(service_names("use xmlwire::Client;"), Vec::<usize>::new());
        assert_eq!(service_names("ok\n/// Responses of Backpack."), [2]);
        assert_eq!(service_names("use backpack_api::Client;"), [1]);
    }

    #[test]
    fn links_to_files_are_followed() {
        assert_eq!(links("[a](b.md) and [c](d/e.md#f), [g](https://example.com), [h](#i)"), ["b.md", "d/e.md"]);
        assert_eq!(links("[a]: b.md"), ["b.md"]);
        assert_eq!(links("`[a](b.md)` [c](d.md)"), ["d.md"]);
    }

    #[test]
    fn broken_links_have_their_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("there.md"), "").unwrap();
        let text = "[a](there.md)\n```\n[b](code.md)\n```\n[c](gone.md)\n";
        assert_eq!(broken_links(&folder.path().join("README.md"), text), [(5, "gone.md".to_owned())]);
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(numbers("1.100") > numbers("1.88"));
        assert_eq!(numbers("1.88"), numbers("1.88.0"));
    }

    #[test]
    fn heavy_and_many_dependencies_are_named() {
        let dependency = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        assert_eq!(
            too_many(&[dependency("bytes"), dependency("tokio")]),
            ["backpack-api needs tokio without features"]
        );
        let many: Vec<Dependency> = (0..11).map(|number| dependency(&format!("d{number}"))).collect();
        assert_eq!(too_many(&many).len(), 1);
    }
}
