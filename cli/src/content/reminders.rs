//! `backpack remind`.

use backpack_api::NewReminder;
use backpack_api::runtime::jiff::civil::DateTime;
use clap::Args;

use super::find::find_user;
use super::{ContentArgs, TO_MINUTE, read_paragraphs};
use crate::error::{CommandError, Exit, failure};
use crate::output::Table;

/// Set a reminder, or list those that have not been sent yet.
#[derive(Args)]
pub(crate) struct RemindCommand {
    /// Text of the reminder; without `--at`, it starts with a delay: `+30` (minutes) or `+2:30` (hours and minutes).
    /// Without a text, the reminders are listed.
    text: Option<String>,
    /// Time of the reminder, in the time zone of your account: `2027-05-06 17:00`.
    #[arg(long, value_name = "TIME", requires = "text", value_parser = parse_time)]
    at: Option<DateTime>,
    /// User to remind, by name or number; by default you. May be repeated.
    #[arg(long = "for", value_name = "USER", requires = "text")]
    users: Vec<String>,
    #[command(flatten)]
    common: ContentArgs,
}

impl RemindCommand {
    /// Sets the reminder, or lists all.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match &self.text {
            Some(text) => self.add(&read_paragraphs(text)?),
            None => self.list(),
        }
    }

    /// Sets a reminder, and prints its number.
    fn add(&self, text: &str) -> Result<(), CommandError> {
        if self.at.is_none() && !text.starts_with('+') {
            let message = "a reminder needs a time: use `--at TIME`, or start the text with a delay such as `+30`";
            return Err(failure(Exit::Usage, message));
        }
        let client = self.common.connect()?;
        let users = self.users.iter().map(|user| find_user(&client, user)).collect::<Result<Vec<_>, _>>()?;
        let mut reminder = NewReminder::new(text).remindees(users);
        if let Some(at) = self.at {
            reminder = reminder.remind_at(at);
        }
        let reminder = client.reminders().create(reminder)?;
        self.common.output.print_number(&reminder, reminder.id)
    }

    /// Lists the reminders.
    fn list(&self) -> Result<(), CommandError> {
        let reminders = self.common.connect()?.reminders().list()?;
        let mut table = Table::new(&["NUMBER", "TIME", "TEXT", "FOR"]);
        for reminder in &reminders {
            let users: Vec<_> = reminder.remindees.iter().map(|user| user.name.as_str()).collect();
            let time = reminder.remind_at.strftime(TO_MINUTE);
            table.add([&reminder.id, &time, &reminder.content, &users.join(", ")]);
        }
        self.common.output.print(&reminders, &table)
    }
}

/// Parses a time.
fn parse_time(text: &str) -> Result<DateTime, String> {
    text.parse().map_err(|_| "expected a date and a time, such as `2027-05-06 17:00`".to_owned())
}
