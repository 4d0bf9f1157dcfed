//! Users of an account, and their settings.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{AccountId, UserId};
use rusqlite::{Connection, Row};

use crate::lookup::{exactly_one, is_match};
use crate::store::rows::{execute, execute_one, insert, query_all, query_one, read_id, read_time};
use crate::{ApiError, accounts, calendars, text, time_zones};

/// A user, with the values that most requests need.
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

/// A user to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Name.
    pub name: String,
    /// Mail address.
    pub email_address: String,
    /// `true` if the API shows the user as an administrator. It grants no further rights.
    pub admin: bool,
    /// Time zone: a Rails name such as `Pacific Time (US & Canada)`, or an IANA name.
    pub time_zone: String,
}

/// Changes to a user. `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChanges {
    /// Name.
    pub name: Option<String>,
    /// Mail address.
    pub email_address: Option<String>,
    /// `true` if the API shows the user as an administrator. It grants no further rights.
    pub admin: Option<bool>,
    /// Time zone, as in [`NewUser`].
    pub time_zone: Option<String>,
    /// `true` if times in mail use the 24-hour clock, `false` for the 12-hour clock.
    pub use_24h_clock: Option<bool>,
    /// `true` if reminders are sent by mail.
    pub remind_via_email: Option<bool>,
    /// Mail-to-SMS address for reminders, `NUMBER@HOST`; `Some(None)` removes it.
    pub mobile: Option<Option<String>>,
}

impl NewUser {
    /// Checks the values and returns the Rails name of the time zone.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if the name is empty or has control characters, the mail address is malformed, or the
    /// API has no name for the time zone.
    pub fn check(&self) -> Result<&'static str, ApiError> {
        if !text::is_name(&self.name) {
            return Err(ApiError::InvalidValue("A user name must not be empty or have control characters"));
        }
        if !text::is_mail_address(&self.email_address) {
            return Err(ApiError::InvalidValue("The mail address of the user is not valid"));
        }
        time_zones::rails_name(&self.time_zone).ok_or(ApiError::InvalidValue(
            "The API has no name for this time zone; use a name such as `London`, `Europe/London` or `Pacific Time (US & Canada)`, as `backpack host user zones` lists them",
        ))
    }
}

/// Lists the users of an account with their ids, sorted by id.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such account.
pub fn list(db: &Connection, account: &str) -> Result<Vec<(UserId, NewUser)>, ApiError> {
    const BY_ACCOUNT: &str = "SELECT id, account_id, name, email_address, admin, time_zone, created_at, updated_at
        FROM users WHERE account_id = ?1 ORDER BY id";
    let account = accounts::find(db, account)?;
    query_all(db, BY_ACCOUNT, [account.id.0], |row| {
        let User { id, name, email_address, admin, time_zone, .. } = read_user(row)?;
        Ok((id, NewUser { name, email_address, admin, time_zone }))
    })
}

/// Finds a user of an account by id, mail address or name. Text that consists of digits is an id.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::InvalidValue`] if several match.
pub fn find(db: &Connection, account: &str, id_address_or_name: &str) -> Result<UserId, ApiError> {
    const AMBIGUOUS: ApiError = ApiError::InvalidValue("Several users match; use the user id");
    let matches = |(id, user): &(UserId, NewUser)| is_match(id_address_or_name, id, &[&user.email_address, &user.name]);
    exactly_one(list(db, account)?.into_iter().filter(matches), AMBIGUOUS).map(|(id, _)| id)
}

/// Returns the current values of a user that [`update`] can change. Every field is `Some`.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user.
pub fn get_settings(db: &Connection, user: UserId) -> Result<UserChanges, ApiError> {
    query_one(db, "SELECT * FROM users WHERE id = ?1", [user.0], |row| {
        let number: Option<String> = row.get("mobile_phone_number")?;
        let host: Option<String> = row.get("mobile_phone_host")?;
        Ok(UserChanges {
            name: row.get("name")?,
            email_address: row.get("email_address")?,
            admin: row.get("admin")?,
            time_zone: row.get("time_zone")?,
            use_24h_clock: row.get("use_24h_clock")?,
            remind_via_email: row.get("remind_via_email")?,
            mobile: Some(number.zip(host).map(|(number, host)| format!("{number}@{host}"))),
        })
    })
}

