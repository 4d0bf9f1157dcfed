//! Mail to the address of a page.

use backpack_api::runtime::Serve;
use backpack_api::{PageId, WidgetKind, pages};

use super::super::receive;
use super::{act, create_page, create_store};
use crate::{ApiError, Store};

/// Shows a page with its content, as Jo sees it.
fn show_page(store: &Store, page: PageId) -> backpack_api::Page {
    act(store, 60, move |context| context.serve(&pages::Show::new(page)))
}

/// Builds a mail to an address. `rest` begins with further headers.
fn build_mail(address: &str, rest: &str) -> Vec<u8> {
    format!("From: jo@example.com\r\nTo: Page <{address}>\r\n{rest}").into_bytes()
}

#[test]
fn appends_mail_to_the_page() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    act(&store, 0, move |context| context.serve(&backpack_api::separators::Create::new(id, "Later")));
    let mail = build_mail(
        &address,
        "Subject: =?utf-8?q?Fahrplan_f=C3=BCr?=\r\n =?utf-8?q?_Mai?=\r\n\r\nAt nine.\r\nDaily.\r\n",
    );
    assert_eq!(receive(&store, &mail, None), Ok(vec![id]));
    let page = show_page(&store, id);
    assert_eq!(page.emails.len(), 1);
    assert_eq!(page.emails[0].subject, "Fahrplan für Mai");
    assert_eq!(page.emails[0].body, "At nine.\nDaily.\n");
    let last = page.belongings.last().unwrap();
    assert_eq!((&last.kind, last.widget_id, last.position), (&WidgetKind::Email, 1, 2));
    assert_eq!(page.notes, []);
}

#[test]
fn a_body_is_the_text_followed_by_the_html() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let mail = build_mail(
        &address,
        "Subject: Both\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
         --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
         --a\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         Caf=E9\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         PHA+Q2Fmw6k8L3A+\r\n--a--\r\n\
         --m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"tickets.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--m--\r\n",
    );
    receive(&store, &mail, None).unwrap();
    assert_eq!(
        show_page(&store, id).emails[0].body,
        "Café\n<p>Café</p>\n\n[tickets.pdf was attached, and is not kept]"
    );
    let html = build_mail(&address, "Subject: One\r\nContent-Type: text/html\r\n\r\n<p>Only</p>");
    receive(&store, &html, None).unwrap();
    assert_eq!(show_page(&store, id).emails[0].body, "<p>Only</p>");
}

#[test]
fn every_part_is_on_a_line_of_its_own() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let mail = build_mail(
        &address,
        "Subject: Fwd: Timetable\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
         --m\r\n\r\nsee below\r\n\
         --m\r\nContent-Type: message/rfc822\r\n\r\n\
         From: Al <al@example.com>\r\nSubject: =?utf-8?q?F=C3=A4hre?=\r\nContent-Type: multipart/mixed; boundary=n\r\n\r\n\
         --n\r\n\r\nAt nine.\r\n--n\r\nContent-Type: application/pdf; name=tickets.pdf\r\n\r\nx\r\n--n--\r\n\
         --m\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n\
         --m\r\nContent-Type: text/plain\r\n\r\nsecond text\r\n--m--\r\n",
    );
    receive(&store, &mail, None).unwrap();
    let body = "see below\nsecond text\n\n---------- Forwarded message ----------\nFrom: Al <al@example.com>\n\
                Subject: Fähre\n\nAt nine.\n\n[tickets.pdf was attached, and is not kept]\n\n\
                [image/jpeg was attached, and is not kept]";
    assert_eq!(show_page(&store, id).emails[0].body, body);
}

#[test]
fn deeply_nested_mails_are_kept_as_text() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let nested = |levels| "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n".repeat(levels);
    receive(&store, &build_mail(&address, &format!("{}\r\nText", nested(30))), None).unwrap();
    let body = &show_page(&store, id).emails[0].body;
    assert_eq!(body.matches("Forwarded message").count(), 20);
    assert!(body.ends_with("Content-Type: message/rfc822\n\nSubject: x\n\nText"), "{body}");
    assert_eq!(receive(&store, &build_mail(&address, &nested(100_000)), None), Ok(vec![id]));
}

