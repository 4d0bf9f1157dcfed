//! Times in requests, in the notations of old clients. The first user of the demo is in London.

use crate::support::TestServer;

/// Notations of 7:08:09 in UTC on 6 May 2090, when it is 8:08:09 in London.
const WITH_OFFSET: [&str; 7] = [
    "2090-05-06 07:08:09.000000000 Z",
    "2090-05-06T07:08:09Z",
    "2090-05-06 07:08:09 UTC",
    "2090-05-06T09:08:09.5+02:00",
    "2090-5-6 9:08:09 +0200",
    "2090-05-06 00:08:09 -7",
    "Sat, 06 May 2090 07:08:09 GMT",
];

/// Notations of 17:00 on 6 May 2090, without an offset.
const WITHOUT_OFFSET: [&str; 5] =
    ["2090-05-06 17:00", "2090-5-6 17:00:00", "May 6, 2090 5pm", "6 May 2090 17:00", "5/6/2090 5:00 pm"];

/// Returns the value of `remind_at` in the response of a legacy operation.
fn find_time(body: &str) -> &str {
    body.split_once("remind_at=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or(body)
}

#[test]
fn a_time_is_read_in_every_format_and_converted_to_the_users_time_zone() {
    let server = TestServer::start();
    let path = "POST /ws/reminders/create HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN";
    let create = |header: &str, body: String| server.send(&format!("{path}\n{header}"), &body);
    let notations = WITH_OFFSET.map(|text| (text, "2090-05-06 08:08:09"));
    let notations = notations.into_iter().chain(WITHOUT_OFFSET.map(|text| (text, "2090-05-06 17:00:00")));
    for (text, expected) in notations.chain([("2090-05-06", "2090-05-06 00:00:00")]) {
        let form = text.replace('+', "%2B");
        for (header, body) in [
            ("Accept: */*", format!("<reminder><content>x</content><remind_at>{text}</remind_at></reminder>")),
            ("Accept: */*", format!("<reminder remind-at='{text}' content='x'/>")),
            ("X-POST_DATA_FORMAT: yaml", format!("reminder:\n  content: x\n  remind_at: {text}\n")),
            ("X-POST_DATA_FORMAT: yaml", format!("reminder: {{content: x, remind_at: \"{text}\"}}")),
            ("Accept: */*", format!(r#"{{"reminder": {{"content": "x", "remind_at": "{text}"}}}}"#)),
            (
                "Content-Type: application/x-www-form-urlencoded",
                format!("reminder[content]=x&reminder[remind_at]={form}"),
            ),
        ] {
            let created = create(header, body.clone());
            assert_eq!((created.status(), find_time(&created.body)), (200, expected), "{body}");
        }
    }
}

#[test]
fn every_operation_with_a_time_reads_the_notations_of_old_clients() {
    let server = TestServer::start();
    let text = "May 6, 2090 07:08:09 UTC";
    let reminder = format!("<reminder><content>x</content><remind_at>{text}</remind_at></reminder>");
    let created = server.rest("POST /reminders.xml", &reminder);
    assert!(created.body.contains("<remind_at>2090-05-06 08:08:09<"), "{}", created.body);
    let id = created.location_id();
    let legacy = server.ws(&format!("/ws/reminders/update/{id}"), &reminder);
    assert_eq!(find_time(&legacy.body), "2090-05-06 08:08:09");
    let updated = server.rest(&format!("PUT /reminders/{id}.xml"), &reminder.replace("07:08", "08:08"));
    assert_eq!(updated.status(), 200, "{}", updated.body);
    assert!(server.rest("GET /reminders.xml", "").body.contains("<remind_at>2090-05-06 09:08:09<"));

    // An event's time without an offset is in UTC.
    let times = format!("<occurs-at>{text}</occurs-at><occurs-until>May 6 2090 5pm</occurs-until>");
    let event = format!("<event><calendar-id>1</calendar-id><title>Launch</title>{times}</event>");
    let created = server.rest("POST /calendar_events.xml", &event);
    let show = || server.rest(&format!("GET /calendar_events/{}.xml", created.location_id()), "").body;
    assert!(show().contains(">2090-05-06T07:08:09Z</occurs-at>") && show().contains(">2090-05-06T17:00:00Z<"));
    let later = "<event><occurs-at>Saturday, 6 May 2090 10:08 +0200</occurs-at></event>";
    let updated = server.rest(&format!("PUT /calendar_events/{}.xml", created.location_id()), later);
    assert_eq!(updated.status(), 200, "{}", updated.body);
    assert!(show().contains(">2090-05-06T08:08:00Z</occurs-at>"), "{}", show());
}

#[test]
fn an_invalid_value_beside_a_time_is_the_one_that_the_error_names() {
    let server = TestServer::start();
    let remindees = "<remindees><user_id>x</user_id></remindees>";
    let reminder =
        format!("<reminder><content>x</content><remind_at>May 6, 2090 5pm</remind_at>{remindees}</reminder>");
    let refused = server.rest("POST /reminders.xml", &reminder);
    assert_eq!(refused.status_line(), "HTTP/1.1 422 reminder/remindees/user_id should be a number, of digits only");
}

/// The types of the schema accept different notations of ISO 8601.
#[test]
fn all_operations_read_the_same_notations() {
    let server = TestServer::start();
    for text in ["20900506T070809Z", "2090-05-06T08:08:09.25+01:00[Europe/London]", "5/6/2090, 7:08:09\u{202F}AM UTC"] {
        let reminder = format!("<reminder><content>x</content><remind_at>{text}</remind_at></reminder>");
        let created = server.rest("POST /reminders.xml", &reminder);
        assert!(created.body.contains("<remind_at>2090-05-06 08:08:09<"), "{text}: {created:?}");
        let event = "<event><calendar-id>1</calendar-id><title>Launch</title>";
        let event = server.rest("POST /calendar_events.xml", &format!("{event}<occurs-at>{text}</occurs-at></event>"));
        let shown = server.rest(&format!("GET /calendar_events/{}.xml", event.location_id()), "").body;
        assert!(shown.contains(">2090-05-06T07:08:09Z</occurs-at>"), "{text}: {shown}");
    }
}

#[test]
fn a_time_that_does_not_exist_is_refused() {
    let server = TestServer::start();
    for text in ["2090-13-06 07:08", "99999-01-01 07:08", "2090-05-06 25:00", "soon", "Sun, 6 May 2090 07:08"] {
        let reminder = format!("<reminder><content>x</content><remind_at>{text}</remind_at></reminder>");
        let refused = server.rest("POST /reminders.xml", &reminder);
        assert_eq!(
            refused.status_line(),
            "HTTP/1.1 422 reminder/remind_at should be a date and time such as `2009-03-14 08:05:40`"
        );
        assert_eq!(server.ws("/ws/reminders/create", &reminder).status(), 500);
    }
    let unknown = server.send(
        "POST /reminders.xml HTTP/1.1\nHost: demo.example.com\nX-BP-Token: none",
        "<reminder><content>x</content><remind_at>soon</remind_at></reminder>",
    );
    assert_eq!(unknown.status(), 403, "only users learn what is wrong");
}
