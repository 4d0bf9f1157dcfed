//! Links in the sidebar.

use backpack_api::Bookmark;
use backpack_api::bookmarks::List;
use backpack_api::runtime::Serve;
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Bookmark>, ApiError> {
        const OF_USER: &str = "SELECT id, user_id, kind, target_id, position FROM bookmarks
            WHERE user_id = ?1 ORDER BY position, id";
        let user = self.only_me(request.user_id, "Bookmarks are for their user only")?;
        self.query_all(OF_USER, [user.0], bookmark)
    }
}

fn bookmark(row: &Row<'_>) -> rusqlite::Result<Bookmark> {
    let kind: String = row.get("kind")?;
    Ok(Bookmark::new(read_id(row, "id")?, read_id(row, "user_id")?, kind, row.get("target_id")?, row.get("position")?))
}
