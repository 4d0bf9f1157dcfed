//! The schema is the only place to edit: a program calls operations and reads fields that are added to a copy of the
//! schema.
//!
//! Everything else is unchanged: the generator, the runtime, and the handwritten files of `generated/`.

use std::fs;
use std::path::Path;

use backpack_tests::host::Workspace;
use backpack_tests::schema;
use xmlwire_codegen::Source;

use crate::reserved::reserved_names;

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn additions_to_the_schema_can_be_called() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema_growth");
    let workspace = Workspace::new(folder, &["generated", "program"]);
    for handwritten in
        ["generated/Cargo.toml", "generated/src/lib.rs", "generated/src/client.rs", "generated/src/token.rs"]
    {
        workspace.copy(handwritten);
    }
    // The manifest names them.
    for example in fs::read_dir(schema::repository_root().join("generated/examples")).unwrap() {
        let name = example.unwrap().file_name().into_string().unwrap();
        workspace.copy(&format!("generated/examples/{name}"));
    }
    workspace.generate(&extend_schema(schema::read_sources()), reserved_names(), "backpack_api", "generated/src/api");
    workspace.write("program/Cargo.toml", include_str!("schema_growth/program.toml"));
    workspace.write("program/src/main.rs", include_str!("schema_growth/program.rs"));
    workspace.cargo("run", "program");
}

/// Adds fields, an operation, a value of an enum, and a section to the schema.
fn extend_schema(mut schema: Vec<Source>) -> Vec<Source> {
    let notes = text_of_file(&mut schema, "schema/notes.xml");
    // A field of a response.
    insert_before(notes, " created_at=\"{created_at: utc}\"", " mood=\"{mood: string?}\"");
    insert_before(notes, "<doc for=\"created_at\"", "<doc for=\"mood\">Mood of the note.</doc>");
    // A field of a request.
    insert_before(notes, "<body>{body: string?}</body>", "<mood>{mood: string?}</mood>");
    insert_before(notes, "<doc for=\"show_created_at\"", "<doc for=\"mood\">Mood of the note.</doc>");
    // An operation.
    insert_before(notes, "  <endpoint name=\"list\"", include_str!("schema_growth/operation.xml"));
    // A value of an enum.
    let pages = text_of_file(&mut schema, "schema/pages.xml");
    insert_before(
        pages,
        "<value name=\"Personal\"",
        "<value name=\"Public\" text=\"public\">Visible to everyone.</value>",
    );
    // A section.
    schema.push(Source {
        path: "schema/tides.xml".to_owned(),
        text: include_str!("schema_growth/section.xml").to_owned(),
    });
    schema
}

/// Returns the text of a schema file, to change it.
fn text_of_file<'s>(schema: &'s mut [Source], path: &str) -> &'s mut String {
    let source = schema.iter_mut().find(|source| source.path == path);
    &mut source.expect("the schema should have this file").text
}

/// Inserts text before the first occurrence of `anchor`.
fn insert_before(text: &mut String, anchor: &str, addition: &str) {
    let position = text.find(anchor).unwrap_or_else(|| panic!("the schema should have {anchor:?}"));
    text.insert_str(position, addition);
}
