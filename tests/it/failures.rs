//! How calls fail: what a caller learns, and that no token is ever told.

use std::error::Error as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::client::{AsyncClient, BlockingClient};
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Response, StatusCode};
use backpack_api::runtime::transport::{HyperTransport, MemoryTransport, TransportConfig, TransportErrorKind};
use backpack_api::runtime::{Caller, ServeEndpoint, Visitor};
use backpack_api::{Error, calendars, notes, reminders, statuses, users};
use backpack_api::{NewReminder, PageId, ReminderId, UserId};
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::{AGENT, Failures, caller, first_case, first_cases, read, same, token};

fn answer(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).body(body.into()).expect("a status and a body make an answer")
}

fn answer_with(status: u16, header: &str, value: &str, body: &'static str) -> Response<Bytes> {
    let response = Response::builder().status(status).header(header, value);
    response.body(Bytes::from_static(body.as_bytes())).expect("a header and a body make an answer")
}

/// What an answer is to a caller: its value in words, or the error.
struct Outcome<'a>(&'a Response<Bytes>);

impl Visitor for Outcome<'_> {
    type Output = Result<String, Error>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        let result = E::from_response(self.0).map(|value| format!("{value:?}"));
        result.inspect_err(assert_no_token)
    }
}

/// Neither the error nor what caused it shows the token, to people or to programmers.
fn assert_no_token(error: &Error) {
    let mut texts = vec![format!("{error} {error:?} {error:#?}")];
    let mut cause = error.source();
    while let Some(next) = cause {
        texts.push(format!("{next} {next:?}"));
        cause = next.source();
    }
    assert!(!texts.concat().contains(TOKEN), "{texts:?}");
}

/// The error of an answer that should be one, which names its operation.
fn error(case: &Case<'_>, request: &AnyRequest, response: &Response<Bytes>) -> Result<Error, String> {
    let error = match request.clone().visit(Outcome(response)) {
        Ok(value) => return Err(format!("should be an error, and is {value}")),
        Err(error) => error,
    };
    let named = error.to_string().starts_with(&format!("{}: ", case.operation.name));
    if named && error.was_sent() { Ok(error) } else { Err(format!("names no operation, or was not sent: {error}")) }
}

/// Whether an operation's answer is in the body, so that something is due there.
fn is_due(case: &Case<'_>) -> bool {
    case.endpoint.response.shape.is_some() || case.operation.response_envelope().is_some()
}

// The failures of the ws style.

const NOT_FOUND: &[&str] = &[
    "<response success='false'><error code='404'>Record not found</error></response>",
    "<response success='false'><error code='404'>Record not found</item></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><error code=\"404\">Record not found</error></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success='false'>\n  <error code='404'>Record not found</item>\n</response>\n",
    "<response success='false'>\r\n<error code=' 404 '>Record not found</error>\r\n</response>\r\n",
    "<response success=\"false\"><error code=\"404\" id=\"3\">Record&#32;not found</error><hint/></response>",
    // Whatever the envelope claims.
    "<response><error code='404'>Record not found</error></response>",
];

/// Failures that say too little, or say it in a way of their own.
const VAGUE: &[&str] = &[
    "<response success='false'/>",
    "<response success='false'></response>",
    "<response success='false'><error>Internal error</error></response>",
    "<response success='false'><error code='E404'>Record not found</error></response>",
    "<response success='false'><error code=''>Record not found</error></response>",
    "<response success='false'><error code='404'/></response>",
    "<response success='no'><pages/><notes/><items/></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><pages/></response>",
];

#[test]
fn a_failure_that_says_too_little_is_no_success() {
    let api = schema::api();
    let mut failures = Failures::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| case.operation.response_envelope().is_some()) {
        for body in VAGUE {
            for status in [200, 404, 500] {
                let outcome = error(&case, &request, &answer(status, *body)).map(|_| ());
                failures.note(format!("{}, {status}, {body}", case.name()), outcome);
            }
        }
    }
    failures.finish();
}

