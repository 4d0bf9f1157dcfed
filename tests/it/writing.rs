//! What leaves: a value that cannot be written is an error before anything is sent, everything else arrives as it left,
//! and what is absent leaves no trace.

use std::borrow::Cow;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::client::BlockingClient;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::incoming::Incoming;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::date;
use backpack_api::runtime::read::ReadError;
use backpack_api::runtime::service::{Operation, Part, Retry};
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::runtime::tree::Node;
use backpack_api::runtime::write::Query;
use backpack_api::runtime::xml::Writer;
use backpack_api::runtime::{Endpoint, ServeEndpoint, Visitor, answer, scalar};
use backpack_api::{CalendarId, ItemChanges, ItemId, ListId, NoteId, PageId};
use backpack_api::{Direction, Error, NewCalendarEvent, NewItem, NewNote, NewReminder, Note, SERVICE, styles};
use backpack_api::{calendar_events, items, journal, notes, pages, reminders, tags};
use xmlwire_codegen::model::{Api, Field, Kind, Scalar, Xml};
use backpack_tests::examples::{Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::shape::Value;
use crate::support::wire::{Call, paths_to, placed};
use crate::support::{Failures, caller, first_cases, read, same};

/// Stands for the text that a position is tried with.
const MARK: &str = "mark";

/// What became of a call, and what was sent.
type Outcome = (Result<(), Error>, Vec<Request<Bytes>>);

/// Calls over a transport that remembers.
struct Try;

impl Visitor for Try {
    type Output = Outcome;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let transport = MemoryTransport::with(|_| Response::new(Bytes::new()));
        let client = BlockingClient::new(caller(), transport.clone());
        (client.call(&endpoint).map(drop), transport.requests())
    }
}

/// Sends, and fails unless nothing was sent for this reason at this place.
fn assert_refused<E: ServeEndpoint>(endpoint: E, place: &str, problem: &str) {
    let (result, sent) = Try.visit(endpoint);
    refused(result, &sent, place, problem).unwrap();
}

fn refused(result: Result<(), Error>, sent: &[Request<Bytes>], place: &str, problem: &str) -> Result<(), String> {
    let error = result.err().ok_or("it was sent")?;
    let name = error.operation().name;
    same("how many were sent", &sent.len(), &0)?;
    same("was_sent", &error.was_sent(), &false)?;
    same("text", &error.to_string(), &format!("{name}: nothing was sent: {place}: {problem}"))?;
    same("whether it tells the token", &format!("{error} {error:?}").contains(TOKEN), &false)?;
    match error.kind() {
        ErrorKind::Invalid(error) => same("place", &error.location(), &place),
        kind => Err(format!("it is {kind:?}")),
    }
}

// Every text of every request.

/// A place in a request where a text goes.
struct Position<'a> {
    operation: &'static Operation,
    scalar: &'a Scalar,
    /// A request of the operation, for its type.
    example: AnyRequest,
    payload: Vec<Xml>,
    /// Where it is in the document: `request/note/title`.
    place: String,
    /// The values in the path.
    path: Vec<(&'static str, Cow<'static, str>)>,
}

impl Position<'_> {
    fn name(&self) -> String {
        format!("{}, {}", self.operation.name, self.place)
    }

    /// Sends the request with this text in this place. The request comes from a form that can hold any text.
    fn send(&self, text: &str) -> Result<Outcome, String> {
        let entries = self.payload.iter().map(|xml| node(xml, text)).collect();
        let body = Node { entries, ..Node::default() };
        let incoming = Incoming::of(&SERVICE, self.operation, self.path.clone(), Vec::new(), body);
        self.example.clone().visit(Reread(incoming)).map_err(|error| format!("not read: {error}"))
    }
}

