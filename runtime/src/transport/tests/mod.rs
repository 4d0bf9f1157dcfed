//! Tests of the transports over real connections, against a server that sends scripted bytes.
//!
//! Most tests run over each transport: `cases!` makes one test of each function for each of them.

#![cfg(feature = "hyper")]

mod connections;
mod failures;
mod hyper;
mod requests;
#[cfg(feature = "reqwest")]
mod reqwest;
mod responses;
mod server;
mod timeouts;

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use self::server::{Action, RawServer};
use super::*;

/// Stands for a token in the path, the query, a header and the body of requests. No error may show it.
const SECRET: &str = "5ec4e7";

type SendResult = Result<Response<Bytes>, TransportError>;

/// Makes a test of each function for each transport.
macro_rules! cases {
    ($($name:ident)*) => {
        mod over_hyper {
            $(#[test] fn $name() { super::$name(crate::transport::tests::create_hyper); })*
        }
        mod over_blocking_hyper {
            $(#[test] fn $name() { super::$name(crate::transport::tests::create_blocking_hyper); })*
        }
        #[cfg(feature = "reqwest")]
        mod over_reqwest {
            $(#[test] fn $name() { super::$name(crate::transport::tests::reqwest::create_reqwest); })*
        }
    };
}
use cases;

/// Creates a transport over hyper that is used through its async trait.
fn create_hyper(config: &TransportConfig) -> Box<dyn BlockingTransport> {
    run_blocking(HyperTransport::new(config).unwrap())
}

/// Creates a transport over hyper that is used through its blocking trait.
fn create_blocking_hyper(config: &TransportConfig) -> Box<dyn BlockingTransport> {
    Box::new(HyperTransport::new(config).unwrap())
}

/// Runs an async transport on a runtime that makes no progress between two requests.
fn run_blocking(transport: impl Transport + 'static) -> Box<dyn BlockingTransport> {
    struct RunBlocking<T>(tokio::runtime::Runtime, T);

    impl<T: Transport> BlockingTransport for RunBlocking<T> {
        fn send(&self, request: Request<Bytes>, timeout: Duration) -> SendResult {
            self.0.block_on(self.1.send(request, timeout))
        }
    }

    Box::new(RunBlocking(build_runtime(), transport))
}

/// Function that creates one of the transports under test.
type CreateTransport = fn(&TransportConfig) -> Box<dyn BlockingTransport>;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<ok/>";

/// Builds a request with the secret in a header.
fn build_request(method: &str, uri: &str, body: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).header("X-Token", SECRET).body(Bytes::from(body.to_owned())).unwrap()
}

/// Sends one request over a new transport with the default limits.
fn send(create: CreateTransport, method: &str, uri: &str, body: &str) -> SendResult {
    create(&TransportConfig::default()).send(build_request(method, uri, body), LONG)
}

/// Asserts the kind of a failure and whether the request counts as sent, and that no text of it contains the secret.
#[track_caller]
fn assert_fails(result: SendResult, kind: TransportErrorKind, was_sent: bool) {
    let error = result.unwrap_err();
    let mut texts = vec![format!("{error:?}")];
    let mut next: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    assert_eq!((error.kind(), error.was_sent()), (kind, was_sent), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains(SECRET)), "{texts:?}");
}

/// Builds a runtime for the current thread, with I/O and time.
fn build_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A timeout that a test lets expire. No test depends on progress before that, so no test fails on a busy machine.
const SHORT: Duration = Duration::from_millis(50);

/// A timeout that never expires.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// A configuration whose timeouts never expire, except for those that `change` sets.
fn config_without_timeouts(change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
    let mut config =
        TransportConfig { connect_timeout: LONG, read_timeout: LONG, timeout: LONG, ..TransportConfig::default() };
    change(&mut config);
    config
}

/// Starts a server that accepts a connection and never responds, not even to a TLS handshake.
fn silent_peer() -> RawServer {
    RawServer::new([Action::Hang(Vec::new())])
}

/// Sends three requests from each of several threads that share a transport, and returns the number of connections.
fn count_connections_of_threads(create: CreateTransport, threads: usize) -> usize {
    let server = RawServer::new((0..3 * threads).map(|_| Action::Respond(OK.into())));
    let transport = create(&TransportConfig::default());
    let send_three = || {
        for _ in 0..3 {
            assert_eq!(transport.send(build_request("POST", &server.uri(), "<note/>"), LONG).unwrap().body(), "<ok/>");
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(send_three))));
    let received = server.requests();
    assert_eq!(received.len(), 3 * threads);
    received.iter().map(|received| received.connection).max().unwrap()
}

/// Runs two other tests over each transport, in a process that has unreachable proxies in its environment.
#[test]
fn no_transport_uses_a_proxy_of_the_environment() {
    let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
    let tests = tests.args(["get_has_no_length_and_no_body", "post_has_length_and_body"]);
    for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        tests.env(variable, "http://127.0.0.1:1");
    }
    let output = tests.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let transports = if cfg!(feature = "reqwest") { 3 } else { 2 };
    assert!(output.status.success(), "{stdout}");
    assert!(stdout.contains(&format!("test result: ok. {} passed", 2 * transports)), "{stdout}");
}
