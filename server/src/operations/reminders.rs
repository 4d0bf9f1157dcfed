//! Reminders, with the legacy operations.
//!
//! The creator and the remindees of a reminder see it; only the creator can change it. Requests and responses have its
//! time in the time zone of the user who sends the request.

use backpack_api::legacy::{CreateReminder, DestroyReminder, Reminders, UpdateReminder};
use backpack_api::reminders::{Create, Destroy, List, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{OldReminder, Person, Reminder, ReminderId, UserId};
use rusqlite::Row;

use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};
use crate::time_zones::zone_or_utc;
use crate::{ApiError, date_parser};

/// Lists all reminders that the user sees, including the ones already sent.
pub(super) fn list_all_reminders(context: &RequestContext<'_>) -> Result<Vec<Reminder>, ApiError> {
    context.find_reminders(i64::MIN)
}

/// Converts a reminder to the type of the legacy operations.
pub(super) fn to_old_reminder(reminder: Reminder) -> OldReminder {
    OldReminder::new(reminder.remind_at, reminder.id, reminder.content)
}

/// Reminders with their creators, without remindees and without a condition.
const SELECT: &str = "SELECT reminders.id, remind_at, content, users.id AS creator_id, users.name AS creator_name
    FROM reminders JOIN users ON users.id = reminders.creator_id";

/// Reads a reminder, with its time in a time zone. Its remindees are not read.
fn read_reminder(row: &Row<'_>, time_zone: &TimeZone) -> rusqlite::Result<Reminder> {
    let remind_at = time_zone.to_datetime(read_time(row, "remind_at")?);
    let reminder = Reminder::new(read_id(row, "id")?, remind_at, row.get::<_, String>("content")?);
    Ok(reminder.creator(Person::new(read_id(row, "creator_id")?, row.get::<_, String>("creator_name")?)))
}

