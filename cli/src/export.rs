//! `backpack export`: an archive as files for other programs.

use std::path::{Path, PathBuf};

use backpack_archive::export::{Format, Report, write_folder};
use backpack_archive::{Archive, Problem};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use crate::error::{CommandError, Exit, failure};
use crate::output::{OutputArgs, Table, print_note};

/// Export an archive as files for other programs.
///
/// Needs neither an account nor a network. A second run writes only what has changed. Files that no export has written,
/// or that were changed since, are never touched.
#[derive(Args)]
pub(crate) struct ExportCommand {
    /// Format of the files.
    #[arg(value_parser = parse_format())]
    format: Format,
    /// Archive: a folder that `backpack backup` has written, an `export.xml`, or a folder of saved XML.
    folder: PathBuf,
    /// Folder of the files; created if it does not exist.
    out: PathBuf,
    /// Remove files of earlier exports that this one does not have.
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Parser of the names of formats.
fn parse_format() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name()));
    names.try_map(|name| {
        Format::ALL.iter().copied().find(|format| format.name() == name).ok_or("there is no such format")
    })
}

/// Result of an export as JSON.
#[derive(Serialize)]
struct ExportResult<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// Files of the archive that could not be read.
    problems: &'a [Problem],
    /// Events whose calendar is not in the archive.
    stray_events: usize,
    /// E-mails whose page is not in the archive.
    stray_emails: usize,
}

impl ExportCommand {
    /// Exports the archive.
    pub(crate) fn run(&self) -> Result<(), CommandError> {
        let archive = open_archive(&self.folder)?;
        check_is_outside(&self.out, &self.folder)?;
        let report = write_folder(archive.account(), self.format, &self.out, self.prune)?;
        let mut table = Table::new(&["objects", "written", "unchanged", "skipped", "failed"]);
        for (kind, counts) in &report.objects {
            let name = kind.plural();
            table.add([&name, &counts.written, &counts.unchanged, &counts.skipped, &counts.failed]);
        }
        let (stray_events, stray_emails) = (archive.stray_events().len(), archive.stray_emails().len());
        let problems = archive.problems();
        self.output.print(&ExportResult { report: &report, problems, stray_events, stray_emails }, &table)?;
        self.print_notes(&report);
        for problem in problems {
            print_note(format_args!("{}: {}", problem.file, problem.description));
        }
        let stray = stray_events + stray_emails;
        if stray > 0 {
            let stray = count(stray, "object");
            print_note(format_args!("left out {stray} without a calendar or page in the archive"));
        }
        match (report.is_complete(), problems.is_empty() && stray == 0) {
            (true, true) => Ok(()),
            (false, _) => Err(failure(Exit::Incomplete, "not all files could be written")),
            (true, false) => {
                let message =
                    format!("the archive is incomplete or damaged: see `backpack verify {}`", self.folder.display());
                Err(failure(Exit::Incomplete, message))
            }
        }
    }

    /// Prints everything about the export that is not in the table.
    fn print_notes(&self, report: &Report) {
        let files = report.files;
        let out = self.out.display();
        print_note(format_args!("{out}: {} written, {} unchanged", count(files.written, "file"), files.unchanged));
        for (reason, objects) in &report.skipped {
            print_note(format_args!("skipped {}: {reason}", count(objects.len(), "object")));
        }
        for failed in &report.failures {
            print_note(format_args!("{}: {}", failed.path, failed.reason));
        }
        if report.pages_with_html > 0 {
            let pages = count(report.pages_with_html, "page");
            print_note(format_args!("{pages} with parts in HTML, which Markdown lacks: see kept-as-html.md"));
        }
        if files.removed > 0 {
            print_note(format_args!("removed {} of earlier exports", count(files.removed, "file")));
        }
        if !report.stale.is_empty() {
            let hint = if self.prune { "changed since the export" } else { "`--prune` removes unchanged ones" };
            print_note(format_args!("kept {} of earlier exports: {hint}", count(report.stale.len(), "file")));
        }
    }
}

/// Opens an archive.
///
/// # Errors
///
/// If there is none, or it cannot be read.
pub(crate) fn open_archive(folder: &Path) -> Result<Archive, CommandError> {
    if !folder.exists() {
        return Err(failure(Exit::NotFound, format!("there is no archive {}", folder.display())));
    }
    Ok(Archive::open(folder)?)
}

/// Checks that a folder is not in the archive, whose files are verified.
fn check_is_outside(out: &Path, archive: &Path) -> Result<(), CommandError> {
    let out = std::path::absolute(out)?;
    let existing = out.ancestors().find_map(|path| path.canonicalize().ok());
    let archive = archive.canonicalize()?;
    if existing.is_some_and(|existing| existing.starts_with(&archive)) {
        return Err(failure(Exit::Usage, "the folder of the files is in the archive: choose another one"));
    }
    Ok(())
}

/// Formats a number of things.
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
