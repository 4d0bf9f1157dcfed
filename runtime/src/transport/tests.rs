//! One set of cases, run over every transport that has a connection, against a server that plays raw bytes.

#![cfg(feature = "hyper")]

use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener as TokioListener, TcpStream as TokioStream};

use self::server::{Play, Server};
use super::*;

mod server;

/// Stands for a token, in the path, the query, a header and the body of the requests below. No error may show it.
const SECRET: &str = "5ec4e7";

type Outcome = Result<Response<Bytes>, TransportError>;

/// Runs each case over each transport that is built in.
macro_rules! cases {
    ($($name:ident)*) => {
        mod over_hyper {
            $(#[test] fn $name() { super::$name(super::hyper_transport); })*
        }
        mod over_blocking_hyper {
            $(#[test] fn $name() { super::$name(super::blocking_hyper_transport); })*
        }
        #[cfg(feature = "reqwest")]
        mod over_reqwest {
            $(#[test] fn $name() { super::$name(super::reqwest_transport); })*
        }
    };
}

cases! {
    get_has_neither_length_nor_body
    post_has_length_and_body
    empty_post_and_put_say_length_zero
    delete_may_have_a_body
    lengths_of_the_caller_are_corrected
    headers_pass_through
    nothing_is_added_but_what_http_needs
    host_of_the_caller_stays
    unusual_methods_go_through
    redirects_are_answers
    failing_statuses_are_answers
    answers_without_body_are_read
    chunked_answers_are_read
    answers_that_end_with_the_connection_are_read
    encoded_answers_are_refused
    sentence_of_the_status_line
    sentence_after_an_interim_answer
    sentence_of_the_status_header
    connections_are_used_again
    closed_connections_are_replaced
    connections_that_closed_meanwhile_are_replaced
    what_breaks_on_a_connection_that_was_used_before_may_have_run
    every_place_has_connections_of_its_own
    an_answer_may_come_before_the_end_of_the_request
    calls_of_many_threads
    closed_before_an_answer
    cut_off_in_the_head
    cut_off_in_the_body
    not_http
    body_at_the_limit_and_above
    chunked_body_above_the_limit
    silence_ends_at_the_timeout
    silence_in_the_body_ends_at_the_timeout
    silence_ends_at_the_read_timeout
    a_slow_body_ends_at_the_timeout
    refused
    unknown_host
    peer_without_tls
    silent_tls_peer
    invalid_addresses
}

fn hyper_transport(settings: &Settings) -> Box<dyn BlockingTransport> {
    driven(HyperTransport::new(settings).unwrap())
}

fn blocking_hyper_transport(settings: &Settings) -> Box<dyn BlockingTransport> {
    Box::new(HyperTransport::new(settings).unwrap())
}

/// Set up as badly as can be.
#[cfg(feature = "reqwest")]
fn reqwest_transport(settings: &Settings) -> Box<dyn BlockingTransport> {
    let badly = |client: ::reqwest::ClientBuilder| {
        client.redirect(::reqwest::redirect::Policy::limited(5)).referer(true).connection_verbose(true)
    };
    driven(reqwest_with(settings, |client| badly(client).gzip(false)))
}

#[cfg(feature = "reqwest")]
fn reqwest_with(
    settings: &Settings,
    configure: impl FnOnce(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder,
) -> ReqwestTransport {
    let roots = rustls::RootCertStore::empty();
    let provider = rustls::crypto::ring::default_provider().into();
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    ReqwestTransport::new(settings, |client| configure(client.tls_backend_preconfigured(tls))).unwrap()
}

/// An async transport on a runtime that stands still between two requests.
fn driven(transport: impl Transport + 'static) -> Box<dyn BlockingTransport> {
    struct Driven<T>(tokio::runtime::Runtime, T);

    impl<T: Transport> BlockingTransport for Driven<T> {
        fn send(&self, request: Request<Bytes>, within: Duration) -> Outcome {
            self.0.block_on(self.1.send(request, within))
        }
    }

    Box::new(Driven(runtime(), transport))
}

type Make = fn(&Settings) -> Box<dyn BlockingTransport>;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<ok/>";

fn request(method: &str, uri: &str, body: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).header("X-Token", SECRET).body(Bytes::from(body.to_owned())).unwrap()
}

/// Sends one request over a new transport with the default limits.
fn send(make: Make, method: &str, uri: &str, body: &str) -> Outcome {
    make(&Settings::default()).send(request(method, uri, body), LONG)
}

/// Checks the kind of a failure and whether it counts as sent, and that no text of it shows the secret.
#[track_caller]
fn assert_fails(outcome: Outcome, kind: TransportErrorKind, sent: bool) {
    let error = outcome.unwrap_err();
    let mut texts = vec![format!("{error:?}")];
    let mut next: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    assert_eq!((error.kind(), error.was_sent()), (kind, sent), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains(SECRET)), "{texts:?}");
}

// What is sent.

fn get_has_neither_length_nor_body(make: Make) {
    let server = Server::answering(OK);
    let answer = send(make, "GET", &server.uri(), "").unwrap();
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"<ok/>"[..]));
    let seen = server.only();
    assert_eq!(seen.line(), format!("GET /{SECRET}/notes.xml?token={SECRET} HTTP/1.1"));
    assert_eq!(seen.names(), ["host", "x-token"]);
    assert_eq!(seen.header("host"), [server.address.to_string()]);
}

