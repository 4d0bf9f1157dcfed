//! Bookmarks: links in the sidebar.

use backpack_api::Bookmark;
use backpack_api::bookmarks::List;
use backpack_api::runtime::Serve;
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Bookmark>, ApiError> {
        const BY_USER: &str = "SELECT id, user_id, kind, target_id, position FROM bookmarks
            WHERE user_id = ?1 ORDER BY position, id";
        let user = self.check_is_self(request.user_id, "Only the user can list their bookmarks")?;
        self.query_all(BY_USER, [user.0], read_bookmark)
    }
}

/// Reads a bookmark from a row of the table `bookmarks`.
fn read_bookmark(row: &Row<'_>) -> rusqlite::Result<Bookmark> {
    let kind: String = row.get("kind")?;
    Ok(Bookmark::new(read_id(row, "id")?, read_id(row, "user_id")?, kind, row.get("target_id")?, row.get("position")?))
}
