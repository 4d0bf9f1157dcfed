//! What the service is known to vary in its answers: each test has documents that mean the same, and says what.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::{Endpoint, read::Problem};
use backpack_api::{Error, PageScope, UserId};
use backpack_api::{
    calendar_events, calendars, emails, items, journal, legacy, lists, notes, pages, reminders, statuses, users,
};
use backpack_tests::examples::wrap_in_envelope;
use bytes::Bytes;

use crate::support::{Failures, same};

fn whole<E: Endpoint>(body: &str) -> Result<E::Response, Error> {
    E::from_response(&Response::new(Bytes::copy_from_slice(body.as_bytes())))
}

/// Reads a payload, in the envelope if there is one.
fn one<E: Endpoint>(payload: &str) -> Result<E::Response, Error> {
    whole::<E>(&wrap_in_envelope(E::OPERATION, payload))
}

/// What these payloads mean, which is the same for all.
fn alike<E: Endpoint>(payloads: &[&str]) -> E::Response {
    let (first, others) = payloads.split_first().expect("there is one at least");
    let meaning = one::<E>(first).unwrap_or_else(|error| panic!("{error}\n{first}"));
    let mut failures = Failures::default();
    for payload in others {
        let outcome = one::<E>(payload).map_err(|error| error.to_string());
        failures.note(payload, outcome.and_then(|other| same("the meaning", &other, &meaning)));
    }
    if !others.is_empty() {
        failures.finish();
    }
    meaning
}

