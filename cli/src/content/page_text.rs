//! A page as text: its widgets in the order of the page, with their numbers.

use backpack_api::{Page, WidgetKind};

/// Formats a page. Texts stay as they were typed, in Textile.
pub(super) fn format_page(page: &Page) -> String {
    let mut blocks = vec![format!("# {} [page {}]", page.title, page.id)];
    if !page.tags.is_empty() {
        let tags: Vec<_> = page.tags.iter().map(|tag| tag.name.as_str()).collect();
        blocks.push(format!("Tags: {}", tags.join(", ")));
    }
    let mut belongings: Vec<_> = page.belongings.iter().collect();
    belongings.sort_by_key(|belonging| belonging.position);
    let mut is_shown = |kind: &WidgetKind, id: u64| {
        blocks.extend(format_widget(page, kind, id));
    };
    belongings.iter().for_each(|belonging| is_shown(&belonging.kind, belonging.widget_id.try_into().unwrap_or(0)));
    // Widgets that the page's order does not name.
    for (kind, id) in list_widgets(page) {
        let is_named = |kind: &WidgetKind, id: u64| {
            page.belongings.iter().any(|named| named.kind == *kind && u64::try_from(named.widget_id) == Ok(id))
        };
        if !is_named(&kind, id) {
            is_shown(&kind, id);
        }
    }
    blocks.join("\n\n")
}

/// Lists the widgets that the page contains.
fn list_widgets(page: &Page) -> Vec<(WidgetKind, u64)> {
    let notes = page.notes.iter().map(|note| (WidgetKind::Note, note.id.0));
    let lists = page.lists.iter().map(|list| (WidgetKind::List, list.id.0));
    let separators = page.separators.iter().map(|separator| (WidgetKind::Separator, separator.id.0));
    let galleries = page.galleries.iter().map(|gallery| (WidgetKind::Gallery, gallery.id.0));
    let attachments = page.attachments.iter().map(|attachment| (WidgetKind::Attachment, attachment.id.0));
    let emails = page.emails.iter().map(|email| (WidgetKind::Email, email.id.0));
    notes.chain(lists).chain(separators).chain(galleries).chain(attachments).chain(emails).collect()
}

/// Formats a widget; `None` if the page does not contain it.
fn format_widget(page: &Page, kind: &WidgetKind, id: u64) -> Option<String> {
    match kind {
        WidgetKind::Note => {
            let note = page.notes.iter().find(|note| note.id.0 == id)?;
            Some(format_section(&note.title, &format!("note {id}"), &note.body))
        }
        WidgetKind::List => {
            let list = page.lists.iter().find(|list| list.id.0 == id)?;
            let format_item = |item: &backpack_api::Item| {
                let mark = if item.completed { 'x' } else { ' ' };
                format!("- [{mark}] {} [item {}]", item.content, item.id)
            };
            let items: Vec<_> = list.items.iter().map(format_item).collect();
            Some(format_section(&list.name, &format!("list {id}"), &items.join("\n")))
        }
        WidgetKind::Separator => {
            let separator = page.separators.iter().find(|separator| separator.id.0 == id)?;
            Some(format!("---- {} [separator {id}]", separator.name))
        }
        WidgetKind::Gallery => {
            let gallery = page.galleries.iter().find(|gallery| gallery.id.0 == id)?;
            let images: Vec<_> = gallery.images.iter().map(|image| image.file_name.as_str()).collect();
            Some(format_section(&gallery.name, &format!("gallery {id}"), &images.join("\n")))
        }
        WidgetKind::Attachment => {
            let attachment = page.attachments.iter().find(|attachment| attachment.id.0 == id)?;
            Some(format_section(&attachment.file_name, &format!("file {id}"), ""))
        }
        WidgetKind::Email => {
            let email = page.emails.iter().find(|email| email.id.0 == id)?;
            Some(format_section(&email.subject, &format!("email {id}"), &email.body))
        }
        kind => Some(format!("[{kind} {id}]")),
    }
}

/// Formats a heading with a number, and the text below it.
fn format_section(heading: &str, number: &str, text: &str) -> String {
    let space = if heading.is_empty() { "" } else { " " };
    let heading = format!("## {heading}{space}[{number}]");
    if text.is_empty() { heading } else { format!("{heading}\n{}", text.trim_end_matches(['\r', '\n'])) }
}
