//! Calendars of an account, as an operator manages them. The API only lists calendars.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{CalendarId, UserId};
use rusqlite::Connection;

use crate::lookup::{exactly_one, is_match};
use crate::random::generate_token;
use crate::store::rows::{execute, execute_one, insert, query_all, query_one, read_id};
use crate::{ApiError, accounts, text};

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calendar {
    /// The calendar's id.
    pub id: CalendarId,
    /// The user who owns it.
    pub owner: UserId,
    /// `true` if all users of the account see and change it.
    pub shared: bool,
    /// Name.
    pub name: String,
    /// Color: six hex digits.
    pub color: String,
    /// Path of its feed. Everyone who knows the path can read the calendar.
    pub feed: String,
}

/// Changes to a calendar. `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarChanges {
    /// New name.
    pub name: Option<String>,
    /// New color: six hex digits.
    pub color: Option<String>,
    /// `true` if all users of the account shall see and change it.
    pub shared: Option<bool>,
    /// New owner: a user of the same account.
    pub owner: Option<UserId>,
    /// `true` to give the feed a new path, so that the old one stops working.
    pub renew_feed: bool,
}

/// Lists the calendars of an account, sorted by id.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such account.
pub fn list(db: &Connection, account: &str) -> Result<Vec<Calendar>, ApiError> {
    let account = accounts::find(db, account)?;
    query_all(db, "SELECT * FROM calendars WHERE account_id = ?1 ORDER BY id", [account.id.0], |row| {
        Ok(Calendar {
            id: read_id(row, "id")?,
            owner: read_id(row, "owner_id")?,
            shared: row.get("shared")?,
            name: row.get("name")?,
            color: row.get("color")?,
            feed: format_feed_path(&row.get::<_, String>("token")?),
        })
    })
}

/// Finds a calendar of an account by its id or its name. Text that consists of digits is an id.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such calendar; [`ApiError::InvalidValue`] if several match.
pub fn find(db: &Connection, account: &str, id_or_name: &str) -> Result<Calendar, ApiError> {
    const AMBIGUOUS: ApiError = ApiError::InvalidValue("Several calendars match; use the calendar id");
    let matches = |calendar: &Calendar| is_match(id_or_name, &calendar.id, &[&calendar.name]);
    exactly_one(list(db, account)?.into_iter().filter(matches), AMBIGUOUS)
}

/// Creates a calendar of a user and returns its id. If it is shared, the other users of the account see and change it,
/// too.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such user; [`ApiError::InvalidValue`] if the color is not six hex digits, or
/// the name is empty or has control characters.
pub fn create(db: &Connection, owner: UserId, name: &str, color: &str, shared: bool) -> Result<CalendarId, ApiError> {
    const CREATE: &str =
        "INSERT INTO calendars (account_id, owner_id, shared, name, color, token, created_at, updated_at)
        SELECT account_id, id, ?2, ?3, ?4, ?5, ?6, ?6 FROM users WHERE id = ?1";
    check_values(Some(name), Some(color))?;
    insert(db, CREATE, (owner.0, shared, name, color, generate_token()?, Timestamp::now().as_second()))
}

/// Formats the path of the feed of a calendar with this token.
fn format_feed_path(token: &str) -> String {
    format!("/{token}.ics")
}

