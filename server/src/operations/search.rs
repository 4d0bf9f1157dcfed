//! Searching pages.

use backpack_api::pages::Search;
use backpack_api::runtime::Serve;
use backpack_api::{Hit, HitKind, PageHit, PageId};

use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::{ApiError, text};

impl Serve<Search> for RequestContext<'_> {
    type Error = ApiError;

    /// Finds the pages that contain a term anywhere, ignoring case. A match in a part without a hit kind, such as a
    /// title or a tag, returns the page without hits. A blank term finds no pages.
    fn serve(&self, request: &Search) -> Result<Vec<PageHit>, ApiError> {
        const FOUND: &str = "SELECT id, title FROM pages
            WHERE (account_id = ?2 OR id IN (SELECT page_id FROM friends WHERE user_id = ?3)) AND (
                holds(title, ?1) OR holds(description, ?1)
                OR EXISTS (SELECT 1 FROM separators WHERE page_id = pages.id AND holds(name, ?1))
                OR EXISTS (SELECT 1 FROM attachments WHERE page_id = pages.id AND holds(file_name, ?1))
                OR EXISTS (SELECT 1 FROM page_tags JOIN tags ON tags.id = tag_id
                           WHERE page_id = pages.id AND holds(name, ?1))
                OR EXISTS (SELECT 1 FROM galleries LEFT JOIN images ON gallery_id = galleries.id
                           WHERE page_id = pages.id
                           AND (holds(name, ?1) OR holds(file_name, ?1) OR holds(description, ?1)))
                OR EXISTS (SELECT 1 FROM notes WHERE page_id = pages.id AND (holds(title, ?1) OR holds(body, ?1)))
                OR EXISTS (SELECT 1 FROM lists WHERE page_id = pages.id AND holds(name, ?1))
                OR EXISTS (SELECT 1 FROM items JOIN lists ON lists.id = list_id
                           WHERE page_id = pages.id AND holds(content, ?1))
                OR EXISTS (SELECT 1 FROM emails WHERE page_id = pages.id AND (holds(subject, ?1) OR holds(body, ?1))))
            ORDER BY folded(title), id";
        let term = text::fold_case(request.term.trim());
        if term.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.query_all(FOUND, (&term, self.user.account_id.0, self.user.id.0), |row| {
            Ok(PageHit::new(row.get::<_, String>("title")?, read_id(row, "id")?))
        })?;
        for page in &mut found {
            page.hits = self.find_hits(page.id, &term)?;
        }
        Ok(found)
    }
}

impl RequestContext<'_> {
    /// Finds the notes, lists and mails of a page that contain a case-folded term, in their order on the page.
    fn find_hits(&self, page: PageId, term: &str) -> Result<Vec<Hit>, ApiError> {
        const HITS: &str = "SELECT kind, widget_id FROM belongings WHERE page_id = ?1 AND CASE kind
            WHEN 'Note' THEN EXISTS (SELECT 1 FROM notes WHERE id = widget_id
                                     AND (holds(title, ?2) OR holds(body, ?2)))
            WHEN 'List' THEN EXISTS (SELECT 1 FROM lists WHERE id = widget_id AND holds(name, ?2))
                          OR EXISTS (SELECT 1 FROM items WHERE list_id = widget_id AND holds(content, ?2))
            WHEN 'Email' THEN EXISTS (SELECT 1 FROM emails WHERE id = widget_id
                                      AND (holds(subject, ?2) OR holds(body, ?2)))
            ELSE 0 END ORDER BY position, id";
        self.query_all(HITS, (page.0, term), |row| {
            let kind = match row.get::<_, String>("kind")?.as_str() {
                "Note" => HitKind::Note,
                "List" => HitKind::List,
                // The query returns no other kinds.
                _ => HitKind::Email,
            };
            Ok(Hit::new(row.get("widget_id")?, kind))
        })
    }
}
