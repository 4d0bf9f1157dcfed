//! The rate limits, as a client measures them.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{RawResponse, TestServer, error_envelope, read_response};

/// Period of all rate limits.
const PERIOD: Duration = Duration::from_secs(5);

/// Head and body of a request under the limit of 10 requests.
const CALENDARS: (&str, &str) = ("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
/// Head and body of a request under the limit of 100 requests.
const PAGES: (&str, &str) =
    ("POST /ws/pages/all HTTP/1.1\nHost: demo.example.com", "<request><token>TOKEN</token></request>");

/// A client that sends one request after the other and measures their times.
struct Client<'s> {
    server: &'s TestServer,
    stream: TcpStream,
}

/// Times of a request by the client's clock.
#[derive(Clone, Copy)]
struct Times {
    sent: Instant,
    received: Instant,
}

impl<'s> Client<'s> {
    /// Connects to the server.
    fn connect(server: &'s TestServer) -> Self {
        Self { server, stream: server.connect() }
    }

    /// Sends a request and reads its response. Returns its times and the response.
    fn send(&mut self, (head, body): (&str, &str)) -> (Times, RawResponse) {
        let request = self.server.build_request(head, body);
        let sent = Instant::now();
        self.stream.write_all(&request).expect("the request should be sent");
        let response = read_response(&mut self.stream);
        (Times { sent, received: Instant::now() }, response)
    }

    /// Sends requests until one is rejected. Returns the times of the admitted requests, and the times and response
    /// of the rejected one.
    fn send_until_rejected(&mut self, request: (&str, &str)) -> (Vec<Times>, Times, RawResponse) {
        let mut admitted = Vec::new();
        loop {
            match self.send(request) {
                (times, response) if response.status() == 200 => admitted.push(times),
                _ if admitted.len() > 100_000 => panic!("a request should be rejected"),
                (times, response) => return (admitted, times, response),
            }
        }
    }
}

/// Starts a server that enforces the rate limits.
fn start_with_rate_limits() -> TestServer {
    TestServer::start_with(|config| config.limits.enforce_rate_limits = true)
}

/// Asserts that any `limit` + 1 requests in succession took longer than the period.
fn assert_limit_holds(limit: usize, admitted: &[Times]) {
    for (first, last) in admitted.iter().zip(admitted.iter().skip(limit)) {
        assert!(last.received - first.sent > PERIOD);
    }
}

/// Reads the time to wait from a rejection.
fn read_retry_after(rejected: &RawResponse) -> Duration {
    let seconds = rejected.header("retry-after").and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or_else(|| panic!("{rejected:?} should have a Retry-After")))
}

/// The server admits as many requests in a period as documented, and no more. Each limit counts on its own. On `/ws`,
/// the rejection is an envelope.
#[test]
fn enforces_the_documented_rate_limits() {
    let server = start_with_rate_limits();
    let mut client = Client::connect(&server);
    for (request, limit) in [(CALENDARS, 10), (PAGES, 100)] {
        let (admitted, times, rejected) = client.send_until_rejected(request);
        assert!(admitted.len() >= limit);
        assert_limit_holds(limit, &admitted);
        // The request is rejected only because the period before it contains as many requests as the limit allows.
        assert!(times.sent - admitted[admitted.len() - limit].received <= PERIOD);
        assert_eq!(rejected.status_line().split(' ').nth(1), Some("503"));
        assert!(read_retry_after(&rejected) <= PERIOD + Duration::from_secs(1));
        if request == PAGES {
            assert_eq!(rejected.body, error_envelope(503, "Too many requests"));
        }
    }
}

/// The client does not pause its requests: once the announced time has passed, one is admitted.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn admits_a_client_that_waits_for_retry_after() {
    let server = start_with_rate_limits();
    let mut client = Client::connect(&server);
    let (mut admitted, times, rejected) = client.send_until_rejected(CALENDARS);
    let mut admission_due = Some(times.received + read_retry_after(&rejected));
    while admitted.len() < 12 {
        let (times, response) = client.send(CALENDARS);
        if response.status() == 200 {
            admitted.push(times);
            admission_due = None;
            continue;
        }
        assert!(admission_due.is_none_or(|due| times.sent < due), "the request should be admitted by now");
        let next = times.received + read_retry_after(&response);
        admission_due = Some(admission_due.map_or(next, |due| due.min(next)));
    }
    assert_limit_holds(10, &admitted);
}

/// Behind a proxy, each forwarded address is a separate client. Otherwise, the header has no effect.
#[test]
fn counts_forwarded_clients_separately_only_behind_a_trusted_proxy() {
    for (trust_proxy_headers, status) in [(false, 503), (true, 200)] {
        let server = TestServer::start_with(|config| {
            config.limits.enforce_rate_limits = true;
            config.listen.trust_proxy_headers = trust_proxy_headers;
        });
        let mut client = Client::connect(&server);
        let head = |last: &str| format!("{}\nX-Forwarded-For: 9.9.9.9, 10.0.0.{last}", CALENDARS.0);
        client.send_until_rejected((&head("1"), ""));
        assert_eq!(client.send((&head("2"), "")).1.status(), status);
    }
}

/// Public pages count towards the most permissive rate limit, 100 requests.
#[test]
fn limits_requests_for_public_pages() {
    let server = start_with_rate_limits();
    let mut client = Client::connect(&server);
    let (admitted, _, rejected) = client.send_until_rejected(("GET /pub/1 HTTP/1.1\nHost: demo.example.com", ""));
    assert!(rejected.body.contains("<h1>Too many requests</h1>"), "{rejected:?}");
    assert!(admitted.len() >= 100);
    assert_limit_holds(100, &admitted);
    assert_eq!(rejected.status(), 503);
    assert!(read_retry_after(&rejected) <= PERIOD + Duration::from_secs(1));
}
