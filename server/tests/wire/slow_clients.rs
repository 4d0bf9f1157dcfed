//! Slow, silent and half-closed clients are dropped within their timeouts, while other clients are served.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::{TestServer, error_envelope, read_response, read_until_closed};

/// The server's timeout for heads and idle connections.
const HEAD_TIMEOUT: Duration = Duration::from_millis(300);
/// The server's timeout for bodies and for writing responses.
const BODY_TIMEOUT: Duration = Duration::from_millis(400);

/// Timeout that does not expire during a test.
const ENDLESS: Duration = Duration::from_secs(3_600);

/// Time in which the server has to drop all slow clients. Much longer than the server's timeouts, so that a slow
/// machine does not fail the test.
const DROP_DEADLINE: Duration = Duration::from_secs(10);

/// Starts a server with [`HEAD_TIMEOUT`] and [`BODY_TIMEOUT`].
fn start_with_short_timeouts(max_connections: usize) -> TestServer {
    TestServer::start_with(|config| {
        config.limits.head_timeout = HEAD_TIMEOUT;
        config.limits.body_timeout = BODY_TIMEOUT;
        config.limits.max_connections = max_connections;
    })
}

/// Behaviour of a slow client.
struct SlowClient {
    description: &'static str,
    /// Sends the first bytes on a new connection.
    begin: fn(&TestServer, &mut TcpStream),
    /// Acts as the client once. Returns `true` if the server has closed the connection.
    proceed: fn(&mut TcpStream) -> bool,
}

const SLOW_CLIENTS: [SlowClient; 7] = [
    SlowClient { description: "sends nothing", begin: |_, _| {}, proceed: send_nothing },
    SlowClient {
        description: "sends a head byte by byte",
        begin: |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nX-Long: "),
        proceed: send_a_byte,
    },
    SlowClient {
        description: "stops within a head",
        begin: |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nHost: d"),
        proceed: send_nothing,
    },
    SlowClient {
        description: "sends a body byte by byte",
        begin: |_, stream| send(stream, &build_head(100_000)),
        proceed: send_a_byte,
    },
    SlowClient {
        description: "never begins a body",
        begin: |_, stream| send(stream, &build_head(10)),
        proceed: send_nothing,
    },
    SlowClient { description: "closes its sending side within a body", begin: half_close, proceed: send_nothing },
    SlowClient {
        description: "does not receive its responses",
        begin: |server, stream| send(stream, &build_requests_for_large_responses(server)),
        proceed: receive_nothing,
    },
];

/// Writes a text to a connection.
fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("the buffers should have room for it");
}

/// Builds the head of a request with a body of this length.
fn build_head(content_length: usize) -> String {
    format!("POST /ws/pages/all HTTP/1.1\r\nHost: demo.example.com\r\nContent-Length: {content_length}\r\n\r\n")
}

/// Sends a head and part of its body, then closes the sending side.
fn half_close(_: &TestServer, stream: &mut TcpStream) {
    send(stream, &(build_head(10) + "<req"));
    stream.shutdown(Shutdown::Write).expect("the sending side should close");
}

/// Builds pipelined requests with 3 MB of responses, more than the buffers of the connection hold.
fn build_requests_for_large_responses(server: &TestServer) -> String {
    let head = "POST /ws/page/1 HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN\nContent-Length: 0";
    String::from_utf8(server.build_request(head, "")).expect("ASCII").repeat(200)
}

/// Discards received bytes. Returns `true` if the server has closed the connection.
fn send_nothing(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1024]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

/// Sends one byte. Returns `true` if the server has closed the connection.
fn send_a_byte(stream: &mut TcpStream) -> bool {
    send_nothing(stream) || stream.write_all(b"a").is_err()
}

/// Returns `true` if the server has closed the connection. Detects that without reading, by writing an empty line,
/// which HTTP allows between two requests.
fn receive_nothing(stream: &mut TcpStream) -> bool {
    stream.write_all(b"\r\n").is_err()
}

/// Opens a connection with small buffers, so that many of them need little memory.
fn connect_with_small_buffers(server: &TestServer) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    #[cfg(unix)]
    socket.set_tcp_mss(536).expect("small packets");
    socket.connect(&server.server.address().into()).expect("the server should listen");
    socket.into()
}

/// Adds a note of 15 kB to the page that the slow clients read.
fn add_long_note(server: &TestServer) {
    let note = format!("<note><body>{}</body></note>", "x".repeat(15_000));
    assert_eq!(server.ws("/ws/page/1/notes/create", &note).status(), 200);
}

