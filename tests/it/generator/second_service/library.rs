//! Client and server of the library in one program: what one side writes, the other side reads.

use std::error::Error;
use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use library::books::{Add, Burn, Count, List, Newest, Oldest, Titles};
use library::loans::{Latest, Lend, Prolong, Show};
use library::questions::{Again, Ask, Say, Whisper};
use library::routes::AnyRequest;
use library::runtime::bytes::Bytes;
use library::runtime::credentials::PresentedCredentials;
use library::runtime::http::{Request, Response};
use library::runtime::transport::MemoryTransport;
use library::runtime::{Change, ClientConfig, Credentials, EndpointExt, Secret, ServeEndpoint, ServeEndpointExt, Token, serde};
use library::scalars::{Change as ChangeAll, Flag, Perhaps, Phrases, Primes, Receipt as CheckReceipt, Search, Several, Twice, Words};
use library::staff::{Check as CheckShifts, Extend, Hours, Shifts};
use library::webcal_url::WithOptions;
use library::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The access key, with every punctuation character that needs no encoding in a URL.
const KEY: &str = "k3y-._~";
/// A text that needs escaping.
const AWKWARD_TEXT: &str = " <a>&amp;\"'\r\n\t– 日本語\u{1F600} ]]> {hole} ";

fn main() -> Result<()> {
    check_every_operation(&client_config(token()?)?, Some(PresentedCredentials::Token(Secret::new(KEY))))?;
    check_every_operation(&client_config(Credentials::Bearer(Token::new(KEY)?))?, Some(PresentedCredentials::Bearer(Secret::new(KEY))))?;
    check_methods()?;
    check_failures()?;
    check_written_requests()?;
    check_staff()?;
    check_empty_responses()?;
    check_absence_of_foreign_rules()?;
    assert_serializable::<Vec<Book>>();
    Ok(())
}

/// Returns the access key as credentials.
fn token() -> Result<Credentials> {
    Ok(Credentials::Token(Token::new(KEY)?))
}

/// Returns a client configuration for the account `north`. The user agent names no contact.
fn client_config(credentials: Credentials) -> Result<ClientConfig> {
    Ok(ClientConfig::for_account(&SERVICE, "north", credentials, "program")?)
}

