//! What cannot be done, or not read: each in the form of its style, and nothing kills the service.

use std::io::Write;

use crate::support::{Service, envelope, reply, until_closed};

/// On `/ws` the status is the code in the envelope.
#[test]
fn a_failure_on_ws_is_the_envelope_under_its_status() {
    let service = Service::start();
    for (path, payload, code, message) in [
        ("/ws/page/99", "", 404, "Record not found"),
        ("/ws/page/1/lists/99/items/list", "", 404, "Record not found"),
        ("/ws/page/1/lists/1/items/move/1", "<direction>sideways</direction>", 500, "Internal error"),
        ("/ws/page/1/lists/1/items/add", "<item/>", 500, "Internal error"),
        ("/ws/pages/new", "<page/>", 500, "Internal error"),
        ("/ws/nothing/here", "", 404, "Not found"),
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
        ("/ws/page/1/link", "<linked_page_id>18446744073709551616x</linked_page_id>", 500, "Internal error"),
    ] {
        let failed = service.ws(path, payload);
        assert_eq!((failed.status(), failed.body), (code, envelope(code, message)), "{path}");
    }
    let forbidden = service.send("POST /ws/pages/all HTTP/1.1\nHost: demo.example.com", "<request/>");
    assert_eq!((forbidden.status(), forbidden.body), (403, envelope(403, "This token is not known")));
}

/// Elsewhere the sentence is in the status line.
#[test]
fn a_failure_on_rest_is_a_status_with_a_sentence() {
    let service = Service::start();
    for (line, body, status) in [
        ("GET /calendar_events/99.xml", "", "404 Record not found"),
        ("GET /calendar_events/18446744073709551616.xml", "", "404 Record not found"),
        ("GET /nothing.xml", "", "404 Not found"),
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
        let failed = service.rest(line, body);
        assert_eq!(failed.line(), format!("HTTP/1.1 {status}"), "{line} {body}");
        assert_eq!(failed.header("Status"), Some(status));
        assert_eq!(status.split_once(' ').map(|(_, sentence)| sentence), Some(&*failed.body));
    }
}

#[test]
fn a_bad_or_missing_token_is_403_everywhere() {
    let service = Service::start();
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
        assert_eq!(service.send(&request, "").status(), 403, "{request}");
    }
}

/// Who has called it by the wrong name would else look for the fault in the token.
#[test]
fn an_address_of_no_account_is_404_and_says_so() {
    const SENTENCE: &str = "There is no account at this address";
    let service = Service::start();
    let rest = service.send("GET /calendars.xml HTTP/1.1\nHost: nas.example.com\nX-BP-Token: TOKEN", "");
    assert_eq!((rest.line(), &*rest.body), (&*format!("HTTP/1.1 404 {SENTENCE}"), SENTENCE));
    for request in
        ["POST /ws/pages/all HTTP/1.1\nHost: nas.example.com", "POST /ws/nothing HTTP/1.1\nHost: nas.example.com"]
    {
        let ws = service.send(request, "<request><token>TOKEN</token></request>");
        assert_eq!((ws.status(), ws.body), (404, envelope(404, SENTENCE)));
    }
}

#[test]
fn a_status_is_cleared_by_an_empty_message_and_by_nothing_else() {
    let service = Service::start();
    let set = |body: &str| service.rest("PUT /users/1/status.xml", body).status();
    let message = || service.rest("GET /users/1/status.xml", "").body;
    assert_eq!(set("<status><message>Busy</message></status>"), 200);
    for body in ["", "<status/>", "<status>Free</status>", "<request><token>x</token></request>"] {
        assert_eq!(set(body), 422, "{body}");
        assert!(message().contains("<message>Busy</message>"), "{body}");
    }
    assert_eq!(set("<status><message></message></status>"), 200);
    assert!(message().contains("<message></message>"));
}

