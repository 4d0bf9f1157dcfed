//! A request on its way: who asks, of what, when.
//!
//! Behaviour is written as [`Serve`](backpack_api::runtime::Serve) for a [`Call`], one operation at a time, in
//! [`operations`](crate::operations). A call sees one moment of the storage, or is the only one to write.

use backpack_api::PageId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, Params, Row};

use crate::Refusal;
use crate::http::Host;
use crate::store::rows;
use crate::users::User;

/// What an operation has to work with.
pub(crate) struct Call<'c> {
    /// The storage.
    pub(crate) db: &'c Connection,
    /// Who asks.
    pub(crate) me: &'c User,
    /// Where the account is, and how the request came there.
    pub(crate) host: &'c Host,
    /// What time it is.
    pub(crate) now: Timestamp,
}

impl Call<'_> {
    /// Now, as the storage has it.
    pub(crate) fn second(&self) -> i64 {
        self.now.as_second()
    }

    /// The rows of a query, each made into a value.
    ///
    /// What every page has is read by the columns' positions: to find one by its name takes longer than to read it.
    pub(crate) fn rows<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Refusal> {
        rows::query_all(self.db, query, params, read)
    }

    /// The one row of a query.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    pub(crate) fn row<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Refusal> {
        rows::query_one(self.db, query, params, read)
    }

    /// Changes rows, and says how many.
    pub(crate) fn change(&self, statement: &str, params: impl Params) -> Result<usize, Refusal> {
        rows::execute(self.db, statement, params)
    }

    /// Changes the row that must be there.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    pub(crate) fn change_one(&self, statement: &str, params: impl Params) -> Result<(), Refusal> {
        rows::execute_one(self.db, statement, params)
    }

    /// Adds a row, and answers its number.
    pub(crate) fn insert<Id: From<u64>>(&self, statement: &str, params: impl Params) -> Result<Id, Refusal> {
        rows::insert(self.db, statement, params)
    }

    /// A page that the caller may see, and so may change: one of the account's, or one that a friend shared.
    ///
    /// # Errors
    ///
    /// As [`visible`](Self::visible).
    pub(crate) fn page(&self, page: PageId) -> Result<PageId, Refusal> {
        self.visible(page, |_| Ok(page))
    }

    /// The `title`, `description` and `mailbox` of a page that the caller may see.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none, be it another account's.
    pub(crate) fn visible<T>(
        &self,
        page: PageId,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Refusal> {
        const VISIBLE: &str = "SELECT title, description, mailbox FROM pages WHERE id = ?1 AND (account_id = ?2
            OR EXISTS (SELECT 1 FROM friends WHERE page_id = ?1 AND user_id = ?3))";
        self.row(VISIBLE, (page.0, self.me.account_id.0, self.me.id.0), read)
    }
}
