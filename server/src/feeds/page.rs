//! A public page as HTML.
//!
//! It shows the description, lists, notes, separators and the names of images, whose files are not stored. Attachments
//! and mail are private and left out.

use std::fmt::Write;

use backpack_api::WidgetKind;
use backpack_archive::render::markup;
use rusqlite::{Connection, OptionalExtension, Row};

use super::document::render_document;
use crate::ApiError;
use crate::store::rows::{query_all, read_time};

/// Renders a page of an account. Returns `None` if the account has no such page, or it is not public.
pub(super) fn render_page(db: &Connection, account: &str, page: i64) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT title, description FROM pages JOIN accounts ON accounts.id = account_id
        WHERE pages.id = ?1 AND public AND accounts.name = ?2";
    let find = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let Some((title, description)) = db.prepare_cached(FIND)?.query_row((page, account), find).optional()? else {
        return Ok(None);
    };
    let mut html = description.map(|description| markup::render(&description, &markup::keep_links)).unwrap_or_default();
    let widgets = query_all(
        db,
        "SELECT kind, widget_id FROM belongings WHERE page_id = ?1 ORDER BY position, id",
        [page],
        |row| Ok((WidgetKind::from(row.get::<_, String>(0)?), row.get(1)?)),
    )?;
    for (kind, widget) in widgets {
        write_widget(db, &kind, widget, &mut html)?;
    }
    Ok(Some(render_document(&markup::escape(&title), &html)))
}

/// Writes a widget as a section. Mail, attachments and unknown kinds are skipped, and so is a widget whose row is
/// missing.
fn write_widget(db: &Connection, kind: &WidgetKind, widget: i64, html: &mut String) -> Result<(), ApiError> {
    match kind {
        WidgetKind::Note => {
            const NOTE: &str = "SELECT title, body, show_created_at, created_at FROM notes WHERE id = ?1";
            let read_note = |row: &Row<'_>| {
                let created_at = if row.get(2)? { Some(read_time(row, "created_at")?) } else { None };
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, created_at))
            };
            for (title, body, created_at) in query_all(db, NOTE, [widget], read_note)? {
                let created_at =
                    created_at.map(|at| at.strftime("<p><time datetime=\"%F\">%-d %B %Y</time></p>\n").to_string());
                write_section(
                    html,
                    &title,
                    &(created_at.unwrap_or_default() + &markup::render(&body, &markup::keep_links)),
                );
            }
        }
        WidgetKind::List => {
            for name in query_all(db, "SELECT name FROM lists WHERE id = ?1", [widget], read_text)? {
                write_section(html, &name, &render_items(db, widget)?);
            }
        }
        WidgetKind::Gallery => {
            for name in query_all(db, "SELECT name FROM galleries WHERE id = ?1", [widget], read_text)? {
                write_section(html, &name, &render_images(db, widget)?);
            }
        }
        WidgetKind::Separator => {
            for name in query_all(db, "SELECT name FROM separators WHERE id = ?1", [widget], read_text)? {
                html.push_str("<hr>\n");
                write_section(html, &name, "");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Renders the items of a list; completed ones come last, crossed out.
fn render_items(db: &Connection, list: i64) -> Result<String, ApiError> {
    const ITEMS: &str = "SELECT content, completed FROM items WHERE list_id = ?1 ORDER BY completed, position, id";
    let mut html = String::from("<ul>\n");
    for (content, is_completed) in query_all(db, ITEMS, [list], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
        let content = markup::render_line(&content, &markup::keep_links);
        let _ = if is_completed {
            writeln!(html, "<li><del>{content}</del></li>")
        } else {
            writeln!(html, "<li>{content}</li>")
        };
    }
    html.push_str("</ul>\n");
    Ok(html)
}

/// Renders the file names and descriptions of the images of a gallery.
fn render_images(db: &Connection, gallery: i64) -> Result<String, ApiError> {
    const IMAGES: &str = "SELECT file_name, description FROM images WHERE gallery_id = ?1 ORDER BY id";
    let mut html = String::from("<ul>\n");
    for (name, description) in query_all(db, IMAGES, [gallery], read_image)? {
        let _ = write!(html, "<li>{}", markup::escape(&name));
        if let Some(description) = description.filter(|description| !description.is_empty()) {
            let _ = write!(html, ": {}", markup::escape(&description));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
    Ok(html)
}

/// Writes a section with a heading, which is omitted if it is empty. The content is HTML already.
fn write_section(html: &mut String, heading: &str, content: &str) {
    html.push_str("<section>\n");
    if !heading.is_empty() {
        let _ = writeln!(html, "<h2>{}</h2>", markup::escape(heading));
    }
    let _ = writeln!(html, "{content}</section>");
}

/// Reads the only column of a row.
fn read_text(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

/// Reads the file name and the description of an image.
fn read_image(row: &Row<'_>) -> rusqlite::Result<(String, Option<String>)> {
    Ok((row.get(0)?, row.get(1)?))
}