/// An element as a server sees it, with this text for the mark.
fn node(xml: &Xml, text: &str) -> Node<'static> {
    let leaf = |name: &str, value: &str| Node {
        name: name.replace('-', "_").into(),
        text: value.replace(MARK, text).into(),
        ..Node::default()
    };
    let attributes = xml.attributes.iter().map(|(name, value)| leaf(name, value));
    let entries = attributes.chain(xml.children.iter().map(|child| node(child, text))).collect();
    Node { entries, ..leaf(&xml.name, &xml.text) }
}

/// Whether texts of people's choice go there.
fn is_text(field: &Field) -> bool {
    match &field.kind {
        Kind::Scalar(Scalar::Words(inner)) => {
            matches!(**inner, Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Enum(_))
        }
        Kind::Scalar(scalar) => {
            matches!(
                scalar,
                Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Phrases | Scalar::Enum(_)
            )
        }
        Kind::Data(_) => false,
    }
}

/// Every place in the payload of a request where a text goes.
fn positions(api: &Api) -> Vec<Position<'_>> {
    let mut positions = Vec::new();
    for (case, example) in first_cases(api) {
        let endpoint = case.endpoint;
        let payload = endpoint.fields.iter().enumerate().skip(endpoint.path_fields + endpoint.query.len());
        for (index, field) in payload {
            let paths = paths_to(api, field, &is_text);
            positions.extend(paths.iter().map(|path| position(api, case, example.clone(), index, path)));
        }
    }
    positions
}

fn position<'a>(api: &'a Api, case: Case<'a>, example: AnyRequest, index: usize, path: &[usize]) -> Position<'a> {
    let (endpoint, operation) = (case.endpoint, case.operation);
    let field = &endpoint.fields[index];
    let mut call = Call::least(api, endpoint);
    call.fields[index] = placed(api, field, path, &Value::Text(MARK.to_owned()));
    let payload = call.payload(api, endpoint).expect("a text of the payload is in it");
    let mut place = envelope(operation);
    place.extend(payload.iter().find_map(place_of_mark).expect("the mark is in the payload"));
    let path_values = endpoint.fields.iter().zip(&call.fields).take(endpoint.path_fields);
    let path_values = path_values.map(|(field, value)| match value {
        // Names of holes are static in generated code.
        Value::Text(text) => (&*field.name.clone().leak(), text.clone().into()),
        _ => panic!("a value in a path is a scalar"),
    });
    let path_values = path_values.collect();
    let scalar = scalar_at(api, field, path);
    Position { operation, scalar, example, payload, place: place.join("/"), path: path_values }
}

/// The elements around a payload.
fn envelope(operation: &Operation) -> Vec<String> {
    let parts = operation.style.request.map_or(&[][..], |envelope| envelope.parts);
    let opened = parts.iter().filter_map(|part| match part {
        Part::Xml(text) => text.strip_prefix('<').filter(|text| !text.starts_with('/')),
        Part::Token(_) | Part::Payload => None,
    });
    opened.map(|text| text.trim_end_matches('>').to_owned()).collect()
}

fn scalar_at<'a>(api: &'a Api, field: &'a Field, path: &[usize]) -> &'a Scalar {
    match (&field.kind, path.split_first()) {
        (Kind::Scalar(scalar), _) => scalar,
        (Kind::Data(data), Some((first, rest))) => scalar_at(api, &api.types[data.0].fields[*first], rest),
        (Kind::Data(_), None) => panic!("{} is no scalar", field.name),
    }
}

fn place_of_mark(xml: &Xml) -> Option<Vec<String>> {
    let attribute = xml.attributes.iter().find(|(_, value)| value == MARK).map(|(name, _)| vec![format!("@{name}")]);
    let text = (xml.text == MARK).then(Vec::new);
    let below = attribute.or(text).or_else(|| xml.children.iter().find_map(place_of_mark))?;
    Some([vec![xml.name.clone()], below].concat())
}

/// Reads a request that came in another form than XML, and sends it.
struct Reread(Incoming<'static>);

impl Visitor for Reread {
    type Output = Result<Outcome, ReadError>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::read_request(&self.0).map(|request| Try.visit(request))
    }
}

