//! A public page as HTML, for anybody with its address.
//!
//! It shows text, lists, notes and images, of which only the names are kept. Files and mail are not shown, and not even
//! read.

use std::fmt::Write;

use backpack_api::WidgetKind;
use rusqlite::{Connection, OptionalExtension, Row};

use super::textile;
use crate::ApiError;
use crate::store::rows::{query_all, read_time};

/// What the page looks like.
const STYLE: &str = include_str!("page.css");

/// What a browser may load for the page: images, and this style, which it knows by its hash. No script runs.
pub(super) const POLICY: &str = "default-src 'none'; img-src http: https:; \
     style-src 'sha256-lg2zxI9HV7ydkgrFZUX18RkzrbZ3p+MVXsVj9T2vm60='; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// A page of the account, if there is one and it is public.
pub(super) fn html(db: &Connection, account: &str, page: i64) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT title, description FROM pages JOIN accounts ON accounts.id = account_id
        WHERE pages.id = ?1 AND public AND accounts.name = ?2";
    let find = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let Some((title, description)) = db.prepare_cached(FIND)?.query_row((page, account), find).optional()? else {
        return Ok(None);
    };
    let title = textile::escaped(&title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    if let Some(description) = description {
        html.push_str(&textile::html(&description));
    }
    let places = query_all(
        db,
        "SELECT kind, widget_id FROM belongings WHERE page_id = ?1 ORDER BY position, id",
        [page],
        |row| Ok((WidgetKind::from(row.get::<_, String>(0)?), row.get(1)?)),
    )?;
    for (kind, widget) in places {
        write_widget(db, &kind, widget, &mut html)?;
    }
    html.push_str("</main>\n</body>\n</html>\n");
    Ok(Some(html))
}

fn write_widget(db: &Connection, kind: &WidgetKind, widget: i64, html: &mut String) -> Result<(), ApiError> {
    match kind {
        WidgetKind::Note => {
            const NOTE: &str = "SELECT title, body, show_created_at, created_at FROM notes WHERE id = ?1";
            let note = |row: &Row<'_>| {
                let written = if row.get(2)? { Some(read_time(row, "created_at")?) } else { None };
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, written))
            };
            for (title, body, written) in query_all(db, NOTE, [widget], note)? {
                let written =
                    written.map(|at| at.strftime("<p><time datetime=\"%F\">%-d %B %Y</time></p>\n").to_string());
                section(html, &title, &(written.unwrap_or_default() + &textile::html(&body)));
            }
        }
        WidgetKind::List => {
            for name in query_all(db, "SELECT name FROM lists WHERE id = ?1", [widget], one)? {
                section(html, &name, &items(db, widget)?);
            }
        }
        WidgetKind::Gallery => {
            for name in query_all(db, "SELECT name FROM galleries WHERE id = ?1", [widget], one)? {
                section(html, &name, &images(db, widget)?);
            }
        }
        WidgetKind::Separator => {
            for name in query_all(db, "SELECT name FROM separators WHERE id = ?1", [widget], one)? {
                html.push_str("<hr>\n");
                section(html, &name, "");
            }
        }
        _ => {}
    }
    Ok(())
}

/// What is done comes last, crossed out.
fn items(db: &Connection, list: i64) -> Result<String, ApiError> {
    const ITEMS: &str = "SELECT content, completed FROM items WHERE list_id = ?1 ORDER BY completed, position, id";
    let mut html = String::from("<ul>\n");
    for (content, done) in query_all(db, ITEMS, [list], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
        let content = textile::line(&content);
        let _ =
            if done { writeln!(html, "<li><del>{content}</del></li>") } else { writeln!(html, "<li>{content}</li>") };
    }
    html.push_str("</ul>\n");
    Ok(html)
}

fn images(db: &Connection, gallery: i64) -> Result<String, ApiError> {
    const IMAGES: &str = "SELECT file_name, description FROM images WHERE gallery_id = ?1 ORDER BY id";
    let mut html = String::from("<ul>\n");
    for (name, description) in query_all(db, IMAGES, [gallery], two)? {
        let _ = write!(html, "<li>{}", textile::escaped(&name));
        if let Some(description) = description.filter(|description| !description.is_empty()) {
            let _ = write!(html, ": {}", textile::escaped(&description));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
    Ok(html)
}

fn section(html: &mut String, heading: &str, content: &str) {
    html.push_str("<section>\n");
    if !heading.is_empty() {
        let _ = writeln!(html, "<h2>{}</h2>", textile::escaped(heading));
    }
    let _ = writeln!(html, "{content}</section>");
}

fn one(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

fn two(row: &Row<'_>) -> rusqlite::Result<(String, Option<String>)> {
    Ok((row.get(0)?, row.get(1)?))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_has_the_hash_of_the_style() {
        let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
    }
}
