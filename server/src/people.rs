//! Accounts, their users, and the tokens by which users are known.

use std::fmt;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{AccountId, CalendarId, Secret, UserId};
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::call::{id, rows, time};
use crate::{Refusal, text, zones};

/// An account: whose address it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its name: the first label of its host.
    pub name: String,
    /// Whether it is reached over https only; else over http only, unless the service is told to take both.
    pub ssl: bool,
    /// The most pages it may have; none means any number.
    pub page_limit: Option<u64>,
}

/// Somebody of an account, with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) account_id: AccountId,
    pub(crate) name: String,
    pub(crate) email_address: String,
    pub(crate) admin: bool,
    pub(crate) time_zone: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a new user is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// What they are called.
    pub name: String,
    /// Where mail for them goes.
    pub email_address: String,
    /// Whether they may manage the account.
    pub admin: bool,
    /// Their time zone, under its Rails name, such as `Pacific Time (US & Canada)`, or its IANA name.
    pub time_zone: String,
}

impl Account {
    /// The account of a name, in any case of its letters.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    pub fn find(db: &Connection, name: &str) -> Result<Self, Refusal> {
        const FIND: &str = "SELECT id, name, ssl, page_limit FROM accounts WHERE name = ?1";
        Ok(db.prepare_cached(FIND)?.query_row([name], Self::read)?)
    }

    /// The account that was created first; `None` in a file without accounts.
    ///
    /// # Errors
    ///
    /// If the storage cannot be read.
    pub fn oldest(db: &Connection) -> Result<Option<Self>, Refusal> {
        const OLDEST: &str = "SELECT id, name, ssl, page_limit FROM accounts ORDER BY id LIMIT 1";
        Ok(db.prepare_cached(OLDEST)?.query_row((), Self::read).optional()?)
    }

    /// All accounts, by name.
    ///
    /// # Errors
    ///
    /// If the storage cannot be read.
    pub fn all(db: &Connection) -> Result<Vec<Self>, Refusal> {
        const ALL: &str = "SELECT id, name, ssl, page_limit FROM accounts ORDER BY name";
        rows(db, ALL, (), Self::read)
    }

    /// Creates an account without users.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if the name cannot be the label of a host, or is taken.
    pub fn create(db: &Connection, name: &str, page_limit: Option<u32>) -> Result<Self, Refusal> {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !letters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
            return Err(Refusal::Invalid("An account's name consists of letters, digits and dashes between them"));
        }
        if Self::find(db, name) != Err(Refusal::NotFound) {
            return Err(Refusal::Invalid("There is an account of that name already"));
        }
        db.prepare_cached("INSERT INTO accounts (name, page_limit, created_at) VALUES (?1, ?2, ?3)")?.execute((
            name.to_ascii_lowercase(),
            page_limit,
            Timestamp::now().as_second(),
        ))?;
        Self::find(db, name)
    }

    /// Says whether an account is reached over https only.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none of that name.
    pub fn require_ssl(db: &Connection, name: &str, ssl: bool) -> Result<(), Refusal> {
        match db.prepare_cached("UPDATE accounts SET ssl = ?2 WHERE name = ?1")?.execute((name, ssl))? {
            0 => Err(Refusal::NotFound),
            _ => Ok(()),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: id(row, 0)?, name: row.get(1)?, ssl: row.get(2)?, page_limit: row.get(3)? })
    }
}

impl User {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            account_id: id(row, 1)?,
            name: row.get(2)?,
            email_address: row.get(3)?,
            admin: row.get(4)?,
            time_zone: row.get(5)?,
            created_at: time(row, 6)?,
            updated_at: time(row, 7)?,
        })
    }

    /// Whose token this is, within an account.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] if it is nobody's there.
    pub(crate) fn of_token(db: &Connection, account: &str, token: Option<&str>) -> Result<Self, Refusal> {
        const BAD: Refusal = Refusal::Forbidden("This token is not known");
        const FIND: &str = "SELECT users.id, account_id, users.name, email_address, admin, time_zone, users.created_at,
            updated_at, hash FROM tokens JOIN users ON users.id = user_id JOIN accounts ON accounts.id = account_id
            WHERE hash = ?1 AND accounts.name = ?2";
        let hash = hash(token.ok_or(BAD)?);
        let found = db
            .prepare_cached(FIND)?
            .query_row((&hash[..], account), |row| Ok((Self::read(row)?, row.get::<_, Vec<u8>>(8)?)))
            .optional()?;
        match found {
            Some((user, kept)) if bool::from(kept.as_slice().ct_eq(&hash)) => Ok(user),
            _ => Err(BAD),
        }
    }
}

/// In a file without accounts, creates one with one user, and answers that user's token; `None` if there is one already.
///
/// # Errors
///
/// As [`Account::create`].
pub fn first_account(db: &Connection, name: &str) -> Result<Option<Secret>, Refusal> {
    if Account::oldest(db)?.is_some() {
        return Ok(None);
    }
    Account::create(db, name, None)?;
    let me = NewUser {
        name: name.to_owned(),
        email_address: format!("{name}@localhost"),
        admin: true,
        time_zone: "UTC".to_owned(),
    };
    create_token(db, create_user(db, name, &me)?).map(Some)
}

