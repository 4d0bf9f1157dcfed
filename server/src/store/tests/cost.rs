//! The cost of feeds, and of the commands that manage accounts and users.

use backpack_api::{CalendarId, UserId};
use rusqlite::Connection;

use super::load::{Call, assert_constant_cost};
use crate::calendars::CalendarChanges;
use crate::feeds::{Feed, respond};
use crate::store::rows::query_all;
use crate::users::UserChanges;
use crate::users::tests::new_user;
use crate::{ApiError, Store, accounts, calendars, setup, tokens, users};

fn check_feed(db: &Connection, feed: &Feed) -> Result<(), ApiError> {
    respond(db, "acme", feed)?.map(drop).ok_or(ApiError::NotFound)
}

#[test]
fn the_cost_of_feeds_does_not_depend_on_unrelated_rows() {
    assert_constant_cost(&[
        ("calendar", Box::new(|db| check_feed(db, &Feed::Calendar("quiet".into())))),
        ("calendar with events without a date", Box::new(|db| check_feed(db, &Feed::Calendar("undated".into())))),
        ("page", Box::new(|db| check_feed(db, &Feed::Page(2)))),
    ]);
}

#[test]
fn the_cost_of_managing_accounts_and_users_does_not_depend_on_unrelated_rows() {
    const JO: UserId = UserId(1);
    const AL: UserId = UserId(5);
    let calls: Vec<Call<'_>> = vec![
        ("find account", Box::new(|db| accounts::find(db, "ACME").map(drop))),
        ("create account", Box::new(|db| accounts::create(db, "new", None).map(drop))),
        ("set ssl", Box::new(|db| accounts::set_ssl(db, "acme", true))),
        ("set page limit", Box::new(|db| accounts::set_page_limit(db, "acme", Some(5)))),
        ("rename account", Box::new(|db| accounts::rename(db, "acme", "new"))),
        ("delete account", Box::new(|db| accounts::delete(db, "calm"))),
        (
            "set up",
            Box::new(|db| setup::create_first_account(db, "new", true, &new_user("Jo", "jo@example.com")).map(drop)),
        ),
        ("list users", Box::new(|db| users::list(db, "calm").map(drop))),
        ("find user", Box::new(|db| users::find(db, "calm", "CY@example.com").map(drop))),
        ("show user", Box::new(|db| users::get_settings(db, JO).map(drop))),
        ("create user", Box::new(|db| users::create(db, "acme", &new_user("Zoë", "zoe@example.com")).map(drop))),
        (
            "rename user",
            Box::new(|db| users::update(db, JO, &UserChanges { name: Some("Zoë".into()), ..Default::default() })),
        ),
        ("delete user", Box::new(|db| users::delete(db, AL))),
        ("list tokens", Box::new(|db| tokens::list(db, AL).map(drop))),
        ("revoke token", Box::new(|db| tokens::revoke(db, JO, "01234567"))),
        ("list calendars", Box::new(|db| calendars::list(db, "calm").map(drop))),
        ("create calendar", Box::new(|db| calendars::create(db, JO, "Family", "b5651d", true).map(drop))),
        (
            "rename calendar",
            Box::new(|db| {
                calendars::update(
                    db,
                    CalendarId(1),
                    &CalendarChanges { name: Some("Family".into()), ..Default::default() },
                )
                .map(drop)
            }),
        ),
        (
            "unshare calendar",
            Box::new(|db| {
                calendars::update(db, CalendarId(2), &CalendarChanges { shared: Some(false), ..Default::default() })
                    .map(drop)
            }),
        ),
        ("delete calendar", Box::new(|db| calendars::delete(db, CalendarId(2)))),
    ];
    assert_constant_cost(&calls);
}

#[test]
fn each_column_that_refers_to_another_table_has_an_index() {
    const WITHOUT_INDEX: &str = r#"SELECT tables.name, references_."from"
        FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS references_
        WHERE tables.type = 'table' AND references_.seq = 0 AND NOT EXISTS (
            SELECT 1 FROM pragma_index_list(tables.name) AS indexes, pragma_index_info(indexes.name) AS columns
            WHERE NOT indexes.partial AND columns.seqno = 0 AND columns.name = references_."from")"#;
    let store = Store::in_memory().unwrap();
    let found = store.write_blocking(|db| {
        query_all(db, WITHOUT_INDEX, (), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
    });
    assert_eq!(found, Ok(Vec::new()));
}
