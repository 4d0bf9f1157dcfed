//! Clients that are slow, silent or half gone: dropped within their timeouts, while a good client's requests are answered.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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

/// Sends a byte now and then, until the other side closes.
fn drip(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
    let mut answer = [0; 1024];
    loop {
        match stream.read(&mut answer) {
            Ok(0) => return,
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return;
            }
            Ok(_) | Err(_) => {}
        }
        if stream.write_all(b"a").is_err() {
            return;
        }
    }
}

/// A form of slowness: what it begins with, and how it goes on until it is dropped.
type Form = (&'static str, fn(&Service, &mut TcpStream), fn(&mut TcpStream));

const FORMS: [Form; 6] = [
    ("a connection on which nothing comes", |_, _| {}, |stream| drop(until_closed(stream))),
    ("a head that comes byte by byte", |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nX-Long: "), drip),
    (
        "a head that stops",
        |_, stream| send(stream, "GET /calendars.xml HTTP/1.1\r\nHost: d"),
        |stream| {
            drop(until_closed(stream));
        },
    ),
    (
        "a body that comes byte by byte",
        |_, stream| {
            send(stream, "POST /ws/pages/all HTTP/1.1\r\nHost: demo.example.com\r\nContent-Length: 100000\r\n\r\n")
        },
        drip,
    ),
    (
        "a body that never begins",
        |_, stream| send(stream, "POST /ws/pages/all HTTP/1.1\r\nHost: demo.example.com\r\nContent-Length: 10\r\n\r\n"),
        |stream| {
            drop(until_closed(stream));
        },
    ),
    (
        "one side closed within a body",
        |_, stream| {
            send(stream, "POST /ws/pages/all HTTP/1.1\r\nHost: demo.example.com\r\nContent-Length: 10\r\n\r\n<req");
            let _ = stream.shutdown(Shutdown::Write);
        },
        |stream| drop(until_closed(stream)),
    ),
];

fn send(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

#[test]
fn each_form_of_slowness_is_dropped_within_its_timeout() {
    let service = impatient(100);
    for (form, begin, go_on) in FORMS {
        let mut stream = service.connect();
        let begun = Instant::now();
        begin(&service, &mut stream);
        go_on(&mut stream);
        assert!(begun.elapsed() < SOON, "{form}");
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

/// 200 of each form, on a service with fewer places than that: a good client's requests are answered all the while.
#[test]
fn a_good_client_is_answered_while_hundreds_are_slow() {
    let service = Arc::new(impatient(256));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let good = scope.spawn(|| {
            let mut answered = 0;
            while !done.load(Ordering::Relaxed) || answered == 0 {
                assert_eq!(service.rest("GET /calendars.xml", "").status(), 200);
                answered += 1;
            }
            answered
        });
        let mut streams = Vec::new();
        for _ in 0..200 {
            for (_, begin, _) in FORMS {
                let mut stream = service.connect();
                begin(&service, &mut stream);
                streams.push(stream);
            }
        }
        let begun = Instant::now();
        for mut stream in streams {
            until_closed(&mut stream);
        }
        assert!(begun.elapsed() < SOON);
        done.store(true, Ordering::Relaxed);
        assert!(good.join().expect("the good client should get its answers") > 0);
    });
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