fn post_has_length_and_body(make: Make) {
    let server = Server::answering(OK);
    send(make, "POST", &server.uri(), "<note>Føre</note>").unwrap();
    let seen = server.only();
    assert_eq!(seen.names(), ["content-length", "host", "x-token"]);
    assert_eq!((seen.header("content-length"), seen.body.as_str()), (vec!["18"], "<note>Føre</note>"));
}

fn empty_post_and_put_say_length_zero(make: Make) {
    let server = Server::new([Play::Answer(OK.into()), Play::Answer(OK.into())]);
    let transport = make(&Settings::default());
    for method in ["POST", "PUT"] {
        transport.send(request(method, &server.uri(), ""), LONG).unwrap();
    }
    for seen in server.seen() {
        assert_eq!(seen.header("content-length"), ["0"], "{seen:?}");
        assert_eq!(seen.names(), ["content-length", "host", "x-token"]);
    }
}

fn delete_may_have_a_body(make: Make) {
    let server = Server::new([Play::Answer(OK.into()), Play::Answer(OK.into())]);
    let transport = make(&Settings::default());
    for body in ["<request/>", ""] {
        transport.send(request("DELETE", &server.uri(), body), LONG).unwrap();
    }
    let seen = server.seen();
    assert_eq!((seen[0].header("content-length"), seen[0].body.as_str()), (vec!["10"], "<request/>"));
    assert_eq!(seen[1].names(), ["host", "x-token"]);
}

fn lengths_of_the_caller_are_corrected(make: Make) {
    let server = Server::answering(OK);
    let mut request = request("POST", &server.uri(), "<note/>");
    request.headers_mut().insert("content-length", "3".parse().unwrap());
    request.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    make(&Settings::default()).send(request, LONG).unwrap();
    let seen = server.only();
    assert_eq!(seen.names(), ["content-length", "host", "x-token"]);
    assert_eq!(seen.body, "<note/>");
}

