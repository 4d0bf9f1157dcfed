use backpack_api::runtime::Serve;
use backpack_api::{PageId, WidgetKind, pages};

use super::super::receive;
use super::{act, page, store};
use crate::{ApiError, Store};

/// Everything on a page.
fn shown(store: &Store, page: PageId) -> backpack_api::Page {
    act(store, 60, move |context| context.serve(&pages::Show::new(page)))
}

fn to(address: &str, rest: &str) -> Vec<u8> {
    format!("From: jo@example.com\r\nTo: Page <{address}>\r\n{rest}").into_bytes()
}

#[test]
fn mail_to_a_page_is_at_its_bottom() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    act(&store, 0, move |context| context.serve(&backpack_api::separators::Create::new(id, "Later")));
    let mail =
        to(&address, "Subject: =?utf-8?q?Fahrplan_f=C3=BCr?=\r\n =?utf-8?q?_Mai?=\r\n\r\nAt nine.\r\nDaily.\r\n");
    assert_eq!(receive(&store, &mail, None), Ok(vec![id]));
    let page = shown(&store, id);
    assert_eq!(page.emails.len(), 1);
    assert_eq!(page.emails[0].subject, "Fahrplan für Mai");
    assert_eq!(page.emails[0].body, "At nine.\nDaily.\n");
    let last = page.belongings.last().unwrap();
    assert_eq!((&last.kind, last.widget_id, last.position), (&WidgetKind::Email, 1, 2));
    assert_eq!(page.notes, []);
}

#[test]
fn a_body_is_the_text_and_then_the_html() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let mail = to(
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
    assert_eq!(shown(&store, id).emails[0].body, "Café\n<p>Café</p>\n\n[tickets.pdf was attached, and is not kept]");
    let html = to(&address, "Subject: One\r\nContent-Type: text/html\r\n\r\n<p>Only</p>");
    receive(&store, &html, None).unwrap();
    assert_eq!(shown(&store, id).emails[0].body, "<p>Only</p>");
}

#[test]
fn every_part_leaves_a_trace_on_a_line_of_its_own() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let mail = to(
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
    assert_eq!(shown(&store, id).emails[0].body, body);
}

/// Some send each mail as a forwarded one in a forwarded one.
#[test]
fn mails_that_are_deep_in_each_other_are_files() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let nested = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n".repeat(20);
    receive(&store, &to(&address, &format!("{nested}\r\nText")), None).unwrap();
    let body = &shown(&store, id).emails[0].body;
    assert_eq!(body.matches("Forwarded message").count(), 8);
    assert!(body.ends_with("[message/rfc822 was attached, and is not kept]"), "{body}");
    let nested = |levels| to(&address, &"Content-type: message/rfc822\n\n".repeat(levels));
    assert_eq!(receive(&store, &nested(1_000), None), Ok(vec![id]));
    let refused = Err(ApiError::Invalid("The mail has too many parts"));
    assert_eq!(receive(&store, &nested(1_000_000), None), refused);
}

#[test]
fn bytes_of_which_nobody_says_the_charset_are_read_as_old_programs_wrote_them() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let head = to(&address, "Subject: Caf");
    for (rest, subject, body) in [
        (&b"\xe9\r\n\r\nEs ist sp\xe4t \x96 \x80 5"[..], "Café", "Es ist spät – € 5"),
        ("é\r\n\r\nspät".as_bytes(), "Café", "spät"),
        (b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsp=E4t", "Caf", "spät"),
        (b"\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc3DkdA==", "Caf", "spät"),
        (b"\r\nContent-Type: text/plain; charset=iso-8859-2\r\n\r\n\xb9", "Caf", "š"),
    ] {
        receive(&store, &[&head[..], rest].concat(), None).unwrap();
        let page = shown(&store, id);
        let email = page.emails.iter().max_by_key(|email| email.id.0).unwrap();
        assert_eq!((email.subject.as_str(), email.body.as_str()), (subject, body));
    }
}

#[test]
fn a_subject_that_begins_with_note_makes_a_note_too() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    receive(&store, &to(&address, "Subject: Note:  Tickets & all\r\n\r\nPier 4"), None).unwrap();
    let page = shown(&store, id);
    assert_eq!(page.emails[0].subject, "Note: Tickets & all");
    assert_eq!((page.notes[0].title.as_str(), page.notes[0].body.as_str()), ("Tickets & all", "Pier 4"));
    let kinds: Vec<_> = page.belongings.iter().map(|belonging| &belonging.kind).collect();
    assert_eq!(kinds, [&WidgetKind::Email, &WidgetKind::Note]);
}

