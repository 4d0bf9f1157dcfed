//! Pages, with the legacy operations.

use backpack_api::pages::{Create, Destroy, Duplicate, Email, List, Show, UpdateTitle};
use backpack_api::runtime::Serve;
use backpack_api::{Page, PageId, PageScope, PageSummary, WidgetKind, legacy};
use rusqlite::Row;

use super::page_content::{read_full_page, read_summary};
use crate::context::RequestContext;
use crate::random::generate_mailbox;
use crate::{ApiError, mail, page_text};

impl RequestContext<'_> {
    /// Returns `page` if it belongs to the user's account. Users with whom a page is shared can change its content, but
    /// not the page itself.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if the page belongs to another account, which shared it with the user;
    /// [`ApiError::NotFound`] if there is no such page, or the user may not see it.
    pub(super) fn check_own_page(&self, page: PageId) -> Result<PageId, ApiError> {
        let page = self.check_page(page)?;
        let own = "SELECT 1 FROM pages WHERE id = ?1 AND account_id = ?2";
        match self.query_one(own, (page.0, self.user.account_id.0), |_| Ok(page)) {
            Err(ApiError::NotFound) => Err(ApiError::Forbidden("Only users of its own account can change this page")),
            result => result,
        }
    }

    /// Creates an empty page in the user's account.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] if the account has as many pages as it may have.
    fn create_page(&self, title: &str, description: Option<&str>) -> Result<PageId, ApiError> {
        let account = self.user.account_id.0;
        let limit: Option<i64> =
            self.query_one("SELECT page_limit FROM accounts WHERE id = ?1", [account], |row| row.get(0))?;
        // Counts at most as many pages as the limit.
        let count = "SELECT count(*) FROM (SELECT 1 FROM pages WHERE account_id = ?1 LIMIT ?2)";
        if let Some(limit) = limit
            && self.query_one(count, (account, limit), |row| row.get::<_, i64>(0))? >= limit
        {
            return Err(ApiError::Forbidden("The page limit of the account is reached"));
        }
        self.insert(
            "INSERT INTO pages (account_id, title, description, mailbox, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            (account, title, description, generate_mailbox()?, self.unix_now()),
        )
    }
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    /// Lists the pages of the account and those that other accounts shared with the user, by title.
    fn serve(&self, _: &List) -> Result<Vec<PageSummary>, ApiError> {
        let read_page = |row: &Row<'_>| {
            let scope = if row.get("own")? { PageScope::Personal } else { PageScope::Friends };
            Ok(read_summary(row)?.scope(scope))
        };
        self.query_all(
            "SELECT id, title, account_id = ?1 AS own FROM pages
             WHERE account_id = ?1 OR id IN (SELECT page_id FROM friends WHERE user_id = ?2)
             ORDER BY folded(title), id",
            (self.user.account_id.0, self.user.id.0),
            read_page,
        )
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<PageSummary, ApiError> {
        let description = request.description.as_deref().filter(|text| !text.is_empty());
        let page = self.create_page(&request.title, description)?;
        Ok(PageSummary::new(&request.title, page))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Show) -> Result<Page, ApiError> {
        read_full_page(self, request.page_id)
    }
}

impl Serve<UpdateTitle> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &UpdateTitle) -> Result<(), ApiError> {
        let page = self.check_own_page(request.page_id)?;
        let update = "UPDATE pages SET title = ?2, updated_at = ?3 WHERE id = ?1";
        self.execute_one(update, (page.0, &request.title, self.unix_now()))
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_own_page(request.page_id)?;
        // Bookmarks refer to several tables, so no foreign key deletes them with the page.
        self.execute("DELETE FROM bookmarks WHERE kind = 'Page' AND target_id = ?1", [page.0])?;
        self.execute_one("DELETE FROM pages WHERE id = ?1", [page.0])
    }
}

