//! Details of an error that a program can ask for: its kind, and the body of the response.

use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
use backpack_api::{Error, PageId, blocking};
use backpack_tests::examples::TOKEN;

use super::responses::new_response;
use crate::support::client_config;

/// Calls an operation over a transport, without retries, and returns its error.
fn call(transport: MemoryTransport) -> Error {
    let client = blocking::Client::with_transport(client_config(), transport).without_retries();
    client.pages().show(PageId(9)).unwrap_err()
}

fn respond(status: u16, body: impl Into<bytes::Bytes>) -> Error {
    call(MemoryTransport::new().respond(new_response(status, body)))
}

#[test]
fn each_predicate_is_true_for_its_kind_of_error_only() {
    let predicates = |error: &Error| {
        [error.is_timeout(), error.is_connect(), error.is_validation(), error.is_not_found(), error.is_rate_limited()]
    };
    let timeout = call(MemoryTransport::new().fail(TransportErrorKind::Timeout));
    assert_eq!(predicates(&timeout), [true, false, false, false, false]);
    let refused = call(MemoryTransport::new().fail(TransportErrorKind::Connect));
    assert_eq!(predicates(&refused), [false, true, false, false, false]);
    assert_eq!(predicates(&respond(422, "")), [false, false, true, false, false]);
    assert_eq!(predicates(&respond(404, "")), [false, false, false, true, false]);
    assert_eq!(predicates(&respond(429, "")), [false, false, false, false, true]);
}

#[test]
fn the_body_of_a_failed_response_is_kept_but_not_shown() {
    for status in [200, 403, 500] {
        let error = respond(status, "<html>out of order</html>");
        assert_eq!(error.response_body(), Some("<html>out of order</html>"), "{status}");
        assert!(!format!("{error} {error:?}").contains("out of order"), "{error:?}");
    }
    assert_eq!(call(MemoryTransport::new().fail(TransportErrorKind::Connect)).response_body(), None);
}

#[test]
fn the_token_is_replaced_in_the_body_of_a_failed_response() {
    let error = respond(500, format!("no user has {TOKEN}, and none had it"));
    assert_eq!(error.response_body(), Some("no user has …, and none had it"));
}

#[test]
fn the_body_of_a_failed_response_is_bounded_and_has_no_token_even_at_its_end() {
    for spelling in [TOKEN.to_owned(), TOKEN.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect()] {
        // The token is cut at every position.
        for before in 16 * 1024 - spelling.len() - 3..16 * 1024 + 3 {
            let error = respond(500, format!("{}{spelling}{}", "-".repeat(before), "-".repeat(500)));
            let body = error.response_body().unwrap();
            assert!(body.len() <= 16 * 1024 && body.len() > 15 * 1024);
            assert!(body.trim_start_matches('-').chars().all(|c| c == '…' || c == '-'), "{}", &body[before - 9..]);
        }
    }
}
