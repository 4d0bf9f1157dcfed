//! Calendar events.

use backpack_api::calendar_events::{Create, Destroy, List, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{CalendarEvent, CalendarEventId};
use rusqlite::Row;

use super::calendars::IS_VISIBLE;
use crate::Refusal;
use crate::call::Call;
use crate::fuzzy::{self, When};
use crate::store::rows::{read_id, read_optional_time, read_time};
use crate::zones::zone;

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    /// Lists the events of a calendar by time. Events without a date come last.
    fn serve(&self, request: &List) -> Result<Vec<CalendarEvent>, Refusal> {
        const OF_CALENDAR: &str = "SELECT * FROM events WHERE calendar_id = ?1
            ORDER BY occurs_at NULLS LAST, id";
        self.rows(OF_CALENDAR, [self.check_calendar(request.calendar_id)?.0], read_event)
    }
}

impl Serve<Show> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Show) -> Result<CalendarEvent, Refusal> {
        self.find_event(request.event_id)
    }
}

impl Call<'_> {
    /// Finds an event of a calendar that the user may see, and therefore change.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is no such event, or the user may not see it.
    fn find_event(&self, event_id: CalendarEventId) -> Result<CalendarEvent, Refusal> {
        let visible = format!(
            "SELECT events.* FROM events JOIN calendars ON calendars.id = calendar_id WHERE {IS_VISIBLE} AND events.id = ?3"
        );
        self.row(&visible, (self.me.account_id.0, self.me.id.0, event_id.0), read_event)
    }

    /// Parses the time at the start of a title, and returns it with the rest of the title. A time without a date is on
    /// `day`, the present day of the event.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if the rest is empty.
    fn parse_title<'t>(&self, title: &'t str, day: Option<Date>) -> Result<(Option<When>, &'t str), Refusal> {
        let now = self.now.to_zoned_datetime(zone(&self.me.time_zone));
        let (time, title) = match fuzzy::when(title, &now, day) {
            Some((time, rest)) => (Some(time), rest),
            None => (None, title),
        };
        if title.trim().is_empty() { Err(Refusal::Invalid("An event should have a title")) } else { Ok((time, title)) }
    }
}

fn read_event(row: &Row<'_>) -> rusqlite::Result<CalendarEvent> {
    let title: String = row.get("title")?;
    let mut event = CalendarEvent::new(read_id(row, "calendar_id")?, read_id(row, "id")?, title);
    event.all_day = row.get("all_day")?;
    event.created_at = Some(read_time(row, "created_at")?);
    event.message = row.get("message")?;
    event.occurs_at = read_optional_time(row, "occurs_at")?;
    event.occurs_until = read_optional_time(row, "occurs_until")?;
    event.remind = row.get("remind")?;
    event.reminded_at = read_optional_time(row, "reminded_at")?;
    event.updated_at = Some(read_time(row, "updated_at")?);
    Ok(event)
}

/// Start and end of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EventTimes {
    start: Option<When>,
    /// End. For an all-day event, midnight in UTC of its last day.
    end: Option<Timestamp>,
}

/// Times in the fields of a request. The title may have another one.
struct RequestedTimes {
    occurs_at: Option<Timestamp>,
    occurs_until: Option<Timestamp>,
    all_day: Option<bool>,
}

impl RequestedTimes {
    /// Returns the new times of an event. The fields of the request take precedence over the time in the title, and that
    /// over the previous times. Without a requested end, the previous end moves with the start.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] if the event would end before it begins, or would have an end without a start.
    fn apply_to(
        &self,
        previous: EventTimes,
        title_time: Option<When>,
        time_zone: &TimeZone,
    ) -> Result<EventTimes, Refusal> {
        const TOO_FAR: Refusal = Refusal::Invalid("The time of an event is too far away");
        const NO_START: Refusal = Refusal::Invalid("An event that ends should begin");
        let was_all_day = previous.start.is_some_and(|start| start.all_day);
        let requested = self.occurs_at.map(|at| When::given(at, self.all_day.unwrap_or(was_all_day)));
        let Some(start) = requested.or(title_time).or(previous.start) else {
            return if self.occurs_until.is_some() { Err(NO_START) } else { Ok(previous) };
        };
        let start = start.as_whole(self.all_day.unwrap_or(start.all_day), time_zone).ok_or(TOO_FAR)?;
        let end = match (self.occurs_until, previous.end.zip(previous.start)) {
            (Some(end), _) => Some(end),
            (None, Some((end, previous_start))) => {
                Some(end.checked_add(start.at - previous_start.at).map_err(|_| TOO_FAR)?)
            }
            (None, None) => None,
        };
        let to_day = |end| When::given(end, true).as_whole(true, time_zone).map(|end| end.at).ok_or(TOO_FAR);
        let end = if start.all_day { end.map(to_day).transpose()? } else { end };
        match end {
            Some(end) if end < start.at => Err(Refusal::Invalid("An event should not end before it begins")),
            _ => Ok(EventTimes { start: Some(start), end }),
        }
    }
}

