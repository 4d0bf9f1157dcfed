//! Decides which requests a backup makes, and records their responses. It has no HTTP: the caller sends the requests.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::Path;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{EntryId, Page, PageId, UserId, WidgetKind};

use self::summary::RunLine;
pub use self::summary::{PageCounts, Run, Section, Summary};
use crate::counts::{count_document, merge};
use crate::document::{Document, DynHash, ReadDocument, read_response};
use crate::manifest::{FORMAT, Failure, Manifest};
use crate::request::{Kind, Request};
use crate::writer::{Fate, WriteError, Writer};

mod summary;

/// List of what the API does not give: files, images, writeboards.
pub(crate) const FILES: &str = "files.txt";

/// A running backup.
///
/// The caller repeats [`next_request`](Self::next_request) and [`record`](Self::record) or
/// [`record_failure`](Self::record_failure), and then calls [`finish`](Self::finish). A backup that is dropped before
/// leaves the archive as it was; the next one uses what it has stored.
pub struct Backup {
    writer: Writer,
    url: String,
    scope: Vec<Kind>,
    now: Timestamp,
    queue: VecDeque<Request>,
    /// Requests that have left the queue. Each needs one response, and is sent once, even if it was queued again.
    requested: BTreeSet<Request>,
    user: Option<UserId>,
    failures: BTreeMap<Request, String>,
    fates: BTreeMap<Request, Fate>,
    reused: u64,
    skipped: u64,
    /// Hashes of the pages that the archive had before.
    former_pages: BTreeMap<PageId, u64>,
    exported: BTreeMap<PageId, PageNotes>,
    pages: BTreeMap<PageId, PageNotes>,
    listed: BTreeSet<PageId>,
    entries: BTreeSet<EntryId>,
    unknown: Vec<(String, Vec<String>)>,
}

/// Facts about a page that are needed after its document is dropped.
struct PageNotes {
    hash: u64,
    /// Lines for [`FILES`], without the address of the page.
    files: Vec<String>,
    /// `true` if an e-mail has a position on the page, but is not in its document.
    lacks_emails: bool,
}

/// Reason why a backup ends without a result.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// The archive cannot be written.
    Write(WriteError),
    /// The archive is of another account or user.
    OtherAccount {
        /// Base URL in the archive's manifest.
        url: String,
        /// Number of the user in the archive's manifest.
        user: u64,
    },
    /// The user of the token is not known, so the backup knows no request.
    NoUser(String),
    /// The sums of the run do not balance, which is a defect of this program.
    Unbalanced(String),
}

impl From<WriteError> for BackupError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl BackupError {
    /// Creates the error for an archive of another account or user.
    fn other_account(former: &Manifest) -> Self {
        Self::OtherAccount { url: former.url.clone(), user: former.user }
    }
}

impl Backup {
    /// Starts a backup of the account at a base URL. Without a scope, it is that of the former archive, or else all
    /// kinds.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if the archive cannot be written, or is of another account.
    pub fn start(folder: &Path, url: &str, scope: Option<Vec<Kind>>, now: Timestamp) -> Result<Self, BackupError> {
        let writer = Writer::open(folder)?;
        if let Some(former) = writer.former().filter(|former| strip_scheme(&former.url) != strip_scheme(url)) {
            return Err(BackupError::other_account(former));
        }
        let former_pages = hash_former_pages(&writer);
        let former_scope = writer.former().map(|former| former.scope.clone());
        let mut scope = scope.or(former_scope).unwrap_or_else(|| Kind::ALL.to_vec());
        scope.sort();
        scope.dedup();
        Ok(Self {
            writer,
            url: url.to_owned(),
            scope,
            now,
            queue: VecDeque::from([Request::Me]),
            requested: BTreeSet::new(),
            user: None,
            failures: BTreeMap::new(),
            fates: BTreeMap::new(),
            reused: 0,
            skipped: 0,
            former_pages,
            exported: BTreeMap::new(),
            pages: BTreeMap::new(),
            listed: BTreeSet::new(),
            entries: BTreeSet::new(),
            unknown: Vec::new(),
        })
    }

    /// Kinds that the backup includes, sorted.
    pub fn scope(&self) -> &[Kind] {
        &self.scope
    }

