//! Calendars of an archive, with their events.

use backpack_api::runtime::jiff::{SignedDuration, Timestamp};
use backpack_api::{Calendar, CalendarEvent, CalendarId};
use backpack_archive::model::ArchivedCalendar;
use backpack_archive::render::calendar::format_event_uid;
use rusqlite::params;
use serde_json::json;

use super::importer::{Importer, Object};
use super::kind::Kind;
use crate::ApiError;
use crate::mail::EVENT_MAX_DELAY;
use crate::random::generate_token;
use crate::store::rows::execute;

impl Importer<'_> {
    /// Writes the calendars with their events. Those of an archive that is the first one of its user may be shared.
    pub(super) fn import_calendars(
        &mut self,
        calendars: &[ArchivedCalendar],
        is_first_of_user: bool,
    ) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO calendars
            (id, account_id, owner_id, shared, name, color, token, ical_subscription_url, created_at, updated_at)
            VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9)";
        for ArchivedCalendar { calendar, events, .. } in calendars {
            let url = calendar.ical_subscription_url.as_deref();
            let (created_at, updated_at) = (calendar.created_at.as_second(), calendar.updated_at.as_second());
            let values = json!([calendar.name, calendar.color, url, created_at, updated_at]);
            let object = Object { kind: Kind::Calendar, number: calendar.id.0, parent: None, values };
            self.write(object, |importer, row| {
                let (account, owner, token) = (importer.account.0, importer.user.0, generate_token()?);
                let (name, color) = (&calendar.name, &calendar.color);
                let values = params![row.id, account, owner, name, color, token, url, created_at, updated_at];
                execute(importer.db, INSERT, values)
            })?;
            if is_first_of_user {
                self.share_calendar(calendar)?;
            }
            for event in events {
                self.import_event(calendar.id, event)?;
            }
        }
        Ok(())
    }

    /// Shares a calendar that the archive of another user has too: it was shared, since both users see it.
    fn share_calendar(&mut self, calendar: &Calendar) -> Result<(), ApiError> {
        const SHARE: &str = "UPDATE calendars SET shared = 1 WHERE id = ?1 AND owner_id <> ?2 AND NOT shared";
        if let Some(id) = self.numbers.find(Kind::Calendar, calendar.id.0)
            && execute(self.db, SHARE, (id, self.user.0))? > 0
        {
            let name = &calendar.name;
            self.report
                .defaults
                .push(format!("calendar {id} ({name}): shared, since the archives of two users have it"));
        }
        Ok(())
    }

    /// Writes an event.
    fn import_event(&mut self, calendar: CalendarId, event: &CalendarEvent) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO events (id, calendar_id, creator_id, title, message, occurs_at, occurs_until,
            all_day, remind, reminded_at, created_at, updated_at, uid)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let (occurs_at, occurs_until) = (seconds(event.occurs_at), seconds(event.occurs_until));
        let (created_at, updated_at) = (self.time_or_now(event.created_at), self.time_or_now(event.updated_at));
        let (all_day, remind) = (event.all_day.unwrap_or_default(), event.remind.unwrap_or_default());
        let text = event.message.as_deref().unwrap_or_default();
        // The time at which the reminder was sent, or would have been sent if the service sent it too late.
        let missed = event.occurs_at.filter(|at| remind && is_just_past(*at, self.now));
        let reminded_at = seconds(event.reminded_at.or(missed));
        let values = json!([
            (&event.title, text, occurs_at, occurs_until, all_day, remind),
            (seconds(event.reminded_at), seconds(event.created_at), seconds(event.updated_at)),
        ]);
        let object =
            Object { kind: Kind::Event, number: event.id.0, parent: Some((Kind::Calendar, calendar.0)), values };
        self.write(object, |importer, row| {
            let (creator, message) = (importer.user.0, importer.rewrite(text));
            let uid = format_event_uid(event, &importer.archive_name);
            let values = params![
                row.id, row.parent, creator, event.title, message, occurs_at, occurs_until, all_day, remind,
                reminded_at, created_at, updated_at, uid,
            ];
            execute(importer.db, INSERT, values)
        })?;
        Ok(())
    }
}

/// `true` if an event began so recently that the service would still send its reminder. In the time zone of its creator,
/// an all-day event begins at most 12 hours after its midnight in UTC.
fn is_just_past(at: Timestamp, now: Timestamp) -> bool {
    at < now && now.duration_since(at) < EVENT_MAX_DELAY + SignedDuration::from_hours(12)
}
