//! Checks rules of the repository that no compiler knows:
//!
//! - [`dependencies`]: number of dependencies, heavy ones among them, and the Rust versions that they need.
//! - [`links`]: links in documents lead to files and headings.
//! - [`circles`]: modules do not depend on each other in circles.
//! - [`wording`]: names and doc comments are in plain technical English.
//!
//! This module has three smaller checks: no snapshot waits to be accepted, generator and runtime do not name the
//! service, and the lock file of `fuzz/` is up to date.

mod circles;
mod dependencies;
mod links;
mod wording;

use std::path::{Path, PathBuf};

use crate::files::{display_path, list_files, read_lossy};
use crate::packages::check_lock;

/// Crates whose features are linted one by one, and whose dependencies are limited: what users of the bindings get.
pub(crate) const BINDINGS: &[&str] = &["backpack-api", "xmlwire"];

/// Checks all rules. The error has a line for each violation.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = list_files(root)?;
    let mut found = Vec::new();
    found.extend(pending_snapshots(&files).map(|path| format!("{}: accept or delete it", display_path(root, path))));
    for path in &files {
        let name = display_path(root, path);
        let text = read_lossy(path);
        let mut report = |line: usize, message: String| found.push(format!("{name}:{line}: {message}"));
        if ["codegen/", "runtime/"].iter().any(|folder| name.starts_with(folder)) {
            for line in find_service_names(&text) {
                report(line, "names the service".to_owned());
            }
        }
        if name.ends_with(".md") {
            for (line, link) in links::find_broken(path, &text) {
                report(line, format!("no file or heading {link}"));
            }
        }
        if name.ends_with(".rs") {
            for (line, message) in wording::check(&text) {
                report(line, message);
            }
        }
    }
    for manifest in files.iter().filter(|path| path.ends_with("Cargo.toml")) {
        let source = manifest.with_file_name("src");
        let name = display_path(root, &source);
        found.extend(circles::find(&source, &files)?.into_iter().map(|circle| format!("{name}: {circle}")));
    }
    found.extend(dependencies::check(root)?);
    found.extend(check_lock(root, "fuzz"));
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Finds snapshots that wait to be accepted, in the files that insta writes for them.
pub(crate) fn pending_snapshots(files: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    files.iter().filter(|path| path.to_string_lossy().ends_with(".snap.new"))
}

/// Finds the lines that name the service, and returns their numbers. Generator and runtime must not know the service.
fn find_service_names(text: &str) -> Vec<usize> {
    let names_service = |line: &str| line.to_lowercase().contains("backpack");
    text.lines().enumerate().filter(|(_, line)| names_service(line)).map(|(index, _)| index + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_that_name_the_service() {
        assert_eq!(find_service_names("use xmlwire::Client;"), Vec::<usize>::new());
        assert_eq!(find_service_names("ok\n/// Responses of Backpack."), [2]);
        assert_eq!(find_service_names("use backpack_api::Client;"), [1]);
    }
}