#[test]
fn what_xml_cannot_hold_is_left_out() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let mail = to(&address, "Subject: a\u{1}b\r\n\r\nc\0d\u{b}e\tf\u{ffff}g\u{fffd}h\r\n");
    receive(&store, &mail, None).unwrap();
    let email = &shown(&store, id).emails[0];
    assert_eq!((email.subject.as_str(), email.body.as_str()), ("ab", "cde\tfg\u{fffd}h\n"));
}

#[test]
fn who_brought_it_knows_best_whom_it_is_for() {
    let store = store();
    let (one, two) = (page(&store, "One"), page(&store, "Two"));
    let both = format!("Cc: {}, =?utf-8?q?Zwei?= <{}>\r\nSubject: x\r\n\r\nText", one.1, two.1.to_uppercase());
    assert_eq!(receive(&store, &to("jo@example.com", &both), None), Ok(vec![one.0, two.0]));
    let delivered = format!("Delivered-To: {}\r\nX-Original-To: someone@example.com\r\n{both}", two.1);
    assert_eq!(receive(&store, &to(&one.1, &delivered), None), Ok(vec![two.0]));
    assert_eq!(receive(&store, &to(&two.1, &delivered), Some(&one.1)), Ok(vec![one.0]));
    for recipient in [format!("<{}>", one.1), format!("Page <{}>", one.1), format!(" {} ", one.1)] {
        assert_eq!(receive(&store, &to(&two.1, "\r\nText"), Some(&recipient)), Ok(vec![one.0]), "{recipient}");
    }
    let other_domain = one.1.replace("acme.example.com", "localhost");
    assert_eq!(receive(&store, &to("jo@example.com", "\r\nText"), Some(&other_domain)), Ok(vec![one.0]));
}

#[test]
fn mail_that_is_for_no_page_is_refused() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let unknown = Err(ApiError::Invalid("No page has the address that the mail is for"));
    assert_eq!(receive(&store, &to("jo@example.com", "\r\nText"), None), unknown);
    assert_eq!(receive(&store, &to(&address, "\r\nText"), Some("jo@example.com")), unknown);
    for garbage in
        [&b""[..], b"garbage no header", b"garbage no header\r\n", b"\r\nSubject: x\r\n", b": x\r\n", b"a b: c\r\n\r\n"]
    {
        assert_eq!(receive(&store, garbage, Some(&address)), Err(ApiError::Invalid("This is no mail")));
    }
    let large = to(&address, &format!("\r\n{}", "x".repeat(32 * 1024 * 1024)));
    assert_eq!(receive(&store, &large, None), Err(ApiError::Invalid("The mail is too large")));
    assert_eq!(shown(&store, id).emails, []);
}

#[test]
fn a_line_of_the_envelope_in_front_is_passed_over() {
    let store = store();
    let (id, address) = page(&store, "Ferry");
    let mail =
        [b"From jo@example.com Wed Sep  1 12:00:00 2010\n".to_vec(), to(&address, "Subject: x\r\n\r\nText")].concat();
    assert_eq!(receive(&store, &mail, None), Ok(vec![id]));
    assert_eq!(shown(&store, id).emails[0].subject, "x");
}

#[test]
fn a_mail_that_is_brought_again_is_kept_once_on_each_page() {
    let store = store();
    let (one, two) = (page(&store, "One"), page(&store, "Two"));
    let mail = to(&one.1, "Subject: note: Ferry\r\nMessage-ID: <1.2@example.com>\r\n\r\nText");
    let other = to(&one.1, "Subject: note: Ferry\r\nMessage-ID: <1.3@example.com>\r\n\r\nText");
    let unnamed = to(&one.1, "Subject: Ferry\r\n\r\nText");
    for _ in 0..2 {
        assert_eq!(receive(&store, &mail, None), Ok(vec![one.0]));
        assert_eq!(receive(&store, &mail, Some(&two.1)), Ok(vec![two.0]));
    }
    let counts = |page| (shown(&store, page).emails.len(), shown(&store, page).notes.len());
    assert_eq!((counts(one.0), counts(two.0)), ((1, 1), (1, 1)));
    receive(&store, &other, None).unwrap();
    assert_eq!(counts(one.0), (2, 2), "another mail");
    receive(&store, &unnamed, None).unwrap();
    receive(&store, &unnamed, None).unwrap();
    assert_eq!(counts(one.0), (4, 2), "nothing says that they are the same");
}
