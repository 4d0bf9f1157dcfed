//! Each way to pass a token, and each format and notation of a request, on operations of each style.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::{TestServer, read_response};

/// A request of each style: request line without a token, payload, status of the success.
const STYLES: [(&str, &str, u16); 5] = [
    ("POST /ws/page/1/update_title", "<page><title>Coast</title></page>", 200),
    ("POST /pages/1/separators.xml", "<separator><name>Later</name></separator>", 201),
    ("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>", 201),
    ("PUT /users/1/status.xml", "<status><message>In</message></status>", 200),
    ("POST /calendar_events.xml", "<event><calendar-id>1</calendar-id><title>Concert</title></event>", 201),
];

/// Sends a request with these headers and returns the status of the response.
fn send(server: &TestServer, line: &str, headers: &str, body: &str) -> u16 {
    server.send(&format!("{line} HTTP/1.1\nHost: demo.example.com\n{headers}"), body).status()
}

#[test]
fn accepts_the_token_in_every_carrier_on_every_style() {
    let server = TestServer::start();
    let basic = BASE64_STANDARD.encode(format!("{}:X", server.token()));
    for (line, payload, status) in STYLES {
        let in_path = line.replace(" /", " /TOKEN/");
        let in_query = format!("{line}?token=TOKEN");
        let wrapped = format!("<request>{payload}</request>");
        let in_body = format!("<request><token>TOKEN</token>{payload}</request>");
        assert_eq!(send(&server, line, "Content-Type: text/xml", &in_body), status, "{line}, in the body");
        for body in [payload, &wrapped] {
            assert_eq!(send(&server, line, "X-BP-Token: TOKEN", body), status, "{line}, in a header");
            assert_eq!(send(&server, line, "X_BP_Token: TOKEN", body), status, "{line}, in a header with underscores");
            assert_eq!(send(&server, line, "Authorization: Bearer TOKEN", body), status, "{line}, as a bearer");
            assert_eq!(
                send(&server, line, &format!("Authorization: Basic {basic}"), body),
                status,
                "{line}, as a user"
            );
            assert_eq!(send(&server, &in_path, "Accept: */*", body), status, "{line}, in the path");
            assert_eq!(send(&server, &in_query, "Accept: */*", body), status, "{line}, in the query");
        }
    }
}

