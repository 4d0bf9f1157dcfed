//! Differences in requests that clients are known to have, and how the server's side reads them.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::credentials::PresentedCredentials;
use backpack_api::runtime::http::{Method, Request};
use backpack_api::runtime::jiff::civil::date;
use backpack_api::runtime::routing::RouteError;
use backpack_api::{BelongingId, CalendarEventId, ItemId, ListId, UserId};
use backpack_tests::examples::TOKEN;
use bytes::Bytes;

use crate::support::{Checks, check_equal};

/// Builds a request from its method and target, such as `GET /me.xml`, and a body. Both can contain `TOKEN`.
fn new_request(line: &str, body: &str) -> Request<Bytes> {
    let (method, target) = line.split_once(' ').expect("method and target");
    let body = Bytes::from(body.replace("TOKEN", TOKEN));
    Request::builder().method(method).uri(target.replace("TOKEN", TOKEN)).body(body).expect("a request")
}

/// Reads a request with this body as a server does.
fn read_body(line: &str, body: &str) -> Result<AnyRequest, RouteError> {
    AnyRequest::read(&new_request(line, body)).map(|routed| routed.request)
}

/// Reads requests with different bodies, which have to be equal. Returns the first.
fn read_equal(line: &str, bodies: &[&str]) -> AnyRequest {
    let (first, others) = bodies.split_first().expect("there should be a body");
    let request = read_body(line, first).unwrap_or_else(|error| panic!("{error:?}\n{first}"));
    let mut checks = Checks::default();
    for body in others {
        let result = read_body(line, body).map_err(|error| format!("{error:?}"));
        checks.record(body, result.and_then(|other| check_equal("request", &other, &request)));
    }
    if !others.is_empty() {
        checks.finish();
    }
    request
}

/// Returns the request of an `AnyRequest`. Panics if it is of another operation.
macro_rules! unwrap_as {
    ($variant:ident, $request:expr) => {
        match $request {
            AnyRequest::$variant(request) => request,
            other => panic!("{other:?} is another operation"),
        }
    };
}

#[test]
fn values_are_read_from_attributes_and_elements_alike() {
    let create = unwrap_as!(
        ItemsCreate,
        read_equal(
            "POST /ws/page/1/lists/2/items/add",
            &[
                "<request><token>TOKEN</token><item completed='true'><content>Rope</content></item></request>",
                "<request><token>TOKEN</token><item><completed>true</completed><content>Rope</content></item></request>",
                "<request><token>TOKEN</token><item content='Rope' completed=\"1\"/></request>",
                "<request token='TOKEN'><item><content>Rope</content><completed> 1 </completed></item></request>",
                "<request><item><x/><content>Rope</content><completed>true</completed></item><token>TOKEN</token></request>",
            ]
        )
    );
    assert_eq!((create.page_id.0, create.list_id), (1, ListId(2)));
    assert_eq!((create.item.content.as_str(), create.item.completed), ("Rope", Some(true)));
}

#[test]
fn dashes_and_underscores_in_names_are_equal() {
    let create = unwrap_as!(
        NotesCreate,
        read_equal(
            "POST /ws/page/1/notes/create",
            &[
                "<request><note><title>Ferry</title><body>Nine</body><show-created-at>true</show-created-at></note></request>",
                "<request><note><show_created_at>1</show_created_at><body>Nine</body><title>Ferry</title></note></request>",
                "<request><note show-created_at='true' body='Nine' title='Ferry'/></request>",
            ]
        )
    );
    assert_eq!((create.note.title.as_deref(), create.note.show_created_at), (Some("Ferry"), Some(true)));
    let create = unwrap_as!(
        CalendarEventsCreate,
        read_equal(
            "POST /calendar_events.xml",
            &[
                "<request><event><calendar-id>3</calendar-id><title>Film</title><remind>1</remind></event></request>",
                "<request><event><calendar_id>3</calendar_id><title>Film</title><remind>true</remind></event></request>",
                "<event><remind>1</remind><title>Film</title><calendar_id> 3 </calendar_id></event>",
                "<event calendar-id='3' title='Film' remind='1'/>",
            ]
        )
    );
    assert_eq!((create.event.calendar_id.0, create.event.remind), (3, Some(true)));
    let reorder = unwrap_as!(
        ItemsReorder,
        read_equal(
            "POST /ws/page/1/lists/2/items/reorder",
            &[
                "<request><item-id>5</item-id><item-id>4</item-id></request>",
                "<request><token>TOKEN</token><item_id>5</item_id><item-id> 4 </item-id></request>",
            ]
        )
    );
    assert_eq!(reorder.order, [ItemId(5), ItemId(4)]);
}

