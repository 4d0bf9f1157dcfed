//! Writes an archive, so that a kill at any moment leaves the former or the new one.
//!
//! | step | a reader sees |
//! |---|---|
//! | 1. Write new and changed files to `next/`, and sync them | the former archive |
//! | 2. Write `manifest.next` | the new archive, whose files are in `next/` first |
//! | 3. Move replaced files to `old/`, and those in `next/` into place | the same |
//! | 4. Rename `manifest.next` to `manifest.json`, and remove `next/` | the same |
//!
//! Steps 3 and 4 can be repeated, so the next run completes them. `next/` without `manifest.next` is the rest of a run
//! that did not get through step 1; the next run may use what is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use backpack_api::runtime::jiff::Timestamp;
use serde::Serialize;

use crate::archive::{NEXT, NEXT_MANIFEST, list_files};
use crate::counts::Counts;
use crate::manifest::{Entry, MANIFEST, Manifest, ManifestError, sha256};
use crate::request::{RAW, Request};
use crate::storage::{
    append_line, create_folder, open_private, remove_all, remove_empty_folder, rename, replace_file, sync_file,
    sync_files, sync_folder,
};

/// Folder of replaced files.
pub(crate) const OLD: &str = "old";

/// List of the runs.
const RUNS: &str = "runs.jsonl";

/// File whose lock a run holds.
const LOCK: &str = ".lock";

/// File in `next/` with the account and user of its responses. Hidden files are not moved into place.
const OWNER: &str = ".owner";

/// Age up to which a response of an interrupted run is used.
const MAX_REUSE_AGE: Duration = Duration::from_secs(60 * 60);

/// An archive that this process writes. It holds the archive's lock.
pub struct Writer {
    folder: PathBuf,
    _lock: File,
    former: Option<Manifest>,
    /// Responses of this run, by file.
    entries: BTreeMap<String, Entry>,
    /// Files in `next/`.
    staged: BTreeSet<String>,
    /// Account and user of this run; `None` before they are known.
    owner: Option<String>,
}

/// Result of storing a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// The archive had no response to this request.
    New,
    /// The archive had other bytes.
    Changed,
    /// The archive has these bytes.
    Unchanged,
}

/// Reason why an archive cannot be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A file or folder cannot be read or written.
    Io(PathBuf, io::Error),
    /// Another process writes the archive.
    Locked(PathBuf),
    /// The folder has other files, but no manifest.
    NoArchive(PathBuf),
    /// The manifest cannot be read; the text describes the problem.
    Manifest(PathBuf, String),
}

/// Adds the path to an I/O error.
fn at(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |error| WriteError::Io(path, error)
}

impl Writer {
    /// Opens an archive, or creates it in a folder that is empty or does not exist. Completes the run before, if it was
    /// killed while it moved files into place.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if another process writes the archive, or the folder is no archive of this format.
    pub fn open(folder: &Path) -> Result<Self, WriteError> {
        create_folder(folder).map_err(at(folder))?;
        check_is_archive(folder)?;
        let lock = take_lock(folder)?;
        let mut writer = Self {
            folder: folder.to_owned(),
            _lock: lock,
            former: None,
            entries: BTreeMap::new(),
            staged: BTreeSet::new(),
            owner: None,
        };
        writer.former = writer.read_manifest(MANIFEST)?;
        if let Some(next) = writer.read_manifest(NEXT_MANIFEST)? {
            writer.move_into_place(&next)?;
            writer.former = Some(next);
        }
        Ok(writer)
    }

    /// Returns the manifest that the archive had before this run; `None` if it is new.
    pub fn former(&self) -> Option<&Manifest> {
        self.former.as_ref()
    }

