//! The command `backpack`. In reading order:
//!
//! - [`login`]: `backpack login`, `logout` and `whoami`; [`doctor`]: `backpack doctor`.
//! - [`call`]: `backpack call`, every operation of the API.
//! - [`content`]: short commands for pages, notes, items, reminders, events, the journal and statuses.
//! - [`connection`]: the account that a command calls, and a client for it; [`credentials`]: the stored accounts.
//! - [`backup`]: `backpack backup` and `backpack prune`; [`verify`]: `backpack verify`; [`recorder`]: sends their requests.
//! - [`export`]: `backpack export`; [`view`]: `backpack view`.
//! - [`archives`]: opens the archives of these commands.
//! - [`serve`]: `backpack serve`, the service.
//! - [`host`]: `backpack host …`, which manages the service's data file. Each kind of data
//!   (`account`, `user`, `token` …) has a module.
//! - [`packaging`]: `backpack completions` and `backpack man`.
//! - [`domain`]: addresses under the domain of the service.
//! - [`texts`]: values of arguments, which may be in a file or in standard input.
//! - [`lookup`]: finds accounts, users and calendars that arguments name.
//! - [`output`]: results on standard output, the log and errors on standard error; [`terminal`]: questions to the user.
//! - [`error`]: the error type of all commands, and its exit code.
//!
//! Results go to standard output, everything else to standard error. [`error::Exit`] lists the exit codes.

mod archives;
mod backup;
mod call;
mod connection;
mod content;
mod credentials;
mod doctor;
mod domain;
mod error;
mod export;
mod host;
mod login;
mod lookup;
mod output;
mod packaging;
mod recorder;
mod serve;
mod terminal;
mod texts;
mod verify;
mod view;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

/// Use Backpack from a shell, and self-host it.
#[derive(Parser)]
#[command(name = "backpack", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Login(login::LoginCommand),
    Logout(login::LogoutCommand),
    Whoami(login::WhoamiCommand),
    Doctor(doctor::DoctorCommand),
    Pages(content::pages::PagesCommand),
    Page(content::pages::PageCommand),
    Search(content::pages::SearchCommand),
    #[command(subcommand)]
    Note(content::notes::NoteCommand),
    #[command(subcommand)]
    Item(content::items::ItemCommand),
    Remind(content::reminders::RemindCommand),
    Events(content::events::EventsCommand),
    Journal(content::journal::JournalCommand),
    Status(content::statuses::StatusCommand),
    Call(call::CallCommand),
    Backup(backup::BackupCommand),
    Verify(verify::VerifyCommand),
    Prune(backup::PruneCommand),
    Export(export::ExportCommand),
    View(view::ViewCommand),
    Serve(Box<serve::ServeCommand>),
    Host(host::HostArgs),
    Completions(packaging::CompletionsCommand),
    Man(packaging::ManCommand),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    // The service logs each request; the other commands only report failures.
    output::init_log(if matches!(command, Command::Serve(_)) { LevelFilter::INFO } else { LevelFilter::ERROR });
    let result = match command {
        Command::Login(login) => login.run(),
        Command::Logout(logout) => logout.run(),
        Command::Whoami(whoami) => whoami.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Pages(pages) => pages.run(),
        Command::Page(page) => page.run(),
        Command::Search(search) => search.run(),
        Command::Note(note) => note.run(),
        Command::Item(item) => item.run(),
        Command::Remind(remind) => remind.run(),
        Command::Events(events) => events.run(),
        Command::Journal(journal) => journal.run(),
        Command::Status(status) => status.run(),
        Command::Call(call) => call.run(),
        Command::Backup(backup) => backup.run(),
        Command::Verify(verify) => verify.run(),
        Command::Prune(prune) => prune.run(),
        Command::Export(export) => export.run(),
        Command::View(view) => view.run(),
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
