//! Diagnostics of the generator about invalid schemas.
//!
//! Each file in `bad_schemas/` is a schema with mistakes of one kind, and has a snapshot of its diagnostics. It is
//! checked together with the valid files in `bad_schemas/rest/`. A file with the root `<api>` replaces the `<api>`
//! there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use xmlwire_codegen::{Diagnostics, Options, Source, check_with_warnings, generate};

use crate::reserved::reserved_names;

/// Returns the folder of the invalid schemas.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/bad_schemas")
}

/// Reads the schema files of a folder, sorted by name. Returns their names without `.xml`, and their texts.
fn read_files(folder: &Path) -> io::Result<Vec<(String, String)>> {
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

/// Creates a schema file with this text.
fn new_source(name: &str, text: &str) -> Source {
    Source { path: format!("schema/{name}.xml"), text: text.to_owned() }
}

/// Returns the valid files that are checked with an invalid one. An invalid `<api>` replaces the valid one and all
/// sections but `plain`.
fn valid_sources(invalid: &str) -> io::Result<Vec<Source>> {
    let is_api = invalid.starts_with("<api");
    let valid = read_files(&folder().join("rest"))?;
    let needed = valid.iter().filter(|(name, _)| !is_api || name == "plain");
    Ok(needed.map(|(name, text)| new_source(&format!("rest/{name}"), text)).collect())
}

/// Checks a schema, and returns its errors and warnings.
fn find_mistakes(sources: &[Source]) -> Diagnostics {
    check_with_warnings(sources).map_or_else(|errors| errors, |(_, warnings)| warnings)
}

/// Returns the diagnostics about a schema as text; `None` if there are none.
fn diagnose(sources: &[Source]) -> Option<String> {
    let mistakes = find_mistakes(sources);
    (!mistakes.is_empty()).then(|| mistakes.to_string())
}

/// Compares diagnostics with `snapshots/bad_schemas/{name}.snap`. Panics if there are none.
fn assert_snapshot(name: &str, diagnostics: Option<&str>) {
    insta::with_settings!({ snapshot_path => "snapshots/bad_schemas", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, diagnostics.expect("the schema should be invalid"));
    });
}

#[test]
fn reports_each_mistake() -> io::Result<()> {
    let invalid = read_files(&folder())?;
    assert!(invalid.len() > 50, "files are missing");
    for (name, text) in invalid {
        let mut sources = valid_sources(&text)?;
        sources.push(new_source(&name, &text));
        let diagnostics = diagnose(&sources);
        assert!(diagnostics.is_some(), "{name} is valid");
        assert_snapshot(&name, diagnostics.as_deref());
    }
    Ok(())
}

#[test]
fn accepts_the_valid_files() -> io::Result<()> {
    assert_eq!(diagnose(&valid_sources("")?), None);
    Ok(())
}

#[test]
fn finds_no_mistake_in_the_schema_of_this_repository() {
    assert_eq!(diagnose(&backpack_tests::schema::read_sources()), None);
}

#[test]
fn reports_the_same_for_any_order_of_sources() -> io::Result<()> {
    let invalid = "<section name=\"books\" style=\"plane\"/>";
    let mut sources = valid_sources(invalid)?;
    sources.push(new_source("a", invalid));
    let first = diagnose(&sources);
    assert!(first.is_some());
    sources.reverse();
    assert_eq!(diagnose(&sources), first);
    Ok(())
}

#[test]
fn reports_a_missing_and_a_duplicate_api() -> io::Result<()> {
    assert_snapshot("no_api", diagnose(&[new_source("plain", &valid_sources("<api>")?[0].text)]).as_deref());
    assert_snapshot("no_files", diagnose(&[]).as_deref());
    let mut sources = valid_sources("")?;
    let duplicate = new_source("second", &sources[0].text);
    sources.push(duplicate);
    assert_snapshot("two_apis", diagnose(&sources).as_deref());
    Ok(())
}

#[test]
fn reports_the_first_bytes_that_are_not_utf_8() -> io::Result<()> {
    let mut sources = valid_sources("")?;
    let latin_1 = b"<section name=\"books\" style=\"plain\">\n  <doc>B\xFCcher f\xFCr alle.</doc>\n</section>";
    sources.push(Source::from_bytes("schema/books.xml", latin_1));
    assert_snapshot("not_utf_8", diagnose(&sources).as_deref());
    Ok(())
}

/// Misspells each word of the valid schema once, and leaves out each brace. The same message may occur at several
/// positions, for example where each use of a declaration is unknown.
#[test]
fn reports_a_single_mistake_once() -> io::Result<()> {
    let valid = valid_sources("")?;
    let mut checked = 0;
    for (file, valid_source) in valid.iter().enumerate() {
        for (line, mutated) in misspell(&valid_source.text) {
            let mut sources = valid.clone();
            sources[file].text = mutated;
            let mistakes = find_mistakes(&sources);
            // A name in the path of a section is unknown in paths and in locations, which have messages of their own.
            let messages = mistakes.iter().filter(|mistake| !mistake.message.starts_with("the path has no hole"));
            let messages: BTreeSet<&str> = messages.map(|mistake| mistake.message.as_str()).collect();
            assert!(messages.len() <= 1, "{}:{line}\n{mistakes}", valid_source.path);
            checked += usize::from(!messages.is_empty());
        }
    }
    assert!(checked > 200, "{checked}");
    Ok(())
}

