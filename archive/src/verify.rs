//! Compares an archive with its manifest, and its objects with each other.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::io;
use std::path::Path;

use backpack_api::{Page, PageList, WidgetKind};
use serde::Serialize;

use crate::archive::{Archive, NEXT, OpenError, describe_read_error, list_files, locate_file};
use crate::counts::{Counts, count_account};
use crate::manifest::{Manifest, sha256};
use crate::model::Widget;
use crate::request::{Kind, RAW, Request};
use crate::writer::OLD;

/// Result of [`verify`].
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// `true` if there is a manifest to compare the files with.
    pub has_manifest: bool,
    /// Number of files that were read.
    pub files: u64,
    /// Number of bytes in these files.
    pub bytes: u64,
    /// Numbers of objects of the account, by kind.
    pub counts: Counts,
    /// Files that are damaged, missing or superfluous: the name of the file, and a clause.
    pub damaged: Vec<String>,
    /// Objects that are missing, or that do not belong together.
    pub missing: Vec<String>,
    /// Elements and attributes that this version does not know, by file.
    pub unknown: BTreeMap<String, Vec<String>>,
    /// Objects that the API does not give, by kind; they do not make an archive incomplete.
    pub not_in_api: Counts,
    /// Remarks that do not make an archive incomplete.
    pub remarks: Vec<String>,
    /// Verdict on the archive.
    pub verdict: Completeness,
}

/// Verdict on an archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Completeness {
    /// The archive has everything that the account had, except what the API does not give.
    Complete,
    /// The files can be read, but have no manifest that shows what the account had.
    Readable,
    /// Something is missing, damaged or unknown.
    #[default]
    Incomplete,
}

/// Verifies an archive, or reads another folder or file with XML of Backpack strictly.
///
/// # Errors
///
/// [`OpenError`] if there is nothing to read at the path.
pub fn verify(path: &Path) -> Result<Report, OpenError> {
    Ok(verify_archive(path, &Archive::open(path)?))
}

/// Verifies an archive that was opened at a path, as [`verify`] does.
pub fn verify_archive(path: &Path, archive: &Archive) -> Report {
    let mut report = Report {
        has_manifest: archive.manifest().is_some(),
        files: archive.files().len() as u64,
        bytes: archive.files().iter().map(|file| file.size).sum(),
        counts: count_account(archive.account()),
        damaged: archive.problems().iter().map(ToString::to_string).collect(),
        ..Report::default()
    };
    for file in archive.files().iter().filter(|file| !file.unknown.is_empty()) {
        report.unknown.insert(file.name.clone(), file.unknown.clone());
    }
    if let Some(manifest) = archive.manifest() {
        report.check_files(path, manifest, archive.is_moving());
        report.check_requests(manifest, archive);
    }
    report.check_pages(archive);
    report.check_references(archive);
    report.missing.extend(archive.duplicates().iter().cloned());
    let is_faultless = report.damaged.is_empty() && report.missing.is_empty() && report.unknown.is_empty();
    report.verdict = match archive.manifest() {
        _ if !is_faultless => Completeness::Incomplete,
        Some(_) => Completeness::Complete,
        None => Completeness::Readable,
    };
    report
}

impl Report {
    /// Compares the files of the folder with the manifest.
    fn check_files(&mut self, folder: &Path, manifest: &Manifest, is_moving: bool) {
        for (file, hash) in &manifest.other {
            self.check_hash(file, &locate_file(folder, file, is_moving), hash, "the manifest");
        }
        let known: BTreeSet<_> = manifest.responses.iter().map(|entry| entry.file.as_str()).collect();
        // While files are moved into place, files that are gone from the account may still be there.
        for file in self.list(folder, RAW).iter().filter(|file| !known.contains(file.as_str()) && !is_moving) {
            self.damaged.push(format!("{file}: the file is not in the manifest"));
        }
        for file in self.list(folder, OLD) {
            let name = file.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
            self.check_hash(&file, &folder.join(&file), name, "its name");
        }
        if is_moving || folder.join(NEXT).exists() {
            self.remarks.push("a backup was interrupted; `backpack backup` completes it".to_owned());
        }
    }

