//! Values that cannot be written although all of their characters can, and absent values.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::Endpoint;
use backpack_api::runtime::jiff::civil::date;
use backpack_api::{
    CalendarId, Direction, EndpointExt, ItemChanges, ItemId, ListId, NewCalendarEvent, NewItem, NewNote, NewReminder,
    PageId, calendar_events, items, journal, notes, pages, reminders, tags,
};
use backpack_tests::examples::TOKEN;

use super::sending::assert_rejected;
use crate::support::{client_config, read_request};

#[test]
fn a_word_with_white_space_or_without_text_is_rejected() {
    for (word, problem) in [
        ("", "should not be empty"),
        (" ", "should not contain white space"),
        ("a b", "should not contain white space"),
        ("a\n", "should not contain white space"),
        ("\ta", "should not contain white space"),
        ("a\rb", "should not contain white space"),
    ] {
        let addresses = vec!["jo@example.com".to_owned(), word.to_owned()];
        let mut share = pages::Share::new(PageId(1));
        share.email_addresses = Some(addresses);
        assert_rejected(share, "request/email_addresses", problem);
    }
}

#[test]
fn a_phrase_with_a_double_quote_or_without_text_is_rejected() {
    for (phrase, problem) in [
        ("", "should not be empty"),
        ("\"", "should not contain a double quote"),
        ("a\"b", "should not contain a double quote"),
        ("a \"b\"", "should not contain a double quote"),
    ] {
        let tags = vec!["Travel".to_owned(), phrase.to_owned()];
        assert_rejected(tags::Set::new(PageId(1), tags), "request/tags", problem);
    }
    for phrases in [vec![], vec!["a"], vec!["Slow Food", "b"], vec![" "], vec!["a\nb"], vec!["a'b", "&"], vec![" a "]] {
        let tags: Vec<String> = phrases.into_iter().map(str::to_owned).collect();
        let set = tags::Set::new(PageId(1), tags);
        let sent = set.to_request(&client_config()).unwrap();
        assert_eq!(read_request(&sent).unwrap(), AnyRequest::TagsSet(set));
    }
}

#[test]
fn an_unknown_enum_value_is_sent_if_it_can_be_read_back() {
    for text in ["", " ", " move_lower", "move_lower\n"] {
        let direction = Direction::Other(text.to_owned());
        let problem = "should be a text without white space around it";
        assert_rejected(items::MoveTo::new(PageId(1), ListId(2), ItemId(3), direction), "request/direction", problem);
    }
    let sideways = items::MoveTo::new(PageId(1), ListId(2), ItemId(3), Direction::from("move it sideways"));
    let sent = sideways.to_request(&client_config()).unwrap();
    assert_eq!(read_request(&sent).unwrap(), AnyRequest::ItemsMoveTo(sideways));
}

#[test]
fn years_are_written_with_four_digits() {
    let at = |year| NewReminder::new("Bread").remind_at(date(year, 1, 1).at(0, 0, 0, 0));
    assert_rejected(reminders::Create::new(at(-1)), "reminder/remind_at", "should not be before the year 0");
    let request = reminders::Create::new(at(7)).to_request(&client_config()).unwrap();
    assert!(str::from_utf8(request.body()).unwrap().contains("<remind_at>0007-01-01 00:00:00</remind_at>"));
}

#[test]
fn absent_values_are_omitted() {
    /// Returns the target and the body of a request, with `T` for the token.
    fn write_request(endpoint: impl Endpoint) -> (String, String) {
        let request = endpoint.to_request(&client_config()).unwrap();
        let target = request.uri().path_and_query().unwrap().to_string();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        (target.replace(TOKEN, "T"), body.replace(TOKEN, "T"))
    }
    let page = PageId(1);
    let rows = [
        (
            write_request(pages::Create::new("Coast")),
            "/ws/pages/new",
            "<request><token>T</token><page><title>Coast</title></page></request>",
        ),
        (write_request(pages::Share::new(page)), "/ws/page/1/share", "<request><token>T</token></request>"),
        (
            write_request(notes::Create::new(page, NewNote::new())),
            "/ws/page/1/notes/create",
            "<request><token>T</token><note></note></request>",
        ),
        (
            write_request(notes::Create::new(page, NewNote::new().title("").body("x"))),
            "/ws/page/1/notes/create",
            "<request><token>T</token><note><title></title><body>x</body></note></request>",
        ),
        (
            write_request(items::Create::new(page, ListId(2), NewItem::new("Rope"))),
            "/ws/page/1/lists/2/items/add",
            "<request><token>T</token><item><content>Rope</content></item></request>",
        ),
        (
            write_request(items::Update::new(page, ListId(2), ItemId(3), ItemChanges::new().completed(true))),
            "/ws/page/1/lists/2/items/update/3",
            "<request><token>T</token><item completed=\"true\"></item></request>",
        ),
        (
            write_request(reminders::Create::new(NewReminder::new("+30 Bread"))),
            "/T/reminders.xml",
            "<reminder><content>+30 Bread</content></reminder>",
        ),
        (
            write_request(calendar_events::Create::new(NewCalendarEvent::new(CalendarId(3), "Film"))),
            "/calendar_events.xml",
            "<request><event><calendar-id>3</calendar-id><title>Film</title></event></request>",
        ),
        (write_request(journal::List::new()), "/journal_entries.xml?token=T", ""),
    ];
    for ((target, body), expected_target, expected_body) in rows {
        assert_eq!((target.as_str(), body.as_str()), (expected_target, expected_body));
    }
}
