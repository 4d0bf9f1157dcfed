//! The schema files on disk.

use std::fs;
use std::path::{Path, PathBuf};

use xmlwire_codegen::model::Api;
use xmlwire_codegen::source::Source;

/// Returns the root folder of the repository.
pub fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads all schema files of a folder, sorted by path. Their paths are `schema/…`, even if the folder has another name.
pub fn read_sources_in(folder: &Path) -> Vec<Source> {
    let entries = fs::read_dir(folder).expect("the schema folder should be readable");
    let paths = entries.map(|entry| entry.expect("the folder's entry should be readable").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "xml")).collect();
    paths.sort();
    let read_source = |path: &PathBuf| Source {
        path: format!("schema/{}", path.file_name().unwrap_or_default().to_string_lossy()),
        text: fs::read_to_string(path).expect("a schema file should be readable"),
    };
    paths.iter().map(read_source).collect()
}

/// Reads the schema files of this repository.
pub fn read_sources() -> Vec<Source> {
    read_sources_in(&repository_root().join("schema"))
}

/// Checks the schema of this repository and returns its model.
///
/// # Panics
///
/// If the schema has errors.
pub fn read_api() -> Api {
    xmlwire_codegen::check(&read_sources()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}
