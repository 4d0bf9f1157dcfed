//! `index.html`: the search, bookmarks, pages, tags, and the other files.

use std::fmt::Write;

use super::document::{INDEX, render_document, render_script};
use super::page::{write_link, write_list};
use crate::export::content::bookmarks::{Target, collect_tags, find_target, sort_pages, title_at};
use crate::export::content::links::PageLinks;
use crate::export::content::listings::Listing;
use crate::export::content::names::title_account;
use crate::export::content::object::list_bookmarks;
use crate::export::content::rendering::Rendering;
use crate::model::{Account, ArchivedPage};
use crate::render::markup::escape;

/// Adds the file.
pub(super) fn add_index(account: &Account, links: &PageLinks, listings: &[Listing], out: &mut Rendering) {
    let link_page = |index: usize| write_link(title_at(account, index), Some(links.name_at(index)));
    let mut html = "<p><input id=\"search\" type=\"search\" placeholder=\"Search\" autofocus></p>\n".to_owned();
    let tags = collect_tags(account);
    let bookmarks = account.bookmarks.iter().map(|bookmark| match find_target(bookmark, &tags, links) {
        Target::Page(index) => link_page(index),
        Target::Text(text) => escape(&text),
    });
    write_section("Bookmarks", bookmarks.collect(), &mut html);
    html.push_str("<section>\n<h2>Pages</h2>\n<ul>\n");
    for index in sort_pages(account) {
        let words = account.pages.get(index).map(collect_words).unwrap_or_default();
        let _ = writeln!(html, "<li data-text=\"{}\">{}</li>", fold_words(&words), link_page(index));
    }
    for listing in listings {
        let lines = listing.sections.iter().flat_map(|section| &section.lines);
        let words: Vec<&str> =
            lines.flat_map(|line| [line.text.as_str(), &line.detail]).chain([listing.title.as_str()]).collect();
        let link = write_link(&listing.title, Some(&format!("{}.html", listing.path)));
        let _ = writeln!(html, "<li data-text=\"{}\">{link}</li>", fold_words(&words));
    }
    html.push_str("</ul>\n</section>\n");
    let tags = tags.into_iter().map(|(name, tagged)| {
        let pages: Vec<String> = tagged.pages.into_iter().map(link_page).collect();
        format!("{}: {}", escape(name), pages.join(", "))
    });
    write_section("Tags", tags.collect(), &mut html);
    html.push_str(&render_script());
    out.add(INDEX, render_document(INDEX, &title_account(account), &html), list_bookmarks(account));
}

/// Writes a section with a list, unless the list is empty.
fn write_section(heading: &str, lines: Vec<String>, html: &mut String) {
    if !lines.is_empty() {
        let list = write_list(lines.into_iter());
        let _ = write!(html, "<section>\n<h2>{heading}</h2>\n{list}</section>\n");
    }
}

/// Collects all texts of a page, as they were typed.
fn collect_words(archived: &ArchivedPage) -> Vec<&str> {
    let page = &archived.page;
    let mut words = vec![page.title.as_str()];
    words.extend(page.description.as_deref());
    words.extend(page.tags.iter().map(|tag| tag.name.as_str()));
    words.extend(page.items.iter().map(|item| item.content.as_str()));
    words.extend(page.notes.iter().flat_map(|note| [note.title.as_str(), &note.body]));
    for list in &page.lists {
        words.push(&list.name);
        words.extend(list.items.iter().map(|item| item.content.as_str()));
    }
    words.extend(page.separators.iter().map(|separator| separator.name.as_str()));
    words.extend(page.emails.iter().flat_map(|email| [email.subject.as_str(), &email.body]));
    words.extend(page.attachments.iter().map(|attachment| attachment.file_name.as_str()));
    for gallery in &page.galleries {
        words.push(&gallery.name);
        words.extend(
            gallery
                .images
                .iter()
                .flat_map(|image| [Some(image.file_name.as_str()), image.description.as_deref()])
                .flatten(),
        );
    }
    words
}

/// Joins texts for the search: in lower case, with single spaces, escaped.
fn fold_words(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().flat_map(|text| text.split_whitespace()).collect();
    escape(&words.join(" ").to_lowercase())
}
