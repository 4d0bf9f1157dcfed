//! Start, health check, log, shutdown.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backpack_server::config::ConfigError;
use backpack_server::server::StartError;
use backpack_server::{Server, ServerConfig, Store};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{TestServer, read_head, read_response, read_until_closed};

#[test]
fn the_health_check_reports_up_on_any_host() {
    let server = TestServer::start_with(|config| config.accounts.domain = Some("example.org".to_owned()));
    let up = server.send("GET /up HTTP/1.1\nHost: anything", "");
    assert_eq!((up.status(), &*up.body), (200, "up"));
}

/// A request is in flight once its head has arrived, even if its body has not.
#[test]
fn a_shutdown_completes_requests_in_flight() {
    let server = TestServer::start();
    let mut stream = server.connect();
    let mut idle = server.connect();
    let body = "<reminder><content>+30 Call</content></reminder>";
    let head = format!(
        "POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: {}",
        body.len()
    );
    stream.write_all(&server.build_request(&head, "")).expect("the head should be sent");
    // The server has read the head once it has sent `100 Continue`.
    read_head(&mut stream);
    let address = server.server.address();
    let shutdown = std::thread::spawn(move || server.server.stop());
    // Waits until the server accepts no more connections.
    while std::net::TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(body.as_bytes()).expect("the body should be sent");
    let response = read_response(&mut stream);
    assert_eq!((response.status(), response.header("connection")), (201, Some("close")));
    assert_eq!(read_until_closed(&mut idle), b"");
    shutdown.join().expect("it should stop");
}

/// Returns the first half of the bytes of a request without a body: an incomplete head.
fn first_half(request: &[u8]) -> &[u8] {
    &request[..request.len() / 2]
}

/// Idle connections and incomplete heads, also after a response, are not in flight. A shutdown closes them even if the
/// timeouts are long.
#[test]
fn a_shutdown_does_not_wait_for_request_heads() {
    let server = TestServer::start_with(|config| {
        config.limits.head_timeout = Duration::from_secs(3_600);
        config.limits.stop_timeout = Duration::from_secs(3_600);
    });
    let request = server.build_request("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    let (silent, mut first, mut second) = (server.connect(), server.connect(), server.connect());
    first.write_all(first_half(&request)).expect("half a head should be sent");
    second.write_all(&request).expect("the request should be sent");
    assert_eq!(read_response(&mut second).status(), 200);
    second.write_all(first_half(&request)).expect("half a head should be sent");
    let shutdown = std::thread::spawn(move || server.server.stop());
    for mut stream in [silent, first, second] {
        assert_eq!(read_until_closed(&mut stream), b"");
    }
    shutdown.join().expect("it should stop");
}

/// The stop timeout also ends the wait for a body whose own timeout has not expired.
#[test]
fn a_shutdown_drops_incomplete_bodies_after_the_stop_timeout() {
    let server = TestServer::start_with(|config| {
        config.limits.body_timeout = Duration::from_secs(3_600);
        config.limits.stop_timeout = Duration::from_millis(100);
    });
    let mut stream = server.connect();
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: 10";
    stream.write_all(&server.build_request(head, "")).expect("the head should be sent");
    read_head(&mut stream);
    let shutdown = std::thread::spawn(move || server.server.stop());
    assert_eq!(read_until_closed(&mut stream), b"");
    shutdown.join().expect("it should stop");
}

/// Subscriber that collects events as lines of text.
#[derive(Clone, Default)]
struct LogCollector(Arc<Mutex<Vec<String>>>);

/// Fields of one event as text: `name=value `.
struct EventLine(String);

impl Visit for EventLine {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!("{field}={value:?} ");
    }
}

impl Subscriber for LogCollector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("backpack_server")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = EventLine(String::new());
        event.record(&mut line);
        self.0.lock().expect("the log").push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// This is the only test of this binary that can collect events, since all tests share one subscriber.
#[test]
fn the_access_log_names_operations_and_contains_no_secrets() {
    let log = LogCollector::default();
    tracing::subscriber::set_global_default(log.clone()).expect("no other test should set a subscriber");
    let server = TestServer::start();
    let create = "POST /ws/pages/new HTTP/1.1\nHost: demo.logged.example.com";
    server.send(create, "<request><token>TOKEN</token><page><title>Private</title></page></request>");
    server.send("GET /TOKEN/reminders.xml HTTP/1.1\nHost: demo.logged.example.com", "");
    server.send("GET /statuses.xml?token=TOKEN HTTP/1.1\nHost: demo.logged.example.com", "");
    server.send("GET /TOKEN/nothing.xml HTTP/1.1\nHost: gone.logged.example.com", "");
    let lines = log.0.lock().expect("the log").clone();
    let token = server.token();
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
fn reports_start_errors_also_inside_a_runtime() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let start = |change: &dyn Fn(&mut ServerConfig)| {
        let mut config = ServerConfig::default();
        change(&mut config);
        runtime.block_on(async { Server::start(Store::in_memory().expect("a store"), config) })
    };
    let address = listener.local_addr().expect("its address");
    let in_use = start(&|config| config.listen.address = address).expect_err("the port is taken");
    assert!(matches!(in_use, StartError::Listen(at, _) if at == address), "{in_use}");
    let mail = start(&|config| config.mail.smtp = Some("nowhere".to_owned())).expect_err("the URL is invalid");
    assert!(matches!(mail, StartError::Config(ConfigError::Mail(_))), "{mail}");
    let domain = start(&|config| config.accounts.domain = Some("http://x".to_owned())).expect_err("an invalid domain");
    assert!(matches!(domain, StartError::Config(_)), "{domain}");
    let folder = tempfile::tempdir().expect("a folder");
    let (file, outbox) = (folder.path().join("file"), folder.path().join("mail/outbox"));
    std::fs::write(&file, "").expect("a file");
    let mail = start(&|config| config.mail.outbox = Some(file.join("outbox"))).expect_err("a file is in its place");
    assert!(matches!(mail, StartError::OutboxFolder(..)), "{mail}");
    start(&|config| config.mail.outbox = Some(outbox.clone())).expect("a free port").stop();
    assert!(outbox.is_dir());
}
