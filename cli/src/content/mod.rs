//! Short commands for the content of an account. `backpack call` has all operations.
//!
//! - [`find`]: finds what an argument names by a number or a name.
//! - [`pages`]: `backpack pages`, `page` and `search`; [`page_text`]: a page as text.
//! - [`notes`], [`items`]: `backpack note` and `item`.
//! - [`reminders`], [`events`]: `backpack remind` and `events`.
//! - [`journal`], [`statuses`]: `backpack journal` and `status`.
//!
//! A command that adds or changes something prints its number.

pub(crate) mod events;
mod find;
pub(crate) mod items;
pub(crate) mod journal;
pub(crate) mod notes;
mod page_text;
pub(crate) mod pages;
pub(crate) mod reminders;
pub(crate) mod statuses;

use backpack_api::blocking::Client;
use backpack_api::runtime::jiff::Timestamp;
use clap::Args;

use crate::connection::AccountArgs;
use crate::error::CommandError;
use crate::output::OutputArgs;
use crate::texts::read_text;

/// Arguments of every short command.
#[derive(Args)]
pub(crate) struct ContentArgs {
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ContentArgs {
    /// Creates a client for the selected account.
    fn connect(&self) -> Result<Client, CommandError> {
        Ok(self.account.connect()?.client)
    }
}

/// Format of the times that tables show, to the minute.
const TO_MINUTE: &str = "%Y-%m-%d %H:%M";

/// Formats a time, in UTC.
fn format_time(time: Timestamp) -> String {
    time.strftime(TO_MINUTE).to_string()
}

/// Reads a text that a person wrote: an argument, a file or standard input. The line break at its end, which editors
/// and `echo` add, is removed.
fn read_paragraphs(argument: &str) -> Result<String, CommandError> {
    let text = read_text(argument)?;
    Ok(text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).unwrap_or(&text).to_owned())
}
