//! The exact bytes of responses.

use std::io::Write;

use backpack_server::ServerConfig;

use crate::support::{EMPTY_ENVELOPE, TestServer, read_head};

#[test]
fn a_response_without_a_result_is_the_empty_envelope() {
    let server = TestServer::start();
    let response = server.ws("/ws/page/1/update_title", "<page><title>Coast</title></page>");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nStatus: 200 OK\r\n\
        Cache-Control: no-store\r\nContent-Length: 75\r\n\r\n";
    assert_eq!((response.head.as_str(), response.body.as_str()), (head, EMPTY_ENVELOPE));
}

#[test]
fn attributes_have_double_quotes_and_text_has_no_surrounding_space() {
    let server = TestServer::start();
    let payload = "<item><content>Rope\r\n &amp; \"knots\"</content></item>";
    let response = server.ws("/ws/page/1/lists/1/items/add", payload);
    let item = format!(r#"<item completed="false" id="{}" list_id="1" updated_at=""#, response.id());
    assert!(response.payload().starts_with(&item), "{}", response.body);
    assert!(response.payload().ends_with(">Rope\n &amp; \"knots\"</item>"), "{}", response.body);
}

#[test]
fn an_absent_value_is_nil_without_a_type() {
    let server = TestServer::start();
    let me = server.rest("GET /me.xml", "");
    assert!(me.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user>"), "{}", me.body);
    assert!(me.body.contains("<identity-url nil=\"true\"/>"), "{}", me.body);
    assert!(me.body.contains("<mobile-phone-number nil=\"true\"/>"), "{}", me.body);
    for tag in me.body.split('<').filter(|tag| tag.contains("nil=")) {
        assert!(!tag.contains("type="), "{tag}");
    }
}

#[test]
fn calendars_and_their_events_have_no_array_type() {
    let server = TestServer::start();
    let calendars = server.rest("GET /calendars.xml", "");
    assert!(calendars.body.contains("?>\n<calendars><calendar>"), "{}", calendars.body);
    let events = server.rest("GET /calendars/1/calendar_events.xml", "");
    assert!(events.body.contains("?>\n<calendar-events><calendar-event>"), "{}", events.body);
    let statuses = server.rest("GET /statuses.xml", "");
    assert!(statuses.body.contains("?>\n<statuses type=\"array\"><status>"), "{}", statuses.body);
}

#[test]
fn a_created_resource_has_the_location_of_the_original_service() {
    let server = TestServer::start();
    let event = "<request><event><calendar-id>1</calendar-id><title>Concert</title></event></request>";
    let event = server.rest("POST /calendar_events.xml", event);
    let url = format!("http://demo.example.com/calendar_events/{}.xml", event.location_id());
    assert_eq!((event.status(), event.header("location"), &*event.body), (201, Some(&*url), ""));

    let entry = format!("POST /users/{}/journal_entries.xml", server.user());
    let entry = server.rest(&entry, "<journal-entry><body>Sanded</body></journal-entry>");
    let url = format!("http://demo.example.com/journal-entries/{}", entry.location_id());
    assert_eq!((entry.status(), entry.header("location"), &*entry.body), (201, Some(&*url), ""));

    let reminder = server.rest("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>");
    let path = format!("/reminders/{}", reminder.id());
    assert_eq!((reminder.status(), reminder.header("location")), (201, Some(&*path)));

    let separator = server.rest("POST /pages/1/separators.xml", "<separator><name>Now</name></separator>");
    let path = format!("/pages/1/separators/{}.xml", separator.id());
    assert_eq!((separator.status(), separator.header("location")), (201, Some(&*path)));
}

/// This `Location` has a short form, without `.xml` and with a dash, which is not a documented path.
#[test]
fn a_location_leads_to_the_created_resource() {
    let server = TestServer::start();
    let entry = format!("POST /users/{}/journal_entries.xml", server.user());
    let entry = server.rest(&entry, "<journal-entry><body>Sanded</body></journal-entry>");
    let shown = server.rest(&format!("GET /journal-entries/{}", entry.location_id()), "");
    assert!(shown.body.contains("<body>Sanded</body>"), "{shown:?}");
}

#[test]
fn a_header_repeats_the_status() {
    let server = TestServer::start();
    assert_eq!(server.ws("/ws/pages/all", "").header("Status"), Some("200 OK"));
    assert_eq!(server.ws("/ws/page/99", "").header("Status"), Some("404 Not Found"));
    let deleted = server.rest("DELETE /pages/1/separators/1.xml", "");
    assert_eq!((deleted.status_line(), deleted.header("Status")), ("HTTP/1.1 204 No Content", Some("204 No Content")));
    let rejected = server.rest("POST /calendar_events.xml", "<event><title>x</title></event>");
    assert_eq!(rejected.status_line().strip_prefix("HTTP/1.1 "), rejected.header("Status"));
}

#[test]
fn a_head_request_has_the_head_of_the_get_response() {
    let server = TestServer::start();
    let all = server.rest("GET /calendars.xml", "");
    let mut stream = server.connect();
    let request = server.build_request("HEAD /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    stream.write_all(&request).expect("the request should be sent");
    assert_eq!(read_head(&mut stream), all.head);
}

#[test]
fn the_domain_of_a_pages_mail_address_does_not_depend_on_the_host_header() {
    let mail_domain = |server: &TestServer, host: &str| {
        let page = server.send(&format!("POST /ws/page/1 HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN"), "");
        let rest = page.body.split_once("email_address=\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().split_once('@').map(|(_, domain)| domain.to_owned())
    };
    let set_default_account = |config: &mut ServerConfig| config.accounts.default_account = Some("demo".to_owned());
    let server = TestServer::start_with(set_default_account);
    let server_with_domain = TestServer::start_with(|config| {
        set_default_account(config);
        config.accounts.domain = Some("example.com".to_owned());
    });
    for host in ["127.0.0.1:3000", "localhost", "[::1]:3000", "demo.localhost", "demo.example.com"] {
        assert_eq!(mail_domain(&server, host).as_deref(), Some("demo.localhost"), "{host}");
        assert_eq!(mail_domain(&server_with_domain, host).as_deref(), Some("demo.example.com"), "{host}");
    }
}

#[test]
fn a_mailed_page_contains_its_images_and_files() {
    let server = TestServer::start();
    assert_eq!(server.ws("/ws/page/1/email", "").body, EMPTY_ENVELOPE);
    let last = "SELECT body FROM outbox ORDER BY id DESC LIMIT 1";
    let body: String = server.open_file().query_row(last, (), |row| row.get(0)).expect("a mail");
    assert!(body.contains("\nLast time\n---------\nImage: bay.jpg: The bay from the lighthouse\n"), "{body}");
    let page = server.ws("/ws/page/1", "").body;
    for named in page.split("file_name=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(body.contains(&format!(": {named}")), "{named} in {body}");
    }
}

/// The URL does not depend on the `Host` header, so a client cannot direct other users to another host.
#[test]
fn only_the_invitation_to_a_public_page_has_its_url() {
    let server = TestServer::start_with(|config| config.accounts.domain = Some("example.com".to_owned()));
    let invitation = |host: &str, public: &str| {
        let addresses = "<email_addresses>jo@example.org</email_addresses>";
        let body = format!("<request>{addresses}<page><public>{public}</public></page></request>");
        let head = format!("POST /ws/page/1/share HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN");
        assert_eq!(server.send(&head, &body).body, EMPTY_ENVELOPE);
        let last = "SELECT body FROM outbox ORDER BY id DESC LIMIT 1";
        server.open_file().query_row(last, (), |row| row.get::<_, String>(0)).expect("an invitation")
    };
    let text = "Ines Moreau shares a page with you:\n\nWeekend on the coast\n";
    for host in ["demo.example.com:3000", "demo.localhost:3000"] {
        assert_eq!(invitation(host, "1"), format!("{text}http://demo.example.com:3000/pub/1\n"));
        let private =
            "Only people who have an account with the service can read it, until Ines Moreau makes it public.";
        assert_eq!(invitation(host, "0"), format!("{text}{private}\n"));
    }
}