    /// Compares a file with the SHA-256 that `source` says.
    fn check_hash(&mut self, file: &str, path: &Path, hash: &str, source: &str) {
        match std::fs::read(path) {
            Ok(bytes) if sha256(&bytes) == hash => {}
            Ok(_) => self.damaged.push(format!("{file}: the file has other bytes than {source} says")),
            Err(error) => self.damaged.push(format!("{file}: {}", describe_read_error(&error))),
        }
    }

    /// Lists the files of a folder of the archive.
    fn list(&mut self, folder: &Path, name: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        match list_files(folder, name, &mut names) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.damaged.push(format!("{name}: {}", describe_read_error(&error)));
            }
            _ => {}
        }
        names
    }

    /// Checks that the archive has the responses of its scope.
    fn check_requests(&mut self, manifest: &Manifest, archive: &Archive) {
        for failure in &manifest.failed {
            let has_older = if Request::from_file(&failure.file).and_then(|one| manifest.entry(one)).is_some() {
                "; the archive has an older response"
            } else {
                ""
            };
            self.missing.push(format!("{}: not in the last backup: {}{has_older}", failure.file, failure.error));
        }
        let failed: BTreeSet<_> = manifest.failed.iter().map(|failure| failure.file.as_str()).collect();
        let calendars = archive.account().calendars.iter();
        let events = calendars.map(|archived| Request::CalendarEvents(archived.calendar.id));
        let user = backpack_api::UserId(manifest.user);
        let listings = [
            Request::Me,
            Request::Users,
            Request::Export(user),
            Request::Pages,
            Request::Reminders,
            Request::Calendars,
            Request::Journal(0),
            Request::Statuses,
            Request::Bookmarks(user),
        ];
        for request in listings.into_iter().chain(events) {
            let is_in_scope = request.kind().is_none_or(|kind| manifest.scope.contains(&kind));
            let file = request.file();
            if is_in_scope && manifest.entry(request).is_none() && !failed.contains(file.as_str()) {
                self.missing.push(format!("{file}: the archive has no such response"));
            }
        }
        let pages: BTreeSet<_> = archive.account().pages.iter().map(|archived| archived.page.id).collect();
        for page in archive.listed_pages() {
            let file = Request::Page(page.id).file();
            if !pages.contains(&page.id) && !failed.contains(file.as_str()) && manifest.scope.contains(&Kind::Pages) {
                self.missing.push(format!("page {}: the account lists it, but the archive lacks it", page.id));
            }
        }
        let left_out: Vec<_> =
            Kind::ALL.iter().filter(|kind| !manifest.scope.contains(kind)).map(|kind| kind.as_str()).collect();
        if !left_out.is_empty() {
            self.remarks.push(format!("not in the scope of the archive: {}", left_out.join(", ")));
        }
    }

    /// Checks what is on pages: widgets that a page names, lists of items, unique numbers.
    fn check_pages(&mut self, archive: &Archive) {
        let mut seen: BTreeMap<_, HashSet<_>> = BTreeMap::new();
        for archived in &archive.account().pages {
            let page = &archived.page;
            for widget in archived.widgets() {
                if let Widget::Missing(belonging) = widget {
                    if belonging.kind == WidgetKind::WriteboardLink {
                        *self.not_in_api.entry("writeboards".to_owned()).or_default() += 1;
                    } else {
                        let (kind, number) = (belonging.kind.as_str(), belonging.widget_id);
                        self.missing.push(format!("page {}: {kind} {number} has a position, but is missing", page.id));
                    }
                }
            }
            for (list, item) in page.lists.iter().flat_map(|list| list.items.iter().map(move |item| (list, item))) {
                if item.list_id.is_some_and(|id| id != list.id) {
                    self.missing.push(format!("page {}: item {} is of another list", page.id, item.id));
                }
            }
            for (kind, number) in number_widgets(page) {
                if !seen.entry(kind).or_default().insert(number) {
                    self.missing.push(format!("page {}: {kind} {number} exists twice", page.id));
                }
            }
        }
        for kind in ["files", "images"] {
            if let Some(number) = self.counts.get(kind) {
                self.not_in_api.insert(kind.to_owned(), *number);
            }
        }
    }

    /// Checks references between objects. People and pages may be gone from an account, while others still name them;
    /// such a reference is a remark.
    fn check_references(&mut self, archive: &Archive) {
        let account = archive.account();
        for event in archive.stray_events() {
            self.missing.push(format!("event {}: its calendar {} is missing", event.id, event.calendar_id));
        }
        for email in archive.stray_emails() {
            self.missing.push(format!("e-mail {}: its page is missing", email.id));
        }
        let users: BTreeSet<_> = account.members.iter().map(|member| member.id).collect();
        let pages: BTreeSet<_> = account.pages.iter().map(|archived| archived.page.id.0).collect();
        if !users.is_empty() {
            let reminders = account.reminders.iter().flat_map(|reminder| {
                let people = reminder.creator.iter().chain(&reminder.remindees).map(|person| person.id);
                people.map(move |user| (format!("reminder {}", reminder.id), user))
            });
            let statuses = account.statuses.iter().map(|status| (format!("status {}", status.id), status.user_id));
            let entries = account.journal.iter().filter_map(|entry| {
                let user = entry.user_id.or(entry.user.as_ref().map(|user| user.id))?;
                Some((format!("journal entry {}", entry.id), user))
            });
            for (object, user) in reminders.chain(statuses).chain(entries).filter(|(_, user)| !users.contains(user)) {
                self.remarks.push(format!("{object}: user {user} is not a user of the account"));
            }
        }
        if !pages.is_empty() {
            let bookmarks = account.bookmarks.iter().filter(|bookmark| bookmark.kind.as_str() == "Page");
            for bookmark in bookmarks {
                if u64::try_from(bookmark.target_id).is_ok_and(|page| !pages.contains(&page)) {
                    let (id, page) = (bookmark.id, bookmark.target_id);
                    self.remarks.push(format!("bookmark {id}: page {page} is not in the archive"));
                }
            }
        }
    }
}

