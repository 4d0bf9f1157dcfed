//! Lists. What is on them is in [`items`](super::items).

use backpack_api::lists::{Create, Destroy, List as All, Update};
use backpack_api::runtime::Serve;
use backpack_api::{List, ListId, PageId, WidgetKind};
use rusqlite::Row;

use crate::Refusal;
use crate::call::{Call, id};

/// The lists of a page, by number.
fn of_page(call: &Call<'_>, page: PageId) -> Result<Vec<List>, Refusal> {
    let list = |row: &Row<'_>| Ok(List::new(id(row, 0)?, row.get::<_, String>(1)?));
    call.rows("SELECT id, name FROM lists WHERE page_id = ?1 ORDER BY id", [page.0], list)
}

/// Adds an empty list to the bottom of a page.
pub(super) fn create(call: &Call<'_>, page: PageId, name: &str) -> Result<ListId, Refusal> {
    let id: ListId = call.insert("INSERT INTO lists (page_id, name) VALUES (?1, ?2)", (page.0, name))?;
    call.place(page, WidgetKind::List, id.0)?;
    Ok(id)
}

impl Serve<All> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &All) -> Result<Vec<List>, Refusal> {
        of_page(self, self.page(request.page_id)?)
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<List, Refusal> {
        let page = self.page(request.page_id)?;
        Ok(List::new(create(self, page, &request.name)?, &request.name))
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        let list = (page.0, request.list_id.0, &request.name);
        self.change_one("UPDATE lists SET name = ?3 WHERE page_id = ?1 AND id = ?2", list)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        self.change_one("DELETE FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, request.list_id.0))?;
        self.unplace(WidgetKind::List, request.list_id.0)
    }
}
