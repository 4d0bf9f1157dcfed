//! Text for people: pages as plain text, and what search takes for the same.

use std::fmt::Write;

use backpack_api::{Gallery, Image, Page, PageList, WidgetKind};

/// Text in the form in which it is searched, put in order, and taken for the same: without regard to the case of its letters.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Whether a text can be a name: one line, which every answer can hold.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Whether a text could be an address to which mail goes.
pub(crate) fn is_mail_address(text: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && !part.bytes().any(|byte| byte <= b' ' || b"<>,;@\"".contains(&byte));
    text.is_ascii() && text.rsplit_once('@').is_some_and(|(mailbox, host)| fits(mailbox) && fits(host))
}

/// A page as plain text, in the order of the page.
pub(crate) fn of_page(page: &Page) -> String {
    let mut text = format!("{}\n{}\n", page.title, "=".repeat(page.title.chars().count()));
    if let Some(description) = &page.description {
        let _ = write!(text, "\n{description}\n");
    }
    for belonging in &page.belongings {
        let is = |id: u64| i64::try_from(id) == Ok(belonging.widget_id);
        match belonging.kind {
            WidgetKind::Note => {
                let note = page.notes.iter().find(|note| is(note.id.0));
                part(&mut text, note.map(|note| (note.title.as_str(), note.body.clone())));
            }
            WidgetKind::List => {
                let list = page.lists.iter().find(|list| is(list.id.0));
                part(&mut text, list.map(|list| (list.name.as_str(), of_list(list))));
            }
            WidgetKind::Separator => {
                let separator = page.separators.iter().find(|separator| is(separator.id.0));
                part(&mut text, separator.map(|separator| ("", format!("--- {} ---", separator.name))));
            }
            WidgetKind::Email => {
                let email = page.emails.iter().find(|email| is(email.id.0));
                part(&mut text, email.map(|email| (email.subject.as_str(), email.body.clone())));
            }
            WidgetKind::Attachment => {
                let file = page.attachments.iter().find(|file| is(file.id.0));
                part(&mut text, file.map(|file| ("", format!("File: {}", file.file_name))));
            }
            WidgetKind::Gallery => {
                let gallery = page.galleries.iter().find(|gallery| is(gallery.id.0));
                part(&mut text, gallery.map(|gallery| (gallery.name.as_str(), of_gallery(gallery))));
            }
            _ => {}
        }
    }
    text
}

fn part(text: &mut String, part: Option<(&str, String)>) {
    let Some((heading, body)) = part else { return };
    text.push('\n');
    if !heading.is_empty() {
        let _ = writeln!(text, "{heading}\n{}", "-".repeat(heading.chars().count()));
    }
    let _ = writeln!(text, "{body}");
}

fn of_list(list: &PageList) -> String {
    let line = |(done, content): (bool, &str)| format!("[{}] {content}", if done { 'x' } else { ' ' });
    list.items.iter().map(|item| line((item.completed, &item.content))).collect::<Vec<_>>().join("\n")
}

fn of_gallery(gallery: &Gallery) -> String {
    let line = |image: &Image| match &image.description {
        Some(description) => format!("Image: {}: {description}", image.file_name),
        None => format!("Image: {}", image.file_name),
    };
    gallery.images.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `true` if an XML document, and so a response, can contain a character.
pub(crate) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
