//! Lists. Their items are in [`items`](super::items).

use backpack_api::lists::{self, Create, Destroy, Update};
use backpack_api::runtime::Serve;
use backpack_api::{List, ListId, PageId, WidgetKind};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

/// Lists the lists of a page, by id.
fn list_lists(context: &RequestContext<'_>, page: PageId) -> Result<Vec<List>, ApiError> {
    let read_list = |row: &Row<'_>| Ok(List::new(read_id(row, 0)?, row.get::<_, String>(1)?));
    context.query_all("SELECT id, name FROM lists WHERE page_id = ?1 ORDER BY id", [page.0], read_list)
}

/// Creates an empty list at the bottom of a page.
pub(super) fn create_list(context: &RequestContext<'_>, page: PageId, name: &str) -> Result<ListId, ApiError> {
    let id: ListId = context.insert("INSERT INTO lists (page_id, name) VALUES (?1, ?2)", (page.0, name))?;
    context.append_widget(page, WidgetKind::List, id.0)?;
    Ok(id)
}

impl Serve<lists::List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &lists::List) -> Result<Vec<List>, ApiError> {
        list_lists(self, self.check_page(request.page_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<List, ApiError> {
        let page = self.check_page(request.page_id)?;
        Ok(List::new(create_list(self, page, &request.name)?, &request.name))
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let values = (page.0, request.list_id.0, &request.name);
        self.execute_one("UPDATE lists SET name = ?3 WHERE page_id = ?1 AND id = ?2", values)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    /// Deletes a list with its items, and its position on the page.
    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        self.execute_one("DELETE FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, request.list_id.0))?;
        self.remove_widget(WidgetKind::List, request.list_id.0)
    }
}
