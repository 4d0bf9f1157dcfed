//! The README and the other documents match the repository: commands, output, schema, generated code, and the examples,
//! which have their Rust code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use backpack_tests::schema;

/// Documents for people, whose commands, links and file names are checked.
const DOCUMENTS: &[&str] = &[
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/backup.md", "docs/benchmarks.md", "docs/client.md",
    "docs/guarantees.md", "docs/oauth.md", "cli/README.md", "codegen/README.md", "generated/README.md",
    "docs/scripting.md", "docs/self-hosting.md", "runtime/README.md", "schema/README.md", "server/README.md",
    "archive/README.md", "textile/README.md", "docs/compatibility.md", "RELEASING.md", "SECURITY.md", "CHANGELOG.md",
];

/// Reads the fenced blocks of a document that are marked with this language. Returns their content.
fn read_blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(schema::repository_root().join(document)).unwrap();
    let mut parts = text.split("\n```");
    // The text before the first fence.
    parts.next();
    // The other parts alternate between the inside and the outside of a fence.
    let inside = parts.step_by(2).filter_map(|part| part.split_once('\n'));
    inside.filter(|(info, _)| *info == language).map(|(_, block)| block.to_owned()).collect()
}

/// Returns the lines that are not empty, without their indentation, which differs between documents and sources.
fn trimmed_lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// `true` if `whole` contains the lines of `part` in sequence, regardless of indentation and empty lines.
fn contains_lines(whole: &str, part: &str) -> bool {
    let (whole, part) = (trimmed_lines(whole), trimmed_lines(part));
    whole.windows(part.len()).any(|window| window == part)
}

