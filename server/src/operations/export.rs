//! All that a user has, in both forms.

use backpack_api::runtime::Serve;
use backpack_api::{AccountExport, Export, Page, PageId, legacy, users};

use super::{pages, reminders};
use crate::Refusal;
use crate::call::{Call, id};

impl Serve<users::Export> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &users::Export) -> Result<Export, Refusal> {
        let (me, account) = (self.me, self.me.account_id.0);
        self.only_me(request.user_id, "An export is for its user only")?;
        let name: String = self.row("SELECT name FROM accounts WHERE id = ?1", [account], |row| row.get(0))?;
        let export = Export::new(me.id, &me.name, name);
        Ok(export.pages(self.all_pages()?).reminders(reminders::of_user(self, me)?))
    }
}

impl Serve<legacy::Export> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &legacy::Export) -> Result<AccountExport, Refusal> {
        let reminders = reminders::of_user(self, self.me)?;
        let reminders = reminders.into_iter().map(reminders::in_older_form);
        Ok(AccountExport::new(&self.me.name).pages(self.all_pages()?).reminders(reminders))
    }
}

impl Call<'_> {
    /// The account's pages, with everything on them.
    fn all_pages(&self) -> Result<Vec<Page>, Refusal> {
        let own = "SELECT id FROM pages WHERE account_id = ?1 ORDER BY id";
        let ids: Vec<PageId> = self.rows(own, [self.me.account_id.0], |row| id(row, "id"))?;
        ids.into_iter().map(|page| pages::whole(self, page)).collect()
    }
}
