//! The schema is the one place to edit: a copy of it grows, and a program calls what has grown.
//!
//! Everything but the copy is as it is in the repository: the generator, the runtime, and the files of `generated/`
//! that are written by hand.

use std::path::Path;

use xmlwire_codegen::Source;
use backpack_tests::host::Workspace;
use backpack_tests::schema;

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn what_the_schema_gains_can_be_called() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growing");
    let workspace = Workspace::new(folder, &["generated", "program"]);
    for by_hand in ["generated/Cargo.toml", "generated/src/lib.rs", "generated/src/client.rs", "generated/src/token.rs"]
    {
        workspace.copy(by_hand);
    }
    workspace.generate(&grown(schema::sources()), "backpack_api", "generated/src/api");
    workspace.write("program/Cargo.toml", include_str!("growing/program.toml"));
    workspace.write("program/src/main.rs", include_str!("growing/program.rs"));
    workspace.cargo("run", "program");
}

/// The schema after the edits of a maintainer.
fn grown(mut schema: Vec<Source>) -> Vec<Source> {
    let notes = text_of(&mut schema, "schema/notes.xml");
    // A field of an answer.
    insert(notes, " created_at=\"{created_at: utc}\"", " mood=\"{mood: string?}\"");
    insert(
        notes,
        "<doc for=\"created_at\">When it was written, in UTC.</doc>",
        "<doc for=\"mood\">How it was meant.</doc>",
    );
    // A field of a request.
    insert(notes, "<body>{body: string?}</body>", "<mood>{mood: string?}</mood>");
    insert(notes, "<doc for=\"body\">The text, in Textile.</doc>", "<doc for=\"mood\">How it is meant.</doc>");
    // An operation.
    let list = notes.find("  <endpoint name=\"list\"").expect("notes should have a list");
    notes.insert_str(list, include_str!("growing/operation.xml"));
    // A value of an enum.
    let pages = text_of(&mut schema, "schema/pages.xml");
    insert(
        pages,
        "Your own, or your account's.</value>",
        "<value name=\"Public\" text=\"public\">Everybody's.</value>",
    );
    // A section.
    schema.push(Source { path: "schema/tides.xml".to_owned(), text: include_str!("growing/section.xml").to_owned() });
    schema
}

fn text_of<'s>(schema: &'s mut [Source], path: &str) -> &'s mut String {
    let source = schema.iter_mut().find(|source| source.path == path);
    &mut source.expect("the schema should have this file").text
}

/// Puts something after something.
fn insert(text: &mut String, after: &str, what: &str) {
    let at = text.find(after).unwrap_or_else(|| panic!("the schema should have {after:?}"));
    text.insert_str(at + after.len(), what);
}
