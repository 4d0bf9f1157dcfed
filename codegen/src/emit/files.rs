//! Emits all files.

use proc_macro2::TokenStream;

use super::emitter::Emitter;
use crate::model::Api;

/// A generated file before it is formatted.
pub(crate) struct GeneratedFile {
    /// Path within the output folder: `notes.rs`, `notes/create.md`.
    pub(crate) path: String,
    /// Path of the schema file from which it is generated, or a pattern for all schema files.
    pub(crate) source: String,
    /// Its content.
    pub(crate) content: FileContent,
}

/// Content of a generated file.
pub(crate) enum FileContent {
    /// Items of a Rust file.
    Rust(TokenStream),
    /// Text of a Markdown file.
    Markdown(String),
}

/// Emits all files, sorted by path.
pub(crate) fn emit_files(api: &Api, crate_name: &str) -> Vec<GeneratedFile> {
    let emitter = Emitter { api, crate_name };
    // Folder of the schema files, with a slash at the end, or an empty text if they have no folder.
    let folder = api.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let rust_file = |path: &str, source: &str, tokens| GeneratedFile {
        path: path.to_owned(),
        source: source.to_owned(),
        content: FileContent::Rust(tokens),
    };
    let mut files = vec![
        rust_file("mod.rs", &api.path, emitter.emit_service()),
        rust_file("catalog.rs", &format!("{folder}*.xml"), emitter.emit_catalog()),
        rust_file("routes.rs", &format!("{folder}*.xml"), emitter.emit_routes()),
    ];
    for section in &api.sections {
        files.push(rust_file(&format!("{}.rs", section.name), &section.path, emitter.emit_section(section)));
        let pages = section.endpoints.iter().flat_map(|endpoint| emitter.write_doc_pages(section, endpoint));
        files.extend(pages.map(|page| GeneratedFile {
            path: page.path,
            source: section.path.clone(),
            content: FileContent::Markdown(page.text),
        }));
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
