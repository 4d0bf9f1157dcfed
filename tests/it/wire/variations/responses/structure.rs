//! Elements and attributes: alternative positions, any order, missing containers.

use backpack_api::runtime::decode_error::DecodeErrorKind;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::{UserId, calendars, emails, journal, notes, pages, reminders, users};

use super::reading::{read_body, read_equal, read_payload};

/// Parses a time without a zone.
fn parse_local(text: &str) -> DateTime {
    text.parse().expect("a time")
}

#[test]
fn the_subject_of_an_email_is_in_subject_or_title() {
    let email = read_equal::<emails::Show>(&[
        r#"<email id="5" subject="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" subject="Ferry" title="Other" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Other" subject="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" subject="" title="Ferry" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email id="5" title="Ferry" subject="" created_at="2009-03-14 08:05:40">First boat</email>"#,
        r#"<email created_at="2009-03-14 08:05:40" title="" subject="Ferry" id="5">First boat</email>"#,
    ]);
    assert_eq!(email.subject, "Ferry");
}

#[test]
fn the_subject_and_the_body_of_an_email_may_be_empty() {
    let email = read_equal::<emails::Show>(&[
        r#"<email id="5" subject="" created_at="2009-03-14 08:05:40"/>"#,
        r#"<email id="5" title="" created_at="2009-03-14 08:05:40"></email>"#,
        r#"<email id="5" title="" subject="" created_at="2009-03-14 08:05:40"/>"#,
    ]);
    assert_eq!((email.subject.as_str(), email.body.as_str()), ("", ""));
}

#[test]
fn the_values_of_a_reminder_are_in_elements_or_attributes() {
    let reminder = read_equal::<reminders::Create>(&[
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
    assert_eq!(reminder.remind_at, parse_local("2009-04-02T09:45:00"));
    assert_eq!((reminder.id.0, reminder.content.as_str()), (6, "Bread"));
    assert_eq!((reminder.creator, reminder.remindees.len()), (None, 0));

    let reminder = read_equal::<reminders::Create>(&[
        r#"<reminder id="6"><remind_at>2009-04-02 09:45:00</remind_at><content>Bread</content><creator id="4" name="Jo"/>
           <remindees><user id="7" name="Al"/><user id="8" name="Bo"/></remindees></reminder>"#,
        r#"<reminder id="6"><remindees type="array"><user name="Al" id="7"></user><user name="Bo" id="8"/></remindees>
           <creator name="Jo" id="4"></creator><content>Bread</content><remind_at>2009-04-02 9:45</remind_at></reminder>"#,
    ]);
    assert_eq!(reminder.creator.map(|creator| creator.name).as_deref(), Some("Jo"));
    assert_eq!(reminder.remindees.iter().map(|user| user.id).collect::<Vec<_>>(), [UserId(7), UserId(8)]);
}

#[test]
fn a_user_may_lack_optional_elements() {
    let user = read_equal::<users::Me>(&[
        "<user><id>77</id><name>Ines</name><start-page-id>2208</start-page-id></user>",
        r#"<user><name>Ines</name><start-page-id type="integer">2208</start-page-id><id type="integer">77</id></user>"#,
        r#"<user><id> 77 </id><name>Ines</name><start-page-id>
           2208</start-page-id><identity-url nil="true"/><created-at type="datetime"></created-at></user>"#,
    ]);
    assert_eq!((user.id, user.start_page_id.map(|page| page.0)), (UserId(77), Some(2208)));
    assert_eq!((user.admin, user.created_at, user.email_address), (None, None, None));
}

#[test]
fn the_containers_of_a_page_are_in_any_order() {
    let page = read_equal::<pages::Show>(&[
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
fn a_page_of_an_old_account_has_a_description_items_and_linked_pages() {
    let page = read_payload::<pages::Show>(
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
fn the_container_of_an_empty_list_may_be_missing() {
    let pages = read_equal::<pages::List>(&[
        "<pages></pages>", "<pages/>", "", "<pages>\n</pages>", "<!-- none -->", "<other/>",
    ]);
    assert!(pages.is_empty());
    let entries = read_equal::<journal::List>(&[
        r#"<journal-entries type="array"></journal-entries>"#,
        r#"<journal-entries type="array"/>"#,
        "<journal-entries/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<journal-entries nil=\"true\"/>\n",
    ]);
    assert!(entries.is_empty());
    assert!(read_equal::<calendars::List>(&["<calendars/>", r#"<calendars type="array"/>"#]).is_empty());
    let list = read_equal::<pages::Show>(&[
        r#"<page title="" id="1"><lists><list name="Cook" id="3"><items></items></list></lists></page>"#,
        r#"<page title="" id="1"><lists><list name="Cook" id="3"/></lists><notes/></page>"#,
        r#"<page title="" id="1"><lists><list id="3" name="Cook"></list></lists><tags></tags></page>"#,
    ]);
    assert!(list.lists[0].items.is_empty());
}

#[test]
fn only_the_first_of_repeated_elements_is_read() {
    let user = read_equal::<users::Me>(&[
        "<user><id>1</id><name>Ines</name><email-address>i@example.com</email-address></user>",
        "<user><id>1</id><name>Ines</name><email-address>i@example.com</email-address>
           <email-address>j@example.com</email-address><name>Jo</name><id>2</id></user>",
        "<user><id>1</id><id>wrong</id><name>Ines</name><name><b/></name><email-address>i@example.com</email-address></user>",
    ]);
    assert_eq!((user.id.0, user.name.as_str()), (1, "Ines"));
    let notes = read_equal::<notes::List>(&[
        "<notes><note title='a' id='1' created_at='2009-03-15 21:12'/></notes>",
        "<notes><note title='a' id='1' created_at='2009-03-15 21:12'/></notes><notes><note title='b' id='2'/></notes>",
    ]);
    assert_eq!(notes.len(), 1);
}

/// XML forbids it.
#[test]
fn a_repeated_attribute_is_rejected() {
    assert!(read_payload::<notes::Create>("<note title='a' title='b' id='1' created_at='2009-03-15 21:12'/>").is_err());
}

#[test]
fn missing_and_invalid_values_are_reported_with_their_location() {
    for (payload, location) in [
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
        let error = read_payload::<notes::List>(payload).unwrap_err();
        assert!(error.to_string().contains(location), "{error}");
        assert!(error.to_string().starts_with("notes.list: invalid response (HTTP status 200)"), "{error}");
    }
    let error = read_body::<notes::List>("<notes/>").unwrap_err();
    let ErrorKind::InvalidResponse(invalid) = error.kind() else { panic!("{error}") };
    assert_eq!(invalid.error.kind(), &DecodeErrorKind::Root { expected: "response" });
}
