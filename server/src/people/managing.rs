//! What an operator sees and changes that the API cannot.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{CalendarId, UserId};
use rusqlite::{Connection, OptionalExtension};

use super::{Account, NewUser, User, calendar_token, check_calendar, is_number, only, refuse_twin};
use crate::ApiError;
use crate::store::rows::{query_all, read_id, read_time};

/// What changes of a user. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// What they are called.
    pub name: Option<String>,
    /// Where mail for them goes.
    pub email_address: Option<String>,
    /// Whether clients are shown that they manage the account; they may do no more than others.
    pub admin: Option<bool>,
    /// Their time zone, under a name as in [`NewUser`].
    pub time_zone: Option<String>,
    /// Whether times in their mail run to 24 hours, rather than to 12 twice.
    pub use_24h_clock: Option<bool>,
    /// Whether reminders come by mail.
    pub remind_via_email: Option<bool>,
    /// Where reminders for their mobile go, as mail of a few words: `NUMBER@HOST`. With `Some(None)` to no mobile.
    pub mobile: Option<Option<String>>,
}

/// What changes of a calendar. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarChange {
    /// What it is called.
    pub name: Option<String>,
    /// Its colour, six hex digits.
    pub color: Option<String>,
    /// Whether everybody in the account sees and changes it.
    pub shared: Option<bool>,
    /// Whose it is, of the same account.
    pub owner: Option<UserId>,
    /// Whether its feed moves to another path, so that the one that people know leads nowhere.
    pub moves_feed: bool,
}

/// A token as far as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenMark {
    /// The first eight hex digits of its SHA-256.
    pub mark: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A calendar as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calendar {
    /// Its number.
    pub id: CalendarId,
    /// Whose it is.
    pub owner: UserId,
    /// Whether everybody in the account sees it.
    pub shared: bool,
    /// What it is called.
    pub name: String,
    /// Its colour, six hex digits.
    pub color: String,
    /// The path of its feed, which whoever knows it may read.
    pub feed: String,
}

impl Account {
    /// Says how many pages an account may have; with `None`, any number. What it has already stays.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is none of that name.
    pub fn limit_pages(db: &Connection, name: &str, most: Option<u32>) -> Result<(), ApiError> {
        one(db.prepare_cached("UPDATE accounts SET page_limit = ?2 WHERE name = ?1")?.execute((name, most))?)
    }

    /// Gives an account another name, and so another address.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is none of that name; [`ApiError::Invalid`] as [`Account::create`].
    pub fn rename(db: &Connection, name: &str, new: &str) -> Result<(), ApiError> {
        if !name.eq_ignore_ascii_case(new) {
            Self::check_new_name(db, new)?;
        }
        let rename = "UPDATE accounts SET name = ?2 WHERE name = ?1";
        one(db.prepare_cached(rename)?.execute((name, new.to_ascii_lowercase()))?)
    }

    /// Deletes an account with its users, and all that they have.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is none of that name.
    pub fn delete(db: &Connection, name: &str) -> Result<(), ApiError> {
        one(db.prepare_cached("DELETE FROM accounts WHERE name = ?1")?.execute([name])?)
    }
}

/// Changes a user.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::Invalid`] for a value that
/// [`create_user`](super::create_user) refuses too, and for a mobile that is no mail address.
pub fn change_user(db: &Connection, user: UserId, change: &UserChange) -> Result<(), ApiError> {
    let now = db.prepare_cached("SELECT * FROM users WHERE id = ?1")?.query_row([user.0], User::read)?;
    let new = NewUser {
        name: change.name.clone().unwrap_or(now.name),
        email_address: change.email_address.clone().unwrap_or(now.email_address),
        admin: change.admin.unwrap_or(now.admin),
        time_zone: change.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
    };
    // What was taken earlier, and is not changed now, stays as it is.
    let time_zone = new.check()?;
    let time_zone = change.time_zone.as_ref().map(|_| time_zone);
    if change.name.is_some() || change.email_address.is_some() {
        refuse_twin(db, now.account_id, &new, Some(user))?;
    }
    const CHANGE: &str = "UPDATE users SET name = ?2, email_address = ?3, admin = ?4,
        time_zone = coalesce(?5, time_zone), use_24h_clock = coalesce(?6, use_24h_clock),
        remind_via_email = coalesce(?7, remind_via_email), updated_at = ?8 WHERE id = ?1";
    db.prepare_cached(CHANGE)?.execute((
        user.0,
        new.name,
        new.email_address,
        new.admin,
        time_zone,
        change.use_24h_clock,
        change.remind_via_email,
        Timestamp::now().as_second(),
    ))?;
    change.mobile.as_ref().map_or(Ok(()), |mobile| set_mobile(db, user, mobile.as_deref()))
}

