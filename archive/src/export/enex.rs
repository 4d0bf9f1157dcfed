//! ENEX: one file with a note for each page, and one for each list of reminders, events and so on. Evernote and other
//! programs import it.

use std::fmt::Write;

use backpack_api::runtime::jiff::Timestamp;

use super::content::dates::find_page_times;
use super::content::links::PageLinks;
use super::content::listings::build_listings;
use super::content::object::list_bookmarks;
use super::content::rendering::{Rendering, UNAVAILABLE};
use super::content::text::to_one_line;
use super::content::xml::{escape_xml, to_enml};
use super::html::{write_listing, write_page};
use crate::model::Account;

/// Maximum number of characters of a title.
const MAX_TITLE: usize = 255;

/// Renders an account as one file of notes.
pub(super) fn render(account: &Account) -> Rendering {
    let mut out = Rendering::default();
    // A note cannot link to another one, so links lead to the pages in Backpack.
    let links = PageLinks::without_files(account);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE en-export SYSTEM \"http://xml.evernote.com/pub/evernote-export3.dtd\">\n\
         <en-export application=\"backpack\">\n",
    );
    let mut objects = Vec::new();
    for archived in &account.pages {
        let page = write_page(archived, &links);
        objects.extend(page.objects);
        out.skip(page.unavailable, UNAVAILABLE);
        let tags = archived.page.tags.iter().map(|tag| to_one_line(&tag.name.replace(',', " ")));
        let source = links.source(archived.page.id);
        write_note(&archived.page.title, &page.html, find_page_times(archived), tags.collect(), source, &mut text);
    }
    for listing in build_listings(account) {
        write_note(&listing.title, &write_listing(&listing), None, Vec::new(), None, &mut text);
        objects.extend(listing.objects);
    }
    text.push_str("</en-export>\n");
    out.add("notes.enex", text, objects);
    out.skip_settings(account);
    out.skip(list_bookmarks(account), "notes have no bookmarks");
    out
}

/// Writes a note. A title that is too long stays whole in the content.
fn write_note(
    title: &str,
    html: &str,
    times: Option<(Timestamp, Timestamp)>,
    tags: Vec<String>,
    source: Option<String>,
    out: &mut String,
) {
    let full_title = to_one_line(title);
    let title: String = full_title.chars().take(MAX_TITLE).collect();
    let title = if title.trim().is_empty() { "Untitled" } else { title.trim() };
    let heading =
        if full_title.len() > title.len() { format!("<h1>{}</h1>", escape_xml(&full_title)) } else { String::new() };
    let content = to_enml(html);
    let enml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
         <!DOCTYPE en-note SYSTEM \"http://xml.evernote.com/pub/enml2.dtd\">\n<en-note>{heading}{content}</en-note>"
    );
    let _ = write!(
        out,
        "<note><title>{}</title><content><![CDATA[{}]]></content>",
        escape_xml(title),
        // The mark of the end within the content would end it.
        enml.replace("]]>", "]]]]><![CDATA[>")
    );
    if let Some((created, updated)) = times {
        let format = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let _ = write!(out, "<created>{}</created><updated>{}</updated>", format(created), format(updated));
    }
    for tag in tags {
        let _ = write!(out, "<tag>{}</tag>", escape_xml(&tag));
    }
    if let Some(source) = source {
        let _ = write!(out, "<note-attributes><source-url>{}</source-url></note-attributes>", escape_xml(&source));
    }
    out.push_str("</note>\n");
}
