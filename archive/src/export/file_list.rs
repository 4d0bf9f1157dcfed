//! The list of the files that exports have written into a folder, in the notation of `sha256sum`.
//!
//! It tells the files of an export from those of the user: a file is the export's own if its hash is in the list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

use super::report::ExportError;
use crate::manifest::sha256;

/// List of the files that exports of one format have written into a folder.
pub(super) struct FileList {
    path: PathBuf,
    /// Hashes of each path. Several of them only after an export that was interrupted.
    hashes: BTreeMap<String, BTreeSet<String>>,
}

impl FileList {
    /// Reads the list in a folder. It is empty if there is none.
    pub(super) fn open(folder: &Path, format: &str) -> Result<Self, ExportError> {
        let path = folder.join(format!(".backpack-{format}.sha256"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(ExportError::FileList(path)),
            Err(source) => return Err(ExportError::Io { path, source }),
        };
        let mut hashes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in text.lines() {
            match line.split_once("  ").filter(|(_, name)| is_inside(name)) {
                Some((hash, name)) => hashes.entry(name.to_owned()).or_default().insert(hash.to_owned()),
                None => return Err(ExportError::FileList(path)),
            };
        }
        Ok(Self { path, hashes })
    }

    /// `true` if an export has written a file with this path.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.hashes.contains_key(name)
    }

    /// `true` if an export has written these bytes to this path.
    pub(super) fn has_written(&self, name: &str, content: &[u8]) -> bool {
        self.hashes.get(name).is_some_and(|hashes| hashes.contains(&sha256(content)))
    }

    /// Adds a file before it is written, so that an export that is interrupted later leaves no file of unknown origin.
    pub(super) fn announce(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let hash = sha256(content);
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(format!("{hash}  {name}\n").as_bytes())?;
        self.hashes.entry(name.to_owned()).or_default().insert(hash);
        Ok(())
    }

    /// Sets the only hash of a file that is there.
    pub(super) fn set(&mut self, name: &str, content: &[u8]) {
        self.hashes.insert(name.to_owned(), BTreeSet::from([sha256(content)]));
    }

    /// Removes a file that is no longer there.
    pub(super) fn remove(&mut self, name: &str) {
        self.hashes.remove(name);
    }

    /// Paths of the list that are not in `names`.
    pub(super) fn list_others(&self, names: &BTreeSet<&str>) -> Vec<String> {
        self.hashes.keys().filter(|name| !names.contains(name.as_str())).cloned().collect()
    }

    /// Writes the list, unless the file has it already.
    pub(super) fn save(&self) -> io::Result<()> {
        let lines = self.hashes.iter().flat_map(|(name, hashes)| hashes.iter().map(move |hash| (hash, name)));
        let text: String = lines.map(|(hash, name)| format!("{hash}  {name}\n")).collect();
        match fs::read(&self.path) {
            Ok(old) if old == text.as_bytes() => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && text.is_empty() => Ok(()),
            _ => replace_file(&self.path, text.as_bytes()),
        }
    }
}

/// Writes a file as a whole: it has the old content or the new one at any time.
pub(super) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// `true` if a path leads to a file below the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}
