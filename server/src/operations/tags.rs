//! Tags on pages.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use backpack_api::runtime::Serve;
use backpack_api::tags::{Pages, Set};
use backpack_api::{PageId, PageSummary, Tag, TagId};
use rusqlite::Row;

use super::pages::summary;
use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::{ApiError, text};

/// The tags of a page, in the order in which they were given.
pub(super) fn of_page(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Tag>, ApiError> {
    let tag = |row: &Row<'_>| Ok(Tag::new(row.get::<_, String>(1)?, read_id(row, 0)?));
    context.query_all(
        "SELECT id, name FROM page_tags JOIN tags ON tags.id = tag_id WHERE page_id = ?1 ORDER BY position",
        [page.0],
        tag,
    )
}

impl Serve<Pages> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Pages) -> Result<Vec<PageSummary>, ApiError> {
        let tag = (request.tag_id.0, self.user.account_id.0);
        self.query_one("SELECT 1 FROM tags WHERE id = ?1 AND account_id = ?2", tag, |_| Ok(()))?;
        self.query_all(
            "SELECT id, title FROM page_tags JOIN pages ON pages.id = page_id WHERE tag_id = ?1
             ORDER BY folded(title), id",
            [request.tag_id.0],
            summary,
        )
    }
}

/// The most tags that a request may give a page: each is written by itself, while other requests wait.
const MOST: usize = 100;

impl Serve<Set> for RequestContext<'_> {
    type Refusal = ApiError;

    /// A tag is the same in any case of its letters, and keeps that in which it was typed first.
    fn serve(&self, request: &Set) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        if request.tags.len() > MOST {
            return Err(ApiError::Invalid("A page takes 100 tags at most"));
        }
        self.execute("DELETE FROM page_tags WHERE page_id = ?1", [page.0])?;
        let mut known = self.known_tags(page)?;
        let names = request.tags.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        for (position, name) in (1i64..).zip(names) {
            let tag = match known.entry(text::folded(name)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(self.new_tag(page, name)?),
            };
            let insert = "INSERT OR IGNORE INTO page_tags (page_id, tag_id, position) VALUES (?1, ?2, ?3)";
            self.execute(insert, (page.0, tag.0, position))?;
        }
        Ok(())
    }
}

impl RequestContext<'_> {
    /// The tags of a page's account, by their folded names.
    fn known_tags(&self, page: PageId) -> Result<HashMap<String, TagId>, ApiError> {
        let all = "SELECT folded(name), tags.id FROM tags JOIN pages ON pages.account_id = tags.account_id
                   WHERE pages.id = ?1";
        let known = self.query_all(all, [page.0], |row| Ok((row.get(0)?, read_id(row, "id")?)))?;
        Ok(known.into_iter().collect())
    }

    fn new_tag(&self, page: PageId, name: &str) -> Result<TagId, ApiError> {
        self.insert(
            "INSERT INTO tags (account_id, name) SELECT account_id, ?2 FROM pages WHERE id = ?1",
            (page.0, name),
        )
    }
}