#[test]
fn the_name_of_the_root_is_ignored() {
    let update = unwrap_as!(
        PagesUpdateTitle,
        read_equal(
            "POST /ws/page/1/update_title",
            &[
                "<request><token>TOKEN</token><page><title>Coast</title></page></request>",
                "<hash><token>TOKEN</token><page><title>Coast</title></page></hash>",
                "<?xml version='1.0'?>\r\n<request>\r\n  <token>TOKEN</token>\r\n  <page>\r\n    <title>Coast</title>\r\n  </page>\r\n</request>\r\n",
                "<page><title>Coast</title></page>",
            ]
        )
    );
    assert_eq!(update.title, "Coast");
    let create = unwrap_as!(
        ListsCreate,
        read_equal(
            "POST /ws/page/1/lists/add",
            &[
                "<request><token>TOKEN</token><name>Cook</name></request>",
                "<backpack><name>Cook</name><token>TOKEN</token></backpack>",
            ]
        )
    );
    assert_eq!(create.name, "Cook");
}

#[test]
fn rest_bodies_are_read_with_and_without_an_envelope() {
    let create = unwrap_as!(
        JournalCreate,
        read_equal(
            "POST /users/7/journal_entries.xml?token=TOKEN",
            &[
                "<journal-entry><body>Dug</body></journal-entry>",
                "<request><token>TOKEN</token><journal-entry><body>Dug</body></journal-entry></request>",
                "<request><journal_entry><body>Dug</body></journal_entry></request>",
                "<request>\n <token>TOKEN</token>\n <journal-entry>\n  <body>Dug</body>\n </journal-entry>\n</request>\n",
            ]
        )
    );
    assert_eq!((create.user_id, create.body.as_str()), (UserId(7), "Dug"));
    let update = unwrap_as!(
        StatusesUpdate,
        read_equal(
            "PUT /users/7/status.xml",
            &[
                "<status><message></message></status>",
                "<request><token>TOKEN</token><status><message/></status></request>",
            ]
        )
    );
    assert_eq!(update.message, "");
    let create = unwrap_as!(
        SeparatorsCreate,
        read_equal(
            "POST /pages/1/separators.xml",
            &[
                "<request><token>TOKEN</token><separator><name>Later</name></separator></request>",
                "<separator><name>Later</name></separator>",
            ]
        )
    );
    assert_eq!(create.name, "Later");
}

#[test]
fn the_time_of_a_new_reminder_may_be_empty() {
    let create = unwrap_as!(
        RemindersCreate,
        read_equal(
            "POST /TOKEN/reminders.xml",
            &[
                "<reminder><content>+30 Bread</content></reminder>",
                "<reminder><remind_at></remind_at><content>+30 Bread</content></reminder>",
                "<reminder><content>+30 Bread</content><remind-at/><remindees type='array'/></reminder>",
                "<reminder><content>+30 Bread</content><remind_at nil='true'/></reminder>",
                "<request><reminder><remind_at> </remind_at><content>+30 Bread</content></reminder></request>",
            ]
        )
    );
    assert_eq!((create.reminder.remind_at, create.reminder.remindees.len()), (None, 0));
    let create = unwrap_as!(
        RemindersCreate,
        read_equal(
            "POST /TOKEN/reminders.xml",
            &[
                "<reminder><remind_at>2009-03-20 07:30:00</remind_at><content>Bread</content>
           <remindees type=\"array\"><user_id>7</user_id><user_id>8</user_id></remindees></reminder>",
                "<reminder content='Bread' remind_at='2009-03-20 7:30'><remindees><user-id>7</user-id><user_id>8</user_id></remindees></reminder>",
            ]
        )
    );
    assert_eq!(create.reminder.remind_at, Some(date(2009, 3, 20).at(7, 30, 0, 0)));
    assert_eq!(create.reminder.remindees, [UserId(7), UserId(8)]);
}

