//! Calendar events.

use backpack_api::calendar_events::{Create, Destroy, List, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{CalendarEvent, CalendarEventId, Change};
use rusqlite::Row;

use super::calendars::IS_VISIBLE;
use crate::ApiError;
use crate::context::RequestContext;
use crate::date_parser::{self, EventTime};
use crate::store::rows::{read_id, read_optional_time, read_time};
use crate::time_zones::zone_or_utc;

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    /// Lists the events of a calendar by time. Events without a date come last.
    fn serve(&self, request: &List) -> Result<Vec<CalendarEvent>, ApiError> {
        const BY_CALENDAR: &str = "SELECT * FROM events WHERE calendar_id = ?1
            ORDER BY occurs_at NULLS LAST, id";
        self.query_all(BY_CALENDAR, [self.check_calendar(request.calendar_id)?.0], read_event)
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Show) -> Result<CalendarEvent, ApiError> {
        self.find_event(request.event_id)
    }
}

impl RequestContext<'_> {
    /// Finds an event of a calendar that the user may see, and therefore change.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such event, or the user may not see it.
    fn find_event(&self, event_id: CalendarEventId) -> Result<CalendarEvent, ApiError> {
        let visible = format!(
            "SELECT events.* FROM events JOIN calendars ON calendars.id = calendar_id WHERE {IS_VISIBLE} AND events.id = ?3"
        );
        self.query_one(&visible, (self.user.account_id.0, self.user.id.0, event_id.0), read_event)
    }

    /// Parses the time at the start of a title, and returns it with the rest of the title. A time without a date is on
    /// `day`, the current day of the event. Returns `None` as the time if the title does not begin with one.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if the rest of the title is blank.
    fn parse_title<'t>(&self, title: &'t str, day: Option<Date>) -> Result<(Option<EventTime>, &'t str), ApiError> {
        let now = self.now.to_zoned_datetime(zone_or_utc(&self.user.time_zone));
        let (time, title) = match date_parser::parse_event_time(title, &now, day) {
            Some((time, rest)) => (Some(time), rest),
            None => (None, title),
        };
        if title.trim().is_empty() {
            Err(ApiError::InvalidValue("An event should have a title"))
        } else {
            Ok((time, title))
        }
    }
}

/// Reads an event from a row of the table `events`.
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

/// Start and end of an event. An event without a start has no date, and no end either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EventTimes {
    start: Option<EventTime>,
    /// End of the event, if it has one. For an all-day event, midnight in UTC of its last day.
    end: Option<Timestamp>,
}

/// Times in the fields of a request. The title may contain another start.
struct RequestedTimes {
    occurs_at: Change<Timestamp>,
    occurs_until: Change<Timestamp>,
    /// `None` if the request omits the field.
    all_day: Option<bool>,
}

impl RequestedTimes {
    /// Returns the new times of an event. The fields of the request take precedence over the time in the title, which
    /// takes precedence over the previous times. A previous end that is kept moves with the start, and is removed with
    /// it. A requested midnight in UTC is all-day as before if the request omits `all_day`.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if the event would end before it begins, would have an end without a start, or if a
    /// time is out of range.
    fn apply_to(
        &self,
        previous: EventTimes,
        title_time: Option<EventTime>,
        time_zone: &TimeZone,
    ) -> Result<EventTimes, ApiError> {
        const TOO_FAR: ApiError = ApiError::InvalidValue("The time of an event is too far away");
        const NO_START: ApiError = ApiError::InvalidValue("An event with an end needs a start");
        let was_all_day = previous.start.is_some_and(|start| start.all_day);
        let start = match self.occurs_at {
            Change::Keep => title_time.or(previous.start),
            Change::Set(at) => Some(EventTime::from_request(at, self.all_day.unwrap_or(was_all_day))),
            Change::Clear => None,
        };
        let Some(start) = start else {
            return if let Change::Set(_) = self.occurs_until { Err(NO_START) } else { Ok(EventTimes::NONE) };
        };
        let start = start.with_all_day(self.all_day.unwrap_or(start.all_day), time_zone).ok_or(TOO_FAR)?;
        let end = match (self.occurs_until, previous.end.zip(previous.start)) {
            (Change::Set(end), _) => Some(end),
            (Change::Keep, Some((end, previous_start))) => {
                Some(end.checked_add(start.at - previous_start.at).map_err(|_| TOO_FAR)?)
            }
            (Change::Keep, None) | (Change::Clear, _) => None,
        };
        // Converts the end of an all-day event to midnight in UTC of its last day.
        let to_day =
            |end| EventTime::from_request(end, true).with_all_day(true, time_zone).map(|end| end.at).ok_or(TOO_FAR);
        let end = if start.all_day { end.map(to_day).transpose()? } else { end };
        match end {
            Some(end) if end < start.at => Err(ApiError::InvalidValue("An event should not end before it begins")),
            _ => Ok(EventTimes { start: Some(start), end }),
        }
    }
}

