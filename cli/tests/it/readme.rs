//! The README's curl lines, run with the token and port of a demo service.

use std::process::Command;

use crate::support::ServiceProcess;

/// Reads the lines of the README that start with `curl`.
fn read_curl_lines() -> Vec<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    readme.lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
}

#[test]
fn the_curl_lines_of_the_readme_work() {
    let service = ServiceProcess::demo();
    let token = service.token.clone().expect("the demo shows tokens");
    // Runs a curl line, which should succeed, and returns the response.
    let run = |line: &str| {
        let line = line.replace("TOKEN", &token).replace("http://localhost:3000", &service.base_url);
        let output = Command::new("sh").args(["-c", &format!("{line} --silent")]).output().expect("a shell");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let responses: Vec<String> = read_curl_lines().iter().map(|line| run(line)).collect();
    let [page, item, calendars, event, no_page, no_event] = &responses[..] else { panic!("{responses:#?}") };
    assert!(page.contains("<response success=\"true\"><page title=\"Weekend on the coast\" id=\"1\""), "{page}");
    assert!(item.contains("<item completed=\"false\" id=\"10\"") && item.contains(">Rope</item></response>"), "{item}");
    assert!(calendars.contains("<calendars><calendar><account-id type=\"integer\">1</account-id>"), "{calendars}");
    assert!(event.starts_with("HTTP/1.1 201 Created\r\n"), "{event}");
    let location = event.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a location");
    let shown = run(&format!("curl -H 'X-BP-Token: TOKEN' {location}"));
    assert!(shown.contains("<title>Dinner</title>"), "{shown}");
    assert!(no_page.contains("<response success=\"false\"><error code=\"404\">Record not found</error></response>"));
    assert!(no_event.starts_with("HTTP/1.1 404 "), "{no_event}");
}
