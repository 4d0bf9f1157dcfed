//! A tour of the bindings: real calls over real HTTP, against the service on this machine with its demo account. No
//! account of yours, no network.
//!
//! For each call it prints the Rust that was called, the XML that was sent, the XML that came back, and the typed value
//! that came of it. Async and blocking, both styles of the API, and every way to carry a token.

use std::error::Error;
use std::fmt::Debug;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backpack_api::runtime::http::{HeaderMap, Request, Response, header};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, Settings as Limits, Transport, TransportError, TransportFuture, WaitFuture,
};
use backpack_api::{
    AccessToken, Caller, Client, Credentials, Direction, Error as CallError, NewCalendarEvent, NewNote, PageId,
    SERVICE, SetupError, Token, UserId, blocking,
};
use backpack_server::{Server, Settings, Store, demo};
use bytes::Bytes;
use tokio::runtime;

/// How many lines of a value or document are shown.
const LINES: usize = 18;

fn main() -> Result<(), Box<dyn Error>> {
    let tour = Tour::start()?;
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(with_async(&tour))?;
    with_blocking(&tour)?;
    tour.end()
}

/// Calls `$call` and shows it; `$call` is code, and the code is shown.
macro_rules! show {
    ($tour:expr, $why:expr, $call:expr) => {{
        let result = $call;
        $tour.call($why, stringify!($call), &result);
        result
    }};
}

async fn with_async(tour: &Tour) -> Result<(), Box<dyn Error>> {
    tour.heading("The async client");
    let backpack = Client::with_transport(tour.caller(Token::new(&tour.token)?)?, tour.tap.clone());

    let page = show!(tour, "POST /ws, the token in an XML envelope", backpack.pages().create("Ferry weekend").await)?;
    show!(
        tour,
        "a body with options is one value",
        backpack.notes(page.id).create(NewNote::new().title("Crossing").body("Leaves at nine from pier 4.")).await
    )?;
    let list = show!(tour, "what must be said is an argument", backpack.lists(page.id).create("To take").await)?;
    let item = show!(tour, "or only what it needs", backpack.items(page.id, list.id).create("Sandwiches").await)?;
    show!(tour, "an enum", backpack.items(page.id, list.id).move_to(item.id, Direction::ToTop).await)?;
    show!(
        tour,
        "quotes where a tag has a blank",
        backpack.tags().set(page.id, ["Travel", "Slow Food", "Islands"]).await
    )?;

    let line = show!(tour, "REST, still in an envelope", backpack.separators(page.id).create("Second day").await)?;
    show!(tour, "so a DELETE has a body", backpack.separators(page.id).destroy(line.id).await)?;
    show!(tour, "REST, the token in the path", backpack.reminders().list().await)?;
    show!(tour, "REST, the token in the query", backpack.statuses().show(UserId(1)).await)?;
    show!(tour, "options in a closure", backpack.journal().list_with(|list| list.count(2)).await)?;

    let calendars = show!(tour, "REST, the token in a header", backpack.calendars().list().await)?;
    let Some(calendar) = calendars.first() else { return Ok(()) };
    show!(
        tour,
        "the answer is in the Location",
        backpack
            .calendar_events()
            .create(NewCalendarEvent::new(calendar.id, "9/27 Dinner at the harbour").remind(true))
            .await
    )?;
    Ok(())
}

fn with_blocking(tour: &Tour) -> Result<(), Box<dyn Error>> {
    tour.heading("The blocking client: the same methods");
    let backpack = blocking::Client::with_transport(tour.caller(Token::new(&tour.token)?)?, tour.tap.clone());
    show!(tour, "a page with everything on it", backpack.pages().show(PageId(1)))?;
    show!(tour, "a user's settings", backpack.users().me())?;

    tour.heading("OAuth: one header instead of the token, everywhere");
    let grant = Credentials::Bearer(AccessToken::new(&tour.token)?);
    let backpack = blocking::Client::with_transport(tour.caller(grant)?, tour.tap.clone());
    show!(tour, "no token in the envelope", backpack.lists(PageId(1)).list())?;

    tour.heading("When something is wrong");
    let stranger = Token::new("ffffffffffffffffffffffffffffffffffffffff")?;
    let backpack = blocking::Client::with_transport(tour.caller(stranger)?, tour.tap.clone());
    let error = show!(tour, "a token that nobody knows", backpack.users().list()).err();
    println!("  error.is_unauthorized() == {}", error.is_some_and(|error| error.is_unauthorized()));
    show!(tour, "nothing is sent that XML forbids", backpack.pages().create("a bell: \u{7}")).err();
    Ok(())
}

/// What the tour prints, and the service it talks to.
struct Tour {
    server: Server,
    /// Ines's, who wrote most of the demo account.
    token: String,
    tap: Tap,
    colour: bool,
}

impl Tour {
    fn start() -> Result<Self, Box<dyn Error>> {
        let store = Store::in_memory()?;
        let people = demo::fill(&store, now())?;
        let token = people.first().map(|person| person.token.expose().to_owned()).unwrap_or_default();
        let mut settings = Settings::default();
        settings.default_account = Some(demo::ACCOUNT.to_owned());
        settings.clock = now;
        let tap = Tap { transport: HyperTransport::new(&Limits::default())?, traffic: Arc::default() };
        let server = Server::start(store, settings)?;
        let tour = Self { server, token, tap, colour: std::io::stdout().is_terminal() };
        println!("{}", tour.paint(BOLD, "backpack-api: a tour"));
        println!("The service at http://{} has an account to try.", tour.server.address());
        Ok(tour)
    }