#[test]
fn words_are_separated_by_any_white_space() {
    let set = unwrap_as!(
        TagsSet,
        read_equal(
            "POST /ws/page/1/tags/tag",
            &[
                "<request><tags>Garden \"Slow Food\" Bikes</tags></request>",
                "<request><tags>\n  Garden\n  \"Slow Food\"\r\n\tBikes\n</tags></request>",
                "<request tags='Garden &quot;Slow Food&quot; Bikes'/>",
                "<request><tags>Garden\"Slow Food\"Bikes</tags></request>",
                "<request><tags>\"Garden\" \"Slow Food\" \"\" \"Bikes</tags></request>",
            ]
        )
    );
    assert_eq!(set.tags, ["Garden", "Slow Food", "Bikes"]);
    let none = unwrap_as!(
        TagsSet,
        read_equal("POST /ws/page/1/tags/tag", &["<request><tags/></request>", "<request><tags> </tags></request>"])
    );
    assert!(none.tags.is_empty());
    let reorder = unwrap_as!(
        PagesReorder,
        read_equal(
            "POST /ws/page/1/reorder",
            &[
                "<request><belongings>412 410 411</belongings></request>",
                "<request><belongings>\n412\n410\t411\r\n</belongings></request>",
            ]
        )
    );
    assert_eq!(reorder.order, [412, 410, 411].map(BelongingId));
}

#[test]
fn an_empty_flag_is_false() {
    let share = unwrap_as!(
        PagesShare,
        read_equal(
            "POST /ws/page/1/share",
            &[
                "<request><email_addresses>a@example.com b@example.org</email_addresses><page><public>0</public></page></request>",
                "<request><page><public></public></page><email-addresses>\na@example.com\nb@example.org\n</email-addresses></request>",
                "<request><email_addresses>a@example.com b@example.org</email_addresses><page public='false'/></request>",
            ]
        )
    );
    assert_eq!(share.public, Some(false));
    assert_eq!(share.email_addresses.as_deref(), Some(&["a@example.com".to_owned(), "b@example.org".to_owned()][..]));
    let share = unwrap_as!(
        PagesShare,
        read_equal("POST /ws/page/1/share", &["<request><token>TOKEN</token></request>", "", "<request/>"])
    );
    assert_eq!((share.public, share.email_addresses), (None, None));
}

#[test]
fn old_paths_are_routed_to_the_operation() {
    let assert_equal = |lines: [&str; 2], body: &str| {
        let [one, other] = lines.map(|line| read_body(line, body).unwrap_or_else(|error| panic!("{line}: {error:?}")));
        assert_eq!(one, other);
    };
    assert_equal(["POST /ws/tags/select/4", "POST /ws/tags/4"], "");
    assert_equal(
        ["POST /ws/page/1/items/add?list_id=3", "POST /ws/page/1/items/create?list_id=3"],
        "<request><item content='Rope'/></request>",
    );
    assert_equal(["GET /TOKEN/users/7/export.xml", "GET /TOKEN/users/7.xml"], "");
    assert_equal(["GET /TOKEN/me.xml", "POST /TOKEN/me.xml"], "<request><token>TOKEN</token></request>");
}

#[test]
fn a_query_is_percent_decoded_and_its_first_of_equal_names_counts() {
    let list =
        unwrap_as!(LegacyListItems, read_body("POST /ws/page/1/items/list?x=1&list%5Fid=%33&list_id=4", "").unwrap());
    assert_eq!(list.list_id, Some(ListId(3)));
}

#[test]
fn an_empty_query_parameter_is_absent() {
    let list = unwrap_as!(LegacyListItems, read_body("POST /ws/page/1/items/list?list_id=", "").unwrap());
    assert_eq!(list.list_id, None);
}

