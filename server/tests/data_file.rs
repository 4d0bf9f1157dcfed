//! Compatibility: a data file of an earlier version opens, and shows the same data as before, with the same feeds and
//! public pages.
//!
//! `data/schema-1.backpack` is the demo account, written by the version before the first release.
//! `data/schema-1.dump.txt` is the output of that version: lists of the command line, then requests with their
//! responses. Never regenerate either file with a newer version.

// Helpers panic to fail the test.
#![allow(clippy::expect_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use backpack_api::UserId;
use backpack_api::runtime::jiff::Timestamp;
use backpack_server::{Server, ServerConfig, Store, accounts, calendars, tokens, users};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

const ACCOUNT: &str = "demo";
const FILE: &[u8] = include_bytes!("data/schema-1.backpack");
const DUMP: &str = include_str!("data/schema-1.dump.txt");
/// A line for each user: id, name, token.
const TOKENS: &str = include_str!("data/schema-1.tokens.txt");

/// Timeout that is longer than any response takes, so that the test fails instead of hanging.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Parses the dump into sections: heading and text.
fn parse_sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let sections =
        DUMP.strip_suffix('\n').and_then(|dump| dump.strip_prefix("### ")).expect("sections").split("\n### ");
    sections.map(|section| section.split_once('\n').expect("a heading and a text"))
}

fn find_section(heading: &str) -> &'static str {
    parse_sections().find(|(found, _)| *found == heading).map(|(_, text)| text).expect("a section with this heading")
}

/// Writes the file to a temporary folder.
fn copy_file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.backpack");
    std::fs::write(&path, FILE).expect("a copy");
    (folder, path)
}

#[test]
fn an_operator_sees_the_same_accounts_users_tokens_and_calendars() {
    let (_folder, path) = copy_file();
    for store in [Store::open_read_only(&path).expect("a store"), Store::open_existing(&path).expect("a store")] {
        store.check().expect("an intact file");
        let shown = store.read_blocking(|db| {
            assert_eq!(show_accounts(db), find_section("accounts"));
            assert_eq!(show_users(db), find_section("users"));
            for user in 1..=3 {
                assert_eq!(show_user(db, UserId(user)), find_section(&format!("user {user}")));
                assert_eq!(show_tokens(db, UserId(user)), find_section(&format!("tokens of user {user}")));
            }
            assert_eq!(show_calendars(db), find_section("calendars"));
            Ok(())
        });
        shown.expect("a readable file");
    }
}

fn join_lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

fn show_accounts(db: &Connection) -> String {
    join_lines(accounts::list(db).expect("accounts").into_iter().map(|account| {
        let limit = account.page_limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        format!("{}\t{}\t{limit}", account.name, if account.ssl { "ssl" } else { "-" })
    }))
}

fn show_users(db: &Connection) -> String {
    let users = users::list(db, ACCOUNT).expect("users");
    join_lines(users.into_iter().map(|(id, user)| format!("{id}\t{}\t{}", user.email_address, user.name)))
}

fn show_user(db: &Connection, user: UserId) -> String {
    let settings = users::get_settings(db, user).expect("a user");
    let switch = |on: Option<bool>| if on.expect("a setting") { "on" } else { "off" }.to_owned();
    let clock = if settings.use_24h_clock.expect("a setting") { "24" } else { "12" };
    let values = [
        ("name", settings.name.expect("a name")),
        ("email", settings.email_address.expect("an address")),
        ("time-zone", settings.time_zone.expect("a time zone")),
        ("admin", switch(settings.admin)),
        ("clock", clock.to_owned()),
        ("remind-by-mail", switch(settings.remind_via_email)),
        ("mobile", settings.mobile.expect("a setting").unwrap_or_else(|| "none".to_owned())),
    ];
    join_lines(values.into_iter().map(|(name, value)| format!("{name}\t{value}")))
}

fn show_tokens(db: &Connection, user: UserId) -> String {
    let tokens = tokens::list(db, user).expect("tokens");
    join_lines(tokens.into_iter().map(|token| format!("{}\t{}", token.fingerprint, token.created_at)))
}

fn show_calendars(db: &Connection) -> String {
    join_lines(calendars::list(db, ACCOUNT).expect("calendars").into_iter().map(|calendar| {
        let shared = if calendar.shared { "shared" } else { "-" };
        format!("{}\t{}\t{shared}\t{}\t{}", calendar.id, calendar.owner, calendar.feed, calendar.name)
    }))
}

/// Returns the time at which the dump was made, before the first reminder of the file.
fn time_of_dump() -> Timestamp {
    Timestamp::from_second(1_795_868_000).expect("a time")
}

/// Returns a response without the stylesheet of a page, which differs between versions.
fn without_stylesheet(response: &str) -> String {
    let (before, rest) = response.split_once("<style>").unwrap_or((response, ""));
    format!("{before}{}", rest.split_once("</style>").map_or("", |(_, after)| after))
}

