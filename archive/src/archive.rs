//! Opens an archive, or another folder or file with XML of Backpack.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use backpack_api::{CalendarEvent, Email, PageSummary};
use serde::Serialize;

use crate::assemble::{Assembled, Assembly};
use crate::counts::{Counts, count_document};
use crate::document::{ReadDocument, read_any, read_response};
use crate::manifest::{Entry, MANIFEST, Manifest, ManifestError, parse_account_name, sha256};
use crate::model::Account;
use crate::request::{RAW, Request};

/// Folder of the responses of a running or interrupted backup.
pub(crate) const NEXT: &str = "next";

/// Manifest of a backup that is being moved into place.
pub(crate) const NEXT_MANIFEST: &str = "manifest.next";

/// An account that was read from files.
pub struct Archive {
    manifest: Option<Manifest>,
    is_moving: bool,
    files: Vec<ArchivedFile>,
    problems: Vec<Problem>,
    assembled: Assembled,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ArchivedFile {
    /// Name, relative to the folder, with `/` between folders.
    pub name: String,
    /// Number of bytes.
    pub size: u64,
    /// Numbers of objects in the file, by kind.
    pub counts: Counts,
    /// Different paths of elements and attributes that this version does not know.
    pub unknown: Vec<String>,
}

/// Problem of a file. The other files are read nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Name of the file, relative to the folder, with `/` between folders.
    pub file: String,
    /// Description, as a clause.
    pub description: String,
}

/// Reason why nothing was read.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder or file cannot be read.
    Io(PathBuf, io::Error),
    /// The folder has neither a manifest nor an XML file.
    NoArchive(PathBuf),
}

impl Archive {
    /// Opens an archive, a folder of saved responses or pages, or a file with an export.
    ///
    /// Problems of single files are in [`problems`](Self::problems). The files of an archive are compared with its
    /// manifest: a file with other bytes is a problem, and is read nevertheless.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if there is nothing to read at the path.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let metadata = path.metadata().map_err(|error| OpenError::Io(path.to_owned(), error))?;
        if !metadata.is_dir() {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let mut reading = Reading::default();
            reading.add(name, path, None, read_any);
            return Ok(reading.finish(None, false));
        }
        // A manifest that is ready to be moved into place describes the archive already.
        match Manifest::read(&path.join(NEXT_MANIFEST)) {
            Ok(manifest) => return Ok(Reading::default().read_archive(path, manifest, true)),
            Err(ManifestError::Missing) => {}
            Err(error) => return Reading::default().read_raw(path, NEXT_MANIFEST, error),
        }
        match Manifest::read(&path.join(MANIFEST)) {
            Ok(manifest) => Ok(Reading::default().read_archive(path, manifest, false)),
            Err(ManifestError::Missing) => Reading::default().read_folder(path),
            Err(error) => Reading::default().read_raw(path, MANIFEST, error),
        }
    }

    /// Returns the account.
    pub fn account(&self) -> &Account {
        &self.assembled.account
    }

    /// `true` if a backup was interrupted while it moved files into place.
    pub fn is_moving(&self) -> bool {
        self.is_moving
    }

    /// Returns clauses about objects that occur twice in a document.
    pub(crate) fn duplicates(&self) -> &[String] {
        &self.assembled.duplicates
    }

    /// Returns the account, without the rest of the archive.
    pub fn into_account(self) -> Account {
        self.assembled.account
    }

    /// Returns the manifest; `None` if it cannot be read, or the files are not those of an archive.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Returns the files that were read, sorted by name.
    pub fn files(&self) -> &[ArchivedFile] {
        &self.files
    }

    /// Returns the problems of files, sorted by name. The content of a file that is not in [`files`](Self::files) is
    /// not in the account.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the list of all pages of the account. It may have pages that the archive lacks.
    pub fn listed_pages(&self) -> &[PageSummary] {
        &self.assembled.listed_pages
    }

    /// Returns the events whose calendar is not in the archive.
    pub fn stray_events(&self) -> &[CalendarEvent] {
        &self.assembled.stray_events
    }

    /// Returns the e-mails whose page is not in the archive.
    pub fn stray_emails(&self) -> &[Email] {
        &self.assembled.stray_emails
    }
}

/// Files that were read so far.
#[derive(Default)]
struct Reading {
    files: Vec<ArchivedFile>,
    problems: Vec<Problem>,
    assembly: Assembly,
}

