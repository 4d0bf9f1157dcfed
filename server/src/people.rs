//! Accounts, their users, and the tokens by which users are known.

mod managing;

use std::fmt;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{AccountId, CalendarId, Secret, UserId};
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::call::{id, rows, time};
use crate::{Refusal, text, zones};
pub use managing::{
    Calendar, CalendarChange, TokenMark, UserChange, calendars, change_calendar, change_user, delete_calendar,
    delete_user, find_calendar, revoke_token, show_user, tokens,
};

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
    /// Whether clients are shown that they manage the account; they may do no more than others.
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
        Self::check_new_name(db, name)?;
        db.prepare_cached("INSERT INTO accounts (name, page_limit, created_at) VALUES (?1, ?2, ?3)")?.execute((
            name.to_ascii_lowercase(),
            page_limit,
            Timestamp::now().as_second(),
        ))?;
        Self::find(db, name)
    }

    /// Whether an account may have this name: it is the label of a host.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if not.
    pub fn check_name(name: &str) -> Result<(), Refusal> {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !letters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
            return Err(Refusal::Invalid("An account's name consists of letters, digits and dashes between them"));
        }
        Ok(())
    }

    /// Whether an account may have this name, and none has it yet.
    fn check_new_name(db: &Connection, name: &str) -> Result<(), Refusal> {
        Self::check_name(name)?;
        match Self::find(db, name) {
            Err(Refusal::NotFound) => Ok(()),
            Err(refusal) => Err(refusal),
            Ok(_) => Err(Refusal::Invalid("There is an account of that name already")),
        }
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

impl NewUser {
    /// Whether there may be such a user; answers their time zone under its Rails name.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] for a name that is empty or has control characters, something that is no mail address, or a
    /// time zone for which the API has no name.
    pub fn check(&self) -> Result<&'static str, Refusal> {
        if !text::is_name(&self.name) {
            return Err(Refusal::Invalid("A user should have a name, without control characters"));
        }
        if !text::is_mail_address(&self.email_address) {
            return Err(Refusal::Invalid("A user should have an e-mail address"));
        }
        zones::rails(&self.time_zone).ok_or(Refusal::Invalid(
            "The API has no name for this time zone; `London`, `Europe/London` and `Pacific Time (US & Canada)` are such names, and `backpack host user zones` lists them",
        ))
    }
}

/// In a file without accounts, creates one with one user, and answers that user's token; `None` if there is one already.
/// With `ssl` it is reached over https only.
///
/// # Errors
///
/// As [`Account::create`] and [`create_user`].
pub fn first_account(db: &Connection, name: &str, ssl: bool, me: &NewUser) -> Result<Option<Secret>, Refusal> {
    if Account::oldest(db)?.is_some() {
        return Ok(None);
    }
    Account::create(db, name, None)?;
    Account::require_ssl(db, name, ssl)?;
    create_token(db, create_user(db, name, me)?).map(Some)
}

/// Creates a user, and answers their number.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is no such account; [`Refusal::Invalid`] as [`NewUser::check`], and if somebody there
/// has both this name and this address.
pub fn create_user(db: &Connection, account: &str, user: &NewUser) -> Result<UserId, Refusal> {
    let account = Account::find(db, account)?;
    let time_zone = user.check()?;
    refuse_twin(db, account.id, user, None)?;
    let insert = "INSERT INTO users (account_id, name, email_address, admin, time_zone, created_at, updated_at)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let id = db.prepare_cached(insert)?.insert((
        account.id.0,
        &user.name,
        &user.email_address,
        user.admin,
        time_zone,
        Timestamp::now().as_second(),
    ))?;
    let id = UserId(u64::try_from(id).unwrap_or_default());
    create_calendar(db, id, &user.name, "3c7a89", false)?;
    Ok(id)
}

/// No two users of an account have the same name and the same address: nothing but a number would tell them apart.
fn refuse_twin(db: &Connection, account: AccountId, user: &NewUser, but: Option<UserId>) -> Result<(), Refusal> {
    const TWIN: &str = "SELECT 1 FROM users WHERE account_id = ?1 AND folded(name) = folded(?2)
        AND folded(email_address) = folded(?3) AND id IS NOT ?4";
    let but = but.map(|user| user.0);
    if db.prepare_cached(TWIN)?.exists((account.0, &user.name, &user.email_address, but))? {
        return Err(Refusal::Invalid("There is a user of that name and address already"));
    }
    Ok(())
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
    check_calendar(Some(name), Some(color))?;
    let insert = "INSERT INTO calendars (account_id, owner_id, shared, name, color, token, created_at, updated_at)
                  SELECT account_id, id, ?2, ?3, ?4, ?5, ?6, ?6 FROM users WHERE id = ?1";
    let now = Timestamp::now().as_second();
    let id = db.prepare_cached(insert)?.insert((owner.0, shared, name, color, calendar_token()?, now))?;
    Ok(CalendarId(u64::try_from(id).unwrap_or_default()))
}