#[test]
fn a_wrong_method_is_405_and_says_which_are_right() {
    let service = Service::start();
    let refused = service.rest("DELETE /reminders.xml", "");
    assert_eq!((refused.status(), refused.header("allow")), (405, Some("GET, POST")));
    let refused = service.rest("GET /ws/pages/all", "");
    assert_eq!((refused.status(), refused.header("allow")), (405, Some("POST")));
    assert_eq!(refused.body, envelope(405, "Method not allowed"));
}

#[test]
fn health_is_read_only() {
    let service = Service::start();
    let up = |method: &str| service.send(&format!("{method} /up HTTP/1.1\nHost: demo.example.com"), "");
    assert_eq!((up("GET").status(), up("GET").body), (200, "up".to_owned()));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        assert_eq!((up(method).status(), up(method).header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

/// A client that is told of a bad token throws its token away.
#[test]
fn a_request_of_too_many_values_is_not_well_formed_in_every_style_and_format() {
    const SENTENCE: &str = "The request is not well-formed: it holds more elements and attributes than any request has";
    let service = Service::start();
    let ids = "<item-id>1</item-id>".repeat(12_000);
    let long = service.ws("/ws/page/1/lists/1/items/reorder", &ids);
    assert_eq!((long.status(), long.body), (400, envelope(400, SENTENCE)));
    let long = service.rest("POST /reminders.xml", &format!("<reminder><content>+30 x</content>{ids}</reminder>"));
    assert_eq!(long.line(), format!("HTTP/1.1 400 {SENTENCE}"));
    let head = "POST /ws/page/1/lists/1/items/reorder HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN";
    let many = ["1"].repeat(12_000).join(",");
    for (header, body) in [
        ("X-POST_DATA_FORMAT: yaml", format!("item-id: [{many}]")),
        ("Content-Type: application/json", format!("{{\"item-id\": [{many}]}}")),
        ("Content-Type: application/x-www-form-urlencoded", "item-id[]=1&".repeat(12_000)),
    ] {
        assert_eq!(service.send(&format!("{head}\n{header}"), &body).status(), 400, "{header}");
    }
}

#[test]
fn a_body_over_the_limit_is_413_in_the_right_form() {
    let service = Service::with(|settings| settings.limits.max_request_size = 10_000);
    let long = "x".repeat(3_000_000);
    let refused = service.ws("/ws/page/1/notes/create", &format!("<note><body>{long}</body></note>"));
    assert_eq!((refused.status(), refused.body), (413, envelope(413, "The request is too large")));
    let refused = service.rest("POST /reminders.xml", &format!("<reminder><content>{long}</content></reminder>"));
    assert_eq!(refused.line(), "HTTP/1.1 413 The request is too large");

    // In chunks, the length of which nobody says beforehand.
    let mut stream = service.connect();
    let head = "POST /reminders.xml HTTP/1.1\nHost: demo.example.com\nTransfer-Encoding: chunked";
    stream.write_all(&service.bytes(head, "")).expect("a head should be taken");
    for _ in 0..100 {
        stream.write_all(format!("3e8\r\n{}\r\n", "x".repeat(1_000)).as_bytes()).expect("a chunk should be taken");
    }
    stream.write_all(b"0\r\n\r\n").expect("the end should be taken");
    assert_eq!(reply(&mut stream).status(), 413);
}

#[test]
fn who_asks_before_sending_too_much_is_told_at_once() {
    let service = Service::with(|settings| settings.limits.max_request_size = 10_000);
    let head = "POST /reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue";
    let refused = service.send(&format!("{head}\nContent-Length: 20000"), "");
    assert_eq!(refused.status(), 413);
}

#[test]
fn who_asks_before_sending_is_told_to_go_on() {
    let service = Service::start();
    let body = "<reminder><content>+30 Call</content></reminder>";
    let mut stream = service.connect();
    let head = format!(
        "POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\nExpect: 100-continue\nContent-Length: {}",
        body.len()
    );
    stream.write_all(&service.bytes(&head, "")).expect("a head should be taken");
    assert_eq!(crate::support::head(&mut stream), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).expect("a body should be taken");
    assert_eq!(reply(&mut stream).status(), 201);
}

/// One call of an old wrapper puts an object's description where the path should be.
#[test]
fn a_garbage_request_target_is_400() {
    let service = Service::start();
    for target in [
        "#<Net::HTTP::Get:0xb7c3>",
        "calendars.xml",
        "/calendars/#<Calendar:0x1 @id=3>/calendar_events.xml",
        "/calendars/<1>.xml",
        "http://",
        "",
    ] {
        let mut stream = service.connect();
        let request = format!("GET {target} HTTP/1.1\r\nHost: demo.example.com\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request should be taken");
        assert_eq!(reply(&mut stream).status(), 400, "{target}");
        assert_eq!(service.rest("GET /calendars.xml", "").status(), 200, "after {target}");
    }
}

#[test]
fn what_is_no_http_is_dropped_and_the_service_lives() {
    let service = Service::start();
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
        let mut stream = service.connect();
        // It may be cut off before all is sent.
        let _ = stream.write_all(garbage);
        let answer = until_closed(&mut stream);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&answer));
        assert_eq!(service.rest("GET /calendars.xml", "").status(), 200);
    }
}

