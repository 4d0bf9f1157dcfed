//! Pages, and their older operations.

use backpack_api::pages::{
    Create, Destroy, Duplicate, Email, List, Search, Share, Show, UnshareFriendPage, UpdateTitle,
};
use backpack_api::runtime::Serve;
use backpack_api::{
    Attachment, Gallery, GalleryId, Hit, HitKind, Image, ListId, Page, PageHit, PageId, PageList, PageScope,
    PageSummary, WidgetKind, legacy,
};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::{belongings, emails, items, notes, separators, tags};
use crate::context::RequestContext;
use crate::people::random;
use crate::store::rows::read_id;
use crate::{ApiError, mail, text};

/// A page, as listings have it, without a scope: its `id` and its `title`.
pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<PageSummary> {
    Ok(PageSummary::new(row.get::<_, String>(1)?, read_id(row, 0)?))
}

/// A page that the caller may see, with everything on it.
///
/// # Errors
///
/// As [`Call::visible`].
pub(super) fn whole(context: &RequestContext<'_>, page: PageId) -> Result<Page, ApiError> {
    let (title, description, mailbox): (String, Option<String>, String) =
        context.read_page(page, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut whole = Page::new(title, page)
        .email_address(format!("{mailbox}@{}", context.host.mail_domain()))
        .belongings(belongings::of_page(context, page)?)
        .lists(lists_with_items(context, page)?)
        .notes(notes::of_page(context, page)?)
        .galleries(galleries(context, page)?)
        .attachments(attachments(context, page)?)
        .separators(separators::of_page(context, page)?)
        .emails(emails::of_page(context, page)?)
        .tags(tags::of_page(context, page)?)
        .linked_pages(linked_pages(context, page)?);
    whole.description = description;
    Ok(whole)
}

/// The lists of a page by number, with their items, in one query however many there are.
fn lists_with_items(context: &RequestContext<'_>, page: PageId) -> Result<Vec<PageList>, ApiError> {
    let mut lists: Vec<PageList> = Vec::new();
    let read = |row: &Row<'_>| {
        let list: ListId = read_id(row, 5)?;
        if lists.last().is_none_or(|last| last.id != list) {
            lists.push(PageList::new(row.get::<_, String>(6)?, list));
        }
        if let (Some(list), ValueRef::Integer(_)) = (lists.last_mut(), row.get_ref(0)?) {
            list.items.push(items::item(row)?);
        }
        Ok(())
    };
    context.query_all(LISTS, [page.0], read)?;
    Ok(lists)
}

const LISTS: &str = "SELECT items.id, list_id, content, completed, updated_at, lists.id, name
    FROM lists LEFT JOIN items ON list_id = lists.id WHERE page_id = ?1
    ORDER BY lists.id, completed, position, items.id";

/// The galleries of a page by number, with their images.
fn galleries(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Gallery>, ApiError> {
    let mut galleries: Vec<Gallery> = Vec::new();
    let read = |row: &Row<'_>| {
        let gallery: GalleryId = read_id(row, 3)?;
        if galleries.last().is_none_or(|last| last.id != gallery) {
            galleries.push(Gallery::new(row.get::<_, String>(4)?, gallery));
        }
        if let (Some(last), ValueRef::Integer(_)) = (galleries.last_mut(), row.get_ref(0)?) {
            let mut image = Image::new(gallery, row.get::<_, String>(1)?, read_id(row, 0)?);
            image.description = row.get(2)?;
            last.images.push(image);
        }
        Ok(())
    };
    context.query_all(GALLERIES, [page.0], read)?;
    Ok(galleries)
}

const GALLERIES: &str = "SELECT images.id, file_name, description, galleries.id, name
    FROM galleries LEFT JOIN images ON gallery_id = galleries.id WHERE page_id = ?1
    ORDER BY galleries.id, images.id";