/// Returns kind and number of each widget and item of a page.
fn number_widgets(page: &Page) -> Vec<(&'static str, u64)> {
    let items = |list: &PageList| list.items.iter().map(|item| ("item", item.id.0)).collect::<Vec<_>>();
    let mut numbers: Vec<_> = page.notes.iter().map(|note| ("note", note.id.0)).collect();
    numbers.extend(page.lists.iter().map(|list| ("list", list.id.0)));
    numbers.extend(page.lists.iter().flat_map(items));
    numbers.extend(page.items.iter().map(|item| ("item", item.id.0)));
    numbers.extend(page.galleries.iter().map(|gallery| ("gallery", gallery.id.0)));
    numbers.extend(page.galleries.iter().flat_map(|gallery| &gallery.images).map(|image| ("image", image.id.0)));
    numbers.extend(page.attachments.iter().map(|attachment| ("file", attachment.id.0)));
    numbers.extend(page.separators.iter().map(|separator| ("separator", separator.id.0)));
    numbers.extend(page.emails.iter().map(|email| ("e-mail", email.id.0)));
    numbers.extend(page.belongings.iter().map(|belonging| ("position", belonging.id.0)));
    numbers
}

impl fmt::Display for Report {
    /// Writes the verdict in one line, with numbers of problems.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Completeness::Complete => f.write_str("complete"),
            Completeness::Readable => f.write_str("readable; without a manifest, nothing shows that it is complete"),
            Completeness::Incomplete => {
                let unknown: usize = self.unknown.values().map(Vec::len).sum();
                let parts = [(self.damaged.len(), "damaged"), (self.missing.len(), "missing"), (unknown, "unknown")];
                let parts = parts.iter().filter(|(number, _)| *number > 0);
                let parts: Vec<_> = parts.map(|(number, what)| format!("{number} {what}")).collect();
                write!(f, "incomplete: {}", parts.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests;