/// Creates a user and a calendar of the same name, which is not shared. Returns the user's id.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such account; [`ApiError::InvalidValue`] if [`NewUser::check`] rejects a
/// value, or a user of the account has the same name and mail address.
pub fn create(db: &Connection, account: &str, user: &NewUser) -> Result<UserId, ApiError> {
    const CREATE: &str = "INSERT INTO users (account_id, name, email_address, admin, time_zone, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let account = accounts::find(db, account)?.id;
    let time_zone = user.check()?;
    ensure_unique(db, account, user, None)?;
    let now = Timestamp::now().as_second();
    let id = insert(db, CREATE, (account.0, &user.name, &user.email_address, user.admin, time_zone, now))?;
    calendars::create(db, id, &user.name, "3c7a89", false)?;
    Ok(id)
}

/// Checks that no user of the account, except `ignored`, has both the same name and the same mail address: such users
/// could be told apart only by their ids.
fn ensure_unique(db: &Connection, account: AccountId, user: &NewUser, ignored: Option<UserId>) -> Result<(), ApiError> {
    // Mail addresses are ASCII, so `NOCASE` ignores the case of all their letters.
    const DUPLICATE: &str = "SELECT 1 FROM users WHERE email_address = ?3 COLLATE NOCASE AND account_id = ?1
        AND folded(name) = folded(?2) AND id IS NOT ?4";
    let ignored = ignored.map(|user| user.0);
    if db.prepare_cached(DUPLICATE)?.exists((account.0, &user.name, &user.email_address, ignored))? {
        return Err(ApiError::InvalidValue("A user with this name and mail address already exists"));
    }
    Ok(())
}

/// Changes the given values of a user.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::InvalidValue`] for a value that [`create`] rejects, and
/// for a mobile address that does not have the form `NUMBER@HOST`.
pub fn update(db: &Connection, user: UserId, changes: &UserChanges) -> Result<(), ApiError> {
    const BY_ID: &str = "SELECT id, account_id, name, email_address, admin, time_zone, created_at, updated_at
        FROM users WHERE id = ?1";
    const UPDATE: &str = "UPDATE users SET name = ?2, email_address = ?3, admin = ?4,
        time_zone = coalesce(?5, time_zone), use_24h_clock = coalesce(?6, use_24h_clock),
        remind_via_email = coalesce(?7, remind_via_email), updated_at = ?8 WHERE id = ?1";
    let current = query_one(db, BY_ID, [user.0], read_user)?;
    let updated = NewUser {
        name: changes.name.clone().unwrap_or(current.name),
        email_address: changes.email_address.clone().unwrap_or(current.email_address),
        admin: changes.admin.unwrap_or(current.admin),
        // A stored time zone is not checked again, since an earlier version may have accepted it: the check sees `UTC`.
        time_zone: changes.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
    };
    let rails_name = updated.check()?;
    let time_zone = changes.time_zone.as_ref().map(|_| rails_name);
    if changes.name.is_some() || changes.email_address.is_some() {
        ensure_unique(db, current.account_id, &updated, Some(user))?;
    }
    let (use_24h_clock, remind_via_email) = (changes.use_24h_clock, changes.remind_via_email);
    let name = updated.name;
    let email_address = updated.email_address;
    let now = Timestamp::now().as_second();
    let values = (user.0, name, email_address, updated.admin, time_zone, use_24h_clock, remind_via_email, now);
    execute(db, UPDATE, values)?;
    match &changes.mobile {
        Some(mobile) => set_mobile(db, user, mobile.as_deref()),
        None => Ok(()),
    }
}

