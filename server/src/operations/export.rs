//! All that a user has, in both forms.

use backpack_api::runtime::Serve;
use backpack_api::{AccountExport, Export, Page, PageId, legacy, users};

use super::{pages, reminders};
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

impl Serve<users::Export> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &users::Export) -> Result<Export, ApiError> {
        let (me, account) = (self.user, self.user.account_id.0);
        self.only_me(request.user_id, "An export is for its user only")?;
        let name: String = self.query_one("SELECT name FROM accounts WHERE id = ?1", [account], |row| row.get(0))?;
        let export = Export::new(me.id, &me.name, name);
        Ok(export.pages(self.all_pages()?).reminders(reminders::of_user(self, me)?))
    }
}

impl Serve<legacy::Export> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &legacy::Export) -> Result<AccountExport, ApiError> {
        let reminders = reminders::of_user(self, self.user)?;
        let reminders = reminders.into_iter().map(reminders::in_older_form);
        Ok(AccountExport::new(&self.user.name).pages(self.all_pages()?).reminders(reminders))
    }
}

impl RequestContext<'_> {
    /// The account's pages, with everything on them.
    fn all_pages(&self) -> Result<Vec<Page>, ApiError> {
        let own = "SELECT id FROM pages WHERE account_id = ?1 ORDER BY id";
        let ids: Vec<PageId> = self.query_all(own, [self.user.account_id.0], |row| read_id(row, "id"))?;
        ids.into_iter().map(|page| pages::whole(self, page)).collect()
    }
}