    /// Returns the request to send next; `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if a response of an interrupted run cannot be recorded.
    pub fn next_request(&mut self) -> Result<Option<Request>, BackupError> {
        while let Some(request) = self.queue.pop_front() {
            if !self.requested.insert(request) {
                continue;
            }
            // Listings are requested again, because they decide what the account has now.
            let is_reusable = matches!(request, Request::Page(_) | Request::Emails(_) | Request::CalendarEvents(_));
            let interrupted = if is_reusable { self.writer.interrupted_response(request) } else { None };
            match interrupted.map(|body| read_response(request, &body).map(|read| (body, read))) {
                Some(Ok((body, read))) => {
                    self.reused += 1;
                    self.store(request, &body, read)?;
                }
                _ => return Ok(Some(request)),
            }
        }
        Ok(None)
    }

    /// Records the body of the response to a request.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if the response cannot be stored, or shows that the archive is of another user.
    pub fn record(&mut self, request: Request, body: &[u8]) -> Result<(), BackupError> {
        match read_response(request, body) {
            Ok(read) => self.store(request, body, read),
            Err(problem) => {
                self.record_failure(request, problem);
                Ok(())
            }
        }
    }

    /// Records that a request failed. The archive keeps its former response.
    pub fn record_failure(&mut self, request: Request, error: String) {
        self.failures.insert(request, error);
        if request == Request::Pages {
            self.queue_pages();
        }
    }

    /// Stores a response, and adds the requests that follow from it.
    fn store(&mut self, request: Request, body: &[u8], read: ReadDocument) -> Result<(), BackupError> {
        if let Document::User(user) = &read.document {
            self.set_user(user.id)?;
        }
        if let (Request::Journal(page), Document::Journal(entries)) = (request, &read.document) {
            let has_new = entries.iter().any(|entry| !self.entries.contains(&entry.id));
            if has_new {
                self.queue.push_front(Request::Journal(page.saturating_add(1)));
            } else if page > 0 {
                self.skipped += 1;
                return Ok(());
            }
        }
        let fate = self.writer.store(request, body, count_document(&read.document), self.now)?;
        self.fates.insert(request, fate);
        self.note(request, read);
        Ok(())
    }

    /// Sets the user of the token, and adds the requests of the scope.
    fn set_user(&mut self, user: UserId) -> Result<(), BackupError> {
        if let Some(former) = self.writer.former().filter(|former| former.user != user.0) {
            return Err(BackupError::other_account(former));
        }
        self.writer.set_owner(format!("{} {user}", strip_scheme(&self.url)))?;
        self.user = Some(user);
        for kind in self.scope.clone() {
            match kind {
                Kind::Bookmarks => self.queue.push_back(Request::Bookmarks(user)),
                Kind::Calendars => self.queue.push_back(Request::Calendars),
                Kind::Journal => self.queue.push_back(Request::Journal(0)),
                // The list decides, with the export before it, which pages are requested one by one.
                Kind::Pages => self.queue.extend([Request::Export(user), Request::Pages]),
                Kind::Reminders => self.queue.push_back(Request::Reminders),
                Kind::Statuses => self.queue.push_back(Request::Statuses),
                Kind::Users => self.queue.push_back(Request::Users),
            }
        }
        Ok(())
    }

    /// Notes what a document of the archive has, and adds the requests that follow from it.
    fn note(&mut self, request: Request, read: ReadDocument) {
        if !read.unknown.is_empty() {
            self.unknown.push((request.file(), read.unknown));
        }
        match read.document {
            Document::Export(export) => {
                self.exported.extend(export.pages.iter().map(|page| (page.id, PageNotes::new(page))));
            }
            Document::PageList(pages) => {
                self.listed.extend(pages.iter().map(|page| page.id));
                self.queue_pages();
            }
            Document::Page(page) => {
                let notes = PageNotes::new(&page);
                if notes.lacks_emails {
                    self.queue.push_front(Request::Emails(page.id));
                }
                self.pages.insert(page.id, notes);
            }
            Document::Calendars(calendars) => {
                let requests = calendars.iter().map(|calendar| Request::CalendarEvents(calendar.id));
                requests.rev().for_each(|request| self.queue.push_front(request));
            }
            Document::Journal(entries) => self.entries.extend(entries.iter().map(|entry| entry.id)),
            Document::User(_)
            | Document::Members(_)
            | Document::Emails(..)
            | Document::Reminders(_)
            | Document::CalendarEvents(_)
            | Document::Statuses(_)
            | Document::Bookmarks(_) => {}
        }
    }

