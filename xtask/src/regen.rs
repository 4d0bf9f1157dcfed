//! `cargo xtask regen`: the schema to the bindings' source files.
//!
//! What differs is found first and is the same for `regen`, which writes it, and for `regen --check`, which says it.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use xmlwire_codegen::source::Source;
use xmlwire_codegen::{Options, Output, generate};

use crate::shown;

/// What `cargo xtask regen` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; name what is stale, missing or orphaned, and fail then
    #[arg(long)]
    check: bool,
    /// Folder of the schema files, if not `schema`
    #[arg(long, value_name = "DIR")]
    schema: Option<PathBuf>,
    /// Folder of the generated files, if not `generated/src/api`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Name by which generated documentation calls its crate
    #[arg(long, value_name = "NAME", default_value = "backpack_api")]
    crate_name: String,
}

/// What the first line of a generated file has in it. **Invariant:** no other file is overwritten or deleted.
const GENERATED: &str = "@generated";

/// Generates, and writes or compares.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let start = Instant::now();
    let schema = args.schema.clone().unwrap_or_else(|| root.join("schema"));
    let out = args.out.clone().unwrap_or_else(|| root.join("generated/src/api"));
    let output = output(&sources(&schema)?, &args.crate_name)?;
    let wanted = output.files.iter().map(|file| (out.join(&file.path), file.text.as_str())).collect();
    let changes = changes(&out, &wanted)?;
    for change in &changes {
        if !args.check {
            change.write()?;
        }
        println!("{} {}", change.verb(args.check), shown(root, change.path()));
    }
    if args.check && !changes.is_empty() {
        let (out, schema) = (shown(root, &out), shown(root, &schema));
        return Err(format!("{out} is not what {schema} makes: run `cargo xtask regen`"));
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

/// The schema files, sorted by name. Their paths are those that messages and headers have: `schema/notes.xml`.
fn sources(schema: &Path) -> Result<Vec<Source>, String> {
    let unreadable = |path: &Path, error| format!("{} cannot be read: {error}", path.display());
    let folder = schema.file_name().unwrap_or_default().to_string_lossy();
    let mut sources = Vec::new();
    for entry in fs::read_dir(schema).map_err(|error| unreadable(schema, error))? {
        let path = entry.map_err(|error| unreadable(schema, error))?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            sources.push(Source { path: format!("{folder}/{name}"), text });
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn output(sources: &[Source], crate_name: &str) -> Result<Output, String> {
    let options = Options { crate_name: crate_name.to_owned(), command: "cargo xtask regen".to_owned() };
    generate(sources, &options).map_err(|diagnostics| {
        let count = match diagnostics.iter().count() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        format!("{}\n\n{count} in the schema; nothing was written", diagnostics.render(std::io::stderr().is_terminal()))
    })
}

/// A difference between what is there and what should be.
#[derive(Debug, PartialEq, Eq)]
enum Change<'a> {
    Create(PathBuf, &'a str),
    Update(PathBuf, &'a str),
    Delete(PathBuf),
}

impl Change<'_> {
    fn path(&self) -> &Path {
        match self {
            Change::Create(path, _) | Change::Update(path, _) | Change::Delete(path) => path,
        }
    }

    fn verb(&self, check: bool) -> &'static str {
        match (self, check) {
            (Change::Create(..), false) => "created",
            (Change::Update(..), false) => "updated",
            (Change::Delete(_), false) => "deleted",
            (Change::Create(..), true) => "missing",
            (Change::Update(..), true) => "stale",
            (Change::Delete(_), true) => "orphaned",
        }
    }

    fn write(&self) -> Result<(), String> {
        let done = match self {
            Change::Create(path, text) | Change::Update(path, text) => {
                path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text))
            }
            Change::Delete(path) => fs::remove_file(path).inspect(|()| {
                // Fails unless this was the last file of its folder.
                path.parent().map(fs::remove_dir);
            }),
        };
        done.map_err(|error| format!("{} cannot be written: {error}", self.path().display()))
    }
}

/// Compares a folder with the files that it should hold.
fn changes<'a>(out: &Path, wanted: &BTreeMap<PathBuf, &'a str>) -> Result<Vec<Change<'a>>, String> {
    let found = if out.exists() { crate::files(out)? } else { Vec::new() };
    let mut changes = Vec::new();
    for (path, text) in wanted {
        if !found.contains(path) {
            changes.push(Change::Create(path.clone(), text));
            continue;
        }
        let old = fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        if !is_generated(&old) {
            return Err(format!("{} is not generated: give it another place, it stands in the way", path.display()));
        }
        if old != text.as_bytes() {
            changes.push(Change::Update(path.clone(), text));
        }
    }
    for path in found.into_iter().filter(|path| !wanted.contains_key(path)) {
        if fs::read(&path).is_ok_and(|text| is_generated(&text)) {
            changes.push(Change::Delete(path));
        }
    }
    changes.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(changes)
}

fn is_generated(text: &[u8]) -> bool {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(first).contains(GENERATED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "// @generated\nold\n";
    const NEW: &str = "// @generated\nnew\n";

    #[test]
    fn differences_are_found_and_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.rs"), OLD).unwrap();
        fs::write(path("b.rs"), NEW).unwrap();
        fs::write(path("c.rs"), OLD).unwrap();
        fs::write(path("hand.rs"), "old\n").unwrap();
        let wanted = BTreeMap::from([(path("a.rs"), NEW), (path("b.rs"), NEW), (path("d/e.rs"), NEW)]);
        let found = changes(folder.path(), &wanted).unwrap();
        let expected =
            [Change::Update(path("a.rs"), NEW), Change::Delete(path("c.rs")), Change::Create(path("d/e.rs"), NEW)];
        assert_eq!(found, expected);
        found.iter().for_each(|change| change.write().unwrap());
        assert_eq!(changes(folder.path(), &wanted), Ok(Vec::new()));
        assert_eq!(fs::read_to_string(path("d/e.rs")).unwrap(), NEW);
        assert!(!path("c.rs").exists() && path("hand.rs").exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty() {
        let folder = tempfile::tempdir().unwrap().path().join("api");
        let wanted = BTreeMap::from([(folder.join("a.rs"), NEW)]);
        assert_eq!(changes(&folder, &wanted), Ok(vec![Change::Create(folder.join("a.rs"), NEW)]));
    }

    #[test]
    fn a_file_written_by_hand_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        fs::write(&path, "by hand\n// @generated\n").unwrap();
        assert!(changes(folder.path(), &BTreeMap::from([(path, NEW)])).unwrap_err().contains("is not generated"));
    }

    #[test]
    fn sources_are_sorted_and_named_by_folder() {
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join("schema");
        fs::create_dir(&schema).unwrap();
        for name in ["notes.xml", "README.md", "api.xml"] {
            fs::write(schema.join(name), "").unwrap();
        }
        let paths: Vec<String> = sources(&schema).unwrap().into_iter().map(|source| source.path).collect();
        assert_eq!(paths, ["schema/api.xml", "schema/notes.xml"]);
    }
}
