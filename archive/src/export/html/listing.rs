//! Reminders, calendars, journal and people as HTML.

use std::fmt::Write;

use super::page::{break_lines, write_list};
use crate::export::content::listings::{Line, Listing};
use crate::render::markup::escape;

/// Writes a list, below its title.
pub(crate) fn write_listing(listing: &Listing) -> String {
    let mut html = String::new();
    for section in &listing.sections {
        html.push_str("<section>\n");
        if !section.heading.is_empty() {
            let _ = writeln!(html, "<h2>{}</h2>", escape(&section.heading));
        }
        html.push_str(&write_list(section.lines.iter().map(write_line)));
        html.push_str("</section>\n");
    }
    html
}

/// Writes a line with its details.
fn write_line(line: &Line) -> String {
    let text = break_lines(&line.text);
    if line.detail.trim().is_empty() { text } else { format!("{text}<br>\n{}", break_lines(&line.detail)) }
}
