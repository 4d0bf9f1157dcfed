//! Exports: the account as files for other programs.
//!
//! A format is a pure function from an account to a [`Rendering`]: files in memory, and for each object of the account
//! the file that has it, or the reason why none has. [`write_folder`] writes the files into a folder, and returns a
//! [`Report`] with exactly one fate for each object.
//!
//! Modules in reading order:
//!
//! - [`object`]: the objects of an account, which are counted.
//! - [`rendering`]: files in memory, with the objects in them.
//! - [`format`]: the formats.
//! - [`markdown`], [`html`], [`json`], [`ics`], [`csv`], [`enex`], [`opml`]: one module for each format.
//! - [`names`]: names of files, which every file system accepts.
//! - [`links`], [`bookmarks`]: links between pages.
//! - [`listings`]: everything that is on no page.
//! - [`dates`], [`text`], [`xml`]: notation of times, line ends, and XML.
//! - [`folder`], [`file_list`]: writes files, and knows which files of a folder are its own.
//! - [`report`]: the fate of each object.

mod bookmarks;
mod csv;
mod dates;
mod enex;
mod file_list;
mod folder;
mod format;
mod html;
mod ics;
mod json;
mod links;
mod listings;
mod markdown;
mod names;
mod object;
mod opml;
mod rendering;
mod report;
mod text;
mod xml;

pub use folder::write_folder;
pub use format::{Format, render};
pub use html::content_policy;
pub use object::{Kind, Object};
pub use rendering::{ExportedFile, Rendering};
pub use report::{Counts, ExportError, FileCounts, Report};

#[cfg(test)]
mod tests;
