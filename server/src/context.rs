//! The request context: everything an operation needs to know about its request.
//!
//! Each operation is an implementation of [`Serve`](backpack_api::runtime::Serve) for [`RequestContext`], in
//! [`operations`](crate::operations). A reading operation sees one snapshot of the database; a writing operation runs
//! in a transaction on the only writer thread.

use backpack_api::PageId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, Params, Row};

use crate::account_host::AccountHost;
use crate::api_error::ApiError;
use crate::store::rows;
use crate::users::User;

/// Database, user, account host and time of one request.
pub(crate) struct RequestContext<'r> {
    /// The database connection, with a transaction open on it.
    pub(crate) db: &'r Connection,
    /// The user whose token the client presented.
    pub(crate) user: &'r User,
    /// The account's host, as the client addressed it.
    pub(crate) host: &'r AccountHost,
    /// Time at which the request is processed.
    pub(crate) now: Timestamp,
}

impl RequestContext<'_> {
    /// Time of the request as the database stores it: seconds since the Unix epoch.
    pub(crate) fn unix_now(&self) -> i64 {
        self.now.as_second()
    }

    /// Runs a query and reads all its rows.
    ///
    /// In queries that run for every page, `read` gets columns by position: finding a column by name takes longer than
    /// reading it.
    pub(crate) fn query_all<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, ApiError> {
        rows::query_all(self.db, query, params, read)
    }

    /// Runs a query and reads its first row.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no row.
    pub(crate) fn query_one<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, ApiError> {
        rows::query_one(self.db, query, params, read)
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub(crate) fn execute(&self, statement: &str, params: impl Params) -> Result<usize, ApiError> {
        rows::execute(self.db, statement, params)
    }

    /// Runs a statement that has to change at least one row.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if it changed none.
    pub(crate) fn execute_one(&self, statement: &str, params: impl Params) -> Result<(), ApiError> {
        rows::execute_one(self.db, statement, params)
    }

    /// Inserts a row and returns its id.
    pub(crate) fn insert<Id: From<u64>>(&self, statement: &str, params: impl Params) -> Result<Id, ApiError> {
        rows::insert(self.db, statement, params)
    }

    /// Returns `page` if the user may see it, and therefore change it: a page of the account, or one that another
    /// account shared with the user.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such page, or the user may not see it.
    pub(crate) fn check_page(&self, page: PageId) -> Result<PageId, ApiError> {
        self.read_page(page, |_| Ok(page))
    }

    /// Calls `read` with the columns `title`, `description` and `mailbox` of a page that the user may see.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such page, or it belongs to another account and is not shared with the
    /// user.
    pub(crate) fn read_page<T>(
        &self,
        page: PageId,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, ApiError> {
        const VISIBLE: &str = "SELECT title, description, mailbox FROM pages WHERE id = ?1 AND (account_id = ?2
            OR EXISTS (SELECT 1 FROM friends WHERE page_id = ?1 AND user_id = ?3))";
        self.query_one(VISIBLE, (page.0, self.user.account_id.0, self.user.id.0), read)
    }
}
