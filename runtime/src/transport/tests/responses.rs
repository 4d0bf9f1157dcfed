//! Responses as the client receives them.

use super::*;

cases! {
    returns_redirects_as_responses
    returns_error_statuses_as_responses
    reads_responses_without_a_body
    reads_chunked_responses
    reads_responses_that_end_with_the_connection
    rejects_encoded_responses
    reads_the_reason_phrase_of_the_status_line
    reads_the_reason_phrase_after_an_interim_response
    reads_the_reason_phrase_of_the_status_header
}

fn returns_redirects_as_responses(create: CreateTransport) {
    for code in [301, 302, 303, 307, 308] {
        for rest in ["Content-Length: 0\r\n\r\n", "Content-Length: 5\r\n\r\nmoved"] {
            let server = RawServer::responding(&format!("HTTP/1.1 {code} Found\r\nLocation: /login\r\n{rest}"));
            let response = send(create, "POST", &server.uri(), "<note/>").unwrap();
            assert_eq!(response.status().as_u16(), code);
            assert_eq!(response.headers()["location"], "/login");
            assert_eq!(response.body().is_empty(), rest.ends_with("\r\n"));
            server.only_request();
        }
    }
    let server = RawServer::responding("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    let response = send(create, "GET", &server.uri(), "").unwrap();
    assert_eq!(response.status().as_u16(), 302);
}

fn returns_error_statuses_as_responses(create: CreateTransport) {
    for code in [400, 401, 403, 404, 407, 422, 500, 503, 599] {
        let server =
            RawServer::responding(&format!("HTTP/1.1 {code} Oh\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"));
        let response = send(create, "POST", &server.uri(), "<note/>").unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (code, &b"no"[..]));
        assert_eq!(response.headers()["retry-after"], "3");
        server.only_request();
    }
}

fn reads_responses_without_a_body(create: CreateTransport) {
    let server = RawServer::new([
        Action::Respond("HTTP/1.1 204 No Content\r\n\r\n".into()),
        Action::Respond("HTTP/1.1 201 Created\r\nLocation: /reminders/9\r\nContent-Length: 0\r\n\r\n".into()),
    ]);
    let transport = create(&TransportConfig::default());
    for code in [204, 201] {
        let response = transport.send(build_request("DELETE", &server.uri(), ""), LONG).unwrap();
        assert_eq!((response.status().as_u16(), response.body().len()), (code, 0));
    }
}

fn reads_chunked_responses(create: CreateTransport) {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n4\r\n</a>\r\n0\r\n\r\n",
    );
    assert_eq!(send(create, "GET", &server.uri(), "").unwrap().body(), "<a></a>");
}

fn reads_responses_that_end_with_the_connection(create: CreateTransport) {
    for version in ["1.0", "1.1"] {
        let server = RawServer::new([Action::Close(format!("HTTP/{version} 200 OK\r\n\r\n<a></a>").into())]);
        assert_eq!(send(create, "GET", &server.uri(), "").unwrap().body(), "<a></a>");
    }
}

fn rejects_encoded_responses(create: CreateTransport) {
    for coding in ["gzip", "identity, br", "x-gzip", "\u{e9}"] {
        let response = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 3\r\n\r\nabc");
        assert_fails(
            send(create, "GET", &RawServer::responding(&response).uri(), ""),
            TransportErrorKind::UnexpectedEncoding,
            true,
        );
    }
    for rest in ["identity\r\nContent-Length: 3\r\n\r\nabc", "gzip\r\nContent-Length: 0\r\n\r\n"] {
        let server = RawServer::responding(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: {rest}"));
        let response = send(create, "GET", &server.uri(), "").unwrap();
        assert!(rest.ends_with(str::from_utf8(response.body()).unwrap()));
    }
}

fn reads_the_reason_phrase_of_the_status_line(create: CreateTransport) {
    for (line, phrase) in [
        ("422 The reminder is in the past", Some("The reminder is in the past")),
        ("403 Not yours: ask \"Jo\"", Some("Not yours: ask \"Jo\"")),
        ("422 Unprocessable Entity", None),
        ("200 OK", None),
        ("200 Fine", Some("Fine")),
        ("200 ", None),
        ("200", None),
    ] {
        let server = RawServer::responding(&format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n"));
        let response = send(create, "GET", &server.uri(), "").unwrap();
        assert_eq!(response.extensions().get::<ReasonPhrase>().map(|phrase| phrase.0.as_str()), phrase, "{line}");
        assert_eq!(reason_phrase(&response).as_deref(), phrase, "{line}");
    }
}

fn reads_the_reason_phrase_after_an_interim_response(create: CreateTransport) {
    let server = RawServer::responding(
        "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 404 No such page\r\nContent-Length: 0\r\n\r\n",
    );
    let response = send(create, "GET", &server.uri(), "").unwrap();
    assert_eq!((response.status().as_u16(), reason_phrase(&response).as_deref()), (404, Some("No such page")));
}

fn reads_the_reason_phrase_of_the_status_header(create: CreateTransport) {
    for (header, phrase) in [
        ("422 No title", Some("No title")),
        ("422 Unprocessable Entity", None),
        ("422", None),
        ("  422  No title ", Some("No title")),
        ("4221", None),
        ("4221 Too long a number", None),
        ("422No title", None),
        ("422-No title", None),
        ("500 Of another response", None),
    ] {
        let server = RawServer::responding(&format!(
            "HTTP/1.1 422 Unprocessable Entity\r\nStatus: {header}\r\nContent-Length: 0\r\n\r\n"
        ));
        let response = send(create, "GET", &server.uri(), "").unwrap();
        assert_eq!(reason_phrase(&response).as_deref(), phrase, "{header}");
    }
}
