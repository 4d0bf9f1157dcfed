//! `backpack call`: every operation, from its examples in the schema.

use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use test_support::http1;
use test_support::{Action, FaultServer, ReceivedRequest};
use xmlwire_codegen::model::{Api, ExampleValue, Field, Presence, Scalar, ValueKind};

use crate::support::{Home, ServiceProcess, run_command};

/// Arguments of a command: options, and values by position.
#[derive(Default)]
struct Arguments {
    options: Vec<String>,
    values: Vec<String>,
}

impl Arguments {
    /// Adds the value of a field. `is_required` is `true` if the data that contains the field is required.
    fn add(&mut self, api: &Api, field: &Field, value: &ExampleValue, is_required: bool, is_argument: bool) {
        let option = format!("--{}", field.name.replace('_', "-"));
        let is_positional = is_required && is_argument;
        match (value, &field.kind) {
            (ExampleValue::Absent, _) => {}
            (ExampleValue::Cleared, _) => self.options.push(option.replacen("--", "--clear-", 1)),
            (ExampleValue::Data(data, values), _) => {
                for (field, value) in api.types[data.0].fields.iter().zip(values) {
                    self.add(api, field, value, is_positional, field.presence == Presence::Required);
                }
            }
            (ExampleValue::Many(values), _) => {
                values.iter().for_each(|value| self.add(api, field, value, is_required, is_argument));
            }
            (ExampleValue::Text(text), ValueKind::Scalar(scalar)) => {
                for text in split_text(scalar, text) {
                    if is_positional { self.values.push(text) } else { self.options.extend([option.clone(), text]) }
                }
            }
            (ExampleValue::Text(text), ValueKind::Data(_)) => panic!("{text} is not data"),
        }
    }
}

/// Splits the text of a value into the arguments that a user writes.
fn split_text(scalar: &Scalar, text: &str) -> Vec<String> {
    match scalar {
        Scalar::Bit | Scalar::Flag => vec![if text == "1" { "true" } else { "false" }.to_owned()],
        Scalar::Words(_) | Scalar::Phrases if text.is_empty() => vec![String::new()],
        Scalar::Words(_) => text.split_whitespace().map(str::to_owned).collect(),
        // The parts at odd indexes are in quotes.
        Scalar::Phrases => text
            .split('"')
            .enumerate()
            .flat_map(|(index, part)| if index % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
            .map(str::to_owned)
            .collect(),
        _ => vec![text.to_owned()],
    }
}

/// Returns the arguments of `backpack call` for an example.
fn to_arguments(api: &Api, case: &Case<'_>) -> Vec<String> {
    let mut arguments = Arguments::default();
    for (field, value) in case.endpoint.fields.iter().zip(&case.example.values) {
        let is_argument = matches!(field.presence, Presence::Required | Presence::Many);
        arguments.add(api, field, value, true, is_argument);
    }
    let to_kebab = |name: &str| name.replace('_', "-");
    let command = ["call".to_owned(), to_kebab(&case.section.name), to_kebab(&case.endpoint.name)];
    let separator = ["--".to_owned()];
    command.into_iter().chain(arguments.options).chain(separator).chain(arguments.values).collect()
}

/// Reads the requests in the snapshot of an operation.
fn read_snapshot(operation: &str) -> Vec<String> {
    let path = schema::repository_root().join(format!("tests/it/snapshots/requests/{operation}.snap"));
    let text = std::fs::read_to_string(path).expect("the snapshot");
    let (_, content) = text.trim_start_matches("---\n").split_once("\n---\n").expect("a header");
    content.trim_end().split("\n\n----------------------------------------\n\n").map(str::to_owned).collect()
}

/// Renders a request as the snapshots do, with their host and User-Agent in place of the command's.
fn render_received(request: &ReceivedRequest) -> String {
    let (head, body) = http1::split(&request.bytes);
    let head = String::from_utf8_lossy(head).into_owned();
    let mut headers: Vec<String> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value))
        .filter(|(name, _)| !matches!(name.as_str(), "content-length" | "accept"))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let mut lines = vec![request.line().to_owned()];
    lines.extend(headers);
    if !body.is_empty() {
        lines.extend([String::new(), String::from_utf8_lossy(body).into_owned()]);
    }
    normalize(&lines.join("\n"))
}

