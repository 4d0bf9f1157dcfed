//! Memory of the service while many clients are slow.

use std::io::{BufReader, Write};
use std::net::TcpStream;

use backpack_api::{NewNote, PageId};
use test_support::http1;

use crate::support::{ServiceProcess, temp_data};

/// Number of connections of slow clients.
const CONNECTIONS: usize = 270;

/// Bound of the service's resident memory, in kB.
const MAX_KILOBYTES: u64 = 100 * 1024;

/// Size of a text that a single request can send.
const TEXT_SIZE: usize = 1_900_000;

/// Starts the service with a public page of at most five long notes. Returns it with its token and the page.
fn serve_large_page(data: &std::path::Path) -> (ServiceProcess, String, PageId) {
    let service = ServiceProcess::serve(data);
    let token = service.token.clone().expect("a first start shows a token");
    let client = service.client(&token);
    let page = client.pages().create("Coast").expect("a page").id;
    client.pages().share(page, |share| share.public(true)).expect("a public page");
    let text = "Fish and chips at nine, then the ferry.\n".repeat(TEXT_SIZE / 40);
    // A page has a largest size, so not all notes are accepted.
    let added = (0..5).filter(|_| client.notes(page).create(NewNote::new().body(&text)).is_ok()).count();
    assert!(added >= 2);
    (service, token, page)
}

/// Opens a connection and sends bytes over it, of which the service may refuse to read some.
fn send(service: &ServiceProcess, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(service.base_url.trim_start_matches("http://")).expect("a connection");
    let _ = stream.write_all(bytes);
    stream
}

/// Sends a request on a new connection and waits for the response. Returns its status line.
fn call(service: &ServiceProcess, request: &str) -> String {
    let mut reader = BufReader::new(send(service, request.as_bytes()));
    http1::start_line(&http1::read_message(&mut reader).expect("a response").expect("an open connection")).to_owned()
}

/// Asserts that the service takes little memory, and still serves other clients.
fn assert_bounded_and_serving(service: &ServiceProcess) {
    assert_eq!(call(service, "GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 200 OK");
    let resident = service.resident_kilobytes();
    assert!(resident <= MAX_KILOBYTES, "{resident} kB");
}

/// Half of the clients request the public page without a token, the other half the same page from the API.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn clients_that_never_read_a_large_page_take_bounded_memory() {
    let (_folder, data) = temp_data();
    let (service, token, page) = serve_large_page(&data);
    let body = format!("<request><token>{token}</token></request>");
    let requests = [
        format!("GET /pub/{page} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("POST /ws/page/{page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    ];
    let mut connections = Vec::new();
    for request in requests.iter().cycle().take(CONNECTIONS) {
        connections.push(send(&service, request.as_bytes()));
        assert_bounded_and_serving(&service);
    }
    // Feeds are rendered in the order of their requests, so all others have been rendered when this one is.
    let missing = call(&service, "GET /pub/0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(missing.starts_with("HTTP/1.1 404 "), "{missing}");
    assert_bounded_and_serving(&service);
}

/// The clients stop before the end of a request body; one of them has sent its body in chunks of a byte.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn clients_that_never_complete_a_large_request_take_bounded_memory() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let head = "POST /ws/pages/all HTTP/1.1\r\nHost: localhost\r\n";
    let whole = format!("{head}Content-Length: {}\r\n\r\n{}", TEXT_SIZE + 1, "a".repeat(TEXT_SIZE));
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS - 1).map(|_| send(&service, whole.as_bytes())).collect();
    let mut small = send(&service, format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
    small.set_nodelay(true).expect("no delay");
    for _ in 0..30_000 {
        small.write_all(b"1\r\na\r\n").expect("the service should read");
    }
    connections.push(small);
    assert_bounded_and_serving(&service);
}
