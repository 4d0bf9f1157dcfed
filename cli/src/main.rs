//! The command `backpack`. In reading order:
//!
//! - [`serve`]: `backpack serve`, the service.
//! - [`host`]: `backpack host …`, which manages the service's data file. Each kind of data
//!   (`account`, `user`, `token` …) has a module.
//! - [`packaging`]: `backpack completions` and `backpack man`.
//! - [`domain`]: addresses under the domain of the service.
//! - [`lookup`]: finds accounts, users and calendars that arguments name.
//! - [`table`]: results with several values, as a table on a terminal.
//! - [`output`]: results on standard output, the log and errors on standard error.
//! - [`error`]: the error type of all commands, and its exit code.
//!
//! Results go to standard output, one fact a line, with headings on a terminal only; everything else goes to standard
//! error. Exit codes: 1 for a failure, with a message of one line; 75 for a failure that may be temporary; 2 for a
//! wrong command line.

mod domain;
mod error;
mod host;
mod lookup;
mod output;
mod packaging;
mod serve;
mod table;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

/// Self-host Backpack.
#[derive(Parser)]
#[command(name = "backpack", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(Box<serve::ServeCommand>),
    /// Manage the service's data file. Most commands work while the service runs.
    #[command(subcommand)]
    Host(host::HostCommand),
    Completions(packaging::CompletionsCommand),
    Man(packaging::ManCommand),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    // The service logs each request; the other commands only report failures.
    output::init_log(if matches!(command, Command::Serve(_)) { LevelFilter::INFO } else { LevelFilter::ERROR });
    let result = match command {
        Command::Serve(serve) => serve.run(),
        Command::Host(host) => host.run(),
        Command::Completions(completions) => completions.run(Arguments::command()),
        Command::Man(man) => man.run(Arguments::command()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::report_error(&error);
            error::exit_code(&error)
        }
    }
}