/// Creates a user, and answers their number.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is no such account; [`Refusal::Invalid`] for a name that is empty or has control
/// characters, something that is no mail address, or a time zone that is not known.
pub fn create_user(db: &Connection, account: &str, user: &NewUser) -> Result<UserId, Refusal> {
    let account = Account::find(db, account)?;
    if !text::is_name(&user.name) {
        return Err(Refusal::Invalid("A user should have a name, without control characters"));
    }
    if !text::is_mail_address(&user.email_address) {
        return Err(Refusal::Invalid("A user should have an e-mail address"));
    }
    if !zones::known(&user.time_zone) {
        return Err(Refusal::Invalid("This time zone is not known; `London` and `Europe/London` are such names"));
    }
    let insert = "INSERT INTO users (account_id, name, email_address, admin, time_zone, created_at, updated_at)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let id = db.prepare_cached(insert)?.insert((
        account.id.0,
        &user.name,
        &user.email_address,
        user.admin,
        &user.time_zone,
        Timestamp::now().as_second(),
    ))?;
    let id = UserId(u64::try_from(id).unwrap_or_default());
    create_calendar(db, id, &user.name, "3c7a89", false)?;
    Ok(id)
}

/// Creates a calendar of a user's, which the others of the account see if it is shared. A new user has one that is not.
///
/// # Errors
///
/// [`Refusal::Invalid`] if the colour is not six hex digits, or the name is empty or has control characters.
pub fn create_calendar(
    db: &Connection,
    owner: UserId,
    name: &str,
    color: &str,
    shared: bool,
) -> Result<CalendarId, Refusal> {
    if color.len() != 6 || !color.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::Invalid("A calendar's colour is six hex digits"));
    }
    if !text::is_name(name) {
        return Err(Refusal::Invalid("A calendar should have a name, without control characters"));
    }
    let insert = "INSERT INTO calendars (account_id, owner_id, shared, name, color, token, created_at, updated_at)
                  SELECT account_id, id, ?2, ?3, ?4, ?5, ?6, ?6 FROM users WHERE id = ?1";
    let token = hex(&random::<20>()?);
    let now = Timestamp::now().as_second();
    let id = db.prepare_cached(insert)?.insert((owner.0, shared, name, color, token, now))?;
    Ok(CalendarId(u64::try_from(id).unwrap_or_default()))
}

/// The users of an account, by number.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is no such account.
pub fn users(db: &Connection, account: &str) -> Result<Vec<(UserId, NewUser)>, Refusal> {
    let account = Account::find(db, account)?;
    let user = |row: &Row<'_>| {
        let User { id, name, email_address, admin, time_zone, .. } = User::read(row)?;
        Ok((id, NewUser { name, email_address, admin, time_zone }))
    };
    const OF_ACCOUNT: &str = "SELECT id, account_id, name, email_address, admin, time_zone, created_at, updated_at
        FROM users WHERE account_id = ?1 ORDER BY id";
    rows(db, OF_ACCOUNT, [account.id.0], user)
}

/// The one user of an account with this number, mail address or name.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is none; [`Refusal::Invalid`] if there are several.
pub fn find_user(db: &Connection, account: &str, who: &str) -> Result<UserId, Refusal> {
    let same = |text: &str| text.eq_ignore_ascii_case(who);
    let found = users(db, account)?
        .into_iter()
        .filter(|(id, user)| id.to_string() == who || same(&user.email_address) || same(&user.name));
    match found.collect::<Vec<_>>()[..] {
        [] => Err(Refusal::NotFound),
        [(id, _)] => Ok(id),
        _ => Err(Refusal::Invalid("There are several such users; take the number")),
    }
}

/// Gives a user a new token, 40 hex digits, which is shown this once and kept as a hash only.
///
/// # Errors
///
/// If it cannot be written.
pub fn create_token(db: &Connection, user: UserId) -> Result<Secret, Refusal> {
    let token = hex(&random::<20>()?);
    let insert = "INSERT INTO tokens (hash, user_id, created_at) VALUES (?1, ?2, ?3)";
    db.prepare_cached(insert)?.execute((&hash(&token)[..], user.0, Timestamp::now().as_second()))?;
    Ok(Secret::new(token))
}

/// Takes all tokens of a user away, and says how many there were.
///
/// # Errors
///
/// If it cannot be written.
pub fn revoke_tokens(db: &Connection, user: UserId) -> Result<usize, Refusal> {
    Ok(db.prepare_cached("DELETE FROM tokens WHERE user_id = ?1")?.execute([user.0])?)
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::Internal)?;
    Ok(bytes)
}

/// Bytes as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.to_ascii_lowercase()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn a_name_that_no_answer_could_hold_is_refused() {
        let created = Store::in_memory().unwrap().write_blocking(|db| {
            Account::create(db, "acme", None)?;
            let user = |name: &str| NewUser {
                name: name.to_owned(),
                email_address: "jo@example.com".to_owned(),
                admin: false,
                time_zone: "UTC".to_owned(),
            };
            let jo = create_user(db, "acme", &user("Jo"))?;
            for name in ["", " ", "Jo\nAl", "Jo\tAl", "\u{1}", "Jo\u{7f}", "Jo\u{85}", "Jo\u{ffff}"] {
                let refused = create_user(db, "acme", &user(name));
                assert!(matches!(refused, Err(Refusal::Invalid(_))), "{name:?}: {refused:?}");
                let refused = create_calendar(db, jo, name, "b5651d", false);
                assert!(matches!(refused, Err(Refusal::Invalid(_))), "{name:?}: {refused:?}");
            }
            create_calendar(db, jo, "Zoë & Ægir 🌊", "b5651d", false)
        });
        created.unwrap();
    }
}
