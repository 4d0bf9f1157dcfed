//! Calls that are made during a refresh, from the hook or from the transport.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::{BlockingTransport, MemoryTransport};
use backpack_api::{Client, blocking};
use bytes::Bytes;

use super::concurrent_calls::ConcurrentCalls;
use super::test_servers::{TestServers, blocking_client, expired_grant};
use crate::support::client_config_with;

/// Slot for a client that a closure uses and that is created after the closure.
type ClientSlot<C> = Arc<Mutex<Option<C>>>;

#[test]
fn a_call_in_memory_waits_for_the_refresh_of_another_call() {
    let slot: ClientSlot<Client> = Arc::default();
    let inner_calls: Arc<Mutex<ConcurrentCalls>> = Arc::default();
    let (slot_in_transport, calls_in_transport) = (Arc::clone(&slot), Arc::clone(&inner_calls));
    let transport = MemoryTransport::from_fn(move |request| {
        if request.method() == "GET" {
            return Response::new(Bytes::from_static(b"<users/>"));
        }
        let mut calls = calls_in_transport.lock().unwrap();
        calls.add(slot_in_transport.lock().unwrap().as_ref().unwrap());
        assert!(calls.run().is_empty(), "the call waits");
        Response::new(Bytes::from_static(br#"{"access_token":"access-1"}"#))
    });
    let client = Client::with_transport(client_config_with(expired_grant()), transport.clone());
    *slot.lock().unwrap() = Some(client.clone());
    assert!(ConcurrentCalls::new(&client, 1).run()[0].is_ok());
    assert!(inner_calls.lock().unwrap().run()[0].is_ok());
    assert_eq!((transport.requests().len(), transport.waits()), (3, Vec::new()));
}

#[test]
fn the_hook_can_call_the_service() {
    let servers = TestServers::default();
    let slot: ClientSlot<blocking::Client> = Arc::default();
    let slot_in_hook = Arc::clone(&slot);
    let succeeded = Arc::new(AtomicBool::new(false));
    let succeeded_in_hook = Arc::clone(&succeeded);
    let grant = expired_grant();
    grant.on_refreshed(move |_| {
        let client = slot_in_hook.lock().unwrap().clone().unwrap();
        succeeded_in_hook.store(client.users().list().is_ok(), Ordering::SeqCst);
    });
    let client = blocking_client(&servers, &grant);
    *slot.lock().unwrap() = Some(client.clone());
    assert!(client.users().list().is_ok() && succeeded.load(Ordering::SeqCst));
    assert_eq!(servers.request_counts(), (1, 2));
}

#[test]
fn the_hook_can_call_the_service_even_after_the_new_token_has_expired() {
    let transport = MemoryTransport::new()
        .respond(Response::new(r#"{"access_token":"access-1","expires_in":60}"#))
        .respond(Response::new("<users/>"))
        .respond(Response::new("<users/>"));
    let slot: ClientSlot<Client> = Arc::default();
    let (slot_in_hook, clock) = (Arc::clone(&slot), transport.clone());
    let succeeded = Arc::new(AtomicBool::new(false));
    let succeeded_in_hook = Arc::clone(&succeeded);
    let grant = expired_grant();
    grant.on_refreshed(move |_| {
        BlockingTransport::wait(&clock, Duration::from_secs(60));
        let mut calls = ConcurrentCalls::new(slot_in_hook.lock().unwrap().as_ref().unwrap(), 1);
        let results = calls.run();
        succeeded_in_hook.store(results.len() == 1 && results.iter().all(Result::is_ok), Ordering::SeqCst);
    });
    let client = Client::with_transport(client_config_with(grant), transport.clone())
        .with_options(|options| options.respect_rate_limits = false);
    *slot.lock().unwrap() = Some(client.clone());
    let mut calls = ConcurrentCalls::new(&client, 1);
    let results = calls.run();
    assert!(results[0].is_ok(), "{results:?}");
    assert!(succeeded.load(Ordering::SeqCst));
    let sent: Vec<_> = transport.requests().iter().map(|request| request.uri().path().to_owned()).collect();
    assert_eq!(sent, ["/authorization/token", "/users.xml", "/users.xml"]);
}
