//! Notes.

use backpack_api::notes::{Create, Destroy, List, Update};
use backpack_api::runtime::Serve;
use backpack_api::{Note, NoteId, PageId, WidgetKind};
use rusqlite::Row;

use super::changes::check_changes;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// Lists the notes of a page, oldest first.
pub(super) fn list_notes(context: &RequestContext<'_>, page: PageId) -> Result<Vec<Note>, ApiError> {
    context.query_all(
        "SELECT id, title, body, created_at FROM notes WHERE page_id = ?1 ORDER BY id",
        [page.0],
        read_note,
    )
}

/// Reads a note from the columns `id`, `title`, `body` and `created_at`, in this order.
fn read_note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let (title, body): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Note::new(title, read_id(row, 0)?, read_time(row, 3)?, body))
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Note>, ApiError> {
        list_notes(self, self.check_page(request.page_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<Note, ApiError> {
        let page = self.check_page(request.page_id)?;
        let new = request.note.clone();
        let (title, body) = (new.title.unwrap_or_default(), new.body.unwrap_or_default());
        let id: NoteId = self.insert(
            "INSERT INTO notes (page_id, title, body, show_created_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (page.0, &title, &body, new.show_created_at.unwrap_or_default(), self.unix_now()),
        )?;
        self.append_widget(page, WidgetKind::Note, id.0)?;
        Ok(Note::new(title, id, self.now, body))
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    /// Updates a note. Omitted fields are left unchanged.
    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        let new = check_changes(&request.note)?;
        self.execute_one(
            "UPDATE notes SET title = coalesce(?3, title), body = coalesce(?4, body),
                              show_created_at = coalesce(?5, show_created_at)
             WHERE page_id = ?1 AND id = ?2",
            (page.0, request.note_id.0, &new.title, &new.body, new.show_created_at),
        )
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        let page = self.check_page(request.page_id)?;
        self.execute_one("DELETE FROM notes WHERE page_id = ?1 AND id = ?2", (page.0, request.note_id.0))?;
        self.remove_widget(WidgetKind::Note, request.note_id.0)
    }
}
