//! `cargo xtask regen`: generates the bindings' source files and the API reference from the schema.
//!
//! Both `regen` and `regen --check` first compare the folders with the generated files. `regen` then writes the
//! differences; `regen --check` only reports them.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use xmlwire_codegen::{Diagnostics, Options, Output, Source, generate};

use crate::files::{display_path, is_generated, list_files, read_lossy};
use crate::schemas::read_sources;

/// Arguments of `cargo xtask regen`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; name stale, missing and orphaned files, and fail if there are any
    #[arg(long)]
    check: bool,
    /// Folder of the schema files [default: schema]
    #[arg(long, value_name = "DIR")]
    schema: Option<PathBuf>,
    /// Folder of the generated files [default: generated/src/api]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder of the API reference [default: docs/reference; none if `--schema` or `--out` is given]
    #[arg(long, value_name = "DIR")]
    reference: Option<PathBuf>,
    /// Name of the crate in generated documentation
    #[arg(long, value_name = "NAME", default_value = "backpack_api")]
    crate_name: String,
}

/// Generates the files and prints their differences from the folder. Without `--check`, writes them; with `--check`,
/// fails if there are any.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let start = Instant::now();
    let schema = args.schema.clone().unwrap_or_else(|| root.join("schema"));
    let out = args.out.clone().unwrap_or_else(|| root.join("generated/src/api"));
    let is_repository = args.schema.is_none() && args.out.is_none();
    let reference = args.reference.clone().or_else(|| is_repository.then(|| root.join("docs/reference")));
    let output = generate_bindings(&read_sources(&schema)?, &args.crate_name)?;
    if !output.warnings.is_empty() {
        eprintln!("{}\n", render(&output.warnings));
    }
    let mut folders = vec![(out, &output.files)];
    folders.extend(reference.map(|reference| (reference, &output.reference)));
    let mut changes = Vec::new();
    for (folder, files) in &folders {
        let expected = files.iter().map(|file| (folder.join(&file.path), file.text.as_str())).collect();
        changes.extend(compare_folder(folder, &expected)?);
    }
    for change in &changes {
        if !args.check {
            change.write()?;
        }
        println!("{} {}", change.verb(args.check), display_path(root, change.path()));
    }
    if args.check && !changes.is_empty() {
        let folders: Vec<String> = folders.iter().map(|(folder, _)| display_path(root, folder)).collect();
        let schema = display_path(root, &schema);
        return Err(format!("{} and {schema} do not match: run `cargo xtask regen`", folders.join(" or ")));
    }
    let lines: usize = output.files.iter().map(|file| file.text.lines().count()).sum();
    let counts = &output.counts;
    println!(
        "{} sections, {} operations, {} types: {} files, {lines} lines, {:.2} s",
        counts.sections,
        counts.operations,
        counts.types,
        output.files.len(),
        start.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// Renders diagnostics, in color if standard error is a terminal.
fn render(diagnostics: &Diagnostics) -> String {
    diagnostics.render(std::io::stderr().is_terminal())
}

/// Generates the files. The error has all errors in the schema.
fn generate_bindings(sources: &[Source], crate_name: &str) -> Result<Output, String> {
    let options = Options {
        crate_name: crate_name.to_owned(),
        command: "cargo xtask regen".to_owned(),
        reserved: crate::reserved::reserved_names(),
    };
    generate(sources, &options).map_err(|diagnostics| {
        let count = match diagnostics.iter().count() {
            1 => "1 error".to_owned(),
            count => format!("{count} errors"),
        };
        format!("{}\n\n{count} in the schema; nothing was written", render(&diagnostics))
    })
}

/// A difference between a folder and the generated files.
#[derive(Debug, PartialEq, Eq)]
enum FileChange<'a> {
    /// A missing file, with the text that it should have.
    Create(PathBuf, &'a str),
    /// A generated file with another text than the one it should have.
    Update(PathBuf, &'a str),
    /// A generated file that the schema no longer has.
    Delete(PathBuf),
}

impl FileChange<'_> {
    /// Path of the file.
    fn path(&self) -> &Path {
        match self {
            FileChange::Create(path, _) | FileChange::Update(path, _) | FileChange::Delete(path) => path,
        }
    }

    /// Returns the word before the path in the output: a verb, or with `check` the state of the file.
    fn verb(&self, check: bool) -> &'static str {
        match (self, check) {
            (FileChange::Create(..), false) => "created",
            (FileChange::Update(..), false) => "updated",
            (FileChange::Delete(_), false) => "deleted",
            (FileChange::Create(..), true) => "missing",
            (FileChange::Update(..), true) => "stale",
            (FileChange::Delete(_), true) => "orphaned",
        }
    }

    /// Creates, updates or deletes the file. Creates missing folders.
    fn write(&self) -> Result<(), String> {
        let result = match self {
            FileChange::Create(path, text) | FileChange::Update(path, text) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                fs::create_dir_all(folder).and_then(|()| fs::write(path, text))
            }
            FileChange::Delete(path) => fs::remove_file(path).inspect(|()| {
                // Removes the folder too. That fails, as intended, unless this was its last file.
                path.parent().map(fs::remove_dir);
            }),
        };
        result.map_err(|error| format!("cannot write {}: {error}", self.path().display()))
    }
}

