//! Whether a file is sound.

use std::fmt;

use backpack_api::WidgetKind;
use rusqlite::Connection;

/// What is wrong with a file, a sentence for each kind of thing.
#[derive(Debug)]
pub struct CheckError(pub Vec<String>);

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for CheckError {}

/// What has its place on a page, and where it is kept.
const PLACED: [(WidgetKind, &str); 6] = [
    (WidgetKind::Note, "notes"),
    (WidgetKind::List, "lists"),
    (WidgetKind::Separator, "separators"),
    (WidgetKind::Email, "emails"),
    (WidgetKind::Gallery, "galleries"),
    (WidgetKind::Attachment, "attachments"),
];

/// All that is wrong; a look that breaks off does not hinder the next.
pub(super) fn wrong(db: &Connection) -> Vec<String> {
    let mut wrong = Vec::new();
    for look in [structure, references, places] {
        if let Err(error) = look(db, &mut wrong) {
            wrong.push(format!("reading broke off: {}", super::plain(&error)));
        }
    }
    wrong.dedup();
    wrong
}

/// The file's own pages and indexes. SQLite stops at the twentieth mistake.
fn structure(db: &Connection, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    db.pragma(None, "integrity_check", 20, |row| {
        let line: String = row.get(0)?;
        wrong.extend((line != "ok").then_some(line));
        Ok(())
    })
}

/// What refers to what.
fn references(db: &Connection, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    const BROKEN: &str =
        r#"SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2"#;
    let mut statement = db.prepare(BROKEN)?;
    let mut broken = statement.query(())?;
    while let Some(row) = broken.next()? {
        let (table, parent, count): (String, String, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        wrong.push(format!("{count} in {table} refer to what is not in {parent}"));
    }
    Ok(())
}

/// That each thing has its place on its page, and each place its thing.
fn places(db: &Connection, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
    for (kind, table) in PLACED {
        let of = "kind = ?1 AND widget_id = things.id AND belongings.page_id = things.page_id";
        let count = |query: &str| db.query_row(query, [kind.as_str()], |row| row.get::<_, u64>(0));
        let lost = count(&format!(
            "SELECT count(*) FROM {table} AS things WHERE NOT EXISTS (SELECT 1 FROM belongings WHERE {of})"
        ))?;
        let empty = count(&format!(
            "SELECT count(*) FROM belongings WHERE kind = ?1 AND NOT EXISTS (SELECT 1 FROM {table} AS things WHERE {of})"
        ))?;
        wrong.extend((lost > 0).then(|| format!("{lost} in {table} have no place on their page")));
        wrong.extend((empty > 0).then(|| format!("{empty} in belongings are places of what is not in {table}")));
    }
    Ok(())
}
