//! Belongings: the positions of widgets on a page.

use std::collections::HashSet;

use backpack_api::runtime::Serve;
use backpack_api::{Belonging, PageId, WidgetKind, pages};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::widgets::append_to_page;

impl RequestContext<'_> {
    /// Adds a widget at the bottom of a page.
    pub(crate) fn append_widget(&self, page: PageId, kind: WidgetKind, widget: u64) -> Result<(), ApiError> {
        Ok(append_to_page(self.db, None, page, &kind, widget)?)
    }

    /// Removes the position of a widget from its page.
    pub(super) fn remove_widget(&self, kind: WidgetKind, widget: u64) -> Result<(), ApiError> {
        self.execute("DELETE FROM belongings WHERE kind = ?1 AND widget_id = ?2", (kind.as_str(), widget))?;
        Ok(())
    }
}

/// Lists the belongings of a page, from the top. Their positions count from 1 without gaps; the stored ones may have
/// gaps from deleted widgets.
pub(super) fn list_belongings(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Belonging>, ApiError> {
    let mut position = 0;
    let read = |row: &Row<'_>| {
        position += 1;
        Ok(Belonging::new(read_id(row, 0)?, position, row.get_ref(1)?.as_str()?, row.get(2)?))
    };
    context.query_all(
        "SELECT id, kind, widget_id FROM belongings WHERE page_id = ?1 ORDER BY position, id",
        [page.0],
        read,
    )
}

impl Serve<pages::Reorder> for RequestContext<'_> {
    type Error = ApiError;

    /// Moves the named belongings to the bottom of their page, in the given order. The others keep their order.
    fn serve(&self, request: &pages::Reorder) -> Result<(), ApiError> {
        const ORDER: OrderStatements = OrderStatements {
            move_to_end:
                "UPDATE belongings SET position = 1 + (SELECT max(position) FROM belongings WHERE page_id = ?1)
                WHERE page_id = ?1 AND id = ?2",
            count: "SELECT count(*) FROM (SELECT 1 FROM belongings WHERE page_id = ?1 LIMIT ?2)",
        };
        let page = self.check_page(request.page_id)?;
        self.reorder(&ORDER, page.0, request.order.iter().map(|belonging| belonging.0))
    }
}

/// Statements that change the order of the rows of a parent: a page or a list, whose id is `?1`.
pub(super) struct OrderStatements {
    /// Moves the row `?2` to the end.
    pub(super) move_to_end: &'static str,
    /// Counts the rows, but at most `?2`.
    pub(super) count: &'static str,
}

impl RequestContext<'_> {
    /// Moves the named rows of a page or a list to the end, in the given order. The other rows keep their order, and
    /// are neither read nor written. If a row is named twice, the first occurrence counts.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no row with a named id; [`ApiError::InvalidValue`] if more ids are named than
    /// there are rows, or no id is named although there are rows.
    pub(super) fn reorder(
        &self,
        order: &OrderStatements,
        parent: u64,
        named: impl ExactSizeIterator<Item = u64>,
    ) -> Result<(), ApiError> {
        let named_count = named.len();
        let mut moved = HashSet::new();
        for id in named {
            if moved.insert(id) {
                self.execute_one(order.move_to_end, (parent, id))?;
            }
        }
        let count_up_to = |limit: usize| self.query_one(order.count, (parent, limit), |row| row.get::<_, usize>(0));
        if named_count == 0 && count_up_to(1)? > 0 {
            return Err(ApiError::InvalidValue("An order must name an element"));
        }
        // All ids were found. If they are different, they cannot be more than the rows, so nothing is counted.
        if moved.len() < named_count && count_up_to(named_count)? < named_count {
            return Err(ApiError::InvalidValue("An order must name each element at most once"));
        }
        Ok(())
    }
}
