//! What the generator says about schemas that it refuses.
//!
//! Each file in `bad_schemas/` is a schema with mistakes of one kind, and has a snapshot of what is said about it. It is
//! checked together with the good files in `bad_schemas/rest/`; one with the root `<api>` stands in for the `<api>` there.

use std::path::{Path, PathBuf};
use std::{fs, io};

use xmlwire_codegen::{Source, check};

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

/// What a crate of bindings has beside its generated code: the modules and types of its `lib.rs`, and the methods of its
/// clients, each as a section or a type might be called.
fn by_hand() -> Vec<String> {
    let code = |path: &str| {
        let text = fs::read_to_string(backpack_tests::schema::root().join(path)).expect("it should be there");
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#'));
        lines.collect::<Vec<_>>().join(" ")
    };
    let word =
        |text: &str| text.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    let after = |code: &str, keyword: &str| code.split(keyword).skip(1).map(word).collect::<Vec<_>>();
    let (lib, client) = (code("generated/src/lib.rs"), code("generated/src/client.rs"));
    let uses = lib.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let leaves = uses.flat_map(|tree| tree.split(['{', '}', ','])).filter_map(|path| path.rsplit("::").next());
    let leaves = leaves.filter_map(|leaf| leaf.rsplit(" as ").next()).map(|leaf| word(leaf.trim()));
    let names = leaves.chain(after(&lib, "mod ")).chain(after(&client, "fn ")).filter(|name| !name.is_empty());
    names.collect()
}

#[test]
fn what_is_written_by_hand_is_no_name_for_a_schema() -> io::Result<()> {
    let names = by_hand();
    for expected in ["AccessToken", "Options", "blocking", "client", "oauth", "runtime", "token", "with_transport"] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not in {names:?}");
    }
    for name in names {
        let (kind, text) = match name.starts_with(char::is_uppercase) {
            true => ("type", format!("<section name=\"books\" style=\"plain\"><id name=\"{name}\">It.</id></section>")),
            false => ("section", format!("<section name=\"{name}\" style=\"plain\"/>")),
        };
        let mut sources = rest(&text)?;
        sources.push(source("books", &text));
        let (said, problem) = (said(&sources), format!("`{name}` cannot be the name of a {kind}"));
        assert!(said.contains(&problem), "`{name}` is taken, which codegen/src/names.rs does not know:\n{said}");
    }
    Ok(())
}

/// Takes bytes out of the good schema, and puts others in: something is said or not, but nothing panics.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
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
