//! Calendar feeds and public pages: caching, and errors as a browser sees them.

use std::io::Write;

use crate::support::{RawResponse, TestServer};

/// Sends a request without a body to the host of the account, with one more header.
fn send(server: &TestServer, line: &str, header: &str) -> RawResponse {
    server.send(&format!("{line} HTTP/1.1\nHost: demo.example.com\n{header}"), "")
}

/// Returns the path of the feed of the shared calendar.
fn feed_path(server: &TestServer) -> String {
    let token = server.open_file().query_row("SELECT token FROM calendars WHERE shared", (), |row| row.get(0));
    format!("/{}.ics", token.map(|token: String| token).expect("a shared calendar"))
}

/// A client with the current version gets only a head; one with an older version gets the whole feed.
#[test]
fn feeds_and_public_pages_answer_304_to_their_entity_tag() {
    let server = TestServer::start();
    let changes = ["UPDATE pages SET title = title || '!' WHERE id = 1", "UPDATE events SET title = title || '!'"];
    for (path, change) in ["/pub/1", &feed_path(&server)].into_iter().zip(changes) {
        let get = format!("GET {path}");
        let first = send(&server, &get, "Accept: */*");
        let tag = first.header("etag").expect("an entity tag").to_owned();
        assert_eq!((first.status(), send(&server, &get, "Accept: */*")), (200, first.clone()));
        for line in [&get, &format!("HEAD {path}")] {
            for condition in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
                let known = send(&server, line, &format!("If-None-Match: {condition}"));
                assert_eq!((known.status(), known.body.as_str()), (304, ""), "{known:?}");
                assert_eq!((known.header("etag"), known.header("content-length")), (Some(tag.as_str()), None));
                assert_eq!(known.header("cache-control"), first.header("cache-control"));
            }
        }
        server.open_file().execute(change, ()).expect("a change");
        let changed = send(&server, &get, &format!("If-None-Match: {tag}"));
        assert_eq!(changed.status(), 200);
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
    }
}

/// A missing page has no version, so that `*` matches nothing.
#[test]
fn a_condition_does_not_hide_that_a_page_is_missing() {
    let server = TestServer::start();
    assert_eq!(send(&server, "GET /pub/2", "If-None-Match: *").status(), 404);
}

/// Only the address of a feed protects it, so no shared cache may store it. All other responses are private.
#[test]
fn says_which_caches_may_store_a_response() {
    let server = TestServer::start();
    let rules = |line: &str| send(&server, line, "X-BP-Token: TOKEN").header("cache-control").map(str::to_owned);
    assert_eq!(rules("GET /pub/1").as_deref(), Some("public, no-cache"));
    assert_eq!(rules(&format!("GET {}", feed_path(&server))).as_deref(), Some("private, no-cache"));
    for line in ["GET /pub/2", "GET /0123456789abcdef.ics", "GET /calendars.xml", "GET /nothing", "GET /up"] {
        assert_eq!(rules(line).as_deref(), Some("no-store"), "{line}");
    }
    assert_eq!(server.ws("/ws/pages/all", "").header("cache-control"), Some("no-store"));
}

/// Asserts that a response is a page that shows a message and runs no scripts.
fn assert_error_page(response: &RawResponse, status: u16, message: &str) {
    assert_eq!((response.status(), response.header("content-type")), (status, Some("text/html; charset=utf-8")));
    assert!(response.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert!(response.body.starts_with("<!DOCTYPE html>"), "{response:?}");
    assert!(response.body.contains(&format!("<h1>{message}</h1>")), "{response:?}");
}

#[test]
fn an_error_at_the_address_of_a_page_is_a_page() {
    let server = TestServer::start();
    // Page 2 exists, but is not public.
    for path in ["/pub/2", "/pub/999", "//pub/2/", "/pub/coast", "/pub", "/pub/"] {
        let missing = send(&server, &format!("GET {path}"), "Accept: text/html");
        assert_error_page(&missing, 404, "There is no public page at this address");
    }
    let other_host = server.send("GET /pub/1 HTTP/1.1\nHost: other.example.com", "");
    assert_error_page(&other_host, 404, "There is no account at this address");
    let posted = send(&server, "POST /pub/1", "");
    assert_error_page(&posted, 405, "Method not allowed");
    assert_eq!(posted.header("allow"), Some("GET, HEAD"));
    server.open_file().execute("UPDATE accounts SET ssl = 1 WHERE name = 'demo'", ()).expect("an account");
    assert_error_page(&send(&server, "GET /pub/1", ""), 403, "This account requires HTTPS");
}

/// The page depends on neither the account nor the token, and other paths without an operation stay errors.
#[test]
fn the_page_at_the_root_tells_people_where_to_go() {
    let server = TestServer::start();
    let page = send(&server, "GET /", "Accept: text/html");
    assert_eq!((page.status(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.body.contains(concat!("backpack-server ", env!("CARGO_PKG_VERSION"))), "{page:?}");
    assert!(page.body.contains("It has no web interface") && page.body.contains("<a href=\"https://"), "{page:?}");
    assert_eq!(server.send("GET /?token=TOKEN HTTP/1.1\nHost: other.example.com", ""), page);
    let mut stream = server.connect();
    let head = server.build_request("HEAD / HTTP/1.1\nHost: demo.example.com\nConnection: close", "");
    stream.write_all(&head).expect("the request should be sent");
    let head = std::io::read_to_string(stream).expect("a response");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let posted = send(&server, "POST /", "X-BP-Token: TOKEN");
    assert_eq!((posted.status(), posted.header("allow")), (405, Some("GET, HEAD")));
    for path in ["/index.html", "/favicon.ico", "/robots.txt"] {
        assert_eq!(send(&server, &format!("GET {path}"), "Accept: text/html").status(), 404, "{path}");
    }
}

/// Calendar programs and API clients show no HTML.
#[test]
fn other_errors_stay_text() {
    let server = TestServer::start();
    for (line, message) in [
        ("GET /0123456789abcdef.ics", "There is no calendar at this address"),
        ("GET /nothing", "No operation has this path"),
        ("POST /0123456789abcdef.ics", "Method not allowed"),
    ] {
        let error = send(&server, line, "Accept: text/html");
        assert_eq!((error.header("content-type"), &*error.body), (Some("text/plain; charset=utf-8"), message));
    }
}
