//! `backpack events`.

use backpack_api::runtime::jiff::civil::Date;
use backpack_api::runtime::jiff::{Timestamp, tz::TimeZone};
use backpack_api::{Calendar, CalendarEvent};
use clap::Args;

use super::ContentArgs;
use super::find::choose;
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
        let mut events: Vec<(&Calendar, CalendarEvent)> = Vec::new();
        for calendar in calendars {
            let listed = client.calendar_events().list(calendar.id)?;
            events.extend(listed.into_iter().filter(|event| self.includes(event)).map(|event| (calendar, event)));
        }
        events.sort_by_key(|(_, event)| (event.occurs_at, event.id.0));
        let mut table = Table::new(&["NUMBER", "TIME (UTC)", "TITLE", "CALENDAR"]);
        for (calendar, event) in &events {
            table.add([&event.id, &format_time(event), &event.title, &calendar.name]);
        }
        let events: Vec<&CalendarEvent> = events.iter().map(|(_, event)| event).collect();
        self.common.output.print(&events, &table)
    }

    /// `true` if the event has not ended before the first day, and does not start after the last day.
    fn includes(&self, event: &CalendarEvent) -> bool {
        let day = |time: Timestamp| TimeZone::UTC.to_datetime(time).date();
        let first = self.from.unwrap_or_else(|| day(Timestamp::now()));
        let starts = event.occurs_at.map(day);
        let ends = event.occurs_until.map(day).or(starts);
        ends.is_none_or(|ends| ends >= first) && self.to.is_none_or(|last| starts.is_none_or(|starts| starts <= last))
    }
}

/// Formats the time of an event: the date alone if it takes the whole day.
fn format_time(event: &CalendarEvent) -> String {
    let format = if event.all_day == Some(true) { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
    event.occurs_at.map(|time| time.strftime(format).to_string()).unwrap_or_default()
}

/// Parses a date.
fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date, such as `2027-05-01`".to_owned())
}
