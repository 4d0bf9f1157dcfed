//! Client and server of the library in one program: what one writes, the other reads.

use std::error::Error;
use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use library::answers::{Flag, Phrases, Twice, Words};
use library::books::{Add, Burn, Count, List, Newest, Oldest, Titles};
use library::loans::{Latest, Lend, Prolong, Show};
use library::questions::{Again, Ask, Say, Whisper};
use library::routes::AnyRequest;
use library::runtime::bytes::Bytes;
use library::runtime::caller::Presented;
use library::runtime::http::{Request, Response};
use library::runtime::transport::MemoryTransport;
use library::runtime::{Caller, Credentials, Secret, ServeEndpoint, Token, serde};
use library::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const KEY: &str = "k3y-._~";
const NASTY: &str = " <a>&amp;\"'\r\n\t– 日本語\u{1F600} ]]> {hole} ";

fn main() -> Result<()> {
    every_operation_arrives(&caller(token()?)?, Some(Presented::Token(Secret::new(KEY))))?;
    every_operation_arrives(&caller(Credentials::Bearer(Token::new(KEY)?))?, Some(Presented::Bearer(Secret::new(KEY))))?;
    methods_are_there()?;
    failures_are_failures()?;
    the_wire_is_as_the_schema_says()?;
    answers_can_be_serialized::<Vec<Book>>();
    Ok(())
}

fn token() -> Result<Credentials> {
    Ok(Credentials::Token(Token::new(KEY)?))
}

fn caller(credentials: Credentials) -> Result<Caller> {
    Ok(Caller::of_account(SERVICE.host, "north", credentials, "program (jo@example.org)")?)
}

/// Sends a request of each operation, with all that it can hold, and answers it with all that an answer can hold.
fn every_operation_arrives(caller: &Caller, presented: Option<Presented>) -> Result<()> {
    let arrives = Arrives { caller, presented };
    arrives.with(AnyRequest::BooksList, &list(), &vec![book()?, bare_book()?])?;
    arrives.with(AnyRequest::BooksList, &List::new(BranchId(3), "title"), &Vec::new())?;
    arrives.with(AnyRequest::BooksAdd, &Add::new(BranchId(3), new_book()?, "K7").urgent(true), &book()?)?;
    arrives.with(AnyRequest::BooksAdd, &Add::new(BranchId(3), NewBook::new(""), "K7"), &book()?)?;
    arrives.with(AnyRequest::BooksTitles, &Titles::new(BranchId(3)), &vec![NASTY.into(), String::new()])?;
    arrives.with(AnyRequest::BooksNewest, &Newest::new(BranchId(3)), &Some(book()?))?;
    arrives.with(AnyRequest::BooksNewest, &Newest::new(BranchId(3)), &None)?;
    arrives.with(AnyRequest::BooksOldest, &Oldest::new(BranchId(u64::MAX)), &Some(BookId(7)))?;
    arrives.with(AnyRequest::BooksOldest, &Oldest::new(BranchId(0)), &None)?;
    arrives.with(AnyRequest::BooksBurn, &Burn::new(BranchId(3), BookId(7)), &())?;
    arrives.with(AnyRequest::BooksCount, &Count::new(BranchId(3), "x%2F/?#é"), &i64::MIN)?;
    let terms = Terms::new("2009-04-01T18:00:00".parse()?).silent(false);
    arrives.with(AnyRequest::LoansLend, &Lend::new(ReaderId(5), BookId(7), terms), &LoanId(41))?;
    let loan = Loan::new(LoanId(41), -1, "2009-04-01T18:00:00".parse()?, NASTY);
    arrives.with(AnyRequest::LoansShow, &Show::new(ReaderId(5), BookId(7), LoanId(41)), &loan)?;
    arrives.with(AnyRequest::LoansLatest, &Latest::new(ReaderId(5), BookId(7)), &loan)?;
    arrives.with(AnyRequest::LoansProlong, &Prolong::new(ReaderId(5), BookId(7), LoanId(41), Span::Month), &())?;
    let other = Prolong::new(ReaderId(5), BookId(7), LoanId(41), Span::from("for ever & a day/"));
    arrives.with(AnyRequest::LoansProlong, &other, &())?;
    let ask = Ask::new("a.b", -3, NASTY, 2, incoming()?, NASTY).answer("yes").response([1, -1]);
    arrives.with(AnyRequest::QuestionsAsk, &ask, &vec![incoming()?, bare_incoming()?])?;
    arrives.with(AnyRequest::QuestionsAgain, &Again::new(), &())?;
    arrives.with(AnyRequest::QuestionsSay, &Say::new(NASTY), &Reader::new(NASTY))?;
    let leaflet = Leaflet::new().default(NASTY).into(2).clone(true).fmt(Known::String);
    let known = vec![Known::Known, Known::String, Known::from("so")];
    arrives.with(AnyRequest::AnswersWords, &Words::new(leaflet), &known)?;
    arrives.with(AnyRequest::AnswersWords, &Words::new(Leaflet::new()), &Vec::new())?;
    arrives.with(AnyRequest::AnswersPhrases, &Phrases::new(), &vec!["a".into(), "b c".into()])?;
    arrives.with(AnyRequest::AnswersFlag, &Flag::new(), &true)?;
    arrives.with(AnyRequest::AnswersSecret, &answers::Secret::new(), &Some(Secret::new("fake")))?;
    arrives.with(AnyRequest::AnswersSecret, &answers::Secret::new(), &None)?;
    arrives.with(AnyRequest::AnswersTwice, &Twice::new(NASTY), &NASTY.into())?;
    arrives.with(AnyRequest::QuestionsWhisper, &Whisper::new(), &Vec::new())?;
    arrives.with(AnyRequest::QuestionsWhisper, &Whisper::new().to("Ada").loud(true), &vec![NASTY.into()])
}

