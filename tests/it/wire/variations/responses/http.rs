//! Envelopes, statuses and the `Location` header.

use backpack_api::runtime::http::Response;
use backpack_api::{EndpointExt, journal, legacy, lists, reminders, separators};
use bytes::Bytes;

use super::reading::{read_body, read_payload};

#[test]
fn envelopes_are_read_in_every_known_form() {
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
        let list = read_body::<lists::Create>(body).unwrap_or_else(|error| panic!("{error}\n{body}"));
        assert_eq!((list.id.0, list.name.as_str()), (3, "Cook"), "{body}");
    }
    for body in [
        r#"<?xml version="1.0" encoding="UTF-8"?><response success="true"></response>"#,
        r#"<response success="true"/>"#,
        "<response success='true'> </response>",
        "<response>\r\n</response>\r\n",
        "<response success='true'><page id='1'/>unasked</response>",
    ] {
        read_body::<lists::Update>(body).unwrap_or_else(|error| panic!("{error}\n{body}"));
    }
}

#[test]
fn success_statuses_other_than_the_documented_one_are_accepted() {
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
fn a_location_is_a_url_or_a_path() {
    let read_id = |location: &str| {
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
        assert_eq!(read_id(location).unwrap_or_else(|error| panic!("{error}\n{location}")), 1702, "{location}");
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
        let error = read_id(location).unwrap_err();
        assert!(error.to_string().starts_with("journal.create: ") && error.to_string().contains("Location"), "{error}");
    }
}

#[test]
fn an_id_in_the_body_makes_the_location_optional() {
    let body = "<separator><id>5</id><name/><page-id>2</page-id></separator>";
    assert_eq!(read_payload::<separators::Create>(body).unwrap().id.0, 5);
}