/// Checks a round trip of every operation, in most cases with and without its optional values.
fn check_every_operation(config: &ClientConfig, credentials: Option<PresentedCredentials>) -> Result<()> {
    let round_trip = RoundTrip { config, credentials };
    round_trip.check(AnyRequest::BooksList, &new_list(), &vec![full_book()?, minimal_book()?])?;
    round_trip.check(AnyRequest::BooksList, &List::new(BranchId(3), "title"), &Vec::new())?;
    round_trip.check(AnyRequest::BooksAdd, &Add::new(BranchId(3), full_new_book()?, "K7").urgent(true), &full_book()?)?;
    round_trip.check(AnyRequest::BooksAdd, &Add::new(BranchId(3), NewBook::new(""), "K7"), &full_book()?)?;
    round_trip.check(AnyRequest::BooksTitles, &Titles::new(BranchId(3)), &vec![AWKWARD_TEXT.into(), String::new()])?;
    round_trip.check(AnyRequest::BooksNewest, &Newest::new(BranchId(3)), &Some(full_book()?))?;
    round_trip.check(AnyRequest::BooksNewest, &Newest::new(BranchId(3)), &None)?;
    round_trip.check(AnyRequest::BooksOldest, &Oldest::new(BranchId(u64::MAX)), &Some(BookId(7)))?;
    round_trip.check(AnyRequest::BooksOldest, &Oldest::new(BranchId(0)), &None)?;
    round_trip.check(AnyRequest::BooksBurn, &Burn::new(BranchId(3), BookId(7)), &())?;
    round_trip.check(AnyRequest::BooksCount, &Count::new(BranchId(3), "x%2F/?#é"), &i64::MIN)?;
    let terms = Terms::new("2009-04-01T18:00:00".parse()?).silent(false);
    round_trip.check(AnyRequest::LoansLend, &Lend::new(ReaderId(5), BookId(7), terms), &LoanId(41))?;
    let loan = Loan::new(LoanId(41), -1, "2009-04-01T18:00:00".parse()?, AWKWARD_TEXT);
    round_trip.check(AnyRequest::LoansShow, &Show::new(ReaderId(5), BookId(7), LoanId(41)), &loan)?;
    round_trip.check(AnyRequest::LoansLatest, &Latest::new(ReaderId(5), BookId(7)), &loan)?;
    round_trip.check(AnyRequest::LoansProlong, &Prolong::new(ReaderId(5), BookId(7), LoanId(41), Span::Month), &())?;
    let other = Prolong::new(ReaderId(5), BookId(7), LoanId(41), Span::from("for ever & a day/"));
    round_trip.check(AnyRequest::LoansProlong, &other, &())?;
    let ask = Ask::new("a.b", -3, AWKWARD_TEXT, 2, full_incoming()?, AWKWARD_TEXT).answer("yes").response([1, -1]);
    round_trip.check(AnyRequest::QuestionsAsk, &ask, &vec![full_incoming()?, minimal_incoming()?])?;
    round_trip.check(AnyRequest::QuestionsAgain, &Again::new(), &())?;
    round_trip.check(AnyRequest::QuestionsSay, &Say::new(AWKWARD_TEXT), &Reader::new(AWKWARD_TEXT))?;
    let find = Find::new(FindKind::Ok, 7);
    assert_eq!((find.target(), Find::new(FindKind::Result, 3).target()), (Found::Ok(BookId(7)), Found::Result(BranchId(3))));
    assert_eq!(Find::new(FindKind::None, 7).target(), Found::Other { kind: FindKind::None, id: 7 });
    let leaflet = Leaflet::new().default(AWKWARD_TEXT).into(2).clone(true).fmt(Known::String).find(find);
    let known = vec![Known::Known, Known::String, Known::from("so")];
    round_trip.check(AnyRequest::ScalarsWords, &Words::new(leaflet), &known)?;
    round_trip.check(AnyRequest::ScalarsWords, &Words::new(Leaflet::new()), &Vec::new())?;
    round_trip.check(AnyRequest::ScalarsPhrases, &Phrases::new(), &vec!["a".into(), "b c".into()])?;
    round_trip.check(AnyRequest::ScalarsFlag, &Flag::new(), &true)?;
    round_trip.check(AnyRequest::ScalarsSecret, &scalars::Secret::new(), &Some(Secret::new("fake")))?;
    round_trip.check(AnyRequest::ScalarsSecret, &scalars::Secret::new(), &None)?;
    round_trip.check(AnyRequest::ScalarsPrimes, &Primes::new(), &vec![2, 3])?;
    round_trip.check(AnyRequest::ScalarsPrimes, &Primes::new(), &Vec::new())?;
    round_trip.check(AnyRequest::ScalarsPerhaps, &Perhaps::new(), &Some(-3))?;
    round_trip.check(AnyRequest::ScalarsPerhaps, &Perhaps::new(), &None)?;
    round_trip.check(AnyRequest::ScalarsSeveral, &Several::new(), &vec![1, 2])?;
    round_trip.check(AnyRequest::ScalarsSeveral, &Several::new(), &Vec::new())?;
    let change = ChangeAll::new(set_all()?).end("2009-04-01T18:00:00".parse()?);
    round_trip.check(AnyRequest::ScalarsChange, &change, &Some(Place::new(3)))?;
    round_trip.check(AnyRequest::ScalarsChange, &ChangeAll::new(clear_all()).clear_end(), &None)?;
    round_trip.check(AnyRequest::ScalarsChange, &ChangeAll::new(Changes::new()), &None)?;
    round_trip.check(AnyRequest::ScalarsTwice, &Twice::new(AWKWARD_TEXT), &AWKWARD_TEXT.into())?;
    let receipt = Receipt::new("2010-03-14".parse()?, "2010-03-14T08:05:40Z".parse()?, ["2010-04-02".parse()?], "19.90".parse()?)
        .items(["-0.10".parse()?])
        .printed("2010-03-14T09:05:40".parse()?)
        .due("2010-04-01".parse()?);
    let search = Search::new([BookId(7), BookId(8)]).state("a&b").days(["2010-03-14".parse()?, "2010-03-15".parse()?]);
    round_trip.check(AnyRequest::ScalarsSearch, &search, &3)?;
    round_trip.check(AnyRequest::ScalarsSearch, &Search::new([]), &0)?;
    let check = CheckReceipt::new(receipt.clone()).since("2010-01-01".parse()?);
    round_trip.check(AnyRequest::ScalarsReceipt, &check, &receipt)?;
    round_trip.check(AnyRequest::WebcalUrlWithOptions, &WithOptions::new(), &AWKWARD_TEXT.into())?;
    round_trip.check(AnyRequest::QuestionsWhisper, &Whisper::new(), &Vec::new())?;
    round_trip.check(AnyRequest::QuestionsWhisper, &Whisper::new().to("Ada").loud(true), &vec![AWKWARD_TEXT.into()])
}