#[test]
fn a_failure_is_understood_under_any_status() {
    let api = schema::api();
    let mut failures = Failures::default();
    let with_failure = |(case, _): &(Case<'_>, AnyRequest)| case.operation.style.failure.is_some();
    for (case, request) in first_cases(&api).filter(with_failure) {
        for text in NOT_FOUND {
            for status in [200, 404, 500] {
                let outcome =
                    error(&case, &request, &answer(status, *text)).and_then(|error| is_not_found(&error, status));
                failures.note(format!("{}, {status}, {text}", case.name()), outcome);
            }
        }
    }
    failures.finish();
}

fn is_not_found(error: &Error, status: u16) -> Result<(), String> {
    same("code", &error.code(), &Some(404))?;
    same("message", &error.message(), &Some("Record not found"))?;
    same("status", &error.status(), &StatusCode::from_u16(status).ok())?;
    let others = [error.is_unauthorized(), error.is_rate_limited()];
    same("what it is", &(error.is_not_found(), others), &(true, [false; 2]))?;
    let shown = match status {
        404 => format!("{}: Record not found (code 404)", error.operation().name),
        _ => format!("{}: Record not found (code 404, HTTP status {status})", error.operation().name),
    };
    same("text", &error.to_string(), &shown)
}

#[test]
fn an_internal_error_is_no_missing_record() {
    let api = schema::api();
    let (case, request) = first_case(&api, "notes.create");
    for status in [200, 404, 500] {
        let body = "<response success='false'><error code='500'>Internal error</error></response>";
        let error = error(&case, &request, &answer(status, body)).unwrap();
        assert_eq!((error.code(), error.message()), (Some(500), Some("Internal error")));
        assert!(!error.is_not_found());
    }
}

#[test]
fn a_failure_that_is_cut_off_is_still_a_failure() {
    let api = schema::api();
    let mut failures = Failures::default();
    let with_failure = |(case, _): &(Case<'_>, AnyRequest)| case.operation.style.failure.is_some();
    for (case, request) in first_cases(&api).filter(with_failure) {
        for text in NOT_FOUND {
            for end in 0..text.trim_end().len() {
                let body = text.get(..end).expect("the texts are ASCII");
                let outcome = error(&case, &request, &answer(200, body)).map(drop);
                failures.note(format!("{}, {body}", case.name()), outcome);
            }
        }
    }
    failures.finish();
}

// Bodies that are no answers.

#[test]
fn what_follows_an_answer_makes_it_none() {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        let Some(response) = case.response().filter(|response| !response.body().is_empty()) else { continue };
        let request = read(&case.request()).unwrap();
        for rest in ["<html/>", "more", "</response>", "&amp;", "<!--", "<?xml version='1.0'?>"] {
            let longer = response.clone().map(|body| Bytes::from([&body, rest.as_bytes()].concat()));
            failures.note(format!("{} and {rest}", case.name()), error(&case, &request, &longer).map(drop));
        }
    }
    failures.finish();
}

const WEB_PAGES: &[&str] = &[
    "<!DOCTYPE html>\n<html><body>0123456789abcdef0123456789abcdef01234567</body></html>",
    "\r\n  <!doctype html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"><html/>",
    "<html><head><title>Sign in</title></head></html>",
    "<HTML LANG=en><P>Down for maintenance",
];

#[test]
fn a_web_page_is_no_answer() {
    each_due(|case, request| {
        for page in WEB_PAGES {
            let error = error(case, request, &answer(200, *page))?;
            let text = format!("{}: the answer (HTTP status 200) is a web page, not what was due", case.operation.name);
            same("text", &error.to_string(), &text)?;
            same("status", &error.status(), &Some(StatusCode::OK))?;
            same("code", &error.code(), &None)?;
        }
        Ok(())
    });
}

#[test]
fn an_empty_body_is_no_answer() {
    each_due(|case, request| {
        for body in ["", " ", "\r\n"] {
            let error = error(case, request, &answer(200, body))?;
            same("it says so", &error.to_string().ends_with("the document is empty"), &true)?;
        }
        for body in ["\u{feff}", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!-- nothing -->"] {
            let error = error(case, request, &answer(200, body))?;
            same("it says so", &error.to_string().contains("is cut off"), &true)?;
        }
        Ok(())
    });
}

#[test]
fn something_else_is_no_answer() {
    each_due(|case, request| {
        for body in [
            "OK",
            "{\"token\": \"0123456789abcdef0123456789abcdef01234567\"}",
            "<other/>",
            "<response/><response/>",
            "<a>",
        ] {
            error(case, request, &answer(200, body))?;
        }
        error(case, request, &answer(200, &b"<response success='true'>\xff</response>"[..]))?;
        error(case, request, &answer(200, &b"\xff\xfe<\0a\0/\0>\0"[..])).map(drop)
    });
}

/// An operation whose answer has nothing in its body does not look at it: success is all that there is to know, and the
/// status has said it. One whose value is in the `Location` needs that, whatever the body is.
#[test]
fn where_nothing_is_due_only_a_web_page_is_an_error() {
    let api = schema::api();
    let mut failures = Failures::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| !is_due(case)) {
        for body in ["", "OK", "<ok", "<HTML/>", "\n<!doctype html><p>Sign in</p>"] {
            let result = request.clone().visit(Outcome(&answer(200, body)));
            let page = body.to_lowercase().contains("html");
            let outcome = match (&case.endpoint.response.value, result) {
                (None, result) if !page => result.map(drop).map_err(|error| error.to_string()),
                (None, Err(error)) if error.to_string().contains("web page") => Ok(()),
                (None, result) => Err(format!("should be an error: {result:?}")),
                (Some(_), Ok(value)) => Err(format!("comes out of nothing: {value}")),
                (Some(_), Err(_)) => Ok(()),
            };
            failures.note(format!("{}, {body}", case.name()), outcome);
        }
    }
    failures.finish();
}

