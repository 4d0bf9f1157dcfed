//! Widgets: the notes, lists, mails and other elements of a page, which have an order.

use backpack_api::{PageId, WidgetKind};
use rusqlite::{Connection, ToSql};

/// Adds a widget at the bottom of a page. `belonging` is the id of its position, which SQLite assigns if it is `None`.
pub(crate) fn append_to_page(
    db: &Connection,
    belonging: Option<u64>,
    page: PageId,
    kind: &WidgetKind,
    widget: impl ToSql,
) -> rusqlite::Result<()> {
    const APPEND: &str = "INSERT INTO belongings (id, page_id, kind, widget_id, position)
        SELECT ?1, ?2, ?3, ?4, coalesce(max(position), 0) + 1 FROM belongings WHERE page_id = ?2";
    db.prepare_cached(APPEND)?.execute((belonging, page.0, kind.as_str(), widget))?;
    Ok(())
}
