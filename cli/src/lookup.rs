//! Finds accounts, users and calendars that arguments name. Errors name what was not found.

use backpack_api::UserId;
use backpack_server::people;
use backpack_server::{Refusal, Store};

use crate::error::CommandError;

/// Finds an account by name.
pub(crate) fn find_account(store: &Store, name: &str) -> Result<people::Account, CommandError> {
    let (missing, name) = (format!("there is no account {name}"), name.to_owned());
    not_found_as(store.read_blocking(move |db| people::Account::find(db, &name)), missing)
}

/// Finds a user of an account by id, e-mail address or name.
pub(crate) fn find_user(store: &Store, account: &str, user: &str) -> Result<UserId, CommandError> {
    let account = find_account(store, account)?.name;
    let (missing, user) = (format!("there is no user {user} in the account {account}"), user.to_owned());
    not_found_as(store.read_blocking(move |db| people::find_user(db, &account, &user)), missing)
}

/// Finds a calendar of an account by id or name.
pub(crate) fn find_calendar(store: &Store, account: &str, calendar: &str) -> Result<people::Calendar, CommandError> {
    let account = find_account(store, account)?.name;
    let (missing, calendar) =
        (format!("there is no calendar {calendar} in the account {account}"), calendar.to_owned());
    not_found_as(store.read_blocking(move |db| people::find_calendar(db, &account, &calendar)), missing)
}

/// Replaces the general "not found" of the service by a message that names what is missing.
pub(crate) fn not_found_as<T>(result: Result<T, Refusal>, missing: String) -> Result<T, CommandError> {
    result.map_err(|error| if error == Refusal::NotFound { missing.into() } else { error.into() })
}