/// Passes requests from a client to a server, and responses back.
struct RoundTrip<'a> {
    config: &'a ClientConfig,
    credentials: Option<PresentedCredentials>,
}

impl RoundTrip<'_> {
    /// Writes a request, reads it as a server, writes the response, and reads it as a client. `any` is the variant of
    /// the operation.
    fn check<E: ServeEndpoint>(&self, any: fn(E) -> AnyRequest, request: &E, response: &E::Response) -> Result<()> {
        let routed =
            AnyRequest::read(&request.to_request(self.config)?).map_err(|error| format!("{request:?}: {error:?}"))?;
        check_equal(&routed.request, &any(request.clone()))?;
        check_equal(&routed.credentials, &self.credentials)?;
        check_equal(&E::from_response(&request.respond(response)?)?, response)
    }
}

/// Returns an error that shows both values if they differ.
fn check_equal<T: Debug + PartialEq>(found: &T, expected: &T) -> Result<()> {
    if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}").into()) }
}

/// Builds a request for a list of books, with its options.
fn new_list() -> List {
    List::new(BranchId(3), "by=title&+").binding(Binding::HalfLeather).after(BookId(12)).words(["sea", "high tide"])
}

/// Builds changes that set every value.
fn set_all() -> Result<Changes> {
    let changes = Changes::new().note(AWKWARD_TEXT).due("2009-03-14T08:05:40Z".parse()?).count(0).loud(false);
    Ok(changes.tags(["a", "b c"]).place(Place::new(3)).key("fake"))
}

/// Builds changes that clear every value.
fn clear_all() -> Changes {
    let changes = Changes::new().clear_note().clear_due().clear_count().clear_loud();
    changes.clear_tags().clear_place().clear_key()
}

/// Builds an author with all optional values.
fn new_author() -> Author {
    Author::new(AWKWARD_TEXT).sort("").born(1815)
}

/// Builds a chapter with parts at two levels.
fn new_chapter() -> Chapter {
    Chapter::new(1, "Sea").parts([Chapter::new(1, "Tides"), Chapter::new(2, AWKWARD_TEXT).parts([Chapter::new(3, "")])])
}

/// Builds a book with all optional values.
fn full_book() -> Result<Book> {
    let bindings = [Binding::Paper, Binding::from("vellum")];
    let (added, subjects) = ("2009-03-14T08:05:40Z".parse()?, ["sea", "high tide"]);
    let book = Book::new(BookId(7), AWKWARD_TEXT, true, new_author(), added, subjects, bindings);
    let book = book.numbers([AWKWARD_TEXT, ""]).chapters([new_chapter(), Chapter::new(0, "")]);
    let book = book.binding(Binding::Cloth).editor(Author::new("Ines")).translator(new_author()).in_print(false);
    let book = book.seen("2009-03-14T08:05:40".parse()?).changed("2009-03-14T08:05:40Z".parse()?).row("K7");
    Ok(book.see_also([BookId(1), BookId(2)]).secret_note(Secret::new("fake")).owner(AWKWARD_TEXT))
}

