//! Tags on pages.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use backpack_api::runtime::Serve;
use backpack_api::tags::{Pages, Set};
use backpack_api::{PageId, PageSummary, Tag, TagId};
use rusqlite::Row;

use super::page_content::read_summary;
use crate::call::Call;
use crate::store::rows::read_id;
use crate::{Refusal, text};

/// Lists the tags of a page, in the order in which they were set.
pub(super) fn list_tags(context: &Call<'_>, page: PageId) -> Result<Vec<Tag>, Refusal> {
    let read_tag = |row: &Row<'_>| Ok(Tag::new(row.get::<_, String>(1)?, read_id(row, 0)?));
    context.rows(
        "SELECT id, name FROM page_tags JOIN tags ON tags.id = tag_id WHERE page_id = ?1 ORDER BY position",
        [page.0],
        read_tag,
    )
}

impl Serve<Pages> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Pages) -> Result<Vec<PageSummary>, Refusal> {
        let tag = (request.tag_id.0, self.me.account_id.0);
        self.row("SELECT 1 FROM tags WHERE id = ?1 AND account_id = ?2", tag, |_| Ok(()))?;
        self.rows(
            "SELECT id, title FROM page_tags JOIN pages ON pages.id = page_id WHERE tag_id = ?1
             ORDER BY folded(title), id",
            [request.tag_id.0],
            read_summary,
        )
    }
}

/// Maximum number of tags in a request. Each tag takes several statements, while other writes wait.
const MAX_TAGS: usize = 100;

impl Serve<Set> for Call<'_> {
    type Refusal = Refusal;

    /// Sets the tags of a page. Tags are case-insensitive; a tag keeps the spelling of its first use.
    fn serve(&self, request: &Set) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        if request.tags.len() > MAX_TAGS {
            return Err(Refusal::Invalid("A page takes 100 tags at most"));
        }
        self.change("DELETE FROM page_tags WHERE page_id = ?1", [page.0])?;
        let mut known = self.find_tags(page)?;
        let names = request.tags.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        for (position, name) in (1i64..).zip(names) {
            let tag = match known.entry(text::folded(name)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(self.create_tag(page, name)?),
            };
            let insert = "INSERT OR IGNORE INTO page_tags (page_id, tag_id, position) VALUES (?1, ?2, ?3)";
            self.change(insert, (page.0, tag.0, position))?;
        }
        Ok(())
    }
}

impl Call<'_> {
    /// Returns the tags of the page's account, by their names in lower case.
    fn find_tags(&self, page: PageId) -> Result<HashMap<String, TagId>, Refusal> {
        let all = "SELECT folded(name), tags.id FROM tags JOIN pages ON pages.account_id = tags.account_id
                   WHERE pages.id = ?1";
        let known = self.rows(all, [page.0], |row| Ok((row.get(0)?, read_id(row, "id")?)))?;
        Ok(known.into_iter().collect())
    }

    fn create_tag(&self, page: PageId, name: &str) -> Result<TagId, Refusal> {
        self.insert(
            "INSERT INTO tags (account_id, name) SELECT account_id, ?2 FROM pages WHERE id = ?1",
            (page.0, name),
        )
    }
}
