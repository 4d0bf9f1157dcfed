//! The feeds, with content that the operations have created.

use std::collections::BTreeSet;

use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{
    CalendarEventChanges, CalendarId, NewCalendarEvent, NewItem, NewNote, calendar_events, items, lists, notes, pages,
};

use super::*;
use crate::{Store, context::RequestContext};
use crate::{accounts, calendars, tokens, users, users::NewUser};

/// Token of the calendar in these tests.
const TOKEN: &str = "6b3a8e0f5d1c47a2b9e8f7061524c3d2e1f0a9b8";

/// Creates two accounts, calls `run` with the context of a user of the account `acme`, and returns its result.
fn with_context<T: Send + 'static>(run: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError> + Send + 'static) -> T {
    let store = Store::in_memory().unwrap();
    let result = store.write_blocking(|db| {
        accounts::create(db, "other", None)?;
        accounts::create(db, "acme", None)?;
        let jo = NewUser {
            name: "Jo".into(),
            email_address: "jo@example.com".into(),
            admin: false,
            time_zone: "London".into(),
        };
        let token = tokens::create(db, users::create(db, "acme", &jo)?)?;
        let me = tokens::authenticate(db, "acme", Some(token.expose()))?;
        run(&RequestContext {
            db,
            user: &me,
            host: &crate::account_host::AccountHost::insecure("acme", "acme.example.com"),
            now: "2010-09-01T12:00:00Z".parse().unwrap(),
        })
    });
    result.unwrap()
}

/// `true` if a path is that of a feed.
fn is_feed(path: &str) -> bool {
    Feed::from_path(path).is_some()
}

/// Responds with the feed of an account at a path.
fn respond_at(db: &Connection, account: &str, path: &str) -> Result<Option<Response<Bytes>>, ApiError> {
    respond(db, account, &Feed::from_path(path).expect("the path of a feed"))
}

/// Returns the body of a response, which must not be `None`.
fn read_body_text(response: Option<Response<Bytes>>) -> String {
    String::from_utf8(response.expect("a feed").into_body().to_vec()).unwrap()
}

/// Creates a calendar of the user, with the token [`TOKEN`].
fn create_calendar(context: &RequestContext<'_>) -> Result<CalendarId, ApiError> {
    context.insert(
        "INSERT INTO calendars (account_id, owner_id, name, color, token, created_at, updated_at)
         VALUES (?1, ?2, 'Home, etc.', '3c7a89', ?3, 0, 0)",
        (context.user.account_id.0, context.user.id.0, TOKEN),
    )
}

#[test]
fn distinguishes_feeds_from_paths_of_the_api() {
    for feed in ["/6b3a8e.ics", "/pub/12", "/pub/9223372036854775807"] {
        assert!(is_feed(feed), "{feed}");
    }
    for other in
        ["/", "/.ics", "/a/b.ics", "/pub/", "/pub/12/", "/pub/+1", "/pub/9223372036854775808", "/pub/reminders.xml"]
    {
        assert!(!is_feed(other), "{other}");
    }
}