fn at_each_position(test: impl Fn(&Position<'_>) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for position in positions(&api) {
        failures.note(position.name(), test(&position));
    }
    failures.finish();
}

/// What XML cannot hold, in whatever form.
fn forbidden() -> impl Iterator<Item = char> {
    ('\0'..=' ').filter(|c| !"\t\n\r ".contains(*c)).chain(['\u{fffe}', '\u{ffff}'])
}

#[test]
fn a_forbidden_character_is_an_error_before_anything_is_sent() {
    assert_eq!(forbidden().count(), 31);
    at_each_position(|position| {
        for c in forbidden() {
            for text in [format!("a{c}b"), c.to_string(), format!("{}{c}", "é<&>".repeat(9))] {
                let (result, sent) = position.send(&text)?;
                refused(result, &sent, &position.place, "a character is not allowed in XML")
                    .map_err(|problem| format!("U+{:04X}: {problem}", u32::from(c)))?;
            }
        }
        Ok(())
    });
}

#[test]
fn everything_else_arrives_as_it_left() {
    let words = [
        "a",
        "Jo’s",
        "<b>&amp;</b>",
        "]]>",
        "'\"",
        "&rarr;",
        "\u{7f}\u{85}\u{a0}\u{2028}\u{feff}",
        "漢字🛶",
        "\u{fffd}\u{e000}\u{10ffff}",
    ];
    let texts = ["", " ", "\n", "\r", "\r\n", "\t", " both ", "last\n\n", "a\r\nb\rc", "<!-- a --> <?b?>", "a \"b\" c"];
    at_each_position(|position| {
        let any = matches!(position.scalar, Scalar::String | Scalar::Text);
        let phrases = *position.scalar == Scalar::Phrases;
        let texts = words.iter().filter(|word| !phrases || !word.contains('"')).chain(texts.iter().filter(|_| any));
        for text in texts {
            let (_, sent) = position.send(text)?;
            let [request] = &sent[..] else { return Err(format!("{text:?} was not sent")) };
            let (_, again) = read(request)?.visit(Try);
            same("what was sent again", &again[0].body(), &request.body())?;
            let arrived = arrived(request, position)?;
            same("what arrived", &arrived.as_str(), text)?;
        }
        Ok(())
    });
}

/// The text in the place of a request, by a reader that is not ours.
fn arrived(request: &Request<Bytes>, position: &Position<'_>) -> Result<String, String> {
    let body = str::from_utf8(request.body()).map_err(|error| error.to_string())?;
    let mut xml = &crate::support::document::parse(body)?;
    for step in position.place.split('/').skip(1) {
        if let Some(name) = step.strip_prefix('@') {
            let value = xml.attributes.iter().find(|(attribute, _)| attribute == name);
            return value.map(|(_, value)| value.clone()).ok_or_else(|| format!("there is no {step}"));
        }
        xml = xml.children.iter().find(|child| child.name == step).ok_or_else(|| format!("there is no {step}"))?;
    }
    Ok(xml.text.clone())
}

#[test]
fn every_character_arrives_in_texts_and_attributes() {
    let all: Vec<char> = ('\0'..=char::MAX).filter(|c| !forbidden().any(|no| no == *c)).collect();
    assert_eq!(all.len(), 0x11_0000 - 0x800 - 31);
    let create = notes::Create::new(PageId(1), NewNote::new());
    for some in all.chunks(5000) {
        let text: String = some.iter().collect();
        let request = notes::Create::new(PageId(1), NewNote::new().title(&text).body(&text));
        let sent = request.to_request(&caller()).unwrap();
        assert_eq!(read(&sent).unwrap(), AnyRequest::NotesCreate(request));
        let note = Note::new(&text, NoteId(1), Timestamp::UNIX_EPOCH, &text);
        assert_eq!(notes::Create::from_response(&create.respond(&note).unwrap()).unwrap(), note);
    }
}

