//! Reads schemas from folders and from revisions of git.

use std::fs;
use std::path::Path;
use std::process::Command;

use xmlwire_codegen::Source;

/// Reads the schema files, sorted by name. Their paths have the name of the schema folder only, and appear in messages
/// and in the first line of generated files: `schema/notes.xml`. Documents (`*.md`) and hidden files are skipped; any
/// other entry is an error, because a misnamed file would silently be left out of the API.
pub(crate) fn read_sources(schema: &Path) -> Result<Vec<Source>, String> {
    let unreadable = |path: &Path, error| format!("cannot read {}: {error}", path.display());
    let folder = schema.file_name().unwrap_or_default().to_string_lossy();
    let mut sources = Vec::new();
    let mut strays = Vec::new();
    for entry in fs::read_dir(schema).map_err(|error| unreadable(schema, error))? {
        let path = entry.map_err(|error| unreadable(schema, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            strays.push(format!("{folder}/{name} is a folder: move its schema files into {folder}"));
        } else if name.ends_with(".xml") && !name.starts_with('.') {
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            sources.push(Source::from_bytes(format!("{folder}/{name}"), &bytes));
        } else if !name.ends_with(".md") && !name.starts_with('.') {
            strays.push(format!("{folder}/{name} is not a schema file: rename it to end with `.xml`, or move it away"));
        }
    }
    strays.sort();
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    if strays.is_empty() { Ok(sources) } else { Err(strays.join("\n")) }
}

/// Reads the schema files of a revision of git, sorted by name.
pub(crate) fn read_revision(root: &Path, revision: &str, folder: &str) -> Result<Vec<Source>, String> {
    let listing = run_git(root, &["ls-tree", "-z", "--name-only", revision, &format!("{folder}/")])?;
    let paths = listing.split('\0').filter(|path| path.ends_with(".xml"));
    let sources: Result<Vec<Source>, String> = paths
        .map(|path| {
            let text = run_git(root, &["show", &format!("{revision}:{path}")])?;
            Ok(Source { path: path.to_owned(), text })
        })
        .collect();
    let sources = sources?;
    if sources.is_empty() {
        return Err(format!("`{revision}` has no schema files in {folder}"));
    }
    Ok(sources)
}

/// Runs git in the repository and returns its output.
fn run_git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
    let output = output.map_err(|error| format!("cannot run git: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "`git {}` failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("the output of `git {}` is not UTF-8", arguments.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_files_that_a_schema_does_not_have() {
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join("schema");
        fs::create_dir_all(schema.join("more")).unwrap();
        for name in ["api.xml", "b.XML", "notes.xml~", ".notes.xml.swp", "README.md"] {
            fs::write(schema.join(name), "").unwrap();
        }
        let error = read_sources(&schema).unwrap_err();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert!(lines[0].starts_with("schema/b.XML is not a schema file"), "{error}");
        assert!(lines[1].starts_with("schema/more is a folder"), "{error}");
        assert!(lines[2].starts_with("schema/notes.xml~ is not a schema file"), "{error}");
    }

    #[test]
    fn reads_only_xml_files_and_sorts_them_by_path() {
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join("schema");
        fs::create_dir(&schema).unwrap();
        for name in ["notes.xml", "README.md", "api.xml"] {
            fs::write(schema.join(name), "").unwrap();
        }
        let paths: Vec<String> = read_sources(&schema).unwrap().into_iter().map(|source| source.path).collect();
        assert_eq!(paths, ["schema/api.xml", "schema/notes.xml"]);
    }
}