#[test]
fn an_address_that_is_no_accounts_is_404_or_400() {
    let service = Service::with(|settings| settings.accounts.domain = Some("example.com".to_owned()));
    let at = |host: &str| service.send(&format!("GET /me.xml HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN"), "").status();
    assert_eq!(at("demo.example.com"), 200);
    assert_eq!(at("demo.example.com:80"), 200);
    assert_eq!(at("demo.localhost"), 200);
    assert_eq!(at("demo.example.net"), 404);
    assert_eq!(at("example.com"), 404);
    assert_eq!(at("demo.example.com/x"), 400);
}

/// There is one writer for everybody, which no request may keep.
#[test]
fn a_request_that_would_take_long_is_refused() {
    let service = Service::start();
    let addresses = |count: usize| (0..count).map(|number| format!("a{number}@example.org ")).collect::<String>();
    let tags = |count: usize| (0..count).map(|number| format!("tag{number}\n")).collect::<String>();
    let page = service.ws("/ws/page/1", "");
    let place = page.body.split_once("<belonging id=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a place");
    let places = |count: usize| format!("{place} ").repeat(count);
    for (path, element, fits, more, sentence) in [
        (
            "share",
            "email_addresses",
            addresses(50),
            addresses(51),
            "A page is shared with 50 addresses at a time at most",
        ),
        ("tags/tag", "tags", tags(100), tags(101), "A page takes 100 tags at most"),
        ("reorder", "belongings", places(7), places(8), "An order should name each thing once"),
    ] {
        let send = |words: &str| service.ws(&format!("/ws/page/1/{path}"), &format!("<{element}>{words}</{element}>"));
        assert_eq!(send(&fits).status(), 200, "{path}");
        assert_eq!(send(&more).line(), format!("HTTP/1.1 500 {sentence}"));
    }
}

#[test]
fn a_storage_that_cannot_be_written_is_503_with_a_time_in_every_style() {
    let service = Service::start();
    let sentence = "The storage is not available at the moment";
    let update = || service.ws("/ws/page/1/update_title", "<page><title>Coast</title></page>");
    let create = || service.rest("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>");
    let other = service.file();
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let refused = update();
    assert_eq!((refused.status(), refused.header("retry-after")), (503, Some("5")));
    assert_eq!(refused.body, envelope(503, sentence));
    let refused = create();
    assert_eq!((refused.line(), refused.header("retry-after")), (&*format!("HTTP/1.1 503 {sentence}"), Some("5")));
    assert_eq!(service.rest("GET /reminders.xml", "").status(), 200, "it is read all the same");
    other.execute_batch("ROLLBACK").expect("the lock should be free again");
    assert_eq!((update().status(), create().status()), (200, 201));
}