    /// Reads a manifest; `None` if there is none.
    fn read_manifest(&self, name: &str) -> Result<Option<Manifest>, WriteError> {
        let path = self.folder.join(name);
        match Manifest::read(&path) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(ManifestError::Missing) => Ok(None),
            Err(ManifestError::Io(error)) => Err(WriteError::Io(path, error)),
            Err(error) => Err(WriteError::Manifest(path, error.to_string())),
        }
    }

    /// Sets the account and user of this run. What an interrupted run of another one has left is removed, so that its
    /// responses are not used.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if it cannot be removed.
    pub fn set_owner(&mut self, owner: String) -> Result<(), WriteError> {
        let next = self.folder.join(NEXT);
        if !fs::read(next.join(OWNER)).is_ok_and(|known| known == owner.as_bytes()) {
            remove_all(&next).map_err(at(&next))?;
        }
        self.owner = Some(owner);
        Ok(())
    }

    /// Returns the response that an interrupted run has stored within the last hour; `None` if there is none.
    pub fn interrupted_response(&self, request: Request) -> Option<Vec<u8>> {
        self.owner.as_ref()?;
        let path = self.next_path(&request.file());
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok()?;
        let age = SystemTime::now().duration_since(modified).ok()?;
        if age > MAX_REUSE_AGE { None } else { fs::read(path).ok() }
    }

    /// Stores the response to a request. `now` is the time of the change, if it is one.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the response cannot be written.
    pub fn store(&mut self, request: Request, body: &[u8], counts: Counts, now: Timestamp) -> Result<Fate, WriteError> {
        let file = request.file();
        let hash = sha256(body);
        let former = self.former.as_ref().and_then(|manifest| manifest.entry(request));
        let is_unchanged = former.is_some_and(|entry| entry.sha256 == hash) && self.has_file(&file, &hash);
        let fate = match former {
            Some(_) if is_unchanged => Fate::Unchanged,
            Some(_) => Fate::Changed,
            None => Fate::New,
        };
        // A file that was damaged on the disk gets its bytes again, which does not change the manifest.
        let same_bytes = former.filter(|entry| entry.sha256 == hash);
        let changed_at = same_bytes.map_or(now, |entry| entry.changed_at);
        if !is_unchanged {
            self.stage(&file, body, &hash)?;
        }
        let entry = Entry {
            operation: request.operation().name.to_owned(),
            path: request.path(),
            sha256: hash,
            size: u64::try_from(body.len()).unwrap_or(u64::MAX),
            counts,
            changed_at,
            file: file.clone(),
        };
        self.entries.insert(file, entry);
        Ok(fate)
    }

    /// Returns the requests of the former archive that this run has stored no response to.
    pub fn not_stored(&self) -> Vec<Request> {
        let former = self.former.iter().flat_map(|former| &former.responses);
        former.filter(|entry| !self.entries.contains_key(&entry.file)).filter_map(Entry::request).collect()
    }

    /// Keeps the archive's response to a request as it is, and returns it; `None` if there is none, or its file cannot
    /// be read.
    pub fn keep(&mut self, request: Request) -> Option<Vec<u8>> {
        let entry = self.former.as_ref()?.entry(request)?.clone();
        self.entries.insert(entry.file.clone(), entry);
        self.read_former(request)
    }

    /// Reads the archive's response to a request; `None` if its file cannot be read.
    pub(crate) fn read_former(&self, request: Request) -> Option<Vec<u8>> {
        fs::read(self.folder.join(request.file())).ok()
    }

    /// Writes a file that the archive derives from its responses. Returns its SHA-256.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the file cannot be written.
    pub fn store_other(&mut self, file: &str, bytes: &[u8]) -> Result<String, WriteError> {
        let hash = sha256(bytes);
        if !self.has_file(file, &hash) {
            self.stage(file, bytes, &hash)?;
        }
        Ok(hash)
    }

    /// Returns the responses of this run, with those that were kept, by file.
    pub fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.entries
    }

    /// Makes `manifest` the manifest of the archive, with the responses of this run. An archive that has this manifest
    /// already is not changed. Files that are no longer in the archive are moved to `old/`.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if a file cannot be written or moved.
    pub fn finish(&mut self, mut manifest: Manifest) -> Result<(), WriteError> {
        manifest.responses = std::mem::take(&mut self.entries).into_values().collect();
        self.remove_leftovers()?;
        if self.former.as_ref() == Some(&manifest) && self.staged.is_empty() {
            return remove_all(&self.folder.join(NEXT)).map_err(at(&self.folder));
        }
        self.sync_staged()?;
        let next = self.folder.join(NEXT_MANIFEST);
        let mut json = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| WriteError::Io(next.clone(), io::Error::other(error)))?;
        json.push(b'\n');
        let ready = self.folder.join(format!("{NEXT}/{MANIFEST}"));
        replace_file(&ready, &json).and_then(|()| sync_file(&ready)).map_err(at(&ready))?;
        rename(&ready, &next).map_err(at(&next))?;
        self.sync(&self.folder)?;
        self.move_into_place(&manifest)?;
        self.former = Some(manifest);
        Ok(())
    }

    /// Appends a line to the list of runs.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the line cannot be written.
    pub fn append_run(&self, run: &impl Serialize) -> Result<(), WriteError> {
        let path = self.folder.join(RUNS);
        let line = serde_json::to_vec(run).map_err(io::Error::other);
        line.and_then(|line| append_line(&path, &line)).map_err(at(&path))
    }

    /// Returns the files that were replaced or are gone from the account, with their sizes.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the folder cannot be read.
    pub fn old_files(&self) -> Result<Vec<(String, u64)>, WriteError> {
        let old = self.folder.join(OLD);
        let mut names = BTreeSet::new();
        if old.exists() {
            list_files(&self.folder, OLD, &mut names).map_err(at(&old))?;
        }
        let with_size = |name: String| {
            let path = self.folder.join(&name);
            let size = fs::metadata(&path).map_err(at(&path))?.len();
            Ok((name, size))
        };
        names.into_iter().map(with_size).collect()
    }

    /// Deletes the files that [`old_files`](Self::old_files) lists.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if a file cannot be deleted.
    pub fn remove_old_files(&mut self) -> Result<(), WriteError> {
        let old = self.folder.join(OLD);
        remove_all(&old).map_err(at(&old))
    }

    /// Writes a file with this SHA-256 to `next/`.
    fn stage(&mut self, file: &str, bytes: &[u8], hash: &str) -> Result<(), WriteError> {
        if let Some(owner) = self.owner.as_ref().filter(|_| self.staged.is_empty()) {
            let path = self.next_path(OWNER);
            replace_file(&path, owner.as_bytes()).map_err(at(&path))?;
        }
        let path = self.next_path(file);
        // An interrupted run may have left the same bytes, which keep their time.
        if !is_file_with(&path, hash) {
            replace_file(&path, bytes).map_err(at(&path))?;
        }
        self.staged.insert(file.to_owned());
        Ok(())
    }

    /// Removes what an interrupted run has left in `next/`. Otherwise it would be moved into place.
    fn remove_leftovers(&self) -> Result<(), WriteError> {
        let next = self.folder.join(NEXT);
        let mut names = BTreeSet::new();
        if next.exists() {
            list_files(&next, "", &mut names).map_err(at(&next))?;
        }
        for name in names.difference(&self.staged) {
            let path = next.join(name);
            remove_all(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    /// Waits until all files in `next/` and their names are on the disk.
    fn sync_staged(&self) -> Result<(), WriteError> {
        let next = self.folder.join(NEXT);
        create_folder(&next).map_err(at(&next))?;
        let mut folders = BTreeSet::from([next.clone()]);
        let paths: Vec<_> = self.staged.iter().map(|file| next.join(file)).collect();
        sync_files(&paths).map_err(|(path, error)| WriteError::Io(path, error))?;
        for path in &paths {
            let above = path.ancestors().skip(1).take_while(|above| above.starts_with(&next));
            folders.extend(above.map(Path::to_owned));
        }
        folders.iter().try_for_each(|folder| self.sync(folder))
    }

    /// Performs steps 3 and 4 of the protocol. All steps that were done before have no effect.
    fn move_into_place(&self, manifest: &Manifest) -> Result<(), WriteError> {
        let mut folders = BTreeSet::from([self.folder.clone()]);
        let files: BTreeSet<&str> = manifest.responses.iter().map(|entry| entry.file.as_str()).collect();
        let former = self.former.iter().flat_map(|former| &former.responses).map(|entry| entry.file.as_str());
        for gone in former.filter(|file| !files.contains(file)) {
            self.move_to_old(gone, &mut folders)?;
            let raw = self.folder.join(RAW);
            let path = self.folder.join(gone);
            path.ancestors().skip(1).take_while(|above| *above != raw).for_each(remove_empty_folder);
        }
        for file in files.into_iter().chain(manifest.other.keys().map(String::as_str)) {
            let (from, to) = (self.next_path(file), self.folder.join(file));
            if !from.exists() {
                continue;
            }
            if Request::from_file(file).is_some() {
                self.move_to_old(file, &mut folders)?;
            }
            if let Some(folder) = to.parent() {
                create_folder(folder).map_err(at(folder))?;
                folders
                    .extend(folder.ancestors().take_while(|above| above.starts_with(&self.folder)).map(Path::to_owned));
            }
            rename(&from, &to).map_err(at(&to))?;
        }
        folders.iter().filter(|folder| folder.exists()).try_for_each(|folder| self.sync(folder))?;
        let manifest = self.folder.join(MANIFEST);
        rename(&self.folder.join(NEXT_MANIFEST), &manifest).map_err(at(&manifest))?;
        self.sync(&self.folder)?;
        let next = self.folder.join(NEXT);
        remove_all(&next).map_err(at(&next))
    }

    /// Moves a file of the archive to `old/`, where its name is its SHA-256.
    fn move_to_old(&self, file: &str, folders: &mut BTreeSet<PathBuf>) -> Result<(), WriteError> {
        let path = self.folder.join(file);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result.map_err(at(&path))?,
        };
        let old = self.folder.join(OLD);
        create_folder(&old).map_err(at(&old))?;
        let to = old.join(format!("{}.xml", sha256(&bytes)));
        rename(&path, &to).map_err(at(&to))?;
        folders.extend(path.parent().map(Path::to_owned));
        folders.insert(old);
        Ok(())
    }

    /// `true` if the archive has this file with this SHA-256.
    fn has_file(&self, file: &str, hash: &str) -> bool {
        is_file_with(&self.folder.join(file), hash)
    }

    fn next_path(&self, file: &str) -> PathBuf {
        self.folder.join(NEXT).join(file)
    }

    /// Waits until the names in a folder are on the disk.
    fn sync(&self, folder: &Path) -> Result<(), WriteError> {
        sync_folder(folder).map_err(at(folder))
    }
}

/// `true` if a file has this SHA-256.
fn is_file_with(path: &Path, hash: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| sha256(&bytes) == hash)
}

