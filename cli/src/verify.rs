//! `backpack verify`.

use std::path::PathBuf;

use backpack_archive::counts::format_count;
use backpack_archive::verify::{Completeness, Report, verify_archive};
use backpack_archive::{Archive, compare};
use clap::Args;
use serde::Serialize;

use crate::archives::{format_size, open_archive};
use crate::connection::AccountArgs;
use crate::error::{CommandError, Exit, failure};
use crate::output::{OutputArgs, print_json, print_line};
use crate::recorder::{Recorder, describe};

/// Verify an archive: its files, and what they have.
///
/// Compares the files with the manifest, reads each one strictly, and checks numbers and references. Prints one verdict;
/// the exit code is 3 unless it is `complete`. Also reads a file with an export, and folders of saved responses or pages,
/// which have no manifest to compare with.
#[derive(Args)]
pub(crate) struct VerifyCommand {
    /// Folder of the archive, or a file or folder with XML of Backpack.
    folder: PathBuf,
    /// Also compare the lists of the archive with those that the account has now.
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The report as it is printed.
#[derive(Serialize)]
struct PrintedReport<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// Differences to the account; `None` without `--online`.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<&'a [String]>,
}

impl VerifyCommand {
    /// Verifies the archive.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let archive = open_archive(&self.folder)?;
        let report = verify_archive(&self.folder, &archive);
        let differences = if self.online { Some(self.compare_with_account(&archive)?) } else { None };
        let differences = differences.as_deref();
        if self.output.is_json() {
            print_json(&PrintedReport { report: &report, differences })?;
        } else {
            print_report(&report, differences.unwrap_or_default())?;
        }
        match differences {
            _ if report.verdict == Completeness::Incomplete => {
                Err(failure(Exit::Incomplete, "the archive is incomplete"))
            }
            Some([_, ..]) => Err(failure(Exit::Incomplete, "the account has changed since the backup")),
            _ => Ok(()),
        }
    }

    /// Compares the lists of the archive with those of the account. Returns the differences.
    fn compare_with_account(&self, archive: &Archive) -> Result<Vec<String>, CommandError> {
        let Some(manifest) = archive.manifest() else {
            return Err("only an archive with a manifest can be compared with its account".into());
        };
        let account = self.account.select()?;
        if account.url != manifest.url {
            let message =
                format!("the archive is of {}, not of {}; use `--url` or `--account`", manifest.url, account.url);
            return Err(failure(Exit::Usage, message));
        }
        let recorder = Recorder::connect(account.config()?)?;
        let mut differences = Vec::new();
        for request in compare::listings(archive) {
            match recorder.fetch(request) {
                Ok(body) => match compare::compare(&self.folder, archive, request, &body) {
                    Ok(found) => differences.extend(found),
                    Err(problem) => differences.push(problem),
                },
                Err(error) => differences.push(format!("{}: {}", request.path(), describe(&error))),
            }
        }
        recorder.record().clear();
        Ok(differences)
    }
}

/// Prints a report, the verdict last.
fn print_report(report: &Report, differences: &[String]) -> Result<(), CommandError> {
    let state = match (report.has_manifest, report.damaged.is_empty()) {
        (true, true) => "all present and unchanged",
        (true, false) => "not all present and unchanged",
        (false, true) => "all readable",
        (false, false) => "not all readable",
    };
    print_line(format_args!("{}, {}: {state}", format_count(report.files, "files"), format_size(report.bytes)))?;
    let kinds = ["pages", "notes", "lists", "items", "reminders", "calendars", "events", "entries", "emails"];
    let known = kinds.iter().filter_map(|kind| Some(format_count(*report.counts.get(*kind)?, kind)));
    let known: Vec<_> = known.collect();
    print_line(if known.is_empty() { "no pages".to_owned() } else { known.join(", ") })?;
    let not_in_api: Vec<_> = report.not_in_api.iter().map(|(kind, number)| format_count(*number, kind)).collect();
    if !not_in_api.is_empty() {
        print_line(format_args!("not in the API: {}", not_in_api.join(", ")))?;
    }
    for problem in &report.damaged {
        print_line(format_args!("damaged: {problem}"))?;
    }
    for problem in &report.missing {
        print_line(format_args!("missing: {problem}"))?;
    }
    for (file, paths) in &report.unknown {
        print_line(format_args!("unknown to this version: {} in {file}", paths.join(", ")))?;
    }
    for remark in &report.remarks {
        print_line(format_args!("note: {remark}"))?;
    }
    for difference in differences {
        print_line(format_args!("changed in the account: {difference}"))?;
    }
    print_line(format_args!("Verdict: {report}"))
}
