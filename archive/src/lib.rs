//! Archive of a Backpack account: a folder with the responses of the API as they were received.
//!
//! Modules in reading order:
//!
//! - [`model`]: the account as typed values, put together from all responses of an archive.
//! - [`request`]: the requests whose responses an archive keeps, and the file of each.
//! - [`manifest`]: `manifest.json`, the list of these files.
//! - `text`: the text of a file: its encoding and document type declaration.
//! - `document`: a response as typed values.
//! - `assemble`: puts the account together from documents.
//! - [`counts`]: numbers of objects by kind.
//! - [`archive`]: opens an archive, or another folder or file with XML of Backpack.
//! - `storage`: files and folders that survive a crash.
//! - [`writer`]: writes an archive, so that a kill at any moment leaves the former or the new one.
//! - [`backup`]: decides which requests a backup makes, and records their responses.
//! - [`compare`](mod@compare): names the differences between two responses to a request.
//! - [`verify`](mod@verify): compares an archive with its manifest, and its objects with each other.
//! - [`render`]: text as HTML, events as iCalendar.
//! - [`export`]: the account as files for other programs.

pub mod archive;
mod assemble;
pub mod backup;
pub mod compare;
pub mod counts;
mod document;
pub mod export;
pub mod manifest;
pub mod model;
pub mod render;
pub mod request;
mod storage;
mod text;
pub mod verify;
pub mod writer;

pub use archive::{Archive, ArchivedFile, OpenError, Problem};

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