/// Builds a book without optional values, and with empty texts and lists.
fn minimal_book() -> Result<Book> {
    let added = "2009-03-14T08:05:40Z".parse()?;
    Ok(Book::new(BookId(0), "", false, Author::new(""), added, [] as [&str; 0], [] as [Binding; 0]))
}

/// Builds the fields of a new book, all optional ones included.
fn full_new_book() -> Result<NewBook> {
    let book = NewBook::new(AWKWARD_TEXT).authors([new_author(), Author::new("")]).tags(["", AWKWARD_TEXT]).outline([new_chapter()]);
    let book = book.first(new_chapter()).binding(Binding::from("vellum")).price(0).weight(3).height(240);
    Ok(book.from("2009-03-14T08:05:40Z".parse()?).like([BookId(9)]).password(Secret::new("fake")))
}

/// Builds the payload of a question with all optional values.
fn full_incoming() -> Result<Incoming> {
    let incoming = Incoming::new(-1, "2009-03-14T08:05:40Z".parse()?, [1, -2]).text(["", AWKWARD_TEXT]).xml(AWKWARD_TEXT).child(3);
    Ok(incoming.seen(true).value(4).out("").end(AWKWARD_TEXT).attribute("a").elements(["e", ""]))
}

/// Builds the payload of a question without optional values.
fn minimal_incoming() -> Result<Incoming> {
    Ok(Incoming::new(0, "2009-03-14T08:05:40Z".parse()?, []))
}

/// Calls generated methods of both clients.
fn check_methods() -> Result<()> {
    let service = MemoryTransport::from_fn(serve);
    let blocking_client = blocking::Client::new(client_config(token()?)?, service.clone());
    assert_eq!(blocking_client.books(BranchId(3)).count("xml")?, 12);
    let added = blocking_client.books(BranchId(3)).add_with(full_new_book()?, "K7", |add| add.urgent(true))?;
    assert_eq!(added, full_book()?);
    let terms = Terms::new("2009-04-01T18:00:00".parse()?);
    assert_eq!(blocking_client.loans(ReaderId(5), BookId(7)).lend(terms.clone())?, LoanId(41));
    assert_eq!(blocking_client.webcal_url().with_options()?, "a text");
    check_pagination(&blocking_client.books(BranchId(3)), &service)?;
    let async_client = Client::new(client_config(token()?)?, service);
    let lend = async || -> Result<LoanId> { Ok(async_client.loans(ReaderId(5), BookId(7)).lend(terms).await?) };
    match pin!(lend()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loan) => assert_eq!(loan?, LoanId(41)),
        Poll::Pending => return Err("the memory transport should not wait".into()),
    }
    Ok(())
}

/// Lists all pages of an operation whose pages are numbered from 1, with a method that has an argument and options.
fn check_pagination(books: &books::blocking::Books<'_>, service: &MemoryTransport) -> Result<()> {
    let before = service.requests().len();
    let all = books.list_all_with("title", |list| list.after(BookId(12))).collect::<std::result::Result<Vec<_>, _>>()?;
    assert_eq!(all.iter().map(|book| book.id).collect::<Vec<_>>(), [BookId(7), BookId(0)]);
    let requests = service.requests();
    let queries = requests.iter().skip(before).filter_map(|request| request.uri().query());
    let expected = [1, 2, 3].map(|shelf| format!("sort=title&after=12&shelf={shelf}"));
    assert_eq!(queries.collect::<Vec<_>>(), expected);
    Ok(())
}

