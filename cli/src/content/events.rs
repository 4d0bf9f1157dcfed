//! `backpack events`.

use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::{Timestamp, tz::TimeZone};
use backpack_api::{Calendar, CalendarEvent};
use clap::Args;

use super::find::choose;
use super::{ContentArgs, format_time};
use crate::error::CommandError;
use crate::output::Table;

/// List calendar events, from today on, by their time in UTC.
#[derive(Args)]
pub(crate) struct EventsCommand {
    /// Name or number of a calendar; by default all calendars.
    #[arg(long)]
    calendar: Option<String>,
    /// First day: `2027-05-01`; by default today.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    from: Option<Date>,
    /// Last day; by default there is none.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    to: Option<Date>,
    #[command(flatten)]
    common: ContentArgs,
}

impl EventsCommand {
    /// Lists the events in the order of their time.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let client = self.common.connect()?;
        let all = client.calendars().list()?;
        let calendars: Vec<&Calendar> = match &self.calendar {
            Some(text) => vec![choose("calendar", text, &all, |calendar| (calendar.id.0, &calendar.name))?],
            None => all.iter().collect(),
        };
        let first = self.from.unwrap_or_else(|| to_day(Timestamp::now()));
        let mut events: Vec<(&Calendar, CalendarEvent)> = Vec::new();
        for calendar in calendars {
            let listed = client.calendar_events().list(calendar.id)?;
            events.extend(
                listed.into_iter().filter(|event| is_between(event, first, self.to)).map(|event| (calendar, event)),
            );
        }
        events.sort_by_key(|(_, event)| (event.occurs_at, event.id.0));
        let mut table = Table::new(&["NUMBER", "TIME (UTC)", "TITLE", "CALENDAR"]);
        for (calendar, event) in &events {
            table.add([&event.id, &format_start(event), &event.title, &calendar.name]);
        }
        let events: Vec<&CalendarEvent> = events.iter().map(|(_, event)| event).collect();
        self.common.output.print(&events, &table)
    }
}

/// `true` if an event has not ended before the first day, and does not start after the last day.
fn is_between(event: &CalendarEvent, first: Date, last: Option<Date>) -> bool {
    let start = event.occurs_at.map(to_day);
    let end = event.occurs_until.map(to_day).or(start);
    end.is_none_or(|end| end >= first) && last.is_none_or(|last| start.is_none_or(|start| start <= last))
}

/// Returns the day of a time, in UTC.
fn to_day(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

/// Formats the time of an event: the date alone if it takes the whole day.
fn format_start(event: &CalendarEvent) -> String {
    let is_whole_day = event.all_day == Some(true);
    let format = |time: Timestamp| if is_whole_day { time.strftime("%Y-%m-%d").to_string() } else { format_time(time) };
    event.occurs_at.map(format).unwrap_or_default()
}

/// Parses a date.
fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date, such as `2027-05-01`".to_owned())
}