fn each_due(test: impl Fn(&Case<'_>, &AnyRequest) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| is_due(case)) {
        failures.note(case.name(), test(&case, &request));
    }
    failures.finish();
}

#[test]
fn no_text_of_a_document_is_told() {
    let secret = "<calendars><calendar><account-id>TOKEN</account-id><color>TOKEN</color></calendar></calendars>";
    let mut bodies = vec![secret.to_owned()];
    for field in ["account-id", "created-at", "ical-subscription-url", "id", "token"] {
        bodies
            .push(format!("<calendars><calendar><{field} note='TOKEN'>TOKEN\n TOKEN</{field}></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field}>TOKEN</TOKEN></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field} a='TOKEN' a='TOKEN'/></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field}>&TOKEN;</{field}></calendar></calendars>"));
    }
    for body in bodies {
        let response = answer(200, body.replace("TOKEN", TOKEN));
        let error = calendars::List::new().visited(&response).unwrap_err();
        assert!(
            error.to_string().starts_with("calendars.list: the answer (HTTP status 200) cannot be read: "),
            "{error}"
        );
    }
}

/// An endpoint as what visits it sees it.
trait Visited: ServeEndpoint {
    fn visited(self, response: &Response<Bytes>) -> Result<String, Error> {
        Outcome(response).visit(self)
    }
}

impl<E: ServeEndpoint> Visited for E {}

// Statuses.

#[test]
fn every_failing_status_is_an_error() {
    let api = schema::api();
    let mut failures = Failures::default();
    for (case, request) in first_cases(&api) {
        for status in (300..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
            for body in [
                "",
                "<html>0123456789abcdef0123456789abcdef01234567</html>",
                "Sorry.",
                "<errors><error>No</error></errors>",
            ] {
                let outcome = error(&case, &request, &answer(status.as_u16(), body)).and_then(|error| {
                    let phrase = status.canonical_reason().unwrap_or("without a reason");
                    let text = format!("{}: HTTP status {}: {phrase}", case.operation.name, status.as_u16());
                    same("text", &error.to_string(), &text)?;
                    same("code", &error.code(), &Some(status.as_u16().into()))?;
                    same("is_not_found", &error.is_not_found(), &(status == 404))?;
                    let documented = case.operation.fails.iter().any(|(status, _)| *status == 403);
                    let unauthorized = status == 401 || (status == 403 && !documented);
                    same("is_unauthorized", &error.is_unauthorized(), &unauthorized)?;
                    same("is_forbidden", &error.is_forbidden(), &(status == 403))?;
                    same("is_rate_limited", &error.is_rate_limited(), &(status == 429))?;
                    same("retry_after", &error.retry_after(), &None)
                });
                failures.note(format!("{}, {status}, {body}", case.name()), outcome);
            }
        }
    }
    failures.finish();
}

#[test]
fn a_redirect_to_the_sign_in_page_means_the_token() {
    let api = schema::api();
    for (case, request) in first_cases(&api) {
        for location in [
            "/login",
            "http://acme.backpackit.com/login",
            "https://acme.backpackit.com/login?back=/0123456789abcdef0123456789abcdef01234567/users.xml",
        ] {
            let error = error(&case, &request, &answer_with(302, "location", location, "<html/>")).unwrap();
            assert!(error.is_unauthorized() && !error.is_not_found(), "{error}");
            let text = "the token was not accepted (HTTP status 302, to the sign-in page)";
            assert_eq!(error.to_string(), format!("{}: {text}", case.operation.name));
        }
        for location in [
            "/",
            "/logins",
            "https://acme.backpackit.com/0123456789abcdef0123456789abcdef01234567/users.xml",
            "/pub/login",
        ] {
            let error = error(&case, &request, &answer_with(302, "location", location, "")).unwrap();
            assert!(!error.is_unauthorized(), "{location}: {error}");
        }
    }
}

#[test]
fn too_many_requests_say_when_to_come_back() {
    let list = || calendars::List::new();
    for status in [503, 429] {
        for body in ["", "<html>Slow down</html>"] {
            let error = list().visited(&answer_with(status, "retry-after", " 5 ", body)).unwrap_err();
            assert!(error.is_rate_limited(), "{error}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
        }
    }
    let error = list().visited(&answer_with(500, "retry-after", "5", "")).unwrap_err();
    assert!(!error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}

// Over a connection.

/// A server that plays one answer to each request, and closes the connection. It stops when the test does.
fn play(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port should be free");
    let address = listener.local_addr().expect("a listener should have an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection should come about");
            read_request(&stream);
            stream.write_all(answer.as_bytes()).expect("the client should listen");
        }
    });
    address
}

