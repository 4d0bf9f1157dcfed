//! A page as plain text, for mail.

use std::fmt::Write;

use backpack_api::{Gallery, Image, Page, PageList, WidgetKind};

/// Renders a page as plain text, its widgets in their order.
pub(crate) fn render_page(page: &Page) -> String {
    let mut text = format!("{}\n{}\n", page.title, "=".repeat(page.title.chars().count()));
    if let Some(description) = &page.description {
        let _ = write!(text, "\n{description}\n");
    }
    for belonging in &page.belongings {
        let is_widget = |id: u64| i64::try_from(id) == Ok(belonging.widget_id);
        match belonging.kind {
            WidgetKind::Note => {
                let note = page.notes.iter().find(|note| is_widget(note.id.0));
                write_section(&mut text, note.map(|note| (note.title.as_str(), note.body.clone())));
            }
            WidgetKind::List => {
                let list = page.lists.iter().find(|list| is_widget(list.id.0));
                write_section(&mut text, list.map(|list| (list.name.as_str(), render_list(list))));
            }
            WidgetKind::Separator => {
                let separator = page.separators.iter().find(|separator| is_widget(separator.id.0));
                write_section(&mut text, separator.map(|separator| ("", format!("--- {} ---", separator.name))));
            }
            WidgetKind::Email => {
                let email = page.emails.iter().find(|email| is_widget(email.id.0));
                write_section(&mut text, email.map(|email| (email.subject.as_str(), email.body.clone())));
            }
            WidgetKind::Attachment => {
                let file = page.attachments.iter().find(|file| is_widget(file.id.0));
                write_section(&mut text, file.map(|file| ("", format!("File: {}", file.file_name))));
            }
            WidgetKind::Gallery => {
                let gallery = page.galleries.iter().find(|gallery| is_widget(gallery.id.0));
                write_section(&mut text, gallery.map(|gallery| (gallery.name.as_str(), render_gallery(gallery))));
            }
            // Other widgets are not part of the page.
            _ => {}
        }
    }
    text
}

/// Appends a section with an optional heading. Skips `None`, for a widget that is not on the page.
fn write_section(text: &mut String, section: Option<(&str, String)>) {
    let Some((heading, body)) = section else { return };
    text.push('\n');
    if !heading.is_empty() {
        let _ = writeln!(text, "{heading}\n{}", "-".repeat(heading.chars().count()));
    }
    let _ = writeln!(text, "{body}");
}

/// Renders the items of a list, one a line; completed ones are marked with `[x]`.
fn render_list(list: &PageList) -> String {
    let line = |(done, content): (bool, &str)| format!("[{}] {content}", if done { 'x' } else { ' ' });
    list.items.iter().map(|item| line((item.completed, &item.content))).collect::<Vec<_>>().join("\n")
}

/// Renders the images of a gallery, one a line: file name and description.
fn render_gallery(gallery: &Gallery) -> String {
    let line = |image: &Image| match &image.description {
        Some(description) => format!("Image: {}: {description}", image.file_name),
        None => format!("Image: {}", image.file_name),
    };
    gallery.images.iter().map(line).collect::<Vec<_>>().join("\n")
}
