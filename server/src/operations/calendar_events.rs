//! What stands in a calendar.

use backpack_api::calendar_events::{Create, Destroy, List, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::Date;
use backpack_api::{CalendarEvent, CalendarEventId};
use rusqlite::Row;

use super::calendars::VISIBLE;
use crate::Refusal;
use crate::call::{Call, id, optional_time, time};
use crate::fuzzy::{self, When};
use crate::zones::zone;

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    /// Events that nobody gave a date come last.
    fn serve(&self, request: &List) -> Result<Vec<CalendarEvent>, Refusal> {
        const OF_CALENDAR: &str = "SELECT * FROM events WHERE calendar_id = ?1
            ORDER BY occurs_at NULLS LAST, id";
        self.rows(OF_CALENDAR, [self.calendar(request.calendar_id)?.0], event)
    }
}

impl Serve<Show> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Show) -> Result<CalendarEvent, Refusal> {
        self.event(request.event_id)
    }
}

impl Call<'_> {
    /// An event of a calendar that the caller may see, and so may change.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    fn event(&self, event_id: CalendarEventId) -> Result<CalendarEvent, Refusal> {
        let visible = format!(
            "SELECT events.* FROM events JOIN calendars ON calendars.id = calendar_id WHERE {VISIBLE} AND events.id = ?3"
        );
        self.row(&visible, (self.me.account_id.0, self.me.id.0, event_id.0), event)
    }

    /// What a title says, and what is left of it; `day` is the one on which the event is already.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if nothing is left.
    fn event_title<'t>(&self, title: &'t str, day: Option<Date>) -> Result<(Option<When>, &'t str), Refusal> {
        let now = self.now.to_zoned(zone(&self.me.time_zone));
        let (when, title) = match fuzzy::when(title, &now, day) {
            Some((when, rest)) => (Some(when), rest),
            None => (None, title),
        };
        if title.trim().is_empty() { Err(Refusal::Invalid("An event should have a title")) } else { Ok((when, title)) }
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<CalendarEvent> {
    let title: String = row.get("title")?;
    let mut event = CalendarEvent::new(id(row, "calendar_id")?, id(row, "id")?, title);
    event.all_day = row.get("all_day")?;
    event.created_at = Some(time(row, "created_at")?);
    event.message = row.get("message")?;
    event.occurs_at = optional_time(row, "occurs_at")?;
    event.occurs_until = optional_time(row, "occurs_until")?;
    event.remind = row.get("remind")?;
    event.reminded_at = optional_time(row, "reminded_at")?;
    event.updated_at = Some(time(row, "updated_at")?);
    Ok(event)
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<CalendarEventId, Refusal> {
        const ADD: &str = "INSERT INTO events (calendar_id, creator_id, title, occurs_at, all_day, remind,
            created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
        let calendar = self.calendar(request.event.calendar_id)?;
        let (when, title) = self.event_title(&request.event.title, None)?;
        let occurs_at = when.map(|when| when.at.as_second());
        let all_day = when.is_some_and(|when| when.all_day);
        let remind = request.event.remind.unwrap_or_default();
        self.insert(ADD, (calendar.0, self.me.id.0, title, occurs_at, all_day, remind, self.second()))
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        const CHANGE: &str = "UPDATE events SET title = coalesce(?2, title), remind = coalesce(?3, remind),
            updated_at = ?4 WHERE id = ?1";
        let event = self.event(request.event_id)?;
        let mut title = None;
        if let Some(said) = &request.event.title {
            let (when, rest) = self.event_title(said, self.event_day(&event))?;
            title = Some(rest);
            if let Some(when) = when {
                self.put_off(event.id, event.occurs_at, when)?;
            }
        }
        self.change_one(CHANGE, (event.id.0, title, request.event.remind, self.second()))
    }
}

impl Call<'_> {
    /// The day on which an event begins, in the caller's time zone.
    fn event_day(&self, event: &CalendarEvent) -> Option<Date> {
        let when = When { at: event.occurs_at?, all_day: event.all_day? };
        Some(when.day(&zone(&self.me.time_zone)))
    }

    /// Puts an event at another time. Its end moves along, and who was reminded of it is reminded again.
    fn put_off(&self, event: CalendarEventId, before: Option<Timestamp>, when: When) -> Result<(), Refusal> {
        const PUT_OFF: &str = "UPDATE events SET occurs_until = occurs_until + ?2 - occurs_at, occurs_at = ?2,
            all_day = ?3, reminded_at = iif(?4, NULL, reminded_at) WHERE id = ?1";
        let moved = before != Some(when.at);
        self.change_one(PUT_OFF, (event.0, when.at.as_second(), when.all_day, moved))
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let event = self.event(request.event_id)?;
        self.change_one("DELETE FROM events WHERE id = ?1", [event.id.0])
    }
}
