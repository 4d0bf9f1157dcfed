//! A page as HTML.

use std::fmt::Write;

use backpack_api::{Belonging, Email, Gallery, Item, Note, PageList};

use crate::export::content::dates::format_time;
use crate::export::content::links::PageLinks;
use crate::export::content::names::name_kind;
use crate::export::content::object::{Kind, Object};
use crate::export::content::text::unify_line_ends;
use crate::model::{ArchivedPage, Widget};
use crate::render::markup::{self, escape};

/// Content of a page below its title.
pub(crate) struct PageContent {
    /// HTML.
    pub(crate) html: String,
    /// Objects that the HTML has.
    pub(crate) objects: Vec<Object>,
    /// Widgets whose content the archive lacks. The HTML only mentions them.
    pub(crate) unavailable: Vec<Object>,
}

/// Writes a page with all of its widgets, below its title.
pub(crate) fn write_page(archived: &ArchivedPage, links: &PageLinks) -> PageContent {
    let mut writer = PageWriter { links, html: String::new(), objects: Vec::new(), unavailable: Vec::new() };
    writer.write_all(archived);
    PageContent { html: writer.html, objects: writer.objects, unavailable: writer.unavailable }
}

/// A page while it is written.
struct PageWriter<'a> {
    links: &'a PageLinks,
    html: String,
    objects: Vec<Object>,
    unavailable: Vec<Object>,
}

impl PageWriter<'_> {
    /// Writes a page with all of its widgets.
    fn write_all(&mut self, archived: &ArchivedPage) {
        let page = &archived.page;
        self.objects.push(Object::new(Kind::Page, page.id));
        if !page.tags.is_empty() {
            let tags: Vec<String> = page.tags.iter().map(|tag| escape(&tag.name)).collect();
            let _ = writeln!(self.html, "<p>Tags: {}</p>", tags.join(", "));
        }
        let description = page.description.as_deref().unwrap_or_default();
        let description = self.render_text(description);
        self.html.push_str(&description);
        if !page.items.is_empty() {
            let items = self.render_items(&page.items);
            self.html.push_str(&items);
        }
        for widget in archived.widgets() {
            match widget {
                Widget::Note(note) => self.write_note(note),
                Widget::List(list) => self.write_list(list),
                Widget::Gallery(gallery) => self.write_gallery(gallery),
                Widget::Attachment(attachment) => {
                    self.objects.push(Object::new(Kind::Attachment, attachment.id));
                    self.write_section("", &format!("<p>File: {}</p>\n", escape(&attachment.file_name)));
                }
                Widget::Separator(separator) => {
                    self.objects.push(Object::new(Kind::Separator, separator.id));
                    self.html.push_str("<hr>\n");
                    self.write_section(&separator.name, "");
                }
                Widget::Email(email) => self.write_email(email),
                Widget::Missing(belonging) => self.write_missing(belonging),
            }
        }
        if !page.linked_pages.is_empty() {
            let lines = page.linked_pages.iter().map(|linked| write_link(&linked.title, self.links.find(linked.id)));
            self.write_section("Linked pages", &write_list(lines));
        }
    }

    /// Renders a text in Textile.
    fn render_text(&self, text: &str) -> String {
        markup::render(text, &|url| self.links.rewrite(url))
    }

    /// Writes a section with a heading, which is omitted if it is empty. The content is HTML already.
    fn write_section(&mut self, heading: &str, content: &str) {
        self.html.push_str("<section>\n");
        if !heading.trim().is_empty() {
            let _ = writeln!(self.html, "<h2>{}</h2>", escape(heading));
        }
        let _ = writeln!(self.html, "{content}</section>");
    }

    /// Writes a note with the time of its creation.
    fn write_note(&mut self, note: &Note) {
        self.objects.push(Object::new(Kind::Note, note.id));
        let at = note.created_at;
        let body = self.render_text(&note.body);
        let time = format!("<p><time datetime=\"{at}\">{}</time></p>\n", format_time(at));
        self.write_section(&note.title, &format!("{time}{body}"));
    }

    /// Writes a list with its items.
    fn write_list(&mut self, list: &PageList) {
        self.objects.push(Object::new(Kind::List, list.id));
        let items = self.render_items(&list.items);
        self.write_section(&list.name, &items);
    }

    /// Renders items; completed ones are crossed out.
    fn render_items(&mut self, items: &[Item]) -> String {
        self.objects.extend(items.iter().map(|item| Object::new(Kind::Item, item.id)));
        write_list(items.iter().map(|item| {
            let content = markup::render_line(&item.content, &|url| self.links.rewrite(url));
            if item.completed { format!("<del>{content}</del>") } else { content }
        }))
    }

    /// Writes the names and descriptions of the images of a gallery.
    fn write_gallery(&mut self, gallery: &Gallery) {
        self.objects.push(Object::new(Kind::Gallery, gallery.id));
        self.objects.extend(gallery.images.iter().map(|image| Object::new(Kind::Image, image.id)));
        let lines = gallery.images.iter().map(|image| {
            let name = escape(&image.file_name);
            let description = image.description.as_deref().filter(|description| !description.is_empty());
            description.map_or_else(|| name.clone(), |description| format!("{name}: {}", escape(description)))
        });
        self.write_section(&gallery.name, &write_list(lines));
    }

    /// Writes a mail with its time.
    fn write_email(&mut self, email: &Email) {
        self.objects.push(Object::new(Kind::Email, email.id));
        let at = email.created_at;
        let time = format!("<p><time datetime=\"{at}\">{}</time></p>\n", format_time(at));
        let body = break_lines(email.body.trim_matches(['\r', '\n']));
        self.write_section(&email.subject, &format!("<blockquote>\n{time}<p>{body}</p>\n</blockquote>\n"));
    }

    /// Mentions a widget whose content the archive lacks.
    fn write_missing(&mut self, belonging: &Belonging) {
        self.unavailable.push(Object::new(Kind::UnavailableWidget, belonging.id));
        let (kind, number) = (escape(name_kind(belonging)), belonging.widget_id);
        let text = format!("<p><em>{kind} {number}: not in the archive</em></p>\n");
        self.write_section("", &text);
    }
}

/// Escapes a plain text, and keeps its line breaks.
pub(super) fn break_lines(text: &str) -> String {
    escape(&unify_line_ends(text)).replace('\n', "<br>\n")
}

/// Writes a list, whose lines are HTML already.
pub(super) fn write_list(lines: impl Iterator<Item = String>) -> String {
    let mut html = String::from("<ul>\n");
    for line in lines {
        let _ = writeln!(html, "<li>{line}</li>");
    }
    html.push_str("</ul>\n");
    html
}

/// Escapes a title, and replaces an empty one.
pub(super) fn escape_title(title: &str) -> String {
    if title.trim().is_empty() { "Untitled".to_owned() } else { escape(title) }
}

/// Writes a link to a file, or only the title if there is no such file.
pub(super) fn write_link(title: &str, file: Option<&str>) -> String {
    let title = escape_title(title);
    file.map_or_else(|| title.clone(), |file| format!("<a href=\"{}\">{title}</a>", escape(file)))
}
