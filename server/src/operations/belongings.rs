//! What stands where on a page.

use std::collections::HashSet;

use backpack_api::runtime::Serve;
use backpack_api::{Belonging, PageId, WidgetKind, pages};
use rusqlite::Row;

use crate::Refusal;
use crate::call::{Call, id};
use crate::widgets::append_to_page;

impl Call<'_> {
    /// Puts something at the bottom of a page.
    pub(crate) fn place(&self, page: PageId, kind: WidgetKind, widget: u64) -> Result<(), Refusal> {
        Ok(append_to_page(self.db, page, &kind, widget)?)
    }

    /// Takes something off its page.
    pub(super) fn unplace(&self, kind: WidgetKind, widget: u64) -> Result<(), Refusal> {
        self.change("DELETE FROM belongings WHERE kind = ?1 AND widget_id = ?2", (kind.as_str(), widget))?;
        Ok(())
    }
}

/// The places of a page, from the top. They count from 1, whatever has gone since.
pub(super) fn of_page(call: &Call<'_>, page: PageId) -> Result<Vec<Belonging>, Refusal> {
    let mut position = 0;
    let read = |row: &Row<'_>| {
        position += 1;
        Ok(Belonging::new(id(row, 0)?, position, row.get_ref(1)?.as_str()?, row.get(2)?))
    };
    call.rows("SELECT id, kind, widget_id FROM belongings WHERE page_id = ?1 ORDER BY position, id", [page.0], read)
}

impl Serve<pages::Reorder> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &pages::Reorder) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        let named: Vec<u64> = request.order.iter().map(|belonging| belonging.0).collect();
        let known =
            self.rows("SELECT id FROM belongings WHERE page_id = ?1 ORDER BY position, id", [page.0], |row| {
                row.get::<_, u64>(0)
            })?;
        for (position, id) in (1i64..).zip(reordered(&known, &named)?) {
            self.change("UPDATE belongings SET position = ?2 WHERE id = ?1", (id, position))?;
        }
        Ok(())
    }
}

/// Those not named keep their order, above those named. One that is named twice stands where it was named first.
///
/// # Errors
///
/// [`Refusal::NotFound`] if one is named that is not known; [`Refusal::Invalid`] if more are named than there are.
pub(super) fn reordered(known: &[u64], named: &[u64]) -> Result<Vec<u64>, Refusal> {
    let mut left: HashSet<u64> = known.iter().copied().collect();
    if named.iter().any(|id| !left.contains(id)) {
        return Err(Refusal::NotFound);
    }
    if named.len() > known.len() {
        return Err(Refusal::Invalid("An order should name each thing once"));
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
        assert_eq!(reordered(&[1, 2], &[7]), Err(Refusal::NotFound));
    }

    #[test]
    fn no_more_are_named_than_there_are() {
        assert!(matches!(reordered(&[1, 2], &[1, 2, 1]), Err(Refusal::Invalid(_))));
        assert_eq!(reordered(&[], &[]), Ok(vec![]));
    }
}
