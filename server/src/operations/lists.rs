//! Lists. What is on them is in [`items`](super::items).

use backpack_api::lists::{Create, Destroy, List as All, Update};
use backpack_api::runtime::Serve;
use backpack_api::{List, ListId, PageId, WidgetKind};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

/// The lists of a page, by number.
fn of_page(context: &RequestContext<'_>, page: PageId) -> Result<Vec<List>, ApiError> {
    let list = |row: &Row<'_>| Ok(List::new(read_id(row, 0)?, row.get::<_, String>(1)?));
    context.query_all("SELECT id, name FROM lists WHERE page_id = ?1 ORDER BY id", [page.0], list)
}

/// Adds an empty list to the bottom of a page.
pub(super) fn create(context: &RequestContext<'_>, page: PageId, name: &str) -> Result<ListId, ApiError> {
    let id: ListId = context.insert("INSERT INTO lists (page_id, name) VALUES (?1, ?2)", (page.0, name))?;
    context.place(page, WidgetKind::List, id.0)?;
    Ok(id)
}

impl Serve<All> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &All) -> Result<Vec<List>, ApiError> {
        of_page(self, self.check_page(request.page_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<List, ApiError> {
        let page = self.check_page(request.page_id)?;
        Ok(List::new(create(self, page, &request.name)?, &request.name))
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let list = (page.0, request.list_id.0, &request.name);
        self.execute_one("UPDATE lists SET name = ?3 WHERE page_id = ?1 AND id = ?2", list)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        self.execute_one("DELETE FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, request.list_id.0))?;
        self.unplace(WidgetKind::List, request.list_id.0)
    }
}
