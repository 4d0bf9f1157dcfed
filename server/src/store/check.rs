//! The integrity check.

use std::fmt;

use backpack_api::WidgetKind;
use rusqlite::Connection;

use super::error::SqliteError;

/// Problems of a file, one line each.
#[derive(Debug)]
pub struct CheckError(pub Vec<String>);

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for CheckError {}

/// The kinds of widgets, which have a position on a page, and their tables.
const WIDGET_TABLES: [(WidgetKind, &str); 6] = [
    (WidgetKind::Note, "notes"),
    (WidgetKind::List, "lists"),
    (WidgetKind::Separator, "separators"),
    (WidgetKind::Email, "emails"),
    (WidgetKind::Gallery, "galleries"),
    (WidgetKind::Attachment, "attachments"),
];

/// Returns all problems of a file. If one check fails, the other checks still run.
pub(super) fn find_problems(db: &Connection) -> Vec<String> {
    let mut problems = Vec::new();
    for check in [check_structure, check_references, check_positions] {
        if let Err(error) = check(db, &mut problems) {
            problems.push(format!("cannot read the file: {}", SqliteError::from(error)));
        }
    }
    // Several checks may fail for the same reason.
    problems.dedup();
    problems
}

/// Checks the database pages and indexes. SQLite stops after 20 problems.
fn check_structure(db: &Connection, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    db.pragma(None, "integrity_check", 20, |row| {
        let line: String = row.get(0)?;
        problems.extend((line != "ok").then_some(line));
        Ok(())
    })
}

/// Checks the references between rows.
fn check_references(db: &Connection, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    const BROKEN: &str =
        r#"SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2"#;
    let mut statement = db.prepare(BROKEN)?;
    let mut broken = statement.query(())?;
    while let Some(row) = broken.next()? {
        let (table, parent, count): (String, String, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        problems.push(format!("{table}: {count} rows refer to missing rows of {parent}"));
    }
    Ok(())
}

/// Checks that each widget has a position on its page, and each position has its widget.
fn check_positions(db: &Connection, problems: &mut Vec<String>) -> rusqlite::Result<()> {
    for (kind, table) in WIDGET_TABLES {
        // SQL condition: a row of `belongings` is the position of a widget.
        let is_pair = "kind = ?1 AND widget_id = widgets.id AND belongings.page_id = widgets.page_id";
        let count = |query: &str| db.query_row(query, [kind.as_str()], |row| row.get::<_, u64>(0));
        let without_position = count(&format!(
            "SELECT count(*) FROM {table} AS widgets WHERE NOT EXISTS (SELECT 1 FROM belongings WHERE {is_pair})"
        ))?;
        let without_widget = count(&format!(
            "SELECT count(*) FROM belongings
             WHERE kind = ?1 AND NOT EXISTS (SELECT 1 FROM {table} AS widgets WHERE {is_pair})"
        ))?;
        problems.extend(
            (without_position > 0).then(|| format!("{table}: {without_position} rows have no position on their page")),
        );
        problems.extend(
            (without_widget > 0).then(|| format!("belongings: {without_widget} rows refer to missing rows of {table}")),
        );
    }
    Ok(())
}