fn headers_pass_through(make: Make) {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nX-Two: a\r\nX-Two: b\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n");
    let mut request = request("GET", &server.uri(), "");
    for (name, value) in [
        ("x-post_data_format", "xml"),
        ("user-agent", "Trip planner (jo@example.com)"),
        ("accept", "application/xml"),
        ("x-two", "first"),
        ("x-two", "second, \"third\""),
    ] {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    let answer = make(&Settings::default()).send(request, LONG).unwrap();
    let seen = server.only();
    assert_eq!(seen.names(), ["accept", "host", "user-agent", "x-post_data_format", "x-token", "x-two", "x-two"]);
    assert_eq!(seen.header("x-post_data_format"), ["xml"]);
    assert_eq!(seen.header("user-agent"), ["Trip planner (jo@example.com)"]);
    assert_eq!(seen.header("x-two"), ["first", "second, \"third\""]);
    let two: Vec<_> = answer.headers().get_all("x-two").iter().collect();
    assert_eq!(two, ["a", "b"]);
    assert_eq!(answer.headers()["set-cookie"], "c=d");
}

fn nothing_is_added_but_what_http_needs(make: Make) {
    let first = "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n";
    let server = Server::new([Play::Answer(first.into()), Play::Answer(OK.into())]);
    let transport = make(&Settings::default());
    for _ in 0..2 {
        transport.send(request("GET", &server.uri(), ""), LONG).unwrap();
    }
    for seen in server.seen() {
        assert_eq!(seen.names(), ["host", "x-token"]);
    }
}

fn host_of_the_caller_stays(make: Make) {
    let server = Server::answering(OK);
    let mut request = request("GET", &server.uri(), "");
    request.headers_mut().insert("host", "acme.example.com".parse().unwrap());
    make(&Settings::default()).send(request, LONG).unwrap();
    assert_eq!(server.only().header("host"), ["acme.example.com"]);
}

fn unusual_methods_go_through(make: Make) {
    let server = Server::answering(OK);
    send(make, "PURGE", &server.uri(), "<all/>").unwrap();
    let seen = server.only();
    assert!(seen.line().starts_with("PURGE /"), "{seen:?}");
    assert_eq!(seen.body, "<all/>");
}

// What is an answer.

fn redirects_are_answers(make: Make) {
    for code in [301, 302, 303, 307, 308] {
        for rest in ["Content-Length: 0\r\n\r\n", "Content-Length: 5\r\n\r\nmoved"] {
            let server = Server::answering(&format!("HTTP/1.1 {code} Found\r\nLocation: /login\r\n{rest}"));
            let answer = send(make, "POST", &server.uri(), "<note/>").unwrap();
            assert_eq!(answer.status().as_u16(), code);
            assert_eq!(answer.headers()["location"], "/login");
            assert_eq!(answer.body().is_empty(), rest.ends_with("\r\n"));
            server.only();
        }
    }
    let server = Server::answering("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    let answer = send(make, "GET", &server.uri(), "").unwrap();
    assert_eq!(answer.status().as_u16(), 302);
}

fn failing_statuses_are_answers(make: Make) {
    for code in [400, 401, 403, 404, 407, 422, 500, 503, 599] {
        let server = Server::answering(&format!("HTTP/1.1 {code} Oh\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"));
        let answer = send(make, "POST", &server.uri(), "<note/>").unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (code, &b"no"[..]));
        assert_eq!(answer.headers()["retry-after"], "3");
        server.only();
    }
}

fn answers_without_body_are_read(make: Make) {
    let server = Server::new([
        Play::Answer("HTTP/1.1 204 No Content\r\n\r\n".into()),
        Play::Answer("HTTP/1.1 201 Created\r\nLocation: /reminders/9\r\nContent-Length: 0\r\n\r\n".into()),
    ]);
    let transport = make(&Settings::default());
    for code in [204, 201] {
        let answer = transport.send(request("DELETE", &server.uri(), ""), LONG).unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().len()), (code, 0));
    }
}

fn chunked_answers_are_read(make: Make) {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n4\r\n</a>\r\n0\r\n\r\n");
    assert_eq!(send(make, "GET", &server.uri(), "").unwrap().body(), "<a></a>");
}

fn answers_that_end_with_the_connection_are_read(make: Make) {
    for version in ["1.0", "1.1"] {
        let server = Server::new([Play::Close(format!("HTTP/{version} 200 OK\r\n\r\n<a></a>").into())]);
        assert_eq!(send(make, "GET", &server.uri(), "").unwrap().body(), "<a></a>");
    }
}

fn encoded_answers_are_refused(make: Make) {
    for coding in ["gzip", "identity, br", "x-gzip", "\u{e9}"] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 3\r\n\r\nabc");
        assert_fails(send(make, "GET", &Server::answering(&answer).uri(), ""), TransportErrorKind::Encoded, true);
    }
    for rest in ["identity\r\nContent-Length: 3\r\n\r\nabc", "gzip\r\nContent-Length: 0\r\n\r\n"] {
        let server = Server::answering(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: {rest}"));
        let answer = send(make, "GET", &server.uri(), "").unwrap();
        assert!(rest.ends_with(str::from_utf8(answer.body()).unwrap()));
    }
}