#[test]
fn renders_a_calendar_as_an_icalendar_file() {
    let file = with_context(|context| {
        let id = create_calendar(context)?;
        for (title, remind) in [("9/27 Ferry; two of us", false), ("9/28 6:30pm Film", true), ("Some day", false)] {
            context.serve(&calendar_events::Create::new(NewCalendarEvent::new(id, title).remind(remind)))?;
        }
        let concert = NewCalendarEvent::new(id, "9/29 7:30pm Concert").message("Bring <b>tea</b>;\nand cups");
        context.serve(&calendar_events::Create::new(
            concert.occurs_until("2010-09-29T20:45:00Z".parse::<Timestamp>().unwrap()),
        ))?;
        let response = respond_at(context.db, "acme", &format!("/{TOKEN}.ics"))?;
        assert_eq!(response.as_ref().unwrap().headers()[CONTENT_TYPE], "text/calendar; charset=utf-8");
        let file = read_body_text(response);
        // UIDs are random.
        let uids = find_uids(&file);
        assert!(uids.iter().all(|uid| uid.len() == 32) && uids.iter().collect::<BTreeSet<_>>().len() == 3, "{uids:?}");
        Ok(uids.iter().zip(1..).fold(file.clone(), |file, (uid, number)| file.replace(uid, &format!("uid-{number}"))))
    });
    let expected = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//backpack-server//{}//EN\nCALSCALE:GREGORIAN\n\
         X-WR-CALNAME:Home\\, etc.\n\
         BEGIN:VEVENT\nUID:uid-1\nDTSTAMP:20100901T120000Z\nCREATED:20100901T120000Z\n\
         LAST-MODIFIED:20100901T120000Z\nSUMMARY:Ferry\\; two of us\n\
         DTSTART;VALUE=DATE:20100927\nDTEND;VALUE=DATE:20100928\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:uid-2\nDTSTAMP:20100901T120000Z\nCREATED:20100901T120000Z\n\
         LAST-MODIFIED:20100901T120000Z\nSUMMARY:Film\nDTSTART:20100928T173000Z\n\
         BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Film\nTRIGGER:-PT30M\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:uid-3\nDTSTAMP:20100901T120000Z\nCREATED:20100901T120000Z\n\
         LAST-MODIFIED:20100901T120000Z\nSUMMARY:Concert\nDESCRIPTION:Bring <b>tea</b>\\;\\nand cups\n\
         DTSTART:20100929T183000Z\nDTEND:20100929T204500Z\nEND:VEVENT\n\
         END:VCALENDAR\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(file, expected.replace('\n', "\r\n"));
}

/// Returns the UIDs of a calendar file, in its order.
fn find_uids(file: &str) -> Vec<String> {
    file.lines().filter_map(|line| line.strip_prefix("UID:")).map(str::to_owned).collect()
}

#[test]
fn an_event_keeps_its_uid_when_anything_else_changes() {
    with_context(|context| {
        let calendar = create_calendar(context)?;
        let event = context.serve(&calendar_events::Create::new(NewCalendarEvent::new(calendar, "9/27 Ferry")))?;
        let before = find_uids(&read_body_text(respond_at(context.db, "acme", &format!("/{TOKEN}.ics"))?));
        assert_eq!(before.len(), 1);
        accounts::rename(context.db, "acme", "coast")?;
        let changes = calendars::CalendarChanges {
            name: Some("Family".to_owned()),
            shared: Some(true),
            renew_feed: true,
            ..Default::default()
        };
        let path = calendars::update(context.db, calendar, &changes)?.expect("a new path");
        context.serve(&calendar_events::Update::new(event, CalendarEventChanges::new().title("9/28 Train")))?;
        let after = read_body_text(respond_at(context.db, "coast", &path)?);
        assert!(after.contains("SUMMARY:Train"), "{after}");
        assert_eq!(find_uids(&after), before);
        Ok(())
    });
}

#[test]
fn the_entity_tag_changes_with_the_bytes_of_a_feed() {
    with_context(|context| {
        let page = context.serve(&pages::Create::new("Coast"))?.id;
        context.serve(&pages::Share::new(page).public(true))?;
        let tag = || {
            let response = respond_at(context.db, "acme", &format!("/pub/{page}"))?.expect("a page");
            Ok::<_, ApiError>(response.headers()[ETAG].clone())
        };
        let first = tag()?;
        assert_eq!(tag()?, first);
        let note = context.serve(&notes::Create::new(page, NewNote::new().title("Ferry")))?;
        assert_ne!(tag()?, first);
        context.serve(&notes::Destroy::new(page, note.id))?;
        assert_eq!(tag()?, first);
        Ok(())
    });
}

#[test]
fn serves_a_calendar_on_the_host_of_its_account_only() {
    with_context(|context| {
        create_calendar(context)?;
        assert!(respond_at(context.db, "acme", &format!("/{TOKEN}.ics"))?.is_some());
        assert!(respond_at(context.db, "other", &format!("/{TOKEN}.ics"))?.is_none());
        assert!(respond_at(context.db, "acme", "/0000000000000000000000000000000000000000.ics")?.is_none());
        Ok(())
    });
}

