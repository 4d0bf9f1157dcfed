//! `backpack host import`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use backpack_api::runtime::jiff::Timestamp;
use backpack_archive::Archive;
use backpack_archive::counts::format_count;
use backpack_archive::model::Account;
use backpack_server::import::{ImportReport, Kind, import};
use backpack_server::{ApiError, Store};
use clap::Args;
use serde_json::{Value, json};

use super::args::DataFile;
use crate::archives::open_archive;
use crate::error::{CommandError, Exit, failure};
use crate::output::{OutputArgs, Table, print_note};

/// Import the archive of an account into the data file, and print a report.
///
/// The data file is created if it does not exist. Everything is written in one transaction, or nothing. Numbers and
/// times are kept; a number that another account of the file has is replaced, also in links between pages. Importing
/// the same archive again changes nothing; a later archive of the same account adds what is new in it.
///
/// Works while the service runs. Its writes wait until the import is done; after five seconds, they fail with 503.
#[derive(Args)]
pub(crate) struct ImportCommand {
    /// Archive, as `backpack backup` writes it; also an `export.xml`, or a folder with saved responses.
    #[arg(value_name = "FOLDER")]
    archive: PathBuf,
    /// Name of the account in the data file; by default that of an earlier import, or else its name in the archive.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Print the report of the import, but change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data: DataFile,
}

impl ImportCommand {
    /// Runs the command and prints its report.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        let archive = open_archive(&self.archive)?;
        let missing = list_missing(&archive);
        let mut report = self.import(archive.into_account())?;
        if self.dry_run {
            report.token = None;
        }
        output.print(&to_json(&report, &missing, self.dry_run), &to_table(&report, &missing))?;
        print_note(self.summarize(&report));
        if report.token.is_some() {
            print_note(format_args!("Next: backpack serve --data {}", self.data.path().display()));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let missing = format_count(missing.len(), "parts");
        Err(failure(Exit::Incomplete, format!("the archive is incomplete or damaged: the report names {missing}")))
    }

    /// Imports an account into the data file. A dry run imports it into a copy of the file.
    fn import(&self, account: Account) -> Result<ImportReport, CommandError> {
        let data = self.data.path();
        if self.dry_run {
            let folder = tempfile::tempdir()?;
            let store = if data.exists() {
                let copy = folder.path().join("copy.backpack");
                self.data.open_read_only()?.backup(&copy)?;
                Store::open_existing(&copy)?
            } else {
                Store::in_memory()?
            };
            return Ok(self.import_into(&store, account)?);
        }
        let is_new = !data.exists();
        let store = Store::open(data)?;
        let result = self.import_into(&store, account);
        drop(store);
        if is_new && result.is_err() {
            // It has no account, but would look like a data file.
            std::fs::remove_file(data)?;
        }
        Ok(result?)
    }

    fn import_into(&self, store: &Store, account: Account) -> Result<ImportReport, ApiError> {
        let name = self.account.clone();
        store.write_blocking(move |db| import(db, &account, name.as_deref(), Timestamp::now()))
    }

    /// Returns the outcome in one line.
    fn summarize(&self, report: &ImportReport) -> String {
        let (total, account, data) = (report.total(), &report.account, self.data.path().display());
        let counts = format!("{} objects new, {} present, {} skipped", total.written, total.present, total.skipped);
        if self.dry_run {
            format!("Dry run, nothing was changed. Import into the account {account} of {data}: {counts}")
        } else {
            format!("Imported into the account {account} of {data}: {counts}")
        }
    }
}

/// Lists what the archive lacks, and its damaged files, one sentence each.
fn list_missing(archive: &Archive) -> Vec<String> {
    let problems = archive.problems().iter().map(ToString::to_string);
    let events =
        archive.stray_events().iter().map(|event| format!("event {}: the archive lacks its calendar", event.id));
    let emails = archive.stray_emails().iter().map(|email| format!("email {}: the archive lacks its page", email.id));
    let archived: BTreeSet<_> = archive.account().pages.iter().map(|archived| archived.page.id).collect();
    let pages = archive.listed_pages().iter().filter(|page| !archived.contains(&page.id));
    let pages =
        pages.map(|page| format!("page {} ({}): the account lists it, but the archive lacks it", page.id, page.title));
    problems.chain(pages).chain(events).chain(emails).collect()
}

/// Kinds whose numbers users see: the report has a line for each of them that was renumbered.
const VISIBLE: [Kind; 3] = [Kind::User, Kind::Page, Kind::Calendar];

/// Formats the report, one fact a line.
fn to_table(report: &ImportReport, missing: &[String]) -> Table {
    let mut table = Table::new(&[]);
    table.add([&"account", &report.account, &if report.is_new_account { "new" } else { "present" }]);
    table.add([&"user", &report.user, &report.user_name]);
    for (kind, counts) in Kind::ALL.iter().filter_map(|kind| Some((kind, report.counts.get(kind)?))) {
        let written = format!("{} new", counts.written);
        let present = format!("{} present", counts.present);
        table.add([&"count", &kind.label(), &written, &present, &format_args!("{} skipped", counts.skipped)]);
    }
    for kind in Kind::ALL {
        let renumbered = || report.renumbered.iter().filter(|one| one.kind == kind);
        if VISIBLE.contains(&kind) {
            renumbered().for_each(|one| table.add([&"renumbered", &kind.label(), &one.number, &one.id]));
        } else if renumbered().next().is_some() {
            table.add([&"renumbered", &kind.label(), &renumbered().count()]);
        }
    }
    if report.rewritten_texts > 0 {
        table.add([&"links", &"texts with links to renumbered pages", &report.rewritten_texts]);
    }
    for (kind, number) in &report.changed {
        table.add([
            &"changed",
            &kind.label(),
            number,
            &"changed in the archive after the earlier import; kept as it is in the file",
        ]);
    }
    for skipped in &report.skipped {
        table.add([&"skipped", &skipped.kind.label(), &skipped.number, &skipped.reason]);
    }
    missing.iter().for_each(|missing| table.add([&"missing", missing]));
    report.defaults.iter().for_each(|default| table.add([&"default", default]));
    if let Some(token) = &report.token {
        table.add([&"token", &token.expose()]);
    }
    table
}

/// Formats the report as JSON.
fn to_json(report: &ImportReport, missing: &[String], dry_run: bool) -> Value {
    let counts: serde_json::Map<String, Value> = report
        .counts
        .iter()
        .map(|(kind, counts)| {
            let numbers = json!({ "new": counts.written, "present": counts.present, "skipped": counts.skipped });
            (kind.name().to_owned(), numbers)
        })
        .collect();
    let renumbered = report.renumbered.iter();
    let renumbered: Vec<Value> =
        renumbered.map(|one| json!({ "kind": one.kind.name(), "number": one.number, "id": one.id })).collect();
    let changed = report.changed.iter();
    let changed: Vec<Value> = changed.map(|(kind, number)| json!({ "kind": kind.name(), "number": number })).collect();
    let skipped = report.skipped.iter();
    let skipped: Vec<Value> =
        skipped.map(|one| json!({ "kind": one.kind.name(), "number": one.number, "reason": one.reason })).collect();
    json!({
        "dry_run": dry_run,
        "account": report.account,
        "is_new_account": report.is_new_account,
        "user": { "id": report.user.0, "name": report.user_name },
        "token": report.token.as_ref().map(|token| token.expose()),
        "counts": counts,
        "renumbered": renumbered,
        "rewritten_texts": report.rewritten_texts,
        "changed": changed,
        "skipped": skipped,
        "missing": missing,
        "defaults": report.defaults,
    })
}