fn sentence_of_the_status_line(make: Make) {
    for (line, sentence) in [
        ("422 The reminder is in the past", Some("The reminder is in the past")),
        ("403 Not yours: ask \"Jo\"", Some("Not yours: ask \"Jo\"")),
        ("422 Unprocessable Entity", None),
        ("200 OK", None),
        ("200 Fine", Some("Fine")),
        ("200 ", None),
        ("200", None),
    ] {
        let server = Server::answering(&format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n"));
        let answer = send(make, "GET", &server.uri(), "").unwrap();
        assert_eq!(answer.extensions().get::<Reason>().map(|reason| reason.0.as_str()), sentence, "{line}");
        assert_eq!(reason(&answer).as_deref(), sentence, "{line}");
    }
}

fn sentence_after_an_interim_answer(make: Make) {
    let server = Server::answering(
        "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 404 No such page\r\nContent-Length: 0\r\n\r\n",
    );
    let answer = send(make, "GET", &server.uri(), "").unwrap();
    assert_eq!((answer.status().as_u16(), reason(&answer).as_deref()), (404, Some("No such page")));
}

fn sentence_of_the_status_header(make: Make) {
    for (header, sentence) in [
        ("422 No title", Some("No title")),
        ("422 Unprocessable Entity", None),
        ("422", None),
        ("500 Of another answer", None),
    ] {
        let server = Server::answering(&format!(
            "HTTP/1.1 422 Unprocessable Entity\r\nStatus: {header}\r\nContent-Length: 0\r\n\r\n"
        ));
        let answer = send(make, "GET", &server.uri(), "").unwrap();
        assert_eq!(reason(&answer).as_deref(), sentence, "{header}");
    }
}

// Connections.

fn connections_are_used_again(make: Make) {
    let answers = ["HTTP/1.1 422 No title\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 204 No Content\r\n\r\n", OK];
    let server = Server::new(answers.map(|answer| Play::Answer(answer.into())));
    let transport = make(&Settings::default());
    let mut sentences = Vec::new();
    for method in ["POST", "DELETE", "GET"] {
        sentences.push(reason(&transport.send(request(method, &server.uri(), ""), LONG).unwrap()));
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 1, 1]);
    assert_eq!(sentences, [Some("No title".to_owned()), None, None]);
}

fn closed_connections_are_replaced(make: Make) {
    let close = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let server = Server::new([Play::Close(close.into()), Play::Answer(OK.into())]);
    let transport = make(&Settings::default());
    for _ in 0..2 {
        transport.send(request("POST", &server.uri(), ""), LONG).unwrap();
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 2]);
}

fn connections_that_closed_meanwhile_are_replaced(make: Make) {
    let server = Server::new([OK; 3].map(|answer| Play::Answer(answer.into())));
    let transport = make(&Settings::default());
    for _ in 0..3 {
        transport.send(request("POST", &server.uri(), "<note/>"), LONG).unwrap();
        server.close_all();
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 2, 3]);
}

/// A peer that closes an idle connection and one that breaks while it works look much alike; the second may have done it.
fn what_breaks_on_a_connection_that_was_used_before_may_have_run(make: Make) {
    for beginning in ["", "HTTP/1.1 200 OK\r\n"] {
        let server = Server::new([Play::Answer(OK.into()), Play::Close(beginning.into()), Play::Answer(OK.into())]);
        let transport = make(&Settings::default());
        transport.send(request("POST", &server.uri(), "<note/>"), LONG).unwrap();
        let outcome = transport.send(request("POST", &server.uri(), SECRET), LONG);
        assert_fails(outcome, TransportErrorKind::Broken, true);
        let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
        assert_eq!(connections, [1, 1], "sent once");
    }
}

fn every_place_has_connections_of_its_own(make: Make) {
    let servers = [0; 3].map(|_| Server::new([OK; 2].map(|answer| Play::Answer(answer.into()))));
    let transport = make(&Settings::default());
    for server in servers.iter().chain(servers.iter().rev()) {
        transport.send(request("POST", &server.uri(), "<note/>"), LONG).unwrap();
    }
    for server in servers {
        let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
        assert_eq!(connections, [1, 1]);
    }
}

fn an_answer_may_come_before_the_end_of_the_request(make: Make) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    // A peer that reads no more than it needs, and answers.
    let peer = thread::spawn(move || {
        let answers = ["HTTP/1.1 413 Too much\r\nContent-Length: 5\r\n\r\n<ok/>", OK];
        answers.map(|answer| {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
            stream
        })
    });
    let transport = make(&patient(|_| ()));
    // More than both ends of a connection hold, so that some of it is still to be sent when the answer is there.
    let much = "<note/>".repeat(4_000_000);
    assert_eq!(transport.send(request("POST", &uri, &much), LONG).unwrap().status().as_u16(), 413);
    assert_eq!(transport.send(request("GET", &uri, ""), LONG).unwrap().status().as_u16(), 200);
    drop(peer.join().unwrap());
}

