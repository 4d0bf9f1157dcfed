//! Expiry of tokens, and calls that have no time to wait for a refresh.

use std::time::Duration;

use backpack_api::oauth::{Grant, SharedGrant};
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::transport::{BlockingTransport, MemoryTransport};
use backpack_api::{AccessToken, blocking};
use bytes::Bytes;

use super::concurrent_calls::ConcurrentCalls;
use super::test_servers::{
    CALLS, HookCounter, TestServers, async_client, blocking_client, expired_grant, new_grant, new_shared_grant,
    rejected_grant, test_app,
};
use crate::support::client_config_with;

#[test]
fn a_token_is_refreshed_a_minute_before_it_expires() {
    for (expires_in, refreshes) in [(61, 0), (60, 1)] {
        let servers = TestServers::default();
        assert!(blocking_client(&servers, &new_shared_grant(0, expires_in)).users().list().is_ok());
        assert_eq!(servers.request_counts(), (refreshes, 1), "{expires_in}");
    }
}

/// The service allows ten calendar operations in five seconds. The eleventh waits, and the token expires meanwhile.
#[test]
fn a_token_that_expires_during_a_wait_for_the_rate_limiter_is_refreshed_before_it_is_sent() {
    let respond = |request: &Request<Bytes>| match request.uri().path() {
        "/authorization/token" => Response::new(r#"{"access_token":"access-1","expires_in":1209600}"#.into()),
        _ => Response::new("<calendars/>".into()),
    };
    let transport = MemoryTransport::from_fn(respond);
    let expires_at = BlockingTransport::wall_time(&transport) + Duration::from_secs(62);
    let [old, new] = [0, 1].map(|number| new_grant(number, 0));
    let grant = Grant::new(old.access_token().clone(), old.refresh_token().cloned(), Some(expires_at));
    let config = client_config_with(SharedGrant::new(test_app(), grant));
    let client = blocking::Client::with_transport(config, transport.clone());
    for _ in 0..11 {
        assert!(client.calendars().list().is_ok());
    }
    let bearer = |grant: &Grant| Some(format!("Bearer {}", grant.access_token().expose()));
    let sent: Vec<_> = transport
        .requests()
        .iter()
        .map(|request| request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned()))
        .collect();
    assert_eq!(sent[..10], vec![bearer(&old); 10]);
    assert_eq!(sent[10..], [None, bearer(&new)], "a request to the issuer, then the eleventh call");
    assert_eq!(transport.waits().len(), 1, "the refreshed token is sent in the slot that the call waited for");
}

#[test]
fn a_token_with_a_lifetime_below_a_minute_is_not_refreshed_by_every_call() {
    let short = Response::new(Bytes::from_static(br#"{"access_token":"access-0","expires_in":20}"#));
    let servers = TestServers::default().with_issuer_response(Ok(short));
    let client = blocking_client(&servers, &expired_grant());
    for _ in 0..3 {
        assert!(client.users().list().is_ok());
    }
    assert_eq!(servers.request_counts(), (1, 3));
}

#[test]
fn a_refreshed_token_that_expires_in_the_past_is_used_until_it_is_rejected() {
    let past = br#"{"access_token":"access-0","expires_at":"2009-03-15T11:00:00Z"}"#;
    let servers = TestServers::with_paused_issuer().with_issuer_response(Ok(Response::new(Bytes::from_static(past))));
    let grant = expired_grant();
    let hook = HookCounter::watch(&grant);
    let client = async_client(&servers, &grant);
    let mut calls = ConcurrentCalls::new(&client, CALLS);
    calls.run();
    servers.resume_issuer();
    assert_eq!(calls.run_and_count_successes(), CALLS);
    assert_eq!((servers.request_counts(), hook.count()), ((1, CALLS), 1));
    // Now the service accepts a newer token only, and the issuer the refresh token that belongs to it.
    servers.lock_state().issued_grants += 1;
    grant.replace(Grant::new(AccessToken::new("access-0").unwrap(), Some("refresh-1".into()), None));
    calls.add(&client);
    assert!(calls.run().last().unwrap().is_ok());
    assert_eq!(servers.request_counts(), (2, CALLS + 2));
}

#[test]
fn a_grant_without_a_refresh_token_is_used_until_it_is_rejected() {
    let servers = TestServers::default();
    let grant = Grant::new(AccessToken::new("access-0").unwrap(), None, new_grant(0, -1).expires_at());
    let client = blocking_client(&servers, &SharedGrant::new(test_app(), grant));
    assert!(client.users().list().is_ok());
    servers.lock_state().service_rejects_tokens = true;
    let error = client.users().list().unwrap_err();
    assert_eq!(error.to_string(), "users.list: could not refresh the access token: there is no refresh token");
    assert!(error.is_unauthorized() && error.was_sent());
    assert_eq!(servers.request_counts(), (0, 2));
}

#[test]
fn a_call_without_time_to_wait_for_a_refresh_times_out() {
    let servers = TestServers::with_paused_issuer();
    let client = async_client(&servers, &expired_grant());
    let mut calls = ConcurrentCalls::new(&client, 1);
    calls.run();
    servers.lock_state().waits_end_at_once = true;
    calls.add(&client);
    let error = calls.run().last().unwrap().as_ref().unwrap_err();
    assert!(!error.was_sent() && !error.is_unauthorized());
    assert_eq!(error.to_string(), "users.list: timed out waiting for the response");
    servers.resume_issuer();
    assert!(calls.run().last().unwrap().is_ok());
}

#[test]
fn a_rejected_call_without_time_to_wait_for_a_refresh_reports_the_rejection() {
    let servers = TestServers::with_paused_issuer();
    let client = async_client(&servers, &rejected_grant(&servers));
    let mut calls = ConcurrentCalls::new(&client, 1);
    calls.run();
    servers.lock_state().waits_end_at_once = true;
    calls.add(&client);
    let error = calls.run().last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.to_string(), "users.list: HTTP status 401: Unauthorized");
    assert!(error.was_sent() && error.is_unauthorized() && error.attempts().len() == 1);
}