/// Compares a folder with the generated files, and returns the differences sorted by path.
///
/// **Invariant:** handwritten files are never overwritten or deleted. A handwritten file with the path of a generated
/// one is an error; all others are skipped.
fn compare_folder<'a>(out: &Path, expected: &BTreeMap<PathBuf, &'a str>) -> Result<Vec<FileChange<'a>>, String> {
    let found = if out.exists() { list_files(out)? } else { Vec::new() };
    let mut changes = Vec::new();
    for (path, text) in expected {
        if !found.contains(path) {
            changes.push(FileChange::Create(path.clone(), text));
            continue;
        }
        let old = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        if !is_generated(&String::from_utf8_lossy(&old)) {
            return Err(format!("{} is in the way: it is not a generated file, so move it", path.display()));
        }
        if old != text.as_bytes() {
            changes.push(FileChange::Update(path.clone(), text));
        }
    }
    for path in found.into_iter().filter(|path| !expected.contains_key(path)) {
        if is_generated(&read_lossy(&path)) {
            changes.push(FileChange::Delete(path));
        }
    }
    changes.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "// @generated\nold\n";
    const NEW: &str = "// @generated\nnew\n";

    #[test]
    fn finds_and_writes_differences_and_keeps_handwritten_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.rs"), OLD).unwrap();
        fs::write(path("b.rs"), NEW).unwrap();
        fs::write(path("c.rs"), OLD).unwrap();
        fs::write(path("hand.rs"), "old\n").unwrap();
        let expected = BTreeMap::from([(path("a.rs"), NEW), (path("b.rs"), NEW), (path("d/e.rs"), NEW)]);
        let changes = compare_folder(folder.path(), &expected).unwrap();
        let differences = [
            FileChange::Update(path("a.rs"), NEW),
            FileChange::Delete(path("c.rs")),
            FileChange::Create(path("d/e.rs"), NEW),
        ];
        assert_eq!(changes, differences);
        changes.iter().for_each(|change| change.write().unwrap());
        assert_eq!(compare_folder(folder.path(), &expected), Ok(Vec::new()));
        assert_eq!(fs::read_to_string(path("d/e.rs")).unwrap(), NEW);
        assert!(!path("c.rs").exists() && path("hand.rs").exists());
    }

    #[test]
    fn creates_all_files_in_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap().path().join("api");
        let expected = BTreeMap::from([(folder.join("a.rs"), NEW)]);
        assert_eq!(compare_folder(&folder, &expected), Ok(vec![FileChange::Create(folder.join("a.rs"), NEW)]));
    }

    #[test]
    fn does_not_overwrite_handwritten_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        fs::write(&path, "by hand\n// @generated\n").unwrap();
        assert!(
            compare_folder(folder.path(), &BTreeMap::from([(path, NEW)]))
                .unwrap_err()
                .contains("is not a generated file")
        );
    }
}
