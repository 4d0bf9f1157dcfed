//! Errors of calls over a real connection, with both clients.

use backpack_api::runtime::client::{AsyncClient, BlockingClient};
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::transport::{HyperTransport, MemoryTransport, TransportConfig, TransportErrorKind};
use backpack_api::runtime::{ClientConfig, ServeEndpoint};
use backpack_api::{
    Error, NewReminder, PageId, ReminderId, SERVICE, UserId, calendars, notes, reminders, statuses, users,
};
use test_support::{Action, FaultServer};

use super::responses::assert_no_token;
use crate::support::{USER_AGENT, client_config, token, tokio_runtime};

/// Starts a server that sends the same response to each of the two clients and closes the connection.
fn start_server(response: &str) -> FaultServer {
    FaultServer::start([0; 2].map(|_| Action::Close(response.into())))
}

/// Makes the same call with both clients, which has to fail. Returns the errors of the blocking and the async client.
fn call_both<E: ServeEndpoint>(server: &FaultServer, request: &E) -> [Error; 2] {
    let config =
        ClientConfig::new(&SERVICE, &server.base_url(), token(), USER_AGENT).expect("the base URL should be valid");
    let transport = HyperTransport::new(&TransportConfig::default()).expect("TLS should be available");
    // One attempt: retries are tested in `transport_faults`, without waiting.
    let client =
        BlockingClient::new(config.clone(), transport.clone()).with_options(|options| options.max_attempts = 1);
    let blocking_error = client.call(request).expect_err("the call should fail");
    let client = AsyncClient::new(config, transport).with_options(|options| options.max_attempts = 1);
    let async_error = tokio_runtime().block_on(client.call(request)).expect_err("the call should fail");
    [blocking_error, async_error].map(|error| {
        assert_no_token(&error);
        error
    })
}

#[test]
fn a_failure_without_an_envelope_shows_its_status_and_reason() {
    let past = reminders::Create::new(NewReminder::new("Bread"));
    for response in [
        "HTTP/1.1 422 The reminder is in the past\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 422 The reminder is in the past\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>",
        "HTTP/1.1 422 Unprocessable Entity\r\nStatus: 422 The reminder is in the past\r\nConnection: close\r\n\r\nno",
    ] {
        for error in call_both(&start_server(response), &past) {
            assert_eq!(error.to_string(), "reminders.create: HTTP status 422: The reminder is in the past");
            assert_eq!((error.code(), error.message()), (Some(422), Some("The reminder is in the past")));
            assert!(error.was_sent());
        }
    }
    let gone = statuses::Show::new(UserId(7));
    for error in
        call_both(&start_server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), &gone)
    {
        assert_eq!(error.to_string(), "statuses.show: HTTP status 404: Not Found");
        assert_eq!((error.message(), error.is_not_found()), (None, true));
    }
    for error in
        call_both(&start_server("HTTP/1.1 403 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), &users::Me::new())
    {
        assert_eq!(error.to_string(), "users.me: HTTP status 403: Forbidden");
        assert!(error.is_unauthorized());
    }
}

#[test]
fn a_redirect_to_the_sign_in_page_is_unauthorized() {
    let response = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for error in call_both(&start_server(response), &notes::List::new(PageId(1))) {
        assert!(error.is_unauthorized(), "{error}");
    }
    for error in call_both(&start_server(response), &reminders::Destroy::new(ReminderId(1))) {
        assert!(error.is_unauthorized(), "{error}");
    }
}

#[test]
fn a_body_shorter_than_its_content_length_is_an_error() {
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<response success='true'></response>";
    for error in call_both(&start_server(response), &notes::List::new(PageId(1))) {
        let ErrorKind::Transport(transport) = error.kind() else { panic!("{error}") };
        assert_eq!(transport.kind(), TransportErrorKind::ConnectionLost);
        assert!(error.was_sent() && error.status().is_none() && error.code().is_none());
    }
}

#[test]
fn a_failed_connection_counts_as_not_sent() {
    let refusing = FaultServer::bind([]);
    let errors = [
        call_both(&refusing, &users::Me::new()),
        call_both(&refusing, &statuses::List::new()),
        call_both(&refusing, &calendars::List::new()),
    ];
    for error in errors.iter().flatten() {
        let ErrorKind::Transport(transport) = error.kind() else { panic!("{error}") };
        assert_eq!((transport.kind(), error.was_sent()), (TransportErrorKind::Connect, false));
        assert_eq!(error.to_string(), format!("{}: could not connect", error.operation().name));
    }
}

#[test]
fn errors_report_whether_the_transport_sent_the_request() {
    for (kind, was_sent) in [
        (TransportErrorKind::InvalidRequest, false),
        (TransportErrorKind::Connect, false),
        (TransportErrorKind::Tls, false),
        (TransportErrorKind::Timeout, true),
        (TransportErrorKind::ConnectionLost, true),
        (TransportErrorKind::Protocol, true),
        (TransportErrorKind::TooLarge, true),
    ] {
        let client = BlockingClient::new(client_config(), MemoryTransport::new().fail(kind))
            .with_options(|options| options.max_attempts = 1);
        let error = client.call(&users::Me::new()).unwrap_err();
        assert_no_token(&error);
        assert_eq!((error.was_sent(), error.to_string()), (was_sent, format!("users.me: {kind}")));
        assert!(!error.is_not_found() && !error.is_unauthorized() && !error.is_rate_limited());
    }
}