fn utc(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn local(text: &str) -> DateTime {
    text.parse().expect("a time")
}

#[test]
fn an_email_has_a_subject_or_a_title() {
    let email = alike::<emails::Show>(&[
        r#"<email id="5" subject="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" subject="Ferry" title="Other" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Other" subject="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" subject="" title="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Ferry" subject="" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email created_at="2009-03-14 08:05:40" title="" subject="Ferry" id="5">First boat</email>"#,
    ]);
    assert_eq!(email.subject, "Ferry");

    let email = alike::<emails::Show>(&[
        r#"<email id="5" subject="" created_at="2009-03-14 08:05:40"/>"#,
        r#"<email id="5" title="" created_at="2009-03-14 08:05:40"></email>"#,
        r#"<email id="5" title="" subject="" created_at="2009-03-14 08:05:40"/>"#,
    ]);
    assert_eq!((email.subject.as_str(), email.body.as_str()), ("", ""));
}

#[test]
fn a_reminder_has_elements_or_attributes() {
    let reminder = alike::<reminders::Create>(&[
        r#"<reminder id="6"><remind_at>2009-04-02 09:45:00</remind_at><content>Bread</content></reminder>"#,
        r#"<reminder remind_at="2009-04-02 09:45:00" id="6">Bread</reminder>"#,
        r#"<reminder id='6' remind_at='2009-04-02 9:45'>Bread</reminder>"#,
        r#"<reminder id="6"><content>Bread</content><remind_at>2009-04-02 09:45</remind_at></reminder>"#,
        r#"<reminder id="6"><remind_at>"2009-04-02 09:45:00"</remind_at><content>Bread</content></reminder>"#,
        r#"<reminder remind_at="&quot;2009-04-02 09:45:00&quot;" id="6">Bread</reminder>"#,
        r#"<reminder remind_at='"2009-04-02 09:45:00"' id="6">Bread</reminder>"#,
        "<reminder id=\"6\">\n  <remind_at> 2009-04-02 09:45:00 </remind_at>\n  <content>Bread</content>\n</reminder>",
        r#"<reminder id="6" remind_at="2001-01-01 00:00:00"><remind_at>2009-04-02 09:45:00</remind_at>
           <content>Bread</content></reminder>"#,
        r#"<reminder id="6" remind_at="2009-04-02 09:45:00"><remind_at></remind_at><content>Bread</content></reminder>"#,
        r#"<reminder id="6" remind_at="2009-04-02 09:45:00"><content>Bread</content></reminder>"#,
        r#"<reminder id="6"><remind_at>2009-04-02 09:45:00</remind_at><content>Bread</content>
           <creator/><remindees></remindees></reminder>"#,
    ]);
    assert_eq!(reminder.remind_at, local("2009-04-02T09:45:00"));
    assert_eq!((reminder.id.0, reminder.content.as_str()), (6, "Bread"));
    assert_eq!((reminder.creator, reminder.remindees.len()), (None, 0));

    let reminder = alike::<reminders::Create>(&[
        r#"<reminder id="6"><remind_at>2009-04-02 09:45:00</remind_at><content>Bread</content><creator id="4" name="Jo"/>
           <remindees><user id="7" name="Al"/><user id="8" name="Bo"/></remindees></reminder>"#,
        r#"<reminder id="6"><remindees type="array"><user name="Al" id="7"></user><user name="Bo" id="8"/></remindees>
           <creator name="Jo" id="4"></creator><content>Bread</content><remind_at>2009-04-02 9:45</remind_at></reminder>"#,
    ]);
    assert_eq!(reminder.creator.map(|creator| creator.name).as_deref(), Some("Jo"));
    assert_eq!(reminder.remindees.iter().map(|user| user.id).collect::<Vec<_>>(), [UserId(7), UserId(8)]);
}

#[test]
fn a_user_is_long_or_short() {
    let user = alike::<users::Me>(&[
        "<user><id>77</id><name>Ines</name><start-page-id>2208</start-page-id></user>",
        r#"<user><name>Ines</name><start-page-id type="integer">2208</start-page-id><id type="integer">77</id></user>"#,
        r#"<user><id> 77 </id><name>Ines</name><start-page-id>
           2208</start-page-id><identity-url nil="true"/><created-at type="datetime"></created-at></user>"#,
    ]);
    assert_eq!((user.id, user.start_page_id.map(|page| page.0)), (UserId(77), Some(2208)));
    assert_eq!((user.admin, user.created_at, user.email_address), (None, None, None));
}

#[test]
fn what_is_absent_is_missing_or_empty_or_nil() {
    let event = alike::<calendar_events::Show>(&[
        "<calendar-event><calendar-id>3</calendar-id><id>8</id><title>Film</title></calendar-event>",
        r#"<calendar-event><calendar-id type="integer">3</calendar-id><id type="integer">8</id><title>Film</title>
           <occurs-at type="datetime"></occurs-at><occurs-until type="datetime"/></calendar-event>"#,
        r#"<calendar-event><calendar-id>3</calendar-id><id>8</id><title>Film</title>
           <occurs-at nil="true"/><occurs-until nil="true"></occurs-until><remind nil="true"/></calendar-event>"#,
        r#"<calendar-event><calendar-id>3</calendar-id><id>8</id><title>Film</title>
           <occurs-at type="datetime" nil="true"/><occurs-until nil='true' type='datetime'></occurs-until>
           <message nil="true"/></calendar-event>"#,
        "<calendar-event><calendar-id>3</calendar-id><id>8</id><title>Film</title>
           <occurs-at> </occurs-at><occurs-until>\r\n</occurs-until><all-day/></calendar-event>",
    ]);
    assert_eq!((event.occurs_at, event.occurs_until, event.remind, event.message), (None, None, None, None));

    let item = alike::<items::Create>(&[
        r#"<item completed="false" id="1">Rope</item>"#,
        r#"<item completed="false" id="1" list_id="" updated_at="">Rope</item>"#,
        r#"<item completed="0" id=" 1 " list_id=" ">Rope</item>"#,
    ]);
    assert_eq!((item.completed, item.list_id, item.updated_at), (false, None, None));

    // A text that is there and empty is no absent text.
    let event = alike::<calendar_events::Show>(&[
        "<calendar-event><calendar-id>3</calendar-id><id>8</id><title/><message></message></calendar-event>",
    ]);
    assert_eq!((event.title.as_str(), event.message.as_deref()), ("", Some("")));
}

#[test]
fn times_come_with_and_without_seconds_zone_and_second_digit() {
    let at = |text: &str| {
        let event =
            "<calendar-event><calendar-id>3</calendar-id><id>8</id><title/><occurs-at>AT</occurs-at></calendar-event>";
        one::<calendar_events::Show>(&event.replace("AT", text)).map(|event| event.occurs_at)
    };
    let midnight = Some(utc("2008-12-24T00:00:00Z"));
    for text in [
        "2008-12-24T00:00:00Z", "2008-12-24T00:00", "2008-12-24T00:00:00", " 2008-12-24T00:00Z\n",
        "2008-12-24 00:00:00",
    ] {
        assert_eq!(at(text).unwrap(), midnight, "{text}");
    }
    assert_eq!(at("2008-12-24T01:00:00+01:00").unwrap(), midnight);
    for text in ["2008-12-24", "24.12.2008", "2008-13-24T00:00:00Z", "2008-12-24T25:00:00Z", "yesterday"] {
        let error = at(text).unwrap_err().to_string();
        assert!(error.contains("calendar-event/occurs-at should be a date and time"), "{error}");
    }

    let written = |text: &str| {
        let note = "<note title='' id='1' created_at='AT'/>".replace("AT", text);
        one::<notes::Create>(&note).map(|note| note.created_at)
    };
    for text in
        ["2009-03-14 08:05:00", "2009-03-14 08:05", "2009-03-14 8:05:00", "2009-03-14 8:05", " 2009-03-14 8:05 "]
    {
        assert_eq!(written(text).unwrap(), utc("2009-03-14T08:05:00Z"), "{text}");
    }
    assert!(written("").unwrap_err().to_string().contains("response/note/@created_at is missing"));
}

#[test]
fn booleans_are_words_or_digits() {
    let completed = |text: &str| {
        let item = format!("<item completed='{text}' id='1'>Rope</item>");
        one::<items::Create>(&item).map(|item| item.completed)
    };
    for (text, value) in [("true", true), ("1", true), (" true ", true), ("false", false), ("0", false)] {
        assert_eq!(completed(text).unwrap(), value, "{text}");
    }
    for text in ["", "yes", "TRUE", "2"] {
        assert!(completed(text).is_err(), "{text}");
    }
}

#[test]
fn a_page_has_its_containers_in_any_order() {
    let page = alike::<pages::Show>(&[
        r#"<page title="Trip" id="22" email_address="fake1@acme.backpackit.com">
             <belongings><belonging id="410"><position>1</position><widget type="Note" id="62"/></belonging></belongings>
             <lists><list name="Pack" id="33"><items><item completed="false" id="9">Rope</item></items></list></lists>
             <notes><note title="Ferry" id="62" created_at="2009-03-15 21:12:09">Nine</note></notes>
             <galleries><gallery name="Bay" id="7"><images><image gallery_id="7" file_name="a.jpg" id="5"/></images></gallery></galleries>
             <attachments><attachment file_name="t.pdf" id="50"/></attachments>
             <separators><separator id="12">Later</separator></separators>
             <emails><email id="4" subject="Boat" created_at="2009-03-14 08:05:40">First</email></emails>
             <tags><tag name="Travel" id="41"/></tags>
           </page>"#,
        r#"<page email_address="fake1@acme.backpackit.com" id="22" scope="personal" title="Trip" version="3"><!-- of old -->
             <tags><tag id="41" name="Travel"><count>3</count></tag><other/></tags>
             <emails><email title="Boat" id="4" created_at="2009-03-14 8:05:40">First</email></emails>
             <separators><separator id="12" position="3">Later</separator></separators>
             <attachments><attachment id="50" file_name="t.pdf" size="3"/></attachments>
             <galleries><gallery id="7" name="Bay"><description>Of the bay</description>
               <images><image id="5" gallery_id="7" file_name="a.jpg"></image></images></gallery></galleries>
             <writeboards><writeboard id="1"><note title="No" id="63" created_at="2009-03-15 21:12:09">No</note></writeboard></writeboards>
             <notes><note title="Ferry" id="62" created_at="2009-03-15 21:12:09">Nine</note></notes>
             <lists><list id="33" name="Pack"><items><item completed="false" id="9">Rope</item></items></list></lists>
             <belongings><belonging id="410"><widget id="62" type="Note"><x/></widget><position> 1 </position></belonging></belongings>
             <linked_pages></linked_pages><items/>
           </page>"#,
    ]);
    let counts = [
        page.belongings.len(),
        page.lists.len(),
        page.notes.len(),
        page.galleries.len(),
        page.attachments.len(),
        page.separators.len(),
        page.emails.len(),
        page.tags.len(),
    ];
    assert_eq!(counts, [1; 8]);
    assert_eq!((page.notes[0].title.as_str(), page.notes[0].body.as_str()), ("Ferry", "Nine"));
    assert_eq!((page.lists[0].items[0].content.as_str(), page.separators[0].name.as_str()), ("Rope", "Later"));
    assert_eq!((page.description, page.items.len(), page.linked_pages.len()), (None, 0, 0));
}

#[test]
fn a_page_of_an_old_account_has_a_body_one_list_and_links() {
    let page = one::<pages::Show>(
        r#"<page title="Compost" id="19"><description>h2. Compost

"Never meat":http://example.com/ &amp;mdash; turn it.
</description><items><item completed="false" id="71">Turn</item></items>
           <linked_pages><page title="Allotment" id="2209"/></linked_pages></page>"#,
    );
    let page = page.unwrap();
    let body = "h2. Compost\n\n\"Never meat\":http://example.com/ &mdash; turn it.\n";
    assert_eq!(page.description.as_deref(), Some(body));
    assert_eq!((page.items[0].content.as_str(), page.linked_pages[0].id.0), ("Turn", 2209));
    assert!(page.email_address.is_none() && page.notes.is_empty() && page.belongings.is_empty());
}

#[test]
fn a_listing_without_members_is_empty_or_missing() {
    let pages =
        alike::<pages::List>(&["<pages></pages>", "<pages/>", "", "<pages>\n</pages>", "<!-- none -->", "<other/>"]);
    assert!(pages.is_empty());
    let entries = alike::<journal::List>(&[
        r#"<journal-entries type="array"></journal-entries>"#,
        r#"<journal-entries type="array"/>"#,
        "<journal-entries/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<journal-entries nil=\"true\"/>\n",
    ]);
    assert!(entries.is_empty());
    assert!(alike::<calendars::List>(&["<calendars/>", r#"<calendars type="array"/>"#]).is_empty());
    let list = alike::<pages::Show>(&[
        r#"<page title="" id="1"><lists><list name="Cook" id="3"><items></items></list></lists></page>"#,
        r#"<page title="" id="1"><lists><list name="Cook" id="3"/></lists><notes/></page>"#,
        r#"<page title="" id="1"><lists><list id="3" name="Cook"></list></lists><tags></tags></page>"#,
    ]);
    assert!(list.lists[0].items.is_empty());
}

#[test]
fn references_are_decoded_once_and_text_is_never_trimmed() {
    let note = |title: &str, body: &str| {
        let note = format!(r#"<note title="{title}" id="1" created_at="2009-03-15 21:12:09">{body}</note>"#);
        let note = one::<notes::Create>(&note).unwrap_or_else(|error| panic!("{error}\n{note}"));
        (note.title, note.body)
    };
    for (written, meant) in [
        ("Jo&#8217;s", "Jo\u{2019}s"),
        ("Jo&#x2019;s", "Jo\u{2019}s"),
        ("a &amp;rarr; b", "a &rarr; b"),
        ("&amp;#8217;", "&#8217;"),
        ("&amp;amp;", "&amp;"),
        ("&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;", "<b> & \"c\" 'd'"),
        ("Café 漢字 🛶", "Café 漢字 🛶"),
        ("&#233;&#28450;&#128758;", "é漢🛶"),
        ("  both sides  ", "  both sides  "),
        (" ", " "),
        ("", ""),
    ] {
        assert_eq!(note(written, written), (meant.to_owned(), meant.to_owned()), "{written}");
    }
    for (written, meant) in [
        ("last\n\n", "last\n\n"),
        ("\n\n  first", "\n\n  first"),
        ("\t", "\t"),
        ("\n", "\n"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("a&#13;&#10;b", "a\r\nb"),
        ("say \"this\" or 'that'", "say \"this\" or 'that'"),
        ("<![CDATA[<b> &amp; ]]>more", "<b> &amp; more"),
        ("one<!-- not -->two", "onetwo"),
        ("one<b>not</b>two", "onetwo"),
    ] {
        assert_eq!(note("", written).1, meant, "{written:?}");
    }
    // In attributes, white space is a blank unless it is a reference.
    assert_eq!(note("a\nb\tc", "").0, "a b c");
    assert_eq!(note("a&#10;b&#9;c&#13;", "").0, "a\nb\tc\r");
    // Beside elements, white space is nothing, and in them it is text.
    let separator = r#"<separator> <name> x </name> <id> 1 </id> <page-id> 2 </page-id> </separator>"#;
    assert_eq!(one::<legacy::CreateSeparator>(separator).unwrap().name, " x ");
}

#[test]
fn of_two_equal_elements_the_first_counts() {
    let user = alike::<users::Me>(&[
        "<user><id>1</id><name>Ines</name><email-address>i@example.com</email-address></user>",
        "<user><id>1</id><name>Ines</name><email-address>i@example.com</email-address>
           <email-address>j@example.com</email-address><name>Jo</name><id>2</id></user>",
        "<user><id>1</id><id>wrong</id><name>Ines</name><name><b/></name><email-address>i@example.com</email-address></user>",
    ]);
    assert_eq!((user.id.0, user.name.as_str()), (1, "Ines"));
    let notes = alike::<notes::List>(&[
        "<notes><note title='a' id='1' created_at='2009-03-15 21:12'/></notes>",
        "<notes><note title='a' id='1' created_at='2009-03-15 21:12'/></notes><notes><note title='b' id='2'/></notes>",
    ]);
    assert_eq!(notes.len(), 1);
    // Of two equal attributes none counts: that is no XML.
    assert!(one::<notes::Create>("<note title='a' title='b' id='1' created_at='2009-03-15 21:12'/>").is_err());
}

#[test]
fn the_envelope_varies() {
    let bodies = [
        r#"<response success="true"><list id="3" name="Cook"/></response>"#,
        r#"<response success='true'><list id='3' name='Cook'/></response>"#,
        r#"<response><list id="3" name="Cook"/></response>"#,
        r#"<response time="3" success="true"><list id="3" name="Cook"/></response>"#,
        r#"<response success = "true" ><list id="3" name="Cook"/></response >"#,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">\n  <list id=\"3\" name=\"Cook\"/>\n</response>\n",
        "<?xml version='1.0'?>\r\n<response success='true'>\r\n<list id='3' name='Cook'/>\r\n</response>\r\n",
        "\u{feff}<response success='true'><list id='3' name='Cook'/></response>",
        "<!-- by the way --><response success='true'><note>now</note><list id='3' name='Cook'/><list/></response><!-- end -->",
    ];
    for body in bodies {
        let list = whole::<lists::Create>(body).unwrap_or_else(|error| panic!("{error}\n{body}"));
        assert_eq!((list.id.0, list.name.as_str()), (3, "Cook"), "{body}");
    }
    for body in [
        r#"<?xml version="1.0" encoding="UTF-8"?><response success="true"></response>"#,
        r#"<response success="true"/>"#,
        "<response success='true'> </response>",
        "<response>\r\n</response>\r\n",
        "<response success='true'><page id='1'/>unasked</response>",
    ] {
        whole::<lists::Update>(body).unwrap_or_else(|error| panic!("{error}\n{body}"));
    }
}

#[test]
fn any_success_is_one() {
    for status in [200, 201, 202, 203] {
        let body = Bytes::from_static(b"<response success='true'/>");
        let response = Response::builder().status(status).body(body).unwrap();
        legacy::DestroySeparator::from_response(&response).unwrap();
    }
    // Documented as 204, which has no envelope.
    let response = Response::builder().status(204).body(Bytes::new()).unwrap();
    legacy::DestroySeparator::from_response(&response).unwrap();
    for status in [200, 201, 204] {
        let response = Response::builder().status(status).body(Bytes::new()).unwrap();
        reminders::Destroy::from_response(&response).unwrap();
    }
}

#[test]
fn a_location_is_an_address_or_a_path() {
    let id = |location: &str| {
        let response = Response::builder().status(201).header("location", location).body(Bytes::new()).unwrap();
        journal::Create::from_response(&response).map(|id| id.0)
    };
    for location in [
        "http://acme.backpackit.com/journal-entries/1702",
        "https://acme.backpackit.com:8080/journal-entries/1702",
        "http://acme.backpackit.com/journal_entries/1702.xml",
        "/journal-entries/1702",
        "/journal_entries/1702",
        "/journal_entries/1702.xml",
        "/journal-entries/1702.xml?created=1#top",
    ] {
        assert_eq!(id(location).unwrap_or_else(|error| panic!("{error}\n{location}")), 1702, "{location}");
    }
    for location in [
        "",
        "/",
        "/journal_entries/",
        "/journal_entries/x",
        "/notes/1702",
        "http://acme.backpackit.com",
        "/a/journal_entries/1",
    ] {
        let error = id(location).unwrap_err();
        assert!(error.to_string().starts_with("journal.create: ") && error.to_string().contains("Location"), "{error}");
    }
    // Where the body says it too, nobody needs the header.
    let body = "<separator><id>5</id><name/><page-id>2</page-id></separator>";
    assert_eq!(one::<backpack_api::separators::Create>(body).unwrap().id.0, 5);
}

#[test]
fn values_that_came_later_are_kept() {
    let pages =
        one::<pages::List>("<pages><page scope='teams' title='' id='1'/><page scope='' title='' id='2'/></pages>")
            .unwrap();
    assert_eq!(pages[0].scope, Some(PageScope::Other("teams".to_owned())));
    assert_eq!(pages[1].scope, None);
    let status = "<status><id>1</id><message>out (reason)</message><updated-at>2009-03-19T16:33</updated-at><user-id>7</user-id></status>";
    assert_eq!(one::<statuses::Show>(status).unwrap().message, "out (reason)");
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    for (payload, place) in [
        (
            "<notes><note title='' id='1' created_at='2009-03-15 21:12'/><note title='' id='x' created_at='2009-03-15 21:12'/></notes>",
            "response/notes/note[2]/@id should be a number",
        ),
        ("<notes><note title='' created_at='2009-03-15 21:12'/></notes>", "response/notes/note/@id is missing"),
        ("<notes><note title='' id='' created_at='2009-03-15 21:12'/></notes>", "response/notes/note/@id is missing"),
        (
            "<notes><note title='' id='-1' created_at='2009-03-15 21:12'/></notes>",
            "response/notes/note/@id should be a number",
        ),
        (
            "<notes><note title='' id='18446744073709551616' created_at='2009-03-15 21:12'/></notes>",
            "response/notes/note/@id",
        ),
    ] {
        let error = one::<notes::List>(payload).unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
        assert!(error.to_string().starts_with("notes.list: the answer (HTTP status 200) cannot be read"), "{error}");
    }
    let error = whole::<notes::List>("<notes/>").unwrap_err();
    let backpack_api::runtime::error::ErrorKind::Unreadable(unreadable) = error.kind() else { panic!("{error}") };
    assert_eq!(unreadable.error.problem(), &Problem::Root { expected: "response" });
}
