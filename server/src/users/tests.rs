//! Tests of users, and helpers that create them.

use backpack_api::CalendarId;

use super::*;
use crate::{Store, tokens};

pub(crate) fn new_user(name: &str, email_address: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        email_address: email_address.to_owned(),
        admin: false,
        time_zone: "UTC".to_owned(),
    }
}

/// Runs `work` on a database with an account `acme` without users.
pub(crate) fn with_acme<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
) -> T {
    let store = Store::in_memory().unwrap();
    let result = store.write_blocking(|db| {
        accounts::create(db, "acme", None)?;
        work(db)
    });
    result.unwrap()
}

/// Creates two users, Tom and Jo, with a calendar each, and a third calendar, which belongs to Jo and is shared.
pub(crate) fn create_tom_and_jo(db: &Connection) -> Result<(UserId, UserId, CalendarId), ApiError> {
    let tom = create(db, "acme", &new_user("Tom", "tom@example.com"))?;
    let jo = create(db, "acme", &new_user("Jo", "jo@example.com"))?;
    Ok((tom, jo, calendars::create(db, jo, "Family", "b5651d", true)?))
}

#[test]
fn digits_are_an_id_even_if_a_user_has_that_name() {
    with_acme(|db| {
        let first = create(db, "acme", &new_user("2", "two@example.com"))?;
        let second = create(db, "acme", &new_user("Jo", "jo@example.com"))?;
        assert_eq!((first, second), (UserId(1), UserId(2)));
        assert_eq!(find(db, "acme", "2"), Ok(second));
        assert_eq!(find(db, "acme", "two@example.com"), Ok(first));
        assert_eq!(find(db, "acme", "3"), Err(ApiError::NotFound));
        delete(db, second)?;
        assert_eq!(find(db, "acme", "2"), Err(ApiError::NotFound));
        Ok(())
    });
}

#[test]
fn two_users_of_an_account_differ_in_name_or_address() {
    with_acme(|db| {
        create(db, "acme", &new_user("Zoë", "zoe@example.com"))?;
        let duplicate = create(db, "acme", &new_user("ZOË", "Zoe@example.com"));
        assert!(matches!(duplicate, Err(ApiError::InvalidValue(_))), "{duplicate:?}");
        let jo = create(db, "acme", &new_user("Jo", "zoe@example.com"))?;
        let changes = UserChanges { name: Some("Zoë".to_owned()), ..UserChanges::default() };
        let duplicate = update(db, jo, &changes);
        assert!(matches!(duplicate, Err(ApiError::InvalidValue(_))), "{duplicate:?}");
        update(db, jo, &UserChanges { admin: Some(true), ..UserChanges::default() })?;
        accounts::create(db, "other", None)?;
        create(db, "other", &new_user("Zoë", "zoe@example.com"))
    });
}

#[test]
fn a_rejected_update_changes_nothing() {
    with_acme(|db| {
        let jo = create(db, "acme", &new_user("Jo", "jo@example.com"))?;
        let some = |text: &str| Some(text.to_owned());
        for changes in [
            UserChanges { name: some(" "), ..UserChanges::default() },
            UserChanges { email_address: some("nobody"), ..UserChanges::default() },
            UserChanges { time_zone: some("Atlantis"), ..UserChanges::default() },
            UserChanges { mobile: Some(some("5550100")), ..UserChanges::default() },
            UserChanges { mobile: Some(some("jo.smith@sms.example.com")), ..UserChanges::default() },
        ] {
            let rejected = update(db, jo, &changes);
            assert!(matches!(rejected, Err(ApiError::InvalidValue(_))), "{changes:?}: {rejected:?}");
        }
        assert_eq!(update(db, UserId(7), &UserChanges::default()), Err(ApiError::NotFound));
        assert_eq!(list(db, "acme")?, [(jo, new_user("Jo", "jo@example.com"))]);
        Ok(())
    });
}

#[test]
fn deleting_a_user_keeps_shared_data() {
    with_acme(|db| {
        let (tom, jo, shared) = create_tom_and_jo(db)?;
        db.execute_batch(
            "INSERT INTO events (calendar_id, creator_id, title, occurs_at, remind, created_at, updated_at)
             VALUES (3, 2, 'Ferry', 0, 1, 0, 0), (2, 2, 'Dentist', 0, 1, 0, 0), (3, 1, 'Film', 0, 1, 0, 0);
             INSERT INTO reminders (creator_id, content, remind_at) VALUES (1, 'For Jo', 0), (2, 'By Jo', 0);
             INSERT INTO remindees (reminder_id, user_id) VALUES (1, 2), (2, 1);",
        )?;
        delete(db, jo)?;
        let remaining: Vec<_> =
            calendars::list(db, "acme")?.into_iter().map(|calendar| (calendar.id, calendar.owner)).collect();
        assert_eq!(remaining, [(CalendarId(1), tom), (shared, tom)]);
        let events = query_all(db, "SELECT title, creator_id, remind FROM events ORDER BY id", (), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?, row.get::<_, bool>(2)?))
        })?;
        assert_eq!(events, [("Ferry".to_owned(), 1, false), ("Film".to_owned(), 1, true)]);
        const REMINDERS: &str = "SELECT content, user_id FROM reminders JOIN remindees ON reminder_id = id";
        let reminders = query_all(db, REMINDERS, (), |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))?;
        assert_eq!(reminders, [("For Jo".to_owned(), 1), ("By Jo".to_owned(), 1)]);
        Ok(())
    });
}

#[test]
fn the_last_user_of_an_account_cannot_be_deleted() {
    with_acme(|db| {
        let tom = create(db, "acme", &new_user("Tom", "tom@example.com"))?;
        let deleted = delete(db, tom);
        assert!(matches!(deleted, Err(ApiError::InvalidValue(_))), "{deleted:?}");
        assert_eq!(list(db, "acme")?.len(), 1);
        Ok(())
    });
}

#[test]
fn rejects_names_that_xml_cannot_hold() {
    with_acme(|db| {
        let jo = create(db, "acme", &new_user("Jo", "jo@example.com"))?;
        for name in ["", " ", "Jo\nAl", "Jo\tAl", "\u{1}", "Jo\u{7f}", "Jo\u{85}", "Jo\u{ffff}"] {
            let rejected = create(db, "acme", &new_user(name, "jo@example.com"));
            assert!(matches!(rejected, Err(ApiError::InvalidValue(_))), "{name:?}: {rejected:?}");
            let rejected = calendars::create(db, jo, name, "b5651d", false);
            assert!(matches!(rejected, Err(ApiError::InvalidValue(_))), "{name:?}: {rejected:?}");
        }
        calendars::create(db, jo, "Zoë & Ægir 🌊", "b5651d", false)
    });
}

#[test]
fn an_unknown_user_gets_neither_a_calendar_nor_a_token() {
    with_acme(|db| {
        assert_eq!(calendars::create(db, UserId(7), "Family", "b5651d", true), Err(ApiError::NotFound));
        assert!(matches!(tokens::create(db, UserId(7)), Err(ApiError::NotFound)));
        Ok(())
    });
}

#[test]
fn finds_a_user_by_a_name_in_any_case_of_any_letters() {
    with_acme(|db| {
        let zoe = create(db, "acme", &new_user("Zoë", "zoe@example.com"))?;
        assert_eq!(find(db, "acme", "ZOË"), Ok(zoe));
        assert_eq!(calendars::find(db, "acme", "ZOË")?.owner, zoe);
        Ok(())
    });
}
