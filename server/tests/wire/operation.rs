//! Stopping, health, the log.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backpack_server::server::StartError;
use backpack_server::{Server, ServerConfig, Store};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Service, reply, until_closed};

#[test]
fn it_says_that_it_is_up() {
    let service = Service::with(|settings| settings.accounts.domain = Some("example.org".to_owned()));
    let up = service.send("GET /up HTTP/1.1\nHost: anything", "");
    assert_eq!((up.status(), &*up.body), (200, "up"));
}

/// What a stopped service took, it answers: a request whose body is still on its way.
#[test]
fn stopping_answers_what_was_taken() {
    let service = Service::start();
    let mut stream = service.connect();
    let mut idle = service.connect();
    let body = "<reminder><content>+30 Call</content></reminder>";
    let head = format!(
        "POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: {}",
        body.len()
    );
    stream.write_all(&service.bytes(&head, "")).expect("a head should be taken");
    // The request is in its hands now.
    crate::support::head(&mut stream);
    let address = service.server.address();
    let stopping = std::thread::spawn(move || service.server.stop());
    // It takes no more connections.
    while std::net::TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(body.as_bytes()).expect("a body should be taken");
    let answer = reply(&mut stream);
    assert_eq!((answer.status(), answer.header("connection")), (201, Some("close")));
    assert_eq!(until_closed(&mut idle), b"");
    stopping.join().expect("it should stop");
}

fn half(request: &[u8]) -> &[u8] {
    &request[..request.len() / 2]
}

/// With timeouts that never end: of neither a silent connection, nor one with half a head, be it after an answer, was
/// anything taken.
#[test]
fn stopping_waits_for_no_head() {
    let service = Service::with(|settings| {
        settings.limits.head_timeout = Duration::from_secs(3_600);
        settings.limits.stop_timeout = Duration::from_secs(3_600);
    });
    let request = service.bytes("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    let (silent, mut first, mut second) = (service.connect(), service.connect(), service.connect());
    first.write_all(half(&request)).expect("half a head should be taken");
    second.write_all(&request).expect("a request should be taken");
    assert_eq!(reply(&mut second).status(), 200);
    second.write_all(half(&request)).expect("half a head should be taken");
    let stopping = std::thread::spawn(move || service.server.stop());
    for mut stream in [silent, first, second] {
        assert_eq!(until_closed(&mut stream), b"");
    }
    stopping.join().expect("it should stop");
}

#[test]
fn stopping_waits_for_the_rest_of_a_body_for_a_while_only() {
    let service = Service::with(|settings| {
        settings.limits.body_timeout = Duration::from_secs(3_600);
        settings.limits.stop_timeout = Duration::from_millis(100);
    });
    let mut stream = service.connect();
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: 10";
    stream.write_all(&service.bytes(head, "")).expect("a head should be taken");
    crate::support::head(&mut stream);
    let stopping = std::thread::spawn(move || service.server.stop());
    assert_eq!(until_closed(&mut stream), b"");
    stopping.join().expect("it should stop");
}

/// Collects what is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!("{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("backpack")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().expect("the log").push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The one test of this program that listens to the log, since there is one for all.
#[test]
fn the_log_names_operations_and_no_secrets() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).expect("nobody else should listen");
    let service = Service::start();
    let named = "POST /ws/pages/new HTTP/1.1\nHost: demo.logged.example.com";
    service.send(named, "<request><token>TOKEN</token><page><title>Private</title></page></request>");
    service.send("GET /TOKEN/reminders.xml HTTP/1.1\nHost: demo.logged.example.com", "");
    service.send("GET /statuses.xml?token=TOKEN HTTP/1.1\nHost: demo.logged.example.com", "");
    service.send("GET /TOKEN/nothing.xml HTTP/1.1\nHost: gone.logged.example.com", "");
    let lines = log.0.lock().expect("the log").clone();
    let token = service.token();
    assert!(!lines.iter().any(|line| line.contains(token) || line.contains("Private")), "{lines:#?}");
    for line in [
        "method=POST operation=\"pages.create\" account=\"demo\" status=200 microseconds=",
        "method=GET operation=\"reminders.list\" account=\"demo\" status=200 microseconds=",
        "method=GET operation=\"statuses.list\" account=\"demo\" status=200 microseconds=",
        "method=GET account=\"gone\" status=404 microseconds=",
    ] {
        assert!(lines.iter().any(|logged| logged.contains(line)), "{line} in {lines:#?}");
    }
}

#[test]
fn what_hinders_a_start_is_said_inside_a_runtime_too() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let start = |change: &dyn Fn(&mut ServerConfig)| {
        let mut settings = ServerConfig::default();
        change(&mut settings);
        runtime.block_on(async { Server::start(Store::in_memory().expect("a store"), settings) })
    };
    let address = taken.local_addr().expect("its address");
    let in_use = start(&|settings| settings.listen.address = address).expect_err("the port is taken");
    assert!(matches!(in_use, StartError::Listen(at, _) if at == address), "{in_use}");
    let mail = start(&|settings| settings.mail.smtp = Some("nowhere".to_owned())).expect_err("that is no server");
    assert!(matches!(mail, StartError::Mail(_)), "{mail}");
    start(&|_| {}).expect("a free port").stop();
}
