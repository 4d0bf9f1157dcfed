//! The report of an import.

use std::collections::BTreeMap;

use backpack_api::{Secret, UserId};

use super::kind::Kind;

/// Outcome of an import. Each object of the archive is counted once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportReport {
    /// Name of the account that the archive was imported into.
    pub account: String,
    /// `true` if the import created the account.
    pub is_new_account: bool,
    /// The user whose archive it is.
    pub user: UserId,
    /// Name of that user.
    pub user_name: String,
    /// API token of that user; `None` if an earlier import has created one.
    pub token: Option<Secret>,
    /// Numbers of objects by kind. Kinds that the archive lacks are absent.
    pub counts: BTreeMap<Kind, Counts>,
    /// Objects that got another number, since a row of the file had theirs.
    pub renumbered: Vec<Renumbered>,
    /// Number of texts in which links to renumbered pages were rewritten.
    pub rewritten_texts: usize,
    /// Objects that were not written.
    pub skipped: Vec<Skipped>,
    /// Objects that an earlier import has written, and whose values in the archive have changed since.
    pub changed: Vec<(Kind, u64)>,
    /// Values that the archive does not have, with those that were set instead, one sentence each.
    pub defaults: Vec<String>,
}

/// Numbers of objects of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Objects that this import has written.
    pub written: usize,
    /// Objects that an earlier import has written. Their rows were not changed.
    pub present: usize,
    /// Objects that were not written, for the reasons in [`ImportReport::skipped`].
    pub skipped: usize,
}

/// An object that got another number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renumbered {
    /// Kind of the object.
    pub kind: Kind,
    /// Number in the archive.
    pub number: u64,
    /// Number in the file.
    pub id: u64,
}

/// An object that was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Kind of the object.
    pub kind: Kind,
    /// Number in the archive.
    pub number: u64,
    /// Reason.
    pub reason: &'static str,
}

impl ImportReport {
    /// Total numbers of objects of all kinds.
    pub fn total(&self) -> Counts {
        self.counts.values().fold(Counts::default(), |total, counts| Counts {
            written: total.written + counts.written,
            present: total.present + counts.present,
            skipped: total.skipped + counts.skipped,
        })
    }
}
