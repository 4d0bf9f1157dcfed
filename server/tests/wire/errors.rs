//! Requests that fail or cannot be decoded: each error has the format of its style, and none stops the server.

use std::io::Write;

use crate::support::{TestServer, error_envelope, read_head, read_response, read_until_closed};

#[test]
fn an_error_on_ws_is_an_envelope_with_the_status_as_its_code() {
    let server = TestServer::start();
    for (path, payload, code, message) in [
        ("/ws/page/99", "", 404, "Record not found"),
        ("/ws/page/1/lists/99/items/list", "", 404, "Record not found"),
        (
            "/ws/page/1/lists/1/items/move/1",
            "<direction>sideways</direction>",
            500,
            "Internal error: unknown direction",
        ),
        ("/ws/page/1/lists/1/items/add", "<item/>", 500, "Internal error: item/content is missing"),
        ("/ws/pages/new", "<page/>", 500, "Internal error: page/title is missing"),
        (
            "/ws/reminders/create",
            "<reminder><content>x</content><remind_at>2009-03-14 08:05</remind_at></reminder>",
            500,
            "Internal error: the time of the reminder is in the past",
        ),
        ("/ws/nothing/here", "", 404, "Record not found: no operation has this path"),
        (
            "/ws/pages/all",
            "<oops>",
            400,
            "The request is not well-formed: an end tag has another name than its start tag",
        ),
        (
            "/ws/pages/new",
            "<page><title>&nbsp;</title></page>",
            400,
            "The request is not well-formed: an entity is not defined",
        ),
        ("/ws/page/9223372036854775808", "", 404, "Record not found"),
        ("/ws/page/18446744073709551616", "", 404, "Record not found"),
        ("/ws/page/1/link", "<linked_page_id>18446744073709551616</linked_page_id>", 404, "Record not found"),
        (
            "/ws/page/1/link",
            "<linked_page_id>18446744073709551616x</linked_page_id>",
            500,
            "Internal error: linked_page_id should be a number, of digits only",
        ),
    ] {
        let failed = server.ws(path, payload);
        assert_eq!((failed.status(), failed.body), (code, error_envelope(code, message)), "{path}");
    }
    let forbidden = server.send("POST /ws/pages/all HTTP/1.1\nHost: demo.example.com", "<request/>");
    assert_eq!((forbidden.status(), forbidden.body), (403, error_envelope(403, "This token is not known")));
}

/// The message is the reason phrase of the status line, the `Status` header and the body.
#[test]
fn an_error_on_rest_is_a_status_with_a_message() {
    let server = TestServer::start();
    for (line, body, status) in [
        ("GET /calendar_events/99.xml", "", "404 Record not found"),
        ("GET /calendar_events/18446744073709551616.xml", "", "404 Record not found"),
        ("GET /nothing.xml", "", "404 No operation has this path"),
        (
            "POST /reminders.xml",
            "<reminder><content>x</content><remind_at>2009-03-14 08:05</remind_at></reminder>",
            "422 The time of the reminder is in the past",
        ),
        ("POST /calendar_events.xml", "<event><title>x</title></event>", "422 event/calendar_id is missing"),
        ("POST /calendar_events.xml", "<event><calendar-id>1</calendar-id></event>", "422 event/title is missing"),
        (
            "POST /calendar_events.xml",
            "<event><calendar-id>x</calendar-id></event>",
            "422 event/calendar_id should be a number, of digits only",
        ),
        ("POST /calendar_events.xml", "<event>", "400 The request is not well-formed: the document is cut off"),
        (
            "POST /calendar_events.xml",
            "\u{1}",
            "400 The request is not well-formed: text stands outside the root element",
        ),
        ("PATCH /calendars.xml", "", "405 Method not allowed"),
    ] {
        let failed = server.rest(line, body);
        assert_eq!(failed.status_line(), format!("HTTP/1.1 {status}"), "{line} {body}");
        assert_eq!(failed.header("Status"), Some(status));
        assert_eq!(status.split_once(' ').map(|(_, message)| message), Some(&*failed.body));
    }
}

