//! A request on its way: who asks, of what, when.
//!
//! Behaviour is written as [`Serve`](backpack_api::runtime::Serve) for a [`Call`], one operation at a time, in
//! [`operations`](crate::operations). A call sees one moment of the storage, or is the only one to write.

use backpack_api::PageId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, Params, Row, RowIndex};

use crate::Refusal;
use crate::http::Host;
use crate::people::User;

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
        rows(self.db, query, params, read)
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
        Ok(self.db.prepare_cached(query)?.query_row(params, read)?)
    }

    /// Changes rows, and says how many.
    pub(crate) fn change(&self, statement: &str, params: impl Params) -> Result<usize, Refusal> {
        Ok(self.db.prepare_cached(statement)?.execute(params)?)
    }

    /// Changes the row that must be there.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    pub(crate) fn change_one(&self, statement: &str, params: impl Params) -> Result<(), Refusal> {
        if self.change(statement, params)? == 0 { Err(Refusal::NotFound) } else { Ok(()) }
    }

    /// Adds a row, and answers its number.
    pub(crate) fn insert<Id: From<u64>>(&self, statement: &str, params: impl Params) -> Result<Id, Refusal> {
        let id = self.db.prepare_cached(statement)?.insert(params)?;
        Ok(Id::from(u64::try_from(id).unwrap_or_default()))
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

/// The rows of a query, each made into a value.
pub(crate) fn rows<T>(
    db: &Connection,
    query: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Refusal> {
    Ok(db.prepare_cached(query)?.query_map(params, read)?.collect::<Result<_, _>>()?)
}

/// A number of a row, as the API has it.
pub(crate) fn id<Id: From<u64>>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Id> {
    row.get::<_, u64>(column).map(Id::from)
}

/// A time of a row.
pub(crate) fn time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Timestamp> {
    Ok(optional_time(row, column)?.unwrap_or_default())
}

/// A time of a row that may be absent.
pub(crate) fn optional_time(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|second| Timestamp::from_second(second).ok()))
}
