//! Any schema file, together with valid ones.

use xmlwire_codegen::{Options, Source, generate};

const API: &str = include_str!("../../it/bad_schemas/rest/api.xml");
const REST: [&str; 2] =
    [include_str!("../../it/bad_schemas/rest/plain.xml"), include_str!("../../it/bad_schemas/rest/shelves.xml")];

/// Generates code from any text as one file of a schema, together with an API file and two sections, or instead of the API
/// file if it starts like one. The result must be files, or errors that can be formatted.
pub fn schema(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let source = |name: &str, text: &str| Source { path: format!("schema/{name}.xml"), text: text.to_owned() };
    let mut sources = vec![source("any", text)];
    if !text.trim_start().starts_with("<api") {
        sources.extend([source("api", API), source("plain", REST[0]), source("shelves", REST[1])]);
    }
    let options = Options { crate_name: "library".to_owned(), command: "cargo xtask regen".to_owned() };
    match generate(&sources, &options) {
        Ok(output) => assert!(!output.files.is_empty()),
        Err(diagnostics) => assert!(!diagnostics.to_string().is_empty()),
    }
}
