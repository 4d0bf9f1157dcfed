//! Failures, and whether the request counts as sent.

use super::*;

cases! {
    closed_before_the_response_is_a_lost_connection
    cut_off_in_the_head_is_a_lost_connection
    cut_off_in_the_body_is_a_lost_connection
    rejects_a_response_that_is_not_http
    rejects_malformed_chunks
    rejects_a_head_that_is_too_large
    reads_a_response_with_a_hundred_header_fields
    limits_the_size_of_a_body
    limits_the_size_of_a_chunked_body
    a_refused_connection_is_a_connect_error
    an_unknown_host_is_a_connect_error
    a_peer_without_tls_is_a_tls_error
    rejects_invalid_urls
}

fn closed_before_the_response_is_a_lost_connection(create: CreateTransport) {
    let server = RawServer::new([Action::Close(Vec::new())]);
    assert_fails(send(create, "POST", &server.uri(), SECRET), TransportErrorKind::ConnectionLost, true);
    server.only_request();
}

fn cut_off_in_the_head_is_a_lost_connection(create: CreateTransport) {
    let server = RawServer::new([Action::Close(format!("HTTP/1.1 200 OK\r\nX-Echo: {SECRET}\r\n").into())]);
    assert_fails(send(create, "GET", &server.uri(), ""), TransportErrorKind::ConnectionLost, true);
    server.only_request();
}

fn cut_off_in_the_body_is_a_lost_connection(create: CreateTransport) {
    for framing in ["Content-Length: 50", "Transfer-Encoding: chunked"] {
        let server =
            RawServer::new([Action::Close(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n6\r\n{SECRET}\r\n").into())]);
        let result = send(create, "POST", &server.uri(), SECRET);
        let text = result.as_ref().unwrap_err().to_string();
        assert_eq!(text, "the connection was lost before the end of the response");
        assert_fails(result, TransportErrorKind::ConnectionLost, true);
        server.only_request();
    }
}

fn rejects_a_response_that_is_not_http(create: CreateTransport) {
    let server = RawServer::new([Action::Close(format!("{SECRET} 220 mail.example.com ESMTP\r\n\r\n").into())]);
    assert_fails(send(create, "POST", &server.uri(), SECRET), TransportErrorKind::Protocol, true);
    server.only_request();
}

fn rejects_malformed_chunks(create: CreateTransport) {
    for chunks in ["5ec4e7 bytes\r\n", "-1\r\n<ok/>\r\n", "\r\n\r\n", "5\r\n<ok/>5ec4e7", "fffffffffffffffff\r\n"] {
        let response = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let server = RawServer::new([Action::Close(response.into())]);
        assert_fails(send(create, "POST", &server.uri(), SECRET), TransportErrorKind::Protocol, true);
    }
}

/// Builds a response whose head has `count` header fields, each with `size` letters.
fn with_header_fields(count: usize, size: usize) -> String {
    let field = format!("X-Field: {}\r\n", "a".repeat(size));
    format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n{}\r\n<ok/>", field.repeat(count - 1))
}

fn rejects_a_head_that_is_too_large(create: CreateTransport) {
    let long_phrase = format!("HTTP/1.1 200 {}\r\nContent-Length: 0\r\n\r\n", "a".repeat(1 << 19));
    for response in [with_header_fields(101, 1), with_header_fields(2, 1 << 19), long_phrase] {
        let server = RawServer::new([Action::Hang(response.into())]);
        let result = send(create, "POST", &server.uri(), SECRET);
        let text = result.as_ref().unwrap_err().to_string();
        assert_eq!(text, "the head of the response is too large, or has more than 100 header fields");
        assert_fails(result, TransportErrorKind::HeadTooLarge, true);
    }
}

fn reads_a_response_with_a_hundred_header_fields(create: CreateTransport) {
    let server = RawServer::responding(&with_header_fields(100, 1000));
    let response = send(create, "GET", &server.uri(), "").unwrap();
    assert_eq!((response.headers().len(), &response.body()[..]), (100, &b"<ok/>"[..]));
}

fn limits_the_size_of_a_body(create: CreateTransport) {
    let config = TransportConfig { max_response_size: 5, ..TransportConfig::default() };
    let server = RawServer::responding(OK);
    assert_eq!(create(&config).send(build_request("GET", &server.uri(), ""), LONG).unwrap().body(), "<ok/>");

    let server = RawServer::responding("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n5ec4e7");
    let result = create(&config).send(build_request("GET", &server.uri(), ""), LONG);
    assert_fails(result, TransportErrorKind::TooLarge, true);
}

fn limits_the_size_of_a_chunked_body(create: CreateTransport) {
    // The body never ends, so only the size limit can end the response.
    let config = TransportConfig { max_response_size: 5, ..TransportConfig::default() };
    let action = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n5ec\r\n3\r\n4e7\r\n";
    let server = RawServer::new([Action::Hang(action.into())]);
    let result = create(&config).send(build_request("GET", &server.uri(), ""), LONG);
    assert_fails(result, TransportErrorKind::TooLarge, true);
}

fn a_refused_connection_is_a_connect_error(create: CreateTransport) {
    let server = RawServer::refusing();
    for uri in [server.uri(), server.https_uri()] {
        assert_fails(send(create, "POST", &uri, SECRET), TransportErrorKind::Connect, false);
    }
}

fn an_unknown_host_is_a_connect_error(create: CreateTransport) {
    // A label of 64 letters is too long for a host name, so the resolver sends no query.
    let uri = format!("http://{}.example.com/{SECRET}?token={SECRET}", "a".repeat(64));
    assert_fails(send(create, "POST", &uri, SECRET), TransportErrorKind::Connect, false);
}

fn a_peer_without_tls_is_a_tls_error(create: CreateTransport) {
    let server = RawServer::new([Action::Close("HTTP/1.1 400 Bad Request\r\n\r\n".into())]);
    assert_fails(send(create, "POST", &server.https_uri(), SECRET), TransportErrorKind::Tls, false);
    assert_eq!(server.requests().len(), 1, "the handshake");
}

fn rejects_invalid_urls(create: CreateTransport) {
    for uri in [
        "/5ec4e7",
        "ftp://example.com/5ec4e7",
        "acme.example.com:80",
        "http://5ec4e7:X@127.0.0.1/",
        "http://:80/5ec4e7",
        "*",
    ] {
        assert_fails(send(create, "GET", uri, SECRET), TransportErrorKind::InvalidRequest, false);
    }
}
