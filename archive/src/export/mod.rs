//! Exports: the account as files for other programs.
//!
//! A format is a pure function from an account to a [`Rendering`]: files in memory, and for each object of the account
//! the file that has it, or the reason why none has. [`write_folder`] writes the files into a folder, and returns a
//! [`Report`] with exactly one fate for each object.
//!
//! Modules in reading order:
//!
//! - `content`: objects, names, links and everything else that several formats share.
//! - `format`: the formats.
//! - `markdown`, `html`, `json`, `ics`, `csv`, `enex`, `opml`: one module for each format.
//! - `folder`, `file_list`: writes files, and knows which files of a folder are its own.
//! - `report`: the fate of each object.

mod content;
mod csv;
mod enex;
mod file_list;
mod folder;
mod format;
mod html;
mod ics;
mod json;
mod markdown;
mod opml;
mod report;

pub use content::object::{Kind, Object};
pub use content::rendering::{ExportedFile, Rendering};
pub use folder::write_folder;
pub use format::{Format, render};
pub use html::content_policy;
pub use report::{Counts, ExportError, Failure, FileCounts, Report};

#[cfg(test)]
mod tests;
