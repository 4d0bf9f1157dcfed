//! Timeouts, and whether the request counts as sent.

use super::*;

cases! {
    silence_ends_at_the_timeout
    silence_in_the_body_ends_at_the_timeout
    silence_ends_at_the_read_timeout
    a_slow_body_ends_at_the_timeout
    a_silent_tls_peer_ends_at_the_connect_timeout
}

/// Sends a request with a short timeout over a connection that exists already, so that it counts as sent. `action` is
/// the server's reaction to it.
fn send_with_short_timeout(create: CreateTransport, action: Action) -> SendResult {
    let server = RawServer::new([Action::Respond(OK.into()), action]);
    let transport = create(&config_without_timeouts(|_| {}));
    transport.send(build_request("GET", &server.uri(), ""), LONG).unwrap();
    transport.send(build_request("POST", &server.uri(), SECRET), SHORT)
}

fn silence_ends_at_the_timeout(create: CreateTransport) {
    let server = RawServer::new([Action::Hang(Vec::new())]);
    let result = create(&config_without_timeouts(|config| config.timeout = SHORT))
        .send(build_request("POST", &server.uri(), SECRET), LONG);
    // On a busy machine, connecting may take all of the time.
    let was_sent = result.as_ref().is_err_and(TransportError::was_sent);
    assert_fails(result, TransportErrorKind::Timeout, was_sent);
    assert_fails(send_with_short_timeout(create, Action::Hang(Vec::new())), TransportErrorKind::Timeout, true);
}

fn silence_in_the_body_ends_at_the_timeout(create: CreateTransport) {
    let action = Action::Hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a>".into());
    assert_fails(send_with_short_timeout(create, action), TransportErrorKind::Timeout, true);
}

fn silence_ends_at_the_read_timeout(create: CreateTransport) {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a>"] {
        let server = RawServer::new([Action::Hang(bytes.into())]);
        let config = config_without_timeouts(|config| config.read_timeout = SHORT);
        let result = create(&config).send(build_request("POST", &server.uri(), SECRET), LONG);
        assert_fails(result, TransportErrorKind::Timeout, true);
    }
}

fn a_slow_body_ends_at_the_timeout(create: CreateTransport) {
    // Pieces of the body keep arriving, so no wait for a single piece times out.
    let action = Action::Drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".into(), b"1\r\n.\r\n".into());
    assert_fails(send_with_short_timeout(create, action), TransportErrorKind::Timeout, true);
}

fn a_silent_tls_peer_ends_at_the_connect_timeout(create: CreateTransport) {
    let peer = silent_peer();
    let config = config_without_timeouts(|config| config.connect_timeout = SHORT);
    let result = create(&config).send(build_request("POST", &peer.https_uri(), SECRET), LONG);
    assert_fails(result, TransportErrorKind::Timeout, false);
}

#[test]
fn a_timeout_while_connecting_counts_as_unsent() {
    for create in [create_hyper, create_blocking_hyper] {
        let peer = silent_peer();
        let config = config_without_timeouts(|config| config.timeout = SHORT);
        let result = create(&config).send(build_request("POST", &peer.https_uri(), SECRET), LONG);
        assert_fails(result, TransportErrorKind::Timeout, false);
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn endless_interim_responses_end_at_the_timeout() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
    let server = RawServer::new([Action::Drip(Vec::new(), interim.into())]);
    let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
    let request = build_request("POST", &server.uri(), SECRET);
    assert_fails(
        BlockingTransport::send(&transport, request, Duration::from_secs(1)),
        TransportErrorKind::Timeout,
        true,
    );
}