#[test]
fn reads_text_without_a_charset_as_utf_8_or_windows_1252() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let head = build_mail(&address, "Subject: Caf");
    for (rest, subject, body) in [
        (&b"\xe9\r\n\r\nEs ist sp\xe4t \x96 \x80 5"[..], "Café", "Es ist spät – € 5"),
        ("é\r\n\r\nspät".as_bytes(), "Café", "spät"),
        (b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsp=E4t", "Caf", "spät"),
        (b"\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc3DkdA==", "Caf", "spät"),
        (b"\r\nContent-Type: text/plain; charset=iso-8859-2\r\n\r\n\xb9", "Caf", "š"),
    ] {
        receive(&store, &[&head[..], rest].concat(), None).unwrap();
        let page = show_page(&store, id);
        let email = page.emails.iter().max_by_key(|email| email.id.0).unwrap();
        assert_eq!((email.subject.as_str(), email.body.as_str()), (subject, body));
    }
}

#[test]
fn a_subject_with_the_prefix_note_creates_a_note_too() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    receive(&store, &build_mail(&address, "Subject: Note:  Tickets & all\r\n\r\nPier 4"), None).unwrap();
    let page = show_page(&store, id);
    assert_eq!(page.emails[0].subject, "Note: Tickets & all");
    assert_eq!((page.notes[0].title.as_str(), page.notes[0].body.as_str()), ("Tickets & all", "Pier 4"));
    let kinds: Vec<_> = page.belongings.iter().map(|belonging| &belonging.kind).collect();
    assert_eq!(kinds, [&WidgetKind::Email, &WidgetKind::Note]);
}

#[test]
fn removes_characters_that_xml_forbids() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let mail = build_mail(&address, "Subject: a\u{1}b\r\n\r\nc\0d\u{b}e\tf\u{ffff}g\u{fffd}h\r\n");
    receive(&store, &mail, None).unwrap();
    let email = &show_page(&store, id).emails[0];
    assert_eq!((email.subject.as_str(), email.body.as_str()), ("ab", "cde\tfg\u{fffd}h\n"));
}

#[test]
fn the_recipient_of_the_delivery_takes_precedence() {
    let store = create_store();
    let (one, two) = (create_page(&store, "One"), create_page(&store, "Two"));
    let both = format!("Cc: {}, =?utf-8?q?Zwei?= <{}>\r\nSubject: x\r\n\r\nText", one.1, two.1.to_uppercase());
    assert_eq!(receive(&store, &build_mail("jo@example.com", &both), None), Ok(vec![one.0, two.0]));
    let delivered = format!("Delivered-To: {}\r\nX-Original-To: someone@example.com\r\n{both}", two.1);
    assert_eq!(receive(&store, &build_mail(&one.1, &delivered), None), Ok(vec![two.0]));
    assert_eq!(receive(&store, &build_mail(&two.1, &delivered), Some(&one.1)), Ok(vec![one.0]));
    for recipient in [format!("<{}>", one.1), format!("Page <{}>", one.1), format!(" {} ", one.1)] {
        assert_eq!(receive(&store, &build_mail(&two.1, "\r\nText"), Some(&recipient)), Ok(vec![one.0]), "{recipient}");
    }
    let other_domain = one.1.replace("acme.example.com", "localhost");
    assert_eq!(receive(&store, &build_mail("jo@example.com", "\r\nText"), Some(&other_domain)), Ok(vec![one.0]));
}

#[test]
fn rejects_mail_without_a_page_input_without_a_header_and_large_mail() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let unknown = Err(ApiError::InvalidValue("No page has the recipient's address"));
    assert_eq!(receive(&store, &build_mail("jo@example.com", "\r\nText"), None), unknown);
    assert_eq!(receive(&store, &build_mail(&address, "\r\nText"), Some("jo@example.com")), unknown);
    for garbage in
        [&b""[..], b"garbage no header", b"garbage no header\r\n", b"\r\n x\r\n", b": x\r\n", b"a b: c\r\n\r\n"]
    {
        assert_eq!(receive(&store, garbage, Some(&address)), Err(ApiError::InvalidValue("The input is not a mail")));
    }
    let large = build_mail(&address, &format!("\r\n{}", "x".repeat(32 * 1024 * 1024)));
    assert_eq!(receive(&store, &large, None), Err(ApiError::InvalidValue("The mail is too large")));
    assert_eq!(show_page(&store, id).emails, []);
}

#[test]
fn skips_an_mbox_line() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let mail =
        [b"From jo@example.com Wed Sep  1 12:00:00 2010\n".to_vec(), build_mail(&address, "Subject: x\r\n\r\nText")]
            .concat();
    assert_eq!(receive(&store, &mail, None), Ok(vec![id]));
    assert_eq!(show_page(&store, id).emails[0].subject, "x");
}

