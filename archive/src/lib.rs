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
//! - [`archive`]: opens an archive, or another folder or file with XML of Backpack.

pub mod archive;
mod assemble;
mod document;
pub mod manifest;
pub mod model;
pub mod request;
mod text;

pub use archive::{Archive, ArchivedFile, OpenError, Problem};
