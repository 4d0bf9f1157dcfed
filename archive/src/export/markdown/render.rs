//! All files of the export.

use super::listing::write_listing;
use super::page::{write_link, write_page};
use super::{index, kept_html};
use crate::export::content::links::PageLinks;
use crate::export::content::listings::build_listings;
use crate::export::content::rendering::{Rendering, UNAVAILABLE};
use crate::model::Account;

/// Renders an account as Markdown files.
pub(crate) fn render(account: &Account) -> Rendering {
    let mut out = Rendering::default();
    let links = PageLinks::new(account, ".md");
    let mut with_html = Vec::new();
    for (index, archived) in account.pages.iter().enumerate() {
        let page = write_page(archived, &links);
        let elements = kept_html::count_elements(&page.text);
        if !elements.is_empty() {
            with_html.push((write_link(&archived.page.title, Some(links.name_at(index))), elements));
        }
        out.add(links.name_at(index), page.text, page.objects);
        out.skip(page.unavailable, UNAVAILABLE);
    }
    let mut others: Vec<(String, String)> = Vec::new();
    for listing in build_listings(account) {
        let path = format!("{}.md", listing.path);
        out.add(&path, write_listing(&listing), listing.objects);
        others.push((listing.title, path));
    }
    out.pages_with_html = with_html.len();
    if !with_html.is_empty() {
        out.add(kept_html::PATH, kept_html::write_list(&with_html), Vec::new());
        others.push(("Kept as HTML".to_owned(), kept_html::PATH.to_owned()));
    }
    index::add_index(account, &links, &others, &mut out);
    out.skip_settings(account);
    out
}
