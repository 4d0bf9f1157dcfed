//! Result of a backup.

use std::collections::BTreeMap;

use backpack_api::runtime::jiff::Timestamp;
use serde::Serialize;

use crate::counts::Counts;
use crate::manifest::Failure;

/// Facts about a run that its caller knows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Run {
    /// Version of the program.
    pub version: String,
    /// Number of requests that were sent, with repeated ones.
    pub requests: u64,
    /// Number of milliseconds that the run waited for the service.
    pub waited_ms: u64,
}

/// Result of a backup.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Number of responses that the backup needed.
    pub responses: u64,
    /// Responses that the archive did not have.
    pub new: u64,
    /// Responses whose bytes changed.
    pub changed: u64,
    /// Responses whose bytes did not change.
    pub unchanged: u64,
    /// Responses that are not stored, because they are empty and only end a listing.
    pub skipped: u64,
    /// Responses of the former archive that the account no longer has.
    pub gone: u64,
    /// Responses that were taken from an interrupted run.
    pub reused: u64,
    /// Requests that failed, with reasons.
    pub failed: Vec<Failure>,
    /// Pages, if they are in the scope.
    pub pages: PageCounts,
    /// Responses of the archive by section, in the order of the requests.
    pub sections: Vec<Section>,
    /// Lines of `files.txt`.
    pub missing_files: u64,
    /// Files with elements and attributes that this version does not know, and the paths of these.
    pub unknown: BTreeMap<String, Vec<String>>,
}

/// Responses of one section of the archive.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Section {
    /// Name of the section.
    pub name: &'static str,
    /// Number of responses.
    pub responses: u64,
    /// Numbers of objects in these responses, by kind.
    pub counts: Counts,
}

/// Numbers of pages.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PageCounts {
    /// Pages that the account lists.
    pub listed: u64,
    /// Pages in the archive that the account lists.
    pub archived: u64,
    /// Pages that the former archive did not have.
    pub new: u64,
    /// Pages whose content changed.
    pub changed: u64,
    /// Pages of the former archive that the account no longer has.
    pub gone: u64,
    /// Pages whose content did not change.
    pub unchanged: u64,
}

/// A line of the list of runs.
#[derive(Serialize)]
pub(super) struct RunLine<'a> {
    at: Timestamp,
    #[serde(flatten)]
    run: &'a Run,
    new: u64,
    changed: u64,
    gone: u64,
    unchanged: u64,
    errors: Vec<String>,
}

impl<'a> RunLine<'a> {
    /// Creates the line of a run that has ended.
    pub(super) fn new(at: Timestamp, run: &'a Run, summary: &Summary) -> Self {
        let Summary { new, changed, gone, unchanged, .. } = *summary;
        let errors = summary.failed.iter().map(|failure| failure.error.clone()).collect();
        Self { at, run, new, changed, gone, unchanged, errors }
    }
}
