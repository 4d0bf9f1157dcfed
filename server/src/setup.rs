//! First-run setup.

use backpack_api::Secret;
use rusqlite::Connection;

use crate::users::NewUser;
use crate::{ApiError, accounts, tokens, users};

/// Creates an account with one user in a file without accounts, and returns a token of that user. Returns `None`, and
/// leaves the file unchanged, if it has an account already. With `ssl`, the account is served over https only.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if the name cannot be a host label, or a value of the user is invalid.
pub fn create_first_account(
    db: &Connection,
    name: &str,
    ssl: bool,
    user: &NewUser,
) -> Result<Option<Secret>, ApiError> {
    if accounts::find_oldest(db)?.is_some() {
        return Ok(None);
    }
    accounts::create(db, name, None)?;
    accounts::set_ssl(db, name, ssl)?;
    let user = users::create(db, name, user)?;
    tokens::create(db, user).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn only_a_file_without_accounts_gets_a_first_account() {
        for ssl in [false, true] {
            let store = Store::in_memory().unwrap();
            let user = NewUser {
                name: "Jo".to_owned(),
                email_address: "jo@example.com".to_owned(),
                admin: false,
                time_zone: "UTC".to_owned(),
            };
            let created = store.write_blocking(move |db| {
                assert!(create_first_account(db, "home", ssl, &user)?.is_some());
                assert!(create_first_account(db, "other", !ssl, &user)?.is_none(), "there is an account already");
                Ok(accounts::list(db)?.into_iter().map(|account| (account.name, account.ssl)).collect::<Vec<_>>())
            });
            assert_eq!(created, Ok(vec![("home".to_owned(), ssl)]));
        }
    }
}
