//! Finds the accounts, users and calendars that arguments identify. An error names the missing one.

use backpack_api::UserId;
use backpack_server::{ApiError, Store, accounts, calendars, users};

use crate::error::{CommandError, Exit, failure};

/// Finds an account by name.
pub(crate) fn find_account(store: &Store, name: &str) -> Result<accounts::Account, CommandError> {
    let (missing, name) = (format!("there is no account {name}"), name.to_owned());
    not_found_as(store.read_blocking(move |db| accounts::find(db, &name)), missing)
}

/// Finds a user of an account by id, e-mail address or name.
pub(crate) fn find_user(store: &Store, account: &str, user: &str) -> Result<UserId, CommandError> {
    let account = find_account(store, account)?.name;
    let missing = format!("there is no user {user} in the account {account}");
    let user = user.to_owned();
    not_found_as(store.read_blocking(move |db| users::find(db, &account, &user)), missing)
}

/// Finds a calendar of an account by id or name.
pub(crate) fn find_calendar(store: &Store, account: &str, calendar: &str) -> Result<calendars::Calendar, CommandError> {
    let account = find_account(store, account)?.name;
    let missing = format!("there is no calendar {calendar} in the account {account}");
    let calendar = calendar.to_owned();
    not_found_as(store.read_blocking(move |db| calendars::find(db, &account, &calendar)), missing)
}

/// Replaces [`ApiError::NotFound`] by the message `missing`, which names the missing row.
pub(crate) fn not_found_as<T>(result: Result<T, ApiError>, missing: String) -> Result<T, CommandError> {
    result.map_err(|error| if error == ApiError::NotFound { failure(Exit::NotFound, missing) } else { error.into() })
}
