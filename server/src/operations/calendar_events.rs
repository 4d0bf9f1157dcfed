//! What stands in a calendar.

use backpack_api::calendar_events::{Create, Destroy, List, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{CalendarEvent, CalendarEventId};
use rusqlite::Row;

use super::calendars::VISIBLE;
use crate::ApiError;
use crate::context::RequestContext;
use crate::fuzzy::{self, When};
use crate::store::rows::{read_id, read_optional_time, read_time};
use crate::zones::zone;

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Events that nobody gave a date come last.
    fn serve(&self, request: &List) -> Result<Vec<CalendarEvent>, ApiError> {
        const OF_CALENDAR: &str = "SELECT * FROM events WHERE calendar_id = ?1
            ORDER BY occurs_at NULLS LAST, id";
        self.query_all(OF_CALENDAR, [self.calendar(request.calendar_id)?.0], event)
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Show) -> Result<CalendarEvent, ApiError> {
        self.event(request.event_id)
    }
}

impl RequestContext<'_> {
    /// An event of a calendar that the caller may see, and so may change.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is none.
    fn event(&self, event_id: CalendarEventId) -> Result<CalendarEvent, ApiError> {
        let visible = format!(
            "SELECT events.* FROM events JOIN calendars ON calendars.id = calendar_id WHERE {VISIBLE} AND events.id = ?3"
        );
        self.query_one(&visible, (self.user.account_id.0, self.user.id.0, event_id.0), event)
    }

    /// What a title says, and what is left of it; `day` is the one on which the event is already.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if nothing is left.
    fn event_title<'t>(&self, title: &'t str, day: Option<Date>) -> Result<(Option<When>, &'t str), ApiError> {
        let now = self.now.to_zoned_datetime(zone(&self.user.time_zone));
        let (when, title) = match fuzzy::when(title, &now, day) {
            Some((when, rest)) => (Some(when), rest),
            None => (None, title),
        };
        if title.trim().is_empty() { Err(ApiError::Invalid("An event should have a title")) } else { Ok((when, title)) }
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<CalendarEvent> {
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

/// When an event is, from when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    when: Option<When>,
    /// Of whole days, midnight in UTC of the last one.
    until: Option<Timestamp>,
}

/// What a request says of the times of an event, but in its title.
struct Said {
    occurs_at: Option<Timestamp>,
    occurs_until: Option<Timestamp>,
    all_day: Option<bool>,
}

impl Said {
    /// When the event is then: what is said counts before what the title says, and that before what was. An end of which
    /// nothing is said moves along.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if the event would end before it begins, or without a beginning.
    fn over(&self, title: Option<When>, before: Times, zone: &TimeZone) -> Result<Times, ApiError> {
        const FAR: ApiError = ApiError::Invalid("The time of an event is too far away");
        let was_whole = before.when.is_some_and(|when| when.all_day);
        let given = self.occurs_at.map(|at| {
            let when = When::given(at, self.all_day.unwrap_or(was_whole));
            (when, self.all_day.unwrap_or(when.all_day))
        });
        let otherwise = title.or(before.when).map(|when| (when, self.all_day.unwrap_or(when.all_day)));
        let Some((when, all_day)) = given.or(otherwise) else {
            let endless = ApiError::Invalid("An event that ends should begin");
            return if self.occurs_until.is_some() { Err(endless) } else { Ok(before) };
        };
        let when = when.as_whole(all_day, zone).ok_or(FAR)?;
        let ended = before.until.zip(before.when);
        let moved = || ended.map(|(until, began)| until.checked_add(when.at - began.at).map_err(|_| FAR)).transpose();
        let until = self.occurs_until.map_or_else(moved, |until| Ok(Some(until)))?;
        let whole = |until| When::given(until, true).as_whole(true, zone).map(|until| until.at).ok_or(FAR);
        let until = if when.all_day { until.map(whole).transpose()? } else { until };
        match until {
            Some(until) if until < when.at => Err(ApiError::Invalid("An event should not end before it begins")),
            _ => Ok(Times { when: Some(when), until }),
        }
    }
}

impl Times {
    fn of(event: &CalendarEvent) -> Self {
        let when = |at| When { at, all_day: event.all_day.unwrap_or_default() };
        Self { when: event.occurs_at.map(when), until: event.occurs_until }
    }

    /// Beginning, end, and whether it takes the whole day, as the storage has them.
    fn stored(self) -> (Option<i64>, Option<i64>, bool) {
        let second = |at: Timestamp| at.as_second();
        (self.when.map(|when| second(when.at)), self.until.map(second), self.when.is_some_and(|when| when.all_day))
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<CalendarEventId, ApiError> {
        const ADD: &str =
            "INSERT INTO events (calendar_id, creator_id, title, remind, message, occurs_at, occurs_until,
            all_day, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)";
        let new = &request.event;
        let calendar = self.calendar(new.calendar_id)?;
        let (when, title) = self.event_title(&new.title, None)?;
        let said = Said { occurs_at: new.occurs_at, occurs_until: new.occurs_until, all_day: new.all_day };
        let times = said.over(when, Times { when: None, until: None }, &zone(&self.user.time_zone))?;
        let (occurs_at, occurs_until, all_day) = times.stored();
        let (remind, message) = (new.remind.unwrap_or_default(), new.message.as_deref().unwrap_or_default());
        let (calendar, me, now) = (calendar.0, self.user.id.0, self.unix_now());
        self.insert(ADD, (calendar, me, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Who was reminded of an event that moves is reminded again.
    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        const CHANGE: &str = "UPDATE events SET title = coalesce(?2, title), remind = coalesce(?3, remind),
            message = coalesce(?4, message), occurs_at = ?5, occurs_until = ?6, all_day = ?7,
            reminded_at = iif(occurs_at IS ?5, reminded_at, NULL), updated_at = ?8 WHERE id = ?1";
        let (event, new) = (self.event(request.event_id)?, &request.event);
        let before = Times::of(&event);
        let zone = zone(&self.user.time_zone);
        let title = new.title.as_deref().map(|title| self.event_title(title, before.when.map(|when| when.day(&zone))));
        let (when, title) = title.transpose()?.map_or((None, None), |(when, title)| (when, Some(title)));
        let said = Said { occurs_at: new.occurs_at, occurs_until: new.occurs_until, all_day: new.all_day };
        let (occurs_at, occurs_until, all_day) = said.over(when, before, &zone)?.stored();
        let (remind, message) = (new.remind, new.message.as_deref());
        let now = self.unix_now();
        self.execute_one(CHANGE, (event.id.0, title, remind, message, occurs_at, occurs_until, all_day, now))
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let event = self.event(request.event_id)?;
        self.execute_one("DELETE FROM events WHERE id = ?1", [event.id.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Said = Said { occurs_at: None, occurs_until: None, all_day: None };
    const NEW: Times = Times { when: None, until: None };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn when(text: &str, all_day: bool) -> Option<When> {
        Some(When { at: at(text), all_day })
    }

    /// What is then, for somebody in London in summer: beginning, end, and whether it is the whole day.
    fn over(said: &Said, title: Option<When>, before: Times) -> Result<(Option<When>, Option<Timestamp>), ApiError> {
        said.over(title, before, &zone("London")).map(|times| (times.when, times.until))
    }

    #[test]
    fn what_is_given_counts_before_the_title_and_that_before_what_was() {
        let [given, title, before] = ["2010-09-27T09:00:00Z", "2010-09-28T10:00:00Z", "2010-09-29T11:00:00Z"];
        let before = Times { when: when(before, false), until: None };
        let said = Said { occurs_at: Some(at(given)), ..NOTHING };
        assert_eq!(over(&said, when(title, false), before), Ok((when(given, false), None)));
        assert_eq!(over(&NOTHING, when(title, false), before), Ok((when(title, false), None)));
        assert_eq!(over(&NOTHING, None, before), Ok((before.when, None)));
        assert_eq!(over(&NOTHING, None, NEW), Ok((None, None)));
    }

    #[test]
    fn what_is_given_is_a_whole_day_if_that_is_said_or_was_so() {
        let (midnight, evening) = ("2010-09-27T00:00:00Z", "2010-09-27T23:30:00Z");
        let said = |at: &str, all_day| Said { occurs_at: Some(self::at(at)), all_day, ..NOTHING };
        let begins = |said: &Said, title| over(said, title, NEW).unwrap().0;
        assert_eq!(begins(&said(midnight, None), None), when(midnight, false));
        let before = Times { when: when("2010-08-01T00:00:00Z", true), until: None };
        assert_eq!(over(&said(midnight, None), None, before).unwrap().0, when(midnight, true));
        assert_eq!(over(&said(evening, None), None, before).unwrap().0, when(evening, false));
        assert_eq!(begins(&said(midnight, Some(true)), None), when(midnight, true));
        assert_eq!(begins(&said(midnight, Some(false)), None), when(midnight, false));
        assert_eq!(begins(&said(evening, None), None), when(evening, false));
        // It is the next day in London.
        assert_eq!(begins(&said(evening, Some(true)), None), when("2010-09-28T00:00:00Z", true));
        let all_day = |all_day| Said { all_day: Some(all_day), ..NOTHING };
        assert_eq!(begins(&all_day(true), when(evening, false)), when("2010-09-28T00:00:00Z", true));
        assert_eq!(begins(&all_day(false), when(midnight, true)), when("2010-09-26T23:00:00Z", false));
    }

    #[test]
    fn an_end_moves_along_and_is_never_before_the_beginning() {
        let before = Times { when: when("2010-09-27T09:00:00Z", false), until: Some(at("2010-09-27T10:15:00Z")) };
        let moved = over(&NOTHING, when("2010-09-28T18:00:00Z", false), before);
        assert_eq!(moved, Ok((when("2010-09-28T18:00:00Z", false), Some(at("2010-09-28T19:15:00Z")))));
        let until = |until: &str| Said { occurs_until: Some(at(until)), ..NOTHING };
        let same = until("2010-09-27T09:00:00Z");
        assert_eq!(over(&same, None, before), Ok((before.when, same.occurs_until)));
        let ends_first = Err(ApiError::Invalid("An event should not end before it begins"));
        assert_eq!(over(&until("2010-09-27T08:59:59Z"), None, before), ends_first);
        assert_eq!(over(&same, None, NEW), Err(ApiError::Invalid("An event that ends should begin")));
        let days = when("2010-09-27T00:00:00Z", true);
        assert_eq!(
            over(&until("2010-09-29T12:00:00Z"), days, NEW),
            Ok((days, Some(at("2010-09-29T00:00:00Z")))),
            "of whole days, the last one"
        );
    }
}
