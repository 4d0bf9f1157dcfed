//! A page as Markdown.

use std::fmt::Write;

use backpack_api::{Attachment, Belonging, Email, Gallery, Item, Note, PageList, PageSeparator};

use super::front_matter::write_front_matter;
use super::words::{escape_line, quote, to_blocks, to_line};
use crate::export::content::dates::format_time;
use crate::export::content::links::PageLinks;
use crate::export::content::names::name_kind;
use crate::export::content::object::{Kind, Object};
use crate::model::{ArchivedPage, Widget};

/// A page with its front matter.
pub(super) struct PageText {
    /// Markdown.
    pub(super) text: String,
    /// Objects that the text has.
    pub(super) objects: Vec<Object>,
    /// Widgets whose content the archive lacks. The text only mentions them.
    pub(super) unavailable: Vec<Object>,
}

/// Writes a page with all of its widgets.
pub(super) fn write_page(archived: &ArchivedPage, links: &PageLinks) -> PageText {
    let mut writer = PageWriter { links, text: String::new(), objects: Vec::new(), unavailable: Vec::new() };
    writer.write_all(archived);
    PageText { text: writer.text, objects: writer.objects, unavailable: writer.unavailable }
}

/// A page while it is written.
struct PageWriter<'a> {
    links: &'a PageLinks,
    text: String,
    objects: Vec<Object>,
    unavailable: Vec<Object>,
}

impl PageWriter<'_> {
    /// Writes a page with all of its widgets.
    fn write_all(&mut self, archived: &ArchivedPage) {
        let page = &archived.page;
        write_front_matter(archived, self.links, &mut self.text);
        self.objects.push(Object::new(Kind::Page, page.id));
        let _ = writeln!(self.text, "# {}", write_link(&page.title, None));
        self.write_blocks(page.description.as_deref().unwrap_or_default());
        self.write_items(&page.items);
        for widget in archived.widgets() {
            match widget {
                Widget::Note(note) => self.write_note(note),
                Widget::List(list) => self.write_list(list),
                Widget::Gallery(gallery) => self.write_gallery(gallery),
                Widget::Attachment(attachment) => self.write_attachment(attachment),
                Widget::Separator(separator) => self.write_separator(separator),
                Widget::Email(email) => self.write_email(email),
                Widget::Missing(belonging) => self.write_missing(belonging),
            }
        }
        if !page.linked_pages.is_empty() {
            self.write_heading("Linked pages", "");
            self.text.push('\n');
            for linked in &page.linked_pages {
                let line = write_link(&linked.title, self.links.find(linked.id));
                let _ = writeln!(self.text, "- {line}");
            }
        }
    }

    /// Writes the heading of a widget: its title, or its kind if the title is empty.
    fn write_heading(&mut self, kind: &str, title: &str) {
        let title = escape_line(title);
        let _ = writeln!(self.text, "\n## {}", if title.is_empty() { kind } else { &title });
    }

    /// Writes a text in Textile.
    fn write_blocks(&mut self, text: &str) {
        let blocks = to_blocks(text, self.links);
        if !blocks.is_empty() {
            let _ = write!(self.text, "\n{blocks}");
        }
    }

    /// Writes a note with the time of its creation.
    fn write_note(&mut self, note: &Note) {
        self.objects.push(Object::new(Kind::Note, note.id));
        self.write_heading("Note", &note.title);
        let _ = writeln!(self.text, "\n*{}*", format_time(note.created_at));
        self.write_blocks(&note.body);
    }

    /// Writes a list with its items.
    fn write_list(&mut self, list: &PageList) {
        self.objects.push(Object::new(Kind::List, list.id));
        self.write_heading("List", &list.name);
        self.write_items(&list.items);
    }

    /// Writes items as tasks.
    fn write_items(&mut self, items: &[Item]) {
        if !items.is_empty() {
            self.text.push('\n');
        }
        for item in items {
            self.objects.push(Object::new(Kind::Item, item.id));
            let mark = if item.completed { 'x' } else { ' ' };
            let content = to_line(&item.content, self.links);
            let _ = writeln!(self.text, "- [{mark}] {content}");
        }
    }

    /// Writes the names and descriptions of the images of a gallery.
    fn write_gallery(&mut self, gallery: &Gallery) {
        self.objects.push(Object::new(Kind::Gallery, gallery.id));
        self.write_heading("Gallery", &gallery.name);
        if !gallery.images.is_empty() {
            self.text.push('\n');
        }
        for image in &gallery.images {
            self.objects.push(Object::new(Kind::Image, image.id));
            let _ = write!(self.text, "- {}", escape_line(&image.file_name));
            match image.description.as_deref().map(escape_line).filter(|description| !description.is_empty()) {
                Some(description) => {
                    let _ = writeln!(self.text, ": {description}");
                }
                None => self.text.push('\n'),
            }
        }
    }

    /// Writes the name of a file.
    fn write_attachment(&mut self, attachment: &Attachment) {
        self.objects.push(Object::new(Kind::Attachment, attachment.id));
        let _ = writeln!(self.text, "\nFile: {}", escape_line(&attachment.file_name));
    }

    /// Writes a line, and the name of the separator as a heading.
    fn write_separator(&mut self, separator: &PageSeparator) {
        self.objects.push(Object::new(Kind::Separator, separator.id));
        self.text.push_str("\n---\n");
        if !separator.name.trim().is_empty() {
            self.write_heading("", &separator.name);
        }
    }

    /// Writes a mail as a quotation.
    fn write_email(&mut self, email: &Email) {
        self.objects.push(Object::new(Kind::Email, email.id));
        self.write_heading("E-mail", &email.subject);
        let _ = write!(self.text, "\n{}", quote(&format_time(email.created_at), &email.body));
    }

    /// Mentions a widget whose content the archive lacks.
    fn write_missing(&mut self, belonging: &Belonging) {
        self.unavailable.push(Object::new(Kind::UnavailableWidget, belonging.id));
        let (kind, number) = (escape_line(name_kind(belonging)), belonging.widget_id);
        let _ = writeln!(self.text, "\n*{kind} {number}: not in the archive*");
    }
}

/// Writes a link to a file, or only the title if there is no such file.
pub(super) fn write_link(title: &str, file: Option<&str>) -> String {
    let title = escape_line(title);
    let title = if title.is_empty() { "Untitled" } else { &title };
    file.map_or_else(|| title.to_owned(), |file| format!("[{title}]({file})"))
}
