//! Concurrent calls share one refresh, even if the call that performs it is dropped.

use std::sync::mpsc;
use std::thread;

use backpack_api::oauth::Grant;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{AccessToken, ClientConfig, SERVICE, Secret, blocking};
use backpack_tests::examples::BASE;
use bytes::Bytes;

use super::concurrent_calls::ConcurrentCalls;
use super::test_servers::{
    CALLS, HookCounter, TestServers, assert_no_secret, async_client, blocking_client, expired_grant, new_grant,
    new_shared_grant, rejected_grant,
};
use crate::support::{USER_AGENT, client_config_with};

#[test]
fn an_expired_grant_is_refreshed_once_for_all_calls() {
    let servers = TestServers::with_paused_issuer();
    let servers_in_hook = servers.clone();
    let (sender, tokens) = mpsc::channel();
    let grant = expired_grant();
    grant.on_refreshed(move |grant| {
        assert_eq!(servers_in_hook.request_counts(), (1, 0), "no call continues before the hook has returned");
        sender.send(grant.access_token().expose().to_owned()).unwrap();
    });
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), CALLS);
    assert!(calls.run().is_empty());
    assert_eq!(servers.request_counts(), (1, 0));
    servers.resume_issuer();
    assert_eq!(calls.run_and_count_successes(), CALLS);
    assert_eq!(servers.request_counts(), (1, CALLS));
    assert_eq!(tokens.try_iter().collect::<Vec<_>>(), ["access-1"], "the hook is called once");
    assert_eq!(grant.grant().refresh_token().map(Secret::expose), Some("refresh-1"));
    assert_eq!(grant.grant().expires_at(), Some("2009-03-29T12:00:00Z".parse().unwrap()));
}

#[test]
fn an_expired_grant_is_refreshed_once_for_all_threads() {
    let servers = TestServers::default();
    servers.lock_state().calls_before_response = CALLS;
    let grant = expired_grant();
    let hook = HookCounter::watch(&grant);
    let client = blocking_client(&servers, &grant);
    let results: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(|| client.clone().users().list())).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((servers.request_counts(), hook.count()), ((1, CALLS), 1));
}

#[test]
fn a_rejected_token_is_refreshed_once_and_every_call_is_sent_again() {
    let servers = TestServers::with_paused_issuer();
    let grant = rejected_grant(&servers);
    let hook = HookCounter::watch(&grant);
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant).without_retries(), CALLS);
    assert!(calls.run().is_empty());
    assert_eq!(servers.request_counts(), (1, CALLS));
    servers.resume_issuer();
    assert!(calls.run().iter().all(Result::is_ok));
    assert_eq!((servers.request_counts(), hook.count()), ((1, 2 * CALLS), 1));
}

#[test]
fn a_rejected_call_is_sent_again_after_a_refresh_even_if_it_is_not_idempotent() {
    let transport = MemoryTransport::new()
        .respond(
            Response::builder().status(302).header("location", "https://acme.backpackit.com/login").body("").unwrap(),
        )
        .respond(Response::new(r#"{"access_token":"access-1"}"#))
        .respond(Response::new("<response success='true'><page title='Coast' id='1'/></response>"));
    let grant = new_shared_grant(0, i64::from(u32::MAX));
    let config = ClientConfig::new_insecure(&SERVICE, BASE, grant, USER_AGENT).unwrap();
    let client = blocking::Client::with_transport(config, transport.clone());
    assert_eq!(client.pages().create("Coast").unwrap().title, "Coast");
    let sent: Vec<_> =
        transport.requests().iter().map(|request| request.headers().get("authorization").cloned()).collect();
    assert_eq!(sent, [Some("Bearer access-0".parse().unwrap()), None, Some("Bearer access-1".parse().unwrap())]);
}

#[test]
fn a_token_that_was_replaced_meanwhile_is_not_refreshed_again() {
    let servers = TestServers::with_paused_issuer();
    let grant = rejected_grant(&servers);
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), 2);
    calls.run();
    grant.replace(new_grant(0, 1000));
    assert_eq!(calls.run().len(), 1, "the waiting call continues with the new grant");
    assert_eq!(servers.request_counts(), (1, 3));
}

#[test]
fn a_pending_refresh_does_not_overwrite_a_replaced_grant() {
    let servers = TestServers::with_paused_issuer();
    let grant = expired_grant();
    let hook = HookCounter::watch(&grant);
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), 1);
    calls.run();
    let replacement = Grant::new(AccessToken::new("access-1").unwrap(), None, None);
    grant.replace(replacement.clone());
    servers.resume_issuer();
    assert!(calls.run()[0].is_ok());
    assert_eq!((grant.grant(), hook.count()), (replacement, 0));
}

#[test]
fn a_rejected_refresh_does_not_affect_a_replaced_grant() {
    let rejection = Response::builder().status(400).body(Bytes::new()).unwrap();
    let servers = TestServers::with_paused_issuer().with_issuer_response(Ok(rejection));
    let grant = expired_grant();
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), 1);
    calls.run();
    grant.replace(rejected_grant(&servers).grant());
    servers.resume_issuer();
    assert!(calls.run()[0].is_ok(), "the replaced grant is used, and refreshed");
    assert_eq!(servers.request_counts(), (2, 2));
}

#[test]
fn when_a_refreshing_call_is_dropped_the_next_call_refreshes() {
    let servers = TestServers::with_paused_issuer();
    let grant = expired_grant();
    let hook = HookCounter::watch(&grant);
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), 4);
    calls.run();
    // The second call waits for the refresh that the first performs.
    calls.drop_call(1);
    calls.drop_call(0);
    assert!(calls.run().is_empty());
    assert_eq!(servers.request_counts(), (2, 0));
    servers.resume_issuer();
    assert_eq!(calls.run_and_count_successes(), 2);
    assert_eq!((servers.request_counts(), hook.count()), ((2, 2), 1));
}

#[test]
fn when_a_refreshing_call_is_dropped_a_blocking_call_refreshes() {
    let servers = TestServers::with_paused_issuer();
    let grant = expired_grant();
    let mut calls = ConcurrentCalls::new(&async_client(&servers, &grant), 1);
    calls.run();
    thread::scope(|scope| {
        let call = scope.spawn(|| blocking_client(&servers, &grant).users().list());
        servers.wait_until_started(2);
        calls.drop_call(0);
        assert!(call.join().unwrap().is_ok());
    });
    assert_eq!(servers.request_counts(), (2, 1));
}

#[test]
fn a_token_that_was_replaced_meanwhile_is_removed_from_errors_too() {
    let grant = new_shared_grant(0, i64::from(u32::MAX));
    let grant_in_transport = grant.clone();
    let transport = MemoryTransport::from_fn(move |request| {
        grant_in_transport.replace(new_grant(1, 1000));
        let status = request.headers()["authorization"].to_str().unwrap().replace("Bearer", "422 Not for");
        Response::builder().status(422).header("status", status).body(Bytes::new()).unwrap()
    });
    let client = blocking::Client::with_transport(client_config_with(grant), transport);
    let error = client.users().list().unwrap_err();
    assert_eq!(error.to_string(), "users.list: HTTP status 422: Not for …");
    assert_no_secret(&error);
}
