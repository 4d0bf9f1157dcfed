//! A tour of the bindings: calls over HTTP to a service with demo content in this process. It needs no account and no
//! network.
//!
//! For each call it prints the Rust code, the XML sent, the XML received, and the typed value. It shows async and
//! blocking calls, both styles of the API, and every token carrier.

use std::error::Error;
use std::fmt::Debug;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backpack_api::runtime::http::{HeaderMap, Request, Response};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, Transport, TransportConfig, TransportError, TransportFuture, WaitFuture,
};
use backpack_api::{
    AccessToken, ApiToken, Client, ClientConfig, ConfigError, Credentials, Direction, Error as CallError,
    NewCalendarEvent, NewNote, PageId, SERVICE, UserId, blocking,
};
use backpack_server::{Server, ServerConfig, Store, demo};
use bytes::Bytes;
use tokio::runtime;

/// Maximum number of lines shown of a value or document. One that is at most two lines longer is shown as a whole.
const MAX_LINES: usize = 18;

fn main() -> Result<(), Box<dyn Error>> {
    let tour = Tour::start()?;
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(show_async_client(&tour))?;
    show_blocking_client(&tour)?;
    tour.finish()
}

/// Evaluates `$call`, which calls the service, and prints its code, its traffic and its result.
macro_rules! show {
    ($tour:expr, $comment:expr, $call:expr) => {{
        let result = $call;
        $tour.print_call($comment, stringify!($call), &result);
        result
    }};
}

/// Shows calls of the async client: both styles of the API, and every carrier of an API token.
async fn show_async_client(tour: &Tour) -> Result<(), Box<dyn Error>> {
    tour.print_heading("The async client");
    let backpack = Client::with_transport(tour.client_config(ApiToken::new(&tour.token)?)?, tour.recorder.clone());

    let page = show!(tour, "POST /ws, the token in an XML envelope", backpack.pages().create("Ferry weekend").await)?;
    show!(
        tour,
        "a body with options is one value",
        backpack.notes(page.id).create(NewNote::new().title("Crossing").body("Leaves at nine from pier 4.")).await
    )?;
    let list = show!(tour, "required parameters are arguments", backpack.lists(page.id).create("To take").await)?;
    let item =
        show!(tour, "or only the required parameters", backpack.items(page.id, list.id).create("Sandwiches").await)?;
    show!(tour, "an enum", backpack.items(page.id, list.id).move_to(item.id, Direction::ToTop).await)?;
    show!(tour, "tags with spaces are quoted", backpack.tags().set(page.id, ["Travel", "Slow Food", "Islands"]).await)?;

    let line = show!(tour, "REST, still in an envelope", backpack.separators(page.id).create("Second day").await)?;
    show!(tour, "so this DELETE has a body", backpack.separators(page.id).destroy(line.id).await)?;
    show!(tour, "REST, the token in the path", backpack.reminders().list().await)?;
    show!(tour, "REST, the token in the query", backpack.statuses().show(UserId(1)).await)?;
    show!(tour, "options in a closure", backpack.journal().list_with(|list| list.count(2)).await)?;

    let calendars = show!(tour, "REST, the token in a header", backpack.calendars().list().await)?;
    let Some(calendar) = calendars.first() else { return Ok(()) };
    show!(
        tour,
        "the id is in the Location header",
        backpack
            .calendar_events()
            .create(NewCalendarEvent::new(calendar.id, "9/27 Dinner at the harbour").remind(true))
            .await
    )?;
    Ok(())
}