#[test]
fn an_invalid_or_missing_token_is_403_everywhere() {
    let server = TestServer::start();
    let wrong = "0123456789abcdef0123456789abcdef01234567";
    for request in [
        "GET /calendars.xml HTTP/1.1\nHost: demo.example.com".to_owned(),
        format!("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: {wrong}"),
        format!("GET /{wrong}/reminders.xml HTTP/1.1\nHost: demo.example.com"),
        "GET /short/reminders.xml HTTP/1.1\nHost: demo.example.com".to_owned(),
        format!("GET /statuses.xml?token={wrong} HTTP/1.1\nHost: demo.example.com"),
        format!("GET /statuses.xml HTTP/1.1\nHost: demo.example.com\nAuthorization: Bearer {wrong}"),
        "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com".to_owned(),
    ] {
        assert_eq!(server.send(&request, "").status(), 403, "{request}");
    }
}

/// The message names the host as the cause, so that a user with a wrong host does not suspect the token.
#[test]
fn a_host_without_an_account_is_404_with_a_message() {
    const MESSAGE: &str = "There is no account at this address";
    const WS_MESSAGE: &str = "Record not found: there is no account at this address";
    let server = TestServer::start();
    let rest = server.send("GET /calendars.xml HTTP/1.1\nHost: nas.example.com\nX-BP-Token: TOKEN", "");
    assert_eq!((rest.status_line(), &*rest.body), (&*format!("HTTP/1.1 404 {MESSAGE}"), MESSAGE));
    for request in
        ["POST /ws/pages/all HTTP/1.1\nHost: nas.example.com", "POST /ws/nothing HTTP/1.1\nHost: nas.example.com"]
    {
        let ws = server.send(request, "<request><token>TOKEN</token></request>");
        assert_eq!((ws.status(), ws.body), (404, error_envelope(404, WS_MESSAGE)));
    }
}

#[test]
fn only_an_empty_message_clears_a_status() {
    let server = TestServer::start();
    let set = |body: &str| server.rest("PUT /users/1/status.xml", body).status();
    let message = || server.rest("GET /users/1/status.xml", "").body;
    assert_eq!(set("<status><message>Busy</message></status>"), 200);
    for body in ["", "<status/>", "<status>Free</status>", "<request><token>x</token></request>"] {
        assert_eq!(set(body), 422, "{body}");
        assert!(message().contains("<message>Busy</message>"), "{body}");
    }
    assert_eq!(set("<status><message></message></status>"), 200);
    assert!(message().contains("<message></message>"));
}

/// The reason in an error is a sentence of the server, so that no text of the request is sent back.
#[test]
fn an_error_contains_no_text_of_the_request() {
    let server = TestServer::start();
    for (path, payload) in [
        ("/ws/page/1/link", "<linked_page_id>s3cret</linked_page_id>"),
        ("/ws/page/1/lists/1/items/move/1", "<direction>s3cret</direction>"),
        ("/ws/page/1/share", "<email_addresses>s3cret</email_addresses>"),
        ("/ws/page/1/share", "<page><public>s3cret</public></page>"),
        ("/ws/reminders/create", "<reminder><content>x</content><remind_at>s3cret</remind_at></reminder>"),
        ("/ws/page/1/tags/tag", "<tags><s3cret>s3cret</s3cret></tags>"),
        ("/ws/s3cret", "<s3cret>s3cret</s3cret>"),
        ("/ws/pages/new", "<s3cret><page></s3cret>"),
    ] {
        let failed = server.ws(path, payload);
        assert!(failed.status() >= 400 && !format!("{failed:?}").contains("s3cret"), "{path} {payload}: {failed:?}");
    }
}

#[test]
fn a_wrong_method_is_405_and_lists_the_allowed_ones() {
    let server = TestServer::start();
    let rejected = server.rest("DELETE /reminders.xml", "");
    assert_eq!((rejected.status(), rejected.header("allow")), (405, Some("GET, POST")));
    let rejected = server.rest("GET /ws/pages/all", "");
    assert_eq!((rejected.status(), rejected.header("allow")), (405, Some("POST")));
    assert_eq!(rejected.body, error_envelope(405, "Method not allowed"));
}

