//! Mail that was sent to the address of a page.

use backpack_api::emails::{Destroy, List, Show};
use backpack_api::runtime::Serve;
use backpack_api::{Email, PageId, WidgetKind};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// Lists the mail of a page, newest first.
pub(super) fn list_emails(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Email>, ApiError> {
    context.query_all(
        "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 ORDER BY created_at DESC, id DESC",
        [page.0],
        read_email,
    )
}

/// Reads a mail from the columns `id`, `subject`, `body` and `created_at`, in this order.
fn read_email(row: &Row<'_>) -> rusqlite::Result<Email> {
    let (subject, body): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Email::new(read_id(row, 0)?, subject, read_time(row, 3)?, body))
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Email>, ApiError> {
        list_emails(self, self.check_page(request.page_id)?)
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Show) -> Result<Email, ApiError> {
        let page = self.check_page(request.page_id)?;
        let find = "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 AND id = ?2";
        self.query_one(find, (page.0, request.email_id.0), read_email)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        self.execute_one("DELETE FROM emails WHERE page_id = ?1 AND id = ?2", (page.0, request.email_id.0))?;
        self.remove_widget(WidgetKind::Email, request.email_id.0)
    }
}
