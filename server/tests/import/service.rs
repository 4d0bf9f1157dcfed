//! Serves a file, and reads an account by the API: as typed values for the import, and as bytes to compare.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use backpack_api::blocking::Client;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{ApiToken, Secret, UserId};
use backpack_archive::model::{Account, ArchivedCalendar, ArchivedPage};
use backpack_server::import::{ImportReport, import};
use backpack_server::{ApiError, Server, ServerConfig, Store, tokens};
use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use tempfile::TempDir;

/// Timeout that is longer than any response takes, so that the test fails instead of hanging.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Time of all imports, and of all requests to the service.
pub(crate) const NOW: i64 = 1_790_000_000;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

/// Responses of the API about an account.
pub(crate) struct Reading {
    /// Typed values of all responses.
    pub(crate) account: Account,
    /// Bodies of the responses by path, with secrets masked.
    pub(crate) bodies: BTreeMap<String, String>,
}

/// A data file in a temporary folder.
pub(crate) struct TestFile {
    path: PathBuf,
    _folder: TempDir,
}

impl TestFile {
    /// Returns a file that does not exist yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { path: folder.path().join("data.backpack"), _folder: folder }
    }

    /// Opens the file, or creates it.
    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path).expect("a store")
    }

    /// Runs a write.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> T {
        self.open().write_blocking(work).expect("a write")
    }

    /// Imports an account, and checks the file.
    pub(crate) fn import(&self, account: &Account, name: Option<&str>) -> Result<ImportReport, ApiError> {
        let (account, name, store) = (account.clone(), name.map(str::to_owned), self.open());
        let report = store.write_blocking(move |db| import(db, &account, name.as_deref(), now()))?;
        store.check().expect("an intact file");
        Ok(report)
    }

    /// Returns all rows of all tables, one a line.
    pub(crate) fn dump(&self) -> Vec<String> {
        let db = Connection::open(&self.path).expect("the file");
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = db.prepare(tables).expect("tables");
        let tables: Vec<String> =
            tables.query_map((), |row| row.get(0)).expect("tables").map(|name| name.expect("a name")).collect();
        tables.iter().flat_map(|table| dump_table(&db, table)).collect()
    }

    /// Returns the ids of all rows, with the names of their tables.
    pub(crate) fn ids(&self) -> BTreeSet<(String, u64)> {
        let tables = [
            "users", "pages", "lists", "items", "separators", "emails", "galleries", "attachments", "belongings",
            "tags", "reminders", "statuses", "bookmarks", "calendars", "events",
        ];
        let db = Connection::open(&self.path).expect("the file");
        let read = |table: &str| -> Vec<u64> {
            let mut ids = db.prepare(&format!("SELECT id FROM {table}")).expect("a table");
            ids.query_map((), |row| row.get(0)).expect("rows").map(|id| id.expect("an id")).collect()
        };
        tables.iter().flat_map(|table| read(table).into_iter().map(|id| ((*table).to_owned(), id))).collect()
    }

    /// Serves the file, and reads everything that a user sees.
    pub(crate) fn read(&self, account: &str, user: UserId) -> Reading {
        let store = self.open();
        let token = store.write_blocking(move |db| tokens::create(db, user)).expect("a token");
        let reading = read_account(store, account, &token);
        self.write(move |db| tokens::revoke_all(db, user));
        reading
    }
}

/// Returns the rows of a table in their order, one a line.
fn dump_table(db: &Connection, table: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("SELECT * FROM {table}")).expect("a table");
    let columns = statement.column_count();
    let read = |row: &Row<'_>| {
        let values: Vec<Value> = (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        Ok(format!("{table} {values:?}"))
    };
    statement.query_map((), read).expect("rows").map(|row| row.expect("a row")).collect()
}

