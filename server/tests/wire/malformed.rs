//! Requests that HTTP forbids, or on which servers disagree (RFC 9110, RFC 9112), as raw bytes.
//!
//! A rejected request has one response, after which the connection is closed: the bytes that follow could be a part of
//! it, and must not be served as another request.

use std::io::Write;

use crate::support::{TestServer, read_until_closed};

/// Next request on the same connection, after which the connection closes.
const NEXT: &[u8] = b"GET /up HTTP/1.1\r\nHost: demo.example.com\r\nConnection: close\r\n\r\n";

/// Sends a request, and [`NEXT`] after it. Returns the statuses of all responses until the server closes the
/// connection.
fn send_with_next(server: &TestServer, request: &str) -> Vec<u16> {
    let mut stream = server.connect();
    stream.write_all(&[request.as_bytes(), NEXT].concat()).expect("the requests should be sent");
    let received = String::from_utf8(read_until_closed(&mut stream)).expect("text");
    let status = |response: &str| response.get(2..5).and_then(|status| status.parse().ok()).expect("a status");
    received.split("HTTP/1.").skip(1).map(status).collect()
}

/// Asserts that the server rejects requests with a status, and closes their connections.
fn assert_rejected(server: &TestServer, status: u16, requests: &[&str]) {
    for request in requests {
        assert_eq!(send_with_next(server, request), [status], "{request:?}");
    }
}

/// Asserts that the server responds to requests with a status, and serves the next one.
fn assert_served(server: &TestServer, status: u16, requests: &[&str]) {
    for request in requests {
        assert_eq!(send_with_next(server, request), [status, 200], "{request:?}");
    }
}

/// Builds a request with a chunked body.
fn build_chunked(chunks: &str) -> String {
    format!("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")
}

#[test]
fn a_request_has_exactly_one_valid_host() {
    let server = TestServer::start();
    assert_rejected(
        &server,
        400,
        &[
            "GET /up HTTP/1.1\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a, b\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: jo@a.example.com\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a.example.com:99999\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a.example.com/up\r\n\r\n",
            "GET /up HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET http://a.example.com/up HTTP/1.1\r\n\r\n",
            "GET http://a.example.com/up HTTP/1.1\r\nHost: jo@a.example.com\r\n\r\n",
        ],
    );
    // HTTP/1.0 closes the connection after the response.
    assert_rejected(&server, 200, &["GET /up HTTP/1.0\r\n\r\n", "GET /up HTTP/1.0\r\nHost: a\r\n\r\n"]);
    assert_served(
        &server,
        200,
        &[
            "GET /up HTTP/1.1\r\nHost: a.example.com:3000\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: [::1]:3000\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost:\r\n\r\n",
        ],
    );
}

#[test]
fn an_absolute_target_has_the_scheme_of_the_connection() {
    let server = TestServer::start();
    assert_rejected(
        &server,
        400,
        &[
            "GET ftp://demo.example.com/up HTTP/1.1\r\nHost: demo.example.com\r\n\r\n",
            "GET ws://demo.example.com/up HTTP/1.1\r\nHost: demo.example.com\r\n\r\n",
        ],
    );
    assert_served(
        &server,
        200,
        &[
            "GET http://demo.example.com/up HTTP/1.1\r\nHost: demo.example.com\r\n\r\n",
            "GET HTTP://demo.example.com/up HTTP/1.1\r\nHost: other.example.com\r\n\r\n",
        ],
    );
    assert_served(
        &server,
        421,
        &["GET https://demo.example.com/calendars.xml HTTP/1.1\r\nHost: demo.example.com\r\n\r\n"],
    );
    assert_served(
        &server,
        400,
        &[
            "GET http://jo@demo.example.com/calendars.xml HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET a.example.com:80 HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT a.example.com:80 HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET up HTTP/1.1\r\nHost: a\r\n\r\n",
        ],
    );
}