/// Runs an example as `cargo run --example` does, and returns its output. Cargo builds the examples together with the
/// tests, into a folder near the test program.
fn run_example(name: &str, environment: &[(&str, &str)]) -> String {
    let tests = std::env::current_exe().unwrap();
    let target = tests.ancestors().find(|folder| folder.join("examples").is_dir()).unwrap();
    let output = Command::new(target.join("examples").join(name)).envs(environment.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the tour as `cargo tour` does.
fn run_tour() -> String {
    run_example("tour", &[])
}

/// Splits a Rust text into the paths that it imports and the other lines. `use a::{b, c};` imports `a::b` and `a::c`.
fn split_imports(text: &str) -> (BTreeSet<String>, String) {
    let (mut imports, mut rest) = (BTreeSet::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(start) = line.strip_prefix("use ") else {
            rest.push(line);
            continue;
        };
        let mut path = start.to_owned();
        while !path.ends_with(';') {
            path.push_str(lines.next().expect("`use` should end with a semicolon").trim());
        }
        let (parent, names) = path.trim_end_matches([';', '}']).rsplit_once("::").expect("a path has a parent");
        let names = names.trim_start_matches('{').split(',').map(str::trim).filter(|name| !name.is_empty());
        imports.extend(names.map(|name| format!("{parent}::{name}")));
    }
    (imports, rest.join("\n"))
}

#[test]
fn the_rust_code_of_the_guides_is_part_of_the_examples() {
    let folder = schema::repository_root().join("generated/examples");
    let examples: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| split_imports(&fs::read_to_string(entry.unwrap().path()).unwrap()))
        .collect();
    // The READMEs of crates are documentation tests.
    for guide in DOCUMENTS.iter().filter(|document| **document == "README.md" || document.starts_with("docs/")) {
        let text = fs::read_to_string(schema::repository_root().join(guide)).unwrap();
        let blocks = read_blocks(guide, "rust");
        assert_eq!(blocks.len(), text.matches("```rust").count(), "a block of {guide} is marked with more than `rust`");
        for block in blocks {
            let (imports, code) = split_imports(&block);
            let is_example = |(all_imports, example): &(BTreeSet<String>, String)| {
                contains_lines(example, &code) && imports.is_subset(all_imports)
            };
            assert!(examples.iter().any(is_example), "no example has this code of {guide}:\n{block}");
        }
    }
}

#[test]
fn the_examples_that_need_no_service_run() {
    for example in ["constructors", "other_library", "testing", "transports"] {
        run_example(example, &[]);
    }
    let output = run_example("oauth", &[("BACKPACK_SECRET", "fake")]);
    assert!(output.contains("title: \"Coast\""), "{output}");
}

#[test]
fn the_tour_prints_the_output_in_the_readme() {
    let shown = read_blocks("README.md", "text");
    // The first line is the call in Rust, as the tour prints it; the rest is the traffic.
    let (call, rest) = shown[0].split_once('\n').unwrap();
    let tour = run_tour();
    assert!(tour.contains(call), "{call} is not in the tour");
    assert!(contains_lines(&tour, rest), "the tour prints something else than the README shows:\n{tour}");
}

#[test]
fn the_tour_uses_every_style_and_prints_no_token() {
    let tour = run_tour();
    for carrier in
        ["<token>TOKEN</token>", "x-bp-token: TOKEN", "token=TOKEN", "/TOKEN/", "authorization: Bearer TOKEN"]
    {
        assert!(tour.contains(carrier), "{carrier} is not in the tour");
    }
    for carrier in ["x-bp-token: ", "token=", "Bearer "] {
        let after = tour.split(carrier).skip(1);
        assert!(after.into_iter().all(|rest| rest.starts_with("TOKEN")), "the tour shows a token after {carrier}");
    }
}

#[test]
fn the_readme_quotes_the_schema() {
    let notes = fs::read_to_string(schema::repository_root().join("schema/notes.xml")).unwrap();
    let shown = &read_blocks("README.md", "xml")[0];
    let shown = shown.strip_suffix("</endpoint>").unwrap();
    assert!(contains_lines(&notes, shown), "schema/notes.xml does not contain:\n{shown}");
}

#[test]
fn the_readme_quotes_a_diagnostic() {
    let mut sources = schema::read_sources();
    let notes = sources.iter_mut().find(|source| source.path == "schema/notes.xml").unwrap();
    notes.text = notes.text.replacen("<response><note>{note: Note}", "<response><note>{note: Notee}", 1);
    let printed = xmlwire_codegen::check(&sources).unwrap_err().to_string();
    // Line numbers move with every edit of the schema, and the indentation depends on their width.
    let without_numbers =
        |text: &str| text.replace(|c: char| c.is_ascii_digit(), "").split_whitespace().collect::<String>();
    assert_eq!(without_numbers(&printed), without_numbers(&read_blocks("README.md", "text")[1]), "{printed}");
}

#[test]
fn the_architecture_quotes_generated_code() {
    let notes = fs::read_to_string(schema::repository_root().join("generated/src/api/notes.rs")).unwrap();
    let shown = &read_blocks("ARCHITECTURE.md", "rust,ignore")[0];
    assert!(contains_lines(&notes, shown), "generated/src/api/notes.rs does not contain:\n{shown}");
}

#[test]
fn files_named_in_the_documents_exist() {
    let root = schema::repository_root();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let spans = text.split('`').skip(1).step_by(2);
        let folders = [
            "schema/", "codegen/", "generated/", "runtime/", "textile/", "archive/", "server/", "cli/", "xtask/",
            "tests/", "docs/", "contrib/", "benches/", "fuzz/",
        ];
        for path in spans.filter(|span| folders.iter().any(|folder| span.starts_with(folder)) && !span.contains(' ')) {
            // The README of a crate may name files of the crate.
            let is_there = root.join(path).exists() || root.join(document).with_file_name(path).exists();
            assert!(is_there, "{document} names {path}, which does not exist");
        }
    }
}

/// Commands that some test or a step of CI runs.
const TESTED_COMMANDS: &[&str] = &[
    "cargo tour",
    "cargo test",
    "cargo test --package backpack-tests --test it second_service",
    "cargo test --package backpack-cli --test it -- --ignored soak",
    "cargo xtask check",
    "cargo xtask diff HEAD",
    "cargo run --package backpack-tests --example seeds",
    "BACKPACK_SECRET=fake cargo run --package backpack-api --example oauth --features oauth",
    "backpack serve --data home.backpack",
    "cargo run --package backpack-cli -- serve --demo",
    "backpack serve --demo",
];

/// Beginnings of commands that no test can run, with the reason.
const UNTESTED_COMMANDS: &[(&str, &str)] = &[
    ("BACKPACK_TOKEN=TOKEN cargo run --package backpack-api --example ", "needs a service at the port 3000"),
    ("cargo add ", "changes a project outside of the repository, and needs a registry"),
    ("cargo bench ", "takes minutes"),
    ("cargo fuzz ", "needs cargo-fuzz"),
    ("cargo insta ", "needs cargo-insta, and a terminal"),
    ("cargo install ", "builds a release, and installs a program"),
    ("install ", "installs files as root"),
    ("openssl ", "needs openssl"),
    ("systemctl ", "changes the machine's services"),
    ("useradd ", "changes the machine's users"),
    ("backpack login ", "needs a terminal"),
    ("backpack view ", "runs until it is interrupted; `cli/tests/it/export.rs` runs it"),
    ("backpack serve --data home.backpack --domain ", "needs a domain and a certificate, and low ports"),
    ("export BACKPACK_", "sets a variable for the commands after it"),
];

