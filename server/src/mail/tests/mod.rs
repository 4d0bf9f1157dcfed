//! Outgoing mail, with a mail server for tests, and incoming mail.

mod config;
mod cost;
mod incoming;
mod message;
mod outbox;
mod reminders;
mod smtp_server;
mod workers;

use backpack_api::PageId;
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use crate::context::RequestContext;
use crate::{ApiError, Store};
use crate::{accounts, tokens, users, users::NewUser};

/// Time at which the tests start, in seconds: 2010-09-01T12:00:00Z.
const START: i64 = 1_283_342_400;

/// Runs a future on a runtime of its own.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Returns the time some seconds after the start.
fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// Creates a store with the account `acme` and its users Jo (1) in London and Al (2) in Hawaii.
fn create_store() -> Store {
    let store = Store::in_memory().unwrap();
    let created = store.write_blocking(|db| {
        accounts::create(db, "acme", None)?;
        for (name, time_zone) in [("Jo", "London"), ("Al", "Hawaii")] {
            let email_address = format!("{}@example.com", name.to_lowercase());
            let user = NewUser { name: name.into(), email_address, admin: false, time_zone: time_zone.into() };
            users::create(db, "acme", &user)?;
        }
        Ok(())
    });
    created.unwrap();
    store
}

/// Runs operations as Jo in one transaction, some seconds after the start.
fn act<T: Send + 'static>(
    store: &Store,
    second: i64,
    operations: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError> + Send + 'static,
) -> T {
    let result = store.write_blocking(move |db| {
        let token = tokens::create(db, backpack_api::UserId(1))?;
        let me = tokens::authenticate(db, "acme", Some(token.expose()))?;
        operations(&RequestContext {
            db,
            user: &me,
            host: &crate::account_host::AccountHost::insecure("acme", "acme.example.com"),
            now: timestamp(second),
        })
    });
    result.unwrap()
}

/// Runs SQL statements.
fn run_sql(store: &Store, statements: &'static str) {
    store.write_blocking(move |db| Ok(db.execute_batch(statements)?)).unwrap();
}

/// Lists the messages in the outbox: recipient, subject and body.
fn list_outbox(db: &Connection) -> Result<Vec<(String, String, String)>, ApiError> {
    let mut all = db.prepare("SELECT recipient, subject, body FROM outbox ORDER BY id")?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
}

/// Creates a page, and returns its id and its mail address.
fn create_page(store: &Store, title: &'static str) -> (PageId, String) {
    act(store, 0, move |context| {
        let page = context.serve(&backpack_api::pages::Create::new(title))?.id;
        let mailbox: String =
            context.query_one("SELECT mailbox FROM pages WHERE id = ?1", [page.0], |row| row.get(0))?;
        Ok((page, format!("{mailbox}@acme.example.com")))
    })
}
