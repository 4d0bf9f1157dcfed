//! `index.md`: bookmarks, pages, tags, and the other files.

use std::fmt::Write;

use super::page::write_link;
use super::words::escape_line;
use crate::export::content::bookmarks::{Target, collect_tags, find_target, sort_pages, title_at};
use crate::export::content::links::PageLinks;
use crate::export::content::object::list_bookmarks;
use crate::export::content::rendering::Rendering;
use crate::model::Account;

/// Adds the file. `others` are the files that are not pages: title and path.
pub(super) fn add_index(account: &Account, links: &PageLinks, others: &[(String, String)], out: &mut Rendering) {
    let link_page = |index: usize| write_link(title_at(account, index), Some(links.name_at(index)));
    let name = account.name.as_deref().map(escape_line).filter(|name| !name.is_empty());
    let mut text = name.map_or("# Backpack\n".to_owned(), |name| format!("# Backpack of {name}\n"));
    let tags = collect_tags(account);
    let bookmarks = account.bookmarks.iter().map(|bookmark| match find_target(bookmark, &tags, links) {
        Target::Page(index) => link_page(index),
        Target::Text(text) => escape_line(&text),
    });
    write_section("Bookmarks", bookmarks.collect(), &mut text);
    write_section("Pages", sort_pages(account).into_iter().map(link_page).collect(), &mut text);
    let tags = tags.into_iter().map(|(name, tagged)| {
        let pages: Vec<String> = tagged.pages.into_iter().map(link_page).collect();
        format!("{}: {}", escape_line(name), pages.join(", "))
    });
    write_section("Tags", tags.collect(), &mut text);
    write_section("More", others.iter().map(|(title, path)| write_link(title, Some(path))).collect(), &mut text);
    out.add("index.md", text, list_bookmarks(account));
}

/// Writes a heading and a list, unless the list is empty.
fn write_section(heading: &str, lines: Vec<String>, text: &mut String) {
    if !lines.is_empty() {
        let _ = write!(text, "\n## {heading}\n\n");
    }
    for line in lines {
        let _ = writeln!(text, "- {line}");
    }
}
