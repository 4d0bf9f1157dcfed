//! `backpack backup` and `backpack prune`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use backpack_api::Error as CallError;
use backpack_api::runtime::jiff::Timestamp;
use backpack_archive::backup::{Backup, Run, Section, Summary};
use backpack_archive::counts::format_count;
use backpack_archive::request::{Kind, Request};
use backpack_archive::writer::Writer;
use clap::Args;

use crate::archives::{check_exists, format_size};
use crate::connection::AccountArgs;
use crate::error::{CommandError, Exit, failure};
use crate::output::{OutputArgs, Table, print_json, print_line, print_note};
use crate::recorder::{Recorder, describe};
use crate::terminal;

/// Back up an account into a folder, or update that folder.
///
/// The folder has the responses of the service as they were received, so it can be verified, exported and imported
/// without the account. Only operations that read are called. A backup that is interrupted keeps the former state; the
/// same command continues it. Requests that fail are repeated by the next backup; the exit code is then 3.
#[derive(Args)]
pub(crate) struct BackupCommand {
    /// Folder of the archive; by default the name of the account with `.backpack`, in the current folder.
    folder: Option<PathBuf>,
    /// Kinds to back up, separated by commas: bookmarks, calendars, journal, pages, reminders, statuses, users. Later
    /// backups of the folder keep to them.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', conflicts_with = "without")]
    only: Vec<Kind>,
    /// Kinds to leave out, separated by commas.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    without: Vec<Kind>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Delete the responses that backups have replaced.
///
/// An archive keeps them in `old/`, so that nothing is lost when the account loses something.
#[derive(Args)]
pub(crate) struct PruneCommand {
    /// Folder of the archive.
    folder: PathBuf,
    /// Delete without asking.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl BackupCommand {
    /// Backs up the account.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let account = self.account.select()?;
        let folder = self.folder.clone().unwrap_or_else(|| default_folder(&account.name));
        let recorder = Recorder::connect(account.config()?)?;
        let result = back_up(&recorder, &folder, &account.url, self.scope(), now());
        recorder.record().clear();
        let summary = result?;
        if self.output.is_json() {
            print_json(&summary)?;
        } else {
            print_summary(&summary, recorder.record().waited())?;
        }
        let name = folder.display();
        if summary.failed.is_empty() {
            print_note(format_args!("Next: backpack verify {name}"));
            return Ok(());
        }
        let failed = format_count(summary.failed.len(), "responses");
        Err(failure(Exit::Incomplete, format!("{name} lacks {failed}: the next backup asks for them again")))
    }

    /// Returns the kinds that the arguments select; `None` without such arguments.
    fn scope(&self) -> Option<Vec<Kind>> {
        match (self.only.is_empty(), self.without.is_empty()) {
            (false, _) => Some(self.only.clone()),
            (true, false) => Some(Kind::ALL.into_iter().filter(|kind| !self.without.contains(kind)).collect()),
            (true, true) => None,
        }
    }
}

/// Backs up the account that a client calls.
///
/// # Errors
///
/// If the archive cannot be written, the service rejects the token, or it cannot be reached.
fn back_up(
    recorder: &Recorder,
    folder: &Path,
    url: &str,
    scope: Option<Vec<Kind>>,
    now: Timestamp,
) -> Result<Summary, CommandError> {
    let mut backup = Backup::start(folder, url, scope, now)?;
    while let Some(request) = backup.next_request()? {
        match recorder.fetch(request) {
            Ok(body) => backup.record(request, &body)?,
            // Without the user nothing else can be asked for, and a later request would fail in the same way.
            Err(error) if request == Request::Me || is_final(&error) => return Err(error.into()),
            Err(error) => backup.record_failure(request, describe(&error)),
        }
    }
    let run = Run {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        requests: recorder.record().requests(),
        waited_ms: u64::try_from(recorder.record().waited().as_millis()).unwrap_or(u64::MAX),
    };
    Ok(backup.finish(&run)?)
}

/// `true` if all further requests would fail too: the service rejects the token, or cannot be reached.
fn is_final(error: &CallError) -> bool {
    error.is_connect() || (error.is_unauthorized() && !error.is_forbidden())
}

/// Returns the current time, without fractions of a second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Returns the folder of an account's archive. Characters that a file name may not have on some systems are replaced.
fn default_folder(account: &str) -> PathBuf {
    let clean = |char: char| if char.is_ascii_alphanumeric() || matches!(char, '-' | '.') { char } else { '-' };
    PathBuf::from(account.chars().map(clean).collect::<String>() + ".backpack")
}

/// Prints the result of a backup.
fn print_summary(summary: &Summary, waited: Duration) -> Result<(), CommandError> {
    let mut table = Table::new(&[]);
    for section in &summary.sections {
        let responses = format_count(section.responses, "responses");
        table.add([&section.name, &responses, &describe_section(section)]);
    }
    table.print()?;
    if waited >= Duration::from_secs(1) {
        print_line(format_args!("waited {} s for the service", waited.as_secs()))?;
    }
    if summary.reused > 0 {
        let responses = format_count(summary.reused, "responses");
        print_line(format_args!("{responses} of an interrupted backup used"))?;
    }
    if summary.missing_files > 0 {
        let files =
            if summary.missing_files == 1 { "file, image or writeboard" } else { "files, images and writeboards" };
        print_line(format_args!("not in the API: {} {files}, listed in files.txt", summary.missing_files))?;
    }
    for (file, paths) in &summary.unknown {
        print_line(format_args!("unknown to this version, but kept: {} in {file}", paths.join(", ")))?;
    }
    for failed in &summary.failed {
        print_line(format_args!("failed: {}: {}", failed.file, failed.error))?;
    }
    let pages = &summary.pages;
    print_line(format_args!(
        "{} of {} pages that the account lists: {} new, {} changed, {} gone, {} unchanged",
        pages.archived, pages.listed, pages.new, pages.changed, pages.gone, pages.unchanged
    ))?;
    print_line(if summary.failed.is_empty() { "complete" } else { "incomplete" })
}

/// Describes what the responses of a section have.
fn describe_section(section: &Section) -> String {
    let text: Vec<_> = section.counts.iter().map(|(kind, number)| format_count(*number, kind)).collect();
    text.join(", ")
}

impl PruneCommand {
    /// Deletes the files.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        check_exists(&self.folder)?;
        let mut writer = Writer::open(&self.folder)?;
        let files = writer.old_files()?;
        let bytes: u64 = files.iter().map(|(_, size)| size).sum();
        let number = files.len() as u64;
        let what = format!("{}, {}", format_count(number, "old responses"), format_size(bytes));
        if number > 0 {
            self.confirm(&what)?;
            writer.remove_old_files()?;
        }
        let mut table = Table::new(&[]);
        table.add([&"deleted", &what]);
        self.output.print(&serde_json::json!({ "deleted": number, "bytes": bytes }), &table)
    }

    /// Asks whether to delete.
    fn confirm(&self, what: &str) -> Result<(), CommandError> {
        if self.yes {
            return Ok(());
        }
        let question = format!("Delete {what} for good?");
        terminal::check_interactive(&question, "`--yes`")?;
        if terminal::confirm(&question, false)? { Ok(()) } else { Err("nothing was deleted".into()) }
    }
}

#[cfg(test)]
mod tests;
