//! Requests as the server receives them.

use super::*;

cases! {
    get_has_no_length_and_no_body
    post_has_length_and_body
    empty_post_and_put_have_length_zero
    delete_may_have_a_body
    corrects_a_wrong_length_header
    passes_headers_through
    adds_no_headers_beyond_those_http_requires
    keeps_a_given_host_header
    sends_unusual_methods
}

fn get_has_no_length_and_no_body(create: CreateTransport) {
    let server = RawServer::responding(OK);
    let response = send(create, "GET", &server.uri(), "").unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"<ok/>"[..]));
    let received = server.only_request();
    assert_eq!(received.line(), format!("GET /{SECRET}/notes.xml?token={SECRET} HTTP/1.1"));
    assert_eq!(received.names(), ["host", "x-token"]);
    assert_eq!(received.header("host"), [server.address.to_string()]);
}

fn post_has_length_and_body(create: CreateTransport) {
    let server = RawServer::responding(OK);
    send(create, "POST", &server.uri(), "<note>Føre</note>").unwrap();
    let received = server.only_request();
    assert_eq!(received.names(), ["content-length", "host", "x-token"]);
    assert_eq!((received.header("content-length"), received.body()), (vec!["18"], "<note>Føre</note>"));
}

fn empty_post_and_put_have_length_zero(create: CreateTransport) {
    let server = RawServer::new([Action::Respond(OK.into()), Action::Respond(OK.into())]);
    let transport = create(&TransportConfig::default());
    for method in ["POST", "PUT"] {
        transport.send(build_request(method, &server.uri(), ""), LONG).unwrap();
    }
    for received in server.requests() {
        assert_eq!(received.header("content-length"), ["0"], "{received:?}");
        assert_eq!(received.names(), ["content-length", "host", "x-token"]);
    }
}

fn delete_may_have_a_body(create: CreateTransport) {
    let server = RawServer::new([Action::Respond(OK.into()), Action::Respond(OK.into())]);
    let transport = create(&TransportConfig::default());
    for body in ["<request/>", ""] {
        transport.send(build_request("DELETE", &server.uri(), body), LONG).unwrap();
    }
    let received = server.requests();
    assert_eq!((received[0].header("content-length"), received[0].body()), (vec!["10"], "<request/>"));
    assert_eq!(received[1].names(), ["host", "x-token"]);
}

fn corrects_a_wrong_length_header(create: CreateTransport) {
    let server = RawServer::responding(OK);
    let mut request = build_request("POST", &server.uri(), "<note/>");
    request.headers_mut().insert("content-length", "3".parse().unwrap());
    request.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    create(&TransportConfig::default()).send(request, LONG).unwrap();
    let received = server.only_request();
    assert_eq!(received.names(), ["content-length", "host", "x-token"]);
    assert_eq!(received.body(), "<note/>");
}

fn passes_headers_through(create: CreateTransport) {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nX-Two: a\r\nX-Two: b\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n",
    );
    let mut request = build_request("GET", &server.uri(), "");
    for (name, value) in [
        ("x-post_data_format", "xml"),
        ("user-agent", "Trip planner (jo@example.com)"),
        ("accept", "application/xml"),
        ("x-two", "first"),
        ("x-two", "second, \"third\""),
    ] {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    let response = create(&TransportConfig::default()).send(request, LONG).unwrap();
    let received = server.only_request();
    assert_eq!(received.names(), ["accept", "host", "user-agent", "x-post_data_format", "x-token", "x-two", "x-two"]);
    assert_eq!(received.header("x-post_data_format"), ["xml"]);
    assert_eq!(received.header("user-agent"), ["Trip planner (jo@example.com)"]);
    assert_eq!(received.header("x-two"), ["first", "second, \"third\""]);
    let two: Vec<_> = response.headers().get_all("x-two").iter().collect();
    assert_eq!(two, ["a", "b"]);
    assert_eq!(response.headers()["set-cookie"], "c=d");
}

fn adds_no_headers_beyond_those_http_requires(create: CreateTransport) {
    let first = "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n";
    let server = RawServer::new([Action::Respond(first.into()), Action::Respond(OK.into())]);
    let transport = create(&TransportConfig::default());
    for _ in 0..2 {
        transport.send(build_request("GET", &server.uri(), ""), LONG).unwrap();
    }
    for received in server.requests() {
        assert_eq!(received.names(), ["host", "x-token"]);
    }
}

fn keeps_a_given_host_header(create: CreateTransport) {
    let server = RawServer::responding(OK);
    let mut request = build_request("GET", &server.uri(), "");
    request.headers_mut().insert("host", "acme.example.com".parse().unwrap());
    create(&TransportConfig::default()).send(request, LONG).unwrap();
    assert_eq!(server.only_request().header("host"), ["acme.example.com"]);
}

fn sends_unusual_methods(create: CreateTransport) {
    let server = RawServer::responding(OK);
    send(create, "PURGE", &server.uri(), "<all/>").unwrap();
    let received = server.only_request();
    assert!(received.line().starts_with("PURGE /"), "{received:?}");
    assert_eq!(received.body(), "<all/>");
}