fn attachments(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Attachment>, ApiError> {
    let attachment = |row: &Row<'_>| Ok(Attachment::new(row.get::<_, String>(1)?, read_id(row, 0)?));
    context.query_all("SELECT id, file_name FROM attachments WHERE page_id = ?1 ORDER BY id", [page.0], attachment)
}

/// The pages that a page is linked to, as far as the caller may see them.
fn linked_pages(context: &RequestContext<'_>, page: PageId) -> Result<Vec<PageSummary>, ApiError> {
    context.query_all(LINKED, (page.0, context.user.account_id.0), summary)
}

/// The order of the join is ours: SQLite's would look at every page of the account.
const LINKED: &str = "SELECT id, title FROM links CROSS JOIN pages ON pages.id = linked_page_id
    WHERE page_id = ?1 AND account_id = ?2 ORDER BY linked_page_id";

impl RequestContext<'_> {
    /// A page of the caller's own account: a friend may change what is on a page, and not the page itself.
    fn own_page(&self, page: PageId) -> Result<PageId, ApiError> {
        let page = self.check_page(page)?;
        let own = "SELECT 1 FROM pages WHERE id = ?1 AND account_id = ?2";
        match self.query_one(own, (page.0, self.user.account_id.0), |_| Ok(page)) {
            Err(ApiError::NotFound) => Err(ApiError::Forbidden("The page is a friend's")),
            result => result,
        }
    }

    /// A new page without anything on it.
    fn create_page(&self, title: &str, description: Option<&str>) -> Result<PageId, ApiError> {
        let account = self.user.account_id.0;
        let full = "SELECT page_limit <= (SELECT count(*) FROM pages WHERE account_id = ?1)
                    FROM accounts WHERE id = ?1";
        if self.query_one(full, [account], |row| row.get::<_, Option<bool>>(0))? == Some(true) {
            return Err(ApiError::Forbidden("The account allows no more pages"));
        }
        self.insert(
            "INSERT INTO pages (account_id, title, description, mailbox, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            (account, title, description, mailbox()?, self.unix_now()),
        )
    }

    fn send_mail(&self, recipient: &str, subject: &str, body: &str) -> Result<(), ApiError> {
        mail::post(self.db, self.user.account_id, recipient, subject, body, self.now)
    }
}

/// What stands before the @ of a page's mail address: two words that nobody can guess, around a number.
fn mailbox() -> Result<String, ApiError> {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeio";
    let bytes: [u8; 9] = random()?;
    let syllable = |byte: &u8| {
        let (consonant, vowel) = (CONSONANTS[usize::from(byte & 15)], VOWELS[usize::from(byte >> 4 & 3)]);
        [char::from(consonant), char::from(vowel)]
    };
    let word = |bytes: &[u8]| bytes.iter().flat_map(syllable).collect::<String>();
    Ok(format!("{}{}{}", word(&bytes[..4]), 10 + u16::from(bytes[4]), word(&bytes[5..])))
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<PageSummary>, ApiError> {
        let page = |row: &Row<'_>| {
            let scope = if row.get("own")? { PageScope::Personal } else { PageScope::Friends };
            Ok(summary(row)?.scope(scope))
        };
        self.query_all(
            "SELECT id, title, account_id = ?1 AS own FROM pages
             WHERE account_id = ?1 OR id IN (SELECT page_id FROM friends WHERE user_id = ?2)
             ORDER BY folded(title), id",
            (self.user.account_id.0, self.user.id.0),
            page,
        )
    }
}

impl Serve<Search> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Finds a term wherever it stands, in any case of its letters. What has no kind of its own among hits, such as a
    /// title or a tag, makes its page a find without hits.
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
        let term = text::folded(request.term.trim());
        if term.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.query_all(FOUND, (&term, self.user.account_id.0, self.user.id.0), |row| {
            Ok(PageHit::new(row.get::<_, String>("title")?, read_id(row, "id")?))
        })?;
        for page in &mut found {
            page.hits = self.hits(page.id, &term)?;
        }
        Ok(found)
    }
}