/// Replaces the token, the host and the User-Agent by those of the snapshots.
fn normalize(request: &str) -> String {
    let replace_line = |line: &str| match line.split_once(": ") {
        Some(("host", _)) => "host: acme.backpackit.com".to_owned(),
        Some(("user-agent", agent)) if agent.starts_with("backpack-cli/") => {
            "user-agent: Trip planner (jo@example.com)".to_owned()
        }
        _ => line.replace(TOKEN, "TOKEN"),
    };
    request.split('\n').map(replace_line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_example_is_sent_as_in_its_snapshot() {
    let api = schema::read_api();
    let home = Home::new();
    let mut count = 0;
    let mut wrong = Vec::new();
    let mut operations: Vec<Vec<Case<'_>>> = Vec::new();
    for case in examples::cases(&api).filter(|case| case.example.is_written) {
        match operations.last_mut() {
            Some(cases) if cases[0].operation == case.operation => cases.push(case),
            _ => operations.push(vec![case]),
        }
    }
    assert_eq!(operations.len(), backpack_api::SERVICE.operations.len());
    for cases in operations {
        let snapshots = read_snapshot(cases[0].operation.name);
        assert_eq!(snapshots.len(), cases.len(), "{}", cases[0].name());
        for (case, snapshot) in cases.iter().zip(&snapshots) {
            let response = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
            let server = FaultServer::start([Action::Close(http1::encode_response(&response))]);
            let arguments = to_arguments(&api, case);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let run = |arguments: &[&str]| {
                let mut command = home.command(arguments);
                run_command(command.env("BACKPACK_URL", server.base_url()).env("BACKPACK_TOKEN", TOKEN), "")
            };
            let finished = run(&arguments);
            let sent: Vec<_> = server.requests().iter().map(render_received).collect();
            if finished.code != Some(0) || sent != [snapshot.clone()] {
                wrong.push(format!("{}: {arguments:?}\n{}\n{sent:#?}\n{snapshot}", case.name(), finished.err));
            }
            let body = String::from_utf8_lossy(response.body());
            assert!(body.is_empty() || finished.out == body, "{}: {}", case.name(), finished.out);
            // The dry run prints the same request, without the token.
            let printed = run(&[&arguments[..3], &["--dry-run"], &arguments[3..]].concat());
            assert_eq!(normalize(printed.out.trim_end()), *snapshot, "{}", case.name());
            assert!(!printed.out.contains(TOKEN), "{}", case.name());
            assert_eq!(server.requests().len(), 1, "{}: the dry run sent a request", case.name());
            count += 1;
        }
    }
    assert!(count > 74 && wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn required_data_without_values_is_sent_as_an_empty_element() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let printed = home.stdout(&["call", "notes", "create", "1", "--dry-run"]);
    assert!(printed.ends_with("<note></note></request>\n"), "{printed}");
}

#[test]
fn lists_each_operation_once() {
    let home = Home::new();
    let list = home.stdout(&["call", "--list"]);
    let names: Vec<String> =
        list.lines().map(|line| line.split('\t').take(2).collect::<Vec<_>>().join(".").replace('-', "_")).collect();
    let operations: Vec<&str> = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(names, operations);
    let json = home.read_json(&["call", "--list"]);
    let create = json
        .as_array()
        .and_then(|list| list.iter().find(|entry| entry["section"] == "items" && entry["operation"] == "create"));
    let create = create.expect("the operation");
    assert_eq!(create["arguments"], serde_json::json!(["PAGE_ID", "LIST_ID", "CONTENT"]));
    assert_eq!(create["options"], serde_json::json!(["--completed"]));
}

#[test]
fn the_help_of_an_operation_is_from_the_schema() {
    let home = Home::new();
    let help = home.stdout(&["call", "items", "create", "--help"]);
    assert!(help.starts_with("Creates an item and returns it.\n\nUsage: backpack call items create"), "{help}");
    for part in [
        "<PAGE_ID> <LIST_ID> <CONTENT>",
        "<CONTENT>  Text of the item.",
        "--completed <BOOL>  `true` if the item is already done.",
        "POST /ws/page/{page_id}/lists/{list_id}/items/add: not idempotent.",
    ] {
        assert!(help.contains(part), "{help}");
    }
    let legacy = home.stdout(&["call", "legacy", "list-items", "--help"]);
    assert!(legacy.contains("read-only. Legacy: use `items list` instead."), "{legacy}");
}

#[test]
fn prints_the_xml_as_received_or_the_value_as_json() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let xml = home.stdout(&["call", "lists", "list", "1"]);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{xml}");
    assert!(xml.ends_with("<lists><list id=\"1\" name=\"To pack\"/></lists></response>"), "{xml}");
    let json = home.read_json(&["call", "lists", "list", "1"]);
    assert_eq!(json, serde_json::json!([{ "id": 1, "name": "To pack" }]));
    // The number of a new entry is in a header only.
    let number = home.stdout(&["call", "journal", "create", "1", "Scraped the keel"]);
    let shown = home.stdout(&["call", "journal", "show", number.trim(), "--json"]);
    assert!(shown.contains("\"body\": \"Scraped the keel\""), "{number}: {shown}");
    // An operation without a value prints `null` as JSON.
    assert_eq!(home.stdout(&["call", "pages", "update-title", "3", "Soups", "--json"]), "null\n");
}

#[test]
fn reads_values_from_files_and_standard_input() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    std::fs::write(home.path().join("note.txt"), "From pier 4.\n").expect("a file");
    let from_file = home.stdout(&["call", "notes", "create", "3", "--body", "@note.txt", "--title=@@pier", "--json"]);
    assert!(
        from_file.contains("\"body\": \"From pier 4.\\n\"") && from_file.contains("\"title\": \"@pier\""),
        "{from_file}"
    );
    let from_input = home.run_with_input(&["call", "items", "create", "1", "1", "-"], "Soap & towel");
    assert!(from_input.out.contains(">Soap &amp; towel</item>"), "{from_input:?}");
    let twice = home.run_with_input(&["call", "notes", "create", "1", "--title", "-", "--body", "-"], "Text");
    assert_eq!(twice.code, Some(2), "{twice:?}");
    assert_eq!(twice.err, "backpack: standard input can be the value of one argument only\n");
    let missing = home.run(&["call", "items", "create", "1", "1", "@missing.txt"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.err.starts_with("backpack: cannot read missing.txt: "), "{missing:?}");
}

#[test]
fn requests_all_pages_of_a_paginated_list() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let all = home.read_json(&["call", "journal", "list", "--count", "1", "--all"]);
    assert_eq!(all.as_array().map(Vec::len), Some(4), "{all}");
    // The documents of all pages follow each other.
    let documents = home.stdout(&["call", "journal", "list", "--count", "1", "--all"]);
    assert_eq!(documents.matches("<?xml ").count(), 4, "{documents}");
    assert_eq!(documents.matches("<journal-entry>").count(), 4, "{documents}");
}

#[test]
fn wrong_values_and_failed_calls_have_their_exit_codes() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    for (arguments, code, message) in [
        (&["call", "notes", "list", "one"][..], 2, "backpack: notes.list: page_id should be a number"),
        (&["call", "tags", "set", "1", "a \"b\""], 2, "backpack: TAGS...: a text must not contain double quotes\n"),
        (&["call", "pages", "create", "\u{1b}"], 2, "backpack: pages.create: invalid request, not sent: "),
        (&["call", "pages", "show", "999"], 5, "backpack: pages.show: Record not found (code 404)\n"),
        (&["call", "journal", "destroy", "2"], 4, "backpack: journal.destroy: "),
        (&["call", "--json"], 2, "error: the following required arguments were not provided:\n  --list"),
        (&["call", "notes"], 2, "Blocks of text on a page"),
        (&["call", "notes", "lost"], 2, "error: unrecognized subcommand 'lost'"),
        (&["call"], 2, "Call any operation of the API"),
    ] {
        let finished = home.run(arguments);
        assert_eq!(finished.code, Some(code), "{arguments:?}: {finished:?}");
        assert!(finished.err.starts_with(message), "{arguments:?}: {finished:?}");
    }
}
