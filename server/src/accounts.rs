//! Accounts: their names, whether they require SSL, and their page limits.

use backpack_api::AccountId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::ApiError;
use crate::store::rows::{execute, execute_one, query_all, query_one, read_id};

/// An account. A request selects it by its host: see [`AccountConfig`](crate::config::AccountConfig).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// Name in lower case: the first label of the account's host.
    pub name: String,
    /// `true` if the account is served over https only. Otherwise it is served over http only, unless the server is
    /// configured to accept both.
    pub ssl: bool,
    /// Maximum number of pages; `None` for no limit.
    pub page_limit: Option<u64>,
}

/// Returns the account with a name. Names are case-insensitive.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such account.
pub fn find(db: &Connection, name: &str) -> Result<Account, ApiError> {
    query_one(db, "SELECT id, name, ssl, page_limit FROM accounts WHERE name = ?1", [name], read_account)
}

/// Returns the account that was created first; `None` in a file without accounts.
///
/// # Errors
///
/// If the storage cannot be read.
pub fn find_oldest(db: &Connection) -> Result<Option<Account>, ApiError> {
    const OLDEST: &str = "SELECT id, name, ssl, page_limit FROM accounts WHERE id = (SELECT min(id) FROM accounts)";
    Ok(db.prepare_cached(OLDEST)?.query_row((), read_account).optional()?)
}

/// Lists all accounts, sorted by name.
///
/// # Errors
///
/// If the storage cannot be read.
pub fn list(db: &Connection) -> Result<Vec<Account>, ApiError> {
    query_all(db, "SELECT id, name, ssl, page_limit FROM accounts ORDER BY name", (), read_account)
}

/// Creates an account without users, and returns it. A `page_limit` of `None` means no limit.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if the name cannot be a host label, or is in use.
pub fn create(db: &Connection, name: &str, page_limit: Option<u32>) -> Result<Account, ApiError> {
    const CREATE: &str = "INSERT INTO accounts (name, page_limit, created_at) VALUES (?1, ?2, ?3)";
    ensure_available(db, name)?;
    execute(db, CREATE, (name.to_ascii_lowercase(), page_limit, Timestamp::now().as_second()))?;
    find(db, name)
}

/// Checks that a name is valid for an account: a host label of 1 to 63 characters.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if it is not.
pub fn check_name(name: &str) -> Result<(), ApiError> {
    let has_valid_characters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !has_valid_characters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
        return Err(ApiError::InvalidValue(
            "An account name has 1 to 63 letters, digits and dashes, and neither starts nor ends with a dash",
        ));
    }
    Ok(())
}

/// Checks that a name is valid, and that no account has it.
fn ensure_available(db: &Connection, name: &str) -> Result<(), ApiError> {
    check_name(name)?;
    match find(db, name) {
        Err(ApiError::NotFound) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(ApiError::InvalidValue("An account with this name already exists")),
    }
}

/// Sets whether an account is served over https only.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no account with that name.
pub fn set_ssl(db: &Connection, name: &str, ssl: bool) -> Result<(), ApiError> {
    execute_one(db, "UPDATE accounts SET ssl = ?2 WHERE name = ?1", (name, ssl))
}

/// Sets the maximum number of pages of an account; `None` removes the limit. Existing pages are kept.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no account with that name.
pub fn set_page_limit(db: &Connection, name: &str, limit: Option<u32>) -> Result<(), ApiError> {
    execute_one(db, "UPDATE accounts SET page_limit = ?2 WHERE name = ?1", (name, limit))
}

/// Renames an account, which also changes its host.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no account with that name; [`ApiError::InvalidValue`] if the new name cannot be a
/// host label, or is in use.
pub fn rename(db: &Connection, name: &str, new_name: &str) -> Result<(), ApiError> {
    if !name.eq_ignore_ascii_case(new_name) {
        ensure_available(db, new_name)?;
    }
    execute_one(db, "UPDATE accounts SET name = ?2 WHERE name = ?1", (name, new_name.to_ascii_lowercase()))
}

/// Deletes an account with its users and all their data.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no account with that name.
pub fn delete(db: &Connection, name: &str) -> Result<(), ApiError> {
    execute_one(db, "DELETE FROM accounts WHERE name = ?1", [name])
}

/// Reads an account from the columns `id`, `name`, `ssl` and `page_limit`, in this order.
fn read_account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account { id: read_id(row, 0)?, name: row.get(1)?, ssl: row.get(2)?, page_limit: row.get(3)? })
}