impl RequestContext<'_> {
    /// What of a page holds a term, in the order in which it stands there.
    fn hits(&self, page: PageId, term: &str) -> Result<Vec<Hit>, ApiError> {
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
                _ => HitKind::Email,
            };
            Ok(Hit::new(row.get("widget_id")?, kind))
        })
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<PageSummary, ApiError> {
        let description = request.description.as_deref().filter(|text| !text.is_empty());
        let page = self.create_page(&request.title, description)?;
        Ok(PageSummary::new(&request.title, page))
    }
}

impl Serve<Show> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Show) -> Result<Page, ApiError> {
        whole(self, request.page_id)
    }
}

impl Serve<UpdateTitle> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &UpdateTitle) -> Result<(), ApiError> {
        let page = self.own_page(request.page_id)?;
        let update = "UPDATE pages SET title = ?2, updated_at = ?3 WHERE id = ?1";
        self.execute_one(update, (page.0, &request.title, self.unix_now()))
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.own_page(request.page_id)?;
        self.execute("DELETE FROM bookmarks WHERE kind = 'Page' AND target_id = ?1", [page.0])?;
        self.execute_one("DELETE FROM pages WHERE id = ?1", [page.0])
    }
}

impl Serve<Duplicate> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Copies what is on the page and its tags; not its mail, nor with whom it is shared.
    fn serve(&self, request: &Duplicate) -> Result<PageSummary, ApiError> {
        let original = whole(self, request.page_id)?;
        let title = format!("{} (copy)", original.title);
        let copy = self.create_page(&title, original.description.as_deref())?;
        for belonging in &original.belongings {
            self.duplicate(&belonging.kind, belonging.widget_id, copy)?;
        }
        let names = original.tags.into_iter().map(|tag| tag.name);
        self.serve(&backpack_api::tags::Set::new(copy, names))?;
        let link = "INSERT INTO links SELECT ?2, linked_page_id FROM links WHERE page_id = ?1";
        self.execute(link, (request.page_id.0, copy.0))?;
        Ok(PageSummary::new(title, copy))
    }
}

impl RequestContext<'_> {
    /// Copies one thing to the bottom of another page.
    fn duplicate(&self, kind: &WidgetKind, widget: i64, page: PageId) -> Result<(), ApiError> {
        let (copy, inside): (&str, &[&str]) = match kind {
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
        let new: PageId = self.insert(copy, (widget, page.0))?;
        for statement in inside {
            self.execute(statement, (widget, new.0))?;
        }
        self.place(page, kind.clone(), new.0)
    }
}

/// The most addresses that a request may share a page with: each gets mail.
const MOST_ADDRESSES: usize = 50;