impl EventTimes {
    const NONE: Self = Self { start: None, end: None };

    fn of_event(event: &CalendarEvent) -> Self {
        let to_start = |at| When { at, all_day: event.all_day.unwrap_or_default() };
        Self { start: event.occurs_at.map(to_start), end: event.occurs_until }
    }

    /// Returns the values of the columns `occurs_at`, `occurs_until` and `all_day`.
    fn to_columns(self) -> (Option<i64>, Option<i64>, bool) {
        let all_day = self.start.is_some_and(|start| start.all_day);
        (self.start.map(|start| start.at.as_second()), self.end.map(Timestamp::as_second), all_day)
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<CalendarEventId, Refusal> {
        const INSERT: &str =
            "INSERT INTO events (calendar_id, creator_id, title, remind, message, occurs_at, occurs_until,
            all_day, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)";
        let new = &request.event;
        let calendar = self.check_calendar(new.calendar_id)?;
        let (title_time, title) = self.parse_title(&new.title, None)?;
        let requested =
            RequestedTimes { occurs_at: new.occurs_at, occurs_until: new.occurs_until, all_day: new.all_day };
        let times = requested.apply_to(EventTimes::NONE, title_time, &zone(&self.me.time_zone))?;
        let (occurs_at, occurs_until, all_day) = times.to_columns();
        let (remind, message) = (new.remind.unwrap_or_default(), new.message.as_deref().unwrap_or_default());
        let (calendar, creator, now) = (calendar.0, self.me.id.0, self.second());
        self.insert(INSERT, (calendar, creator, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    /// Updates an event. An event that moves reminds again.
    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        const UPDATE: &str = "UPDATE events SET title = coalesce(?2, title), remind = coalesce(?3, remind),
            message = coalesce(?4, message), occurs_at = ?5, occurs_until = ?6, all_day = ?7,
            reminded_at = iif(occurs_at IS ?5, reminded_at, NULL), updated_at = ?8 WHERE id = ?1";
        let (event, new) = (self.find_event(request.event_id)?, &request.event);
        let previous = EventTimes::of_event(&event);
        let time_zone = zone(&self.me.time_zone);
        let (title_time, title) = match &new.title {
            Some(title) => {
                let day = previous.start.map(|start| start.day(&time_zone));
                let (title_time, title) = self.parse_title(title, day)?;
                (title_time, Some(title))
            }
            None => (None, None),
        };
        let requested =
            RequestedTimes { occurs_at: new.occurs_at, occurs_until: new.occurs_until, all_day: new.all_day };
        let times = requested.apply_to(previous, title_time, &time_zone)?;
        let (occurs_at, occurs_until, all_day) = times.to_columns();
        let (remind, message, now) = (new.remind, new.message.as_deref(), self.second());
        self.change_one(UPDATE, (event.id.0, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let event = self.find_event(request.event_id)?;
        self.change_one("DELETE FROM events WHERE id = ?1", [event.id.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_FIELDS: RequestedTimes = RequestedTimes { occurs_at: None, occurs_until: None, all_day: None };

    fn parse_time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event_time(text: &str, all_day: bool) -> Option<When> {
        Some(When { at: parse_time(text), all_day })
    }

    /// Returns start and end for a user in London, where it is summer.
    fn apply(
        requested: &RequestedTimes,
        title_time: Option<When>,
        previous: EventTimes,
    ) -> Result<(Option<When>, Option<Timestamp>), Refusal> {
        requested.apply_to(previous, title_time, &zone("London")).map(|times| (times.start, times.end))
    }

    #[test]
    fn fields_take_precedence_over_the_title_and_the_title_over_previous_times() {
        let [field, title, previous] = ["2010-09-27T09:00:00Z", "2010-09-28T10:00:00Z", "2010-09-29T11:00:00Z"];
        let previous = EventTimes { start: event_time(previous, false), end: None };
        let requested = RequestedTimes { occurs_at: Some(parse_time(field)), ..NO_FIELDS };
        assert_eq!(apply(&requested, event_time(title, false), previous), Ok((event_time(field, false), None)));
        assert_eq!(apply(&NO_FIELDS, event_time(title, false), previous), Ok((event_time(title, false), None)));
        assert_eq!(apply(&NO_FIELDS, None, previous), Ok((previous.start, None)));
        assert_eq!(apply(&NO_FIELDS, None, EventTimes::NONE), Ok((None, None)));
    }

    #[test]
    fn a_requested_time_is_all_day_if_the_request_or_the_previous_event_is() {
        let (midnight, evening) = ("2010-09-27T00:00:00Z", "2010-09-27T23:30:00Z");
        let request = |at: &str, all_day| RequestedTimes { occurs_at: Some(parse_time(at)), all_day, ..NO_FIELDS };
        let start = |requested: &RequestedTimes, title| apply(requested, title, EventTimes::NONE).unwrap().0;
        assert_eq!(start(&request(midnight, None), None), event_time(midnight, false));
        let previous = EventTimes { start: event_time("2010-08-01T00:00:00Z", true), end: None };
        assert_eq!(apply(&request(midnight, None), None, previous).unwrap().0, event_time(midnight, true));
        assert_eq!(apply(&request(evening, None), None, previous).unwrap().0, event_time(evening, false));
        assert_eq!(start(&request(midnight, Some(true)), None), event_time(midnight, true));
        assert_eq!(start(&request(midnight, Some(false)), None), event_time(midnight, false));
        assert_eq!(start(&request(evening, None), None), event_time(evening, false));
        // It is the next day in London.
        assert_eq!(start(&request(evening, Some(true)), None), event_time("2010-09-28T00:00:00Z", true));
        let all_day = |all_day| RequestedTimes { all_day: Some(all_day), ..NO_FIELDS };
        assert_eq!(start(&all_day(true), event_time(evening, false)), event_time("2010-09-28T00:00:00Z", true));
        assert_eq!(start(&all_day(false), event_time(midnight, true)), event_time("2010-09-26T23:00:00Z", false));
    }

    #[test]
    fn an_end_moves_with_the_start_and_is_never_before_it() {
        let (start, end) = (event_time("2010-09-27T09:00:00Z", false), Some(parse_time("2010-09-27T10:15:00Z")));
        let previous = EventTimes { start, end };
        let moved = apply(&NO_FIELDS, event_time("2010-09-28T18:00:00Z", false), previous);
        assert_eq!(moved, Ok((event_time("2010-09-28T18:00:00Z", false), Some(parse_time("2010-09-28T19:15:00Z")))));
        let until = |until: &str| RequestedTimes { occurs_until: Some(parse_time(until)), ..NO_FIELDS };
        let same = until("2010-09-27T09:00:00Z");
        assert_eq!(apply(&same, None, previous), Ok((previous.start, same.occurs_until)));
        let ends_first = Err(Refusal::Invalid("An event should not end before it begins"));
        assert_eq!(apply(&until("2010-09-27T08:59:59Z"), None, previous), ends_first);
        let no_start = Err(Refusal::Invalid("An event that ends should begin"));
        assert_eq!(apply(&same, None, EventTimes::NONE), no_start);
        let days = event_time("2010-09-27T00:00:00Z", true);
        assert_eq!(
            apply(&until("2010-09-29T12:00:00Z"), days, EventTimes::NONE),
            Ok((days, Some(parse_time("2010-09-29T00:00:00Z")))),
            "the end of an all-day event is its last day"
        );
    }
}
