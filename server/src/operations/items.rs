//! Items of lists, with the legacy operations, which may omit the list.

use backpack_api::items::{Create, Destroy, List, MoveTo, Reorder, Toggle, Update};
use backpack_api::runtime::Serve;
use backpack_api::{Direction, Item, ItemChanges, ItemId, ListId, NewItem, PageId, legacy};
use rusqlite::Row;

use super::belongings::reorder;
use super::lists::create_list;
use crate::Refusal;
use crate::call::Call;
use crate::store::rows::{read_id, read_time};

/// Lists the items of a list: open ones first, then by position.
pub(super) fn list_items(context: &Call<'_>, list: ListId) -> Result<Vec<Item>, Refusal> {
    context.rows(
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

impl Call<'_> {
    /// Returns `list` if it is on a page that the user may see.
    fn check_list(&self, page: PageId, list: ListId) -> Result<ListId, Refusal> {
        let page = self.page(page)?;
        self.row("SELECT 1 FROM lists WHERE page_id = ?1 AND id = ?2", (page.0, list.0), |_| Ok(list))
    }

    /// Returns the list of an item on a page that the user may see.
    fn find_list_of_item(&self, page: PageId, item: ItemId) -> Result<ListId, Refusal> {
        let page = self.page(page)?;
        self.row(
            "SELECT list_id FROM items JOIN lists ON lists.id = list_id WHERE page_id = ?1 AND items.id = ?2",
            (page.0, item.0),
            |row| read_id(row, "list_id"),
        )
    }

    /// Returns the list of a legacy request: the named one, else the first list of the page.
    fn find_list(&self, page: PageId, list: Option<ListId>) -> Result<Option<ListId>, Refusal> {
        if let Some(list) = list {
            return self.check_list(page, list).map(Some);
        }
        let page = self.page(page)?;
        self.row("SELECT min(id) FROM lists WHERE page_id = ?1", [page.0], |row| {
            Ok(row.get::<_, Option<u64>>(0)?.map(ListId))
        })
    }

    fn create_item(&self, list: ListId, new: &NewItem) -> Result<Item, Refusal> {
        let completed = new.completed.unwrap_or_default();
        let id: ItemId = self.insert(
            "INSERT INTO items (list_id, content, completed, updated_at, position)
             SELECT ?1, ?2, ?3, ?4, coalesce(max(position), 0) + 1 FROM items WHERE list_id = ?1",
            (list.0, &new.content, completed, self.second()),
        )?;
        Ok(Item::new(completed, id, &new.content).list_id(list).updated_at(self.now))
    }

    fn update_item(&self, list: ListId, item: ItemId, new: &ItemChanges) -> Result<(), Refusal> {
        self.change_one(
            "UPDATE items SET content = coalesce(?3, content), completed = coalesce(?4, completed), updated_at = ?5
             WHERE list_id = ?1 AND id = ?2",
            (list.0, item.0, &new.content, new.completed, self.second()),
        )
    }

    fn toggle_item(&self, list: ListId, item: ItemId) -> Result<(), Refusal> {
        self.change_one(
            "UPDATE items SET completed = NOT completed, updated_at = ?3 WHERE list_id = ?1 AND id = ?2",
            (list.0, item.0, self.second()),
        )
    }

    fn destroy_item(&self, list: ListId, item: ItemId) -> Result<(), Refusal> {
        self.change_one("DELETE FROM items WHERE list_id = ?1 AND id = ?2", (list.0, item.0))
    }

    /// Moves an item. Open and completed items are ordered separately.
    fn move_item(&self, list: ListId, item: ItemId, direction: &Direction) -> Result<(), Refusal> {
        let same_state = "SELECT id FROM items WHERE list_id = ?1 AND completed =
                     (SELECT completed FROM items WHERE list_id = ?1 AND id = ?2) ORDER BY position, id";
        let mut order = self.rows(same_state, (list.0, item.0), |row| row.get::<_, u64>(0))?;
        let from = order.iter().position(|id| *id == item.0).ok_or(Refusal::NotFound)?;
        let bottom = order.len() - 1;
        let to = match direction {
            Direction::Lower => bottom.min(from + 1),
            Direction::Higher => from.saturating_sub(1),
            Direction::ToTop => 0,
            Direction::ToBottom => bottom,
            _ => return Err(Refusal::Invalid("Unknown direction")),
        };
        let moved = order.remove(from);
        order.insert(to, moved);
        self.set_positions(&order)
    }

    fn set_positions(&self, items: &[u64]) -> Result<(), Refusal> {
        for (position, item) in (1i64..).zip(items) {
            self.change("UPDATE items SET position = ?2 WHERE id = ?1", (item, position))?;
        }
        Ok(())
    }
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &List) -> Result<Vec<Item>, Refusal> {
        list_items(self, self.check_list(request.page_id, request.list_id)?)
    }
}

impl Serve<Create> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Create) -> Result<Item, Refusal> {
        self.create_item(self.check_list(request.page_id, request.list_id)?, &request.item)
    }
}

impl Serve<Update> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Update) -> Result<(), Refusal> {
        self.update_item(self.check_list(request.page_id, request.list_id)?, request.item_id, &request.item)
    }
}

impl Serve<Toggle> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Toggle) -> Result<(), Refusal> {
        self.toggle_item(self.check_list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<Destroy> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Destroy) -> Result<(), Refusal> {
        self.destroy_item(self.check_list(request.page_id, request.list_id)?, request.item_id)
    }
}

impl Serve<MoveTo> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &MoveTo) -> Result<(), Refusal> {
        self.move_item(self.check_list(request.page_id, request.list_id)?, request.item_id, &request.direction)
    }
}

impl Serve<Reorder> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &Reorder) -> Result<(), Refusal> {
        let list = self.check_list(request.page_id, request.list_id)?;
        let of_list = "SELECT id FROM items WHERE list_id = ?1 ORDER BY completed, position, id";
        let current = self.rows(of_list, [list.0], |row| row.get::<_, u64>(0))?;
        let named: Vec<u64> = request.order.iter().map(|item| item.0).collect();
        self.set_positions(&reorder(&current, &named)?)
    }
}

impl Serve<legacy::ListItems> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::ListItems) -> Result<Vec<Item>, Refusal> {
        match self.find_list(request.page_id, request.list_id)? {
            Some(list) => list_items(self, list),
            None => Ok(Vec::new()),
        }
    }
}

impl Serve<legacy::CreateItem> for Call<'_> {
    type Refusal = Refusal;

    /// Creates an item. A page without a list gets one: legacy clients expect one list on each page.
    fn serve(&self, request: &legacy::CreateItem) -> Result<Item, Refusal> {
        let list = match self.find_list(request.page_id, request.list_id)? {
            Some(list) => list,
            None => create_list(self, request.page_id, "")?,
        };
        self.create_item(list, &request.item)
    }
}

impl Serve<legacy::UpdateItem> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::UpdateItem) -> Result<(), Refusal> {
        self.update_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id, &request.item)
    }
}

impl Serve<legacy::ToggleItem> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::ToggleItem) -> Result<(), Refusal> {
        self.toggle_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::DestroyItem> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::DestroyItem) -> Result<(), Refusal> {
        self.destroy_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id)
    }
}

impl Serve<legacy::MoveItem> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, request: &legacy::MoveItem) -> Result<(), Refusal> {
        self.move_item(self.find_list_of_item(request.page_id, request.item_id)?, request.item_id, &request.direction)
    }
}
