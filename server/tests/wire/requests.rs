//! Every carrier of a token, and every form of a request, on operations of every style.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::Service;

/// A request of each style: its line without a token, its payload, and the status of a success.
const STYLES: [(&str, &str, u16); 5] = [
    ("POST /ws/page/1/update_title", "<page><title>Coast</title></page>", 200),
    ("POST /pages/1/separators.xml", "<separator><name>Later</name></separator>", 201),
    ("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>", 201),
    ("PUT /users/1/status.xml", "<status><message>In</message></status>", 200),
    ("POST /calendar_events.xml", "<event><calendar-id>1</calendar-id><title>Concert</title></event>", 201),
];

fn send(service: &Service, line: &str, headers: &str, body: &str) -> u16 {
    service.send(&format!("{line} HTTP/1.1\nHost: demo.example.com\n{headers}"), body).status()
}

#[test]
fn every_carrier_works_on_every_style() {
    let service = Service::start();
    let basic = BASE64_STANDARD.encode(format!("{}:X", service.token()));
    for (line, payload, status) in STYLES {
        let in_path = line.replace(" /", " /TOKEN/");
        let in_query = format!("{line}?token=TOKEN");
        let wrapped = format!("<request>{payload}</request>");
        let in_body = format!("<request><token>TOKEN</token>{payload}</request>");
        assert_eq!(send(&service, line, "Content-Type: text/xml", &in_body), status, "{line}, in the body");
        for body in [payload, &wrapped] {
            assert_eq!(send(&service, line, "X-BP-Token: TOKEN", body), status, "{line}, in a header");
            assert_eq!(send(&service, line, "X_BP_Token: TOKEN", body), status, "{line}, in a header with underscores");
            assert_eq!(send(&service, line, "Authorization: Bearer TOKEN", body), status, "{line}, as a bearer");
            assert_eq!(
                send(&service, line, &format!("Authorization: Basic {basic}"), body),
                status,
                "{line}, as a user"
            );
            assert_eq!(send(&service, &in_path, "Accept: */*", body), status, "{line}, in the path");
            assert_eq!(send(&service, &in_query, "Accept: */*", body), status, "{line}, in the query");
        }
    }
}

#[test]
fn every_format_works_on_every_style() {
    let service = Service::start();
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
            assert_eq!(send(&service, line, header, &yaml), status, "{line}, {header}");
        }
        let json = format!(r#"{{"token": "TOKEN", {json}}}"#);
        assert_eq!(
            send(&service, line, "Content-Type: application/json; charset=utf-8", &json),
            status,
            "{line}, JSON"
        );
        let form = format!("token=TOKEN&{form}");
        assert_eq!(
            send(&service, line, "Content-Type: application/x-www-form-urlencoded", &form),
            status,
            "{line}, form"
        );
    }
}

