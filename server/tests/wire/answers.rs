//! The exact bytes of answers.

use backpack_server::ServerConfig;

use crate::support::{DONE, Service};

#[test]
fn an_answer_without_a_result_is_the_empty_envelope() {
    let service = Service::start();
    let reply = service.ws("/ws/page/1/update_title", "<page><title>Coast</title></page>");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nStatus: 200 OK\r\nContent-Length: 75\r\n\r\n";
    assert_eq!((reply.head.as_str(), reply.body.as_str()), (head, DONE));
}

#[test]
fn attributes_have_double_quotes_and_text_has_nothing_around_it() {
    let service = Service::start();
    let payload = "<item><content>Rope\r\n &amp; \"knots\"</content></item>";
    let reply = service.ws("/ws/page/1/lists/1/items/add", payload);
    let item = format!(r#"<item completed="false" id="{}" list_id="1" updated_at=""#, reply.id());
    assert!(reply.payload().starts_with(&item), "{}", reply.body);
    assert!(reply.payload().ends_with(">Rope\n &amp; \"knots\"</item>"), "{}", reply.body);
}

#[test]
fn an_absent_value_is_nil_without_a_type() {
    let service = Service::start();
    let me = service.rest("GET /me.xml", "");
    assert!(me.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user>"), "{}", me.body);
    assert!(me.body.contains("<identity-url nil=\"true\"/>"), "{}", me.body);
    assert!(me.body.contains("<mobile-phone-number nil=\"true\"/>"), "{}", me.body);
    for line in me.body.split('<').filter(|tag| tag.contains("nil=")) {
        assert!(!line.contains("type="), "{line}");
    }
}

#[test]
fn calendars_and_their_events_are_no_arrays() {
    let service = Service::start();
    let calendars = service.rest("GET /calendars.xml", "");
    assert!(calendars.body.contains("?>\n<calendars><calendar>"), "{}", calendars.body);
    let events = service.rest("GET /calendars/1/calendar_events.xml", "");
    assert!(events.body.contains("?>\n<calendar-events><calendar-event>"), "{}", events.body);
    let statuses = service.rest("GET /statuses.xml", "");
    assert!(statuses.body.contains("?>\n<statuses type=\"array\"><status>"), "{}", statuses.body);
}

#[test]
fn what_was_created_is_at_a_location_as_the_original_had_it() {
    let service = Service::start();
    let event = "<request><event><calendar-id>1</calendar-id><title>Concert</title></event></request>";
    let event = service.rest("POST /calendar_events.xml", event);
    let address = format!("http://demo.example.com/calendar_events/{}.xml", event.created());
    assert_eq!((event.status(), event.header("location"), &*event.body), (201, Some(&*address), ""));

    let entry = format!("POST /users/{}/journal_entries.xml", service.user());
    let entry = service.rest(&entry, "<journal-entry><body>Sanded</body></journal-entry>");
    let address = format!("http://demo.example.com/journal-entries/{}", entry.created());
    assert_eq!((entry.status(), entry.header("location"), &*entry.body), (201, Some(&*address), ""));

    let reminder = service.rest("POST /reminders.xml", "<reminder><content>+30 Call</content></reminder>");
    let path = format!("/reminders/{}", reminder.id());
    assert_eq!((reminder.status(), reminder.header("location")), (201, Some(&*path)));

    let separator = service.rest("POST /pages/1/separators.xml", "<separator><name>Now</name></separator>");
    let path = format!("/pages/1/separators/{}.xml", separator.id());
    assert_eq!((separator.status(), separator.header("location")), (201, Some(&*path)));
}

#[test]
fn a_location_leads_to_what_was_created() {
    let service = Service::start();
    let entry = format!("POST /users/{}/journal_entries.xml", service.user());
    let entry = service.rest(&entry, "<journal-entry><body>Sanded</body></journal-entry>");
    let shown = service.rest(&format!("GET /journal-entries/{}", entry.created()), "");
    assert!(shown.body.contains("<body>Sanded</body>"), "{shown:?}");
}

#[test]
fn the_status_is_repeated_in_a_header() {
    let service = Service::start();
    assert_eq!(service.ws("/ws/pages/all", "").header("Status"), Some("200 OK"));
    assert_eq!(service.ws("/ws/page/99", "").header("Status"), Some("404 Not Found"));
    let deleted = service.rest("DELETE /pages/1/separators/1.xml", "");
    assert_eq!((deleted.line(), deleted.header("Status")), ("HTTP/1.1 204 No Content", Some("204 No Content")));
    let refused = service.rest("POST /calendar_events.xml", "<event><title>x</title></event>");
    assert_eq!(refused.line().strip_prefix("HTTP/1.1 "), refused.header("Status"));
}

#[test]
fn a_head_request_has_the_head_of_the_answer() {
    let service = Service::start();
    let all = service.rest("GET /calendars.xml", "");
    let mut stream = service.connect();
    let request = service.bytes("HEAD /calendars.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN", "");
    std::io::Write::write_all(&mut stream, &request).expect("a request should be taken");
    assert_eq!(crate::support::head(&mut stream), all.head);
}

#[test]
fn a_page_has_one_mail_address_whatever_the_service_is_called_by() {
    let address = |service: &Service, host: &str| {
        let page = service.send(&format!("POST /ws/page/1 HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN"), "");
        let rest = page.body.split_once("email_address=\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().split_once('@').map(|(_, domain)| domain.to_owned())
    };
    let demo = |settings: &mut ServerConfig| settings.accounts.default_account = Some("demo".to_owned());
    let (service, own) = (
        Service::with(demo),
        Service::with(|settings| {
            demo(settings);
            settings.accounts.domain = Some("example.com".to_owned());
        }),
    );
    for host in ["127.0.0.1:3000", "localhost", "[::1]:3000", "demo.localhost", "demo.example.com"] {
        assert_eq!(address(&service, host).as_deref(), Some("demo.localhost"), "{host}");
        assert_eq!(address(&own, host).as_deref(), Some("demo.example.com"), "{host}");
    }
}

#[test]
fn a_page_by_mail_has_everything_that_is_on_it() {
    let service = Service::start();
    assert_eq!(service.ws("/ws/page/1/email", "").body, DONE);
    let last = "SELECT body FROM outbox ORDER BY id DESC LIMIT 1";
    let body: String = service.file().query_row(last, (), |row| row.get(0)).expect("a mail");
    assert!(body.contains("\nLast time\n---------\nImage: bay.jpg: The bay from the lighthouse\n"), "{body}");
    let page = service.ws("/ws/page/1", "").body;
    for named in page.split("file_name=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(body.contains(&format!(": {named}")), "{named} in {body}");
    }
}

/// Who writes cannot lead others elsewhere by the host that they call the service by.
#[test]
fn an_invitation_has_the_address_of_a_page_that_everybody_may_read_and_of_no_other() {
    let service = Service::with(|settings| settings.accounts.domain = Some("example.com".to_owned()));
    let invitation = |host: &str, public: &str| {
        let addresses = "<email_addresses>jo@example.org</email_addresses>";
        let body = format!("<request>{addresses}<page><public>{public}</public></page></request>");
        let head = format!("POST /ws/page/1/share HTTP/1.1\nHost: {host}\nX-BP-Token: TOKEN");
        assert_eq!(service.send(&head, &body).body, DONE);
        let last = "SELECT body FROM outbox ORDER BY id DESC LIMIT 1";
        service.file().query_row(last, (), |row| row.get::<_, String>(0)).expect("an invitation")
    };
    let text = "Ines Moreau shares a page with you:\n\nWeekend on the coast\n";
    for host in ["demo.example.com:3000", "demo.localhost:3000"] {
        assert_eq!(invitation(host, "1"), format!("{text}http://demo.example.com:3000/pub/1\n"));
        let private = "Only who has an account with the service can read it, until Ines Moreau makes it public.";
        assert_eq!(invitation(host, "0"), format!("{text}{private}\n"));
    }
}