fn read_request(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the client should send");
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length is a number");
        }
        if line.trim_end().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("the body should be whole");
}

/// The same call with both clients.
fn both<E: ServeEndpoint>(address: SocketAddr, request: &E) -> [Error; 2] {
    let caller = Caller::new(&format!("http://{address}"), token(), AGENT).expect("an address");
    let hyper = HyperTransport::new(&TransportConfig::default()).expect("TLS should be there");
    // One attempt: what is sent again is shown in `faults`, where no time passes.
    let client = BlockingClient::new(caller.clone(), hyper.clone()).with(|options| options.attempts = 1);
    let blocking = client.call(request).expect_err("the call should fail");
    let client = AsyncClient::new(caller, hyper);
    let client = client.with(|options| options.attempts = 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime should start");
    let waiting = runtime.block_on(client.call(request)).expect_err("the call should fail");
    [blocking, waiting].map(|error| {
        assert_no_token(&error);
        error
    })
}

#[test]
fn a_rest_failure_shows_its_status_and_its_sentence() {
    let past = reminders::Create::new(NewReminder::new("Bread"));
    for answer in [
        "HTTP/1.1 422 The reminder is in the past\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 422 The reminder is in the past\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>",
        "HTTP/1.1 422 Unprocessable Entity\r\nStatus: 422 The reminder is in the past\r\nConnection: close\r\n\r\nno",
    ] {
        for error in both(play(answer), &past) {
            assert_eq!(error.to_string(), "reminders.create: HTTP status 422: The reminder is in the past");
            assert_eq!((error.code(), error.message()), (Some(422), Some("The reminder is in the past")));
            assert!(error.was_sent());
        }
    }
    let gone = statuses::Show::new(UserId(7));
    for error in both(play("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), &gone) {
        assert_eq!(error.to_string(), "statuses.show: HTTP status 404: Not Found");
        assert_eq!((error.message(), error.is_not_found()), (None, true));
    }
    for error in both(play("HTTP/1.1 403 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), &users::Me::new()) {
        assert_eq!(error.to_string(), "users.me: HTTP status 403: Forbidden");
        assert!(error.is_unauthorized());
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for error in both(play(answer), &notes::List::new(PageId(1))) {
        assert!(error.is_unauthorized(), "{error}");
    }
    for error in both(play(answer), &reminders::Destroy::new(ReminderId(1))) {
        assert!(error.is_unauthorized(), "{error}");
    }
}

#[test]
fn a_body_shorter_than_announced_is_an_error() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<response success='true'></response>";
    for error in both(play(answer), &notes::List::new(PageId(1))) {
        let ErrorKind::Transport(transport) = error.kind() else { panic!("{error}") };
        assert_eq!(transport.kind(), TransportErrorKind::ConnectionLost);
        assert!(error.was_sent() && error.status().is_none() && error.code().is_none());
    }
}

#[test]
fn no_connection_means_nothing_was_sent() {
    // The near end of a connection has a port where nobody listens, and which nobody else can be given meanwhile.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let nobody = taken.local_addr().unwrap();
    let errors =
        [both(nobody, &users::Me::new()), both(nobody, &statuses::List::new()), both(nobody, &calendars::List::new())];
    for error in errors.iter().flatten() {
        let ErrorKind::Transport(transport) = error.kind() else { panic!("{error}") };
        assert_eq!((transport.kind(), error.was_sent()), (TransportErrorKind::Connect, false));
        assert_eq!(error.to_string(), format!("{}: could not connect", error.operation().name));
    }
}

#[test]
fn what_the_transport_says_about_sending_is_kept() {
    for (kind, sent) in [
        (TransportErrorKind::InvalidRequest, false),
        (TransportErrorKind::Connect, false),
        (TransportErrorKind::Tls, false),
        (TransportErrorKind::Timeout, true),
        (TransportErrorKind::ConnectionLost, true),
        (TransportErrorKind::Protocol, true),
        (TransportErrorKind::TooLarge, true),
    ] {
        let client =
            BlockingClient::new(caller(), MemoryTransport::new().fail(kind)).with(|options| options.attempts = 1);
        let error = client.call(&users::Me::new()).unwrap_err();
        assert_no_token(&error);
        assert_eq!((error.was_sent(), error.to_string()), (sent, format!("users.me: {kind}")));
        assert!(!error.is_not_found() && !error.is_unauthorized() && !error.is_rate_limited());
    }
}
