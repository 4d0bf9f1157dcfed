//! The formats.

use super::content::rendering::Rendering;
use super::report::ExportError;
use super::{csv, enex, html, ics, json, markdown, opml};
use crate::model::Account;

/// Format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Markdown files with front matter, for Obsidian, Joplin and others.
    Markdown,
    /// HTML files, which a browser opens from the disk, with a search.
    Html,
    /// One JSON file with all typed values, without secrets.
    Json,
    /// iCalendar files: one for each calendar, and one for the reminders.
    Ics,
    /// CSV files: items, events, reminders and journal.
    Csv,
    /// One file for Evernote and programs that import its notes.
    Enex,
    /// One outline for outliners.
    Opml,
}

impl Format {
    /// All formats.
    pub const ALL: &[Self] = &[Self::Markdown, Self::Html, Self::Json, Self::Ics, Self::Csv, Self::Enex, Self::Opml];

    /// Name of the format in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
            Self::Ics => "ics",
            Self::Csv => "csv",
            Self::Enex => "enex",
            Self::Opml => "opml",
        }
    }
}

/// Renders an account in a format. The result depends on the account only.
pub fn render(account: &Account, format: Format) -> Result<Rendering, ExportError> {
    match format {
        Format::Markdown => Ok(markdown::render(account)),
        Format::Html => Ok(html::render(account)),
        Format::Json => json::render(account),
        Format::Ics => Ok(ics::render(account)),
        Format::Csv => csv::render(account),
        Format::Enex => Ok(enex::render(account)),
        Format::Opml => Ok(opml::render(account)),
    }
}