#[test]
fn a_server_cannot_write_forbidden_characters_either() {
    let create = notes::Create::new(PageId(1), NewNote::new());
    for c in forbidden() {
        let error = create.respond(&Note::new(c, NoteId(1), Timestamp::UNIX_EPOCH, "")).unwrap_err();
        assert_eq!(error.to_string(), "note/@title: a character is not allowed in XML");
        let error = create.respond(&Note::new("", NoteId(1), Timestamp::UNIX_EPOCH, format!("a{c}"))).unwrap_err();
        assert_eq!(error.to_string(), "note: a character is not allowed in XML");
    }
}

// What else cannot be written.

#[test]
fn a_word_holds_no_white_space_and_is_not_empty() {
    for (word, problem) in [
        ("", "should not be empty"),
        (" ", "should hold no white space"),
        ("a b", "should hold no white space"),
        ("a\n", "should hold no white space"),
        ("\ta", "should hold no white space"),
        ("a\rb", "should hold no white space"),
    ] {
        let addresses = vec!["jo@example.com".to_owned(), word.to_owned()];
        let mut share = pages::Share::new(PageId(1));
        share.email_addresses = Some(addresses);
        assert_refused(share, "request/email_addresses", problem);
    }
}

#[test]
fn a_phrase_holds_no_double_quote_and_is_not_empty() {
    for (phrase, problem) in [
        ("", "should not be empty"),
        ("\"", "should hold no double quote"),
        ("a\"b", "should hold no double quote"),
        ("a \"b\"", "should hold no double quote"),
    ] {
        let tags = vec!["Travel".to_owned(), phrase.to_owned()];
        assert_refused(tags::Set::new(PageId(1), tags), "request/tags", problem);
    }
    for phrases in [vec![], vec!["a"], vec!["Slow Food", "b"], vec![" "], vec!["a\nb"], vec!["a'b", "&"], vec![" a "]] {
        let tags: Vec<String> = phrases.into_iter().map(str::to_owned).collect();
        let set = tags::Set::new(PageId(1), tags);
        let sent = set.to_request(&caller()).unwrap();
        assert_eq!(read(&sent).unwrap(), AnyRequest::TagsSet(set));
    }
}

#[test]
fn an_unknown_value_of_an_enum_can_be_read_back() {
    for text in ["", " ", " move_lower", "move_lower\n"] {
        let direction = Direction::Other(text.to_owned());
        let problem = "should be a text without white space around it";
        assert_refused(items::MoveTo::new(PageId(1), ListId(2), ItemId(3), direction), "request/direction", problem);
    }
    let sideways = items::MoveTo::new(PageId(1), ListId(2), ItemId(3), Direction::from("move it sideways"));
    let sent = sideways.to_request(&caller()).unwrap();
    assert_eq!(read(&sent).unwrap(), AnyRequest::ItemsMoveTo(sideways));
}

#[test]
fn a_year_has_four_digits() {
    let at = |year| NewReminder::new("Bread").remind_at(date(year, 1, 1).at(0, 0, 0, 0));
    assert_refused(reminders::Create::new(at(-1)), "reminder/remind_at", "should be a year after Christ");
    let request = reminders::Create::new(at(7)).to_request(&caller()).unwrap();
    assert!(str::from_utf8(request.body()).unwrap().contains("<remind_at>0007-01-01 00:00:00</remind_at>"));
}

// What is absent.

