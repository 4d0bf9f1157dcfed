//! Clients that are slow, silent or half gone: dropped within their timeouts, while a good client's requests are answered.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::{Service, until_closed};

const HEAD: Duration = Duration::from_millis(300);
const BODY: Duration = Duration::from_millis(400);

/// Far more than a timeout, far less than nothing happening.
const SOON: Duration = Duration::from_secs(10);

fn impatient(connections: usize) -> Service {
    Service::with(|settings| {
        settings.head_timeout = HEAD;
        settings.body_timeout = BODY;
        settings.max_connections = connections;
    })
}

/// A form of slowness: what a connection begins with, and what it does from time to time, until that shows that it was
/// dropped.
type Form = (&'static str, fn(&Service, &mut TcpStream), fn(&mut TcpStream) -> bool);

const FORMS: [Form; 7] = [
    ("a connection on which nothing comes", |_, _| {}, silent),
    ("a head that comes byte by byte", |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nX-Long: "), dripping),
    ("a head that stops", |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nHost: d"), silent),
    ("a body that comes byte by byte", |_, stream| send(stream, &post(100_000)), dripping),
    ("a body that never begins", |_, stream| send(stream, &post(10)), silent),
    ("one side closed within a body", half_close, silent),
    ("answers that nobody takes", |service, stream| send(stream, &much(service)), deaf),
];

/// How many connections of each form there are at once.
const MANY: usize = 200;

fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("there is room for it on the way");
}

fn post(length: usize) -> String {
    format!("POST /ws/pages/all HTTP/1.1\r\nHost: demo.example.com\r\nContent-Length: {length}\r\n\r\n")
}

fn half_close(_: &Service, stream: &mut TcpStream) {
    send(stream, &(post(10) + "<req"));
    stream.shutdown(Shutdown::Write).expect("one side to close");
}

/// Requests whose answers have 3 MB in all, which is more than there is room for on the way.
fn much(service: &Service) -> String {
    let head = "POST /ws/page/1 HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN\nContent-Length: 0";
    String::from_utf8(service.bytes(head, "")).expect("ASCII").repeat(200)
}

/// Sends nothing.
fn silent(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1024]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

/// Sends a byte.
fn dripping(stream: &mut TcpStream) -> bool {
    silent(stream) || stream.write_all(b"a").is_err()
}

/// Takes nothing. An empty line is nothing between two requests.
fn deaf(stream: &mut TcpStream) -> bool {
    stream.write_all(b"\r\n").is_err()
}

/// A connection that has room for little, so that many of them take no memory worth speaking of.
fn meagre(service: &Service) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    #[cfg(unix)]
    socket.set_tcp_mss(536).expect("small packets");
    socket.connect(&service.server.address().into()).expect("the service should listen");
    socket.into()
}

/// Two hundred of each form at once, and a good client's requests between: all of those are answered, and all of the
/// slow ones dropped.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_good_client_is_answered_while_hundreds_are_slow() {
    let service = impatient(256);
    let long = format!("<note><body>{}</body></note>", "x".repeat(15_000));
    assert_eq!(service.ws("/ws/page/1/notes/create", &long).status(), 200);
    for (form, begin, go_on) in FORMS {
        let begun = Instant::now();
        let slow = (0..MANY).map(|_| {
            let mut stream = meagre(&service);
            begin(&service, &mut stream);
            stream.set_nonblocking(true).expect("a connection that waits for nothing");
            stream
        });
        let mut slow: Vec<TcpStream> = slow.collect();
        while !slow.is_empty() {
            assert_eq!(service.rest("GET /calendars.xml", "").status(), 200, "{form}");
            slow.retain_mut(|stream| !go_on(stream));
            assert!(begun.elapsed() < SOON, "{form}: {} of {MANY} are still there", slow.len());
        }
    }
}

/// The answer is larger than all that lies between, so that the service cannot get rid of it.
#[test]
fn who_does_not_take_an_answer_is_dropped() {
    let service = Service::with(|settings| {
        settings.head_timeout = Duration::from_secs(3_600);
        settings.body_timeout = BODY;
        settings.max_request = 64 * 1024 * 1024;
    });
    let long = "x".repeat(16 * 1024 * 1024);
    assert_eq!(service.ws("/ws/page/1/notes/create", &format!("<note><body>{long}</body></note>")).status(), 200);
    let mut stream = service.connect();
    let head = "POST /ws/page/1 HTTP/1.1\nHost: demo.example.com";
    let request = service.bytes(head, "<request><token>TOKEN</token></request>");
    stream.write_all(&request).expect("a request should be taken");
    let gone = loop {
        if let Err(error) = stream.write(b"a") {
            break error.kind();
        }
    };
    assert!(matches!(gone, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{gone}");
}

#[test]
fn an_idle_connection_is_closed_after_its_timeout() {
    let service = impatient(100);
    let mut stream = service.connect();
    let request = service.bytes("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    stream.write_all(&request).expect("a request should be taken");
    assert_eq!(crate::support::reply(&mut stream).status(), 200);
    assert_eq!(until_closed(&mut stream), b"");
}

#[test]
fn a_body_that_takes_too_long_is_told_so() {
    let service = impatient(100);
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nContent-Length: 10";
    let refused = service.send(head, "");
    assert_eq!((refused.status(), refused.body), (408, crate::support::envelope(408, "The request took too long")));
}

/// With every place taken by connections on which nothing comes, and timeouts that never end, a new one is served.
#[test]
fn connections_that_do_nothing_make_room_for_others() {
    let service = Service::with(|settings| {
        settings.max_connections = 8;
        settings.head_timeout = Duration::from_secs(3_600);
    });
    let mut idle: Vec<TcpStream> = (0..8).map(|_| service.connect()).collect();
    for _ in 0..20 {
        assert_eq!(service.rest("GET /calendars.xml", "").status(), 200);
    }
    assert_eq!(until_closed(&mut idle[0]), b"", "the first makes room first");
}
