//! What everybody in the account did.

use backpack_api::journal::{Create, Destroy, List, ListForUser, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::{EntryId, JournalEntry, UserId};
use rusqlite::Row;

use super::users;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// The most entries in an answer, and how many there are in one if nobody says.
const MOST: i64 = 100;

/// Entries are numbered in the order in which they were written.
const NEWEST: &str = "SELECT journal_entries.id, body, journal_entries.created_at, journal_entries.updated_at,
    user_id, users.name AS user_name FROM journal_entries JOIN users ON users.id = user_id";

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<JournalEntry>, ApiError> {
        let (count, skipped) = window(request.page, request.count)?;
        let newest = format!("{NEWEST} WHERE account_id = ?1 ORDER BY journal_entries.id DESC LIMIT ?2 OFFSET ?3");
        self.query_all(&newest, (self.user.account_id.0, count, skipped), listed)
    }
}

impl Serve<ListForUser> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &ListForUser) -> Result<Vec<JournalEntry>, ApiError> {
        let (count, skipped) = window(request.page, request.count)?;
        let user = self.user(request.user_id)?;
        let newest = format!("{NEWEST} WHERE user_id = ?1 ORDER BY journal_entries.id DESC LIMIT ?2 OFFSET ?3");
        self.query_all(&newest, (user.0, count, skipped), listed)
    }
}

/// How many entries to answer, and how many newer ones stand on the pages before.
fn window(page: Option<i64>, count: Option<i64>) -> Result<(i64, i64), ApiError> {
    let (page, count) = (page.unwrap_or(0), count.unwrap_or(MOST).min(MOST));
    if page < 0 || count < 1 {
        return Err(ApiError::Invalid("`n` counts pages from 0, and `count` is from 1 to 100"));
    }
    Ok((count, page.saturating_mul(count)))
}

fn listed(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    Ok(entry(row)?.user(users::member(row)?))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    let body: String = row.get("body")?;
    Ok(JournalEntry::new(body, read_time(row, "created_at")?, read_id(row, "id")?, read_time(row, "updated_at")?))
}

impl RequestContext<'_> {
    /// An entry of the caller's.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if it is somebody else's of the account, [`ApiError::NotFound`] if there is none.
    fn own_entry(&self, entry: EntryId) -> Result<EntryId, ApiError> {
        const WRITER: &str = "SELECT user_id FROM journal_entries WHERE id = ?1";
        let writer: UserId = self.query_one(WRITER, [entry.0], |row| read_id(row, "user_id"))?;
        self.only_me(writer, "A journal entry is for its writer only")?;
        Ok(entry)
    }

    fn entry(&self, entry_id: EntryId) -> Result<JournalEntry, ApiError> {
        const ONE: &str = "SELECT id, body, created_at, updated_at FROM journal_entries WHERE id = ?1";
        let found = self.query_one(ONE, [entry_id.0], entry)?;
        Ok(found.account_id(self.user.account_id).user_id(self.user.id))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Show) -> Result<JournalEntry, ApiError> {
        self.entry(self.own_entry(request.entry_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<EntryId, ApiError> {
        let user = self.only_me(request.user_id, "A journal is written by its user only")?;
        self.insert(
            "INSERT INTO journal_entries (user_id, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
            (user.0, &request.body, self.unix_now()),
        )
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Update) -> Result<JournalEntry, ApiError> {
        let entry = self.own_entry(request.entry_id)?;
        self.execute_one(
            "UPDATE journal_entries SET body = ?2, updated_at = ?3 WHERE id = ?1",
            (entry.0, &request.body, self.unix_now()),
        )?;
        self.entry(entry)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let entry = self.own_entry(request.entry_id)?;
        self.execute_one("DELETE FROM journal_entries WHERE id = ?1", [entry.0])
    }
}
