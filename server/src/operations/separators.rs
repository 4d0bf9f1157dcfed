//! Separators, with the legacy operations.

use backpack_api::runtime::Serve;
use backpack_api::separators::{Create, Destroy, Update};
use backpack_api::{PageId, PageSeparator, Separator, SeparatorId, WidgetKind, legacy};
use rusqlite::Row;

use crate::Refusal;
use crate::call::Call;
use crate::store::rows::read_id;

/// Lists the separators of a page, by id.
pub(super) fn list_separators(context: &Call<'_>, page: PageId) -> Result<Vec<PageSeparator>, Refusal> {
    let read_separator = |row: &Row<'_>| Ok(PageSeparator::new(read_id(row, 0)?, row.get::<_, String>(1)?));
    context.rows("SELECT id, name FROM separators WHERE page_id = ?1 ORDER BY id", [page.0], read_separator)
}

impl Call<'_> {
    fn create_separator(&self, page: PageId, name: &str) -> Result<Separator, Refusal> {
        let page = self.page(page)?;
        let insert = "INSERT INTO separators (page_id, name) VALUES (?1, ?2)";
        let id: SeparatorId = self.insert(insert, (page.0, name))?;
        self.append_widget(page, WidgetKind::Separator, id.0)?;
        Ok(Separator::new(id, name, page))
    }

    fn update_separator(&self, page: PageId, id: SeparatorId, name: &str) -> Result<(), Refusal> {
        let page = self.page(page)?;
        self.change_one("UPDATE separators SET name = ?3 WHERE page_id = ?1 AND id = ?2", (page.0, id.0, name))
    }

    fn destroy_separator(&self, page: PageId, id: SeparatorId) -> Result<(), Refusal> {
        let page = self.page(page)?;
        self.change_one("DELETE FROM separators WHERE page_id = ?1 AND id = ?2", (page.0, id.0))?;
        self.remove_widget(WidgetKind::Separator, id.0)
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<Separator, Refusal> {
        self.create_separator(request.page_id, &request.name)
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        self.update_separator(request.page_id, request.separator_id, &request.name)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        self.destroy_separator(request.page_id, request.separator_id)
    }
}

impl Serve<legacy::CreateSeparator> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::CreateSeparator) -> Result<Separator, Refusal> {
        self.create_separator(request.page_id, &request.name)
    }
}

impl Serve<legacy::UpdateSeparator> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::UpdateSeparator) -> Result<(), Refusal> {
        self.update_separator(request.page_id, request.separator_id, &request.name)
    }
}

impl Serve<legacy::DestroySeparator> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::DestroySeparator) -> Result<(), Refusal> {
        self.destroy_separator(request.page_id, request.separator_id)
    }
}