#[test]
fn every_user_logs_in_and_gets_the_same_responses() {
    let (_folder, path) = copy_file();
    let mut config = ServerConfig::default();
    config.limits.enforce_rate_limits = false;
    config.clock = time_of_dump;
    let server = Server::start(Store::open(&path).expect("a store"), config).expect("a free port");
    let mut count = 0;
    for (request, expected) in parse_sections().filter(|(heading, _)| heading.contains('/')) {
        let response = send(server.address(), request);
        assert_eq!(without_stylesheet(&response), without_stylesheet(expected), "{request}");
        count += 1;
    }
    assert_eq!(count, 93, "requests in the dump");
    drop(server);
    assert_rows_unchanged(&path);
}

/// In that version, the UIDs contained the name of the account.
#[test]
fn events_keep_their_uids_when_their_account_is_renamed() {
    let (_folder, path) = copy_file();
    let store = Store::open(&path).expect("a store");
    store.write_blocking(|db| accounts::rename(db, ACCOUNT, "coast")).expect("a free name");
    let server = Server::start(store, ServerConfig::default()).expect("a free port");
    let feeds: Vec<_> = parse_sections().filter(|(request, _)| request.ends_with(".ics")).collect();
    let uids = feeds.iter().flat_map(|(_, feed)| feed.lines()).filter(|line| line.starts_with("UID:"));
    assert_eq!((feeds.len(), uids.count()), (4, 3), "feeds and events in the dump");
    for (request, expected) in feeds {
        assert_eq!(send_to("coast", server.address(), request), expected, "{request}");
    }
}

/// Sends a request of the dump: the id of the user or `-`, method, target and body. Returns the response in the format
/// of the dump: the status, and for status 200 also the content type and the body.
fn send(address: SocketAddr, request: &str) -> String {
    send_to(ACCOUNT, address, request)
}

/// Sends a request of the dump like [`send`], to another account.
fn send_to(account: &str, address: SocketAddr, request: &str) -> String {
    let mut words = request.splitn(4, ' ');
    let [user, method, target] = [(); 3].map(|()| words.next().expect("a word"));
    let body = words.next().unwrap_or_default();
    let token =
        TOKENS.lines().find(|line| line.split(' ').next() == Some(user)).and_then(|line| line.rsplit(' ').next());
    let header = token.map(|token| format!("X-BP-Token: {token}\r\n")).unwrap_or_default();
    let target = target.replace("TOKEN", token.unwrap_or_default());
    let length = body.len();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(TEST_TIMEOUT)).expect("a timeout");
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {account}.example.com\r\nConnection: close\r\n{header}\
         Content-Type: application/xml\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).expect("a request");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    if status != "200" {
        return status.to_owned();
    }
    let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
    let mut types = head.lines().filter_map(|line| line.split_once(": ").filter(|(name, _)| is_type(name)));
    let (_, content_type) = types.next().expect("a content type");
    // A calendar file names the version that wrote it.
    let body = body.replace(concat!("backpack-server//", env!("CARGO_PKG_VERSION")), "backpack-server//0.1.0");
    format!("{status} {content_type}\n{body}")
}

/// Asserts that neither the migrations nor reading have changed a value of the file. Migrations may add columns, and
/// number the positions of items anew, whose order the responses show.
fn assert_rows_unchanged(path: &Path) {
    const COLUMNS: &str = "SELECT tables.name, group_concat(columns.name) FROM sqlite_schema AS tables
        JOIN pragma_table_info(tables.name) AS columns
        WHERE tables.type = 'table' AND (tables.name, columns.name) <> ('items', 'position') GROUP BY 1";
    let (_folder, original) = copy_file();
    let [original, migrated] = [&original, path].map(|path| Connection::open(path).expect("a database"));
    let tables = run_query(&original, COLUMNS, |value| value.as_str().expect("a name").to_owned());
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let (table, columns) = table.split_once('|').expect("a name and columns");
        let query = format!("SELECT {columns} FROM {table}");
        let [before, after] = [&original, &migrated].map(|db| {
            let mut rows = run_query(db, &query, |value| format!("{value:?}"));
            rows.sort();
            rows
        });
        assert_eq!(after, before, "{table}");
    }
}

/// Returns the rows of a query, as lines.
fn run_query(db: &Connection, query: &str, format: impl Fn(ValueRef<'_>) -> String) -> Vec<String> {
    let mut statement = db.prepare(query).expect("a statement");
    let columns = statement.column_count();
    let rows = statement
        .query_map((), |row| (0..columns).map(|at| row.get_ref(at).map(&format)).collect::<Result<Vec<_>, _>>());
    rows.expect("rows").map(|row| row.expect("a row").join("|")).collect()
}