    /// Adds requests for the pages that the export left out, and for e-mails that its pages left out.
    fn queue_pages(&mut self) {
        let with_emails = self.exported.iter().filter(|(_, notes)| notes.lacks_emails);
        with_emails.for_each(|(page, _)| self.queue.push_front(Request::Emails(*page)));
        let left_out = self.listed.iter().filter(|page| !self.exported.contains_key(page));
        left_out.rev().for_each(|page| self.queue.push_front(Request::Page(*page)));
    }

    /// Writes the archive.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if the archive cannot be written, the user is not known, or the sums do not balance.
    pub fn finish(mut self, run: &Run) -> Result<Summary, BackupError> {
        let Some(user) = self.user else {
            let reason = self.failures.remove(&Request::Me);
            return Err(BackupError::NoUser(reason.unwrap_or_else(|| "the backup was not completed".to_owned())));
        };
        let mut gone = 0;
        for request in self.writer.not_stored() {
            if !self.is_kept(request) {
                gone += 1;
            } else if let Some(Ok(read)) = self.writer.keep(request).map(|body| read_response(request, &body)) {
                self.note(request, read);
            }
        }
        let files = self.list_missing_files();
        let hash = self.writer.store_other(FILES, files.as_bytes())?;
        let failed: Vec<_> = self.failures.iter().map(|(request, error)| new_failure(*request, error)).collect();
        let manifest = Manifest {
            format: FORMAT,
            url: self.url.clone(),
            user: user.0,
            scope: self.scope.clone(),
            responses: Vec::new(),
            failed: failed.clone(),
            other: BTreeMap::from([(FILES.to_owned(), hash)]),
        };
        let summary = self.summarize(gone, failed, files.lines().count());
        self.check_balance(&summary)?;
        self.writer.finish(manifest)?;
        self.writer.append_run(&RunLine::new(self.now, run, &summary))?;
        Ok(summary)
    }

    /// `true` if the archive keeps its former response to a request that this run has no response to: the request
    /// failed, it is not in the scope, or a failed listing would have told whether the account still has it.
    fn is_kept(&self, request: Request) -> bool {
        let failed = |request: &Request| self.failures.contains_key(request);
        let is_out_of_scope = request.kind().is_some_and(|kind| !self.scope.contains(&kind));
        let is_uncertain = match request {
            Request::Page(_) => failed(&Request::Pages),
            Request::Emails(page) => failed(&Request::Pages) || failed(&Request::Page(page)),
            Request::CalendarEvents(_) => failed(&Request::Calendars),
            Request::Journal(_) => self.failures.keys().any(|request| matches!(request, Request::Journal(_))),
            _ => false,
        };
        is_out_of_scope || is_uncertain || failed(&request)
    }

    /// Returns the content of [`FILES`]: address of the page, kind, number and name, separated by tabs.
    fn list_missing_files(&self) -> String {
        let lines = self.collect_pages().into_iter().flat_map(|(page, notes)| {
            notes.files.iter().map(move |file| format!("{}/pages/{page}\t{file}\n", self.url))
        });
        lines.collect()
    }

    /// Collects the pages of the archive. The document of a page itself is newer than the export.
    fn collect_pages(&self) -> BTreeMap<&PageId, &PageNotes> {
        self.exported.iter().chain(&self.pages).collect()
    }

    /// Counts the pages.
    fn count_pages(&self) -> PageCounts {
        let pages = self.collect_pages();
        let mut counts = PageCounts {
            listed: self.listed.len() as u64,
            archived: self.listed.iter().filter(|page| pages.contains_key(page)).count() as u64,
            gone: self.former_pages.keys().filter(|page| !pages.contains_key(page)).count() as u64,
            ..PageCounts::default()
        };
        for (page, notes) in pages {
            match self.former_pages.get(page) {
                None => counts.new += 1,
                Some(former) if *former == notes.hash => counts.unchanged += 1,
                Some(_) => counts.changed += 1,
            }
        }
        counts
    }

    /// Computes the summary.
    fn summarize(&self, gone: u64, failed: Vec<Failure>, missing_files: usize) -> Summary {
        let count = |fate| self.fates.values().filter(|known| **known == fate).count() as u64;
        Summary {
            responses: self.requested.len() as u64,
            new: count(Fate::New),
            changed: count(Fate::Changed),
            unchanged: count(Fate::Unchanged),
            skipped: self.skipped,
            gone,
            reused: self.reused,
            failed,
            pages: self.count_pages(),
            sections: self.collect_sections(),
            missing_files: missing_files as u64,
            unknown: self.unknown.iter().cloned().collect(),
        }
    }

