//! OPML: one outline of all pages, lists, items and notes. Longer texts are in the attribute `_note`, and done items have
//! `_complete`, as outliners read them.

use std::fmt::Write;

use backpack_api::Item;

use super::content::dates::{find_page_times, format_time};
use super::content::listings::build_listings;
use super::content::names::{name_kind, title_account};
use super::content::object::{Kind, Object, list_bookmarks};
use super::content::rendering::{Rendering, UNAVAILABLE};
use super::content::xml::escape_xml;
use crate::model::{Account, ArchivedPage, Widget};

/// Renders an account as one outline.
pub(super) fn render(account: &Account) -> Rendering {
    let mut out = Rendering::default();
    let mut outline = Outline { text: String::new(), objects: Vec::new() };
    let _ = write!(
        outline.text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>{}</title></head>\n<body>\n",
        escape_xml(&title_account(account))
    );
    for archived in &account.pages {
        outline.write_page(archived, &mut out);
    }
    for listing in build_listings(account) {
        outline.open(&listing.title, "");
        for section in &listing.sections {
            if !section.heading.is_empty() {
                outline.open(&section.heading, "");
            }
            section.lines.iter().for_each(|line| outline.add(&line.text, &note_attribute(&line.detail)));
            if !section.heading.is_empty() {
                outline.close();
            }
        }
        outline.close();
        outline.objects.extend(listing.objects);
    }
    outline.text.push_str("</body>\n</opml>\n");
    out.add("pages.opml", outline.text, outline.objects);
    out.skip_settings(account);
    out.skip(list_bookmarks(account), "the outline has no bookmarks");
    out
}

/// An outline while it is written.
struct Outline {
    text: String,
    objects: Vec<Object>,
}

impl Outline {
    /// Opens an entry, with attributes that are XML already.
    fn open(&mut self, text: &str, attributes: &str) {
        let _ = writeln!(self.text, "<outline text=\"{}\"{attributes}>", escape_xml(text));
    }

    /// Closes an entry.
    fn close(&mut self) {
        self.text.push_str("</outline>\n");
    }

    /// Adds an entry without others below it.
    fn add(&mut self, text: &str, attributes: &str) {
        let _ = writeln!(self.text, "<outline text=\"{}\"{attributes}/>", escape_xml(text));
    }

    /// Writes a page with all of its widgets.
    fn write_page(&mut self, archived: &ArchivedPage, out: &mut Rendering) {
        let page = &archived.page;
        self.objects.push(Object::new(Kind::Page, page.id));
        let mut attributes = note_attribute(page.description.as_deref().unwrap_or_default());
        if let Some((created, _)) = find_page_times(archived) {
            let _ = write!(attributes, " created=\"{}\"", created.strftime("%a, %d %b %Y %H:%M:%S GMT"));
        }
        let tags: Vec<&str> = page.tags.iter().map(|tag| tag.name.as_str()).collect();
        if !tags.is_empty() {
            let _ = write!(attributes, " category=\"{}\"", escape_xml(&tags.join(",")));
        }
        self.open(&page.title, &attributes);
        self.add_items(&page.items);
        for widget in archived.widgets() {
            self.write_widget(&widget, out);
        }
        for linked in &page.linked_pages {
            self.add(&format!("Linked page: {}", linked.title), "");
        }
        self.close();
    }

    /// Writes a widget.
    fn write_widget(&mut self, widget: &Widget<'_>, out: &mut Rendering) {
        match widget {
            Widget::Note(note) => {
                self.objects.push(Object::new(Kind::Note, note.id));
                self.add(&note.title, &note_attribute(&note.body));
            }
            Widget::List(list) => {
                self.objects.push(Object::new(Kind::List, list.id));
                self.open(&list.name, "");
                self.add_items(&list.items);
                self.close();
            }
            Widget::Gallery(gallery) => {
                self.objects.push(Object::new(Kind::Gallery, gallery.id));
                self.open(&gallery.name, "");
                for image in &gallery.images {
                    self.objects.push(Object::new(Kind::Image, image.id));
                    self.add(&image.file_name, &note_attribute(image.description.as_deref().unwrap_or_default()));
                }
                self.close();
            }
            Widget::Attachment(attachment) => {
                self.objects.push(Object::new(Kind::Attachment, attachment.id));
                self.add(&attachment.file_name, "");
            }
            Widget::Separator(separator) => {
                self.objects.push(Object::new(Kind::Separator, separator.id));
                self.add(&format!("--- {}", separator.name), "");
            }
            Widget::Email(email) => {
                self.objects.push(Object::new(Kind::Email, email.id));
                let body = format!("{}\n{}", format_time(email.created_at), email.body);
                self.add(&email.subject, &note_attribute(&body));
            }
            Widget::Missing(belonging) => {
                out.skip([Object::new(Kind::UnavailableWidget, belonging.id)], UNAVAILABLE);
                self.add(&format!("{} {}: not in the archive", name_kind(belonging), belonging.widget_id), "");
            }
        }
    }

    /// Adds items.
    fn add_items(&mut self, items: &[Item]) {
        for item in items {
            self.objects.push(Object::new(Kind::Item, item.id));
            self.add(&item.content, if item.completed { " _complete=\"true\"" } else { "" });
        }
    }
}

/// Writes the attribute with a longer text, unless the text is empty.
fn note_attribute(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" _note=\"{}\"", escape_xml(text)) }
}
