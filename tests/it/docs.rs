//! What the readme and its neighbours show is what there is: commands, output, schema, generated code. (Their Rust is
//! compiled by the documentation tests.)

use std::fs;
use std::path::Path;
use std::process::Command;

use backpack_tests::schema;

/// The blocks of a language in a document, each without its fences.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(schema::root().join(document)).unwrap();
    let mut parts = text.split("\n```");
    parts.next();
    // Parts are inside and outside a fence by turns.
    let inside = parts.step_by(2).filter_map(|part| part.split_once('\n'));
    inside.filter(|(info, _)| *info == language).map(|(_, block)| block.to_owned()).collect()
}

/// Lines without their indentation, which differs with the place they stand in.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn holds(whole: &str, part: &str) -> bool {
    let (whole, part) = (lines(whole), lines(part));
    whole.windows(part.len()).any(|window| window == part)
}

/// The tour, run as `cargo tour` runs it. The examples are built along with the tests.
fn tour() -> String {
    let tests = std::env::current_exe().unwrap();
    let target = tests.ancestors().find(|folder| folder.join("examples").is_dir()).unwrap();
    let output = Command::new(target.join("examples/tour")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_tour_runs_and_prints_what_the_readme_shows() {
    let shown = blocks("README.md", "text");
    let (call, rest) = shown[0].split_once('\n').unwrap();
    let tour = tour();
    assert!(tour.contains(call), "{call} is not in the tour");
    assert!(holds(&tour, rest), "the tour prints something else than the readme shows:\n{tour}");
}

#[test]
fn the_tour_uses_every_style_and_shows_no_token() {
    let tour = tour();
    for carrier in
        ["<token>TOKEN</token>", "x-bp-token: TOKEN", "token=TOKEN", "/TOKEN/", "authorization: Bearer TOKEN"]
    {
        assert!(tour.contains(carrier), "{carrier} is not in the tour");
    }
    for carrier in ["x-bp-token: ", "token=", "Bearer "] {
        let shown = tour.split(carrier).skip(1);
        assert!(shown.into_iter().all(|rest| rest.starts_with("TOKEN")), "the tour shows a token after {carrier}");
    }
}

#[test]
fn the_readme_shows_the_schema_as_it_is() {
    let notes = fs::read_to_string(schema::root().join("schema/notes.xml")).unwrap();
    let shown = &blocks("README.md", "xml")[0];
    let shown = shown.strip_suffix("</endpoint>").unwrap();
    assert!(holds(&notes, shown), "schema/notes.xml has something else than:\n{shown}");
}

#[test]
fn the_readme_shows_a_diagnostic_as_it_is() {
    let mut sources = schema::sources();
    let notes = sources.iter_mut().find(|source| source.path == "schema/notes.xml").unwrap();
    notes.text = notes.text.replacen("<response><note>{note: Note}", "<response><note>{note: Notee}", 1);
    let printed = xmlwire_codegen::check(&sources).unwrap_err().to_string();
    // Line numbers move with every edit of the schema.
    let without_numbers =
        |text: &str| text.replace(|c: char| c.is_ascii_digit(), "").split_whitespace().collect::<String>();
    assert_eq!(without_numbers(&printed), without_numbers(&blocks("README.md", "text")[1]), "{printed}");
}

#[test]
fn the_architecture_shows_generated_code_as_it_is() {
    let notes = fs::read_to_string(schema::root().join("generated/src/api/notes.rs")).unwrap();
    let shown = &blocks("ARCHITECTURE.md", "rust,ignore")[0];
    assert!(holds(&notes, shown), "generated/src/api/notes.rs has something else than:\n{shown}");
}

#[test]
fn files_that_the_documents_name_are_there() {
    let root = schema::root();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let spans = text.split('`').skip(1).step_by(2);
        let folders = ["schema/", "codegen/", "generated/", "runtime/", "server/", "cli/", "xtask/", "tests/", "fuzz/"];
        for path in spans.filter(|span| folders.iter().any(|folder| span.starts_with(folder)) && !span.contains(' ')) {
            assert!(Path::new(&root).join(path).exists(), "{document} names {path}, which is not there");
        }
    }
}

#[test]
fn commands_in_the_documents_are_known() {
    // `cargo tour` is run above; `cargo test` is what runs this; `backpack` and its curl lines are run by `cli/tests`; the
    // rest is run by CI, or says what there is.
    let known = [
        "cargo tour",
        "cargo test",
        "cargo xtask check",
        "cargo insta test --review",
        "cargo bench --package backpack-benches",
        "cargo fuzz run --sanitizer none reader -- -max_total_time=60",
        "cargo run --package backpack-tests --example seeds",
        "backpack serve --data home.backpack",
    ];
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for command in blocks(document, "sh") {
            let known = known.contains(&command.trim()) || command.lines().all(|line| line.starts_with("curl "));
            assert!(known, "{document} has `{}`, which no test knows", command.trim());
        }
    }
}

/// The rows of the table of promises: what is promised, and the code in the column of what holds it.
fn promises(readme: &str) -> Vec<(&str, Vec<&str>)> {
    let (_, table) = readme.split_once("## What is promised").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let (promise, held) = row.trim_matches([' ', '|']).rsplit_once(" | ").expect("a row has two columns");
        (promise, held.split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

/// The names of all tests in a folder of sources.
fn tests_in(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let named = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn ")?.1.split_once('('));
            found.extend(named.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn each_promise_is_held_by_tests_that_are_there() {
    let root = schema::root();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut tests = Vec::new();
    for folder in
        ["cli", "codegen/src", "generated/src", "runtime/src", "server", "tests/it", "xtask/src", "xtask/tests"]
    {
        tests_in(&root.join(folder), &mut tests);
    }
    let promises = promises(&readme);
    assert!(!promises.is_empty(), "the table has no rows that can be read");
    for (promise, held) in promises {
        let is_test = |name: &str| tests.iter().any(|test| test == name);
        for name in &held {
            assert!(
                is_test(name) || root.join(name).exists(),
                "`{name}`, for “{promise}”, is neither a test nor a file"
            );
        }
        assert!(held.iter().any(|name| is_test(name)), "no test by name holds “{promise}”");
    }
}