impl Serve<Share> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Invites by mail. Who has an account on this service under one of the addresses sees the page among their own.
    fn serve(&self, request: &Share) -> Result<(), ApiError> {
        let page = self.own_page(request.page_id)?;
        // People part them as in a mail program, too.
        let said = request.email_addresses.iter().flatten().flat_map(|word| word.split([',', ';']));
        let addresses: Vec<_> = said.filter(|address| !address.is_empty()).collect();
        if addresses.len() > MOST_ADDRESSES {
            return Err(ApiError::Invalid("A page is shared with 50 addresses at a time at most"));
        }
        if let Some(public) = request.public {
            self.execute("UPDATE pages SET public = ?2 WHERE id = ?1", (page.0, public))?;
        }
        let (title, public): (String, bool) =
            self.query_one("SELECT title, public FROM pages WHERE id = ?1", [page.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let me = &self.user.name;
        let subject = format!("{me} shares “{title}” with you");
        for recipient in addresses {
            if !text::is_mail_address(recipient) {
                return Err(ApiError::Invalid("An address to share with is no e-mail address"));
            }
            self.execute(
                "INSERT OR IGNORE INTO friends SELECT ?1, id FROM users
                 WHERE email_address = ?2 COLLATE NOCASE AND account_id <> ?3",
                (page.0, recipient, self.user.account_id.0),
            )?;
            let friend = "SELECT 1 FROM friends JOIN users ON users.id = user_id
                WHERE page_id = ?1 AND email_address = ?2 COLLATE NOCASE";
            let where_it_is = if public {
                format!("{}/pub/{page}", self.host.base_url())
            } else if self.db.prepare_cached(friend)?.exists((page.0, recipient))? {
                "It is among your own pages from now on.".to_owned()
            } else {
                format!("Only who has an account with the service can read it, until {me} makes it public.")
            };
            self.send_mail(recipient, &subject, &format!("{me} shares a page with you:\n\n{title}\n{where_it_is}\n"))?;
        }
        Ok(())
    }
}

impl Serve<UnshareFriendPage> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &UnshareFriendPage) -> Result<(), ApiError> {
        let share = (request.page_id.0, self.user.id.0);
        self.execute_one("DELETE FROM friends WHERE page_id = ?1 AND user_id = ?2", share)
    }
}

impl Serve<Email> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Email) -> Result<(), ApiError> {
        let page = whole(self, request.page_id)?;
        self.send_mail(&self.user.email_address, &page.title, &text::of_page(&page))
    }
}

impl Serve<legacy::UpdateBody> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::UpdateBody) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let update = "UPDATE pages SET description = nullif(?2, ''), updated_at = ?3 WHERE id = ?1";
        self.execute_one(update, (page.0, &request.description, self.unix_now()))
    }
}

impl Serve<legacy::Link> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::Link) -> Result<(), ApiError> {
        let (page, linked) = (self.check_page(request.page_id)?, self.check_page(request.linked_page_id)?);
        self.execute("INSERT OR IGNORE INTO links VALUES (?1, ?2)", (page.0, linked.0))?;
        Ok(())
    }
}

impl Serve<legacy::Unlink> for RequestContext<'_> {
    type Refusal = ApiError;

    /// Twice is the same as once.
    fn serve(&self, request: &legacy::Unlink) -> Result<(), ApiError> {
        let link = (self.check_page(request.page_id)?.0, self.check_page(request.linked_page_id)?.0);
        self.execute("DELETE FROM links WHERE page_id = ?1 AND linked_page_id = ?2", link)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use backpack_api::runtime::jiff::Timestamp;
    use rusqlite::{Connection, StatementStatus};

    use super::{GALLERIES, LINKED, LISTS};
    use crate::{ApiError, Store, demo};

    /// How many steps SQLite takes to read a page's lists, galleries and links.
    fn steps(db: &Connection) -> rusqlite::Result<i32> {
        let mut steps = 0;
        for (query, with_account) in [(LISTS, false), (GALLERIES, false), (LINKED, true)] {
            let mut statement = db.prepare(query)?;
            let mut rows = if with_account { statement.query((1, 1))? } else { statement.query([1])? };
            while rows.next()?.is_some() {}
            drop(rows);
            steps += statement.get_status(StatementStatus::VmStep);
        }
        Ok(steps)
    }

    #[test]
    fn a_page_takes_the_same_steps_however_many_others_there_are() {
        const PAGES: &str = "INSERT INTO pages (account_id, title, mailbox, created_at, updated_at)
            VALUES (1, 'Other', ?1, 0, 0)";
        let store = Store::in_memory().unwrap();
        demo::fill(&store, Timestamp::now()).unwrap();
        let (few, many) = store
            .write_blocking(|db| {
                let few = steps(db)?;
                (0..100).try_for_each(|number| db.execute(PAGES, [number]).map(drop))?;
                Ok::<_, ApiError>((few, steps(db)?))
            })
            .unwrap();
        assert_eq!(many, few);
    }
}
