//! `backpack host`: manages the service's data file. One module for each noun:
//!
//! - [`account`], [`user`], [`token`], [`calendar`]: rows that the API cannot manage.
//! - [`mail`]: receives mail for pages.
//! - [`import`]: imports the archive of an account.
//! - [`db`]: checks, copies and restores the file.
//! - [`args`]: arguments that several commands share.

mod account;
mod args;
mod calendar;
mod db;
mod import;
mod mail;
mod token;
mod user;

use clap::{Args, Subcommand};

use crate::error::CommandError;
use crate::output::OutputArgs;

/// Manage the service's data file. Most commands work while the service runs.
#[derive(Args)]
pub(crate) struct HostArgs {
    #[command(subcommand)]
    command: HostCommand,
    /// Print the result as JSON. A command without a result prints nothing.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum HostCommand {
    /// Manage accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Manage the users of an account.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage the API tokens of a user.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Manage calendars, which the API cannot create.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// Receive mail for a page.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    Import(import::ImportCommand),
    /// Check, back up and restore the data file.
    #[command(subcommand)]
    Db(db::DbCommand),
}

impl HostArgs {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let output = OutputArgs::new(self.json);
        match self.command {
            HostCommand::Account(account) => account.run(output),
            HostCommand::User(user) => user.run(output),
            HostCommand::Token(token) => token.run(output),
            HostCommand::Calendar(calendar) => calendar.run(output),
            HostCommand::Mail(mail) => mail.run(output),
            HostCommand::Import(import) => import.run(output),
            HostCommand::Db(db) => db.run(output),
        }
    }
}
