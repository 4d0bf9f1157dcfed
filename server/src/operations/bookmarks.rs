//! Bookmarks: links in the sidebar.

use backpack_api::Bookmark;
use backpack_api::bookmarks::List;
use backpack_api::runtime::Serve;
use rusqlite::Row;

use crate::Refusal;
use crate::call::Call;
use crate::store::rows::read_id;

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &List) -> Result<Vec<Bookmark>, Refusal> {
        const OF_USER: &str = "SELECT id, user_id, kind, target_id, position FROM bookmarks
            WHERE user_id = ?1 ORDER BY position, id";
        let user = self.check_is_self(request.user_id, "Only the user can list their bookmarks")?;
        self.rows(OF_USER, [user.0], read_bookmark)
    }
}

fn read_bookmark(row: &Row<'_>) -> rusqlite::Result<Bookmark> {
    let kind: String = row.get("kind")?;
    Ok(Bookmark::new(read_id(row, "id")?, read_id(row, "user_id")?, kind, row.get("target_id")?, row.get("position")?))
}
