//! Journal entries of the users of an account.

use backpack_api::journal::{Create, Destroy, List, ListForUser, Show, Update};
use backpack_api::runtime::Serve;
use backpack_api::{EntryId, JournalEntry, UserId};
use rusqlite::Row;

use super::users;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// Maximum and default number of entries in a response.
const MAX_ENTRIES: i64 = 100;

/// Builds the query for the entries with these ids, with their users, newest first: ids increase in the order of
/// creation. The query for the ids reads only an index, also for the entries before the requested page.
fn build_query(ids: &str) -> String {
    format!(
        "SELECT journal_entries.id, body, journal_entries.created_at, journal_entries.updated_at, user_id,
            users.name AS user_name FROM journal_entries JOIN users ON users.id = user_id
            WHERE journal_entries.id IN ({ids}) ORDER BY journal_entries.id DESC"
    )
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<JournalEntry>, ApiError> {
        let (limit, offset) = check_range(request.page, request.count)?;
        const IDS: &str = "SELECT id FROM journal_entries WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3";
        self.query_all(&build_query(IDS), (self.user.account_id.0, limit, offset), read_entry_with_user)
    }
}

impl Serve<ListForUser> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &ListForUser) -> Result<Vec<JournalEntry>, ApiError> {
        let (limit, offset) = check_range(request.page, request.count)?;
        let user = self.check_user(request.user_id)?;
        const IDS: &str = "SELECT id FROM journal_entries WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3";
        self.query_all(&build_query(IDS), (user.0, limit, offset), read_entry_with_user)
    }
}

/// Checks the requested page of the listing, which counts from 0, and the number of entries on it. Returns their
/// `LIMIT` and `OFFSET`. A number above [`MAX_ENTRIES`] is lowered to it.
fn check_range(page: Option<i64>, count: Option<i64>) -> Result<(i64, i64), ApiError> {
    let (page, count) = (page.unwrap_or(0), count.unwrap_or(MAX_ENTRIES).min(MAX_ENTRIES));
    if page < 0 || count < 1 {
        return Err(ApiError::InvalidValue("`n` must not be negative, and `count` must be positive"));
    }
    Ok((count, page.saturating_mul(count)))
}

/// Reads an entry with its user from a row of the query that [`build_query`] builds.
fn read_entry_with_user(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    Ok(read_entry(row)?.user(users::read_member(row)?))
}

/// Reads an entry without its user.
fn read_entry(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    let body: String = row.get("body")?;
    Ok(JournalEntry::new(body, read_time(row, "created_at")?, read_id(row, "id")?, read_time(row, "updated_at")?))
}

impl RequestContext<'_> {
    /// Returns `entry` if the user wrote it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if another user of the account wrote it, [`ApiError::NotFound`] if there is no such
    /// entry.
    fn check_own_entry(&self, entry: EntryId) -> Result<EntryId, ApiError> {
        const AUTHOR: &str = "SELECT user_id FROM journal_entries WHERE id = ?1";
        let author: UserId = self.query_one(AUTHOR, [entry.0], |row| read_id(row, "user_id"))?;
        self.check_is_self(author, "Only the author can use a journal entry")?;
        Ok(entry)
    }

    /// Finds an entry that the user wrote: the caller has checked that.
    fn find_entry(&self, entry_id: EntryId) -> Result<JournalEntry, ApiError> {
        const BY_ID: &str = "SELECT id, body, created_at, updated_at FROM journal_entries WHERE id = ?1";
        let entry = self.query_one(BY_ID, [entry_id.0], read_entry)?;
        Ok(entry.account_id(self.user.account_id).user_id(self.user.id))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Show) -> Result<JournalEntry, ApiError> {
        self.find_entry(self.check_own_entry(request.entry_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<EntryId, ApiError> {
        let user = self.check_is_self(request.user_id, "Only the user can write to their journal")?;
        self.insert(
            "INSERT INTO journal_entries (user_id, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
            (user.0, &request.body, self.unix_now()),
        )
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Update) -> Result<JournalEntry, ApiError> {
        let entry = self.check_own_entry(request.entry_id)?;
        self.execute_one(
            "UPDATE journal_entries SET body = ?2, updated_at = ?3 WHERE id = ?1",
            (entry.0, &request.body, self.unix_now()),
        )?;
        self.find_entry(entry)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let entry = self.check_own_entry(request.entry_id)?;
        self.execute_one("DELETE FROM journal_entries WHERE id = ?1", [entry.0])
    }
}
