//! Reminders, with the legacy operations.
//!
//! The creator and the remindees of a reminder see it; only the creator can change it. Its time is in the time zone of the
//! user of the request.

use backpack_api::legacy::{CreateReminder, DestroyReminder, Reminders, UpdateReminder};
use backpack_api::reminders::{Create, Destroy, List, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{OldReminder, Person, Reminder, ReminderId, UserId};
use rusqlite::Row;

use crate::Refusal;
use crate::call::Call;
use crate::fuzzy;
use crate::store::rows::{read_id, read_time};
use crate::zones::zone;

/// Lists all reminders that the user sees, including the ones already sent.
pub(super) fn list_all_reminders(context: &Call<'_>) -> Result<Vec<Reminder>, Refusal> {
    context.find_reminders(i64::MIN)
}

/// Converts a reminder to the type of the legacy operations.
pub(super) fn to_old_reminder(reminder: Reminder) -> OldReminder {
    OldReminder::new(reminder.remind_at, reminder.id, reminder.content)
}

/// Reminders with their creators, without remindees and without a condition.
const SELECT: &str = "SELECT reminders.id, remind_at, content, users.id AS creator_id, users.name AS creator_name
    FROM reminders JOIN users ON users.id = reminders.creator_id";

/// SQL condition for the reminders that user `?1` sees.
const IS_VISIBLE: &str = "reminders.id IN (SELECT id FROM reminders WHERE creator_id = ?1
    UNION ALL SELECT reminder_id FROM remindees WHERE user_id = ?1)";

fn read_reminder(row: &Row<'_>, time_zone: &TimeZone) -> rusqlite::Result<Reminder> {
    let remind_at = time_zone.to_datetime(read_time(row, "remind_at")?);
    let reminder = Reminder::new(read_id(row, "id")?, remind_at, row.get::<_, String>("content")?);
    Ok(reminder.creator(Person::new(read_id(row, "creator_id")?, row.get::<_, String>("creator_name")?)))
}

