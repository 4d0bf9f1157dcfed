//! Lists. Their items are in [`items`](super::items).

use backpack_api::lists::{self, Create, Destroy, Update};
use backpack_api::runtime::Serve;
use backpack_api::{List, ListId, PageId, WidgetKind};
use rusqlite::Row;

use crate::Refusal;
use crate::call::Call;
use crate::store::rows::read_id;

/// Lists the lists of a page, by id.
fn list_lists(context: &Call<'_>, page: PageId) -> Result<Vec<List>, Refusal> {
    let read_list = |row: &Row<'_>| Ok(List::new(read_id(row, 0)?, row.get::<_, String>(1)?));
    context.rows("SELECT id, name FROM lists WHERE page_id = ?1 ORDER BY id", [page.0], read_list)
}

/// Creates an empty list at the bottom of a page.
pub(super) fn create_list(context: &Call<'_>, page: PageId, name: &str) -> Result<ListId, Refusal> {
    let id: ListId = context.insert("INSERT INTO lists (page_id, name) VALUES (?1, ?2)", (page.0, name))?;
    context.append_widget(page, WidgetKind::List, id.0)?;
    Ok(id)
}

impl Serve<lists::List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &lists::List) -> Result<Vec<List>, Refusal> {
        list_lists(self, self.page(request.page_id)?)
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<List, Refusal> {
        let page = self.page(request.page_id)?;
        Ok(List::new(create_list(self, page, &request.name)?, &request.name))
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        let values = (page.0, request.list_id.0, &request.name);
        self.change_one("UPDATE lists SET name = ?3 WHERE page_id = ?1 AND id = ?2", values)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        self.change_one("DELETE FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, request.list_id.0))?;
        self.remove_widget(WidgetKind::List, request.list_id.0)
    }
}