fn set_mobile(db: &Connection, user: UserId, address: Option<&str>) -> Result<(), ApiError> {
    const SET: &str = "UPDATE users SET mobile_phone_number = ?2, mobile_phone_host = ?3,
        remind_via_mobile = ?2 IS NOT NULL WHERE id = ?1";
    let (number, host) = address.and_then(|address| address.rsplit_once('@')).unzip();
    // The API has the two apart, and the number as people write it, so that no other sign of it counts.
    let plain = number.is_none_or(|number| number.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if address.is_some_and(|address| !crate::text::is_mail_address(address)) || !plain {
        return Err(ApiError::Invalid("A mobile has an address like `5550100@sms.example.com`, of digits and letters"));
    }
    db.prepare_cached(SET)?.execute((user.0, number, host))?;
    Ok(())
}

/// Deletes a user, with what is theirs alone: reminders, journal, status, bookmarks, tokens, calendars that are not
/// shared. Pages are the account's. So are shared calendars and the events on them: they go to another of its users, an
/// admin if there is one, who is not reminded of those events. A reminder that others get too is one of theirs then, and
/// of one for nobody else, who set it is reminded.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::Invalid`] if the account would have none any more.
pub fn delete_user(db: &Connection, user: UserId) -> Result<(), ApiError> {
    const ACCOUNT: &str = "SELECT account_id FROM users WHERE id = ?1";
    const HEIR: &str = "SELECT id FROM users WHERE account_id = ?1 AND id <> ?2 ORDER BY admin DESC, id LIMIT 1";
    const FORSAKEN: &str = "INSERT INTO remindees (reminder_id, user_id)
        SELECT id, creator_id FROM reminders WHERE id NOT IN (SELECT reminder_id FROM remindees)";
    let account: i64 = db.prepare_cached(ACCOUNT)?.query_row([user.0], |row| row.get(0))?;
    let heir = db.prepare_cached(HEIR)?.query_row((account, user.0), |row| row.get(0)).optional()?;
    let alone = ApiError::Invalid("An account has at least one user: delete the account instead");
    hand_on(db, user, heir.ok_or(alone)?)?;
    db.prepare_cached("DELETE FROM users WHERE id = ?1")?.execute([user.0])?;
    db.prepare_cached(FORSAKEN)?.execute([])?;
    Ok(())
}

/// Gives shared calendars, and the events on those of others, to another user, and reminders to who gets them.
fn hand_on(db: &Connection, user: UserId, heir: u64) -> Result<(), ApiError> {
    let reminders = "UPDATE reminders SET creator_id = other FROM
            (SELECT reminder_id, min(user_id) AS other FROM remindees WHERE user_id <> ?1 GROUP BY reminder_id)
            WHERE reminder_id = id AND creator_id = ?1";
    let calendars = "UPDATE calendars SET owner_id = ?2 WHERE owner_id = ?1 AND shared";
    let events = "UPDATE events SET creator_id = ?2, remind = 0 WHERE creator_id = ?1
            AND calendar_id IN (SELECT id FROM calendars WHERE owner_id <> ?1)";
    db.prepare_cached(reminders)?.execute([user.0])?;
    for handed_on in [calendars, events] {
        db.prepare_cached(handed_on)?.execute((user.0, heir))?;
    }
    Ok(())
}

/// The tokens of a user, the oldest first.
///
/// # Errors
///
/// If the storage cannot be read.
pub fn tokens(db: &Connection, user: UserId) -> Result<Vec<TokenMark>, ApiError> {
    const OF_USER: &str = "SELECT lower(hex(substr(hash, 1, 4))) AS mark, created_at FROM tokens WHERE user_id = ?1
        ORDER BY created_at, hash";
    query_all(db, OF_USER, [user.0], |row| {
        Ok(TokenMark { mark: row.get("mark")?, created_at: read_time(row, "created_at")? })
    })
}

/// Takes one token of a user away, which is named by its mark.
///
/// # Errors
///
/// [`ApiError::NotFound`] if the user has no such token.
pub fn revoke_token(db: &Connection, user: UserId, mark: &str) -> Result<(), ApiError> {
    const REVOKE: &str = "DELETE FROM tokens WHERE user_id = ?1 AND hex(substr(hash, 1, 4)) = upper(?2)";
    one(db.prepare_cached(REVOKE)?.execute((user.0, mark))?)
}

/// The calendars of an account, by number.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such account.
pub fn calendars(db: &Connection, account: &str) -> Result<Vec<Calendar>, ApiError> {
    let account = Account::find(db, account)?;
    query_all(db, "SELECT * FROM calendars WHERE account_id = ?1 ORDER BY id", [account.id.0], |row| {
        Ok(Calendar {
            id: read_id(row, "id")?,
            owner: read_id(row, "owner_id")?,
            shared: row.get("shared")?,
            name: row.get("name")?,
            color: row.get("color")?,
            feed: format!("/{}.ics", row.get::<_, String>("token")?),
        })
    })
}

/// The one calendar of an account with this number, or with this name, if that is no number.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is none; [`ApiError::Invalid`] if there are several.
pub fn find_calendar(db: &Connection, account: &str, which: &str) -> Result<Calendar, ApiError> {
    const SEVERAL: ApiError = ApiError::Invalid("There are several such calendars; take the number");
    let is_it = |calendar: &Calendar| match is_number(which) {
        true => calendar.id.to_string() == which,
        false => calendar.name.eq_ignore_ascii_case(which),
    };
    only(calendars(db, account)?.into_iter().filter(is_it), SEVERAL)
}

/// Changes a calendar. The events of those who do not see it any more are its owner's then, and remind nobody.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such calendar, or no such owner in its account; [`ApiError::Invalid`] for a value
/// that [`create_calendar`](super::create_calendar) refuses too.
pub fn change_calendar(db: &Connection, calendar: CalendarId, change: &CalendarChange) -> Result<(), ApiError> {
    const CHANGE: &str = "UPDATE calendars SET name = coalesce(?2, name), color = coalesce(?3, color),
        shared = coalesce(?4, shared), owner_id = coalesce(?5, owner_id), token = coalesce(?6, token), updated_at = ?7
        WHERE id = ?1 AND (?5 IS NULL OR account_id = (SELECT account_id FROM users WHERE users.id = ?5))";
    check_calendar(change.name.as_deref(), change.color.as_deref())?;
    let token = change.moves_feed.then(calendar_token).transpose()?;
    one(db.prepare_cached(CHANGE)?.execute((
        calendar.0,
        &change.name,
        &change.color,
        change.shared,
        change.owner.map(|owner| owner.0),
        token,
        Timestamp::now().as_second(),
    ))?)?;
    const UNSEEN: &str = "UPDATE events SET creator_id = owner_id, remind = 0 FROM calendars
        WHERE calendar_id = ?1 AND calendars.id = ?1 AND NOT shared AND creator_id <> owner_id";
    db.prepare_cached(UNSEEN)?.execute([calendar.0])?;
    Ok(())
}

/// Deletes a calendar with its events.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such calendar.
pub fn delete_calendar(db: &Connection, calendar: CalendarId) -> Result<(), ApiError> {
    one(db.prepare_cached("DELETE FROM calendars WHERE id = ?1")?.execute([calendar.0])?)
}

/// A user as an operator sees them: as in the list, and the settings.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user.
pub fn show_user(db: &Connection, user: UserId) -> Result<UserChange, ApiError> {
    let read = |row: &rusqlite::Row<'_>| {
        let mobile: (Option<String>, Option<String>) = (row.get("mobile_phone_number")?, row.get("mobile_phone_host")?);
        Ok(UserChange {
            name: row.get("name")?,
            email_address: row.get("email_address")?,
            admin: row.get("admin")?,
            time_zone: row.get("time_zone")?,
            use_24h_clock: row.get("use_24h_clock")?,
            remind_via_email: row.get("remind_via_email")?,
            mobile: Some(mobile.0.zip(mobile.1).map(|(number, host)| format!("{number}@{host}"))),
        })
    };
    Ok(db.prepare_cached("SELECT * FROM users WHERE id = ?1")?.query_row([user.0], read)?)
}

/// Something should have been there to change.
fn one(changed: usize) -> Result<(), ApiError> {
    if changed == 0 { Err(ApiError::NotFound) } else { Ok(()) }
}