    /// Returns the responses of the archive by section.
    fn collect_sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        let entries = self.writer.entries().values();
        let mut known: Vec<_> = entries.filter_map(|entry| Some((entry.request()?, entry))).collect();
        known.sort_by_key(|(request, _)| *request);
        for (request, entry) in known {
            let name = request.section();
            match sections.last_mut().filter(|last| last.name == name) {
                Some(section) => {
                    section.responses += 1;
                    merge(&mut section.counts, &entry.counts);
                }
                None => sections.push(Section { name, responses: 1, counts: entry.counts.clone() }),
            }
        }
        sections
    }

    /// Checks that each request has one fate, and that each listed page is in the archive or its request has failed.
    fn check_balance(&self, summary: &Summary) -> Result<(), BackupError> {
        let Summary { responses, new, changed, unchanged, skipped, failed, .. } = summary;
        let fates = new + changed + unchanged + skipped + failed.len() as u64;
        let is_accounted = |page: &&PageId| {
            self.exported.contains_key(page)
                || self.pages.contains_key(page)
                || self.failures.contains_key(&Request::Page(**page))
                || !self.scope.contains(&Kind::Pages)
        };
        if fates != *responses {
            return Err(BackupError::Unbalanced(format!("{responses} requests, but {fates} with a known fate")));
        }
        match self.listed.iter().find(|page| !is_accounted(page)) {
            Some(page) => Err(BackupError::Unbalanced(format!("page {page} is listed, but was not requested"))),
            None => Ok(()),
        }
    }
}

impl PageNotes {
    fn new(page: &Page) -> Self {
        let mut files = Vec::new();
        let one_line = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        for attachment in &page.attachments {
            files.push(format!("file\t{}\t{}", attachment.id, one_line(&attachment.file_name)));
        }
        for image in page.galleries.iter().flat_map(|gallery| &gallery.images) {
            files.push(format!("image\t{}\t{}", image.id, one_line(&image.file_name)));
        }
        for belonging in page.belongings.iter().filter(|one| one.kind == WidgetKind::WriteboardLink) {
            files.push(format!("writeboard\t{}\t", belonging.widget_id));
        }
        let known: BTreeSet<_> = page.emails.iter().map(|email| email.id.0).collect();
        let mut placed = page.belongings.iter().filter(|one| one.kind == WidgetKind::Email);
        let lacks_emails = placed.any(|one| u64::try_from(one.widget_id).is_ok_and(|number| !known.contains(&number)));
        Self { hash: page.hash_value(), files, lacks_emails }
    }
}

/// Creates the manifest's record of a failed request.
fn new_failure(request: Request, error: &str) -> Failure {
    Failure {
        file: request.file(),
        operation: request.operation().name.to_owned(),
        path: request.path(),
        error: error.to_owned(),
    }
}

/// Returns hashes of the pages of the former archive.
fn hash_former_pages(writer: &Writer) -> BTreeMap<PageId, u64> {
    let (mut exported, mut pages) = (BTreeMap::new(), BTreeMap::new());
    for request in writer.not_stored() {
        if !matches!(request, Request::Export(_) | Request::Page(_)) {
            continue;
        }
        match writer.read_former(request).map(|body| read_response(request, &body)) {
            Some(Ok(ReadDocument { document: Document::Export(export), .. })) => {
                exported.extend(export.pages.iter().map(|page| (page.id, page.hash_value())));
            }
            Some(Ok(ReadDocument { document: Document::Page(page), .. })) => {
                pages.insert(page.id, page.hash_value());
            }
            _ => {}
        }
    }
    exported.append(&mut pages);
    exported
}

/// Returns a URL without its scheme. An account may switch between http and https.
fn strip_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => write!(f, "{error}"),
            Self::OtherAccount { url, user } => {
                write!(f, "the archive is of user {user} at {url}; choose another folder for this account")
            }
            Self::NoUser(reason) => write!(f, "cannot find out the user of the token: {reason}"),
            Self::Unbalanced(problem) => write!(f, "the sums of the backup do not balance: {problem}"),
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
