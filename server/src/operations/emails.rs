//! Mail that came to a page's address.

use backpack_api::emails::{Destroy, List, Show};
use backpack_api::runtime::Serve;
use backpack_api::{Email, PageId, WidgetKind};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// The mail of a page, newest first.
pub(super) fn of_page(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Email>, ApiError> {
    context.query_all(
        "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 ORDER BY created_at DESC, id DESC",
        [page.0],
        email,
    )
}

fn email(row: &Row<'_>) -> rusqlite::Result<Email> {
    let (subject, body): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Email::new(read_id(row, 0)?, subject, read_time(row, 3)?, body))
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Email>, ApiError> {
        of_page(self, self.check_page(request.page_id)?)
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Show) -> Result<Email, ApiError> {
        let page = self.check_page(request.page_id)?;
        let find = "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 AND id = ?2";
        self.query_one(find, (page.0, request.email_id.0), email)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        self.execute_one("DELETE FROM emails WHERE page_id = ?1 AND id = ?2", (page.0, request.email_id.0))?;
        self.unplace(WidgetKind::Email, request.email_id.0)
    }
}