#[test]
fn the_health_check_allows_reads_only() {
    let server = TestServer::start();
    let up = |method: &str| server.send(&format!("{method} /up HTTP/1.1\nHost: demo.example.com"), "");
    assert_eq!((up("GET").status(), up("GET").body), (200, "up".to_owned()));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        assert_eq!((up(method).status(), up(method).header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

/// The status is not 403, which would make clients discard their tokens.
#[test]
fn a_request_with_too_many_values_is_not_well_formed_in_every_style_and_format() {
    const MESSAGE: &str = "The request is not well-formed: it holds more elements and attributes than any request has";
    let server = TestServer::start();
    let ids = "<item-id>1</item-id>".repeat(12_000);
    let long = server.ws("/ws/page/1/lists/1/items/reorder", &ids);
    assert_eq!((long.status(), long.body), (400, error_envelope(400, MESSAGE)));
    let long = server.rest("POST /reminders.xml", &format!("<reminder><content>+30 x</content>{ids}</reminder>"));
    assert_eq!(long.status_line(), format!("HTTP/1.1 400 {MESSAGE}"));
    let head = "POST /ws/page/1/lists/1/items/reorder HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN";
    let many = ["1"].repeat(12_000).join(",");
    for (header, body) in [
        ("X-POST_DATA_FORMAT: yaml", format!("item-id: [{many}]")),
        ("Content-Type: application/json", format!("{{\"item-id\": [{many}]}}")),
        ("Content-Type: application/x-www-form-urlencoded", "item-id[]=1&".repeat(12_000)),
    ] {
        assert_eq!(server.send(&format!("{head}\n{header}"), &body).status(), 400, "{header}");
    }
}

#[test]
fn a_body_over_the_limit_is_413_in_the_format_of_the_style() {
    let server = TestServer::start_with(|config| config.limits.max_request_size = 10_000);
    let long = "x".repeat(3_000_000);
    let rejected = server.ws("/ws/page/1/notes/create", &format!("<note><body>{long}</body></note>"));
    assert_eq!((rejected.status(), rejected.body), (413, error_envelope(413, "The request is too large")));
    let rejected = server.rest("POST /reminders.xml", &format!("<reminder><content>{long}</content></reminder>"));
    assert_eq!(rejected.status_line(), "HTTP/1.1 413 The request is too large");

    // With chunked encoding, the server learns the length only while it receives the body.
    let mut stream = server.connect();
    let head = "POST /reminders.xml HTTP/1.1\nHost: demo.example.com\nTransfer-Encoding: chunked";
    stream.write_all(&server.build_request(head, "")).expect("the head should be sent");
    for _ in 0..100 {
        stream.write_all(format!("3e8\r\n{}\r\n", "x".repeat(1_000)).as_bytes()).expect("the chunk should be sent");
    }
    stream.write_all(b"0\r\n\r\n").expect("the end should be sent");
    assert_eq!(read_response(&mut stream).status(), 413);
}

#[test]
fn rejects_a_body_over_the_limit_before_100_continue() {
    let server = TestServer::start_with(|config| config.limits.max_request_size = 10_000);
    let head = "POST /reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue";
    let rejected = server.send(&format!("{head}\nContent-Length: 20000"), "");
    assert_eq!(rejected.status(), 413);
}

#[test]
fn sends_100_continue_to_a_client_that_expects_it() {
    let server = TestServer::start();
    let body = "<reminder><content>+30 Call</content></reminder>";
    let mut stream = server.connect();
    let head = format!(
        "POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: {}",
        body.len()
    );
    stream.write_all(&server.build_request(&head, "")).expect("the head should be sent");
    assert_eq!(read_head(&mut stream), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).expect("the body should be sent");
    assert_eq!(read_response(&mut stream).status(), 201);
}

/// An old Ruby wrapper has a bug that puts the description of an object into the path.
#[test]
fn an_invalid_request_target_is_400() {
    let server = TestServer::start();
    for target in [
        "#<Net::HTTP::Get:0xb7c3>",
        "calendars.xml",
        "/calendars/#<Calendar:0x1 @id=3>/calendar_events.xml",
        "/calendars/<1>.xml",
        "http://",
        "",
    ] {
        let mut stream = server.connect();
        let request = format!("GET {target} HTTP/1.1\r\nHost: demo.example.com\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the request should be sent");
        assert_eq!(read_response(&mut stream).status(), 400, "{target}");
        assert_eq!(server.rest("GET /calendars.xml", "").status(), 200, "after {target}");
    }
}

#[test]
fn invalid_http_is_rejected_and_the_server_stays_up() {
    let server = TestServer::start();
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(10_000));
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /ws/pages/all HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /ws/pages/all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let mut stream = server.connect();
        // The server may close the connection before everything is sent.
        let _ = stream.write_all(garbage);
        let response = read_until_closed(&mut stream);
        assert!(response.is_empty() || response.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&response));
        assert_eq!(server.rest("GET /calendars.xml", "").status(), 200);
    }
}