#[test]
fn absent_options_leave_no_trace() {
    fn sent(endpoint: impl Endpoint) -> (String, String) {
        let request = endpoint.to_request(&caller()).unwrap();
        let target = request.uri().path_and_query().unwrap().to_string();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        (target.replace(TOKEN, "T"), body.replace(TOKEN, "T"))
    }
    let page = PageId(1);
    let rows = [
        (
            sent(pages::Create::new("Coast")),
            "/ws/pages/new",
            "<request><token>T</token><page><title>Coast</title></page></request>",
        ),
        (sent(pages::Share::new(page)), "/ws/page/1/share", "<request><token>T</token></request>"),
        (
            sent(notes::Create::new(page, NewNote::new())),
            "/ws/page/1/notes/create",
            "<request><token>T</token><note></note></request>",
        ),
        (
            sent(notes::Create::new(page, NewNote::new().title("").body("x"))),
            "/ws/page/1/notes/create",
            "<request><token>T</token><note><title></title><body>x</body></note></request>",
        ),
        (
            sent(items::Create::new(page, ListId(2), NewItem::new("Rope"))),
            "/ws/page/1/lists/2/items/add",
            "<request><token>T</token><item><content>Rope</content></item></request>",
        ),
        (
            sent(items::Update::new(page, ListId(2), ItemId(3), ItemChanges::new().completed(true))),
            "/ws/page/1/lists/2/items/update/3",
            "<request><token>T</token><item completed=\"true\"></item></request>",
        ),
        (
            sent(reminders::Create::new(NewReminder::new("+30 Bread"))),
            "/T/reminders.xml",
            "<reminder><content>+30 Bread</content></reminder>",
        ),
        (
            sent(calendar_events::Create::new(NewCalendarEvent::new(CalendarId(3), "Film"))),
            "/calendar_events.xml",
            "<request><event><calendar-id>3</calendar-id><title>Film</title></event></request>",
        ),
        (sent(journal::List::new()), "/journal_entries.xml?token=T", ""),
    ];
    for ((target, body), expected_target, expected_body) in rows {
        assert_eq!((target.as_str(), body.as_str()), (expected_target, expected_body));
    }
}

// The path.

/// A file by its name, which is a word: a request made by hand, since the API has only numbers in its paths.
#[derive(Debug, Clone, PartialEq)]
struct File {
    name: String,
    about: Option<String>,
}

impl Endpoint for File {
    type Response = ();

    const OPERATION: &'static Operation = &Operation {
        name: "files.show",
        method: Method::GET,
        path: "/files/{name}.txt",
        style: &styles::QUERY,
        limit: None,
        retry: Retry::Read,
        payload: false,
        status: 200,
        envelope: false,
        fails: &[],
        legacy: false,
    };

    fn write_path(&self, out: &mut Writer) {
        out.raw("/files/");
        out.segment_of::<scalar::Word>(&self.name);
        out.raw(".txt");
    }

    fn write_query(&self, query: &mut Query<'_>) {
        query.optional::<scalar::Text>("about", &self.about);
    }

    fn read_response(answer: &answer::Answer<'_>) -> Result<(), ReadError> {
        answer.nothing()
    }
}

#[test]
fn a_path_cannot_be_broken_out_of() {
    for name in [
        "a/b", "/", "../..", "..\\..", "a?b", "a#b", "a%2Fb", "%", "+", ";", "a&b=c", "@host", "//host", "é🛶",
        "\u{202e}", "\0", "…",
    ] {
        let file = File { name: name.to_owned(), about: Some(name.to_owned()) };
        let uri = file.to_request(&caller()).unwrap().uri().clone();
        assert_eq!(uri.authority().unwrap(), "acme.backpackit.com", "{name}");
        let escaped: String = name.bytes().map(plain_or_escaped).collect();
        assert_eq!(uri.path(), format!("/files/{escaped}.txt"));
        assert_eq!(uri.query(), Some(&*format!("about={escaped}&token={}", TOKEN)));
    }
    for (name, problem) in [
        ("", "should not be empty"),
        (".", "a segment of a path is empty, . or .."),
        ("..", "a segment of a path is empty, . or .."),
        ("a b", "should hold no white space"),
        ("a\r\nHost: b", "should hold no white space"),
    ] {
        let error = File { name: name.to_owned(), about: None }.to_request(&caller()).unwrap_err();
        assert_eq!(error.to_string(), format!("files.show: nothing was sent: {problem}"));
    }
}

fn plain_or_escaped(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}
