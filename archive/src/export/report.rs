//! The fate of each object of an export.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::content::object::{Kind, Object};

/// Result of an export: exactly one fate for each object of the account.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Number of files with each fate.
    pub files: FileCounts,
    /// Number of objects of each kind with each fate.
    pub objects: BTreeMap<Kind, Counts>,
    /// Objects that the format leaves out, by reason.
    pub skipped: BTreeMap<&'static str, Vec<Object>>,
    /// Files that could not be written, with the reason and the objects in them.
    pub failures: Vec<Failure>,
    /// Files of earlier exports that this one does not have. They are still there.
    pub stale: Vec<String>,
    /// Number of pages that have parts in HTML, because Markdown lacks them.
    pub pages_with_html: usize,
}

/// Number of files with each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileCounts {
    /// New or changed files.
    pub written: usize,
    /// Files that had the same bytes.
    pub unchanged: usize,
    /// Files that could not be written.
    pub failed: usize,
    /// Files of earlier exports that were removed.
    pub removed: usize,
}

/// Number of objects with each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Objects in a new or changed file.
    pub written: usize,
    /// Objects in a file that had the same bytes.
    pub unchanged: usize,
    /// Objects that the format leaves out.
    pub skipped: usize,
    /// Objects in a file that could not be written.
    pub failed: usize,
}

/// A file that could not be written.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// Path within the folder.
    pub path: String,
    /// Reason, and a way out.
    pub reason: String,
    /// Objects in the file.
    pub objects: Vec<Object>,
}

/// Fate of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The file is new or changed.
    Written,
    /// The file had the same bytes.
    Unchanged,
    /// The file could not be written, for this reason.
    Failed(String),
}

impl Counts {
    /// Number of objects.
    pub fn total(&self) -> usize {
        self.written + self.unchanged + self.skipped + self.failed
    }
}

impl Report {
    /// `true` if no file failed.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }

    /// Adds the fate of a file to its objects.
    pub(super) fn add_file(&mut self, path: &str, objects: &[Object], fate: Fate) {
        for object in objects {
            let counts = self.objects.entry(object.kind).or_default();
            match fate {
                Fate::Written => counts.written += 1,
                Fate::Unchanged => counts.unchanged += 1,
                Fate::Failed(_) => counts.failed += 1,
            }
        }
        match fate {
            Fate::Written => self.files.written += 1,
            Fate::Unchanged => self.files.unchanged += 1,
            Fate::Failed(reason) => {
                self.files.failed += 1;
                self.failures.push(Failure { path: path.to_owned(), reason, objects: objects.to_vec() });
            }
        }
    }

    /// Adds an object that the format leaves out.
    pub(super) fn add_skipped(&mut self, object: Object, reason: &'static str) {
        self.objects.entry(object.kind).or_default().skipped += 1;
        self.skipped.entry(reason).or_default().push(object);
    }

    /// Compares the objects of this report with those of the account.
    pub(super) fn check_balance(&self, objects: &[Object]) -> Result<(), ExportError> {
        let mut expected: BTreeMap<Kind, usize> = BTreeMap::new();
        objects.iter().for_each(|object| *expected.entry(object.kind).or_default() += 1);
        let found: BTreeMap<Kind, usize> = self.objects.iter().map(|(kind, counts)| (*kind, counts.total())).collect();
        match Kind::ALL.iter().find(|kind| expected.get(kind) != found.get(kind)) {
            Some(kind) => Err(ExportError::Unbalanced {
                kind: *kind,
                expected: expected.get(kind).copied().unwrap_or(0),
                found: found.get(kind).copied().unwrap_or(0),
            }),
            None => Ok(()),
        }
    }
}

/// Error that ends an export.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The objects of the account and their fates do not balance, which is a defect of this program.
    Unbalanced {
        /// Kind of the objects.
        kind: Kind,
        /// Number of objects of the account.
        expected: usize,
        /// Number of fates.
        found: usize,
    },
    /// The account cannot be converted to this format.
    Format(Box<dyn std::error::Error + Send + Sync>),
    /// A file or folder cannot be read or written.
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The list of written files is damaged.
    FileList(PathBuf),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbalanced { kind, expected, found } => {
                write!(f, "the archive has {expected} {}, but the export accounts for {found}", kind.plural())
            }
            Self::Format(_) => f.write_str("cannot convert the account to this format"),
            Self::Io { path, .. } => write!(f, "cannot read or write {}", path.display()),
            Self::FileList(path) => write!(
                f,
                "{} is not a list of exported files: delete it, and export into an empty folder",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Format(source) => Some(source.as_ref()),
            Self::Unbalanced { .. } | Self::FileList(_) => None,
        }
    }
}