#[test]
fn a_host_of_another_domain_is_404_and_an_invalid_one_400() {
    let server = TestServer::start_with(|config| config.accounts.domain = Some("example.com".to_owned()));
    let at = |host: &str| server.send(&format!("GET /me.xml HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN"), "").status();
    assert_eq!(at("demo.example.com"), 200);
    assert_eq!(at("demo.example.com:80"), 200);
    assert_eq!(at("demo.localhost"), 200);
    assert_eq!(at("demo.example.net"), 404);
    assert_eq!(at("example.com"), 404);
    assert_eq!(at("demo.example.com/x"), 400);
}

/// All writes share one thread, so a request that would occupy it for long is rejected. The page has seven elements.
#[test]
fn rejects_requests_that_would_take_long() {
    let server = TestServer::start();
    let addresses = |count: usize| (0..count).map(|number| format!("a{number}@example.org ")).collect::<String>();
    let tags = |count: usize| (0..count).map(|number| format!("tag{number}\n")).collect::<String>();
    let page = server.ws("/ws/page/1", "");
    let belonging =
        page.body.split_once("<belonging id=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a belonging");
    let belongings = |count: usize| format!("{belonging} ").repeat(count);
    for (path, element, fits, more, message) in [
        (
            "share",
            "email_addresses",
            addresses(50),
            addresses(51),
            "A page can be shared with at most 50 addresses at a time",
        ),
        ("tags/tag", "tags", tags(100), tags(101), "A page can have at most 100 tags"),
        ("reorder", "belongings", belongings(7), belongings(8), "An order must name each element at most once"),
    ] {
        let send = |words: &str| server.ws(&format!("/ws/page/1/{path}"), &format!("<{element}>{words}</{element}>"));
        assert_eq!(send(&fits).status(), 200, "{path}");
        assert_eq!(send(&more).status_line(), format!("HTTP/1.1 500 {message}"));
    }
}

#[test]
fn an_unwritable_database_is_503_with_retry_after_in_every_style() {
    let server = TestServer::start();
    let message = "The storage is not available at the moment";
    let update = || server.ws("/ws/page/1/update_title", "<page><title>Coast</title></page>");
    let create = || server.rest("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>");
    let other = server.open_file();
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let rejected = update();
    assert_eq!((rejected.status(), rejected.header("retry-after")), (503, Some("5")));
    assert_eq!(rejected.body, error_envelope(503, message));
    let rejected = create();
    assert_eq!(
        (rejected.status_line(), rejected.header("retry-after")),
        (&*format!("HTTP/1.1 503 {message}"), Some("5"))
    );
    assert_eq!(server.rest("GET /reminders.xml", "").status(), 200, "reading should still work");
    other.execute_batch("ROLLBACK").expect("the lock should be free again");
    assert_eq!((update().status(), create().status()), (200, 201));
}