impl Call<'_> {
    /// Finds the reminders that the user sees and that are scheduled at or after a Unix time, earliest first.
    fn find_reminders(&self, from: i64) -> Result<Vec<Reminder>, Refusal> {
        let query = format!("{SELECT} WHERE {IS_VISIBLE} AND remind_at >= ?2 ORDER BY remind_at, reminders.id");
        let time_zone = zone(&self.me.time_zone);
        let mut reminders = self.rows(&query, (self.me.id.0, from), |row| read_reminder(row, &time_zone))?;
        for reminder in &mut reminders {
            reminder.remindees = self.find_remindees(reminder.id)?;
        }
        Ok(reminders)
    }

    /// Finds a reminder that the user sees.
    fn find_reminder(&self, reminder_id: ReminderId) -> Result<Reminder, Refusal> {
        let query = format!("{SELECT} WHERE {IS_VISIBLE} AND reminders.id = ?2");
        let time_zone = zone(&self.me.time_zone);
        let reminder = self.row(&query, (self.me.id.0, reminder_id.0), |row| read_reminder(row, &time_zone))?;
        Ok(reminder.remindees(self.find_remindees(reminder_id)?))
    }

    fn find_remindees(&self, reminder: ReminderId) -> Result<Vec<Person>, Refusal> {
        const OF_REMINDER: &str = "SELECT id, name FROM remindees JOIN users ON users.id = user_id
            WHERE reminder_id = ?1 ORDER BY id";
        self.rows(OF_REMINDER, [reminder.0], |row| Ok(Person::new(read_id(row, "id")?, row.get::<_, String>("name")?)))
    }

    /// Returns `reminder` if the user created it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] if the user is only a remindee, [`Refusal::NotFound`] if the user does not see it.
    fn check_own_reminder(&self, reminder: ReminderId) -> Result<ReminderId, Refusal> {
        let found = self.find_reminder(reminder)?;
        if found.creator.is_some_and(|creator| creator.id == self.me.id) {
            Ok(reminder)
        } else {
            Err(Refusal::Forbidden("Only its creator can change a reminder"))
        }
    }

    fn create_reminder(&self, at: Option<DateTime>, content: &str, remindees: &[UserId]) -> Result<Reminder, Refusal> {
        const INSERT: &str = "INSERT INTO reminders (creator_id, content, remind_at) VALUES (?1, ?2, ?3)";
        const NO_TIME: Refusal = Refusal::Invalid(
            "A reminder must have a time: `remind_at`, or a delay at the start of its content, in minutes such as `+30`, \
             or in hours and minutes such as `+2:30`",
        );
        let (at, content) = self.check_time(at, content)?;
        let id: ReminderId = self.insert(INSERT, (self.me.id.0, content, at.ok_or(NO_TIME)?))?;
        self.add_remindees(id, if remindees.is_empty() { std::slice::from_ref(&self.me.id) } else { remindees })?;
        self.find_reminder(id)
    }

    /// Updates a reminder. An absent time and absent remindees are left unchanged. With a new time, it is sent again.
    fn update_reminder(
        &self,
        reminder: ReminderId,
        at: Option<DateTime>,
        content: &str,
        remindees: &[UserId],
    ) -> Result<Reminder, Refusal> {
        const UPDATE: &str = "UPDATE reminders SET content = ?2, remind_at = coalesce(?3, remind_at),
            sent_at = iif(?3 IS NULL, sent_at, NULL) WHERE id = ?1";
        let reminder = self.check_own_reminder(reminder)?;
        let (at, content) = self.check_time(at, content)?;
        self.change_one(UPDATE, (reminder.0, content, at))?;
        if !remindees.is_empty() {
            self.change("DELETE FROM remindees WHERE reminder_id = ?1", [reminder.0])?;
            self.add_remindees(reminder, remindees)?;
        }
        self.find_reminder(reminder)
    }

    fn destroy_reminder(&self, reminder: ReminderId) -> Result<(), Refusal> {
        let reminder = self.check_own_reminder(reminder)?;
        self.change_one("DELETE FROM reminders WHERE id = ?1", [reminder.0])
    }

    /// Adds remindees and ignores duplicates.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if one is not a user of the account.
    fn add_remindees(&self, reminder: ReminderId, remindees: &[UserId]) -> Result<(), Refusal> {
        for remindee in remindees {
            let remindee = self.check_user(*remindee)?;
            self.change(
                "INSERT INTO remindees (reminder_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (reminder.0, remindee.0),
            )?;
        }
        Ok(())
    }

    /// Returns the Unix time of a reminder, if the request has one, and the content without it. A delay at the start of the
    /// content counts only if `at` is absent.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if the time is in the past.
    fn check_time<'t>(&self, at: Option<DateTime>, content: &'t str) -> Result<(Option<i64>, &'t str), Refusal> {
        let too_far = |_| Refusal::Invalid("The time of the reminder is too far away");
        let (at, content) = match (at, fuzzy::delay(content)) {
            (Some(at), _) => (zone(&self.me.time_zone).to_timestamp(at).map_err(too_far)?, content),
            (None, Some((delay, rest))) => (self.now.checked_add(delay).map_err(too_far)?, rest),
            (None, None) => return Ok((None, content)),
        };
        let at = at.as_second();
        if at < self.second() {
            Err(Refusal::Invalid("The time of the reminder is in the past"))
        } else {
            Ok((Some(at), content))
        }
    }
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &List) -> Result<Vec<Reminder>, Refusal> {
        self.find_reminders(self.second())
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<Reminder, Refusal> {
        let new = &request.reminder;
        self.create_reminder(new.remind_at, &new.content, &new.remindees)
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        let new = &request.reminder;
        self.update_reminder(request.reminder_id, new.remind_at, &new.content, &new.remindees).map(drop)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        self.destroy_reminder(request.reminder_id)
    }
}

impl Serve<Reminders> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &Reminders) -> Result<Vec<OldReminder>, Refusal> {
        let upcoming = self.find_reminders(self.second())?;
        Ok(upcoming.into_iter().map(to_old_reminder).collect())
    }
}

impl Serve<CreateReminder> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &CreateReminder) -> Result<OldReminder, Refusal> {
        let new = &request.reminder;
        self.create_reminder(new.remind_at, &new.content, &[]).map(to_old_reminder)
    }
}

impl Serve<UpdateReminder> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &UpdateReminder) -> Result<OldReminder, Refusal> {
        let new = &request.reminder;
        self.update_reminder(request.reminder_id, new.remind_at, &new.content, &[]).map(to_old_reminder)
    }
}

impl Serve<DestroyReminder> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &DestroyReminder) -> Result<(), Refusal> {
        self.destroy_reminder(request.reminder_id)
    }
}
