//! Timeouts, and whether the request counts as sent.

use std::io::{Read, Write};

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
    let action = Action::Drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".into());
    assert_fails(send_with_short_timeout(create, action), TransportErrorKind::Timeout, true);
}

fn a_silent_tls_peer_ends_at_the_connect_timeout(create: CreateTransport) {
    let (uri, _peer) = silent_peer();
    let config = config_without_timeouts(|config| config.connect_timeout = SHORT);
    assert_fails(create(&config).send(build_request("POST", &uri, SECRET), LONG), TransportErrorKind::Timeout, false);
}

#[test]
fn a_timeout_while_connecting_counts_as_unsent() {
    for create in [create_hyper, create_blocking_hyper] {
        let (uri, _peer) = silent_peer();
        let config = config_without_timeouts(|config| config.timeout = SHORT);
        assert_fails(
            create(&config).send(build_request("POST", &uri, SECRET), LONG),
            TransportErrorKind::Timeout,
            false,
        );
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn endless_interim_responses_end_at_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        // The loop ends when the client closes the connection.
        while stream.write_all("HTTP/1.1 100 Continue\r\n\r\n".repeat(100).as_bytes()).is_ok() {}
    });
    let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
    let result = BlockingTransport::send(&transport, build_request("POST", &uri, SECRET), Duration::from_secs(1));
    assert_fails(result, TransportErrorKind::Timeout, true);
    drop(transport);
    peer.join().unwrap();
}
