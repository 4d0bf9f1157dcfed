//! A hundred thousand requests in bounded memory.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::thread;

use backpack_api::NewNote;
use test_support::http1;

use crate::support::{ServiceProcess, temp_data};

/// Number of connections, each of which has one request at a time.
const CONNECTIONS: usize = 256;

/// After 10,240 requests over 256 connections, 90,112 more succeed and increase resident memory by at most 10 %.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn serves_a_hundred_thousand_requests_in_the_memory_of_ten_thousand() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let requests = build_requests(&service, &token);
    let connections: Vec<TcpStream> = (0..CONNECTIONS).map(|_| connect(&service)).collect();
    send_requests(&connections, &requests, 40);
    let before = service.resident_kilobytes();
    send_requests(&connections, &requests, 352);
    let after = service.resident_kilobytes();
    assert!(after * 10 <= before * 11, "{before} kB after ten thousand requests, {after} kB after a hundred thousand");
}

/// Builds requests of both styles, with every token carrier. None of them adds data when it is repeated.
fn build_requests(service: &ServiceProcess, token: &str) -> Vec<String> {
    let client = service.client(token);
    let me = client.users().me().expect("me").id;
    let page = client.pages().create("Coast").expect("a page").id;
    let note = client.notes(page).create(NewNote::new().title("Ferry").body("At nine.")).expect("a note").id;
    let list = client.lists(page).create("To pack").expect("a list").id;
    let item = client.items(page, list).create("Boots").expect("an item").id;
    let ws = |path: String, payload: &str| {
        build_request_with_body("POST", &path, &format!("<request><token>{token}</token>{payload}</request>"))
    };
    vec![
        ws(format!("/ws/page/{page}"), ""),
        ws("/ws/pages/all".to_owned(), ""),
        ws("/ws/pages/search".to_owned(), "<term>ferry</term>"),
        ws(format!("/ws/page/{page}/notes/update/{note}"), "<note><title>Ferry</title><body>At ten.</body></note>"),
        ws(format!("/ws/page/{page}/lists/{list}/items/toggle/{item}"), ""),
        ws(format!("/ws/page/{page}/tags/tag"), "<tags>Garden \"Slow Food\"</tags>"),
        build_get_request(&format!("/{token}/me.xml"), ""),
        build_get_request(&format!("/{token}/users/{me}/export.xml"), ""),
        build_get_request(&format!("/journal_entries.xml?token={token}"), ""),
        build_get_request("/calendars.xml", &format!("X-BP-Token: {token}\r\n")),
        build_request_with_body(
            "PUT",
            &format!("/users/{me}/status.xml?token={token}"),
            "<status><message>At sea</message></status>",
        ),
    ]
}

/// Builds a GET request. `header` is empty, or one more header with its line end.
fn build_get_request(path: &str, header: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n")
}

/// Builds a request with an XML body.
fn build_request_with_body(method: &str, path: &str, body: &str) -> String {
    let head = "Host: localhost\r\nContent-Type: application/xml";
    format!("{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Opens a connection that sends each request without delay.
fn connect(service: &ServiceProcess) -> TcpStream {
    let stream = TcpStream::connect(service.base_url.trim_start_matches("http://")).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// Sends `each` requests over each connection, one after the other. Each response should have status 200.
fn send_requests(connections: &[TcpStream], requests: &[String], each: usize) {
    thread::scope(|scope| {
        for (number, connection) in connections.iter().enumerate() {
            scope.spawn(move || {
                let mut stream = connection;
                let mut reader = BufReader::new(stream);
                for count in 0..each {
                    let request = &requests[(number + count) % requests.len()];
                    stream.write_all(request.as_bytes()).expect("the service should read");
                    let response = http1::read_message(&mut reader).expect("a response").expect("an open connection");
                    let line = http1::start_line(&response);
                    assert!(
                        line.starts_with("HTTP/1.1 200 "),
                        "{line}: {}",
                        request.lines().next().unwrap_or_default()
                    );
                }
            });
        }
    });
}