impl Reading {
    /// Reads a file, and adds its document or its problems. Compares the file with its entry in the manifest, if there
    /// is one.
    fn add(
        &mut self,
        name: String,
        path: &Path,
        entry: Option<&Entry>,
        read: impl FnOnce(&[u8]) -> Result<ReadDocument, String>,
    ) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.add_problem(&name, describe_read_error(&error)),
        };
        if entry.is_some_and(|entry| entry.sha256 != sha256(&bytes)) {
            self.add_problem(&name, "the file is damaged: it has other bytes than the manifest says".to_owned());
        }
        match read(&bytes) {
            Ok(ReadDocument { document, unknown }) => {
                let counts = count_document(&document);
                if entry.is_some_and(|entry| entry.counts != counts) {
                    self.add_problem(&name, "the file has other objects than the manifest says".to_owned());
                }
                self.assembly.add(document, &name);
                let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.files.push(ArchivedFile { name, size, counts, unknown });
            }
            Err(description) => self.add_problem(&name, description),
        }
    }

    fn add_problem(&mut self, file: &str, description: String) {
        self.problems.push(Problem { file: file.to_owned(), description });
    }

    /// Reads the files of a manifest. If they are being moved into place, those that were not moved yet are in
    /// [`NEXT`].
    fn read_archive(mut self, folder: &Path, manifest: Manifest, is_moving: bool) -> Archive {
        for entry in &manifest.responses {
            let Some(request) = entry.request() else { continue };
            let path = locate_file(folder, &entry.file, is_moving);
            let read = |bytes: &[u8]| read_response(request, bytes);
            self.add(entry.file.clone(), &path, Some(entry), read);
        }
        self.finish(Some(manifest), is_moving)
    }

    /// Reads all responses of an archive whose manifest cannot be read.
    fn read_raw(mut self, folder: &Path, manifest: &str, error: ManifestError) -> Result<Archive, OpenError> {
        self.add_problem(manifest, error.to_string());
        let mut names = BTreeSet::new();
        let io_error = |error| OpenError::Io(folder.join(RAW), error);
        if folder.join(RAW).is_dir() {
            list_files(folder, RAW, &mut names).map_err(io_error)?;
        }
        for name in names {
            match Request::from_file(&name) {
                Some(request) => {
                    self.add(name.clone(), &folder.join(&name), None, |bytes| read_response(request, bytes));
                }
                None => self.add_problem(&name, "the file is not a response".to_owned()),
            }
        }
        Ok(self.finish(None, false))
    }

    /// Reads all XML files of a folder that is no archive.
    fn read_folder(mut self, folder: &Path) -> Result<Archive, OpenError> {
        let mut names = BTreeSet::new();
        list_files(folder, "", &mut names).map_err(|error| OpenError::Io(folder.to_owned(), error))?;
        names.retain(|name| name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("xml")));
        if names.is_empty() {
            return Err(OpenError::NoArchive(folder.to_owned()));
        }
        for name in names {
            self.add(name.clone(), &folder.join(&name), None, read_any);
        }
        Ok(self.finish(None, false))
    }

    /// Puts the account together.
    fn finish(mut self, manifest: Option<Manifest>, is_moving: bool) -> Archive {
        self.problems.sort_by(|one, other| one.file.cmp(&other.file));
        let mut assembled = self.assembly.finish();
        if let Some(manifest) = &manifest {
            assembled.account.name = assembled.account.name.or_else(|| parse_account_name(&manifest.url));
            assembled.account.url = Some(manifest.url.clone());
        }
        Archive { manifest, is_moving, files: self.files, problems: self.problems, assembled }
    }
}

/// Describes why a file cannot be read.
pub(crate) fn describe_read_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "the file is missing".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

/// Returns the path of a file of the archive. While a backup is moved into place, the file is in [`NEXT`] first.
pub(crate) fn locate_file(folder: &Path, file: &str, is_moving: bool) -> PathBuf {
    let next = folder.join(NEXT).join(file);
    if is_moving && next.exists() { next } else { folder.join(file) }
}

/// Adds the names of all files in a folder and its folders, relative to `root`. Hidden ones are left out.
pub(crate) fn list_files(root: &Path, folder: &str, names: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in root.join(folder).read_dir()? {
        let entry = entry?;
        let own_name = entry.file_name().to_string_lossy().into_owned();
        let name = if folder.is_empty() { own_name.clone() } else { format!("{folder}/{own_name}") };
        match entry.file_type()? {
            _ if own_name.starts_with('.') => {}
            kind if kind.is_dir() => list_files(root, &name, names)?,
            _ => {
                names.insert(name);
            }
        }
    }
    Ok(())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.description)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot read {}", path.display()),
            Self::NoArchive(path) => write!(
                f,
                "{} is not an archive: it has no {MANIFEST} and no XML files; `backpack backup` makes an archive",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::NoArchive(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
