//! `backpack export` and `backpack view`, over the demo.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::support::{Finished, Home, ServiceProcess, backpack, run_command};

/// Sends a request to a server on this machine. Returns the response as text.
fn fetch(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    String::from_utf8(response).expect("text")
}

/// Saves the export of the demo's first user in a home folder. Returns the home folder, the path of the export, and the
/// user's token.
fn save_demo() -> (Home, PathBuf, String) {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let path = home.path().join("export.xml");
    fs::write(&path, home.stdout(&["call", "users", "export", "1"])).expect("a file");
    (home, path, service.token.clone().expect("the demo shows tokens"))
}

/// Exports an archive.
fn export(format: &str, archive: &Path, out: &Path, options: &[&str]) -> Finished {
    run_command(backpack().args(["export", format]).arg(archive).arg(out).args(options), "")
}

#[test]
fn exports_the_demo_in_all_formats_and_a_second_time_without_a_change() {
    let (home, archive, token) = save_demo();
    for format in ["markdown", "html", "json", "ics", "csv", "enex", "opml"] {
        let out = home.path().join(format);
        let first = export(format, &archive, &out, &[]);
        assert_eq!(first.code, Some(0), "{format}: {}", first.err);
        let second = export(format, &archive, &out, &["--json"]);
        let report: serde_json::Value = serde_json::from_str(&second.out).expect("JSON");
        assert_eq!(report["files"]["written"], 0, "{report}");
        assert_ne!(report["files"]["unchanged"], 0, "{report}");
        for text in [first.out, first.err, second.out] {
            assert!(!text.contains(&token), "{text}");
        }
    }
    let page = fs::read_to_string(home.path().join("markdown/1-weekend-on-the-coast.md")).expect("a page");
    assert!(page.contains("- [ ] Tent & pegs\n- [ ] Torch\n- [x] Map of the path\n"), "{page}");
    assert!(page.contains("- Tickets: [harbour office](http://example.com/ferry)\n- Bikes go **free**\n"), "{page}");
    assert!(page.contains("## Timetable\n\n> "), "{page}");
}

#[test]
fn prints_one_line_for_each_kind_and_notes_on_standard_error() {
    let (home, archive, _) = save_demo();
    let exported = export("csv", &archive, &home.path().join("out"), &[]);
    let (lines, notes) = (exported.out, exported.err);
    assert!(lines.lines().any(|line| line == "items\t9\t0\t0\t0"), "{lines}");
    assert!(lines.lines().any(|line| line == "pages\t0\t0\t3\t0"), "{lines}");
    assert!(notes.contains("objects: CSV has items, events, reminders and the journal only"), "{notes}");
}

#[test]
fn a_file_in_the_way_and_a_damaged_archive_are_incomplete() {
    let (home, archive, _) = save_demo();
    let out = home.path().join("out");
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("index.md"), "mine").expect("a file");
    let exported = export("markdown", &archive, &out, &[]);
    assert_eq!(exported.code, Some(3), "{}", exported.err);
    assert!(exported.err.contains("index.md: a file that is not from an export has this name"), "{}", exported.err);
    assert!(out.join("1-weekend-on-the-coast.md").exists());

    let damaged = home.path().join("saved");
    fs::create_dir(&damaged).expect("a folder");
    fs::copy(&archive, damaged.join("export.xml")).expect("a copy");
    fs::write(damaged.join("page.xml"), "<page").expect("a file");
    let exported = export("json", &damaged, &home.path().join("json"), &[]);
    assert_eq!(exported.code, Some(3), "{}", exported.err);
    assert!(exported.err.contains("page.xml: ") && exported.err.contains("backpack verify"), "{}", exported.err);

    let exported = export("json", &home.path().join("nowhere"), &home.path().join("json"), &[]);
    assert_eq!(exported.code, Some(5), "{}", exported.err);
    let exported = export("json", &damaged, &damaged.join("out/json"), &[]);
    assert_eq!(exported.code, Some(2), "{}", exported.err);
    assert_eq!(export("docx", &archive, &out, &[]).code, Some(2));
}

/// `backpack view` as a process, which is killed when this value is dropped.
struct Viewer {
    child: Child,
    /// Host and port.
    address: String,
}

impl Viewer {
    /// Shows an archive.
    fn start(archive: &Path) -> Self {
        let mut command = backpack();
        let mut child = command
            .arg("view")
            .arg(archive)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command should start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("standard output")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("address  http://").expect("an address").to_owned();
        Self { child, address }
    }

    /// Sends a request with a method, a path and a host.
    fn request(&self, method: &str, path: &str, host: &str) -> String {
        fetch(&self.address, &format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn shows_an_archive_to_this_machine_only_and_read_only() {
    let (_home, archive, token) = save_demo();
    let viewer = Viewer::start(&archive);
    assert!(viewer.address.starts_with("127.0.0.1:"), "{}", viewer.address);
    let index = viewer.request("GET", "/", &viewer.address);
    assert!(index.starts_with("HTTP/1.1 200 ") && index.contains("<h1>Backpack of demo</h1>"), "{index}");
    assert!(index.contains("content-security-policy: default-src 'none';") && !index.contains(&token), "{index}");
    let page = viewer.request("GET", "/1-weekend-on-the-coast.html", "localhost:1");
    assert!(page.contains("<h1>Weekend on the coast</h1>"), "{page}");
    for host in
        ["example.com", "127.0.0.1.example.com", "localhost.example.com:80", "", "127.0.0.1:x", "evil:127.0.0.1"]
    {
        let response = viewer.request("GET", "/", host);
        assert!(response.starts_with("HTTP/1.1 403 ") && !response.contains("Weekend"), "{host}: {response}");
    }
    for path in ["/../export.xml", "/%2e%2e/export.xml", "/export.xml", "//etc/passwd"] {
        let response = viewer.request("GET", path, "localhost");
        assert!(response.starts_with("HTTP/1.1 404 "), "{path}: {response}");
    }
    let response = viewer.request("POST", "/", "localhost");
    assert!(response.starts_with("HTTP/1.1 405 ") && response.contains("allow: GET, HEAD"), "{response}");
}
