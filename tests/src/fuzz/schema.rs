//! Any schema file, together with valid ones.

use xmlwire_codegen::{Options, Source, generate};

/// A valid file with the root `<api>`.
const API: &str = include_str!("../../it/bad_schemas/rest/api.xml");
/// Valid sections of the same schema.
const SECTIONS: [&str; 2] =
    [include_str!("../../it/bad_schemas/rest/plain.xml"), include_str!("../../it/bad_schemas/rest/shelves.xml")];

/// Generates code from any text as one file of a schema. The other files are a valid API file and two sections. A text
/// that starts like an API file is the only file. The result must be files, or errors that can be formatted.
pub fn check_schema(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let source = |name: &str, text: &str| Source { path: format!("schema/{name}.xml"), text: text.to_owned() };
    let mut sources = vec![source("any", text)];
    if !text.trim_start().starts_with("<api") {
        sources.extend([source("api", API), source("plain", SECTIONS[0]), source("shelves", SECTIONS[1])]);
    }
    let options =
        Options { crate_name: "library".to_owned(), command: "cargo xtask regen".to_owned(), ..Options::default() };
    match generate(&sources, &options) {
        Ok(output) => assert!(!output.files.is_empty()),
        Err(diagnostics) => assert!(!diagnostics.to_string().is_empty()),
    }
}
