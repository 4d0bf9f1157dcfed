//! Outgoing mail, with a mail server for tests, and incoming mail.

mod config;
mod incoming;
mod outbox;
mod reminders;
mod smtp_server;
mod workers;

use backpack_api::PageId;
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use crate::call::Call;
use crate::people::{Account, NewUser, User, create_token, create_user};
use crate::{Refusal, Store};

/// Time at which the tests start, in seconds: 2010-09-01T12:00:00Z.
const START: i64 = 1_283_342_400;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A store with the account `acme` and its users Jo (1) in London and Al (2) in Hawaii.
fn create_store() -> Store {
    let store = Store::in_memory().unwrap();
    let created = store.write_blocking(|db| {
        Account::create(db, "acme", None)?;
        for (name, time_zone) in [("Jo", "London"), ("Al", "Hawaii")] {
            let email_address = format!("{}@example.com", name.to_lowercase());
            let user = NewUser { name: name.into(), email_address, admin: false, time_zone: time_zone.into() };
            create_user(db, "acme", &user)?;
        }
        Ok(())
    });
    created.unwrap();
    store
}

/// Runs operations as Jo, some seconds after the start.
fn act<T: Send + 'static>(
    store: &Store,
    second: i64,
    act: impl FnOnce(&Call<'_>) -> Result<T, Refusal> + Send + 'static,
) -> T {
    let acted = store.write_blocking(move |db| {
        let token = create_token(db, backpack_api::UserId(1))?;
        let me = User::of_token(db, "acme", Some(token.expose()))?;
        act(&Call { db, me: &me, host: &crate::http::Host::plain("acme", "acme.example.com"), now: at(second) })
    });
    acted.unwrap()
}

fn sql(store: &Store, statements: &'static str) {
    store.write_blocking(move |db| Ok(db.execute_batch(statements)?)).unwrap();
}

/// Recipient, subject and body of the messages in the outbox.
fn outbox(db: &Connection) -> Result<Vec<(String, String, String)>, Refusal> {
    let mut all = db.prepare("SELECT recipient, subject, body FROM outbox ORDER BY id")?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
}

/// Creates a page, and returns its id and its mail address.
fn create_page(store: &Store, title: &'static str) -> (PageId, String) {
    act(store, 0, move |call| {
        let page = call.serve(&backpack_api::pages::Create::new(title))?.id;
        let mailbox: String = call.row("SELECT mailbox FROM pages WHERE id = ?1", [page.0], |row| row.get(0))?;
        Ok((page, format!("{mailbox}@acme.example.com")))
    })
}
