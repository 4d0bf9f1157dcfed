//! Export of all pages of an account and all reminders that the user sees, including the legacy operation.

use backpack_api::runtime::Serve;
use backpack_api::{AccountExport, Export, Page, PageId, legacy, users};

use super::page_content::read_full_page;
use super::reminders;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

impl Serve<users::Export> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &users::Export) -> Result<Export, ApiError> {
        let account = self.user.account_id.0;
        self.check_is_self(request.user_id, "Only the user can export their data")?;
        let name: String = self.query_one("SELECT name FROM accounts WHERE id = ?1", [account], |row| row.get(0))?;
        let export = Export::new(self.user.id, &self.user.name, name);
        Ok(export.pages(self.read_all_pages()?).reminders(reminders::list_all_reminders(self)?))
    }
}

impl Serve<legacy::Export> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &legacy::Export) -> Result<AccountExport, ApiError> {
        let reminders = reminders::list_all_reminders(self)?.into_iter().map(reminders::to_old_reminder);
        Ok(AccountExport::new(&self.user.name).pages(self.read_all_pages()?).reminders(reminders))
    }
}

impl RequestContext<'_> {
    /// Reads all pages of the account, with their content. Pages that other accounts shared with the user are left out.
    fn read_all_pages(&self) -> Result<Vec<Page>, ApiError> {
        let by_account = "SELECT id FROM pages WHERE account_id = ?1 ORDER BY id";
        let ids: Vec<PageId> = self.query_all(by_account, [self.user.account_id.0], |row| read_id(row, "id"))?;
        ids.into_iter().map(|page| read_full_page(self, page)).collect()
    }
}
