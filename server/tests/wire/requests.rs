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
    let tags = "token=TOKEN&tags[]=Garden&tags[]=Slow+Food";
    let form = "Content-Type: application/x-www-form-urlencoded";
    assert_eq!(send(&service, "POST /ws/page/1/tags/tag", form, tags), 200);
    let page = service.ws("/ws/page/1", "");
    assert!(page.body.contains("name=\"Slow Food\"") && page.body.contains("name=\"Garden\""), "{}", page.body);
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
