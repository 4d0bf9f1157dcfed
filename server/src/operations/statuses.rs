//! Statuses: one short message of each user.

use backpack_api::runtime::Serve;
use backpack_api::statuses::{List, Show, Update};
use backpack_api::{Status, StatusId};
use rusqlite::Row;

use super::users;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Status>, ApiError> {
        const BY_ACCOUNT: &str = "SELECT statuses.id, user_id, users.name AS user_name, message, statuses.updated_at
            FROM statuses JOIN users ON users.id = user_id WHERE statuses.account_id = ?1 ORDER BY statuses.id";
        self.query_all(BY_ACCOUNT, [self.user.account_id.0], |row| Ok(read_status(row)?.user(users::read_member(row)?)))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Show) -> Result<Status, ApiError> {
        const BY_USER: &str = "SELECT id, user_id, message, updated_at FROM statuses WHERE user_id = ?1";
        let user = self.check_user(request.user_id)?;
        self.query_one(BY_USER, [user.0], read_status)
    }
}

/// Reads a status without its user.
fn read_status(row: &Row<'_>) -> rusqlite::Result<Status> {
    let message: String = row.get("message")?;
    Ok(Status::new(read_id::<StatusId>(row, "id")?, message, read_time(row, "updated_at")?, read_id(row, "user_id")?))
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    /// Sets a status. An empty message does not delete it: only users who never set a status have none.
    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        const SET: &str = "INSERT INTO statuses (user_id, message, updated_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (user_id) DO UPDATE SET message = excluded.message, updated_at = excluded.updated_at";
        let user = self.check_is_self(request.user_id, "Only the user can set their status")?;
        self.execute_one(SET, (user.0, &request.message, self.unix_now()))
    }
}
