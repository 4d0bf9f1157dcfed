//! What stands where on a page.

use std::collections::HashSet;

use backpack_api::runtime::Serve;
use backpack_api::{Belonging, PageId, WidgetKind, pages};
use rusqlite::{Connection, Row};

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

/// Puts something at the bottom of a page.
pub(crate) fn place(db: &Connection, page: PageId, kind: &WidgetKind, widget: u64) -> rusqlite::Result<()> {
    const PLACE: &str = "INSERT INTO belongings (page_id, kind, widget_id, position)
        SELECT ?1, ?2, ?3, coalesce(max(position), 0) + 1 FROM belongings WHERE page_id = ?1";
    db.prepare_cached(PLACE)?.execute((page.0, kind.as_str(), widget))?;
    Ok(())
}

impl RequestContext<'_> {
    /// Puts something at the bottom of a page.
    pub(crate) fn place(&self, page: PageId, kind: WidgetKind, widget: u64) -> Result<(), ApiError> {
        Ok(place(self.db, page, &kind, widget)?)
    }

    /// Takes something off its page.
    pub(super) fn unplace(&self, kind: WidgetKind, widget: u64) -> Result<(), ApiError> {
        self.execute("DELETE FROM belongings WHERE kind = ?1 AND widget_id = ?2", (kind.as_str(), widget))?;
        Ok(())
    }
}

/// The places of a page, from the top. They count from 1, whatever has gone since.
pub(super) fn of_page(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Belonging>, ApiError> {
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
    type Refusal = ApiError;

    fn serve(&self, request: &pages::Reorder) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let named: Vec<u64> = request.order.iter().map(|belonging| belonging.0).collect();
        let known =
            self.query_all("SELECT id FROM belongings WHERE page_id = ?1 ORDER BY position, id", [page.0], |row| {
                row.get::<_, u64>(0)
            })?;
        for (position, id) in (1i64..).zip(reordered(&known, &named)?) {
            self.execute("UPDATE belongings SET position = ?2 WHERE id = ?1", (id, position))?;
        }
        Ok(())
    }
}

/// Those not named keep their order, above those named. One that is named twice stands where it was named first.
///
/// # Errors
///
/// [`ApiError::NotFound`] if one is named that is not known; [`ApiError::Invalid`] if more are named than there are.
pub(super) fn reordered(known: &[u64], named: &[u64]) -> Result<Vec<u64>, ApiError> {
    let mut left: HashSet<u64> = known.iter().copied().collect();
    if named.iter().any(|id| !left.contains(id)) {
        return Err(ApiError::NotFound);
    }
    if named.len() > known.len() {
        return Err(ApiError::Invalid("An order should name each thing once"));
    }
    let below: Vec<u64> = named.iter().copied().filter(|id| left.remove(id)).collect();
    Ok(known.iter().copied().filter(|id| left.contains(id)).chain(below).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_not_named_stay_above_those_named() {
        assert_eq!(reordered(&[1, 2, 3, 4], &[3, 1]), Ok(vec![2, 4, 3, 1]));
        assert_eq!(reordered(&[1, 2, 3], &[3, 2, 1]), Ok(vec![3, 2, 1]));
        assert_eq!(reordered(&[1, 2], &[]), Ok(vec![1, 2]));
        assert_eq!(reordered(&[1, 2, 3], &[2, 2, 1]), Ok(vec![3, 2, 1]));
        assert_eq!(reordered(&[1, 2], &[7]), Err(ApiError::NotFound));
    }

    #[test]
    fn no_more_are_named_than_there_are() {
        assert!(matches!(reordered(&[1, 2], &[1, 2, 1]), Err(ApiError::Invalid(_))));
        assert_eq!(reordered(&[], &[]), Ok(vec![]));
    }
}
