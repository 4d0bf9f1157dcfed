//! The schema, as it is on disk.

use std::fs;
use std::path::{Path, PathBuf};

use xmlwire_codegen::model::Api;
use xmlwire_codegen::source::Source;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All schema files of a folder, named `schema/…` whatever the folder is called.
pub fn sources_in(folder: &Path) -> Vec<Source> {
    let entries = fs::read_dir(folder).expect("the schema's folder should be readable");
    let paths = entries.map(|entry| entry.expect("the folder's entry should be readable").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "xml")).collect();
    paths.sort();
    let source = |path: &PathBuf| Source {
        path: format!("schema/{}", path.file_name().unwrap_or_default().to_string_lossy()),
        text: fs::read_to_string(path).expect("a schema file should be readable"),
    };
    paths.iter().map(source).collect()
}

/// The schema files of this repository.
pub fn sources() -> Vec<Source> {
    sources_in(&root().join("schema"))
}

/// The API, checked.
pub fn api() -> Api {
    xmlwire_codegen::check(&sources()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}