impl RequestContext<'_> {
    /// Finds the reminders that the user sees and that are scheduled at or after a Unix time, earliest first.
    fn find_reminders(&self, from: i64) -> Result<Vec<Reminder>, ApiError> {
        let query = format!(
            "{SELECT} WHERE reminders.id IN (SELECT id FROM reminders WHERE creator_id = ?1 AND remind_at >= ?2
                UNION ALL SELECT reminder_id FROM remindees WHERE user_id = ?1 AND remind_at >= ?2)
             ORDER BY remind_at, reminders.id"
        );
        let time_zone = zone_or_utc(&self.user.time_zone);
        let mut reminders = self.query_all(&query, (self.user.id.0, from), |row| read_reminder(row, &time_zone))?;
        for reminder in &mut reminders {
            reminder.remindees = self.find_remindees(reminder.id)?;
        }
        Ok(reminders)
    }

    /// Finds a reminder that the user sees, with its remindees.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such reminder, or the user does not see it.
    fn find_reminder(&self, reminder_id: ReminderId) -> Result<Reminder, ApiError> {
        let query = format!(
            "{SELECT} WHERE reminders.id = ?2 AND (creator_id = ?1
                OR EXISTS (SELECT 1 FROM remindees WHERE reminder_id = ?2 AND user_id = ?1))"
        );
        let time_zone = zone_or_utc(&self.user.time_zone);
        let reminder = self.query_one(&query, (self.user.id.0, reminder_id.0), |row| read_reminder(row, &time_zone))?;
        Ok(reminder.remindees(self.find_remindees(reminder_id)?))
    }

    /// Finds the remindees of a reminder, by id.
    fn find_remindees(&self, reminder: ReminderId) -> Result<Vec<Person>, ApiError> {
        const BY_REMINDER: &str = "SELECT id, name FROM remindees JOIN users ON users.id = user_id
            WHERE reminder_id = ?1 ORDER BY id";
        self.query_all(BY_REMINDER, [reminder.0], |row| {
            Ok(Person::new(read_id(row, "id")?, row.get::<_, String>("name")?))
        })
    }

    /// Returns `reminder` if the user created it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if the user is only a remindee, [`ApiError::NotFound`] if the user does not see it.
    fn check_own_reminder(&self, reminder: ReminderId) -> Result<ReminderId, ApiError> {
        let found = self.find_reminder(reminder)?;
        if found.creator.is_some_and(|creator| creator.id == self.user.id) {
            Ok(reminder)
        } else {
            Err(ApiError::Forbidden("Only its creator can change a reminder"))
        }
    }

    /// Creates a reminder. Without remindees, it is for its creator.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if it has no time, or one that [`check_time`](Self::check_time) rejects;
    /// [`ApiError::NotFound`] if a remindee is not a user of the account.
    fn create_reminder(&self, at: Option<DateTime>, content: &str, remindees: &[UserId]) -> Result<Reminder, ApiError> {
        const INSERT: &str = "INSERT INTO reminders (creator_id, content, remind_at) VALUES (?1, ?2, ?3)";
        const NO_TIME: ApiError = ApiError::InvalidValue(
            "A reminder must have a time: `remind_at`, or a delay at the start of its content, in minutes such as `+30`, \
             or in hours and minutes such as `+2:30`",
        );
        let (at, content) = self.check_time(at, content)?;
        let id: ReminderId = self.insert(INSERT, (self.user.id.0, content, at.ok_or(NO_TIME)?))?;
        self.add_remindees(id, if remindees.is_empty() { std::slice::from_ref(&self.user.id) } else { remindees })?;
        self.find_reminder(id)
    }

    /// Updates a reminder. Without a time, its time is left unchanged, and without remindees, its remindees. With a
    /// time, it is sent again.
    fn update_reminder(
        &self,
        reminder: ReminderId,
        at: Option<DateTime>,
        content: &str,
        remindees: &[UserId],
    ) -> Result<Reminder, ApiError> {
        const UPDATE: &str = "UPDATE reminders SET content = ?2, remind_at = coalesce(?3, remind_at),
            sent_at = iif(?3 IS NULL, sent_at, NULL) WHERE id = ?1";
        let reminder = self.check_own_reminder(reminder)?;
        let (at, content) = self.check_time(at, content)?;
        self.execute_one(UPDATE, (reminder.0, content, at))?;
        if !remindees.is_empty() {
            self.execute("DELETE FROM remindees WHERE reminder_id = ?1", [reminder.0])?;
            self.add_remindees(reminder, remindees)?;
        }
        self.find_reminder(reminder)
    }

    fn destroy_reminder(&self, reminder: ReminderId) -> Result<(), ApiError> {
        let reminder = self.check_own_reminder(reminder)?;
        self.execute_one("DELETE FROM reminders WHERE id = ?1", [reminder.0])
    }

    /// Adds remindees and ignores duplicates.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if a remindee is not a user of the account.
    fn add_remindees(&self, reminder: ReminderId, remindees: &[UserId]) -> Result<(), ApiError> {
        for remindee in remindees {
            let remindee = self.check_user(*remindee)?;
            self.execute(
                "INSERT INTO remindees (reminder_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (reminder.0, remindee.0),
            )?;
        }
        Ok(())
    }

    /// Returns the Unix time of a reminder, and its content. The time is `at`, or if that is `None`, now plus the delay
    /// at the start of the content, which is then removed. It is `None` if the request has neither.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if the time is in the past or out of range.
    fn check_time<'t>(&self, at: Option<DateTime>, content: &'t str) -> Result<(Option<i64>, &'t str), ApiError> {
        let too_far = |_| ApiError::InvalidValue("The time of the reminder is too far away");
        let (at, content) = match (at, date_parser::parse_delay(content)) {
            (Some(at), _) => (zone_or_utc(&self.user.time_zone).to_timestamp(at).map_err(too_far)?, content),
            (None, Some((delay, rest))) => (self.now.checked_add(delay).map_err(too_far)?, rest),
            (None, None) => return Ok((None, content)),
        };
        let at = at.as_second();
        if at < self.unix_now() {
            Err(ApiError::InvalidValue("The time of the reminder is in the past"))
        } else {
            Ok((Some(at), content))
        }
    }
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    /// Lists the reminders that are not due yet, earliest first.
    fn serve(&self, _: &List) -> Result<Vec<Reminder>, ApiError> {
        self.find_reminders(self.unix_now())
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<Reminder, ApiError> {
        let new = &request.reminder;
        self.create_reminder(new.remind_at, &new.content, &new.remindees)
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        let new = &request.reminder;
        self.update_reminder(request.reminder_id, new.remind_at, &new.content, &new.remindees).map(drop)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        self.destroy_reminder(request.reminder_id)
    }
}

impl Serve<Reminders> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &Reminders) -> Result<Vec<OldReminder>, ApiError> {
        let upcoming = self.find_reminders(self.unix_now())?;
        Ok(upcoming.into_iter().map(to_old_reminder).collect())
    }
}

impl Serve<CreateReminder> for RequestContext<'_> {
    type Error = ApiError;

    /// Creates a reminder for the user: legacy requests have no remindees.
    fn serve(&self, request: &CreateReminder) -> Result<OldReminder, ApiError> {
        let new = &request.reminder;
        self.create_reminder(new.remind_at, &new.content, &[]).map(to_old_reminder)
    }
}

impl Serve<UpdateReminder> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &UpdateReminder) -> Result<OldReminder, ApiError> {
        let new = &request.reminder;
        self.update_reminder(request.reminder_id, new.remind_at, &new.content, &[]).map(to_old_reminder)
    }
}

impl Serve<DestroyReminder> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &DestroyReminder) -> Result<(), ApiError> {
        self.destroy_reminder(request.reminder_id)
    }
}
