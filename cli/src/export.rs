//! `backpack export`: an archive as files for other programs.

use std::path::{Path, PathBuf};

use backpack_archive::Problem;
use backpack_archive::counts::format_count;
use backpack_archive::export::{Format, Report, write_folder};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use crate::archives::open_archive;
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
            print_note(problem);
        }
        let stray = stray_events + stray_emails;
        if stray > 0 {
            let stray = format_count(stray, "objects");
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
        print_note(format_args!(
            "{out}: {} written, {} unchanged",
            format_count(files.written, "files"),
            files.unchanged
        ));
        for (reason, objects) in &report.skipped {
            print_note(format_args!("skipped {}: {reason}", format_count(objects.len(), "objects")));
        }
        for failed in &report.failures {
            print_note(format_args!("{}: {}", failed.path, failed.reason));
        }
        if report.pages_with_html > 0 {
            let pages = format_count(report.pages_with_html, "pages");
            print_note(format_args!("{pages} with parts in HTML, which Markdown lacks: see kept-as-html.md"));
        }
        if files.removed > 0 {
            print_note(format_args!("removed {} of earlier exports", format_count(files.removed, "files")));
        }
        if !report.stale.is_empty() {
            let hint = if self.prune { "changed since the export" } else { "`--prune` removes unchanged ones" };
            print_note(format_args!("kept {} of earlier exports: {hint}", format_count(report.stale.len(), "files")));
        }
    }
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
