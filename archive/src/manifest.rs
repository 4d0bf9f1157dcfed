//! `manifest.json`: the list of an archive's files.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;
use std::path::Path;

use backpack_api::runtime::jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::counts::Counts;
use crate::request::{Kind, Request};

/// Version of the format that this crate writes, and the newest one that it reads.
pub const FORMAT: u32 = 1;

/// Name of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Content of `manifest.json`. It has no time of the run, so an unchanged account changes no byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// Base URL of the account.
    pub url: String,
    /// Number of the user whose token made the archive.
    pub user: u64,
    /// Kinds that backups include, sorted.
    pub scope: Vec<Kind>,
    /// Responses, sorted by file.
    pub responses: Vec<Entry>,
    /// Requests that failed in the last backup, sorted by file. The next backup repeats them.
    pub failed: Vec<Failure>,
    /// Other files that the backup writes: names with their SHA-256.
    pub other: BTreeMap<String, String>,
}

/// A response of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// File, relative to the archive.
    pub file: String,
    /// Operation that returned it.
    pub operation: String,
    /// Path and query of the request, without the token.
    pub path: String,
    /// SHA-256 of the file, in hex digits.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// Numbers of objects in the response, by kind.
    pub counts: Counts,
    /// Time at which the bytes last changed.
    pub changed_at: Timestamp,
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// File that the response would have. An older response may be there.
    pub file: String,
    /// Operation that failed.
    pub operation: String,
    /// Path and query of the request, without the token.
    pub path: String,
    /// Reason of the last attempt.
    pub error: String,
}

/// Problem of a manifest.
#[derive(Debug)]
pub(crate) enum ManifestError {
    /// The folder has no manifest.
    Missing,
    /// The file cannot be read.
    Io(io::Error),
    /// The file is not a manifest; the text describes the problem.
    Damaged(String),
    /// The format is newer than this crate.
    Newer(u32),
}

/// Part of a manifest that every version has.
#[derive(Deserialize)]
struct AnyVersion {
    format: u32,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Self, ManifestError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ManifestError::Missing),
            Err(error) => return Err(ManifestError::Io(error)),
        };
        let damaged = |error: serde_json::Error| ManifestError::Damaged(error.to_string());
        let version: AnyVersion = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version.format > FORMAT {
            return Err(ManifestError::Newer(version.format));
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(damaged)?;
        manifest.check().map_err(ManifestError::Damaged)?;
        Ok(manifest)
    }

    /// Checks that each entry has the file of a request, once.
    fn check(&self) -> Result<(), String> {
        let mut last = "";
        for entry in &self.responses {
            if Request::from_file(&entry.file).is_none() {
                return Err(format!("{} is not the file of a response", entry.file));
            }
            if entry.file.as_str() <= last {
                return Err(format!("{} is not in order", entry.file));
            }
            last = &entry.file;
        }
        Ok(())
    }

    /// Returns the entry of a request; `None` if the archive has no response to it.
    pub fn entry(&self, request: Request) -> Option<&Entry> {
        let file = request.file();
        let index = self.responses.binary_search_by(|entry| entry.file.as_str().cmp(&file)).ok()?;
        self.responses.get(index)
    }
}

impl Entry {
    /// Request of the entry; `None` if the file is not that of a request.
    pub fn request(&self) -> Option<Request> {
        Request::from_file(&self.file)
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file is missing"),
            Self::Io(error) => write!(f, "the file cannot be read: {error}"),
            Self::Damaged(problem) => write!(f, "the file is damaged: {problem}"),
            Self::Newer(format) => write!(
                f,
                "the archive has format {format}, and this version reads up to format {FORMAT}; update backpack"
            ),
        }
    }
}

/// Returns the SHA-256 of bytes, in hex digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // A string can always be written.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Returns the name of the account in the host of a URL; `None` if the host is an address or a single word.
pub(crate) fn parse_account_name(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    let (name, _) = host.split_once('.')?;
    let is_name = !name.is_empty() && !name.bytes().all(|byte| byte.is_ascii_digit());
    is_name.then(|| name.to_owned())
}