    fn caller(&self, credentials: impl Into<Credentials>) -> Result<Caller, SetupError> {
        Caller::new(&format!("http://{}", self.server.address()), credentials, "Tour (tour@example.com)")
    }

    fn heading(&self, text: &str) {
        let line = "─".repeat(96usize.saturating_sub(text.chars().count() + 4));
        println!("\n{} {} {}", self.paint(DIM, "──"), self.paint(BOLD, text), self.paint(DIM, &line));
    }

    /// Shows a call: the code, the request, the answer, the value.
    fn call<T: Debug>(&self, why: &str, code: &str, result: &Result<T, CallError>) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        println!("\n{}  {}", self.paint(BOLD, &code), self.paint(DIM, &format!("// {why}")));
        for (request, response) in self.tap.taken() {
            self.traffic(&request, &response);
        }
        match result {
            Ok(value) => self.block("=", GREEN, &format!("{value:#?}")),
            Err(error) => self.block("!", RED, &error.to_string()),
        }
    }

    fn traffic(&self, request: &Request<Bytes>, response: &Response<Bytes>) {
        let mut sent = format!("{} {}\n", request.method(), target(request));
        sent.push_str(&headers(request.headers(), &["x-bp-token", "authorization"]));
        sent.push_str(&xml(request.body()));
        self.block("→", CYAN, &sent.replace(&self.token, "TOKEN"));
        let mut came = format!("{}\n", response.status());
        came.push_str(&headers(response.headers(), &["location"]));
        came.push_str(&xml(response.body()));
        self.block("←", YELLOW, &came);
    }

    /// A few lines with a sign before the first.
    fn block(&self, sign: &str, colour: &str, text: &str) {
        let count = text.trim_end().lines().count();
        let shown = if count > LINES + 2 { LINES } else { count };
        for (index, line) in text.lines().take(shown).enumerate() {
            let sign = if index == 0 { sign } else { " " };
            println!("  {} {line}", self.paint(colour, sign));
        }
        if shown < count {
            println!("    {}", self.paint(DIM, &format!("… {} more lines", count - shown)));
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("{colour}{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn end(&self) -> Result<(), Box<dyn Error>> {
        let (operations, styles) = (SERVICE.operations.len(), SERVICE.styles.len());
        let legacy = SERVICE.operations.iter().filter(|operation| operation.legacy).count();
        self.heading("All of it");
        println!(
            "\n  {operations} operations ({legacy} of them legacy) in {styles} styles, each with its XML in the docs:\n\n    \
             cargo doc --open --package backpack-api --all-features\n"
        );
        Ok(std::io::stdout().flush()?)
    }
}

/// The time at which the tour takes place, so that it is the same each time.
fn now() -> Timestamp {
    Timestamp::constant(1_237_151_529, 0)
}

/// What is asked of the host.
fn target(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// What went, and what came.
type Traffic = (Request<Bytes>, Response<Bytes>);

/// Goes over hyper, and keeps what went and what came.
#[derive(Clone)]
struct Tap {
    transport: HyperTransport,
    traffic: Arc<Mutex<Vec<Traffic>>>,
}

impl Tap {
    fn keep(&self, request: Request<Bytes>, response: &Response<Bytes>) {
        if let Ok(mut traffic) = self.traffic.lock() {
            traffic.push((request, response.clone()));
        }
    }

    /// What went and came since the last time.
    fn taken(&self) -> Vec<Traffic> {
        self.traffic.lock().map(|mut traffic| std::mem::take(&mut *traffic)).unwrap_or_default()
    }
}

impl Transport for Tap {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        Box::pin(async move {
            let response = Transport::send(&self.transport, request.clone(), within).await?;
            self.keep(request, &response);
            Ok(response)
        })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Transport::wait(&self.transport, time)
    }
}

impl BlockingTransport for Tap {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        let response = BlockingTransport::send(&self.transport, request.clone(), within)?;
        self.keep(request, &response);
        Ok(response)
    }
}

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";

/// Those of the headers that a reader of the tour wants to see.
fn headers(headers: &HeaderMap, shown: &[&str]) -> String {
    let shown = headers.iter().filter(|(name, _)| shown.contains(&name.as_str()) || *name == header::LOCATION);
    shown.map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))).collect()
}

/// A document, indented for the eye; a body that is none, as it is.
fn xml(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match roxmltree::Document::parse(&text) {
        Ok(document) => {
            let mut lines = String::new();
            indent(document.root_element(), 0, &mut lines);
            lines
        }
        Err(_) => text.into_owned(),
    }
}

fn indent(element: roxmltree::Node<'_, '_>, depth: usize, lines: &mut String) {
    let space = "  ".repeat(depth);
    let source = &element.document().input_text()[element.range()];
    if !element.children().any(|child| child.is_element()) {
        lines.push_str(&format!("{space}{source}\n"));
        return;
    }
    let start = source.find('>').map_or(source, |end| &source[..=end]);
    lines.push_str(&format!("{space}{start}\n"));
    element.children().filter(|child| child.is_element()).for_each(|child| indent(child, depth + 1, lines));
    lines.push_str(&format!("{space}</{}>\n", element.tag_name().name()));
}
