//! Mail that came to a page's address.

use backpack_api::emails::{Destroy, List, Show};
use backpack_api::runtime::Serve;
use backpack_api::{Email, PageId, WidgetKind};
use rusqlite::Row;

use crate::Refusal;
use crate::call::{Call, id, time};

/// The mail of a page, newest first.
pub(super) fn of_page(call: &Call<'_>, page: PageId) -> Result<Vec<Email>, Refusal> {
    call.rows(
        "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 ORDER BY created_at DESC, id DESC",
        [page.0],
        email,
    )
}

fn email(row: &Row<'_>) -> rusqlite::Result<Email> {
    let (subject, body): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Email::new(id(row, 0)?, subject, time(row, 3)?, body))
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &List) -> Result<Vec<Email>, Refusal> {
        of_page(self, self.page(request.page_id)?)
    }
}

impl Serve<Show> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Show) -> Result<Email, Refusal> {
        let page = self.page(request.page_id)?;
        let find = "SELECT id, subject, body, created_at FROM emails WHERE page_id = ?1 AND id = ?2";
        self.row(find, (page.0, request.email_id.0), email)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        self.change_one("DELETE FROM emails WHERE page_id = ?1 AND id = ?2", (page.0, request.email_id.0))?;
        self.unplace(WidgetKind::Email, request.email_id.0)
    }
}