/// Responds to a few operations. For all others, the body is an error text, so the call fails.
fn serve(request: &Request<Bytes>) -> Response<Bytes> {
    let respond = || -> Result<Response<Bytes>> {
        match AnyRequest::read(request).map_err(|error| format!("{error:?}"))?.request {
            AnyRequest::BooksList(list) => Ok(match list.entry {
                Some(1) => list.respond(&vec![full_book()?])?,
                Some(2) => list.respond(&vec![minimal_book()?])?,
                _ => list.respond(&Vec::new())?,
            }),
            AnyRequest::WebcalUrlWithOptions(show) => Ok(show.respond(&"a text".to_owned())?),
            AnyRequest::BooksCount(count) => Ok(count.respond(&12)?),
            AnyRequest::BooksAdd(add) => Ok(add.respond(&full_book()?)?),
            AnyRequest::LoansLend(lend) => Ok(lend.respond(&LoanId(41))?),
            other => Err(other.operation().name.into()),
        }
    };
    respond().unwrap_or_else(|error| Response::new(error.to_string().into()))
}

/// Checks that failures are read as each style declares: from an envelope of its own, or from the status alone.
fn check_failures() -> Result<()> {
    let new_response = |status: u16, body: &str| Response::builder().status(status).body(Bytes::from(body.to_owned()));
    let fault = "<fault><what>It is <b>gone</b> &amp; lost</what><number>404</number></fault>";
    let error = Titles::from_response(&new_response(200, fault)?).err().ok_or("a fault should be a failure")?;
    assert!(error.is_not_found() && error.message() == Some("It is  & lost"), "{error}");
    let problem = "<problem number=\"7\">Closed</problem>";
    let error = Latest::from_response(&new_response(500, problem)?).err().ok_or("a problem should be a failure")?;
    assert_eq!((error.code(), error.message()), (Some(7), Some("Closed")));
    let error = Count::from_response(&new_response(404, fault)?).err().ok_or("404 should be a failure")?;
    assert_eq!((error.code(), error.message()), (Some(404), None));
    Ok(())
}

/// Checks a style with HTTP Basic and several messages, a style without a token, and pages that are numbered by their
/// first item.
fn check_staff() -> Result<()> {
    let config = client_config(token()?)?;
    let (shifts, check) = (Shifts::new(BranchId(3)), CheckShifts::new(BranchId(3)));
    let extend = Extend::new(BranchId(3), ShiftId(9), 30);
    for (request, method) in [
        (shifts.to_request(&config)?, "GET"),
        (check.to_request(&config)?, "HEAD"),
        (extend.to_request(&config)?, "PATCH"),
    ] {
        // `printf 'k3y-._~:X' | base64`
        let authorization = request.headers().get("authorization").map(|value| value.as_bytes());
        assert_eq!((request.method().as_str(), authorization), (method, Some(&b"Basic azN5LS5ffjpY"[..])));
        let credentials = AnyRequest::read(&request).map_err(|error| error.to_string())?.credentials;
        assert_eq!(credentials, Some(PresentedCredentials::Token(Secret::new(KEY))));
    }
    for config in [config, client_config(Credentials::Bearer(Token::new(KEY)?))?] {
        let request = Hours::new(BranchId(3)).to_request(&config)?;
        let names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
        assert_eq!((names, request.uri().query()), (vec!["user-agent"], None));
        assert_eq!(AnyRequest::read(&request).map_err(|error| error.to_string())?.credentials, None);
    }
    assert_eq!(Hours::from_response(&Hours::new(BranchId(3)).respond(&60)?)?, 60);
    assert!(check.respond(&())?.body().is_empty());
    let new_response = |status: u16, body: &'static str| Response::builder().status(status).body(Bytes::from(body));
    let errors = new_response(422, "<errors><error>Minutes is missing</error><error>Shift is over</error></errors>")?;
    let error = Extend::from_response(&errors).err().ok_or("422 should be a failure")?;
    assert_eq!((error.code(), error.messages()), (Some(422), &["Minutes is missing".into(), "Shift is over".into()][..]));
    assert_eq!(error.message(), Some("Minutes is missing; Shift is over"));
    assert_eq!(error.to_string(), "staff.extend: Minutes is missing; Shift is over (HTTP status 422)");
    let written = Extend::OPERATION.error_response(library::runtime::http::StatusCode::NOT_FOUND, "No such shift")?;
    assert_eq!(Extend::from_response(&written).err().and_then(|error| error.message().map(str::to_owned)).as_deref(), Some("No such shift"));
    for (body, code) in [("<refusal>Closed</refusal>", 403), ("<refusal number=\"7\">Closed</refusal>", 7)] {
        let error = Hours::from_response(&new_response(403, body)?).err().ok_or("403 should be a failure")?;
        assert_eq!((error.code(), error.message()), (Some(code), Some("Closed")));
    }
    check_pages_by_items()
}