struct Arrives<'a> {
    caller: &'a Caller,
    presented: Option<Presented>,
}

impl Arrives<'_> {
    /// Sends a request, reads it as a server, answers, and reads the answer as a client.
    fn with<E: ServeEndpoint>(&self, any: fn(E) -> AnyRequest, sent: &E, answered: &E::Response) -> Result<()> {
        let routed =
            AnyRequest::read(&sent.to_request(self.caller)?).map_err(|error| format!("{sent:?}: {error:?}"))?;
        same(&routed.request, &any(sent.clone()))?;
        same(&routed.presented, &self.presented)?;
        same(&E::from_response(&sent.respond(answered)?)?, answered)
    }
}

fn same<T: Debug + PartialEq>(came: &T, went: &T) -> Result<()> {
    if came == went { Ok(()) } else { Err(format!("{came:?} came, where {went:?} went").into()) }
}

fn list() -> List {
    List::new(BranchId(3), "by=title&+").binding(Binding::HalfLeather).after(BookId(12)).words(["sea", "high tide"])
}

fn author() -> Author {
    Author::new(NASTY).sort("").born(1815)
}

fn chapter() -> Chapter {
    Chapter::new(1, "Sea").parts([Chapter::new(1, "Tides"), Chapter::new(2, NASTY).parts([Chapter::new(3, "")])])
}

fn book() -> Result<Book> {
    let bindings = [Binding::Paper, Binding::from("vellum")];
    let (added, subjects) = ("2009-03-14T08:05:40Z".parse()?, ["sea", "high tide"]);
    let book = Book::new(BookId(7), NASTY, true, author(), added, subjects, bindings);
    let book = book.numbers([NASTY, ""]).chapters([chapter(), Chapter::new(0, "")]);
    let book = book.binding(Binding::Cloth).editor(Author::new("Ines")).translator(author()).in_print(false);
    let book = book.seen("2009-03-14T08:05:40".parse()?).changed("2009-03-14T08:05:40Z".parse()?).row("K7");
    Ok(book.see_also([BookId(1), BookId(2)]).secret_note(Secret::new("fake")).owner(NASTY))
}

/// A book without anything that may be absent.
fn bare_book() -> Result<Book> {
    let added = "2009-03-14T08:05:40Z".parse()?;
    Ok(Book::new(BookId(0), "", false, Author::new(""), added, [] as [&str; 0], [] as [Binding; 0]))
}

fn new_book() -> Result<NewBook> {
    let book = NewBook::new(NASTY).authors([author(), Author::new("")]).tags(["", NASTY]).outline([chapter()]);
    let book = book.first(chapter()).binding(Binding::from("vellum")).price(0).weight(3).height(240);
    Ok(book.from("2009-03-14T08:05:40Z".parse()?).like([BookId(9)]).password(Secret::new("fake")))
}

fn incoming() -> Result<Incoming> {
    let incoming = Incoming::new(-1, "2009-03-14T08:05:40Z".parse()?, [1, -2]).text(["", NASTY]).xml(NASTY).child(3);
    Ok(incoming.seen(true).value(4).out("").end(NASTY).attribute("a").elements(["e", ""]))
}

fn bare_incoming() -> Result<Incoming> {
    Ok(Incoming::new(0, "2009-03-14T08:05:40Z".parse()?, []))
}

/// Both clients, by their methods.
fn methods_are_there() -> Result<()> {
    let service = MemoryTransport::from_fn(serve);
    let library = blocking::Client::new(caller(token()?)?, service.clone());
    assert_eq!(library.books(BranchId(3)).count("xml")?, 12);
    let added = library.books(BranchId(3)).add_with(new_book()?, "K7", |add| add.urgent(true))?;
    assert_eq!(added, book()?);
    let terms = Terms::new("2009-04-01T18:00:00".parse()?);
    assert_eq!(library.loans(ReaderId(5), BookId(7)).lend(terms.clone())?, LoanId(41));
    all_books_by_shelves(&library.books(BranchId(3)), &service)?;
    let library = Client::new(caller(token()?)?, service);
    let lend = async || -> Result<LoanId> { Ok(library.loans(ReaderId(5), BookId(7)).lend(terms).await?) };
    match pin!(lend()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loan) => assert_eq!(loan?, LoanId(41)),
        Poll::Pending => return Err("the transport in memory waits".into()),
    }
    Ok(())
}