impl EventTimes {
    /// Times of an event without a date.
    const NONE: Self = Self { start: None, end: None };

    /// Returns the stored times of an event.
    fn from_event(event: &CalendarEvent) -> Self {
        let to_start = |at| EventTime { at, all_day: event.all_day.unwrap_or_default() };
        Self { start: event.occurs_at.map(to_start), end: event.occurs_until }
    }

    /// Returns the values of the columns `occurs_at`, `occurs_until` and `all_day`.
    fn to_columns(self) -> (Option<i64>, Option<i64>, bool) {
        let all_day = self.start.is_some_and(|start| start.all_day);
        (self.start.map(|start| start.at.as_second()), self.end.map(Timestamp::as_second), all_day)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<CalendarEventId, ApiError> {
        const INSERT: &str =
            "INSERT INTO events (calendar_id, creator_id, title, remind, message, occurs_at, occurs_until,
            all_day, created_at, updated_at, uid)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, lower(hex(randomblob(16))))";
        let new = &request.event;
        let calendar = self.check_calendar(new.calendar_id)?;
        let (title_time, title) = self.parse_title(&new.title, None)?;
        let requested = RequestedTimes {
            occurs_at: new.occurs_at.map_or(Change::Keep, Change::Set),
            occurs_until: new.occurs_until.map_or(Change::Keep, Change::Set),
            all_day: new.all_day,
        };
        let times = requested.apply_to(EventTimes::NONE, title_time, &zone_or_utc(&self.user.time_zone))?;
        let (occurs_at, occurs_until, all_day) = times.to_columns();
        let remind = new.remind.unwrap_or_default();
        let message = new.message.as_deref().unwrap_or_default();
        let calendar = calendar.0;
        let creator = self.user.id.0;
        let now = self.unix_now();
        self.insert(INSERT, (calendar, creator, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    /// Updates an event. Omitted fields are left unchanged. With a new start, its reminder is sent again.
    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        const UPDATE: &str = "UPDATE events SET title = coalesce(?2, title), remind = coalesce(?3, remind),
            message = coalesce(?4, message), occurs_at = ?5, occurs_until = ?6, all_day = ?7,
            reminded_at = iif(occurs_at IS ?5, reminded_at, NULL), updated_at = ?8 WHERE id = ?1";
        let (event, new) = (self.find_event(request.event_id)?, &request.event);
        let previous = EventTimes::from_event(&event);
        let time_zone = zone_or_utc(&self.user.time_zone);
        let (title_time, title) = match &new.title {
            Some(title) => {
                let day = previous.start.map(|start| start.date_in(&time_zone));
                let (title_time, title) = self.parse_title(title, day)?;
                (title_time, Some(title))
            }
            None => (None, None),
        };
        let requested =
            RequestedTimes { occurs_at: new.occurs_at, occurs_until: new.occurs_until, all_day: new.all_day };
        let times = requested.apply_to(previous, title_time, &time_zone)?;
        let (occurs_at, occurs_until, all_day) = times.to_columns();
        // An event without a message has an empty one.
        let message = match &new.message {
            Change::Keep => None,
            Change::Set(message) => Some(message.as_str()),
            Change::Clear => Some(""),
        };
        let (remind, now) = (new.remind, self.unix_now());
        self.execute_one(UPDATE, (event.id.0, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let event = self.find_event(request.event_id)?;
        self.execute_one("DELETE FROM events WHERE id = ?1", [event.id.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_FIELDS: RequestedTimes =
        RequestedTimes { occurs_at: Change::Keep, occurs_until: Change::Keep, all_day: None };

    fn parse_time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event_time(text: &str, all_day: bool) -> Option<EventTime> {
        Some(EventTime { at: parse_time(text), all_day })
    }

    /// Applies requested times for a user in London, at UTC+1 in summer, and returns start and end.
    fn apply(
        requested: &RequestedTimes,
        title_time: Option<EventTime>,
        previous: EventTimes,
    ) -> Result<(Option<EventTime>, Option<Timestamp>), ApiError> {
        requested.apply_to(previous, title_time, &zone_or_utc("London")).map(|times| (times.start, times.end))
    }

    #[test]
    fn fields_take_precedence_over_the_title_and_the_title_over_previous_times() {
        let [field, title, previous] = ["2010-09-27T09:00:00Z", "2010-09-28T10:00:00Z", "2010-09-29T11:00:00Z"];
        let previous = EventTimes { start: event_time(previous, false), end: None };
        let requested = RequestedTimes { occurs_at: Change::Set(parse_time(field)), ..NO_FIELDS };
        assert_eq!(apply(&requested, event_time(title, false), previous), Ok((event_time(field, false), None)));
        assert_eq!(apply(&NO_FIELDS, event_time(title, false), previous), Ok((event_time(title, false), None)));
        assert_eq!(apply(&NO_FIELDS, None, previous), Ok((previous.start, None)));
        assert_eq!(apply(&NO_FIELDS, None, EventTimes::NONE), Ok((None, None)));
    }

    #[test]
    fn a_requested_midnight_stays_all_day_unless_the_request_decides() {
        let (midnight, evening) = ("2010-09-27T00:00:00Z", "2010-09-27T23:30:00Z");
        let request =
            |at: &str, all_day| RequestedTimes { occurs_at: Change::Set(parse_time(at)), all_day, ..NO_FIELDS };
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
    fn a_cleared_start_takes_the_end_and_the_whole_day_with_it() {
        let start = event_time("2010-09-27T00:00:00Z", true);
        let end = Some(parse_time("2010-09-29T00:00:00Z"));
        let previous = EventTimes { start, end };
        let no_start = RequestedTimes { occurs_at: Change::Clear, ..NO_FIELDS };
        let title_time = event_time("2010-10-01T00:00:00Z", true);
        assert_eq!(apply(&no_start, None, previous), Ok((None, None)));
        assert_eq!(apply(&no_start, title_time, previous), Ok((None, None)), "fields take precedence over the title");
        let all_day = RequestedTimes { all_day: Some(true), ..no_start };
        assert_eq!(all_day.apply_to(previous, None, &zone_or_utc("London")).unwrap().to_columns(), (None, None, false));
        let new_end = RequestedTimes { occurs_until: Change::Set(parse_time("2010-09-30T00:00:00Z")), ..no_start };
        let error = Err(ApiError::InvalidValue("An event with an end needs a start"));
        assert_eq!(apply(&new_end, None, previous), error);
        let no_end = RequestedTimes { occurs_until: Change::Clear, ..NO_FIELDS };
        assert_eq!(apply(&no_end, None, previous), Ok((start, None)));
        assert_eq!(apply(&no_end, title_time, previous), Ok((title_time, None)));
        assert_eq!(apply(&no_end, None, EventTimes::NONE), Ok((None, None)));
    }

    #[test]
    fn an_end_moves_with_the_start_and_is_never_before_it() {
        let start = event_time("2010-09-27T09:00:00Z", false);
        let end = Some(parse_time("2010-09-27T10:15:00Z"));
        let previous = EventTimes { start, end };
        let moved = apply(&NO_FIELDS, event_time("2010-09-28T18:00:00Z", false), previous);
        assert_eq!(moved, Ok((event_time("2010-09-28T18:00:00Z", false), Some(parse_time("2010-09-28T19:15:00Z")))));
        let until = |until: &str| RequestedTimes { occurs_until: Change::Set(parse_time(until)), ..NO_FIELDS };
        let same = until("2010-09-27T09:00:00Z");
        assert_eq!(apply(&same, None, previous), Ok((previous.start, Some(parse_time("2010-09-27T09:00:00Z")))));
        let ends_first = Err(ApiError::InvalidValue("An event should not end before it begins"));
        assert_eq!(apply(&until("2010-09-27T08:59:59Z"), None, previous), ends_first);
        let no_start = Err(ApiError::InvalidValue("An event with an end needs a start"));
        assert_eq!(apply(&same, None, EventTimes::NONE), no_start);
        let days = event_time("2010-09-27T00:00:00Z", true);
        assert_eq!(
            apply(&until("2010-09-29T12:00:00Z"), days, EventTimes::NONE),
            Ok((days, Some(parse_time("2010-09-29T00:00:00Z")))),
            "the end of an all-day event is its last day"
        );
    }
}