/// Checks that 10,000 items in pages of 500 take 21 requests, each with the number of its first item.
fn check_pages_by_items() -> Result<()> {
    let respond = |request: &Request<Bytes>| -> Result<Response<Bytes>> {
        let start: u64 = request.uri().query().and_then(|query| query.strip_prefix("n=")).ok_or("no number")?.parse()?;
        let shifts = (start..10_000).take(500).map(|number| Shift::new(ShiftId(number))).collect();
        Ok(Shifts::new(BranchId(3)).respond(&shifts)?)
    };
    let service = MemoryTransport::from_fn(move |request: &Request<Bytes>| {
        respond(request).unwrap_or_else(|error| Response::new(error.to_string().into()))
    });
    let client = blocking::Client::new(client_config(token()?)?, service.clone());
    let shifts = client.staff(BranchId(3)).shifts_all().collect::<std::result::Result<Vec<_>, _>>()?;
    assert_eq!((shifts.len(), service.requests().len()), (10_000, 21));
    assert_eq!(service.requests().last().and_then(|request| request.uri().query()), Some("n=10000"));
    Ok(())
}

/// Checks the documents of responses without a value.
fn check_empty_responses() -> Result<()> {
    let new_response = |body: &'static str| Response::new(Bytes::from(body));
    assert_eq!(Primes::from_response(&new_response("<nothing at=\"all\"/>"))?, Vec::new());
    assert!(Primes::from_response(&new_response("<nil-classes type=\"array\"/>")).is_err());
    assert!(WithOptions::from_response(&new_response("<nothing at=\"all\"/>")).is_err());
    let written = Primes::new().respond(&Vec::new())?;
    assert!(written.body().ends_with(b"<primes></primes>"), "{written:?}");
    // An optional value may have no document at all. A list that is always written may not.
    for body in ["", "\r\n", "<?xml version=\"1.0\"?>\n", "<place/>", "<place></place>", "<place nil=\"true\"/>"] {
        assert_eq!(ChangeAll::from_response(&new_response(body))?, None, "{body}");
    }
    for body in ["", "<?xml version=\"1.0\"?>", "<numbers/>"] {
        assert_eq!(Several::from_response(&new_response(body))?, Vec::new(), "{body}");
        assert!(Primes::from_response(&new_response(body)).is_err(), "{body}");
    }
    for body in ["", "<?xml version=\"1.0\"?>", "<number/>", "<number type=\"integer\"></number>"] {
        assert_eq!(Perhaps::from_response(&new_response(body))?, None, "{body}");
    }
    for body in ["<nothing/>", "<?xml version=\"1.0\"?", "<number", "<html/>", "text"] {
        assert!(Perhaps::from_response(&new_response(body)).is_err(), "{body}");
    }
    // In an envelope, an absent value is an empty payload. Only 204 may omit the envelope.
    assert!(Newest::from_response(&new_response("")).is_err());
    let no_content = Response::builder().status(204).body(Bytes::new())?;
    assert_eq!(Newest::from_response(&no_content)?, None);
    Ok(())
}

