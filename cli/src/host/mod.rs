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

use clap::Subcommand;

use crate::error::CommandError;

#[derive(Subcommand)]
pub(crate) enum HostCommand {
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

impl HostCommand {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Account(account) => account.run(),
            Self::User(user) => user.run(),
            Self::Token(token) => token.run(),
            Self::Calendar(calendar) => calendar.run(),
            Self::Mail(mail) => mail.run(),
            Self::Import(import) => import.run(),
            Self::Db(db) => db.run(),
        }
    }
}