/// Three calls by each of some threads, which share a transport; answers on how many connections they came.
fn connections_of_threads(make: Make, threads: usize) -> usize {
    let server = Server::new((0..3 * threads).map(|_| Play::Answer(OK.into())));
    let transport = make(&Settings::default());
    let three = || {
        for _ in 0..3 {
            assert_eq!(transport.send(request("POST", &server.uri(), "<note/>"), LONG).unwrap().body(), "<ok/>");
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(three))));
    let seen = server.seen();
    assert_eq!(seen.len(), 3 * threads);
    seen.iter().map(|seen| seen.connection).max().unwrap()
}

fn calls_of_many_threads(make: Make) {
    connections_of_threads(make, 8);
}

// Failures.

fn closed_before_an_answer(make: Make) {
    let server = Server::new([Play::Close(Vec::new())]);
    assert_fails(send(make, "POST", &server.uri(), SECRET), TransportErrorKind::Broken, true);
    server.only();
}

fn cut_off_in_the_head(make: Make) {
    let server = Server::new([Play::Close(format!("HTTP/1.1 200 OK\r\nX-Echo: {SECRET}\r\n").into())]);
    assert_fails(send(make, "GET", &server.uri(), ""), TransportErrorKind::Broken, true);
    server.only();
}

fn cut_off_in_the_body(make: Make) {
    for framing in ["Content-Length: 50", "Transfer-Encoding: chunked"] {
        let server =
            Server::new([Play::Close(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n6\r\n{SECRET}\r\n").into())]);
        assert_fails(send(make, "POST", &server.uri(), SECRET), TransportErrorKind::Broken, true);
        server.only();
    }
}

fn not_http(make: Make) {
    let server = Server::new([Play::Close(format!("{SECRET} 220 mail.example.com ESMTP\r\n\r\n").into())]);
    assert_fails(send(make, "POST", &server.uri(), SECRET), TransportErrorKind::Protocol, true);
    server.only();
}

fn body_at_the_limit_and_above(make: Make) {
    let settings = Settings { max_response: 5, ..Settings::default() };
    let server = Server::answering(OK);
    assert_eq!(make(&settings).send(request("GET", &server.uri(), ""), LONG).unwrap().body(), "<ok/>");

    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n5ec4e7");
    let outcome = make(&settings).send(request("GET", &server.uri(), ""), LONG);
    assert_fails(outcome, TransportErrorKind::TooLarge, true);
}

fn chunked_body_above_the_limit(make: Make) {
    // The body never ends, so only counting can end it.
    let settings = Settings { max_response: 5, ..Settings::default() };
    let play = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n5ec\r\n3\r\n4e7\r\n";
    let server = Server::new([Play::Hang(play.into())]);
    let outcome = make(&settings).send(request("GET", &server.uri(), ""), LONG);
    assert_fails(outcome, TransportErrorKind::TooLarge, true);
}

/// Soon over. Nothing that a test needs to succeed has to be done by then, so a busy machine fails none.
const SHORT: Duration = Duration::from_millis(250);

/// Never over.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// Settings whose times are never over, but for those that the test changes.
fn patient(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings { connect_timeout: LONG, read_timeout: LONG, timeout: LONG, ..Settings::default() };
    change(&mut settings);
    settings
}

/// Sends a request that has little time, over a connection that is there already: it counts as sent.
fn send_in_short_time(make: Make, play: Play) -> Outcome {
    let server = Server::new([Play::Answer(OK.into()), play]);
    let transport = make(&patient(|_| {}));
    transport.send(request("GET", &server.uri(), ""), LONG).unwrap();
    transport.send(request("POST", &server.uri(), SECRET), SHORT)
}

fn silence_ends_at_the_timeout(make: Make) {
    let server = Server::new([Play::Hang(Vec::new())]);
    let outcome =
        make(&patient(|settings| settings.timeout = SHORT)).send(request("POST", &server.uri(), SECRET), LONG);
    // On a busy machine all of the time may go into connecting.
    let sent = outcome.as_ref().is_err_and(TransportError::was_sent);
    assert_fails(outcome, TransportErrorKind::Timeout, sent);
    assert_fails(send_in_short_time(make, Play::Hang(Vec::new())), TransportErrorKind::Timeout, true);
}

fn silence_in_the_body_ends_at_the_timeout(make: Make) {
    let play = Play::Hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a>".into());
    assert_fails(send_in_short_time(make, play), TransportErrorKind::Timeout, true);
}

fn silence_ends_at_the_read_timeout(make: Make) {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a>"] {
        let server = Server::new([Play::Hang(bytes.into())]);
        let settings = patient(|settings| settings.read_timeout = SHORT);
        let outcome = make(&settings).send(request("POST", &server.uri(), SECRET), LONG);
        assert_fails(outcome, TransportErrorKind::Timeout, true);
    }
}

fn a_slow_body_ends_at_the_timeout(make: Make) {
    // Never silent for long, and never at an end.
    let play = Play::Drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".into());
    assert_fails(send_in_short_time(make, play), TransportErrorKind::Timeout, true);
}

fn refused(make: Make) {
    // The near end of a connection has a port where nobody listens, and which nobody else can be given meanwhile.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    for scheme in ["http", "https"] {
        let uri = format!("{scheme}://{}/{SECRET}?token={SECRET}", taken.local_addr().unwrap());
        assert_fails(send(make, "POST", &uri, SECRET), TransportErrorKind::Connect, false);
    }
}

fn unknown_host(make: Make) {
    // A label of 64 letters is too long for a name, so that no resolver has to be asked.
    let uri = format!("http://{}.example.com/{SECRET}?token={SECRET}", "a".repeat(64));
    assert_fails(send(make, "POST", &uri, SECRET), TransportErrorKind::Connect, false);
}

/// Takes one connection, reads a little, does `then`, and closes it.
fn peer(then: impl FnOnce(&mut TcpStream) + Send + 'static) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("https://{}/{SECRET}?token={SECRET}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        then(&mut stream);
    });
    (uri, thread)
}

