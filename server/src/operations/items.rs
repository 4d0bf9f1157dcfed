//! Items of lists, with the legacy operations, which may omit the list or find it by the item.

use backpack_api::items::{Create, Destroy, List, MoveTo, Reorder, Toggle, Update};
use backpack_api::runtime::Serve;
use backpack_api::{Direction, Item, ItemChanges, ItemId, ListId, NewItem, PageId, legacy};
use rusqlite::Row;

use super::belongings::OrderStatements;
use super::changes::check_changes;
use super::lists::create_list;
use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// Name of the list that a page gets with its first item. The original service used this name.
const NAME_OF_FIRST_LIST: &str = "List";

/// Lists the items of a list: open ones first, then by position.
pub(super) fn list_items(context: &RequestContext<'_>, list: ListId) -> Result<Vec<Item>, ApiError> {
    context.query_all(
        "SELECT id, list_id, content, completed, updated_at FROM items WHERE list_id = ?1
         ORDER BY completed, position, id",
        [list.0],
        read_item,
    )
}

/// Reads an item from the first five columns of a row.
pub(super) fn read_item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let item = Item::new(row.get(3)?, read_id(row, 0)?, row.get::<_, String>(2)?);
    Ok(item.list_id(read_id(row, 1)?).updated_at(read_time(row, 4)?))
}

impl RequestContext<'_> {
    /// Returns `list` if it is on `page` and the user may see that page.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] otherwise.
    fn check_list(&self, page: PageId, list: ListId) -> Result<ListId, ApiError> {
        let page = self.check_page(page)?;
        self.query_one("SELECT 1 FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, list.0), |_| Ok(list))
    }

    /// Returns the list of an item, if it is on `page` and the user may see that page.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] otherwise.
    fn find_list_of_item(&self, page: PageId, item: ItemId) -> Result<ListId, ApiError> {
        let page = self.check_page(page)?;
        self.query_one(
            "SELECT list_id FROM items JOIN lists ON lists.id = list_id WHERE page_id = ?1 AND items.id = ?2",
            (page.0, item.0),
            |row| read_id(row, "list_id"),
        )
    }

    /// Returns the list of a legacy request: the named one, else the oldest list of the page; `None` if the page has no
    /// list.
    fn find_list(&self, page: PageId, list: Option<ListId>) -> Result<Option<ListId>, ApiError> {
        if let Some(list) = list {
            return self.check_list(page, list).map(Some);
        }
        let page = self.check_page(page)?;
        self.query_one("SELECT min(id) FROM lists WHERE page_id = ?1", [page.0], |row| {
            Ok(row.get::<_, Option<u64>>(0)?.map(ListId))
        })
    }

    /// Creates an item after all others of its list.
    fn create_item(&self, list: ListId, new: &NewItem) -> Result<Item, ApiError> {
        let completed = new.completed.unwrap_or_default();
        let id: ItemId = self.insert(
            "INSERT INTO items (list_id, content, completed, updated_at, position)
             SELECT ?1, ?2, ?3, ?4, coalesce(max(position), 0) + 1 FROM items WHERE list_id = ?1",
            (list.0, &new.content, completed, self.unix_now()),
        )?;
        Ok(Item::new(completed, id, &new.content).list_id(list).updated_at(self.now))
    }

    /// Updates an item. Omitted fields are left unchanged.
    fn update_item(&self, list: ListId, item: ItemId, changes: &ItemChanges) -> Result<(), ApiError> {
        let new = check_changes(changes)?;
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

    /// Moves an item among those of its state: open and completed items are ordered separately. A move beyond the top
    /// or the bottom has no effect.
    fn move_item(&self, list: ListId, item: ItemId, direction: &Direction) -> Result<(), ApiError> {
        const TO_TOP: &str = "UPDATE items SET position = (SELECT min(position) FROM items WHERE list_id = ?1) - 1
            WHERE list_id = ?1 AND id = ?2";
        const ABOVE: &str = "SELECT id, position FROM items WHERE list_id = ?1 AND completed = ?2 AND position < ?3
            ORDER BY position DESC LIMIT 1";
        const BELOW: &str = "SELECT id, position FROM items WHERE list_id = ?1 AND completed = ?2 AND position > ?3
            ORDER BY position LIMIT 1";
        match direction {
            Direction::Lower => self.swap_with_neighbor(list, item, BELOW),
            Direction::Higher => self.swap_with_neighbor(list, item, ABOVE),
            Direction::ToTop => self.execute_one(TO_TOP, (list.0, item.0)),
            Direction::ToBottom => self.execute_one(TO_BOTTOM, (list.0, item.0)),
            _ => Err(ApiError::InvalidValue("Unknown direction")),
        }
    }

    /// Swaps the positions of an item and its neighbor, which a query finds. No two items of a list have the same
    /// position.
    fn swap_with_neighbor(&self, list: ListId, item: ItemId, find_neighbor: &str) -> Result<(), ApiError> {
        const FIND: &str = "SELECT completed, position FROM items WHERE list_id = ?1 AND id = ?2";
        const SWAP: &str = "UPDATE items SET position = iif(id = ?1, ?4, ?3) WHERE id IN (?1, ?2)";
        let (completed, position): (bool, i64) =
            self.query_one(FIND, (list.0, item.0), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let neighbor = self.query_all(find_neighbor, (list.0, completed, position), |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, i64>(1)?))
        })?;
        for (neighbor, neighbor_position) in neighbor {
            self.execute(SWAP, (item.0, neighbor, position, neighbor_position))?;
        }
        Ok(())
    }
}

