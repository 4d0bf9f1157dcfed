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
        Ok(append_to_page(self.db, page, &kind, widget)?)
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
        let page = self.check_page(request.page_id)?;
        let named: Vec<u64> = request.order.iter().map(|belonging| belonging.0).collect();
        let by_page = "SELECT id FROM belongings WHERE page_id = ?1 ORDER BY position, id";
        let current = self.query_all(by_page, [page.0], |row| row.get::<_, u64>(0))?;
        for (position, id) in (1i64..).zip(reorder(&current, &named)?) {
            self.execute("UPDATE belongings SET position = ?2 WHERE id = ?1", (id, position))?;
        }
        Ok(())
    }
}

/// Moves the named ids to the end, in the given order. The other ids keep their order. If an id is named twice, the
/// first occurrence counts.
///
/// # Errors
///
/// [`ApiError::NotFound`] if a named id is not in `current`; [`ApiError::InvalidValue`] if more ids are named than
/// there are, or none although there are some.
pub(super) fn reorder(current: &[u64], named: &[u64]) -> Result<Vec<u64>, ApiError> {
    let mut unnamed: HashSet<u64> = current.iter().copied().collect();
    if named.iter().any(|id| !unnamed.contains(id)) {
        return Err(ApiError::NotFound);
    }
    if named.is_empty() && !current.is_empty() {
        return Err(ApiError::InvalidValue("An order must name an element"));
    }
    if named.len() > current.len() {
        return Err(ApiError::InvalidValue("An order must name each element at most once"));
    }
    // `remove` returns `false` for an id that is named a second time.
    let moved: Vec<u64> = named.iter().copied().filter(|id| unnamed.remove(id)).collect();
    Ok(current.iter().copied().filter(|id| unnamed.contains(id)).chain(moved).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unnamed_ids_stay_above_named_ones() {
        assert_eq!(reorder(&[1, 2, 3, 4], &[3, 1]), Ok(vec![2, 4, 3, 1]));
        assert_eq!(reorder(&[1, 2, 3], &[3, 2, 1]), Ok(vec![3, 2, 1]));
        assert_eq!(reorder(&[1, 2, 3], &[2, 2, 1]), Ok(vec![3, 2, 1]));
        assert_eq!(reorder(&[1, 2], &[7]), Err(ApiError::NotFound));
    }

    #[test]
    fn rejects_more_ids_than_there_are_and_none() {
        assert!(matches!(reorder(&[1, 2], &[1, 2, 1]), Err(ApiError::InvalidValue(_))));
        assert!(matches!(reorder(&[1, 2], &[]), Err(ApiError::InvalidValue(_))));
        assert_eq!(reorder(&[], &[]), Ok(vec![]));
    }
}