#[test]
fn accepts_every_format_on_every_style() {
    let server = TestServer::start();
    for (line, yaml, json, form, status) in [
        (
            "POST /ws/page/1/update_title",
            "page:\n  title: Coast\n",
            r#""page": {"title": "Coast"}"#,
            "page[title]=Coast",
            200,
        ),
        (
            "POST /pages/1/separators.xml",
            "separator: {name: Later}\n",
            r#""separator": {"name": "Later"}"#,
            "separator[name]=Later",
            201,
        ),
        (
            "POST /reminders.xml",
            "reminder:\n  content: +30 Call\n",
            r#""reminder": {"content": "+30 Call"}"#,
            "reminder[content]=%2B30+Call",
            201,
        ),
        (
            "PUT /users/1/status.xml",
            "status:\n  message: In\n",
            r#""status": {"message": "In"}"#,
            "status[message]=In",
            200,
        ),
        (
            "POST /calendar_events.xml",
            "event:\n  calendar_id: 1\n  title: Concert\n",
            r#""event": {"calendar-id": 1, "title": "Concert"}"#,
            "event[calendar_id]=1&event[title]=Concert",
            201,
        ),
    ] {
        let yaml = format!("---\ntoken: TOKEN\n{yaml}");
        for header in ["X-POST_DATA_FORMAT: yaml", "X-POST-DATA-FORMAT: YAML", "Content-Type: application/x-yaml"] {
            assert_eq!(send(&server, line, header, &yaml), status, "{line}, {header}");
        }
        let json = format!(r#"{{"token": "TOKEN", {json}}}"#);
        assert_eq!(send(&server, line, "Content-Type: application/json; charset=utf-8", &json), status, "{line}, JSON");
        let form = format!("token=TOKEN&{form}");
        assert_eq!(
            send(&server, line, "Content-Type: application/x-www-form-urlencoded", &form),
            status,
            "{line}, form"
        );
    }
}

/// Lists as lists of each format, and as words in one text.
#[test]
fn accepts_lists_in_every_format() {
    let server = TestServer::start();
    let read_order = || {
        let items = server.ws("/ws/page/1/lists/1/items/list", "");
        let ids = items.payload().split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
        ids.collect::<Vec<_>>()
    };
    let original: Vec<_> = read_order();
    let mut wanted = original.clone();
    wanted[..3].rotate_left(1);
    let reorder = "POST /ws/page/1/lists/1/items/reorder";
    let ids = wanted.join(", ");
    assert_eq!(send(&server, reorder, "X-POST_DATA_FORMAT: yaml", &format!("token: TOKEN\nitem-id: [{ids}]")), 200);
    assert_eq!(read_order(), wanted);
    let ids = original.join(", ");
    let json = format!(r#"{{"token": "TOKEN", "item_id": [{ids}]}}"#);
    assert_eq!(send(&server, reorder, "Content-Type: application/json", &json), 200);
    assert_eq!(read_order(), original);
    let form = "Content-Type: application/x-www-form-urlencoded";
    for (headers, body, names) in [
        (form, "token=TOKEN&tags[]=Garden&tags[]=Slow+Food", &["Garden", "Slow Food"][..]),
        ("X-POST_DATA_FORMAT: yaml", "{token: TOKEN, tags: [Slow Food]}", &["Slow Food"]),
        (
            "Content-Type: application/json",
            r#"{"token": "TOKEN", "tags": "Boats \"Slow Food\""}"#,
            &["Boats", "Slow Food"],
        ),
        ("Content-Type: application/json", r#"{"token": "TOKEN", "tags": []}"#, &[]),
    ] {
        assert_eq!(send(&server, "POST /ws/page/1/tags/tag", headers, body), 200);
        let page = server.ws("/ws/page/1", "");
        let count = page.body.matches("<tag ").count();
        assert_eq!(count, names.len(), "{body}: {}", page.body);
        assert!(names.iter().all(|name| page.body.contains(&format!("<tag name=\"{name}\""))), "{}", page.body);
    }
}

#[test]
fn event_fields_take_precedence_over_the_date_in_the_title() {
    let server = TestServer::start();
    for (fields, begins, ends, all_day) in [
        ("<occurs-at>2030-05-02T00:00:00Z</occurs-at>", "2030-05-02T00:00:00Z", None, false),
        ("<occurs_at type='datetime'>2030-05-02T09:00:00+02:00</occurs_at>", "2030-05-02T07:00:00Z", None, false),
        (
            "<all-day>true</all-day><occurs-at>2030-05-02T00:00</occurs-at><occurs-until>2030-05-04T00:00</occurs-until>",
            "2030-05-02T00:00:00Z",
            Some("2030-05-04T00:00:00Z"),
            true,
        ),
    ] {
        let event = format!("<event><calendar-id>1</calendar-id><title>9/27 Trip</title>{fields}</event>");
        let created = server.rest("POST /calendar_events.xml", &event);
        let shown = server.rest(&format!("GET /calendar_events/{}.xml", created.location_id()), "").body;
        assert!(shown.contains(&format!(">{begins}</occurs-at>")), "{fields}: {shown}");
        assert!(ends.is_none_or(|ends| shown.contains(&format!(">{ends}</occurs-until>"))), "{fields}: {shown}");
        assert!(shown.contains(&format!(">{all_day}</all-day>")), "{fields}: {shown}");
    }
    let backwards = "<event><calendar-id>1</calendar-id><title>5/2/2030 Trip</title><occurs-until>2030-05-01T00:00:00Z</occurs-until></event>";
    let rejected = server.rest("POST /calendar_events.xml", backwards);
    assert_eq!(rejected.status_line(), "HTTP/1.1 422 An event should not end before it begins");
}

/// Old clients send all fields of an event, empty ones too. Only an explicit nil clears a date; null is nil in the
/// formats that have it. Texts are cleared by an empty text too.
#[test]
fn an_update_of_an_event_leaves_sets_or_clears_each_field() {
    let server = TestServer::start();
    let (xml, yaml) = ("Content-Type: application/xml", "X-POST_DATA_FORMAT: yaml");
    let (json, form) = ("Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded");
    let (start, end) = ("2030-05-02T09:00:00Z", "2030-05-02T10:15:00Z");
    let new = format!(
        "<event><calendar-id>1</calendar-id><title>Trip</title><remind>1</remind><message>Pier 4</message>\
         <occurs-at>{start}</occurs-at><occurs-until>{end}</occurs-until></event>"
    );
    // The headers and the body of an update, and the start, end and message after it, which are empty if they were
    // cleared. The reminder stays.
    for (headers, body, expected) in [
        (xml, "<event><occurs-until nil=\"true\"/></event>", [start, "", "Pier 4"]),
        (xml, "<event><occurs_until type='datetime' nil='true'></occurs_until></event>", [start, "", "Pier 4"]),
        (xml, "<event><occurs-at nil=\"true\"/></event>", ["", "", "Pier 4"]),
        (xml, "<event><message nil=\"true\"/></event>", [start, end, ""]),
        (xml, "<event><message></message></event>", [start, end, ""]),
        (xml, "<event><occurs-at/><occurs-until></occurs-until><remind/><all-day/></event>", [start, end, "Pier 4"]),
        (xml, "<event><remind nil='true'/><all-day nil='true'/><title nil='true'/></event>", [start, end, "Pier 4"]),
        (xml, "<event/>", [start, end, "Pier 4"]),
        (json, r#"{"token": "TOKEN", "event": {"occurs_until": null, "message": null}}"#, [start, "", ""]),
        (json, r#"{"token": "TOKEN", "event": {"occurs_until": "", "remind": ""}}"#, [start, end, "Pier 4"]),
        (yaml, "token: TOKEN\nevent:\n  occurs_until: ~\n  message:\n", [start, "", ""]),
        (yaml, "token: TOKEN\nevent:\n  occurs_until: ''\n  remind: ''\n", [start, end, "Pier 4"]),
        (form, "token=TOKEN&event[occurs_until]=&event[occurs_at]=&event[remind]=", [start, end, "Pier 4"]),
        (form, "token=TOKEN&event[message]=", [start, end, ""]),
    ] {
        let created = server.rest("POST /calendar_events.xml", &new);
        let id = created.location_id();
        let head =
            format!("PUT /calendar_events/{id}.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN\n{headers}");
        assert_eq!(server.send(&head, body).status(), 200, "{body}");
        let shown = server.rest(&format!("GET /calendar_events/{id}.xml"), "").body;
        let text_of = |name: &str| {
            let rest = shown.split_once(&format!("<{name}")).map_or("", |(_, rest)| rest);
            match rest.split_once('>') {
                Some((tag, text)) if !tag.ends_with('/') => text.split('<').next().unwrap_or_default(),
                _ => "",
            }
        };
        assert_eq!(["occurs-at", "occurs-until", "message"].map(text_of), expected, "{body}\n{shown}");
        assert_eq!((text_of("remind"), text_of("title")), ("true", "Trip"), "{body}");
    }
}

#[test]
fn rejects_clearing_the_start_of_an_event_with_an_end() {
    let server = TestServer::start();
    let created = server.rest(
        "POST /calendar_events.xml",
        "<event><calendar-id>1</calendar-id><title>Trip</title><occurs-at>2030-05-02T09:00:00Z</occurs-at></event>",
    );
    let no_start = "<event><occurs-at nil='true'/><occurs-until>2030-05-02T10:15:00Z</occurs-until></event>";
    let rejected = server.rest(&format!("PUT /calendar_events/{}.xml", created.location_id()), no_start);
    assert_eq!(rejected.status_line(), "HTTP/1.1 422 An event with an end needs a start");
}

/// Remindees in each notation. An unknown notation is rejected, so that the reminder does not go to the wrong users.
#[test]
fn accepts_remindees_in_every_format() {
    let server = TestServer::start();
    let create_reminder = |headers: &str, body: &str| {
        let response =
            server.send(&format!("POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\n{headers}"), body);
        let remindees = response.body.split_once("<remindees>").map_or("", |(_, rest)| rest);
        let ids = remindees.split("<user id=\"").skip(1).filter_map(|user| user.split('"').next()?.parse().ok());
        (response.status(), ids.collect::<Vec<u64>>())
    };
    let (json, form) = ("Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded");
    let yaml = "X-POST_DATA_FORMAT: yaml";
    for (headers, remindees) in [
        (json, r#"[{"user_id": 2}, {"user_id": 1}]"#),
        (json, r#"{"user_id": [2, 1]}"#),
        (yaml, "\n  - user_id: 2\n  - user_id: 1"),
        (yaml, "{user_id: [2, 1]}"),
        (form, "reminder[remindees][][user_id]=2&reminder[remindees][][user_id]=1"),
        (form, "reminder[remindees][user_id][]=2&reminder[remindees][user_id][]=1"),
        ("", "<remindees type='array'><user_id>2</user_id><user-id>1</user-id></remindees>"),
        ("", "<remindees><user_id>2</user_id></remindees><remindees><user_id>1</user_id></remindees>"),
    ] {
        assert_eq!(
            create_reminder(headers, &build_reminder(headers, remindees)),
            (201, vec![1, 2]),
            "{headers}: {remindees}"
        );
    }
    for (headers, remindees) in [
        (json, "[2]"),
        (json, r#"[2, {"user_id": 1}]"#),
        (yaml, "2"),
        (form, "reminder[remindees][]=2"),
        ("", "<remindees>2</remindees>"),
        ("", "<remindees><user id=\"2\"/></remindees>"),
        ("", "<remindees><remindee><user_id>2</user_id></remindee></remindees>"),
    ] {
        assert_eq!(create_reminder(headers, &build_reminder(headers, remindees)).0, 422, "{headers}: {remindees}");
    }
}

/// Builds a reminder in the format of the headers, with the remindees in a notation of that format.
fn build_reminder(headers: &str, remindees: &str) -> String {
    match headers {
        "" => format!("<reminder><content>+30 Call</content>{remindees}</reminder>"),
        _ if headers.ends_with("json") => {
            format!(r#"{{"reminder": {{"content": "+30 Call", "remindees": {remindees}}}}}"#)
        }
        _ if headers.ends_with("yaml") => format!("reminder:\n  content: +30 Call\n  remindees: {remindees}\n"),
        _ => format!("reminder[content]=%2B30+Call&{remindees}"),
    }
}

#[test]
fn rejects_a_form_that_is_not_utf_8() {
    let server = TestServer::start();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let line = "POST /ws/page/1/update_title";
    assert_eq!(send(&server, line, form, "token=TOKEN&page[title]=caf%C3%A9"), 200);
    assert_eq!(send(&server, line, form, "token=TOKEN&page[title]=caf%E9"), 400);
    assert!(server.ws("/ws/page/1", "").body.contains("title=\"café\""));
}

#[test]
fn attributes_and_elements_dashes_and_underscores_are_equivalent() {
    let server = TestServer::start();
    for item in [
        "<item completed='true'><content>Boots</content></item>",
        "<item content='Boots' completed=\"1\"/>",
        "<item>\r\n<completed>true</completed>\r\n<content>Boots</content>\r\n</item>",
    ] {
        let added = server.ws("/ws/page/1/lists/1/items/add", item);
        assert!(
            added.payload().contains("completed=\"true\"") && added.payload().contains(">Boots<"),
            "{}",
            added.body
        );
    }
    for event in [
        "<event><calendar_id>1</calendar_id><title>Concert</title></event>",
        "<event calendar-id='1' title='Concert'/>",
        "<request>\r\n  <event>\r\n    <calendar-id> 1 </calendar-id>\r\n    <title>Concert</title>\r\n  </event>\r\n</request>\r\n",
    ] {
        assert_eq!(server.rest("POST /calendar_events.xml", event).status(), 201, "{event}");
    }
}

#[test]
fn the_root_of_a_ws_request_may_have_any_name() {
    let server = TestServer::start();
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com";
    assert_eq!(server.send(head, "<?xml version='1.0'?>\n\n<backpack><token>TOKEN</token></backpack>").status(), 200);
}

#[test]
fn accepts_a_chunked_body() {
    let server = TestServer::start();
    // Puts the token into the body; the head `x` is not used.
    let body = server.build_request("x", "<request><token>TOKEN</token></request>");
    let body = String::from_utf8(body).expect("ASCII");
    let (first, second) = body.split_once("\r\n\r\n").map(|(_, body)| body.split_at(20)).expect("a body");
    let chunks = format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nTransfer-Encoding: chunked";
    let mut stream = server.connect();
    let mut bytes = server.build_request(head, "");
    bytes.extend_from_slice(chunks.as_bytes());
    stream.write_all(&bytes).expect("the request should be sent");
    assert_eq!(read_response(&mut stream).status(), 200);
}

#[test]
fn serves_pipelined_requests() {
    let server = TestServer::start();
    let mut stream = server.connect();
    let request = server.build_request("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    stream.write_all(&request.repeat(3)).expect("the requests should be sent");
    for _ in 0..3 {
        assert_eq!(read_response(&mut stream).status(), 200);
    }
}

/// Public pages need no token, and allow `GET` and `HEAD` only.
#[test]
fn serves_public_pages_without_a_token() {
    let server = TestServer::start();
    let page = server.send("GET /pub/1 HTTP/1.1\nHost: demo.example.com", "");
    assert_eq!((page.status(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(server.send("GET /pub/2 HTTP/1.1\nHost: demo.example.com", "").status(), 404);
    assert_eq!(server.send("GET /pub/1 HTTP/1.1\nHost: other.example.com", "").status(), 404);
    assert_eq!(server.send("POST /pub/1 HTTP/1.1\nHost: demo.example.com", "").header("allow"), Some("GET, HEAD"));
    assert_eq!(server.send("GET /0123456789abcdef.ics HTTP/1.1\nHost: demo.example.com", "").status(), 404);
}

/// .NET names UTF-16, the encoding of its strings in memory, and sends UTF-8.
#[test]
fn xml_declarations_are_well_formed_and_may_name_any_encoding() {
    let server = TestServer::start();
    let request = "<request><token>TOKEN</token></request>";
    for prolog in [
        "",
        " \r\n\t",
        "\u{FEFF}",
        "\u{FEFF}\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n",
        "<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?>",
    ] {
        assert_eq!(send(&server, "POST /ws/pages/all", "", &format!("{prolog}{request}")), 200, "{prolog:?}");
    }
    for prolog in [
        "\u{C}",
        "\u{FEFF}\u{C}",
        "\u{A0}",
        "\n<?xml version='1.0'?>",
        "<?xml version='1.0'?>\u{C}",
        "<?xml ?>",
        "<?xml bogus?>",
        "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' encoding='UTF 8'?>",
        "<?xml version='1.0' standalone='maybe'?>",
    ] {
        assert_eq!(send(&server, "POST /ws/pages/all", "", &format!("{prolog}{request}")), 400, "{prolog:?}");
    }
}
