//! Mail, out and in, with a server of our own.

mod due;
mod incoming;
mod outgoing;
mod smtp;

use backpack_api::PageId;
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use crate::context::RequestContext;
use crate::people::{Account, NewUser, User, create_token, create_user};
use crate::{ApiError, Store};

/// Where everything of these tests begins, in seconds: 2010-09-01T12:00:00Z.
const START: i64 = 1_283_342_400;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A store with the account `acme`, and in it Jo (1) in London and Al (2) in Hawaii.
fn store() -> Store {
    let store = Store::in_memory().unwrap();
    let people = store.write_blocking(|db| {
        Account::create(db, "acme", None)?;
        for (name, time_zone) in [("Jo", "London"), ("Al", "Hawaii")] {
            let email_address = format!("{}@example.com", name.to_lowercase());
            let user = NewUser { name: name.into(), email_address, admin: false, time_zone: time_zone.into() };
            create_user(db, "acme", &user)?;
        }
        Ok(())
    });
    people.unwrap();
    store
}

/// Does something at a second as Jo.
fn act<T: Send + 'static>(
    store: &Store,
    second: i64,
    act: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError> + Send + 'static,
) -> T {
    let acted = store.write_blocking(move |db| {
        let token = create_token(db, backpack_api::UserId(1))?;
        let me = User::of_token(db, "acme", Some(token.expose()))?;
        act(&RequestContext {
            db,
            user: &me,
            host: &crate::account_host::AccountHost::insecure("acme", "acme.example.com"),
            now: at(second),
        })
    });
    acted.unwrap()
}

fn sql(store: &Store, statements: &'static str) {
    store.write_blocking(move |db| Ok(db.execute_batch(statements)?)).unwrap();
}

/// Recipient, subject and body of what is to go out.
fn outbox(db: &Connection) -> Result<Vec<(String, String, String)>, ApiError> {
    let mut all = db.prepare("SELECT recipient, subject, body FROM outbox ORDER BY id")?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
}

/// A new page, and its mail address.
fn page(store: &Store, title: &'static str) -> (PageId, String) {
    act(store, 0, move |context| {
        let page = context.serve(&backpack_api::pages::Create::new(title))?.id;
        let mailbox: String =
            context.query_one("SELECT mailbox FROM pages WHERE id = ?1", [page.0], |row| row.get(0))?;
        Ok((page, format!("{mailbox}@acme.example.com")))
    })
}
