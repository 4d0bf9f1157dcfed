//! `backpack export`: an archive as files for other programs.

use std::path::PathBuf;

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
        let archive = Archive::open(&self.folder)?;
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
            print_note(format_args!("{stray} events or e-mails belong to nothing in the archive, and are left out"));
        }
        match (report.is_complete(), problems.is_empty() && stray == 0) {
            (true, true) => Ok(()),
            (false, _) => Err(failure(Exit::Incomplete, "not all files could be written")),
            (true, false) => {
                let message = format!("the archive is incomplete: see `backpack verify {}`", self.folder.display());
                Err(failure(Exit::Incomplete, message))
            }
        }
    }

    /// Prints everything about the export that is not in the table.
    fn print_notes(&self, report: &Report) {
        let files = report.files;
        let out = self.out.display();
        print_note(format_args!("{out}: {} files written, {} unchanged", files.written, files.unchanged));
        for (reason, objects) in &report.skipped {
            print_note(format_args!("{} objects are skipped: {reason}", objects.len()));
        }
        for failed in &report.failures {
            print_note(format_args!("{}: {}", failed.path, failed.reason));
        }
        if report.pages_with_html > 0 {
            let count = report.pages_with_html;
            print_note(format_args!("{count} pages have parts in HTML, which Markdown lacks: see kept-as-html.md"));
        }
        if files.removed > 0 {
            print_note(format_args!("{} files of earlier exports were removed", files.removed));
        }
        if !report.stale.is_empty() {
            let count = report.stale.len();
            let hint = if self.prune { "they were changed since" } else { "`--prune` removes them" };
            print_note(format_args!("{count} files of earlier exports are still there: {hint}"));
        }
    }
}
