//! Reuse of connections.

use super::*;

cases! {
    reuses_connections
    replaces_connections_that_the_response_closed
    replaces_connections_that_closed_while_idle
    a_request_on_a_reused_connection_that_breaks_counts_as_sent
    keeps_connections_of_origins_apart
    reads_a_response_that_comes_before_the_end_of_the_request
    serves_many_threads
    connects_to_this_machine_for_names_under_localhost
}

fn reuses_connections(create: CreateTransport) {
    let responses = ["HTTP/1.1 422 No title\r\nContent-Length: 2\r\n\r\nno", "HTTP/1.1 204 No Content\r\n\r\n", OK];
    let server = RawServer::new(responses.map(|response| Action::Respond(response.into())));
    let transport = create(&TransportConfig::default());
    let mut phrases = Vec::new();
    for method in ["POST", "DELETE", "GET"] {
        phrases.push(reason_phrase(&transport.send(build_request(method, &server.uri(), ""), LONG).unwrap()));
    }
    let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
    assert_eq!(connections, [1, 1, 1]);
    assert_eq!(phrases, [Some("No title".to_owned()), None, None]);
}

fn replaces_connections_that_the_response_closed(create: CreateTransport) {
    let close = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let server = RawServer::new([Action::Close(close.into()), Action::Respond(OK.into())]);
    let transport = create(&TransportConfig::default());
    for _ in 0..2 {
        transport.send(build_request("POST", &server.uri(), ""), LONG).unwrap();
    }
    let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
    assert_eq!(connections, [1, 2]);
}

fn replaces_connections_that_closed_while_idle(create: CreateTransport) {
    let server = RawServer::new([OK; 3].map(|response| Action::Respond(response.into())));
    let transport = create(&TransportConfig::default());
    for _ in 0..3 {
        transport.send(build_request("POST", &server.uri(), "<note/>"), LONG).unwrap();
        server.close_all();
    }
    let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
    assert_eq!(connections, [1, 2, 3]);
}

/// To the client, a peer that closes an idle connection looks much like a peer that fails during a request. Only the
/// latter may have applied the request.
fn a_request_on_a_reused_connection_that_breaks_counts_as_sent(create: CreateTransport) {
    for beginning in ["", "HTTP/1.1 200 OK\r\n"] {
        let server =
            RawServer::new([Action::Respond(OK.into()), Action::Close(beginning.into()), Action::Respond(OK.into())]);
        let transport = create(&TransportConfig::default());
        transport.send(build_request("POST", &server.uri(), "<note/>"), LONG).unwrap();
        let result = transport.send(build_request("POST", &server.uri(), SECRET), LONG);
        assert_fails(result, TransportErrorKind::ConnectionLost, true);
        let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
        assert_eq!(connections, [1, 1], "sent once");
    }
}

fn keeps_connections_of_origins_apart(create: CreateTransport) {
    let servers = [0; 3].map(|_| RawServer::new([OK; 2].map(|response| Action::Respond(response.into()))));
    let transport = create(&TransportConfig::default());
    for server in servers.iter().chain(servers.iter().rev()) {
        transport.send(build_request("POST", &server.uri(), "<note/>"), LONG).unwrap();
    }
    for server in servers {
        let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
        assert_eq!(connections, [1, 1]);
    }
}

fn reads_a_response_that_comes_before_the_end_of_the_request(create: CreateTransport) {
    let early = "HTTP/1.1 413 Too much\r\nContent-Length: 5\r\n\r\n<ok/>";
    let server = RawServer::new([Action::RespondUnread(early.into()), Action::Respond(OK.into())]);
    let transport = create(&config_without_timeouts(|_| ()));
    // The body is larger than the buffers of both ends, so a part is still unsent when the response arrives.
    let large_body = "<note/>".repeat(4_000_000);
    let response = transport.send(build_request("POST", &server.uri(), &large_body), LONG).unwrap();
    assert_eq!(response.status().as_u16(), 413);
    assert_eq!(transport.send(build_request("GET", &server.uri(), ""), LONG).unwrap().status().as_u16(), 200);
    assert_eq!(server.only_request().connection, 2);
}

fn connects_to_this_machine_for_names_under_localhost(create: CreateTransport) {
    let server = RawServer::new([OK; 3].map(|response| Action::Respond(response.into())));
    let transport = create(&TransportConfig::default());
    let hosts =
        ["localhost", "acme.localhost", "acme.localhost."].map(|name| format!("{name}:{}", server.address.port()));
    for host in &hosts {
        transport.send(build_request("GET", &format!("http://{host}/"), ""), LONG).unwrap();
    }
    let received: Vec<_> = server.requests().iter().map(|received| received.header("host").concat()).collect();
    assert_eq!(received, hosts);
}

fn serves_many_threads(create: CreateTransport) {
    count_connections_of_threads(create, 8);
}