/// Serves a store, and reads everything that the user with a token sees.
fn read_account(store: Store, account: &str, token: &Secret) -> Reading {
    let mut config = ServerConfig::default();
    config.limits.enforce_rate_limits = false;
    config.accounts.default_account = Some(account.to_owned());
    config.clock = now;
    let server = Server::start(store, config).expect("a free port");
    let url = format!("http://{}", server.address());
    let client = Client::with_base_url(&url, ApiToken::new(token.expose()).expect("a token"), "Test (jo@example.com)");
    let client =
        client.expect("a client").without_retries().with_options(|options| options.respect_rate_limits = false);
    let typed = read_typed(&client);
    let mut raw = RawClient::connect(server.address(), token.expose());
    let bodies = list_paths(&typed).into_iter().map(|path| (path.clone(), raw.fetch(&path))).collect();
    server.stop();
    Reading { account: typed, bodies }
}

/// Reads the typed values.
fn read_typed(client: &Client) -> Account {
    let user = client.users().me().expect("the user");
    let export = client.users().export(user.id).expect("the export");
    let mut account = Account::default();
    account.name = Some(export.account);
    account.members = client.users().list().expect("the users");
    for summary in client.pages().list().expect("the pages") {
        let page = client.pages().show(summary.id).expect("a page");
        account.pages.push(ArchivedPage::new(page, summary.scope));
    }
    account.pages.sort_by_key(|archived| archived.page.id);
    account.reminders = export.reminders;
    account.reminders.sort_by_key(|reminder| reminder.id);
    for calendar in client.calendars().list().expect("the calendars") {
        let mut events = client.calendar_events().list(calendar.id).expect("the events");
        events.sort_by_key(|event| event.id);
        account.calendars.push(ArchivedCalendar::new(calendar, events));
    }
    account.journal = client.journal().list_all().map(|entry| entry.expect("an entry")).collect();
    account.journal.reverse();
    account.statuses = client.statuses().list().expect("the statuses");
    account.bookmarks = client.bookmarks().list(user.id).expect("the bookmarks");
    account.user = Some(user);
    account
}

/// Lists the paths of all responses about an account. Those of `/ws` are requested with POST.
fn list_paths(account: &Account) -> Vec<String> {
    let user = account.user.as_ref().map(|user| user.id).expect("a user");
    let mut paths = vec![
        "/me.xml".to_owned(),
        "/users.xml".to_owned(),
        format!("/users/{user}/export.xml"),
        format!("/users/{user}/bookmarks.xml"),
        "/ws/pages/all".to_owned(),
        "/reminders.xml".to_owned(),
        "/calendars.xml".to_owned(),
        "/statuses.xml".to_owned(),
    ];
    paths.extend(account.pages.iter().map(|archived| format!("/ws/page/{}", archived.page.id)));
    let calendars = account.calendars.iter().map(|archived| archived.calendar.id);
    paths.extend(calendars.map(|id| format!("/calendars/{id}/calendar_events.xml")));
    let pages_of_journal = account.journal.len().div_ceil(20) + 1;
    paths.extend((0..pages_of_journal).map(|page| format!("/journal_entries.xml?n={page}&count=20")));
    paths
}

/// A client that returns bodies as they are, over one connection.
struct RawClient {
    stream: TcpStream,
    token: String,
}

impl RawClient {
    fn connect(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server should listen");
        stream.set_read_timeout(Some(TEST_TIMEOUT)).expect("a timeout");
        Self { stream, token: token.to_owned() }
    }

    /// Requests a path, and returns the body with secrets masked.
    fn fetch(&mut self, path: &str) -> String {
        let method = if path.starts_with("/ws/") { "POST" } else { "GET" };
        let body =
            if method == "POST" { format!("<request><token>{}</token></request>", self.token) } else { String::new() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-BP-Token: {}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).expect("the request should be sent");
        mask_secrets(&self.read_body(path))
    }

    /// Reads a response with a length, which has to be a success.
    fn read_body(&mut self, path: &str) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("a whole head");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("ASCII").to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        self.stream.read_exact(&mut body).expect("a whole body");
        String::from_utf8(body).expect("UTF-8")
    }
}

/// Replaces the mail addresses of pages, and the tokens of calendars.
fn mask_secrets(body: &str) -> String {
    let masked = mask_between(body, "email_address=\"", "\"");
    mask_between(&masked, "<token>", "</token>")
}

fn mask_between(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(end).map_or("", |(_, rest)| rest);
        masked.push_str(&format!("{start}MASKED{end}{rest}"));
    }
    masked
}
