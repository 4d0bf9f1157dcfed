//! Requests with values that are missing, misplaced or refused: none of them is a success without effect.

use crate::support::{TestServer, error_envelope};

/// Requests whose values are missing, or in a place where they are not read. A success would make the client report to
/// its user that they are stored.
#[test]
fn a_request_about_a_page_without_effect_is_an_error() {
    let server = TestServer::start();
    let page = "/ws/page/1";
    let before = server.ws(page, "").body;
    for (path, payloads) in [
        (
            "/lists/1/items/update/1",
            &["<item/>", "<content>x</content>", "<item><name>x</name></item>", "<x><content>x</content></x>"][..],
        ),
        ("/items/update/1", &["<item/>", "<content>x</content>"]),
        ("/lists/1/items/reorder", &["<item-ids>2 1</item-ids>", "<items><id>2</id></items>", "<item-id/>"]),
        ("/lists/1/items/move/1", &["<item><to>top</to></item>", "<direction/>", "<direction>top</direction>"]),
        ("/lists/1/items/add", &["<content>x</content>", "<item><name>x</name></item>"]),
        ("/lists/update/1", &["<list/>", "<name>x</name>", "<list><title>x</title></list>"]),
        ("/lists/add", &["<list/>", "<title>x</title>"]),
        ("/notes/update/1", &["<note/>", "<title>x</title><body>y</body>", "<note><text>x</text></note>"]),
        ("/notes/create", &["<title>x</title><body>y</body>"]),
        ("/separators/create", &["<separator/>", "<title>x</title>"]),
        ("/separators/update/1", &["<separator/>", "<separator><title>x</title></separator>"]),
        (
            "/reorder",
            &["<belongings/>", "<belonging>1</belonging>", "<belongings><belonging>1</belonging></belongings>"],
        ),
        (
            "/share",
            &[
                "<page/>",
                "<email_addresses/>",
                "<email>jo@example.com</email>",
                "<page><email>jo@example.com</email></page>",
            ],
        ),
        ("/tags/tag", &["<tag>x</tag>", "<page><tag>x</tag></page>", "<tags><tag>x</tag></tags>"]),
        (
            "/update_title",
            &[
                "<page/>",
                "<title>x</title>",
                "<page><name>x</name></page>",
                "<page><title><b>x</b></title></page>",
                "<page><title>x <b>y</b></title></page>",
            ],
        ),
        ("/update_body", &["<page/>", "<description>x</description>", "<page><body>x</body></page>"]),
        ("/link", &["<page_id>2</page_id>", "<linked_page_id/>"]),
        ("/unlink", &["<page_id>2</page_id>", "<linked_page_id/>"]),
    ] {
        for payload in payloads.iter().chain(&[""]) {
            assert_eq!(server.ws(&format!("{page}{path}"), payload).status(), 500, "{path} {payload}");
        }
    }
    assert_eq!(server.ws(page, "").body, before);
}

#[test]
fn a_request_about_a_reminder_without_effect_is_an_error() {
    let server = TestServer::start();
    let created = server.rest("POST /reminders.xml", "<reminder><content>+30 x</content></reminder>");
    let reminder = created.location_id();
    for payload in ["", "<reminder/>", "<content>x</content>", "<reminder><text>x</text></reminder>"] {
        for path in ["/ws/reminders/create".to_owned(), format!("/ws/reminders/update/{reminder}")] {
            assert_eq!(server.ws(&path, payload).status(), 500, "{path} {payload}");
        }
        assert_eq!(server.rest(&format!("PUT /reminders/{reminder}.xml"), payload).status(), 422, "{payload}");
        assert_eq!(server.rest("POST /reminders.xml", payload).status(), 422, "{payload}");
    }
}

/// Old clients send all fields of an event, empty ones too, so an event without values is accepted.
#[test]
fn a_request_about_an_event_needs_the_event() {
    let server = TestServer::start();
    let created =
        server.rest("POST /calendar_events.xml", "<event><calendar-id>1</calendar-id><title>x</title></event>");
    let event = created.location_id();
    for payload in ["", "<title>x</title>"] {
        assert_eq!(server.rest(&format!("PUT /calendar_events/{event}.xml"), payload).status(), 422, "{payload}");
    }
    for payload in ["<event/>", "<event><occurs_at/></event>"] {
        assert_eq!(server.rest(&format!("PUT /calendar_events/{event}.xml"), payload).status(), 200, "{payload}");
    }
}

#[test]
fn a_page_is_shared_with_addresses_in_the_page_and_a_flag_beside_it() {
    let server = TestServer::start();
    let invited = |payload: &str| {
        assert_eq!(server.ws("/ws/page/1/share", payload).status(), 200, "{payload}");
        let query = "SELECT group_concat(recipient, ' ') FROM (SELECT recipient FROM outbox ORDER BY id)";
        let mail: Option<String> = server.open_file().query_row(query, (), |row| row.get(0)).expect("the outbox");
        server.open_file().execute("DELETE FROM outbox", ()).expect("an empty outbox");
        mail.unwrap_or_default()
    };
    invited("<page><public>1</public></page>");
    for payload in [
        "<page><email_addresses>jo@example.com ada@example.org</email_addresses></page>",
        "<page public='0'><email-addresses>jo@example.com\r\n ada@example.org</email-addresses></page>",
        "<email_addresses>jo@example.com, ada@example.org</email_addresses><page><public/></page>",
    ] {
        assert_eq!(invited(payload), "jo@example.com ada@example.org", "{payload}");
    }
    let is_public = || server.send("GET /pub/1 HTTP/1.1\nHost: demo.example.com", "").status() == 200;
    assert!(!is_public());
    invited("<email_addresses>jo@example.com</email_addresses><public>1</public>");
    assert!(is_public(), "the flag beside `<page>`");
}

#[test]
fn refuses_addresses_that_are_not_valid() {
    let server = TestServer::start();
    let long = format!("{}@example.com", "a".repeat(300));
    for address in ["-option@example.com", &*long, "jo@@example.com", "jo", "jo@", "a..b@example.com"] {
        let payload = format!("<email_addresses>ada@example.org {address}</email_addresses>");
        let refused = server.ws("/ws/page/1/share", &payload);
        let message = "Internal error: an address to share with is not a mail address";
        assert_eq!(refused.body, error_envelope(500, message), "{address}");
    }
    let mail: u64 = server.open_file().query_row("SELECT count(*) FROM outbox", (), |row| row.get(0)).expect("a count");
    assert_eq!(mail, 0, "no mail is sent, not even to the valid address");
}
