//! What everybody in the account is doing at the moment.

use backpack_api::runtime::Serve;
use backpack_api::statuses::{List, Show, Update};
use backpack_api::{Status, StatusId};
use rusqlite::Row;

use super::users;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Status>, ApiError> {
        const OF_ACCOUNT: &str = "SELECT statuses.id, user_id, users.name AS user_name, message, statuses.updated_at
            FROM statuses JOIN users ON users.id = user_id WHERE account_id = ?1 ORDER BY statuses.id";
        self.query_all(OF_ACCOUNT, [self.user.account_id.0], |row| Ok(status(row)?.user(users::member(row)?)))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Show) -> Result<Status, ApiError> {
        const OF_USER: &str = "SELECT id, user_id, message, updated_at FROM statuses WHERE user_id = ?1";
        let user = self.user(request.user_id)?;
        self.query_one(OF_USER, [user.0], status)
    }
}

fn status(row: &Row<'_>) -> rusqlite::Result<Status> {
    let message: String = row.get("message")?;
    Ok(Status::new(read_id::<StatusId>(row, "id")?, message, read_time(row, "updated_at")?, read_id(row, "user_id")?))
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    /// A status that is cleared is kept as an empty one: it was set once.
    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        const SET: &str = "INSERT INTO statuses (user_id, message, updated_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (user_id) DO UPDATE SET message = excluded.message, updated_at = excluded.updated_at";
        let user = self.only_me(request.user_id, "A status is set by its user only")?;
        self.execute_one(SET, (user.0, &request.message, self.unix_now()))
    }
}
