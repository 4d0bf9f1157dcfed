//! Pages of an archive, with everything on them.

use std::collections::BTreeSet;

use backpack_api::{Belonging, Gallery, Item, Page, PageId, WidgetKind};
use backpack_archive::model::ArchivedPage;
use rusqlite::OptionalExtension;
use serde_json::{Value, json};

use super::importer::{Importer, Object, RowIds};
use super::kind::Kind;
use crate::random::generate_mailbox;
use crate::store::rows::execute;
use crate::widgets::append_to_page;
use crate::{ApiError, text};

/// Name of the list that gets the items of a page of the oldest accounts, as the original service named it.
const NAME_OF_FIRST_LIST: &str = "List";

/// Kinds of widgets that have a table, with their objects.
const WIDGETS: [(WidgetKind, Kind); 7] = [
    (WidgetKind::Note, Kind::Note),
    (WidgetKind::List, Kind::List),
    (WidgetKind::List, Kind::FirstList),
    (WidgetKind::Gallery, Kind::Gallery),
    (WidgetKind::Attachment, Kind::Attachment),
    (WidgetKind::Separator, Kind::Separator),
    (WidgetKind::Email, Kind::Email),
];

impl Importer<'_> {
    /// Writes the pages, then the links between them.
    pub(super) fn import_pages(&mut self, pages: &[ArchivedPage]) -> Result<(), ApiError> {
        let mut written = Vec::new();
        for ArchivedPage { page, .. } in pages {
            if self.import_page(page)? {
                written.push(page);
            }
        }
        for page in written {
            self.import_links(page)?;
        }
        Ok(())
    }

    /// Writes a page with its widgets and tags. Returns `true` if the page itself was written now.
    fn import_page(&mut self, page: &Page) -> Result<bool, ApiError> {
        const INSERT: &str = "INSERT INTO pages (id, account_id, title, description, mailbox, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
        let number = page.id.0;
        let tags: Vec<u64> = page.tags.iter().map(|tag| tag.id.0).collect();
        let links: Vec<u64> = page.linked_pages.iter().map(|linked| linked.id.0).collect();
        let values = json!([page.title, page.description, tags, links]);
        let object = Object { kind: Kind::Page, number, parent: None, values };
        let is_written = self.write(object, |importer, row| {
            let description = page.description.as_deref().map(|text| importer.rewrite(text));
            let (account, mailbox, now) = (importer.account.0, generate_mailbox()?, importer.now.as_second());
            execute(importer.db, INSERT, (row.id, account, &page.title, &description, &mailbox, now))
        })?;
        self.import_tags(page, is_written)?;
        let new_widgets = self.import_widgets(page)?;
        self.import_positions(page, new_widgets)?;
        Ok(is_written)
    }

    /// Writes the widgets of a page, without their positions. Returns those that were written now.
    fn import_widgets(&mut self, page: &Page) -> Result<BTreeSet<(Kind, u64)>, ApiError> {
        const NOTE: &str = "INSERT INTO notes (id, page_id, title, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        const SEPARATOR: &str = "INSERT INTO separators (id, page_id, name) VALUES (?1, ?2, ?3)";
        const ATTACHMENT: &str = "INSERT INTO attachments (id, page_id, file_name) VALUES (?1, ?2, ?3)";
        const EMAIL: &str = "INSERT INTO emails (id, page_id, subject, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut widgets = Widgets { page: page.id.0, new: BTreeSet::new() };
        for note in &page.notes {
            let created_at = note.created_at.as_second();
            let values = json!([note.title, note.body, created_at]);
            self.write_widget(&mut widgets, Kind::Note, note.id.0, values, |importer, row| {
                let body = importer.rewrite(&note.body);
                execute(importer.db, NOTE, (row.id, row.parent, &note.title, &body, created_at))
            })?;
        }
        for list in &page.lists {
            self.import_list(&mut widgets, (Kind::List, list.id.0), &list.name, &list.items)?;
        }
        // Items that a list of the page has too are the same ones.
        let loose_items = list_loose_items(page);
        if !loose_items.is_empty() {
            self.import_list(&mut widgets, (Kind::FirstList, page.id.0), NAME_OF_FIRST_LIST, loose_items)?;
        }
        for separator in &page.separators {
            let values = json!([separator.name]);
            self.write_widget(&mut widgets, Kind::Separator, separator.id.0, values, |importer, row| {
                execute(importer.db, SEPARATOR, (row.id, row.parent, &separator.name))
            })?;
        }
        for email in &page.emails {
            let created_at = email.created_at.as_second();
            let values = json!([email.subject, email.body, created_at]);
            self.write_widget(&mut widgets, Kind::Email, email.id.0, values, |importer, row| {
                execute(importer.db, EMAIL, (row.id, row.parent, &email.subject, &email.body, created_at))
            })?;
        }
        for gallery in &page.galleries {
            self.import_gallery(&mut widgets, gallery)?;
        }
        for attachment in &page.attachments {
            let values = json!([attachment.file_name]);
            self.write_widget(&mut widgets, Kind::Attachment, attachment.id.0, values, |importer, row| {
                execute(importer.db, ATTACHMENT, (row.id, row.parent, &attachment.file_name))
            })?;
        }
        Ok(widgets.new)
    }

    /// Writes a widget of a page, and adds it to those that were written now.
    fn write_widget<T>(
        &mut self,
        widgets: &mut Widgets,
        kind: Kind,
        number: u64,
        values: Value,
        insert: impl FnOnce(&mut Self, RowIds) -> Result<T, ApiError>,
    ) -> Result<(), ApiError> {
        let object = Object { kind, number, parent: Some((Kind::Page, widgets.page)), values };
        if self.write(object, insert)? {
            widgets.new.insert((kind, number));
        }
        Ok(())
    }

    /// Writes a list with its items.
    fn import_list<'p>(
        &mut self,
        widgets: &mut Widgets,
        list: (Kind, u64),
        name: &str,
        items: impl IntoIterator<Item = &'p Item>,
    ) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO lists (id, page_id, name) VALUES (?1, ?2, ?3)";
        let (kind, number) = list;
        self.write_widget(widgets, kind, number, json!([name]), |importer, row| {
            execute(importer.db, INSERT, (row.id, row.parent, name))
        })?;
        self.import_items(list, items)
    }

    /// Writes items at the end of their list, in their order.
    fn import_items<'p>(
        &mut self,
        list: (Kind, u64),
        items: impl IntoIterator<Item = &'p Item>,
    ) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO items (id, list_id, content, completed, updated_at, position)
            SELECT ?1, ?2, ?3, ?4, ?5, coalesce(max(position), 0) + 1 FROM items WHERE list_id = ?2";
        for item in items {
            let values = json!([item.content, item.completed, item.updated_at.map(|at| at.as_second())]);
            let object = Object { kind: Kind::Item, number: item.id.0, parent: Some(list), values };
            self.write(object, |importer, row| {
                let (content, updated_at) = (importer.rewrite(&item.content), importer.time_or_now(item.updated_at));
                execute(importer.db, INSERT, (row.id, row.parent, &content, item.completed, updated_at))
            })?;
        }
        Ok(())
    }

    /// Writes a gallery with its images.
    fn import_gallery(&mut self, widgets: &mut Widgets, gallery: &Gallery) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO galleries (id, page_id, name) VALUES (?1, ?2, ?3)";
        const IMAGE: &str = "INSERT INTO images (id, gallery_id, file_name, description) VALUES (?1, ?2, ?3, ?4)";
        self.write_widget(widgets, Kind::Gallery, gallery.id.0, json!([gallery.name]), |importer, row| {
            execute(importer.db, INSERT, (row.id, row.parent, &gallery.name))
        })?;
        for image in &gallery.images {
            let values = json!([image.file_name, image.description]);
            let parent = Some((Kind::Gallery, gallery.id.0));
            let object = Object { kind: Kind::Image, number: image.id.0, parent, values };
            self.write(object, |importer, row| {
                execute(importer.db, IMAGE, (row.id, row.parent, &image.file_name, &image.description))
            })?;
        }
        Ok(())
    }

    /// Writes the positions of the widgets on a page, from the top. `new_widgets` are those that were written now: each
    /// of them gets a position, at the bottom if the archive has none.
    fn import_positions(&mut self, page: &Page, mut new_widgets: BTreeSet<(Kind, u64)>) -> Result<(), ApiError> {
        let mut belongings: Vec<&Belonging> = page.belongings.iter().collect();
        belongings.sort_by_key(|belonging| (belonging.position, belonging.id));
        for belonging in belongings {
            let number = belonging.id.0;
            let widget = match self.find_widget(belonging, &mut new_widgets)? {
                Ok(widget) => widget,
                Err(reason) if self.numbers.is_planned(Kind::Belonging, number) => {
                    self.skip(Kind::Belonging, number, reason);
                    continue;
                }
                // An earlier import has written the position.
                Err(_) => 0,
            };
            let values = json!([belonging.kind.as_str(), belonging.widget_id]);
            let object = Object { kind: Kind::Belonging, number, parent: Some((Kind::Page, page.id.0)), values };
            self.write(object, |importer, row| {
                Ok(append_to_page(importer.db, Some(row.id), PageId(row.parent), &belonging.kind, widget)?)
            })?;
        }
        let page_id = self.numbers.find(Kind::Page, page.id.0);
        for (kind, number) in new_widgets {
            let widget_kind =
                WIDGETS.iter().find(|(_, of_widget)| *of_widget == kind).map(|(widget_kind, _)| widget_kind);
            let widget = self.numbers.find(kind, number);
            if let (Some(page), Some(widget_kind), Some(widget)) = (page_id, widget_kind, widget) {
                // An id that SQLite assigns could be the number of a position that is written later.
                let id = self.numbers.allocate(Kind::Belonging);
                append_to_page(self.db, Some(id), PageId(page), widget_kind, widget)?;
            }
        }
        Ok(())
    }

    /// Finds the widget of a position, and removes it from `new_widgets`. Returns its id, or the reason why the position
    /// cannot be written. A widget of a kind without a table, such as a writeboard, is only a number.
    fn find_widget(
        &self,
        belonging: &Belonging,
        new_widgets: &mut BTreeSet<(Kind, u64)>,
    ) -> Result<Result<i64, &'static str>, ApiError> {
        // The largest number of the kind if another page has this widget, else `NULL`.
        const LAST_IF_TAKEN: &str = "SELECT max(widget_id) FROM belongings WHERE kind = ?1
            AND EXISTS (SELECT 1 FROM belongings WHERE kind = ?1 AND widget_id = ?2)";
        let Some((_, kind)) = WIDGETS.into_iter().find(|(kind, _)| *kind == belonging.kind) else {
            let values = (belonging.kind.as_str(), belonging.widget_id);
            let last: Option<i64> = self.db.prepare_cached(LAST_IF_TAKEN)?.query_row(values, |row| row.get(0))?;
            return Ok(Ok(last.map_or(belonging.widget_id, |last| last.saturating_add(1))));
        };
        let number = u64::try_from(belonging.widget_id).ok();
        let number = number.filter(|number| new_widgets.remove(&(kind, *number)));
        Ok(number
            .and_then(|number| self.numbers.find(kind, number))
            .and_then(|id| i64::try_from(id).ok())
            .ok_or("its page has no such widget, or the widget has a position already"))
    }

    /// Writes the tags of a page, and assigns them to it if the page was written now. Names are compared without case,
    /// as everywhere in the service: of several tags with the same name, the first one is used.
    fn import_tags(&mut self, page: &Page, is_new_page: bool) -> Result<(), ApiError> {
        const FIND: &str = "SELECT id FROM tags WHERE account_id = ?1 AND folded_name = ?2";
        const INSERT: &str = "INSERT INTO tags (id, account_id, name) VALUES (?1, ?2, ?3)";
        const ASSIGN: &str = "INSERT OR IGNORE INTO page_tags (page_id, tag_id, position) VALUES (?1, ?2, ?3)";
        let account = self.account.0;
        for (position, tag) in (1i64..).zip(&page.tags) {
            let number = tag.id.0;
            let object = Object { kind: Kind::Tag, number, parent: None, values: json!([text::fold_case(&tag.name)]) };
            if self.seen_tags.insert(number) {
                let name = (account, text::fold_case(&tag.name));
                let same = self.db.prepare_cached(FIND)?.query_row(name, |row| row.get(0)).optional()?;
                match same.filter(|_| self.numbers.is_planned(Kind::Tag, number)) {
                    Some(id) => self.merge(&object, id, "the account has another tag of this name, which is used")?,
                    None => {
                        self.write(object, |importer, row| execute(importer.db, INSERT, (row.id, account, &tag.name)))?;
                    }
                }
            }
            let ids = (self.numbers.find(Kind::Page, page.id.0), self.numbers.find(Kind::Tag, number));
            if let (true, (Some(page), Some(tag))) = (is_new_page, ids) {
                execute(self.db, ASSIGN, (page, tag, position))?;
            }
        }
        Ok(())
    }

    /// Writes the links from a page to other pages of the archive.
    fn import_links(&mut self, page: &Page) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT OR IGNORE INTO links (page_id, linked_page_id) VALUES (?1, ?2)";
        for linked in &page.linked_pages {
            match (self.numbers.find(Kind::Page, page.id.0), self.numbers.find(Kind::Page, linked.id.0)) {
                (Some(id), Some(linked)) => {
                    execute(self.db, INSERT, (id, linked))?;
                }
                _ => self.report.defaults.push(format!(
                    "page {} ({}): no link to page {} ({}), which the archive lacks",
                    page.id, page.title, linked.id, linked.title
                )),
            }
        }
        Ok(())
    }
}

/// Widgets of a page, and those of them that were written now.
struct Widgets {
    page: u64,
    new: BTreeSet<(Kind, u64)>,
}

/// Lists all items of a page: those of its lists, and those that are in none of them.
pub(super) fn list_items(page: &Page) -> impl Iterator<Item = &Item> {
    page.lists.iter().flat_map(|list| &list.items).chain(list_loose_items(page))
}

/// Lists the items of a page of the oldest accounts that are in none of its lists.
pub(super) fn list_loose_items(page: &Page) -> Vec<&Item> {
    let listed: BTreeSet<u64> = page.lists.iter().flat_map(|list| &list.items).map(|item| item.id.0).collect();
    page.items.iter().filter(|item| !listed.contains(&item.id.0)).collect()
}