#[test]
fn a_public_page_shows_lists_notes_and_images_in_order() {
    let html = with_context(|context| {
        let page = context.serve(&pages::Create::new("R&B <night>"))?.id;
        context.serve(&notes::Create::new(
            page,
            NewNote::new().title("Ferry").body("Bikes go *free*<script>x</script>"),
        ))?;
        let list = context.serve(&lists::Create::new(page, "To pack"))?.id;
        context.serve(&items::Create::new(page, list, NewItem::new("Map").completed(true)))?;
        context.serve(&items::Create::new(page, list, NewItem::new("Tent & _pegs_")))?;
        context.db.execute_batch(&format!(
            "INSERT INTO galleries (page_id, name) VALUES ({page}, 'Pictures');
             INSERT INTO images (gallery_id, file_name, description) VALUES (1, 'bay.jpg', 'The <bay>');
             INSERT INTO attachments (page_id, file_name) VALUES ({page}, 'secret.pdf');
             INSERT INTO emails (page_id, subject, body, created_at) VALUES ({page}, 'Secret mail', 'Secret', 0);
             INSERT INTO belongings (page_id, kind, widget_id, position)
             VALUES ({page}, 'Gallery', 1, 0), ({page}, 'Asset', 1, 7), ({page}, 'Email', 1, 8);"
        ))?;
        context.serve(&pages::Share::new(page).public(true))?;
        let response = respond_at(context.db, "acme", &format!("/pub/{page}"))?;
        let headers = response.as_ref().unwrap().headers();
        assert!(headers[CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none';"));
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
        Ok(read_body_text(response))
    });
    assert!(html.contains("<html lang=\"en\">") && html.contains("<title>R&amp;B &lt;night&gt;</title>"), "{html}");
    let body = html.split_once("<main>\n").unwrap().1.split_once("</main>").unwrap().0;
    assert_eq!(
        body,
        "<h1>R&amp;B &lt;night&gt;</h1>\n\
         <section>\n<h2>Pictures</h2>\n<ul>\n<li>bay.jpg: The &lt;bay&gt;</li>\n</ul>\n</section>\n\
         <section>\n<h2>Ferry</h2>\n<p>Bikes go <strong>free</strong>&lt;script&gt;x&lt;/script&gt;</p>\n</section>\n\
         <section>\n<h2>To pack</h2>\n<ul>\n<li>Tent &amp; <em>pegs</em></li>\n<li><del>Map</del></li>\n</ul>\n</section>\n"
    );
}

#[test]
fn a_note_shows_its_date_if_set_to() {
    let html = with_context(|context| {
        let page = context.serve(&pages::Create::new("Coast"))?.id;
        context
            .serve(&notes::Create::new(page, NewNote::new().title("Ferry").body("At nine").show_created_at(true)))?;
        context.db.execute("UPDATE notes SET created_at = 1237150329", ())?;
        context.serve(&pages::Share::new(page).public(true))?;
        Ok(read_body_text(respond_at(context.db, "acme", &format!("/pub/{page}"))?))
    });
    assert!(
        html.contains("<h2>Ferry</h2>\n<p><time datetime=\"2009-03-15\">15 March 2009</time></p>\n<p>At nine</p>"),
        "{html}"
    );
}

#[test]
fn hides_pages_that_are_not_public() {
    with_context(|context| {
        let page = context.serve(&pages::Create::new("Own"))?.id;
        let path = format!("/pub/{page}");
        assert!(respond_at(context.db, "acme", &path)?.is_none());
        assert!(respond_at(context.db, "acme", "/pub/999")?.is_none());
        assert!(respond_at(context.db, "acme", "/pub/9223372036854775807")?.is_none());
        context.serve(&pages::Share::new(page).public(true))?;
        assert!(respond_at(context.db, "acme", &path)?.is_some());
        assert!(respond_at(context.db, "other", &path)?.is_none());
        context.serve(&pages::Share::new(page).public(false))?;
        assert!(respond_at(context.db, "acme", &path)?.is_none());
        Ok(())
    });
}