/// Pages that count from 1, of a method that has an argument and options.
fn all_books_by_shelves(books: &books::blocking::Books<'_>, service: &MemoryTransport) -> Result<()> {
    let before = service.requests().len();
    let all = books.list_all_with("title", |list| list.after(BookId(12))).collect::<std::result::Result<Vec<_>, _>>()?;
    assert_eq!(all.iter().map(|book| book.id).collect::<Vec<_>>(), [BookId(7), BookId(0)]);
    let requests = service.requests();
    let queries = requests.iter().skip(before).filter_map(|request| request.uri().query());
    let expected = [1, 2, 3].map(|shelf| format!("sort=title&after=12&shelf={shelf}"));
    assert_eq!(queries.collect::<Vec<_>>(), expected);
    Ok(())
}

/// A service of a few operations.
fn serve(request: &Request<Bytes>) -> Response<Bytes> {
    let answer = || -> Result<Response<Bytes>> {
        match AnyRequest::read(request).map_err(|error| format!("{error:?}"))?.request {
            AnyRequest::BooksList(list) => Ok(match list.entry {
                Some(1) => list.respond(&vec![book()?])?,
                Some(2) => list.respond(&vec![bare_book()?])?,
                _ => list.respond(&Vec::new())?,
            }),
            AnyRequest::BooksCount(count) => Ok(count.respond(&12)?),
            AnyRequest::BooksAdd(add) => Ok(add.respond(&book()?)?),
            AnyRequest::LoansLend(lend) => Ok(lend.respond(&LoanId(41))?),
            other => Err(other.operation().name.into()),
        }
    };
    answer().unwrap_or_else(|error| Response::new(error.to_string().into()))
}

/// Each style has a failure of its own, or none.
fn failures_are_failures() -> Result<()> {
    let answer = |status: u16, body: &str| Response::builder().status(status).body(Bytes::from(body.to_owned()));
    let fault = "<fault><what>It is <b>gone</b> &amp; lost</what><number>404</number></fault>";
    let error = Titles::from_response(&answer(200, fault)?).err().ok_or("a fault is a failure")?;
    assert!(error.is_not_found() && error.message() == Some("It is  & lost"), "{error}");
    let problem = "<problem number=\"7\">Closed</problem>";
    let error = Latest::from_response(&answer(500, problem)?).err().ok_or("a problem is a failure")?;
    assert_eq!((error.code(), error.message()), (Some(7), Some("Closed")));
    let error = Count::from_response(&answer(404, fault)?).err().ok_or("404 is a failure")?;
    assert_eq!((error.code(), error.message()), (Some(404), None));
    Ok(())
}

fn the_wire_is_as_the_schema_says() -> Result<()> {
    let caller = caller(token()?)?;
    let wire = |request: Request<Bytes>| -> Result<String> {
        let card = request.headers().get("x-library-card").map(|card| card.to_str()).transpose()?.unwrap_or("-");
        let body = str::from_utf8(request.body())?;
        Ok(format!("{} {} {card} {body}", request.method(), request.uri()))
    };
    let host = "https://north.library.example.org";
    let add = wire(Add::new(BranchId(3), NewBook::new("Tides").authors(["Ada"]), "K7").to_request(&caller)?)?;
    let head = "<message version=\"1\"><head><api-key>k3y-._~</api-key><lang code=\"en\"/></head><body>";
    let author = "<by><author><name>Ada</name><born nil=\"true\"/></author></by>";
    let payload = format!("<book><title>Tides</title>{author}<price nil=\"true\"/></book><shelf><row>K7</row></shelf>");
    let tail = "<stamp by=\"hand\"/></body></message>";
    assert_eq!(add, format!("POST {host}/branches/3/books/add - {head}{payload}{tail}"));
    let burn = wire(Burn::new(BranchId(3), BookId(7)).to_request(&caller)?)?;
    assert_eq!(burn, format!("DELETE {host}/v1/k3y-._~/b/3/7 - "));
    let latest = wire(Latest::new(ReaderId(5), BookId(7)).to_request(&caller)?)?;
    assert_eq!(latest, format!("GET {host}/readers/5/books/7/loans/latest.xml Card k3y-._~; "));
    let say = wire(Say::new("so").to_request(&caller)?)?;
    assert_eq!(say, format!("PUT {host}/say Card k3y-._~; <said><what>so</what></said>"));
    let ask = wire(Ask::new("a", 1, "b c", 2, bare_incoming()?, "").to_request(&caller)?)?;
    let payload = "<payload at=\"0\"><seen nil=\"true\"/><start>2009-03-14 08:05:40</start><node></node></payload>";
    let query = "query=b%20c&options=2&key=k3y-._~";
    assert_eq!(ask, format!("GET {host}/ask/a/1?{query} - <question>{payload}<incoming></incoming></question>"));
    Ok(())
}

fn answers_can_be_serialized<T: serde::Serialize>() {}
