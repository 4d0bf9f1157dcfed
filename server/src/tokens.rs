//! Tokens, by which a request is authenticated as a user. Only their hashes are stored.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{Secret, UserId};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ApiError;
use crate::random::generate_token;
use crate::store::rows::{execute, execute_one, query_all, read_time};
use crate::users::{User, read_user};

/// Entry of a list of tokens. It does not contain the token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// First eight hex digits of the token's SHA-256.
    pub fingerprint: String,
    /// Creation time.
    pub created_at: Timestamp,
}

/// Creates a token of a user: 40 hex digits. It cannot be read again, since only its hash is stored.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user.
pub fn create(db: &Connection, user: UserId) -> Result<Secret, ApiError> {
    const CREATE: &str = "INSERT INTO tokens (hash, user_id, created_at) SELECT ?1, id, ?3 FROM users WHERE id = ?2";
    let token = generate_token()?;
    execute_one(db, CREATE, (&hash_token(&token)[..], user.0, Timestamp::now().as_second()))?;
    Ok(Secret::new(token))
}

/// Lists the tokens of a user, oldest first.
///
/// # Errors
///
/// If the storage cannot be read.
pub fn list(db: &Connection, user: UserId) -> Result<Vec<TokenInfo>, ApiError> {
    const BY_USER: &str = "SELECT lower(hex(substr(hash, 1, 4))) AS fingerprint, created_at FROM tokens
        WHERE user_id = ?1 ORDER BY created_at, hash";
    query_all(db, BY_USER, [user.0], |row| {
        Ok(TokenInfo { fingerprint: row.get("fingerprint")?, created_at: read_time(row, "created_at")? })
    })
}

/// Revokes the token of a user that has the fingerprint, as [`list`] returns it. Ignores case.
///
/// # Errors
///
/// [`ApiError::NotFound`] if the user has no such token.
pub fn revoke(db: &Connection, user: UserId, fingerprint: &str) -> Result<(), ApiError> {
    // The index of the hashes finds those that begin with the fingerprint.
    const REVOKE: &str = "DELETE FROM tokens WHERE hash BETWEEN ?2 AND ?3 AND user_id = ?1";
    if fingerprint.len() != 8 || !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::NotFound);
    }
    let start = u32::from_str_radix(fingerprint, 16).map_err(|_| ApiError::NotFound)?;
    let extend = |byte: u8| [&start.to_be_bytes()[..], &[byte; 28]].concat();
    execute_one(db, REVOKE, (user.0, extend(0), extend(0xff)))
}

/// Revokes all tokens of a user and returns their number.
///
/// # Errors
///
/// If the storage cannot be written.
pub fn revoke_all(db: &Connection, user: UserId) -> Result<usize, ApiError> {
    execute(db, "DELETE FROM tokens WHERE user_id = ?1", [user.0])
}

/// Returns the user who has the token, if that user belongs to the account.
///
/// # Errors
///
/// [`ApiError::Forbidden`] if the token is `None`, or no user of the account has it.
pub(crate) fn authenticate(db: &Connection, account: &str, token: Option<&str>) -> Result<User, ApiError> {
    const UNKNOWN: ApiError = ApiError::Forbidden("This token is not known");
    // The first eight columns are those of `read_user`. Every request runs this, so columns are read by position.
    const FIND: &str = "SELECT users.id, account_id, users.name, email_address, admin, time_zone, users.created_at,
        updated_at, hash FROM tokens JOIN users ON users.id = user_id JOIN accounts ON accounts.id = account_id
        WHERE hash = ?1 AND accounts.name = ?2";
    let hash = hash_token(token.ok_or(UNKNOWN)?);
    let found = db
        .prepare_cached(FIND)?
        .query_row((&hash[..], account), |row| Ok((read_user(row)?, row.get::<_, Vec<u8>>(8)?)))
        .optional()?;
    match found {
        // The query compares hashes, so its timing reveals no token. The hash is compared once more in constant time, so
        // that this does not depend on how SQLite compares.
        Some((user, stored)) if bool::from(stored.as_slice().ct_eq(&hash)) => Ok(user),
        _ => Err(UNKNOWN),
    }
}

/// Hashes a token. Tokens are hex digits, so their case does not matter.
fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.to_ascii_lowercase()).into()
}
