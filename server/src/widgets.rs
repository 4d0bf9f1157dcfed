//! Widgets: the notes, lists, mails and other elements of a page, which have an order.

use backpack_api::{PageId, WidgetKind};
use rusqlite::Connection;

/// Adds a widget at the bottom of a page.
pub(crate) fn append_to_page(db: &Connection, page: PageId, kind: &WidgetKind, widget: u64) -> rusqlite::Result<()> {
    const APPEND: &str = "INSERT INTO belongings (page_id, kind, widget_id, position)
        SELECT ?1, ?2, ?3, coalesce(max(position), 0) + 1 FROM belongings WHERE page_id = ?1";
    db.prepare_cached(APPEND)?.execute((page.0, kind.as_str(), widget))?;
    Ok(())
}