fn peer_without_tls(make: Make) {
    let (uri, peer) = peer(|stream| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap());
    assert_fails(send(make, "POST", &uri, SECRET), TransportErrorKind::Tls, false);
    peer.join().unwrap();
}

/// A peer that says nothing: the system takes connections for it, and it never asks for one.
fn silent_peer() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("https://{}/{SECRET}?token={SECRET}", listener.local_addr().unwrap()), listener)
}

fn silent_tls_peer(make: Make) {
    let (uri, _peer) = silent_peer();
    let settings = patient(|settings| settings.connect_timeout = SHORT);
    assert_fails(make(&settings).send(request("POST", &uri, SECRET), LONG), TransportErrorKind::Timeout, false);
}

fn invalid_addresses(make: Make) {
    for uri in [
        "/5ec4e7",
        "ftp://example.com/5ec4e7",
        "acme.example.com:80",
        "http://5ec4e7:X@127.0.0.1/",
        "http://:80/5ec4e7",
        "*",
    ] {
        assert_fails(send(make, "GET", uri, SECRET), TransportErrorKind::InvalidRequest, false);
    }
}

// What one transport only can do.

#[test]
fn without_a_runtime_hyper_fails_in_order() {
    use std::task::{Context, Waker};

    let transport = HyperTransport::new(&Settings::default()).unwrap();
    let mut sending = Transport::send(&transport, request("GET", "http://127.0.0.1/", ""), LONG);
    let Poll::Ready(outcome) = sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("there is nothing to wait for");
    };
    assert_fails(outcome, TransportErrorKind::InvalidRequest, false);
}

/// Sends over hyper to a peer on the same runtime, until the peer has the beginning of the request.
async fn send_until_it_arrives<'t>(transport: &'t HyperTransport, body: &str) -> (TransportFuture<'t>, TokioStream) {
    let listener = TokioListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let mut sending = Transport::send(transport, request("POST", &uri, body), LONG);
    let mut arriving = Box::pin(async {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        stream
    });
    let stream = poll_fn(|cx| {
        assert!(sending.as_mut().poll(cx).is_pending());
        arriving.as_mut().poll(cx)
    });
    let stream = stream.await;
    (sending, stream)
}

