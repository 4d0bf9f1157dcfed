//! Tags on pages.

use backpack_api::runtime::Serve;
use backpack_api::tags::{Pages, Set};
use backpack_api::{PageId, PageSummary, Tag, TagId};
use rusqlite::Row;

use super::pages::summary;
use crate::Refusal;
use crate::call::{Call, id};

/// The tags of a page, in the order in which they were given.
pub(super) fn of_page(call: &Call<'_>, page: PageId) -> Result<Vec<Tag>, Refusal> {
    let tag = |row: &Row<'_>| Ok(Tag::new(row.get::<_, String>("name")?, id(row, "id")?));
    call.rows(
        "SELECT id, name FROM page_tags JOIN tags ON tags.id = tag_id WHERE page_id = ?1 ORDER BY position",
        [page.0],
        tag,
    )
}

impl Serve<Pages> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Pages) -> Result<Vec<PageSummary>, Refusal> {
        let tag = (request.tag_id.0, self.me.account_id.0);
        self.row("SELECT 1 FROM tags WHERE id = ?1 AND account_id = ?2", tag, |_| Ok(()))?;
        self.rows(
            "SELECT id, title FROM page_tags JOIN pages ON pages.id = page_id WHERE tag_id = ?1
             ORDER BY title COLLATE NOCASE, id",
            [request.tag_id.0],
            summary,
        )
    }
}

/// The most tags that a request may give a page: each is a search of its own, while other writes wait.
const MOST: usize = 100;

impl Serve<Set> for Call<'_> {
    type Refusal = Refusal;

    /// A tag is the same in any case of its letters, and keeps that in which it was typed first.
    fn serve(&self, request: &Set) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        if request.tags.len() > MOST {
            return Err(Refusal::Invalid("A page takes 100 tags at most"));
        }
        self.change("DELETE FROM page_tags WHERE page_id = ?1", [page.0])?;
        let names = request.tags.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        for (position, name) in (1i64..).zip(names) {
            let tag = self.tag(page, name)?;
            let insert = "INSERT OR IGNORE INTO page_tags (page_id, tag_id, position) VALUES (?1, ?2, ?3)";
            self.change(insert, (page.0, tag.0, position))?;
        }
        Ok(())
    }
}

impl Call<'_> {
    /// The tag of a name in a page's account, which is new if need be.
    fn tag(&self, page: PageId, name: &str) -> Result<TagId, Refusal> {
        let insert = "INSERT OR IGNORE INTO tags (account_id, name) SELECT account_id, ?2 FROM pages WHERE id = ?1";
        self.change(insert, (page.0, name))?;
        self.row(
            "SELECT tags.id FROM tags JOIN pages ON pages.account_id = tags.account_id
             WHERE pages.id = ?1 AND tags.name = ?2",
            (page.0, name),
            |row| id(row, "id"),
        )
    }
}