/// Checks that requests have the bytes that the schema declares.
fn check_written_requests() -> Result<()> {
    let config = client_config(token()?)?;
    let describe = |request: Request<Bytes>| -> Result<String> {
        let card = request.headers().get("x-library-card").map(|card| card.to_str()).transpose()?.unwrap_or("-");
        let body = str::from_utf8(request.body())?;
        Ok(format!("{} {} {card} {body}", request.method(), request.uri()))
    };
    let host = "https://north.library.example.org";
    let add = describe(Add::new(BranchId(3), NewBook::new("Tides").authors(["Ada"]), "K7").to_request(&config)?)?;
    let head = "<message version=\"1\"><head><api-key>k3y-._~</api-key><lang code=\"en\"/></head><body>";
    let author = "<by><author><name>Ada</name><born nil=\"true\"/></author></by>";
    let payload = format!("<book><title>Tides</title>{author}<price nil=\"true\"/></book><shelf><row>K7</row></shelf>");
    let tail = "<stamp by=\"hand\"/></body></message>";
    assert_eq!(add, format!("POST {host}/branches/3/books/add - {head}{payload}{tail}"));
    let burn = describe(Burn::new(BranchId(3), BookId(7)).to_request(&config)?)?;
    assert_eq!(burn, format!("DELETE {host}/v1/k3y-._~/b/3/7 - "));
    let latest = describe(Latest::new(ReaderId(5), BookId(7)).to_request(&config)?)?;
    assert_eq!(latest, format!("GET {host}/readers/5/books/7/loans/latest.xml Card k3y-._~; "));
    let clear = describe(ChangeAll::new(clear_all()).to_request(&config)?)?;
    let nil = ["note", "due", "count", "loud", "tags", "place"].map(|name| format!("<{name} nil=\"true\"/>")).concat();
    let payload = format!("<all><changes>{nil}<inner><key nil=\"true\"/></inner></changes></all>");
    assert_eq!(clear, format!("PUT {host}/scalars/change Card k3y-._~; {payload}"));
    let keep = describe(ChangeAll::new(Changes::new()).to_request(&config)?)?;
    assert_eq!(keep, format!("PUT {host}/scalars/change Card k3y-._~; <all><changes></changes></all>"));
    let search = describe(Search::new([BookId(7), BookId(8)]).page(2).state("new").to_request(&config)?)?;
    let query = "format=xml&v=1.0&page=2&ids%5B%5D=7&ids%5B%5D=8&criteria%5Bstate%5D=new";
    assert_eq!(search, format!("GET {host}/scalars/search?{query} Card k3y-._~; "));
    assert_eq!(Changes::new().note, Change::Keep);
    let say = describe(Say::new("so").to_request(&config)?)?;
    assert_eq!(say, format!("PUT {host}/say Card k3y-._~; <said><what>so</what></said>"));
    let ask = describe(Ask::new("a", 1, "b c", 2, minimal_incoming()?, "").to_request(&config)?)?;
    let payload = "<payload at=\"0\"><seen nil=\"true\"/><start>2009-03-14 08:05:40</start><node></node></payload>";
    let query = "query=b%20c&options=2&key=k3y-._~";
    assert_eq!(ask, format!("GET {host}/ask/a/1?{query} - <question>{payload}<incoming></incoming></question>"));
    Ok(())
}

/// Compiles only if the type can be serialized and deserialized with serde.
fn assert_serializable<T: serde::Serialize + serde::de::DeserializeOwned>() {}

/// Checks that rules of other services do not apply: a redirect to `/login` is not a sign-in page, and a user agent
/// needs no contact.
fn check_absence_of_foreign_rules() -> Result<()> {
    let redirect = Response::builder().status(302).header("location", "/login").body(Bytes::new())?;
    let error = Count::from_response(&redirect).err().ok_or("a redirect should be an error")?;
    assert!(!error.is_unauthorized(), "{error}");
    ClientConfig::for_account(&SERVICE, "north", token()?, "program")?;
    Ok(())
}