#[test]
fn the_token_is_read_from_every_carrier() {
    let credentials = |request: Request<Bytes>| AnyRequest::read(&request).unwrap().credentials;
    let token = Some(PresentedCredentials::Token(TOKEN.into()));
    let with_header = |line: &str, name: &str, value: &str| {
        let mut request = new_request(line, "");
        request.headers_mut().insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        request
    };
    for line in
        ["GET /statuses.xml?token=TOKEN", "GET /TOKEN/users.xml", "GET /journal_entries.xml?n=1&token=TOKEN&count=2"]
    {
        assert_eq!(credentials(new_request(line, "")), token, "{line}");
    }
    assert_eq!(credentials(with_header("GET /calendars.xml", "X-BP-TOKEN", TOKEN)), token);
    assert_eq!(credentials(with_header("GET /statuses.xml", "x-bp-token", TOKEN)), token);
    assert_eq!(credentials(with_header("GET /users.xml", "x-bp-token", &format!(" {TOKEN} "))), token);
    assert_eq!(credentials(new_request("GET /calendars.xml?token=TOKEN", "")), token);
    for body in [
        "<request><token>TOKEN</token></request>",
        "<request>\r\n<token>\r\n  TOKEN\r\n</token>\r\n</request>",
        "<anything token='TOKEN'/>",
    ] {
        assert_eq!(credentials(new_request("POST /ws/pages/all", body)), token, "{body}");
        assert_eq!(credentials(new_request("DELETE /calendar_events/8.xml", body)), token, "{body}");
    }
    assert_eq!(credentials(new_request("POST /ws/pages/all", "")), None);
    let bearer = Some(PresentedCredentials::Bearer("abc".into()));
    assert_eq!(credentials(with_header("GET /me.xml", "authorization", "Bearer abc")), bearer);
    assert_eq!(credentials(with_header("GET /TOKEN/me.xml", "authorization", "Bearer abc")), bearer);
    assert_eq!(credentials(with_header("GET /me.xml", "authorization", "Basic abc")), None);
}

#[test]
fn targets_are_urls_or_paths() {
    let destroy = unwrap_as!(CalendarEventsDestroy, read_body("DELETE /calendar_events/8.xml", "").unwrap());
    assert_eq!(destroy.event_id, CalendarEventId(8));
    assert_eq!(
        read_body("DELETE http://acme.backpackit.com/calendar_events/8.xml", "").unwrap(),
        AnyRequest::CalendarEventsDestroy(destroy)
    );
}

#[test]
fn unknown_paths_and_methods_are_rejected() {
    for line in [
        "GET /nowhere", "GET /", "GET /calendar_events/8", "POST /ws/page/x", "POST /ws/page/-1", "POST /ws/page/",
        "GET *", "GET /ws//pages/all",
    ] {
        assert_eq!(read_body(line, "").unwrap_err(), RouteError::NotFound, "{line}");
    }
    let RouteError::MethodNotAllowed(mut methods) = read_body("POST /calendar_events/8.xml", "").unwrap_err() else {
        panic!("the path should have no such method")
    };
    methods.sort_by_key(Method::to_string);
    assert_eq!(methods, [Method::DELETE, Method::GET, Method::PUT]);
}

#[test]
fn missing_and_invalid_values_are_named() {
    for (line, body, expected) in [
        ("POST /ws/page/1/notes/create", "<request/>", "note is missing"),
        (
            "POST /ws/page/1/lists/2/items/add",
            "<request><item completed='yes'><content/></item></request>",
            "item/completed should be",
        ),
        ("POST /ws/page/1/lists/2/items/add", "<request><item/></request>", "item/content is missing"),
        ("POST /ws/page/1/lists/2/items/add", "<request><item>", "cut off"),
        ("POST /ws/page/1/link", "<request><linked_page_id/></request>", "linked_page_id is missing"),
        ("POST /ws/page/99999999999999999999", "", "page_id should be a number"),
        ("GET /journal_entries.xml?n=first", "", "should be a whole number"),
        ("POST /ws/page/1/notes/create", "<!DOCTYPE a [<!ENTITY b 'c'>]><request>&b;</request>", "not allowed"),
    ] {
        let RouteError::InvalidRequest { operation, error, .. } = read_body(line, body).unwrap_err() else {
            panic!("{line} should be routed")
        };
        assert!(error.to_string().contains(expected), "{line}, {operation:?}: {error}");
    }
}
