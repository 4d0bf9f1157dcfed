//! Values: absent ones, times, booleans, references and white space in texts, unknown values of enums.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{
    EmailId, Hit, HitKind, HitTarget, ListId, NoteId, PageScope, calendar_events, items, legacy, notes, pages, statuses,
};

use super::reading::{read_equal, read_payload};

/// Parses a point in time.
fn parse_utc(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[test]
fn absent_elements_are_missing_empty_or_nil() {
    let event = read_equal::<calendar_events::Show>(&[
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
}

#[test]
fn absent_attributes_are_missing_or_empty() {
    let item = read_equal::<items::Create>(&[
        r#"<item completed="false" id="1">Rope</item>"#,
        r#"<item completed="false" id="1" list_id="" updated_at="">Rope</item>"#,
        r#"<item completed="0" id=" 1 " list_id=" ">Rope</item>"#,
    ]);
    assert_eq!((item.completed, item.list_id, item.updated_at), (false, None, None));
}

#[test]
fn an_empty_text_is_present() {
    let event = read_equal::<calendar_events::Show>(&[
        "<calendar-event><calendar-id>3</calendar-id><id>8</id><title/><message></message></calendar-event>",
    ]);
    assert_eq!((event.title.as_str(), event.message.as_deref()), ("", Some("")));
}

#[test]
fn seconds_and_zones_of_timestamps_are_optional() {
    let read_occurs_at = |text: &str| {
        let event =
            "<calendar-event><calendar-id>3</calendar-id><id>8</id><title/><occurs-at>AT</occurs-at></calendar-event>";
        read_payload::<calendar_events::Show>(&event.replace("AT", text)).map(|event| event.occurs_at)
    };
    let midnight = Some(parse_utc("2008-12-24T00:00:00Z"));
    for text in [
        "2008-12-24T00:00:00Z", "2008-12-24T00:00", "2008-12-24T00:00:00", " 2008-12-24T00:00Z\n",
        "2008-12-24 00:00:00",
    ] {
        assert_eq!(read_occurs_at(text).unwrap(), midnight, "{text}");
    }
    assert_eq!(read_occurs_at("2008-12-24T01:00:00+01:00").unwrap(), midnight);
    for text in ["2008-12-24", "24.12.2008", "2008-13-24T00:00:00Z", "2008-12-24T25:00:00Z", "yesterday"] {
        let error = read_occurs_at(text).unwrap_err().to_string();
        assert!(error.contains("calendar-event/occurs-at should be a date and time"), "{error}");
    }
}

#[test]
fn seconds_and_leading_zeros_of_times_are_optional() {
    let read_created_at = |text: &str| {
        let note = "<note title='' id='1' created_at='AT'/>".replace("AT", text);
        read_payload::<notes::Create>(&note).map(|note| note.created_at)
    };
    for text in
        ["2009-03-14 08:05:00", "2009-03-14 08:05", "2009-03-14 8:05:00", "2009-03-14 8:05", " 2009-03-14 8:05 "]
    {
        assert_eq!(read_created_at(text).unwrap(), parse_utc("2009-03-14T08:05:00Z"), "{text}");
    }
    assert!(read_created_at("").unwrap_err().to_string().contains("response/note/@created_at is missing"));
}

#[test]
fn booleans_are_words_or_digits() {
    let read_completed = |text: &str| {
        let item = format!("<item completed='{text}' id='1'>Rope</item>");
        read_payload::<items::Create>(&item).map(|item| item.completed)
    };
    for (text, value) in [("true", true), ("1", true), (" true ", true), ("false", false), ("0", false)] {
        assert_eq!(read_completed(text).unwrap(), value, "{text}");
    }
    for text in ["", "yes", "TRUE", "2"] {
        assert!(read_completed(text).is_err(), "{text}");
    }
}

/// Reads a note with this XML as its title and its body. Returns their values.
fn read_note(title: &str, body: &str) -> (String, String) {
    let note = format!(r#"<note title="{title}" id="1" created_at="2009-03-15 21:12:09">{body}</note>"#);
    let note = read_payload::<notes::Create>(&note).unwrap_or_else(|error| panic!("{error}\n{note}"));
    (note.title, note.body)
}

#[test]
fn references_are_decoded_once_and_text_is_never_trimmed() {
    for (written, expected) in [
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
        assert_eq!(read_note(written, written), (expected.to_owned(), expected.to_owned()), "{written}");
    }
    for (written, expected) in [
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
        assert_eq!(read_note("", written).1, expected, "{written:?}");
    }
}

#[test]
fn white_space_in_an_attribute_becomes_a_space_unless_it_is_a_reference() {
    assert_eq!(read_note("a\nb\tc", "").0, "a b c");
    assert_eq!(read_note("a&#10;b&#9;c&#13;", "").0, "a\nb\tc\r");
}

#[test]
fn white_space_beside_elements_is_ignored_and_within_an_element_it_is_text() {
    let separator = r#"<separator> <name> x </name> <id> 1 </id> <page-id> 2 </page-id> </separator>"#;
    assert_eq!(read_payload::<legacy::CreateSeparator>(separator).unwrap().name, " x ");
}

#[test]
fn unknown_values_of_enums_are_kept() {
    let pages = read_payload::<pages::List>(
        "<pages><page scope='teams' title='' id='1'/><page scope='' title='' id='2'/></pages>",
    )
    .unwrap();
    assert_eq!(pages[0].scope, Some(PageScope::Other("teams".to_owned())));
    assert_eq!(pages[1].scope, None);
    let status = "<status><id>1</id><message>out (reason)</message><updated-at>2009-03-19T16:33</updated-at><user-id>7</user-id></status>";
    assert_eq!(read_payload::<statuses::Show>(status).unwrap().message, "out (reason)");
}

#[test]
fn an_id_has_the_type_of_its_kind() {
    let pages = read_payload::<pages::Search>(
        "<pages><page title='' id='1'><send id='7'>note</send><send id='8'>list</send><send id='9'>email</send>
         <send id='10'>writeboard_link</send><send id='11'>poem</send><send id='-1'>note</send></page></pages>",
    )
    .unwrap();
    let targets: Vec<HitTarget> = pages[0].hits.iter().map(Hit::target).collect();
    let other = |kind, id| HitTarget::Other { kind, id };
    assert_eq!(
        targets,
        [
            HitTarget::Note(NoteId(7)),
            HitTarget::List(ListId(8)),
            HitTarget::Email(EmailId(9)),
            other(HitKind::WriteboardLink, 10),
            other(HitKind::from("poem"), 11),
            other(HitKind::Note, -1),
        ]
    );
}