/// Reads what comes over a connection until it ends, one way or the other.
async fn end_of(stream: &TokioStream) {
    let mut some = [0; 4096];
    let read = async {
        loop {
            stream.readable().await.unwrap();
            match stream.try_read(&mut some) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read).await.expect("the connection should end");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// What comes, unless nobody wakes who waits for it, who would wait for ever.
async fn soon<F: Future>(work: F) -> F::Output {
    let (mut end, mut work) = (pin!(tokio::time::sleep(Duration::from_secs(60))), pin!(work));
    poll_fn(|cx| {
        assert!(end.as_mut().poll(cx).is_pending(), "it should come");
        work.as_mut().poll(cx)
    })
    .await
}

#[test]
fn a_body_that_comes_in_pieces_is_waited_for() {
    runtime().block_on(async {
        let transport = HyperTransport::new(&patient(|_| ())).unwrap();
        let (mut sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
        for piece in ["HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\n<o", "k"] {
            stream.writable().await.unwrap();
            stream.try_write(piece.as_bytes()).unwrap();
            // What is there is taken, and nothing else is.
            for _ in 0..10 {
                tokio::task::yield_now().await;
                assert!(poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await.is_pending());
            }
        }
        stream.try_write(b"/>").unwrap();
        assert_eq!(soon(sending).await.unwrap().body(), "<ok/>");
    });
}

#[test]
fn many_calls_in_one_task_are_all_answered() {
    const CALLS: usize = 200;
    let server = Server::new((0..3 * CALLS).map(|_| Play::Answer(OK.into())));
    runtime().block_on(async {
        let transport = HyperTransport::new(&patient(|_| ())).unwrap();
        for _ in 0..3 {
            let send = |_| Some(Transport::send(&transport, request("POST", &server.uri(), "<note/>"), LONG));
            let mut calls: Vec<_> = (0..CALLS).map(send).collect();
            let all = poll_fn(|cx| {
                for call in &mut calls {
                    if let Some(Poll::Ready(answer)) = call.as_mut().map(|sending| sending.as_mut().poll(cx)) {
                        assert_eq!(answer.unwrap().body(), "<ok/>");
                        *call = None;
                    }
                }
                if calls.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
            });
            soon(all).await;
        }
    });
}

/// tokio lets a task do so much at a time, and what comes after that has to wake it once more.
#[test]
fn a_task_that_has_done_much_is_woken_for_the_rest() {
    runtime().block_on(async {
        for left in 0..8 {
            let transport = HyperTransport::new(&patient(|_| ())).unwrap();
            let (mut sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
            stream.try_write(OK.as_bytes()).unwrap();
            tokio::task::yield_now().await;
            let mut done = left;
            let with_little_left = poll_fn(|cx| {
                while done < 128 {
                    done += 1;
                    let _ = pin!(tokio::task::coop::consume_budget()).poll(cx);
                }
                sending.as_mut().poll(cx)
            });
            assert_eq!(soon(with_little_left).await.unwrap().body(), "<ok/>");
        }
    });
}

#[test]
fn each_runtime_has_connections_of_its_own() {
    let server = Server::new([OK; 4].map(|answer| Play::Answer(answer.into())));
    let transport = HyperTransport::new(&patient(|_| ())).unwrap();
    let runtimes = [runtime(), runtime()];
    for runtime in [&runtimes[0], &runtimes[1], &runtimes[0], &runtimes[1]] {
        let sending = Transport::send(&transport, request("POST", &server.uri(), "<note/>"), LONG);
        runtime.block_on(async { soon(sending).await }).unwrap();
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 2, 1, 2]);
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_peer_that_never_comes_to_its_answer_ends_at_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        // Until the client lets go of it.
        while stream.write_all("HTTP/1.1 100 Continue\r\n\r\n".repeat(100).as_bytes()).is_ok() {}
    });
    let transport = HyperTransport::new(&patient(|_| ())).unwrap();
    let outcome = BlockingTransport::send(&transport, request("POST", &uri, SECRET), Duration::from_secs(1));
    assert_fails(outcome, TransportErrorKind::Timeout, true);
    drop(transport);
    peer.join().unwrap();
}

#[test]
fn a_request_whose_runtime_ended_may_have_run() {
    let transport = HyperTransport::new(&patient(|_| ())).unwrap();
    let first = runtime();
    let (sending, _stream) = first.block_on(send_until_it_arrives(&transport, "<note/>"));
    drop(first);
    assert_fails(runtime().block_on(sending), TransportErrorKind::Broken, true);
}

#[test]
fn a_request_that_is_given_up_ends_with_its_connection() {
    runtime().block_on(async {
        let transport = HyperTransport::new(&patient(|_| ())).unwrap();
        let (sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
        drop(sending);
        end_of(&stream).await;
    });
}

#[test]
fn a_request_that_was_answered_before_its_end_ends_with_its_connection() {
    runtime().block_on(async {
        let transport = HyperTransport::new(&patient(|_| ())).unwrap();
        // More than both ends of a connection hold.
        let (sending, stream) = send_until_it_arrives(&transport, &"<note/>".repeat(4_000_000)).await;
        stream.writable().await.unwrap();
        stream.try_write(b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\n").unwrap();
        assert_eq!(sending.await.unwrap().status().as_u16(), 413);
        end_of(&stream).await;
    });
}

#[test]
fn hyper_knows_that_nothing_was_sent_when_all_time_went_into_connecting() {
    for make in [hyper_transport, blocking_hyper_transport] {
        let (uri, _peer) = silent_peer();
        let settings = patient(|settings| settings.timeout = SHORT);
        assert_fails(make(&settings).send(request("POST", &uri, SECRET), LONG), TransportErrorKind::Timeout, false);
    }
}

/// Other tests again, in a process with proxies in its environment.
#[test]
fn no_transport_takes_a_proxy_from_the_environment() {
    let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
    let tests = tests.args(["get_has_neither_length_nor_body", "post_has_length_and_body"]);
    for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        tests.env(variable, "http://127.0.0.1:1");
    }
    let output = tests.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let transports = if cfg!(feature = "reqwest") { 3 } else { 2 };
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("test result: ok. {} passed", 2 * transports)), "{said}");
}