/// Opens `count` connections of each kind at once. Between their steps, sends requests as a well-behaved client, until
/// the server has dropped all slow ones.
fn serve_among_slow_clients(server: &TestServer, kinds: &[SlowClient], count: usize) {
    let start = Instant::now();
    let connections = kinds.iter().flat_map(|kind| (0..count).map(move |_| kind)).map(|kind| {
        let mut stream = connect_with_small_buffers(server);
        (kind.begin)(server, &mut stream);
        stream.set_nonblocking(true).expect("a non-blocking connection");
        (kind, stream)
    });
    let mut connections: Vec<_> = connections.collect();
    while !connections.is_empty() {
        assert_eq!(server.rest("GET /calendars.xml", "").status(), 200);
        connections.retain_mut(|(kind, stream)| !(kind.proceed)(stream));
        let open: Vec<_> = connections.iter().map(|(kind, _)| kind.description).collect();
        assert!(start.elapsed() < DROP_DEADLINE, "still open: {open:?}");
    }
}

#[test]
fn serves_a_good_client_among_slow_ones() {
    let server = start_with_short_timeouts(256);
    add_long_note(&server);
    serve_among_slow_clients(&server, &SLOW_CLIENTS, 5);
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn serves_a_good_client_among_hundreds_of_slow_ones() {
    let server = start_with_short_timeouts(256);
    add_long_note(&server);
    for kind in SLOW_CLIENTS {
        serve_among_slow_clients(&server, &[kind], 200);
    }
}

/// The responses have 16 MiB together, more than all buffers hold, so that the server cannot write them.
#[test]
fn drops_a_client_that_does_not_receive_responses() {
    let server = TestServer::start_with(|config| {
        config.limits.head_timeout = ENDLESS;
        config.limits.body_timeout = BODY_TIMEOUT;
        config.limits.max_request_size = 64 * 1024 * 1024;
    });
    let long_text = "x".repeat(1024 * 1024);
    assert_eq!(server.ws("/ws/page/1/notes/create", &format!("<note><body>{long_text}</body></note>")).status(), 200);
    let mut stream = server.connect();
    let head = "POST /ws/page/1 HTTP/1.1\nHost: demo.example.com";
    let request = server.build_request(head, "<request><token>TOKEN</token></request>");
    stream.write_all(&request.repeat(16)).expect("the requests should be sent");
    let error = loop {
        if let Err(error) = stream.write(b"a") {
            break error.kind();
        }
    };
    assert!(matches!(error, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
}

/// Sends a note to a missing page until the server has memory for it. Returns the number of rejections before.
fn upload_until_received(server: &TestServer, note: &str) -> usize {
    let busy = error_envelope(503, "The server is busy at the moment");
    let mut rejections = 0;
    loop {
        let response = server.ws("/ws/page/999/notes/create", note);
        if response.status() == 404 {
            return rejections;
        }
        assert_eq!((response.status(), response.header("Retry-After"), &*response.body), (503, Some("5"), &*busy));
        rejections += 1;
    }
}

/// A stalled upload has taken all the memory of bodies, and the timeouts are endless. Another upload is rejected within
/// the grace period of the stalled one, which then is closed.
#[test]
fn a_stalled_upload_gives_way_to_another_one() {
    let server = TestServer::start_with(|config| {
        config.limits.max_body_memory = 1024 * 1024;
        config.limits.body_timeout = ENDLESS;
    });
    let text = "x".repeat(1_000_000);
    let note = format!("<note><body>{text}</body></note>");
    let start = Instant::now();
    let mut stalled = loop {
        assert!(start.elapsed() < DROP_DEADLINE, "no other upload was rejected");
        let mut stalled = server.connect();
        send(&mut stalled, &(build_head(text.len() + 1) + &text));
        // Without a rejection, the other upload was received first, and the stalled one was rejected in its place.
        if upload_until_received(&server, &note) > 0 {
            break stalled;
        }
    };
    assert_eq!(read_until_closed(&mut stalled), b"");
    assert_eq!(server.ws("/ws/page/1/notes/create", &note).status(), 200);
    assert_eq!(server.ws("/ws/page/1/notes/list", "").payload().matches(&text).count(), 1);
}

#[test]
fn closes_an_idle_connection_after_the_head_timeout() {
    let server = start_with_short_timeouts(100);
    let mut stream = server.connect();
    let request = server.build_request("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    stream.write_all(&request).expect("the request should be sent");
    assert_eq!(read_response(&mut stream).status(), 200);
    assert_eq!(read_until_closed(&mut stream), b"");
}

#[test]
fn a_body_that_takes_too_long_is_408() {
    let server = start_with_short_timeouts(100);
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nContent-Length: 10";
    let rejected = server.send(head, "");
    assert_eq!((rejected.status(), rejected.body), (408, error_envelope(408, "The request took too long")));
}

/// All slots are occupied by idle connections, and the timeouts are endless.
#[test]
fn idle_connections_give_way_to_new_ones() {
    let server = TestServer::start_with(|config| {
        config.limits.max_connections = 8;
        config.limits.head_timeout = ENDLESS;
    });
    let mut idle: Vec<TcpStream> = (0..8).map(|_| server.connect()).collect();
    for _ in 0..20 {
        assert_eq!(server.rest("GET /calendars.xml", "").status(), 200);
    }
    assert_eq!(read_until_closed(&mut idle[0]), b"", "the longest-waiting connection should close first");
}
