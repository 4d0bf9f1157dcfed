//! Reminders, calendars, journal and people as Markdown.

use std::fmt::Write;

use super::words::{escape_line, escape_lines};
use crate::export::content::listings::Listing;

/// Writes a list.
pub(super) fn write_listing(listing: &Listing) -> String {
    let mut text = format!("# {}\n", escape_line(&listing.title));
    for section in &listing.sections {
        if !section.heading.is_empty() {
            let _ = writeln!(text, "\n## {}", escape_line(&section.heading));
        }
        if !section.lines.is_empty() {
            text.push('\n');
        }
        for line in &section.lines {
            let mark = if line.is_task { "[ ] " } else { "" };
            let _ = writeln!(text, "- {mark}{}", escape_lines(&line.text));
            if !line.detail.trim().is_empty() {
                let _ = writeln!(text, "  - {}", escape_lines(&line.detail));
            }
        }
    }
    text
}