/// Shows calls of the blocking client, OAuth and errors.
fn show_blocking_client(tour: &Tour) -> Result<(), Box<dyn Error>> {
    tour.print_heading("The blocking client: the same methods");
    let backpack =
        blocking::Client::with_transport(tour.client_config(ApiToken::new(&tour.token)?)?, tour.recorder.clone());
    show!(tour, "a page with everything on it", backpack.pages().show(PageId(1)))?;
    show!(tour, "a user's settings", backpack.users().me())?;

    tour.print_heading("OAuth: one header instead of a token");
    let bearer = Credentials::Bearer(AccessToken::new(&tour.token)?);
    let backpack = blocking::Client::with_transport(tour.client_config(bearer)?, tour.recorder.clone());
    show!(tour, "no token in the envelope", backpack.lists(PageId(1)).list())?;

    tour.print_heading("Errors");
    let unknown_token = ApiToken::new("ffffffffffffffffffffffffffffffffffffffff")?;
    let backpack = blocking::Client::with_transport(tour.client_config(unknown_token)?, tour.recorder.clone());
    let error = show!(tour, "an unknown token", backpack.users().list()).err();
    println!("  error.is_unauthorized() == {}", error.is_some_and(|error| error.is_unauthorized()));
    let _ = show!(
        tour,
        "characters that XML forbids are rejected before sending",
        backpack.pages().create("a bell: \u{7}")
    );
    Ok(())
}

/// The service of the tour, and its output.
struct Tour {
    server: Server,
    /// Token of Ines, who wrote most of the demo content.
    token: String,
    /// Transport of all clients of the tour.
    recorder: RecordingTransport,
    /// `true` if standard output is a terminal, which shows colours.
    uses_colour: bool,
}

impl Tour {
    /// Starts the service with the demo content, and prints the title.
    fn start() -> Result<Self, Box<dyn Error>> {
        let store = Store::in_memory()?;
        let users = demo::fill(&store, tour_time())?;
        let token = users.first().map(|user| user.token.expose().to_owned()).unwrap_or_default();
        let mut config = ServerConfig::default();
        config.accounts.default_account = Some(demo::ACCOUNT.to_owned());
        config.clock = tour_time;
        let recorder = RecordingTransport {
            transport: HyperTransport::new(&TransportConfig::default())?,
            traffic: Arc::default(),
        };
        let server = Server::start(store, config)?;
        let tour = Self { server, token, recorder, uses_colour: std::io::stdout().is_terminal() };
        println!("{}", tour.paint(BOLD, "backpack-api: a tour"));
        println!("The service at http://{} has demo content.", tour.server.address());
        Ok(tour)
    }

    /// Configures a client of the service.
    fn client_config(&self, credentials: impl Into<Credentials>) -> Result<ClientConfig, ConfigError> {
        let base_url = format!("http://{}", self.server.address());
        ClientConfig::new(&SERVICE, &base_url, credentials, "Tour (tour@example.com)")
    }

    /// Prints a heading with a line, 96 characters wide.
    fn print_heading(&self, text: &str) {
        let line = "─".repeat(96usize.saturating_sub(text.chars().count() + 4));
        println!("\n{} {} {}", self.paint(DIM, "──"), self.paint(BOLD, text), self.paint(DIM, &line));
    }