/// Checks that a folder is an archive, or can become one: it is empty, or has only what a first run has left.
fn check_is_archive(folder: &Path) -> Result<(), WriteError> {
    let mut names = Vec::new();
    for entry in folder.read_dir().map_err(at(folder))? {
        names.push(entry.map_err(at(folder))?.file_name().to_string_lossy().into_owned());
    }
    let has_manifest = names.iter().any(|name| [MANIFEST, NEXT_MANIFEST].contains(&name.as_str()));
    let is_archive = has_manifest || names.iter().all(|name| name == NEXT || name.starts_with('.'));
    if is_archive { Ok(()) } else { Err(WriteError::NoArchive(folder.to_owned())) }
}

/// Takes the lock of an archive. It ends with the process.
fn take_lock(folder: &Path) -> Result<File, WriteError> {
    let path = folder.join(LOCK);
    let file = open_private(OpenOptions::new().write(true).create(true).truncate(false), &path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(WriteError::Locked(folder.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(WriteError::Io(path, error)),
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot write {}", path.display()),
            Self::Locked(folder) => write!(f, "another run writes the archive {}", folder.display()),
            Self::NoArchive(folder) => {
                write!(f, "{} has files, but is not an archive; choose another folder", folder.display())
            }
            Self::Manifest(path, problem) => {
                write!(f, "cannot update the archive, back up into another folder: {}: {problem}", path.display())
            }
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