/// Whether a calendar may be called so, and look so.
fn check_calendar(name: Option<&str>, color: Option<&str>) -> Result<(), Refusal> {
    if color.is_some_and(|color| color.len() != 6 || !color.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Refusal::Invalid("A calendar's colour is six hex digits"));
    }
    if name.is_some_and(|name| !text::is_name(name)) {
        return Err(Refusal::Invalid("A calendar should have a name, without control characters"));
    }
    Ok(())
}

/// What makes the path of a calendar's feed one that nobody can guess.
fn calendar_token() -> Result<String, Refusal> {
    Ok(hex(&random::<20>()?))
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

/// The one user of an account with this number, or with this mail address or name, if that is no number.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is none; [`Refusal::Invalid`] if there are several.
pub fn find_user(db: &Connection, account: &str, who: &str) -> Result<UserId, Refusal> {
    const SEVERAL: Refusal = Refusal::Invalid("There are several such users; take the number");
    let same = |text: &str| text.eq_ignore_ascii_case(who);
    let is_it = |(id, user): &(UserId, NewUser)| match is_number(who) {
        true => id.to_string() == who,
        false => same(&user.email_address) || same(&user.name),
    };
    only(users(db, account)?.into_iter().filter(is_it), SEVERAL).map(|(id, _)| id)
}

/// What is a number for one command should be no name for the next.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The one thing that was found.
fn only<T>(mut found: impl Iterator<Item = T>, several: Refusal) -> Result<T, Refusal> {
    let one = found.next().ok_or(Refusal::NotFound)?;
    if found.next().is_none() { Ok(one) } else { Err(several) }
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

    fn user(name: &str, email_address: &str) -> NewUser {
        NewUser {
            name: name.to_owned(),
            email_address: email_address.to_owned(),
            admin: false,
            time_zone: "UTC".to_owned(),
        }
    }

    /// Works on an account without users.
    fn acme<T: Send + 'static>(work: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static) -> T {
        let store = Store::in_memory().unwrap();
        let done = store.write_blocking(|db| {
            Account::create(db, "acme", None)?;
            work(db)
        });
        done.unwrap()
    }

    /// Two users, Tom and Jo, each with a calendar, and a third one of Jo's that is shared.
    fn family(db: &Connection) -> Result<(UserId, UserId, CalendarId), Refusal> {
        let tom = create_user(db, "acme", &user("Tom", "tom@example.com"))?;
        let jo = create_user(db, "acme", &user("Jo", "jo@example.com"))?;
        Ok((tom, jo, create_calendar(db, jo, "Family", "b5651d", true)?))
    }

    #[test]
    fn a_number_is_a_number_even_if_somebody_is_called_so() {
        acme(|db| {
            let first = create_user(db, "acme", &user("2", "two@example.com"))?;
            let second = create_user(db, "acme", &user("Jo", "jo@example.com"))?;
            assert_eq!((first, second), (UserId(1), UserId(2)));
            assert_eq!(find_user(db, "acme", "2"), Ok(second));
            assert_eq!(find_user(db, "acme", "two@example.com"), Ok(first));
            assert_eq!(find_user(db, "acme", "3"), Err(Refusal::NotFound));
            delete_user(db, second)?;
            assert_eq!(find_user(db, "acme", "2"), Err(Refusal::NotFound));
            Ok(())
        });
    }

    #[test]
    fn a_first_account_is_reached_as_it_should_be() {
        for ssl in [false, true] {
            let store = Store::in_memory().unwrap();
            let me = user("Jo", "jo@example.com");
            let begun = store.write_blocking(move |db| {
                assert!(first_account(db, "home", ssl, &me)?.is_some());
                assert!(first_account(db, "other", !ssl, &me)?.is_none(), "there is one already");
                Ok(Account::all(db)?.into_iter().map(|account| (account.name, account.ssl)).collect::<Vec<_>>())
            });
            assert_eq!(begun, Ok(vec![("home".to_owned(), ssl)]));
        }
    }

    #[test]
    fn two_users_of_an_account_differ_in_name_or_address() {
        acme(|db| {
            create_user(db, "acme", &user("Zoë", "zoe@example.com"))?;
            let twin = create_user(db, "acme", &user("ZOË", "Zoe@example.com"));
            assert!(matches!(twin, Err(Refusal::Invalid(_))), "{twin:?}");
            let jo = create_user(db, "acme", &user("Jo", "zoe@example.com"))?;
            let change = UserChange { name: Some("Zoë".to_owned()), ..UserChange::default() };
            let twin = change_user(db, jo, &change);
            assert!(matches!(twin, Err(Refusal::Invalid(_))), "{twin:?}");
            change_user(db, jo, &UserChange { admin: Some(true), ..UserChange::default() })?;
            Account::create(db, "other", None)?;
            create_user(db, "other", &user("Zoë", "zoe@example.com"))
        });
    }

    #[test]
    fn a_change_that_cannot_be_changes_nothing() {
        acme(|db| {
            let jo = create_user(db, "acme", &user("Jo", "jo@example.com"))?;
            let some = |text: &str| Some(text.to_owned());
            for change in [
                UserChange { name: some(" "), ..UserChange::default() },
                UserChange { email_address: some("nobody"), ..UserChange::default() },
                UserChange { time_zone: some("Atlantis"), ..UserChange::default() },
                UserChange { mobile: Some(some("5550100")), ..UserChange::default() },
                UserChange { mobile: Some(some("jo.smith@sms.example.com")), ..UserChange::default() },
            ] {
                let refused = change_user(db, jo, &change);
                assert!(matches!(refused, Err(Refusal::Invalid(_))), "{change:?}: {refused:?}");
            }
            assert_eq!(change_user(db, UserId(7), &UserChange::default()), Err(Refusal::NotFound));
            assert_eq!(users(db, "acme")?, [(jo, user("Jo", "jo@example.com"))]);
            Ok(())
        });
    }

    #[test]
    fn who_goes_leaves_what_is_shared() {
        acme(|db| {
            let (tom, jo, shared) = family(db)?;
            db.execute_batch(
                "INSERT INTO events (calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at)
                 VALUES (3, 2, 'Ferry', 0, 1, 0, 0), (2, 2, 'Dentist', 0, 1, 0, 0), (3, 1, 'Film', 0, 1, 0, 0);
                 INSERT INTO reminders (creator_id, content, remind_at) VALUES (1, 'For Jo', 0), (2, 'By Jo', 0);
                 INSERT INTO remindees (reminder_id, user_id) VALUES (1, 2), (2, 1);",
            )?;
            delete_user(db, jo)?;
            let left: Vec<_> = calendars(db, "acme")?.into_iter().map(|left| (left.id, left.owner)).collect();
            assert_eq!(left, [(CalendarId(1), tom), (shared, tom)]);
            let events = rows(db, "SELECT title, creator_id, remind FROM events ORDER BY id", (), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?, row.get::<_, bool>(2)?))
            })?;
            assert_eq!(events, [("Ferry".to_owned(), 1, false), ("Film".to_owned(), 1, true)]);
            assert_eq!(delete_user(db, jo), Err(Refusal::NotFound));
            let reminders =
                rows(db, "SELECT content, user_id FROM reminders JOIN remindees ON reminder_id = id", (), |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
                })?;
            assert_eq!(reminders, [("For Jo".to_owned(), 1), ("By Jo".to_owned(), 1)]);
            let last = delete_user(db, tom);
            assert!(matches!(last, Err(Refusal::Invalid(_))), "{last:?}");
            assert_eq!(users(db, "acme")?.len(), 1);
            Ok(())
        });
    }

    #[test]
    fn a_calendar_that_is_not_shared_any_more_reminds_its_owner_only() {
        acme(|db| {
            let (tom, jo, shared) = family(db)?;
            db.execute_batch(
                "INSERT INTO events (calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at)
                 VALUES (3, 1, 'Ferry', 0, 1, 0, 0), (3, 2, 'Film', 0, 1, 0, 0), (1, 1, 'Dentist', 0, 1, 0, 0);",
            )?;
            let events = || {
                rows(db, "SELECT creator_id, remind FROM events ORDER BY id", (), |row| {
                    Ok((UserId(row.get(0)?), row.get::<_, bool>(1)?))
                })
            };
            change_calendar(db, shared, &CalendarChange { color: Some("0a0b0c".to_owned()), ..Default::default() })?;
            assert_eq!(events()?, [(tom, true), (jo, true), (tom, true)]);
            change_calendar(db, shared, &CalendarChange { shared: Some(false), ..Default::default() })?;
            assert_eq!(events()?, [(jo, false), (jo, true), (tom, true)]);
            change_calendar(db, shared, &CalendarChange { owner: Some(tom), ..Default::default() })?;
            assert_eq!(events()?, [(tom, false), (tom, false), (tom, true)]);

            Account::create(db, "other", None)?;
            let stranger = create_user(db, "other", &user("Al", "al@example.com"))?;
            let refused = change_calendar(db, shared, &CalendarChange { owner: Some(stranger), ..Default::default() });
            assert_eq!(refused, Err(Refusal::NotFound));
            let wrong = CalendarChange { color: Some("red".to_owned()), ..Default::default() };
            assert!(matches!(change_calendar(db, shared, &wrong), Err(Refusal::Invalid(_))));
            delete_calendar(db, shared)?;
            assert_eq!(events()?, [(tom, true)]);
            Ok(())
        });
    }

    #[test]
    fn a_name_that_no_answer_could_hold_is_refused() {
        acme(|db| {
            let jo = create_user(db, "acme", &user("Jo", "jo@example.com"))?;
            for name in ["", " ", "Jo\nAl", "Jo\tAl", "\u{1}", "Jo\u{7f}", "Jo\u{85}", "Jo\u{ffff}"] {
                let refused = create_user(db, "acme", &user(name, "jo@example.com"));
                assert!(matches!(refused, Err(Refusal::Invalid(_))), "{name:?}: {refused:?}");
                let refused = create_calendar(db, jo, name, "b5651d", false);
                assert!(matches!(refused, Err(Refusal::Invalid(_))), "{name:?}: {refused:?}");
            }
            create_calendar(db, jo, "Zoë & Ægir 🌊", "b5651d", false)
        });
    }
}
