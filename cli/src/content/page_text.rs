//! A page as text: its widgets in the order of the page, with their numbers.

use backpack_api::{Item, Page};
use backpack_archive::model::{ArchivedPage, Widget};

/// Formats a page. Texts stay as they were typed, in Textile.
pub(super) fn format_page(page: Page) -> String {
    let archived = ArchivedPage::new(page, None);
    let page = &archived.page;
    let mut blocks = vec![format!("# {} [page {}]", page.title, page.id)];
    if !page.tags.is_empty() {
        let tags: Vec<_> = page.tags.iter().map(|tag| tag.name.as_str()).collect();
        blocks.push(format!("Tags: {}", tags.join(", ")));
    }
    blocks.extend(archived.widgets().into_iter().filter_map(format_widget));
    blocks.join("\n\n")
}

/// Formats a widget; `None` if it is of a kind that is not known.
fn format_widget(widget: Widget<'_>) -> Option<String> {
    Some(match widget {
        Widget::Note(note) => format_section(&note.title, &format!("note {}", note.id), &note.body),
        Widget::List(list) => {
            let format_item = |item: &Item| {
                let mark = if item.completed { 'x' } else { ' ' };
                format!("- [{mark}] {} [item {}]", item.content, item.id)
            };
            let items: Vec<_> = list.items.iter().map(format_item).collect();
            format_section(&list.name, &format!("list {}", list.id), &items.join("\n"))
        }
        Widget::Separator(separator) => format!("---- {} [separator {}]", separator.name, separator.id),
        Widget::Gallery(gallery) => {
            let images: Vec<_> = gallery.images.iter().map(|image| image.file_name.as_str()).collect();
            format_section(&gallery.name, &format!("gallery {}", gallery.id), &images.join("\n"))
        }
        Widget::Attachment(file) => format_section(&file.file_name, &format!("file {}", file.id), ""),
        Widget::Email(email) => format_section(&email.subject, &format!("email {}", email.id), &email.body),
        Widget::Missing(belonging) => format!("[{} {}]", belonging.kind, belonging.widget_id),
        _ => return None,
    })
}

/// Formats a heading with a number, and the text below it.
fn format_section(heading: &str, number: &str, text: &str) -> String {
    let space = if heading.is_empty() { "" } else { " " };
    let heading = format!("## {heading}{space}[{number}]");
    if text.is_empty() { heading } else { format!("{heading}\n{}", text.trim_end_matches(['\r', '\n'])) }
}
