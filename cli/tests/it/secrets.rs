//! The token is in no output, at any level of the log.

use crate::support::{Finished, Home, ServiceProcess, run_command};

/// Asserts that no output of a command contains the token.
fn assert_secret(finished: &Finished, token: &str, name: &str) {
    let output = [finished.out.as_str(), finished.err.as_str()].concat().to_lowercase();
    assert!(!output.contains(token), "{name} shows the token");
}

#[test]
fn the_token_is_in_no_output_and_no_log() {
    let mut service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let token = service.token.clone().expect("the demo shows tokens");
    let commands: &[&[&str]] = &[
        &["whoami"],
        &["doctor"],
        &["pages"],
        &["page", "1"],
        &["page", "lost"],
        &["note", "add", "1", "Text"],
        &["item", "add", "1", "Text"],
        &["item", "done", "1", "1"],
        &["remind", "+30 Text"],
        &["events"],
        &["journal", "add", "Text"],
        &["status", "set", "Text"],
        &["search", "Text"],
        // One operation of each style, and one that fails.
        &["call", "pages", "list"],
        &["call", "separators", "create", "1", "Text"],
        &["call", "users", "me"],
        &["call", "statuses", "list"],
        &["call", "calendars", "list"],
        &["call", "pages", "show", "999"],
    ];
    let run_all = |is_running: bool| {
        for command in commands {
            for format in [None, Some("--json"), Some("--dry-run")] {
                if format == Some("--dry-run") && command[0] != "call" {
                    continue;
                }
                let arguments = command.iter().copied().chain(format).collect::<Vec<_>>();
                let finished = run_command(home.command(&arguments).env("RUST_LOG", "trace"), "");
                assert_secret(&finished, &token, &format!("{arguments:?}"));
                let is_logged = format == Some("--dry-run") || finished.err.contains("attempt");
                assert!(is_logged, "{arguments:?} logs no attempt: {}", finished.err);
                if is_running && !arguments.contains(&"lost") && !arguments.contains(&"999") {
                    assert_eq!(finished.code, Some(0), "{arguments:?}: {}", finished.err);
                }
            }
        }
    };
    run_all(true);
    let login = ["login", "demo", "--url", &service.base_url, "--token-stdin", "--json"];
    let finished = run_command(home.command(&login).env("RUST_LOG", "trace"), &token);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_secret(&finished, &token, "login");
    // Errors of the connection show no token either.
    service.kill();
    let finished = run_command(home.command(&["call", "users", "me"]).env("RUST_LOG", "trace"), "");
    assert_eq!(finished.code, Some(75), "{finished:?}");
    assert_secret(&finished, &token, "a refused connection");
}

#[test]
fn a_response_that_repeats_the_token_does_not_show_it() {
    use test_support::{Action, FaultServer};
    let token = "0123456789abcdef0123456789abcdef01234567";
    let body = format!("<response success='false'><error code='404'>No token {token} here</error></response>");
    let head = format!("HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n", body.len());
    let server = FaultServer::start([Action::Close([head, body].concat().into_bytes())]);
    let home = Home::new();
    let mut command = home.command(&["call", "pages", "list"]);
    command.env("BACKPACK_URL", server.base_url()).env("BACKPACK_TOKEN", token).env("RUST_LOG", "trace");
    let finished = run_command(&mut command, "");
    assert_eq!(finished.code, Some(5), "{finished:?}");
    assert!(finished.err.contains("backpack: pages.list: No token … here (code 404)"), "{finished:?}");
    assert_secret(&finished, token, "an error");
}
