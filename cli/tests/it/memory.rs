//! Memory of the service while many clients are slow.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use backpack_api::{NewNote, PageId};
use socket2::{Domain, Socket, Type};
use test_support::http1;

use crate::support::{ServiceProcess, temp_data};

/// Number of connections of slow clients. It is below the limit for one client, so that the test can open more.
const CONNECTIONS: usize = 250;

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
    let results = [(); 5].map(|()| client.notes(page).create(NewNote::new().body(&text)));
    assert!(results.iter().filter(|result| result.is_ok()).count() >= 2);
    (service, token, page)
}

/// Size of the receive buffer of a client. A larger one, which systems choose by default, would take whole responses
/// from the service.
const RECEIVE_BUFFER: usize = 4096;

/// Opens a connection with a small receive buffer and sends bytes over it, of which the service may refuse to read some.
fn send(service: &ServiceProcess, bytes: &[u8]) -> TcpStream {
    let address: SocketAddr = service.base_url.trim_start_matches("http://").parse().expect("an address");
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(RECEIVE_BUFFER).expect("a small buffer");
    socket.connect(&address.into()).expect("a connection");
    let mut stream = TcpStream::from(socket);
    let _ = stream.write_all(bytes);
    stream
}

/// Sends a request on a new connection and waits for the response. Returns its status line.
fn call(service: &ServiceProcess, request: &str) -> String {
    let mut reader = BufReader::new(send(service, request.as_bytes()));
    http1::start_line(&http1::read_message(&mut reader).expect("a response").expect("an open connection")).to_owned()
}

/// Asserts that the service takes at most this much memory, and still serves other clients.
fn assert_serving_within(service: &ServiceProcess, max_kilobytes: u64) {
    assert_eq!(call(service, "GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 200 OK");
    let resident = service.resident_kilobytes();
    assert!(resident <= max_kilobytes, "{resident} kB");
}

/// Opens connections that request a large page in these ways in turn, and never read the responses. After each, asserts
/// that the service takes at most this much memory.
fn leave_responses_unread(service: &ServiceProcess, requests: &[String], max_kilobytes: u64) {
    let mut connections = Vec::new();
    for request in requests.iter().cycle().take(CONNECTIONS) {
        connections.push(send(service, request.as_bytes()));
        assert_serving_within(service, max_kilobytes);
    }
    // Feeds are rendered in the order of their requests, so all others have been rendered when this one is.
    let response = call(service, "GET /pub/0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
    assert_serving_within(service, max_kilobytes);
}

/// The allocator keeps some of the memory that the rendering of pages frees. Without a bound, the service takes a
/// gigabyte.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn clients_that_never_read_a_large_page_take_bounded_memory() {
    let (_folder, data) = temp_data();
    let (service, _, page) = serve_large_page(&data);
    let request = format!("GET /pub/{page} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    leave_responses_unread(&service, &[request], 2 * MAX_KILOBYTES);
}

/// Half of the clients request the public page, the other half the same page from the API. Operations run at the same
/// time, so the allocator keeps more of the memory that they free.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn users_who_never_read_a_large_page_take_bounded_memory() {
    let (_folder, data) = temp_data();
    let (service, token, page) = serve_large_page(&data);
    let body = format!("<request><token>{token}</token></request>");
    let requests = [
        format!("GET /pub/{page} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("POST /ws/page/{page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    ];
    leave_responses_unread(&service, &requests, 4 * MAX_KILOBYTES);
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
    assert_serving_within(&service, MAX_KILOBYTES);
}