/// Changes the given values of a calendar. Events of users who no longer see it pass to its owner, without reminders.
/// Since these users know the path of the feed, the feed then moves. Returns its new path if it moves, for this reason
/// or because of [`CalendarChanges::renew_feed`].
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such calendar, or no such owner in its account; [`ApiError::InvalidValue`] for
/// a value that [`create`] rejects.
pub fn update(db: &Connection, calendar: CalendarId, changes: &CalendarChanges) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT shared, owner_id FROM calendars WHERE id = ?1";
    const UPDATE: &str = "UPDATE calendars SET name = coalesce(?2, name), color = coalesce(?3, color),
        shared = coalesce(?4, shared), owner_id = coalesce(?5, owner_id), token = coalesce(?6, token), updated_at = ?7
        WHERE id = ?1 AND (?5 IS NULL OR account_id = (SELECT account_id FROM users WHERE users.id = ?5))";
    const HAND_OVER_HIDDEN_EVENTS: &str = "UPDATE events SET creator_id = owner_id, remind = 0 FROM calendars
        WHERE calendar_id = ?1 AND calendars.id = ?1 AND NOT shared AND creator_id <> owner_id";
    check_values(changes.name.as_deref(), changes.color.as_deref())?;
    let owner = changes.owner.map(|owner| owner.0);
    let (was_shared, previous_owner): (bool, u64) =
        query_one(db, FIND, [calendar.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_shared = changes.shared.unwrap_or(was_shared);
    let loses_readers = !is_shared && (was_shared || owner.is_some_and(|owner| owner != previous_owner));
    let feed_token = (changes.renew_feed || loses_readers).then(generate_token).transpose()?;
    let now = Timestamp::now().as_second();
    let values = (calendar.0, &changes.name, &changes.color, changes.shared, owner, &feed_token, now);
    execute_one(db, UPDATE, values)?;
    if changes.shared.is_some() || changes.owner.is_some() {
        execute(db, HAND_OVER_HIDDEN_EVENTS, [calendar.0])?;
    }
    Ok(feed_token.as_deref().map(format_feed_path))
}

/// Deletes a calendar with its events.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such calendar.
pub fn delete(db: &Connection, calendar: CalendarId) -> Result<(), ApiError> {
    execute_one(db, "DELETE FROM calendars WHERE id = ?1", [calendar.0])
}

/// Checks a name and a color; `None` is not checked.
fn check_values(name: Option<&str>, color: Option<&str>) -> Result<(), ApiError> {
    if color.is_some_and(|color| color.len() != 6 || !color.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(ApiError::InvalidValue("A calendar color has six hex digits"));
    }
    if name.is_some_and(|name| !text::is_name(name)) {
        return Err(ApiError::InvalidValue("A calendar name must not be empty or have control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users;
    use crate::users::tests::{create_tom_and_jo, new_user, with_acme};

    #[test]
    fn the_feed_moves_when_users_lose_access_or_on_request() {
        with_acme(|db| {
            let (tom, jo, shared) = create_tom_and_jo(db)?;
            let feed = || Ok::<_, ApiError>(find(db, "acme", "Family")?.feed);
            // Changes the calendar, and returns whether its feed has moved.
            let moves = |changes: CalendarChanges| {
                let before = feed()?;
                let moved = update(db, shared, &changes)?;
                let after = feed()?;
                assert_eq!(moved, (after != before).then_some(after));
                Ok::<_, ApiError>(moved.is_some())
            };
            let set_shared = |shared| CalendarChanges { shared: Some(shared), ..Default::default() };
            let set_owner = |owner| CalendarChanges { owner: Some(owner), ..Default::default() };
            assert!(!moves(set_shared(true))?, "it was shared already");
            assert!(!moves(set_owner(tom))?, "all users still see it");
            assert!(moves(set_shared(false))?, "other users no longer see it");
            assert!(!moves(set_shared(false))?, "it was not shared");
            assert!(!moves(set_owner(tom))?, "the owner is the same");
            assert!(moves(set_owner(jo))?, "the previous owner no longer sees it");
            assert!(!moves(set_shared(true))?, "nobody loses access");
            assert!(moves(CalendarChanges { renew_feed: true, ..Default::default() })?);
            Ok(())
        });
    }

    #[test]
    fn events_of_users_who_no_longer_see_a_calendar_go_to_its_owner() {
        with_acme(|db| {
            let (tom, jo, shared) = create_tom_and_jo(db)?;
            db.execute_batch(
                "INSERT INTO events (calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at)
                 VALUES (3, 1, 'Ferry', 0, 1, 0, 0), (3, 2, 'Film', 0, 1, 0, 0), (1, 1, 'Dentist', 0, 1, 0, 0);",
            )?;
            let list_events = || {
                query_all(db, "SELECT creator_id, remind FROM events ORDER BY id", (), |row| {
                    Ok((UserId(row.get(0)?), row.get::<_, bool>(1)?))
                })
            };
            update(db, shared, &CalendarChanges { color: Some("0a0b0c".to_owned()), ..Default::default() })?;
            assert_eq!(list_events()?, [(tom, true), (jo, true), (tom, true)]);
            update(db, shared, &CalendarChanges { shared: Some(false), ..Default::default() })?;
            assert_eq!(list_events()?, [(jo, false), (jo, true), (tom, true)]);
            update(db, shared, &CalendarChanges { owner: Some(tom), ..Default::default() })?;
            assert_eq!(list_events()?, [(tom, false), (tom, false), (tom, true)]);

            accounts::create(db, "other", None)?;
            let stranger = users::create(db, "other", &new_user("Al", "al@example.com"))?;
            let rejected = update(db, shared, &CalendarChanges { owner: Some(stranger), ..Default::default() });
            assert_eq!(rejected, Err(ApiError::NotFound));
            let wrong = CalendarChanges { color: Some("red".to_owned()), ..Default::default() };
            assert!(matches!(update(db, shared, &wrong), Err(ApiError::InvalidValue(_))));
            delete(db, shared)?;
            assert_eq!(list_events()?, [(tom, true)]);
            Ok(())
        });
    }
}