#[test]
fn commands_in_the_documents_are_tested_or_have_a_reason_not_to_be() {
    // `cli/tests/it/documents.rs` runs the README's curl lines, the commands `backpack host`, and those for archives.
    let beginnings = ["curl ", "backpack host ", "backpack backup ", "backpack verify ", "backpack export "];
    let is_run_by_the_command_tests = |line: &str| beginnings.iter().any(|beginning| line.starts_with(beginning));
    for document in DOCUMENTS {
        for line in read_blocks(document, "sh").iter().flat_map(|block| block.lines()) {
            let has_reason = UNTESTED_COMMANDS.iter().any(|(beginning, _)| line.starts_with(beginning));
            assert!(
                TESTED_COMMANDS.contains(&line) || is_run_by_the_command_tests(line) || has_reason,
                "{document} has `{line}`, which is neither tested nor on the list of commands that cannot be"
            );
        }
    }
}

#[test]
fn the_reference_has_one_heading_for_each_operation() {
    let api = schema::read_api();
    for section in &api.sections {
        let page = format!("docs/reference/{}.md", section.name);
        let text = fs::read_to_string(schema::repository_root().join(&page)).unwrap();
        let headings: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
        let operations: Vec<&str> = section.endpoints.iter().map(|endpoint| &*endpoint.name).collect();
        assert_eq!(headings, operations, "{page}");
    }
}

/// Reads the tables of guarantees: each guarantee, and the names of tests or files in its second column, which are
/// marked as code.
fn read_guarantees(document: &str) -> Vec<(&str, Vec<&str>)> {
    // Skips the headings. The lines below them start with `|-`.
    let rows = document.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| guarantee |"));
    rows.map(|row| {
        let (guarantee, names) = row.trim_matches([' ', '|']).rsplit_once(" | ").expect("a row has two columns");
        (guarantee, names.split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

/// Adds the names of all functions marked `#[test]` or `#[tokio::test]` in a folder and below.
fn collect_tests(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap().replace("#[tokio::test]", "#[test]");
            let named = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn ")?.1.split_once('('));
            found.extend(named.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn each_guarantee_names_an_existing_test() {
    let root = schema::repository_root();
    let document = fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let mut tests = Vec::new();
    for folder in [
        "archive", "cli", "codegen/src", "generated/src", "runtime/src", "server", "tests/it", "textile", "xtask/src",
        "xtask/tests",
    ] {
        collect_tests(&root.join(folder), &mut tests);
    }
    let guarantees = read_guarantees(&document);
    assert!(!guarantees.is_empty(), "the tables have no readable rows");
    for (guarantee, names) in guarantees {
        let is_test = |name: &str| tests.iter().any(|test| test == name);
        for name in &names {
            assert!(
                is_test(name) || root.join(name).exists(),
                "`{name}`, for “{guarantee}”, is neither a test nor a file"
            );
        }
        assert!(names.iter().any(|name| is_test(name)), "no test is named for “{guarantee}”");
    }
}

#[test]
fn every_published_crate_has_what_a_registry_shows_and_is_released() {
    let root = schema::repository_root();
    let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let members = workspace.split_once("members = [").and_then(|(_, rest)| rest.split_once(']')).unwrap().0;
    let ci = fs::read_to_string(root.join(".github/workflows/ci.yml")).unwrap();
    let package_command = ci.lines().find(|line| line.contains("cargo package ")).unwrap();
    let releasing = fs::read_to_string(root.join("RELEASING.md")).unwrap();
    let mut published = 0;
    for folder in members.split(',').map(|member| root.join(member.trim().trim_matches('"'))) {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let is_private = manifest.contains("\npublish = false\n");
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"');
        let is_packaged = package_command.split(' ').any(|word| word == name);
        assert_eq!(is_packaged, !is_private, "{name} in the command `cargo package` of ci.yml");
        if is_private {
            continue;
        }
        published += 1;
        assert!(releasing.contains(&format!("`{name}`")), "RELEASING.md should name {name}");
        for key in [
            "description = ", "license.workspace", "repository.workspace", "readme = \"README.md\"",
            "documentation = ", "keywords = ", "categories = ",
        ] {
            assert!(manifest.lines().any(|line| line.starts_with(key)), "the manifest of {name} has no {key}");
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).exists(), "{name} has no {file}");
        }
    }
    assert!(published > 5, "only {published} crates are published");
}