impl Serve<Duplicate> for RequestContext<'_> {
    type Error = ApiError;

    /// Copies a page into the user's account, with its widgets, tags and links. Mail and sharing are not copied.
    fn serve(&self, request: &Duplicate) -> Result<PageSummary, ApiError> {
        let original = read_full_page(self, request.page_id)?;
        let title = format!("{} (copy)", original.title);
        let copy = self.create_page(&title, original.description.as_deref())?;
        for belonging in &original.belongings {
            self.copy_widget(&belonging.kind, belonging.widget_id, copy)?;
        }
        let names = original.tags.into_iter().map(|tag| tag.name);
        self.serve(&backpack_api::tags::Set::new(copy, names))?;
        let link = "INSERT INTO links SELECT ?2, linked_page_id FROM links WHERE page_id = ?1";
        self.execute(link, (request.page_id.0, copy.0))?;
        Ok(PageSummary::new(title, copy))
    }
}

impl RequestContext<'_> {
    /// Copies a widget to the bottom of another page. Mail and unknown kinds of widgets are skipped.
    fn copy_widget(&self, kind: &WidgetKind, widget: i64, page: PageId) -> Result<(), ApiError> {
        // `?1` is the original widget. `?2` is the page in the first statement, and the new widget in the others.
        let (copy, copy_children): (&str, &[&str]) = match kind {
            WidgetKind::Note => (
                "INSERT INTO notes (page_id, title, body, show_created_at, created_at)
                 SELECT ?2, title, body, show_created_at, created_at FROM notes WHERE id = ?1",
                &[],
            ),
            WidgetKind::List => (
                "INSERT INTO lists (page_id, name) SELECT ?2, name FROM lists WHERE id = ?1",
                &["INSERT INTO items (list_id, content, completed, position, updated_at)
                   SELECT ?2, content, completed, position, updated_at FROM items WHERE list_id = ?1 ORDER BY id"],
            ),
            WidgetKind::Separator => {
                ("INSERT INTO separators (page_id, name) SELECT ?2, name FROM separators WHERE id = ?1", &[])
            }
            WidgetKind::Attachment => (
                "INSERT INTO attachments (page_id, file_name) SELECT ?2, file_name FROM attachments WHERE id = ?1",
                &[],
            ),
            WidgetKind::Gallery => (
                "INSERT INTO galleries (page_id, name) SELECT ?2, name FROM galleries WHERE id = ?1",
                &["INSERT INTO images (gallery_id, file_name, description)
                   SELECT ?2, file_name, description FROM images WHERE gallery_id = ?1 ORDER BY id"],
            ),
            _ => return Ok(()),
        };
        let new = self.insert::<u64>(copy, (widget, page.0))?;
        for statement in copy_children {
            self.execute(statement, (widget, new))?;
        }
        self.append_widget(page, kind.clone(), new)
    }
}

impl Serve<Email> for RequestContext<'_> {
    type Error = ApiError;

    /// Sends the page as plain text to the user's own mail address.
    fn serve(&self, request: &Email) -> Result<(), ApiError> {
        let page = read_full_page(self, request.page_id)?;
        mail::enqueue(
            self.db,
            self.user.account_id,
            &self.user.email_address,
            &page.title,
            &page_text::render_page(&page),
            self.now,
        )
    }
}

impl Serve<legacy::UpdateBody> for RequestContext<'_> {
    type Error = ApiError;

    /// Sets the description of a page. An empty one is removed.
    fn serve(&self, request: &legacy::UpdateBody) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let update = "UPDATE pages SET description = nullif(?2, ''), updated_at = ?3 WHERE id = ?1";
        self.execute_one(update, (page.0, &request.description, self.unix_now()))
    }
}

impl Serve<legacy::Link> for RequestContext<'_> {
    type Error = ApiError;

    /// Links a page to another one. Idempotent: pages that are linked stay linked.
    fn serve(&self, request: &legacy::Link) -> Result<(), ApiError> {
        let (page, linked) = (self.check_page(request.page_id)?, self.check_page(request.linked_page_id)?);
        self.execute("INSERT OR IGNORE INTO links VALUES (?1, ?2)", (page.0, linked.0))?;
        Ok(())
    }
}

impl Serve<legacy::Unlink> for RequestContext<'_> {
    type Error = ApiError;

    /// Removes the link from a page to another one. Idempotent: pages that are not linked stay unlinked.
    fn serve(&self, request: &legacy::Unlink) -> Result<(), ApiError> {
        let link = (self.check_page(request.page_id)?.0, self.check_page(request.linked_page_id)?.0);
        self.execute("DELETE FROM links WHERE page_id = ?1 AND linked_page_id = ?2", link)?;
        Ok(())
    }
}