    /// Prints a call: the code, the requests and responses, and the value or the error.
    fn print_call<T: Debug>(&self, comment: &str, code: &str, result: &Result<T, CallError>) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        println!("\n{}  {}", self.paint(BOLD, &code), self.paint(DIM, &format!("// {comment}")));
        for (request, response) in self.recorder.take_traffic() {
            self.print_traffic(&request, &response);
        }
        match result {
            Ok(value) => self.print_block("=", GREEN, &format!("{value:#?}")),
            Err(error) => self.print_block("!", RED, &error.to_string()),
        }
    }

    /// Prints a request and its response. `TOKEN` stands for the token in the request.
    fn print_traffic(&self, request: &Request<Bytes>, response: &Response<Bytes>) {
        let mut sent = format!("{} {}\n", request.method(), format_target(request));
        sent.push_str(&format_headers(request.headers(), &["x-bp-token", "authorization"]));
        sent.push_str(&format_xml(request.body()));
        self.print_block("→", CYAN, &sent.replace(&self.token, "TOKEN"));
        let mut received = format!("{}\n", response.status());
        received.push_str(&format_headers(response.headers(), &["location"]));
        received.push_str(&format_xml(response.body()));
        self.print_block("←", YELLOW, &received);
    }

    /// Prints the first lines of a text, with a sign before the first, and the number of the other lines.
    fn print_block(&self, sign: &str, colour: &str, text: &str) {
        let count = text.trim_end().lines().count();
        let shown = if count > MAX_LINES + 2 { MAX_LINES } else { count };
        for (index, line) in text.lines().take(shown).enumerate() {
            let sign = if index == 0 { sign } else { " " };
            println!("  {} {line}", self.paint(colour, sign));
        }
        if shown < count {
            println!("    {}", self.paint(DIM, &format!("… {} more lines", count - shown)));
        }
    }

    /// Adds a colour to a text if standard output is a terminal.
    fn paint(&self, colour: &str, text: &str) -> String {
        if self.uses_colour { format!("{colour}{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints the summary.
    fn finish(&self) -> Result<(), Box<dyn Error>> {
        let (operations, styles) = (SERVICE.operations.len(), SERVICE.styles.len());
        let legacy = SERVICE.operations.iter().filter(|operation| operation.is_legacy).count();
        self.print_heading("Summary");
        println!(
            "\n  {operations} operations ({legacy} of them legacy) in {styles} styles, each with its XML in the docs:\n\n    \
             cargo doc --open --package backpack-api --all-features\n"
        );
        Ok(std::io::stdout().flush()?)
    }
}

/// Fixed time of the tour, so that its output is always the same.
fn tour_time() -> Timestamp {
    Timestamp::constant(1_237_151_529, 0)
}

/// Returns path and query of a request.
fn format_target(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// A request and its response.
type Traffic = (Request<Bytes>, Response<Bytes>);

/// Transport that records the requests and responses of another one.
#[derive(Clone)]
struct RecordingTransport {
    transport: HyperTransport,
    traffic: Arc<Mutex<Vec<Traffic>>>,
}

impl RecordingTransport {
    /// Records a request and its response.
    fn record(&self, request: Request<Bytes>, response: &Response<Bytes>) {
        if let Ok(mut traffic) = self.traffic.lock() {
            traffic.push((request, response.clone()));
        }
    }

    /// Returns the traffic since the last call of this method.
    fn take_traffic(&self) -> Vec<Traffic> {
        self.traffic.lock().map(|mut traffic| std::mem::take(&mut *traffic)).unwrap_or_default()
    }
}

impl Transport for RecordingTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        Box::pin(async move {
            let response = Transport::send(&self.transport, request.clone(), within).await?;
            self.record(request, &response);
            Ok(response)
        })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Transport::wait(&self.transport, time)
    }
}

impl BlockingTransport for RecordingTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        let response = BlockingTransport::send(&self.transport, request.clone(), within)?;
        self.record(request, &response);
        Ok(response)
    }
}

// Escape sequences of terminals.
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";

/// Formats the headers with these names, one a line.
fn format_headers(headers: &HeaderMap, names: &[&str]) -> String {
    let shown_headers = headers.iter().filter(|(name, _)| names.contains(&name.as_str()));
    shown_headers.map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))).collect()
}

/// Formats an XML document with an element a line, indented. Other bodies are returned unchanged.
fn format_xml(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match roxmltree::Document::parse(&text) {
        Ok(document) => {
            let mut lines = String::new();
            push_indented(document.root_element(), 0, &mut lines);
            lines
        }
        Err(_) => text.into_owned(),
    }
}

/// Adds an element: on one line if it has no child elements, else with each child element on lines of its own.
fn push_indented(element: roxmltree::Node<'_, '_>, depth: usize, lines: &mut String) {
    let space = "  ".repeat(depth);
    let source = &element.document().input_text()[element.range()];
    if !element.children().any(|child| child.is_element()) {
        lines.push_str(&format!("{space}{source}\n"));
        return;
    }
    let start = source.find('>').map_or(source, |end| &source[..=end]);
    lines.push_str(&format!("{space}{start}\n"));
    element.children().filter(|child| child.is_element()).for_each(|child| push_indented(child, depth + 1, lines));
    lines.push_str(&format!("{space}</{}>\n", element.tag_name().name()));
}
