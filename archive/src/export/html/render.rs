//! All files of the export.

use super::document::render_document;
use super::index::add_index;
use super::listing::write_listing;
use super::page::write_page;
use crate::export::content::links::PageLinks;
use crate::export::content::listings::build_listings;
use crate::export::content::rendering::{Rendering, UNAVAILABLE};
use crate::model::Account;

/// Renders an account as HTML files.
pub(crate) fn render(account: &Account) -> Rendering {
    let mut out = Rendering::default();
    let links = PageLinks::new(account, ".html");
    for (index, archived) in account.pages.iter().enumerate() {
        let page = write_page(archived, &links);
        let path = links.name_at(index);
        out.add(path, render_document(path, &archived.page.title, &page.html), page.objects);
        out.skip(page.unavailable, UNAVAILABLE);
    }
    let listings = build_listings(account);
    for listing in &listings {
        let path = format!("{}.html", listing.path);
        out.add(&path, render_document(&path, &listing.title, &write_listing(listing)), listing.objects.clone());
    }
    add_index(account, &links, &listings, &mut out);
    out.skip_settings(account);
    out
}
