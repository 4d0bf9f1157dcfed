//! Pages, with the legacy operations.

use backpack_api::pages::{Create, Destroy, Duplicate, Email, List, Show, UpdateTitle};
use backpack_api::runtime::Serve;
use backpack_api::{Page, PageId, PageScope, PageSummary, WidgetKind, legacy};
use rusqlite::Row;

use super::page_content::{read_full_page, read_summary};
use crate::call::Call;
use crate::random::random_bytes;
use crate::{Refusal, mail, text};

impl Call<'_> {
    /// Returns `page` if it belongs to the user's account. Users with whom a page is shared can change its content, but
    /// not the page itself.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] if the page belongs to another account, which shared it.
    pub(super) fn check_own_page(&self, page: PageId) -> Result<PageId, Refusal> {
        let page = self.page(page)?;
        let own = "SELECT 1 FROM pages WHERE id = ?1 AND account_id = ?2";
        match self.row(own, (page.0, self.me.account_id.0), |_| Ok(page)) {
            Err(Refusal::NotFound) => Err(Refusal::Forbidden("Only users of its own account can change this page")),
            result => result,
        }
    }

    /// Creates an empty page.
    fn create_page(&self, title: &str, description: Option<&str>) -> Result<PageId, Refusal> {
        let account = self.me.account_id.0;
        let full = "SELECT page_limit <= (SELECT count(*) FROM pages WHERE account_id = ?1)
                    FROM accounts WHERE id = ?1";
        if self.row(full, [account], |row| row.get::<_, Option<bool>>(0))? == Some(true) {
            return Err(Refusal::Forbidden("The page limit of the account is reached"));
        }
        self.insert(
            "INSERT INTO pages (account_id, title, description, mailbox, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            (account, title, description, random_mailbox()?, self.second()),
        )
    }
}

/// Returns a random mailbox for the mail address of a page: two pronounceable words around a number, with 56 random bits.
fn random_mailbox() -> Result<String, Refusal> {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeio";
    let bytes: [u8; 9] = random_bytes()?;
    let syllable = |byte: &u8| {
        let (consonant, vowel) = (CONSONANTS[usize::from(byte & 15)], VOWELS[usize::from(byte >> 4 & 3)]);
        [char::from(consonant), char::from(vowel)]
    };
    let word = |bytes: &[u8]| bytes.iter().flat_map(syllable).collect::<String>();
    Ok(format!("{}{}{}", word(&bytes[..4]), 10 + u16::from(bytes[4]), word(&bytes[5..])))
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &List) -> Result<Vec<PageSummary>, Refusal> {
        let read_page = |row: &Row<'_>| {
            let scope = if row.get("own")? { PageScope::Personal } else { PageScope::Friends };
            Ok(read_summary(row)?.scope(scope))
        };
        self.rows(
            "SELECT id, title, account_id = ?1 AS own FROM pages
             WHERE account_id = ?1 OR id IN (SELECT page_id FROM friends WHERE user_id = ?2)
             ORDER BY folded(title), id",
            (self.me.account_id.0, self.me.id.0),
            read_page,
        )
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<PageSummary, Refusal> {
        let description = request.description.as_deref().filter(|text| !text.is_empty());
        let page = self.create_page(&request.title, description)?;
        Ok(PageSummary::new(&request.title, page))
    }
}

impl Serve<Show> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Show) -> Result<Page, Refusal> {
        read_full_page(self, request.page_id)
    }
}

impl Serve<UpdateTitle> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &UpdateTitle) -> Result<(), Refusal> {
        let page = self.check_own_page(request.page_id)?;
        let update = "UPDATE pages SET title = ?2, updated_at = ?3 WHERE id = ?1";
        self.change_one(update, (page.0, &request.title, self.second()))
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        let page = self.check_own_page(request.page_id)?;
        self.change("DELETE FROM bookmarks WHERE kind = 'Page' AND target_id = ?1", [page.0])?;
        self.change_one("DELETE FROM pages WHERE id = ?1", [page.0])
    }
}

impl Serve<Duplicate> for Call<'_> {
    type Refusal = Refusal;

    /// Copies a page with its widgets, tags and links. Mail and sharing are not copied.
    fn serve(&self, request: &Duplicate) -> Result<PageSummary, Refusal> {
        let original = read_full_page(self, request.page_id)?;
        let title = format!("{} (copy)", original.title);
        let copy = self.create_page(&title, original.description.as_deref())?;
        for belonging in &original.belongings {
            self.copy_widget(&belonging.kind, belonging.widget_id, copy)?;
        }
        let names = original.tags.into_iter().map(|tag| tag.name);
        self.serve(&backpack_api::tags::Set::new(copy, names))?;
        let link = "INSERT INTO links SELECT ?2, linked_page_id FROM links WHERE page_id = ?1";
        self.change(link, (request.page_id.0, copy.0))?;
        Ok(PageSummary::new(title, copy))
    }
}

impl Call<'_> {
    /// Copies a widget to the bottom of another page.
    fn copy_widget(&self, kind: &WidgetKind, widget: i64, page: PageId) -> Result<(), Refusal> {
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
            self.change(statement, (widget, new))?;
        }
        self.append_widget(page, kind.clone(), new)
    }
}

impl Serve<Email> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Email) -> Result<(), Refusal> {
        let page = read_full_page(self, request.page_id)?;
        mail::enqueue(self.db, self.me.account_id, &self.me.email_address, &page.title, &text::of_page(&page), self.now)
    }
}

impl Serve<legacy::UpdateBody> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::UpdateBody) -> Result<(), Refusal> {
        let page = self.page(request.page_id)?;
        let update = "UPDATE pages SET description = nullif(?2, ''), updated_at = ?3 WHERE id = ?1";
        self.change_one(update, (page.0, &request.description, self.second()))
    }
}

impl Serve<legacy::Link> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::Link) -> Result<(), Refusal> {
        let (page, linked) = (self.page(request.page_id)?, self.page(request.linked_page_id)?);
        self.change("INSERT OR IGNORE INTO links VALUES (?1, ?2)", (page.0, linked.0))?;
        Ok(())
    }
}

impl Serve<legacy::Unlink> for Call<'_> {
    type Refusal = Refusal;

    /// Unlinks two pages. Idempotent: pages that are not linked stay unlinked.
    fn serve(&self, request: &legacy::Unlink) -> Result<(), Refusal> {
        let link = (self.page(request.page_id)?.0, self.page(request.linked_page_id)?.0);
        self.change("DELETE FROM links WHERE page_id = ?1 AND linked_page_id = ?2", link)?;
        Ok(())
    }
}
