//! Rates, measured from outside.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Reply, Service, envelope, reply};

const PERIOD: Duration = Duration::from_secs(5);

const CALENDARS: (&str, &str) = ("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
const PAGES: (&str, &str) =
    ("POST /ws/pages/all HTTP/1.1\nHost: demo.example.com", "<request><token>TOKEN</token></request>");

/// A client that sends one request after the other, and looks at its clock.
struct Client<'s> {
    service: &'s Service,
    stream: TcpStream,
}

/// When a request was sent, and when its answer was there.
#[derive(Clone, Copy)]
struct Times {
    sent: Instant,
    received: Instant,
}

impl Client<'_> {
    fn ask(&mut self, (head, body): (&str, &str)) -> (Times, Reply) {
        let request = self.service.bytes(head, body);
        let sent = Instant::now();
        self.stream.write_all(&request).expect("a request should be taken");
        let reply = reply(&mut self.stream);
        (Times { sent, received: Instant::now() }, reply)
    }

    /// Asks until it is refused.
    fn until_refused(&mut self, request: (&str, &str)) -> (Vec<Times>, Times, Reply) {
        let mut admitted = Vec::new();
        loop {
            match self.ask(request) {
                (times, reply) if reply.status() == 200 => admitted.push(times),
                _ if admitted.len() > 100_000 => panic!("it should be refused some time"),
                (times, reply) => return (admitted, times, reply),
            }
        }
    }
}

fn limited() -> Service {
    Service::with(|settings| settings.rate_limits = true)
}

/// From the first of one too many to the last, more time passes than the period.
fn assert_never_more_than(most: usize, admitted: &[Times]) {
    for (first, last) in admitted.iter().zip(admitted.iter().skip(most)) {
        assert!(last.received - first.sent > PERIOD);
    }
}

fn seconds(refused: &Reply) -> Duration {
    let seconds = refused.header("retry-after").and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or_else(|| panic!("{refused:?} should say when to come again")))
}

/// As many as are allowed, and then none: each rate for itself, and in the form of each style.
#[test]
fn the_rates_are_those_documented() {
    let service = limited();
    let mut client = Client { service: &service, stream: service.connect() };
    for (request, most) in [(CALENDARS, 10), (PAGES, 100)] {
        let (admitted, times, refused) = client.until_refused(request);
        assert!(admitted.len() >= most);
        assert_never_more_than(most, &admitted);
        // It was refused since so many were admitted in the period before.
        assert!(times.sent - admitted[admitted.len() - most].received <= PERIOD);
        assert_eq!(refused.line().split(' ').nth(1), Some("503"));
        assert!(seconds(&refused) <= PERIOD + Duration::from_secs(1));
        if request == PAGES {
            assert_eq!(refused.body, envelope(503, "Too many requests"));
        }
    }
}

/// Asks on and on: who waits as long as is said is let in.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_time_to_wait_is_long_enough() {
    let service = limited();
    let mut client = Client { service: &service, stream: service.connect() };
    let (mut admitted, times, refused) = client.until_refused(CALENDARS);
    let mut promised = Some(times.received + seconds(&refused));
    while admitted.len() < 12 {
        let (times, reply) = client.ask(CALENDARS);
        if reply.status() == 200 {
            admitted.push(times);
            promised = None;
            continue;
        }
        assert!(promised.is_none_or(|promised| times.sent < promised), "it was to be let in by now");
        let again = times.received + seconds(&reply);
        promised = Some(promised.map_or(again, |promised| promised.min(again)));
    }
    assert_never_more_than(10, &admitted);
}

/// Behind a proxy, clients are who the proxy says; else saying so changes nothing.
#[test]
fn clients_are_told_apart_by_a_proxy_that_is_trusted() {
    for (behind_proxy, status) in [(false, 503), (true, 200)] {
        let service = Service::with(|settings| {
            settings.rate_limits = true;
            settings.behind_proxy = behind_proxy;
        });
        let mut client = Client { service: &service, stream: service.connect() };
        let head = |last: &str| format!("{}\nX-Forwarded-For: 9.9.9.9, 10.0.0.{last}", CALENDARS.0);
        client.until_refused((&head("1"), ""));
        assert_eq!(client.ask((&head("2"), "")).1.status(), status);
    }
}

/// What anybody may read counts among the requests of the wider rate.
#[test]
fn what_is_public_has_a_rate_too() {
    let service = limited();
    let mut client = Client { service: &service, stream: service.connect() };
    let (admitted, _, refused) = client.until_refused(("GET /pub/1 HTTP/1.1\nHost: demo.example.com", ""));
    assert!(admitted.len() >= 100);
    assert_never_more_than(100, &admitted);
    assert_eq!(refused.status(), 503);
    assert!(seconds(&refused) <= PERIOD + Duration::from_secs(1));
}