#[test]
fn content_has_no_coding() {
    let server = TestServer::start();
    assert_rejected(
        &server,
        415,
        &[
            "POST /up HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x01\x08\x01",
            "GET /up HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity, br\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Encoding: deflate\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nContent_Encoding: gzip\r\n\r\n",
        ],
    );
    assert_served(
        &server,
        200,
        &[
            "GET /up HTTP/1.1\r\nHost: a\r\nContent-Encoding: Identity\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nContent-Encoding:\r\n\r\n",
        ],
    );
    let rejected = server.send("POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nContent-Encoding: gzip", "x");
    assert_eq!((rejected.status(), rejected.header("Accept-Encoding")), (415, Some("identity")));
    assert!(rejected.body.contains("<error code=\"415\">"), "{rejected:?}");
}

#[test]
fn the_only_transfer_coding_is_chunked_once() {
    let server = TestServer::start();
    let with_codings = |lines: &[&str]| {
        let lines: String = lines.iter().map(|line| format!("Transfer-Encoding: {line}\r\n")).collect();
        format!("POST /up HTTP/1.1\r\nHost: a\r\n{lines}\r\n0\r\n\r\n")
    };
    for (status, lines) in [
        (501, &["gzip, chunked"][..]),
        (501, &["gzip", "chunked"]),
        (501, &["chunked, gzip, chunked"]),
        (400, &["chunked, chunked"]),
        (400, &["chunked", "chunked"]),
        (400, &["chunked, gzip"]),
        (400, &["chunked", "identity"]),
        (400, &["identity"]),
        (400, &["xchunked"]),
        (400, &["\u{b}chunked"]),
        (400, &[""]),
    ] {
        assert_rejected(&server, status, &[&with_codings(lines)]);
    }
    // The method is not allowed, but the body was read.
    assert_served(&server, 405, &[&with_codings(&["chunked"]), &with_codings(&["Chunked"])]);
    assert_rejected(&server, 400, &["POST /up HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]);
}

/// With both headers, the body is chunked, and the connection closes, as RFC 9112 requires.
#[test]
fn the_length_of_a_body_is_unambiguous() {
    let server = TestServer::start();
    let with_headers = |headers: &str, body: &str| format!("POST /up HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}");
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
    ] {
        assert_rejected(&server, 400, &[&with_headers(headers, "12345")]);
    }
    // Some servers read an underscore as a dash.
    for headers in [
        "Content_Length: 5",
        "Content-Length: 5\r\nContent_Length: 0",
        "Content-Length: 5\r\nTransfer_Encoding: chunked",
        "Content-Length: 5\r\nTransfer_Encoding: gzip",
    ] {
        assert_rejected(&server, 400, &[&with_headers(headers, "12345")]);
    }
    assert_served(&server, 405, &[&with_headers("Content-Length: 5\r\nContent-Length: 5", "12345")]);
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nContent-Length: x",
    ] {
        assert_rejected(&server, 405, &[&with_headers(headers, "0\r\n\r\n")]);
    }
}

#[test]
fn the_syntax_of_a_head_is_strict() {
    let server = TestServer::start();
    assert_rejected(
        &server,
        400,
        &[
            "GET /up HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
            "GET /up HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost\t: a\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
            "GET /up HTTP/1.1\rHost: a\r\r",
            "GET /up HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
            "GET /up HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n",
            "GET  /up HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /up  HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET\t/up HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /up HTTP/1.2\r\nHost: a\r\n\r\n",
            "GET /up HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET /up http/1.1\r\nHost: a\r\n\r\n",
            "GET /up\r\n",
        ],
    );
    // RFC 9112 allows servers to accept these.
    assert_served(&server, 200, &["GET /up HTTP/1.1\nHost: a\n\n", "\r\n\r\nGET /up HTTP/1.1\r\nHost: a\r\n\r\n"]);
}

#[test]
fn the_syntax_of_chunks_is_strict() {
    let server = TestServer::start();
    for chunks in [
        "5\nabcde\n0\n\n",
        "5\rabcde\r\n0\r\n\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "-5\r\nabcde\r\n0\r\n\r\n",
        "\r\nabcde\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcdeXX0\r\n\r\n",
        "5;a=\nb\r\nabcde\r\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
    ] {
        assert_rejected(&server, 400, &[&build_chunked(chunks)]);
    }
    for chunks in ["5;a=b\r\nabcde\r\n0\r\n\r\n", "5\r\nabcde\r\n0\r\nX: a\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n"] {
        assert_served(&server, 405, &[&build_chunked(chunks)]);
    }
}