#[test]
fn blocking_hyper_works_and_ends_inside_of_a_runtime() {
    let server = Server::new([Play::Answer(OK.into()), Play::Answer(OK.into())]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let transport = HyperTransport::new(&Settings::default()).unwrap();
        for _ in 0..2 {
            BlockingTransport::send(&transport, request("GET", &server.uri(), ""), LONG).unwrap();
        }
    });
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 1]);
}

#[test]
fn blocking_hyper_has_no_more_connections_than_threads() {
    assert!(connections_of_threads(blocking_hyper_transport, 8) <= 8);
}

#[cfg(feature = "reqwest")]
#[test]
fn reqwest_takes_the_proxy_that_it_is_given() {
    let server = Server::answering(OK);
    let proxy = ::reqwest::Proxy::http(format!("http://{}", server.address)).unwrap();
    let transport = driven(reqwest_with(&Settings::default(), |client| client.proxy(proxy)));
    transport.send(request("GET", "http://acme.example.com/notes", ""), LONG).unwrap();
    assert_eq!(server.only().line(), "GET http://acme.example.com/notes HTTP/1.1");
}

#[cfg(feature = "reqwest")]
#[test]
fn reqwest_changes_no_address() {
    let transport = driven(reqwest_with(&Settings::default(), |client| client));
    for path in ["/a/../b", "/a/%2e%2e/b", "/a/./b", "/a?b='c'"] {
        let outcome = transport.send(request("GET", &format!("http://127.0.0.1{path}"), ""), LONG);
        assert_fails(outcome, TransportErrorKind::InvalidRequest, false);
    }
}

/// A gigabyte of nothing in a megabyte: one stretch of zeros, compressed by itself, again and again.
#[cfg(feature = "reqwest")]
fn bomb() -> Vec<u8> {
    let mut stretch = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    stretch.write_all(&vec![0; 1 << 20]).unwrap();
    stretch.flush().unwrap();
    let header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";
    [header, &*stretch.get_ref().repeat(1 << 10)].concat()
}

#[cfg(feature = "reqwest")]
#[test]
fn a_gzip_bomb_is_cut_off_at_the_cap() {
    const CAP: u64 = 3 << 20;
    let bomb = bomb();
    assert!(bomb.len() < 3 << 20, "{}", bomb.len());
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    let server = Server::new([Play::Close([head.as_bytes(), &bomb].concat())]);
    let settings = Settings { max_response: CAP, ..Settings::default() };
    let transport = driven(reqwest_with(&settings, |client| client));
    let mut outcome = None;
    let heap = allocation_counter::measure(|| outcome = Some(transport.send(request("GET", &server.uri(), ""), LONG)));
    assert_fails(outcome.unwrap(), TransportErrorKind::TooLarge, true);
    assert_eq!(server.only().header("accept-encoding"), ["gzip"]);
    assert!(heap.bytes_max < 3 * CAP, "{heap:?}");
}

#[cfg(feature = "reqwest")]
#[test]
fn reqwest_decodes_if_asked_to() {
    let mut body = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    body.write_all(b"<ok/>").unwrap();
    let body = body.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    let server = Server::new([Play::Answer([head.as_bytes(), &body].concat())]);
    let transport = driven(reqwest_with(&Settings { max_response: 5, ..Settings::default() }, |client| client));
    assert_eq!(transport.send(request("GET", &server.uri(), ""), LONG).unwrap().body(), "<ok/>");
}