#[test]
fn stores_a_repeated_mail_once_on_each_page() {
    let store = create_store();
    let (one, two) = (create_page(&store, "One"), create_page(&store, "Two"));
    let mail = build_mail(&one.1, "Subject: note: Ferry\r\nMessage-ID: <1.2@example.com>\r\n\r\nText");
    let other = build_mail(&one.1, "Subject: note: Ferry\r\nMessage-ID: <1.3@example.com>\r\n\r\nText");
    let unnamed = build_mail(&one.1, "Subject: Ferry\r\n\r\nText");
    for _ in 0..2 {
        assert_eq!(receive(&store, &mail, None), Ok(vec![one.0]));
        assert_eq!(receive(&store, &mail, Some(&two.1)), Ok(vec![two.0]));
    }
    let counts = |page| (show_page(&store, page).emails.len(), show_page(&store, page).notes.len());
    assert_eq!((counts(one.0), counts(two.0)), ((1, 1), (1, 1)));
    receive(&store, &other, None).unwrap();
    assert_eq!(counts(one.0), (2, 2), "another mail");
    receive(&store, &unnamed, None).unwrap();
    receive(&store, &unnamed, None).unwrap();
    assert_eq!(counts(one.0), (4, 2), "without an id, they may be different mails");
}

#[test]
fn keeps_a_different_mail_with_a_known_message_id() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let build =
        |trace: &str, rest: &str| build_mail(&address, &format!("{trace}Message-ID: <1.2@example.com>\r\n{rest}"));
    let mails = ["Subject: Ferry\r\n\r\nOne", "Subject: Ferry\r\n\r\nTwo", "Subject: note: Ferry\r\n\r\nOne"];
    for trace in ["", "Received: by mail.example.com; Wed, 1 Sep 2010 12:00:00 +0000\r\nX-Spam: no\r\n"] {
        for mail in mails {
            assert_eq!(receive(&store, &build(trace, mail), None), Ok(vec![id]));
        }
    }
    let encoded = "Content-Transfer-Encoding: base64\r\nSubject: =?utf-8?q?Ferry?=\r\n\r\nVHdv\r\n";
    receive(&store, &build("", encoded), None).unwrap();
    let page = show_page(&store, id);
    let mut kept: Vec<_> = page.emails.iter().map(|email| (email.subject.as_str(), email.body.as_str())).collect();
    kept.sort_unstable();
    assert_eq!(kept, [("Ferry", "One"), ("Ferry", "Two"), ("note: Ferry", "One")]);
    assert_eq!(page.notes.len(), 1);
}

#[test]
fn a_redelivery_of_the_second_mail_with_a_message_id_is_skipped_without_the_first() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let build = |body: &str| build_mail(&address, &format!("Message-ID: <1.2@example.com>\r\n\r\n{body}"));
    receive(&store, &build("One"), None).unwrap();
    receive(&store, &build("Two"), None).unwrap();
    super::run_sql(&store, "DELETE FROM emails WHERE body = 'One'");
    receive(&store, &build("Two"), None).unwrap();
    assert_eq!(show_page(&store, id).emails.len(), 1);
}

#[test]
fn keeps_mail_without_subject_sender_or_body() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    let attachment = "Content-Type: application/pdf; name=a.pdf\r\n\r\nx";
    for rest in ["", "\r\n", "Subject:\r\n\r\n", &format!("Subject: note:\r\n{attachment}")] {
        for mail in
            [format!("To: {address}\r\n{rest}"), format!("From: \r\nDate: \r\nMessage-ID: \r\nTo: {address}\r\n{rest}")]
        {
            assert_eq!(receive(&store, mail.as_bytes(), None), Ok(vec![id]), "{mail}");
        }
    }
    let page = show_page(&store, id);
    assert_eq!((page.emails.len(), page.notes.len()), (8, 2));
}

#[test]
fn a_note_without_a_body_is_empty() {
    let store = create_store();
    let (id, address) = create_page(&store, "Ferry");
    for rest in ["Subject: note: Oars", "Subject: note: Oars\r\n", "Subject: note: Oars\r\n\r\n"] {
        assert_eq!(receive(&store, &build_mail(&address, rest), None), Ok(vec![id]));
    }
    let notes = show_page(&store, id).notes;
    assert_eq!(notes.len(), 3);
    assert!(notes.iter().all(|note| (note.title.as_str(), note.body.as_str()) == ("Oars", "")));
}
