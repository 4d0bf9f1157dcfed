//! What everybody in the account is doing at the moment.

use backpack_api::runtime::Serve;
use backpack_api::statuses::{List, Show, Update};
use backpack_api::{Status, StatusId};
use rusqlite::Row;

use super::users;
use crate::Refusal;
use crate::call::{Call, id, time};

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &List) -> Result<Vec<Status>, Refusal> {
        const OF_ACCOUNT: &str = "SELECT statuses.id, user_id, users.name AS user_name, message, statuses.updated_at
            FROM statuses JOIN users ON users.id = user_id WHERE account_id = ?1 ORDER BY statuses.id";
        self.rows(OF_ACCOUNT, [self.me.account_id.0], |row| Ok(status(row)?.user(users::member(row)?)))
    }
}

impl Serve<Show> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Show) -> Result<Status, Refusal> {
        const OF_USER: &str = "SELECT id, user_id, message, updated_at FROM statuses WHERE user_id = ?1";
        let user = self.user(request.user_id)?;
        self.row(OF_USER, [user.0], status)
    }
}

fn status(row: &Row<'_>) -> rusqlite::Result<Status> {
    let message: String = row.get("message")?;
    Ok(Status::new(id::<StatusId>(row, "id")?, message, time(row, "updated_at")?, id(row, "user_id")?))
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    /// A status that is cleared is kept as an empty one: it was set once.
    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        const SET: &str = "INSERT INTO statuses (user_id, message, updated_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (user_id) DO UPDATE SET message = excluded.message, updated_at = excluded.updated_at";
        let user = self.only_me(request.user_id, "A status is set by its user only")?;
        self.change_one(SET, (user.0, &request.message, self.second()))
    }
}
