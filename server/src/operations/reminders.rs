//! Reminders, and their older forms.
//!
//! Who set a reminder and who gets it see it; who set it changes it. Its time is in the time zone of who asks.

use backpack_api::legacy::{CreateReminder, DestroyReminder, Reminders, UpdateReminder};
use backpack_api::reminders::{Create, Destroy, List, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{OldReminder, Person, Reminder, ReminderId, UserId};
use rusqlite::Row;

use crate::context::RequestContext;
use crate::people::User;
use crate::store::rows::{read_id, read_time};
use crate::zones::zone;
use crate::{ApiError, fuzzy};

/// All reminders of a user, those that went out too: what they set, and what they get.
pub(super) fn of_user(context: &RequestContext<'_>, user: &User) -> Result<Vec<Reminder>, ApiError> {
    context.reminders(user.id, i64::MIN)
}

/// A reminder in the form of the oldest answers.
pub(super) fn in_older_form(reminder: Reminder) -> OldReminder {
    OldReminder::new(reminder.remind_at, reminder.id, reminder.content)
}

/// Reminders, but for who gets them.
const SELECT: &str = "SELECT reminders.id, remind_at, content, users.id AS creator_id, users.name AS creator_name
    FROM reminders JOIN users ON users.id = reminders.creator_id";

/// Those that the user `?1` set or gets.
const SEEN: &str = "reminders.id IN (SELECT id FROM reminders WHERE creator_id = ?1
    UNION ALL SELECT reminder_id FROM remindees WHERE user_id = ?1)";

fn reminder(row: &Row<'_>, zone: &TimeZone) -> rusqlite::Result<Reminder> {
    let remind_at = zone.to_datetime(read_time(row, "remind_at")?);
    let reminder = Reminder::new(read_id(row, "id")?, remind_at, row.get::<_, String>("content")?);
    Ok(reminder.creator(Person::new(read_id(row, "creator_id")?, row.get::<_, String>("creator_name")?)))
}

