//! Items of lists, and the older forms that name no list.

use backpack_api::items::{Create, Destroy, List, MoveTo, Reorder, Toggle, Update};
use backpack_api::runtime::Serve;
use backpack_api::{Direction, Item, ItemChanges, ItemId, ListId, NewItem, PageId, legacy};
use rusqlite::Row;

use super::belongings::reordered;
use super::lists;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// The items of a list: open ones first, then by their place.
pub(super) fn of_list(context: &RequestContext<'_>, list: ListId) -> Result<Vec<Item>, ApiError> {
    context.query_all(
        "SELECT id, list_id, content, completed, updated_at FROM items WHERE list_id = ?1
         ORDER BY completed, position, id",
        [list.0],
        item,
    )
}

/// The item in the first columns of a row.
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let item = Item::new(row.get(3)?, read_id(row, 0)?, row.get::<_, String>(2)?);
    Ok(item.list_id(read_id(row, 1)?).updated_at(read_time(row, 4)?))
}

impl RequestContext<'_> {
    /// A list of a page that the caller may see.
    fn list(&self, page: PageId, list: ListId) -> Result<ListId, ApiError> {
        let page = self.check_page(page)?;
        self.query_one("SELECT 1 FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, list.0), |_| Ok(list))
    }

    /// The list of an item that stands on a page that the caller may see.
    fn list_of(&self, page: PageId, item: ItemId) -> Result<ListId, ApiError> {
        let page = self.check_page(page)?;
        self.query_one(
            "SELECT list_id FROM items JOIN lists ON lists.id = list_id WHERE page_id = ?1 AND items.id = ?2",
            (page.0, item.0),
            |row| read_id(row, "list_id"),
        )
    }

    /// The list that is meant where the older operations name one or none: the page's first.
    fn list_or_first(&self, page: PageId, list: Option<ListId>) -> Result<Option<ListId>, ApiError> {
        if let Some(list) = list {
            return self.list(page, list).map(Some);
        }
        let page = self.check_page(page)?;
        self.query_one("SELECT min(id) FROM lists WHERE page_id = ?1", [page.0], |row| {
            Ok(row.get::<_, Option<u64>>(0)?.map(ListId))
        })
    }

    fn add_item(&self, list: ListId, new: &NewItem) -> Result<Item, ApiError> {
        let completed = new.completed.unwrap_or_default();
        let id: ItemId = self.insert(
            "INSERT INTO items (list_id, content, completed, updated_at, position)
             SELECT ?1, ?2, ?3, ?4, coalesce(max(position), 0) + 1 FROM items WHERE list_id = ?1",
            (list.0, &new.content, completed, self.unix_now()),
        )?;
        Ok(Item::new(completed, id, &new.content).list_id(list).updated_at(self.now))
    }

    fn update_item(&self, list: ListId, item: ItemId, new: &ItemChanges) -> Result<(), ApiError> {
        self.execute_one(
            "UPDATE items SET content = coalesce(?3, content), completed = coalesce(?4, completed), updated_at = ?5
             WHERE list_id = ?1 AND id = ?2",
            (list.0, item.0, &new.content, new.completed, self.unix_now()),
        )
    }

    fn toggle_item(&self, list: ListId, item: ItemId) -> Result<(), ApiError> {
        self.execute_one(
            "UPDATE items SET completed = NOT completed, updated_at = ?3 WHERE list_id = ?1 AND id = ?2",
            (list.0, item.0, self.unix_now()),
        )
    }

    fn destroy_item(&self, list: ListId, item: ItemId) -> Result<(), ApiError> {
        self.execute_one("DELETE FROM items WHERE list_id = ?1 AND id = ?2", (list.0, item.0))
    }

    /// Moves an item among those that are open, or done, like itself.
    fn move_item(&self, list: ListId, item: ItemId, direction: &Direction) -> Result<(), ApiError> {
        let alike = "SELECT id FROM items WHERE list_id = ?1 AND completed =
                     (SELECT completed FROM items WHERE list_id = ?1 AND id = ?2) ORDER BY position, id";
        let mut order = self.query_all(alike, (list.0, item.0), |row| row.get::<_, u64>(0))?;
        let from = order.iter().position(|id| *id == item.0).ok_or(ApiError::NotFound)?;
        let last = order.len() - 1;
        let to = match direction {
            Direction::Lower => last.min(from + 1),
            Direction::Higher => from.saturating_sub(1),
            Direction::ToTop => 0,
            Direction::ToBottom => last,
            _ => return Err(ApiError::Invalid("This direction is not known")),
        };
        let moved = order.remove(from);
        order.insert(to, moved);
        self.put_in_order(&order)
    }

    fn put_in_order(&self, items: &[u64]) -> Result<(), ApiError> {
        for (position, item) in (1i64..).zip(items) {
            self.execute("UPDATE items SET position = ?2 WHERE id = ?1", (item, position))?;
        }
        Ok(())
    }
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Item>, ApiError> {
        of_list(self, self.list(request.page_id, request.list_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Create) -> Result<Item, ApiError> {
        self.add_item(self.list(request.page_id, request.list_id)?, &request.item)
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        self.update_item(self.list(request.page_id, request.list_id)?, request.item_id, &request.item)
    }
}

impl Serve<Toggle> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Toggle) -> Result<(), ApiError> {
        self.toggle_item(self.list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        self.destroy_item(self.list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<MoveTo> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &MoveTo) -> Result<(), ApiError> {
        self.move_item(self.list(request.page_id, request.list_id)?, request.item_id, &request.direction)
    }
}

impl Serve<Reorder> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &Reorder) -> Result<(), ApiError> {
        let list = self.list(request.page_id, request.list_id)?;
        let all = "SELECT id FROM items WHERE list_id = ?1 ORDER BY completed, position, id";
        let known = self.query_all(all, [list.0], |row| row.get::<_, u64>(0))?;
        let named: Vec<u64> = request.order.iter().map(|item| item.0).collect();
        self.put_in_order(&reordered(&known, &named)?)
    }
}

impl Serve<legacy::ListItems> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::ListItems) -> Result<Vec<Item>, ApiError> {
        match self.list_or_first(request.page_id, request.list_id)? {
            Some(list) => of_list(self, list),
            None => Ok(Vec::new()),
        }
    }
}

impl Serve<legacy::CreateItem> for RequestContext<'_> {
    type Refusal = ApiError;

    /// A page without a list gets one: these clients know of one list for each page.
    fn serve(&self, request: &legacy::CreateItem) -> Result<Item, ApiError> {
        let list = match self.list_or_first(request.page_id, request.list_id)? {
            Some(list) => list,
            None => lists::create(self, request.page_id, "")?,
        };
        self.add_item(list, &request.item)
    }
}

impl Serve<legacy::UpdateItem> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::UpdateItem) -> Result<(), ApiError> {
        self.update_item(self.list_of(request.page_id, request.item_id)?, request.item_id, &request.item)
    }
}

impl Serve<legacy::ToggleItem> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::ToggleItem) -> Result<(), ApiError> {
        self.toggle_item(self.list_of(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::DestroyItem> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::DestroyItem) -> Result<(), ApiError> {
        self.destroy_item(self.list_of(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::MoveItem> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, request: &legacy::MoveItem) -> Result<(), ApiError> {
        self.move_item(self.list_of(request.page_id, request.item_id)?, request.item_id, &request.direction)
    }
}
