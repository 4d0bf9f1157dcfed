//! What the generator says about schemas that it refuses.
//!
//! Each file in `bad_schemas/` is a schema with mistakes of one kind, and has a snapshot of what is said about it. It is
//! checked together with the good files in `bad_schemas/rest/`; one with the root `<api>` stands in for the `<api>` there.

use std::path::{Path, PathBuf};
use std::{fs, io};

use backpack_codegen::{Source, check};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/bad_schemas")
}

/// The schema files of a folder, by name.
fn files(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".xml")) {
            files.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn source(name: &str, text: &str) -> Source {
    Source { path: format!("schema/{name}.xml"), text: text.to_owned() }
}

/// The good files that a bad one needs beside it.
fn rest(bad: &str) -> io::Result<Vec<Source>> {
    let is_api = bad.starts_with("<api");
    let good = files(&folder().join("rest"))?;
    let needed = good.iter().filter(|(name, _)| !is_api || name == "plain");
    Ok(needed.map(|(name, text)| source(&format!("rest/{name}"), text)).collect())
}

/// What is said about a schema.
fn said(sources: &[Source]) -> String {
    check(sources).err().map_or_else(|| "(nothing)".to_owned(), |diagnostics| diagnostics.to_string())
}

fn snapshot(name: &str, said: &str) {
    insta::with_settings!({ snapshot_path => "snapshots/bad_schemas", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, said);
    });
}

#[test]
fn what_is_said() -> io::Result<()> {
    let bad = files(&folder())?;
    assert!(bad.len() > 50, "files are missing");
    for (name, text) in bad {
        let mut sources = rest(&text)?;
        sources.push(source(&name, &text));
        let said = said(&sources);
        assert_ne!(said, "(nothing)", "{name} is good");
        snapshot(&name, &said);
    }
    Ok(())
}

#[test]
fn the_rest_is_good() -> io::Result<()> {
    assert_eq!(said(&rest("")?), "(nothing)");
    Ok(())
}

#[test]
fn the_order_of_sources_does_not_matter() -> io::Result<()> {
    let bad = "<section name=\"books\" style=\"plane\"/>";
    let mut sources = rest(bad)?;
    sources.push(source("a", bad));
    let first = said(&sources);
    sources.reverse();
    assert_eq!(said(&sources), first);
    Ok(())
}

#[test]
fn schemas_without_an_api_or_with_two() -> io::Result<()> {
    snapshot("no_api", &said(&[source("plain", &rest("<api>")?[0].text)]));
    snapshot("no_files", &said(&[]));
    let mut sources = rest("")?;
    let again = sources[0].text.clone();
    sources.push(source("second", &again));
    snapshot("two_apis", &said(&sources));
    Ok(())
}

/// Takes bytes out of the good schema, and puts others in: something is said or not, but nothing panics.
#[test]
fn nothing_panics() -> io::Result<()> {
    let good = rest("")?;
    let mut refused = 0;
    for (file, good_source) in good.iter().enumerate() {
        for changed in mutations(&good_source.text) {
            let mut sources = good.clone();
            sources[file].text = changed;
            refused += usize::from(said(&sources) != "(nothing)");
        }
    }
    assert!(refused > 1000, "{refused}");
    Ok(())
}

/// A text with a little taken out of it or put into it, at places all over.
fn mutations(text: &str) -> impl Iterator<Item = String> {
    const STRIDE: usize = 5;
    const INSTEAD: &[&str] =
        &["", "{", "}", ":", "?", "*", "/", "\"", "<", "&", " ", "é", "x", "nil", "{a: string}", "<a/>"];
    let places = (0..text.len()).step_by(STRIDE).enumerate();
    places.flat_map(move |(count, start)| {
        // Each place has a few of the lengths and texts; together they have all.
        (0..3).filter_map(move |step| {
            let length = (count + step * 7) % 23;
            let instead = INSTEAD[(count * 3 + step) % INSTEAD.len()];
            let (before, after) = (text.get(..start)?, text.get(start + length..)?);
            Some([before, instead, after].concat())
        })
    })
}