/// Moves item `?2` of list `?1` below all others.
const TO_BOTTOM: &str = "UPDATE items SET position = (SELECT max(position) FROM items WHERE list_id = ?1) + 1
    WHERE list_id = ?1 AND id = ?2";

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &List) -> Result<Vec<Item>, ApiError> {
        list_items(self, self.check_list(request.page_id, request.list_id)?)
    }
}

impl Serve<Create> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Create) -> Result<Item, ApiError> {
        self.create_item(self.check_list(request.page_id, request.list_id)?, &request.item)
    }
}

impl Serve<Update> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Update) -> Result<(), ApiError> {
        self.update_item(self.check_list(request.page_id, request.list_id)?, request.item_id, &request.item)
    }
}

impl Serve<Toggle> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Toggle) -> Result<(), ApiError> {
        self.toggle_item(self.check_list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<Destroy> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &Destroy) -> Result<(), ApiError> {
        self.destroy_item(self.check_list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<MoveTo> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &MoveTo) -> Result<(), ApiError> {
        self.move_item(self.check_list(request.page_id, request.list_id)?, request.item_id, &request.direction)
    }
}

impl Serve<Reorder> for RequestContext<'_> {
    type Error = ApiError;

    /// Moves the named items to the end of their list, in the given order. The others keep their order.
    fn serve(&self, request: &Reorder) -> Result<(), ApiError> {
        const ORDER: OrderStatements = OrderStatements {
            move_to_end: TO_BOTTOM,
            count: "SELECT count(*) FROM (SELECT 1 FROM items WHERE list_id = ?1 LIMIT ?2)",
        };
        let list = self.check_list(request.page_id, request.list_id)?;
        self.reorder(&ORDER, list.0, request.order.iter().map(|item| item.0))
    }
}

impl Serve<legacy::ListItems> for RequestContext<'_> {
    type Error = ApiError;

    /// Lists the items of a list. A page without a list has no items.
    fn serve(&self, request: &legacy::ListItems) -> Result<Vec<Item>, ApiError> {
        match self.find_list(request.page_id, request.list_id)? {
            Some(list) => list_items(self, list),
            None => Ok(Vec::new()),
        }
    }
}

impl Serve<legacy::CreateItem> for RequestContext<'_> {
    type Error = ApiError;

    /// Creates an item. A page without a list gets one, because legacy clients expect a list on each page.
    fn serve(&self, request: &legacy::CreateItem) -> Result<Item, ApiError> {
        let list = match self.find_list(request.page_id, request.list_id)? {
            Some(list) => list,
            None => create_list(self, request.page_id, NAME_OF_FIRST_LIST)?,
        };
        self.create_item(list, &request.item)
    }
}

impl Serve<legacy::UpdateItem> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::UpdateItem) -> Result<(), ApiError> {
        self.update_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id, &request.item)
    }
}

impl Serve<legacy::ToggleItem> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::ToggleItem) -> Result<(), ApiError> {
        self.toggle_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::DestroyItem> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::DestroyItem) -> Result<(), ApiError> {
        self.destroy_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::MoveItem> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, request: &legacy::MoveItem) -> Result<(), ApiError> {
        self.move_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id, &request.direction)
    }
}
