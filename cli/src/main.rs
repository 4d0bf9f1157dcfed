//! The command `backpack`.
//!
//! What it prints is for people on a terminal and for scripts alike: results go to standard output, one fact a line;
//! everything else goes to standard error. A failure ends with status 1 and one sentence, or 75 where it may pass, or 2
//! where the command line itself is wrong.

mod mail;
mod manage;
mod out;
mod serve;

use std::process::ExitCode;

use backpack_server::ApiError;
use backpack_server::store::OpenError;
use clap::{Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

/// A Backpack of your own.
#[derive(Parser)]
#[command(name = "backpack", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    /// Manage accounts.
    #[command(subcommand)]
    Account(manage::Account),
    /// Manage the users of an account.
    #[command(subcommand)]
    User(manage::User),
    /// Manage the tokens by which programs act for a user.
    #[command(subcommand)]
    Token(manage::Token),
    /// Manage calendars, which the API cannot create.
    #[command(subcommand)]
    Calendar(manage::Calendar),
    /// Take in mail for a page.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Look after the file in which everything is kept.
    #[command(subcommand)]
    Db(manage::Db),
}

/// The status that tells mail servers and scripts to try again later: `EX_TEMPFAIL`.
const TRY_LATER: u8 = 75;

/// What ends a command early.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    out::log(if matches!(command, Command::Serve(_)) { LevelFilter::INFO } else { LevelFilter::ERROR });
    let result = match command {
        Command::Serve(serve) => serve.run(),
        Command::Account(account) => account.run(),
        Command::User(user) => user.run(),
        Command::Token(token) => token.run(),
        Command::Calendar(calendar) => calendar.run(),
        Command::Mail(mail) => mail.run(),
        Command::Db(db) => db.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::complain(&failure);
            if may_pass(&failure) { ExitCode::from(TRY_LATER) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether the same command may succeed later: the file cannot be opened, or not written, just now.
fn may_pass(failure: &Failure) -> bool {
    failure.downcast_ref::<ApiError>() == Some(&ApiError::Unavailable)
        || failure.downcast_ref::<OpenError>().is_some_and(OpenError::may_pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_to_be_tried_later() {
        let folder = std::env::temp_dir();
        let failure: Failure = backpack_server::Store::open(&folder).map(drop).unwrap_err().into();
        assert!(!may_pass(&failure), "{failure}");
        assert!(may_pass(&ApiError::Unavailable.into()));
        assert!(!may_pass(&ApiError::Internal.into()));
    }
}
