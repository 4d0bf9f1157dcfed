//! Reading a page with its content.

use backpack_api::{Attachment, Gallery, GalleryId, Image, ListId, Page, PageId, PageList, PageSummary};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::belongings::list_belongings;
use super::emails::list_emails;
use super::items::read_item;
use super::notes::list_notes;
use super::separators::list_separators;
use super::tags::list_tags;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;

/// Reads a page that the user may see, with its content.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is no such page, or the user may not see it.
pub(super) fn read_full_page(context: &RequestContext<'_>, page: PageId) -> Result<Page, ApiError> {
    let (title, description, mailbox): (String, Option<String>, String) =
        context.read_page(page, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut full_page = Page::new(title, page)
        .email_address(format!("{mailbox}@{}", context.host.mail_domain()))
        .belongings(list_belongings(context, page)?)
        .lists(list_lists_with_items(context, page)?)
        .notes(list_notes(context, page)?)
        .galleries(list_galleries(context, page)?)
        .attachments(list_attachments(context, page)?)
        .separators(list_separators(context, page)?)
        .emails(list_emails(context, page)?)
        .tags(list_tags(context, page)?)
        .linked_pages(list_linked_pages(context, page)?);
    full_page.description = description;
    Ok(full_page)
}

/// Lists the lists of a page, by id, with their items. Runs one query for all lists.
fn list_lists_with_items(context: &RequestContext<'_>, page: PageId) -> Result<Vec<PageList>, ApiError> {
    let mut lists: Vec<PageList> = Vec::new();
    let read = |row: &Row<'_>| {
        let list: ListId = read_id(row, 5)?;
        if lists.last().is_none_or(|last| last.id != list) {
            lists.push(PageList::new(row.get::<_, String>(6)?, list));
        }
        // The id of the item is `NULL` if the list is empty.
        if let (Some(list), ValueRef::Integer(_)) = (lists.last_mut(), row.get_ref(0)?) {
            list.items.push(read_item(row)?);
        }
        Ok(())
    };
    context.query_all(LISTS, [page.0], read)?;
    Ok(lists)
}

/// Lists of a page with their items, one row for each item. A list without items has one row, with `NULL` as the item.
const LISTS: &str = "SELECT items.id, list_id, content, completed, updated_at, lists.id, name
    FROM lists LEFT JOIN items ON list_id = lists.id WHERE page_id = ?1
    ORDER BY lists.id, completed, position, items.id";

/// Lists the galleries of a page, by id, with their images.
fn list_galleries(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Gallery>, ApiError> {
    let mut galleries: Vec<Gallery> = Vec::new();
    let read = |row: &Row<'_>| {
        let gallery: GalleryId = read_id(row, 3)?;
        if galleries.last().is_none_or(|last| last.id != gallery) {
            galleries.push(Gallery::new(row.get::<_, String>(4)?, gallery));
        }
        // The id of the image is `NULL` if the gallery is empty.
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

/// Galleries of a page with their images, one row for each image, in the same form as [`LISTS`].
const GALLERIES: &str = "SELECT images.id, file_name, description, galleries.id, name
    FROM galleries LEFT JOIN images ON gallery_id = galleries.id WHERE page_id = ?1
    ORDER BY galleries.id, images.id";

/// Lists the attachments of a page, by id.
fn list_attachments(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Attachment>, ApiError> {
    let read_attachment = |row: &Row<'_>| Ok(Attachment::new(row.get::<_, String>(1)?, read_id(row, 0)?));
    context.query_all("SELECT id, file_name FROM attachments WHERE page_id = ?1 ORDER BY id", [page.0], read_attachment)
}

/// Lists the linked pages of the user's account. Pages that other accounts shared with the user are left out.
fn list_linked_pages(context: &RequestContext<'_>, page: PageId) -> Result<Vec<PageSummary>, ApiError> {
    context.query_all(LINKED_PAGES, (page.0, context.user.account_id.0), read_summary)
}

/// Linked pages that belong to one account. `CROSS JOIN` fixes the order of the join: otherwise, SQLite would scan all
/// pages of the account.
const LINKED_PAGES: &str = "SELECT id, title FROM links CROSS JOIN pages ON pages.id = linked_page_id
    WHERE page_id = ?1 AND account_id = ?2 ORDER BY linked_page_id";

/// Reads a page of a listing from the first two columns, its id and title. Its scope is `None`.
pub(super) fn read_summary(row: &Row<'_>) -> rusqlite::Result<PageSummary> {
    Ok(PageSummary::new(row.get::<_, String>(1)?, read_id(row, 0)?))
}
