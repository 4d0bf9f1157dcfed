//! Failed refreshes: the calls that fail with them, and whether the issuer is asked again.

use backpack_api::blocking;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
use bytes::Bytes;

use super::concurrent_calls::ConcurrentCalls;
use super::test_servers::{
    CALLS, HookCounter, TestServers, assert_no_secret, async_client, blocking_client, expired_grant, new_grant,
    new_shared_grant, rejected_grant,
};
use crate::support::client_config_with;

#[test]
fn a_rejected_refresh_fails_all_calls_until_the_grant_is_replaced() {
    let body = r#"{"error":"invalid_grant","error_description":"refresh-0 s3cret"}"#;
    let rejection = Response::builder().status(400).body(Bytes::from_static(body.as_bytes())).unwrap();
    let servers = TestServers::with_paused_issuer().with_issuer_response(Ok(rejection));
    let grant = expired_grant();
    let hook = HookCounter::watch(&grant);
    let client = async_client(&servers, &grant);
    let mut calls = ConcurrentCalls::new(&client, CALLS);
    calls.run();
    servers.resume_issuer();
    assert_eq!(calls.run().len(), CALLS);
    calls.add(&client);
    for result in calls.run() {
        let error = result.as_ref().unwrap_err();
        let text = "users.list: could not refresh the access token: the token issuer rejected the request: invalid_grant (HTTP status 400)";
        assert_eq!(error.to_string(), text);
        assert!(error.is_unauthorized() && !error.was_sent() && error.attempts().is_empty());
        assert_no_secret(error);
    }
    assert_eq!((servers.request_counts(), hook.count()), ((1, 0), 0));
    grant.replace(new_grant(0, 1000));
    calls.add(&client);
    assert!(calls.run().last().unwrap().is_ok());
    assert_eq!(servers.request_counts(), (1, 1));
}

#[test]
fn a_refresh_whose_response_is_lost_is_not_repeated_by_the_same_calls() {
    let servers =
        TestServers::with_paused_issuer().with_issuer_response(Err(TransportErrorKind::ConnectionLost.into()));
    let client = async_client(&servers, &expired_grant());
    let mut calls = ConcurrentCalls::new(&client, CALLS);
    calls.run();
    servers.resume_issuer();
    assert_eq!(calls.run().len(), CALLS, "calls that waited for the refresh fail too");
    for result in calls.run() {
        let error = result.as_ref().unwrap_err();
        assert!(!error.is_unauthorized() && !error.is_outcome_unknown() && !error.was_sent(), "{error}");
        assert_no_secret(error);
    }
    assert_eq!(servers.request_counts(), (1, 0));
    calls.add(&client);
    assert!(calls.run().last().unwrap().is_ok(), "the next call refreshes again");
    assert_eq!(servers.request_counts(), (2, 1));
}

#[test]
fn an_unreachable_or_busy_issuer_is_asked_again() {
    let busy = Response::builder().status(503).header("retry-after", "2").body(Bytes::new()).unwrap();
    let servers = TestServers::default()
        .with_issuer_response(Err(TransportErrorKind::Connect.into()))
        .with_issuer_response(Ok(busy));
    let client = blocking_client(&servers, &expired_grant());
    assert!(client.users().list().is_ok());
    assert_eq!((servers.request_counts(), servers.lock_state().waits), ((3, 1), 2));
    let servers = TestServers::default().with_issuer_response(Err(TransportErrorKind::Connect.into()));
    assert!(blocking_client(&servers, &expired_grant()).without_retries().users().list().is_err());
    assert_eq!(servers.request_counts(), (1, 0));
}

/// An issuer that asks for no wait would be asked again at once by every client that waits for it.
#[test]
fn a_busy_issuer_that_asks_for_no_wait_is_asked_again_after_the_backoff() {
    let busy = Response::builder().status(429).header("retry-after", "0").body("").unwrap();
    let refreshed = Response::new(r#"{"access_token":"access-1"}"#);
    let transport = MemoryTransport::new().respond(busy).respond(refreshed).respond(Response::new("<users/>"));
    let client = blocking::Client::with_transport(client_config_with(expired_grant()), transport.clone());
    assert!(client.users().list().is_ok());
    assert_eq!(transport.requests().len(), 3);
    assert!(matches!(&transport.waits()[..], [wait] if !wait.is_zero()), "{:?}", transport.waits());
}

#[test]
fn a_refresh_that_a_proxy_rejects_is_repeated_by_the_next_call() {
    let proxy = Response::builder().status(407).body(Bytes::new()).unwrap();
    let servers = TestServers::default().with_issuer_response(Ok(proxy));
    let client = blocking_client(&servers, &expired_grant());
    let error = client.users().list().unwrap_err();
    assert!(!error.is_unauthorized() && !error.was_sent(), "{error}");
    assert!(client.users().list().is_ok());
    assert_eq!(servers.request_counts(), (2, 1));
}

#[test]
fn a_refreshed_token_that_the_service_rejects_is_not_refreshed_again() {
    let servers = TestServers::default();
    servers.lock_state().service_rejects_tokens = true;
    let client = blocking_client(&servers, &rejected_grant(&servers));
    for calls in 1..4 {
        let error = client.users().list().unwrap_err();
        assert!(error.is_unauthorized() && error.was_sent(), "{error}");
        assert_eq!(servers.request_counts(), (1, calls + 1));
    }
}

/// After a refresh, only a response that shows that the service accepted the token allows another refresh.
#[test]
fn a_status_from_before_authentication_does_not_confirm_a_refreshed_token() {
    let failure = "<response success='false'><error code='500'>Sorry</error></response>";
    for (status, body, refreshes) in [(500, "", 1), (302, "", 1), (404, "", 2), (200, "<html>", 2), (500, failure, 2)] {
        let rejection = || Response::builder().status(401).body("").unwrap();
        let between = Response::builder().status(status).header("location", "https://elsewhere.example/").body(body);
        let refreshed = || Response::new(r#"{"access_token":"access-1"}"#);
        let transport = MemoryTransport::new().respond(rejection()).respond(refreshed()).respond(between.unwrap());
        let transport = transport.respond(rejection()).respond(refreshed()).respond(rejection());
        let config = client_config_with(new_shared_grant(0, i64::from(u32::MAX)));
        let client = blocking::Client::with_transport(config, transport.clone()).without_retries();
        assert!(client.pages().list().is_err(), "{status} {body}");
        assert!(client.pages().list().unwrap_err().is_unauthorized(), "{status} {body}");
        let found = transport.requests().iter().filter(|request| request.uri().path().ends_with("/token")).count();
        assert_eq!(found, refreshes, "{status} {body}");
    }
}