/// Sets the mobile address of a user and turns reminders to it on; `None` removes the address and turns them off.
fn set_mobile(db: &Connection, user: UserId, address: Option<&str>) -> Result<(), ApiError> {
    const SET: &str = "UPDATE users SET mobile_phone_number = ?2, mobile_phone_host = ?3,
        remind_via_mobile = ?2 IS NOT NULL WHERE id = ?1";
    let (number, host) = address.and_then(|address| address.rsplit_once('@')).unzip();
    // The API has number and host as two values, and clients may show the number with spaces and dashes. Sending mail
    // ignores these characters, so a number must consist of letters and digits.
    let is_plain = number.is_none_or(|number| number.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if address.is_some_and(|address| !text::is_mail_address(address)) || !is_plain {
        return Err(ApiError::InvalidValue(
            "A mobile address is like `5550100@sms.example.com`, with only letters and digits before the @",
        ));
    }
    execute(db, SET, (user.0, number, host))?;
    Ok(())
}

/// Deletes a user with the user's own data: reminders, journal, status, bookmarks, tokens, and calendars that are not
/// shared.
///
/// Data that other users need is kept:
///
/// - Pages belong to the account.
/// - The user's shared calendars, and the user's events on any shared calendar, pass to another user, an administrator
///   if there is one. That user gets no reminders of those events.
/// - A reminder of the user that has other recipients becomes a reminder of one of them.
/// - Reminders of other users whose only recipient was this user remind their creator.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::InvalidValue`] if it is the only user of the account.
pub fn delete(db: &Connection, user: UserId) -> Result<(), ApiError> {
    const SUCCESSOR: &str = "SELECT coalesce(
        (SELECT id FROM users WHERE account_id = ?1 AND id <> ?2 AND admin ORDER BY id LIMIT 1),
        (SELECT id FROM users WHERE account_id = ?1 AND id <> ?2 ORDER BY id LIMIT 1))";
    const LAST_USER: ApiError =
        ApiError::InvalidValue("The only user of an account cannot be deleted; delete the account instead");
    let account: i64 = query_one(db, "SELECT account_id FROM users WHERE id = ?1", [user.0], |row| row.get(0))?;
    let successor: Option<u64> = query_one(db, SUCCESSOR, (account, user.0), |row| row.get(0))?;
    hand_over(db, user, successor.ok_or(LAST_USER)?)?;
    execute_one(db, "DELETE FROM users WHERE id = ?1", [user.0])
}

/// Transfers the shared calendars of a user, and the user's events on calendars that remain, to a successor. Transfers
/// each reminder with other recipients to one of them. Adds the creators of other users' reminders that would be left
/// without a recipient.
fn hand_over(db: &Connection, user: UserId, successor: u64) -> Result<(), ApiError> {
    const REMINDERS: &str = "UPDATE reminders SET creator_id = coalesce(
            (SELECT min(user_id) FROM remindees WHERE reminder_id = id AND user_id <> ?1), creator_id)
            WHERE creator_id = ?1";
    const REMIND_CREATORS: &str = "INSERT INTO remindees (reminder_id, user_id)
            SELECT id, creator_id FROM remindees JOIN reminders ON id = reminder_id
            WHERE user_id = ?1 AND creator_id <> ?1
            AND NOT EXISTS (SELECT 1 FROM remindees AS others WHERE others.reminder_id = id AND others.user_id <> ?1)";
    const CALENDARS: &str = "UPDATE calendars SET owner_id = ?2 WHERE owner_id = ?1 AND shared";
    // After the calendars: events on a calendar that the user still owns are deleted with it.
    const EVENTS: &str = "UPDATE events SET creator_id = ?2, remind = 0 WHERE creator_id = ?1
            AND EXISTS (SELECT 1 FROM calendars WHERE calendars.id = calendar_id AND owner_id <> ?1)";
    execute(db, REMINDERS, [user.0])?;
    execute(db, REMIND_CREATORS, [user.0])?;
    execute(db, CALENDARS, (user.0, successor))?;
    execute(db, EVENTS, (user.0, successor))?;
    Ok(())
}

/// Reads a user from the first eight columns of a row, which are in the order of the fields of [`User`].
pub(crate) fn read_user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: read_id(row, 0)?,
        account_id: read_id(row, 1)?,
        name: row.get(2)?,
        email_address: row.get(3)?,
        admin: row.get(4)?,
        time_zone: row.get(5)?,
        created_at: read_time(row, 6)?,
        updated_at: read_time(row, 7)?,
    })
}

#[cfg(test)]
pub(crate) mod tests;
