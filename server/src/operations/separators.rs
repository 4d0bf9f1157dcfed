//! Separators, with the legacy operations.

use backpack_api::runtime::Serve;
use backpack_api::separators::{Create, Destroy, Update};
use backpack_api::{PageId, PageSeparator, Separator, SeparatorId, WidgetKind, legacy};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

/// Lists the separators of a page, by id.
pub(super) fn list_separators(context: &RequestContext<'_>, page: PageId) -> Result<Vec<PageSeparator>, ApiError> {
    let read_separator = |row: &Row<'_>| Ok(PageSeparator::new(read_id(row, 0)?, row.get::<_, String>(1)?));
    context.query_all("SELECT id, name FROM separators WHERE page_id = ?1 ORDER BY id", [page.0], read_separator)
}

impl RequestContext<'_> {
    /// Creates a separator at the bottom of a page.
    fn create_separator(&self, page: PageId, name: &str) -> Result<Separator, ApiError> {
        let page = self.check_page(page)?;
        let insert = "INSERT INTO separators (page_id, name) VALUES (?1, ?2)";
        let id: SeparatorId = self.insert(insert, (page.0, name))?;
        self.append_widget(page, WidgetKind::Separator, id.0)?;
        Ok(Separator::new(id, name, page))
    }

    /// Renames a separator.
    fn update_separator(&self, page: PageId, id: SeparatorId, name: &str) -> Result<(), ApiError> {
        let page = self.check_page(page)?;
        self.execute_one("UPDATE separators SET name = ?3 WHERE page_id = ?1 AND id = ?2", (page.0, id.0, name))
    }

    /// Deletes a separator and its position on the page.
    fn destroy_separator(&self, page: PageId, id: SeparatorId) -> Result<(), ApiError> {
        let page = self.check_page(page)?;
        self.execute_one("DELETE FROM separators WHERE page_id = ?1 AND id = ?2", (page.0, id.0))?;
        self.remove_widget(WidgetKind::Separator, id.0)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<Separator, ApiError> {
        self.create_separator(request.page_id, &request.name)
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        self.update_separator(request.page_id, request.separator_id, &request.name)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        self.destroy_separator(request.page_id, request.separator_id)
    }
}

impl Serve<legacy::CreateSeparator> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::CreateSeparator) -> Result<Separator, ApiError> {
        self.create_separator(request.page_id, &request.name)
    }
}

impl Serve<legacy::UpdateSeparator> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::UpdateSeparator) -> Result<(), ApiError> {
        self.update_separator(request.page_id, request.separator_id, &request.name)
    }
}

impl Serve<legacy::DestroySeparator> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::DestroySeparator) -> Result<(), ApiError> {
        self.destroy_separator(request.page_id, request.separator_id)
    }
}
