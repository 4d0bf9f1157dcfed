//! `kept-as-html.md`: the pages with parts that Markdown lacks, and the elements of these parts.

use std::collections::BTreeMap;
use std::fmt::Write;

use pulldown_cmark::{Event, Options, Parser};

/// Number of start tags by name.
pub(super) type ElementCounts = BTreeMap<String, usize>;

/// Name of the file.
pub(super) const PATH: &str = "kept-as-html.md";

/// Counts the HTML elements in Markdown.
pub(super) fn count_elements(markdown: &str) -> ElementCounts {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut counts = ElementCounts::new();
    for event in Parser::new_ext(markdown, options) {
        if let Event::Html(html) | Event::InlineHtml(html) = event {
            for tag in html.split('<').skip(1) {
                let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
                let name = tag.get(..end).unwrap_or_default();
                // Markdown has no other notation for a line break in a table, a heading or an item.
                if !name.is_empty() && name != "br" {
                    *counts.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
    }
    counts
}

/// Writes the list of pages: a link to each, and the elements in it.
pub(super) fn write_list(pages: &[(String, ElementCounts)]) -> String {
    let mut text = "# Kept as HTML\n\nMarkdown lacks these elements. Each page has them as HTML.\n\n".to_owned();
    for (link, counts) in pages {
        let elements: Vec<_> = counts.iter().map(|(name, count)| format!("{count} × `{name}`")).collect();
        let _ = writeln!(text, "- {link}: {}", elements.join(", "));
    }
    text
}
