//! Tests of the operations.
//!
//! - `calls`: a request of each operation, for the tests of their cost in this file.
//! - `order`: the order of items and of belongings.
//! - `copies`: columns that repeat a value of another table.

mod calls;
mod copies;
mod order;

use std::collections::BTreeSet;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{SERVICE, UserId, journal};
use rusqlite::Connection;

use self::calls::{CY, JO, list_calls};
use crate::account_host::AccountHost;
use crate::context::RequestContext;
use crate::store::tests::load::{Call, NOW, assert_constant_cost, count_steps};
use crate::users::tests::{new_user, with_acme};
use crate::{ApiError, tokens, users};

/// Runs operations as Jo (1), the only user of an account.
fn run_as_jo<T: Send + 'static>(
    operations: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError> + Send + 'static,
) -> T {
    with_acme(|db| {
        let jo = users::create(db, "acme", &new_user("Jo", "jo@example.com"))?;
        let user = tokens::authenticate(db, "acme", Some(tokens::create(db, jo)?.expose()))?;
        let host = AccountHost::insecure("acme", "acme.example.com");
        operations(&RequestContext { db, user: &user, host: &host, now: Timestamp::UNIX_EPOCH })
    })
}

/// Runs an operation as a user of `subjects.sql`. Finds the user by a token, as the HTTP service does.
fn call(db: &Connection, user: UserId, request: &AnyRequest) -> Result<(), ApiError> {
    let account = if user == CY { "calm" } else { "acme" };
    let token = tokens::create(db, user)?;
    let user = tokens::authenticate(db, account, Some(token.expose()))?;
    let host = AccountHost::insecure(account, "acme.example.com");
    let now = Timestamp::from_second(NOW).unwrap();
    request.serve(&RequestContext { db, user: &user, host: &host, now }).map(drop)
}

#[test]
fn each_operation_has_a_call() {
    let called: BTreeSet<_> = list_calls().iter().map(|(_, request)| request.operation().name).collect();
    let all: BTreeSet<_> = SERVICE.operations.iter().map(|operation| operation.name).collect();
    let missing: Vec<_> = all.difference(&called).collect();
    assert!(missing.is_empty(), "add {missing:?} to `list_calls` in server/src/operations/tests/calls.rs");
}

#[test]
fn the_cost_of_an_operation_does_not_depend_on_unrelated_rows() {
    let calls = list_calls().into_iter().map(|(user, request)| -> Call<'_> {
        (request.operation().name, Box::new(move |db| call(db, user, &request)))
    });
    assert_constant_cost(&calls.collect::<Vec<_>>());
}

#[test]
fn a_later_page_of_the_journal_reads_only_an_index_for_the_entries_before_it() {
    for (first, later) in [
        (AnyRequest::JournalList(journal::List::new()), AnyRequest::JournalList(journal::List::new().page(90))),
        (
            AnyRequest::JournalListForUser(journal::ListForUser::new(JO)),
            AnyRequest::JournalListForUser(journal::ListForUser::new(JO).page(90)),
        ),
    ] {
        let [first, later] = [first, later].map(|request| count_steps(|db| call(db, JO, &request)));
        // Three steps for an entry: the next entry of the index, its id, and the count of those before the page.
        assert!(later <= first + 3 * 9_000 + 100, "steps of the first page: {first}, of a later page: {later}");
    }
}
