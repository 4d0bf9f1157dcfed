//! Export of all pages and reminders, with the legacy operation.

use backpack_api::runtime::Serve;
use backpack_api::{AccountExport, Export, Page, PageId, legacy, users};

use super::page_content::read_full_page;
use super::reminders;
use crate::Refusal;
use crate::call::Call;
use crate::store::rows::read_id;

impl Serve<users::Export> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &users::Export) -> Result<Export, Refusal> {
        let account = self.me.account_id.0;
        self.check_is_self(request.user_id, "Only the user can export their data")?;
        let name: String = self.row("SELECT name FROM accounts WHERE id = ?1", [account], |row| row.get(0))?;
        let export = Export::new(self.me.id, &self.me.name, name);
        Ok(export.pages(self.read_all_pages()?).reminders(reminders::list_all_reminders(self)?))
    }
}

impl Serve<legacy::Export> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &legacy::Export) -> Result<AccountExport, Refusal> {
        let reminders = reminders::list_all_reminders(self)?.into_iter().map(reminders::to_old_reminder);
        Ok(AccountExport::new(&self.me.name).pages(self.read_all_pages()?).reminders(reminders))
    }
}

impl Call<'_> {
    /// Reads all pages of the account, with their content.
    fn read_all_pages(&self) -> Result<Vec<Page>, Refusal> {
        let of_account = "SELECT id FROM pages WHERE account_id = ?1 ORDER BY id";
        let ids: Vec<PageId> = self.rows(of_account, [self.me.account_id.0], |row| read_id(row, "id"))?;
        ids.into_iter().map(|page| read_full_page(self, page)).collect()
    }
}