impl RequestContext<'_> {
    /// The reminders of a user from a second on, earliest first.
    fn reminders(&self, user: UserId, from: i64) -> Result<Vec<Reminder>, ApiError> {
        let query = format!("{SELECT} WHERE {SEEN} AND remind_at >= ?2 ORDER BY remind_at, reminders.id");
        let zone = zone(&self.user.time_zone);
        let mut reminders = self.query_all(&query, (user.0, from), |row| reminder(row, &zone))?;
        for reminder in &mut reminders {
            reminder.remindees = self.remindees(reminder.id)?;
        }
        Ok(reminders)
    }

    /// One that the caller set or gets.
    fn reminder(&self, reminder_id: ReminderId) -> Result<Reminder, ApiError> {
        let query = format!("{SELECT} WHERE {SEEN} AND reminders.id = ?2");
        let zone = zone(&self.user.time_zone);
        let found = self.query_one(&query, (self.user.id.0, reminder_id.0), |row| reminder(row, &zone))?;
        Ok(found.remindees(self.remindees(reminder_id)?))
    }

    fn remindees(&self, reminder: ReminderId) -> Result<Vec<Person>, ApiError> {
        const OF_REMINDER: &str = "SELECT id, name FROM remindees JOIN users ON users.id = user_id
            WHERE reminder_id = ?1 ORDER BY id";
        self.query_all(OF_REMINDER, [reminder.0], |row| {
            Ok(Person::new(read_id(row, "id")?, row.get::<_, String>("name")?))
        })
    }

    /// One that the caller set.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if the caller only gets it, [`ApiError::NotFound`] if they do not see it.
    fn own_reminder(&self, reminder: ReminderId) -> Result<ReminderId, ApiError> {
        let found = self.reminder(reminder)?;
        if found.creator.is_some_and(|creator| creator.id == self.user.id) {
            Ok(reminder)
        } else {
            Err(ApiError::Forbidden("A reminder is changed by who set it only"))
        }
    }

    fn set_reminder(&self, at: Option<DateTime>, content: &str, remindees: &[UserId]) -> Result<Reminder, ApiError> {
        const ADD: &str = "INSERT INTO reminders (creator_id, content, remind_at) VALUES (?1, ?2, ?3)";
        const WHEN: ApiError = ApiError::Invalid(
            "A reminder should have a time: `remind_at`, or at the start of its content a delay in minutes, such as \
             `+30`, or in hours and minutes, such as `+2:30`",
        );
        let (at, content) = self.reminder_time(at, content)?;
        let id: ReminderId = self.insert(ADD, (self.user.id.0, content, at.ok_or(WHEN)?))?;
        self.add_remindees(id, if remindees.is_empty() { std::slice::from_ref(&self.user.id) } else { remindees })?;
        self.reminder(id)
    }

    /// Changes a reminder; a time or remindees that are absent stay. One with another time goes out again.
    fn change_reminder(
        &self,
        reminder: ReminderId,
        at: Option<DateTime>,
        content: &str,
        remindees: &[UserId],
    ) -> Result<Reminder, ApiError> {
        const CHANGE: &str = "UPDATE reminders SET content = ?2, remind_at = coalesce(?3, remind_at),
            sent_at = iif(?3 IS NULL, sent_at, NULL) WHERE id = ?1";
        let reminder = self.own_reminder(reminder)?;
        let (at, content) = self.reminder_time(at, content)?;
        self.execute_one(CHANGE, (reminder.0, content, at))?;
        if !remindees.is_empty() {
            self.execute("DELETE FROM remindees WHERE reminder_id = ?1", [reminder.0])?;
            self.add_remindees(reminder, remindees)?;
        }
        self.reminder(reminder)
    }

    fn destroy_reminder(&self, reminder: ReminderId) -> Result<(), ApiError> {
        let reminder = self.own_reminder(reminder)?;
        self.execute_one("DELETE FROM reminders WHERE id = ?1", [reminder.0])
    }

    /// Adds remindees, each once.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if one is nobody of the account.
    fn add_remindees(&self, reminder: ReminderId, remindees: &[UserId]) -> Result<(), ApiError> {
        for remindee in remindees {
            let remindee = self.user(*remindee)?;
            self.execute(
                "INSERT INTO remindees (reminder_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (reminder.0, remindee.0),
            )?;
        }
        Ok(())
    }

    /// At which second a reminder goes out, if it says so, and its content without that. With a time beside it, the
    /// content is what it says.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if the time is past.
    fn reminder_time<'t>(&self, at: Option<DateTime>, content: &'t str) -> Result<(Option<i64>, &'t str), ApiError> {
        let far = |_| ApiError::Invalid("The time of a reminder is too far away");
        let (at, content) = match (at, fuzzy::delay(content)) {
            (Some(at), _) => (zone(&self.user.time_zone).to_timestamp(at).map_err(far)?, content),
            (None, Some((delay, rest))) => (self.now.checked_add(delay).map_err(far)?, rest),
            (None, None) => return Ok((None, content)),
        };
        let at = at.as_second();
        if at < self.unix_now() {
            Err(ApiError::Invalid("The time of a reminder is past"))
        } else {
            Ok((Some(at), content))
        }
    }
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Reminder>, ApiError> {
        self.reminders(self.user.id, self.unix_now())
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<Reminder, ApiError> {
        let new = &request.reminder;
        self.set_reminder(new.remind_at, &new.content, &new.remindees)
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        let new = &request.reminder;
        self.change_reminder(request.reminder_id, new.remind_at, &new.content, &new.remindees).map(drop)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        self.destroy_reminder(request.reminder_id)
    }
}

impl Serve<Reminders> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &Reminders) -> Result<Vec<OldReminder>, ApiError> {
        let upcoming = self.reminders(self.user.id, self.unix_now())?;
        Ok(upcoming.into_iter().map(in_older_form).collect())
    }
}

impl Serve<CreateReminder> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &CreateReminder) -> Result<OldReminder, ApiError> {
        let new = &request.reminder;
        self.set_reminder(new.remind_at, &new.content, &[]).map(in_older_form)
    }
}

impl Serve<UpdateReminder> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &UpdateReminder) -> Result<OldReminder, ApiError> {
        let new = &request.reminder;
        self.change_reminder(request.reminder_id, new.remind_at, &new.content, &[]).map(in_older_form)
    }
}

impl Serve<DestroyReminder> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &DestroyReminder) -> Result<(), ApiError> {
        self.destroy_reminder(request.reminder_id)
    }
}