/// Lists, in each format: what a request repeats, and what it has as words in one text.
#[test]
fn lists_are_read_in_every_format() {
    let service = Service::start();
    let order = || {
        let items = service.ws("/ws/page/1/lists/1/items/list", "");
        let ids = items.payload().split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
        ids.collect::<Vec<_>>()
    };
    let open: Vec<_> = order();
    let mut wanted = open.clone();
    wanted[..3].rotate_left(1);
    let reorder = "POST /ws/page/1/lists/1/items/reorder";
    let ids = wanted.join(", ");
    assert_eq!(send(&service, reorder, "X-POST_DATA_FORMAT: yaml", &format!("token: TOKEN\nitem-id: [{ids}]")), 200);
    assert_eq!(order(), wanted);
    let ids = open.join(", ");
    let json = format!(r#"{{"token": "TOKEN", "item_id": [{ids}]}}"#);
    assert_eq!(send(&service, reorder, "Content-Type: application/json", &json), 200);
    assert_eq!(order(), open);
    let form = "Content-Type: application/x-www-form-urlencoded";
    for (headers, tags, names) in [
        (form, "token=TOKEN&tags[]=Garden&tags[]=Slow+Food", &["Garden", "Slow Food"][..]),
        ("X-POST_DATA_FORMAT: yaml", "{token: TOKEN, tags: [Slow Food]}", &["Slow Food"]),
        (
            "Content-Type: application/json",
            r#"{"token": "TOKEN", "tags": "Boats \"Slow Food\""}"#,
            &["Boats", "Slow Food"],
        ),
        ("Content-Type: application/json", r#"{"token": "TOKEN", "tags": []}"#, &[]),
    ] {
        assert_eq!(send(&service, "POST /ws/page/1/tags/tag", headers, tags), 200);
        let page = service.ws("/ws/page/1", "");
        let tagged = page.body.matches("<tag ").count();
        assert_eq!(tagged, names.len(), "{tags}: {}", page.body);
        assert!(names.iter().all(|name| page.body.contains(&format!("<tag name=\"{name}\""))), "{}", page.body);
    }
}

#[test]
fn an_event_says_when_it_is_in_its_fields_too() {
    let service = Service::start();
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
        let created = service.rest("POST /calendar_events.xml", &event);
        let shown = service.rest(&format!("GET /calendar_events/{}.xml", created.created()), "").body;
        assert!(shown.contains(&format!(">{begins}</occurs-at>")), "{fields}: {shown}");
        assert!(ends.is_none_or(|ends| shown.contains(&format!(">{ends}</occurs-until>"))), "{fields}: {shown}");
        assert!(shown.contains(&format!(">{all_day}</all-day>")), "{fields}: {shown}");
    }
    let backwards = "<event><calendar-id>1</calendar-id><title>5/2/2030 Trip</title><occurs-until>2030-05-01T00:00:00Z</occurs-until></event>";
    let refused = service.rest("POST /calendar_events.xml", backwards);
    assert_eq!(refused.line(), "HTTP/1.1 422 An event should not end before it begins");
}

/// Who is reminded, in each way to say so. A way that is none is refused, so that nobody else is reminded.
#[test]
fn everybody_who_is_named_is_reminded_in_every_format() {
    let service = Service::start();
    let set = |headers: &str, body: &str| {
        let reply =
            service.send(&format!("POST /TOKEN/reminders.xml HTTP/1.1\nHost: demo.example.com\n{headers}"), body);
        let remindees = reply.body.split_once("<remindees>").map_or("", |(_, rest)| rest);
        let ids = remindees.split("<user id=\"").skip(1).filter_map(|user| user.split('"').next()?.parse().ok());
        (reply.status(), ids.collect::<Vec<u64>>())
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
        assert_eq!(set(headers, &reminder(headers, remindees)), (201, vec![1, 2]), "{headers}: {remindees}");
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
        assert_eq!(set(headers, &reminder(headers, remindees)).0, 422, "{headers}: {remindees}");
    }
}

/// A reminder in a format, with its remindees as they are said there.
fn reminder(headers: &str, remindees: &str) -> String {
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
fn a_form_that_is_not_utf_8_is_refused_whole() {
    let service = Service::start();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let line = "POST /ws/page/1/update_title";
    assert_eq!(send(&service, line, form, "token=TOKEN&page[title]=caf%C3%A9"), 200);
    assert_eq!(send(&service, line, form, "token=TOKEN&page[title]=caf%E9"), 400);
    assert!(service.ws("/ws/page/1", "").body.contains("title=\"café\""));
}

#[test]
fn attributes_and_children_dashes_and_underscores_are_the_same() {
    let service = Service::start();
    for item in [
        "<item completed='true'><content>Boots</content></item>",
        "<item content='Boots' completed=\"1\"/>",
        "<item>\r\n<completed>true</completed>\r\n<content>Boots</content>\r\n</item>",
    ] {
        let added = service.ws("/ws/page/1/lists/1/items/add", item);
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
        assert_eq!(service.rest("POST /calendar_events.xml", event).status(), 201, "{event}");
    }
}

#[test]
fn the_root_of_a_ws_request_may_have_any_name() {
    let service = Service::start();
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com";
    assert_eq!(service.send(head, "<?xml version='1.0'?>\n\n<backpack><token>TOKEN</token></backpack>").status(), 200);
}

#[test]
fn a_body_in_chunks_is_one_body() {
    let service = Service::start();
    let body = service.bytes("x", "<request><token>TOKEN</token></request>");
    let body = String::from_utf8(body).expect("ASCII");
    let (first, second) = body.split_once("\r\n\r\n").map(|(_, body)| body.split_at(20)).expect("a body");
    let chunks = format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    let head = "POST /ws/pages/all HTTP/1.1\nHost: demo.example.com\nTransfer-Encoding: chunked";
    let mut stream = service.connect();
    let mut bytes = service.bytes(head, "");
    bytes.extend_from_slice(chunks.as_bytes());
    std::io::Write::write_all(&mut stream, &bytes).expect("a request should be taken");
    assert_eq!(crate::support::reply(&mut stream).status(), 200);
}

#[test]
fn requests_follow_each_other_on_a_connection() {
    let service = Service::start();
    let mut stream = service.connect();
    let one = service.bytes("GET /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    std::io::Write::write_all(&mut stream, &one.repeat(3)).expect("requests should be taken");
    for _ in 0..3 {
        assert_eq!(crate::support::reply(&mut stream).status(), 200);
    }
}

/// What is for everybody needs no token, and takes no other method.
#[test]
fn a_public_page_is_read_without_a_token() {
    let service = Service::start();
    let page = service.send("GET /pub/1 HTTP/1.1\nHost: demo.example.com", "");
    assert_eq!((page.status(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(service.send("GET /pub/2 HTTP/1.1\nHost: demo.example.com", "").status(), 404);
    assert_eq!(service.send("GET /pub/1 HTTP/1.1\nHost: other.example.com", "").status(), 404);
    assert_eq!(service.send("POST /pub/1 HTTP/1.1\nHost: demo.example.com", "").header("allow"), Some("GET"));
    assert_eq!(service.send("GET /0123456789abcdef.ics HTTP/1.1\nHost: demo.example.com", "").status(), 404);
}
