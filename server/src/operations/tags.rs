//! Tags on pages.

use backpack_api::runtime::Serve;
use backpack_api::tags::{Pages, Set};
use backpack_api::{PageId, PageSummary, Tag, TagId};
use rusqlite::Row;

use super::page_content::read_summary;
use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::{ApiError, text};

/// Lists the tags of a page, in the order in which they were set.
pub(super) fn list_tags(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Tag>, ApiError> {
    let read_tag = |row: &Row<'_>| Ok(Tag::new(row.get::<_, String>(1)?, read_id(row, 0)?));
    context.query_all(
        "SELECT id, name FROM page_tags JOIN tags ON tags.id = tag_id WHERE page_id = ?1 ORDER BY position",
        [page.0],
        read_tag,
    )
}

impl Serve<Pages> for RequestContext<'_> {
    type Error = ApiError;

    /// Lists the pages with a tag of the user's account, by title.
    fn serve(&self, request: &Pages) -> Result<Vec<PageSummary>, ApiError> {
        let tag = (request.tag_id.0, self.user.account_id.0);
        self.query_one("SELECT 1 FROM tags WHERE id = ?1 AND account_id = ?2", tag, |_| Ok(()))?;
        self.query_all(
            "SELECT id, title FROM page_tags JOIN pages ON pages.id = page_id WHERE tag_id = ?1
             ORDER BY folded(title), id",
            [request.tag_id.0],
            read_summary,
        )
    }
}

/// Maximum number of tags in a request. Each tag takes several statements, while other writes wait.
const MAX_TAGS: usize = 100;

impl Serve<Set> for RequestContext<'_> {
    type Error = ApiError;

    /// Replaces the tags of a page. Tags are case-insensitive; a tag keeps the spelling of its first use in the
    /// account.
    fn serve(&self, request: &Set) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        if request.tags.len() > MAX_TAGS {
            return Err(ApiError::InvalidValue("A page can have at most 100 tags"));
        }
        self.execute("DELETE FROM page_tags WHERE page_id = ?1", [page.0])?;
        let names = request.tags.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        for (position, name) in (1i64..).zip(names) {
            let tag = self.find_or_create_tag(page, name)?;
            // A tag that is named twice keeps its first position.
            let insert = "INSERT OR IGNORE INTO page_tags (page_id, tag_id, position) VALUES (?1, ?2, ?3)";
            self.execute(insert, (page.0, tag.0, position))?;
        }
        Ok(())
    }
}

impl RequestContext<'_> {
    /// Returns the tag of the page's account with a name, ignoring case, and creates it if there is none.
    fn find_or_create_tag(&self, page: PageId, name: &str) -> Result<TagId, ApiError> {
        const FIND: &str = "SELECT tags.id FROM pages JOIN tags ON tags.account_id = pages.account_id
            WHERE pages.id = ?1 AND folded_name = ?2";
        const CREATE: &str = "INSERT INTO tags (account_id, name) SELECT account_id, ?2 FROM pages WHERE id = ?1";
        match self.query_one(FIND, (page.0, text::fold_case(name)), |row| read_id(row, 0)) {
            Err(ApiError::NotFound) => self.insert(CREATE, (page.0, name)),
            found => found,
        }
    }
}