/// Returns copies of a text, each with a letter added to one word, or without one brace. Also returns the line of the
/// change.
fn misspell(text: &str) -> Vec<(usize, String)> {
    let is_letter =
        |at: usize| text.as_bytes().get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let word_ends = (1..text.len()).filter(|&at| is_letter(at - 1) && !is_letter(at));
    let misspelled = word_ends.map(|at| (at, format!("{}s{}", &text[..at], &text[at..])));
    let braces = text.match_indices(['{', '}']);
    let without_brace = braces.map(|(at, _)| (at, format!("{}{}", &text[..at], &text[at + 1..])));
    misspelled.chain(without_brace).map(|(at, text)| (text[..at].lines().count(), text)).collect()
}

/// Finds the names that `generated/` defines by hand: the modules and types of `lib.rs`, and the methods of the
/// clients.
fn find_handwritten_names() -> Vec<String> {
    let read_code = |path: &str| {
        let text = fs::read_to_string(backpack_tests::schema::repository_root().join(path))
            .expect("the file should be readable");
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#'));
        lines.collect::<Vec<_>>().join(" ")
    };
    let first_word =
        |text: &str| text.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    let words_after = |code: &str, keyword: &str| code.split(keyword).skip(1).map(first_word).collect::<Vec<_>>();
    let (lib, client) = (read_code("generated/src/lib.rs"), read_code("generated/src/client.rs"));
    // Each `pub use`, up to its semicolon.
    let uses = lib.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    // The names that each of them makes public: the last segment of a path, or its name after `as`.
    let leaves = uses.flat_map(|tree| tree.split(['{', '}', ','])).filter_map(|path| path.rsplit("::").next());
    let leaves = leaves.filter_map(|leaf| leaf.rsplit(" as ").next()).map(|leaf| first_word(leaf.trim()));
    let names = leaves.chain(words_after(&lib, "mod ")).chain(words_after(&client, "fn "));
    names.filter(|name| !name.is_empty()).collect()
}

/// Builds a schema with a type of this name if it is capitalized, otherwise with a section of this name.
fn schema_with_name(name: &str) -> io::Result<Vec<Source>> {
    let text = match name.starts_with(char::is_uppercase) {
        true => format!("<section name=\"books\" style=\"plain\"><id name=\"{name}\">It.</id></section>"),
        false => format!("<section name=\"{name}\" style=\"plain\"/>"),
    };
    let mut sources = valid_sources(&text)?;
    sources.push(new_source("books", &text));
    Ok(sources)
}

/// Returns the beginning of the diagnostic that rejects a reserved name.
fn name_error(name: &str) -> String {
    let noun = if name.starts_with(char::is_uppercase) { "type" } else { "section" };
    format!("`{name}` cannot be the name of a {noun}")
}

#[test]
fn rejects_names_that_the_host_crate_defines_by_hand() -> io::Result<()> {
    let names = find_handwritten_names();
    for expected in ["AccessToken", "Options", "blocking", "client", "oauth", "runtime", "token", "with_transport"] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not in {names:?}");
    }
    let options = Options { reserved: reserved_names(), ..Options::default() };
    for name in names {
        let diagnostics = generate(&schema_with_name(&name)?, &options).unwrap_err().to_string();
        assert!(
            diagnostics.contains(&name_error(&name)),
            "`{name}` is missing in xtask/src/reserved.rs:\n{diagnostics}"
        );
    }
    Ok(())
}

#[test]
fn accepts_names_of_another_host_crate() -> io::Result<()> {
    let reserved = reserved_names();
    for name in reserved.modules.iter().chain(&reserved.methods).chain(&reserved.types) {
        let diagnostics = diagnose(&schema_with_name(name)?).unwrap_or_default();
        assert!(!diagnostics.contains(&name_error(name)), "the generator reserves `{name}`:\n{diagnostics}");
    }
    Ok(())
}

/// Checks copies of the valid schema in which bytes are removed or replaced. A copy may still be valid.
#[test]
fn never_panics_on_a_mutated_schema() -> io::Result<()> {
    let valid = valid_sources("")?;
    let mut invalid = 0;
    for (file, valid_source) in valid.iter().enumerate() {
        for mutated in mutate(&valid_source.text) {
            let mut sources = valid.clone();
            sources[file].text = mutated;
            invalid += usize::from(diagnose(&sources).is_some());
        }
    }
    assert!(invalid > 1000, "{invalid}");
    Ok(())
}

/// Returns copies of a text. In each, up to 22 bytes at one position are removed or replaced, or a text is inserted.
fn mutate(text: &str) -> impl Iterator<Item = String> {
    /// Distance between the positions, in bytes.
    const STRIDE: usize = 5;
    /// Texts with a meaning in XML or in the schema language, and plain ones.
    const REPLACEMENTS: &[&str] =
        &["", "{", "}", ":", "?", "*", "/", "\"", "<", "&", " ", "é", "x", "nil", "{a: string}", "<a/>"];
    let positions = (0..text.len()).step_by(STRIDE).enumerate();
    positions.flat_map(move |(count, start)| {
        // Each position is tried with three lengths and texts. Over all positions, every length and every text is used.
        (0..3).filter_map(move |step| {
            let length = (count + step * 7) % 23;
            let replacement = REPLACEMENTS[(count * 3 + step) % REPLACEMENTS.len()];
            let (before, after) = (text.get(..start)?, text.get(start + length..)?);
            Some([before, replacement, after].concat())
        })
    })
}
