//! The order of items and belongings after moves, insertions and deletions.

use backpack_api::runtime::Serve;
use backpack_api::{
    BelongingId, Direction, Item, ItemId, ListId, NewItem, NewNote, PageId, items, lists, notes, pages,
};

use super::run_as_jo;
use crate::ApiError;
use crate::context::RequestContext;

/// Creates a page with a list of the open items 1, 2, 3, 4 and the completed items 5, 6, 7.
fn create_items(context: &RequestContext<'_>) -> Result<(PageId, ListId), ApiError> {
    let page = context.serve(&pages::Create::new("Trip"))?.id;
    let list = context.serve(&lists::Create::new(page, "To pack"))?.id;
    for number in 1..=7 {
        let item = NewItem::new(number.to_string()).completed(number > 4);
        context.serve(&items::Create::new(page, list, item))?;
    }
    Ok((page, list))
}

#[test]
fn an_item_moves_among_those_of_its_state() {
    const MOVES: [(u64, Direction, &str); 12] = [
        (3, Direction::Higher, "1324 567"),
        (3, Direction::Higher, "3124 567"),
        (3, Direction::Higher, "3124 567"),
        (3, Direction::Lower, "1324 567"),
        (4, Direction::Lower, "1324 567"),
        (4, Direction::ToTop, "4132 567"),
        (2, Direction::ToTop, "2413 567"),
        (2, Direction::ToTop, "2413 567"),
        (7, Direction::Higher, "2413 576"),
        (5, Direction::ToBottom, "2413 765"),
        (5, Direction::Lower, "2413 765"),
        (4, Direction::ToBottom, "2134 765"),
    ];
    run_as_jo(|context| {
        let (page, list) = create_items(context)?;
        for (number, direction, expected) in MOVES {
            context.serve(&items::MoveTo::new(page, list, ItemId(number), direction.clone()))?;
            assert_eq!(show_items(context, page, list)?, expected, "item {number} {direction:?}");
        }
        // An item that changes its state keeps apart from all others of the list.
        context.serve(&items::Toggle::new(page, list, ItemId(1)))?;
        context.serve(&items::MoveTo::new(page, list, ItemId(1), Direction::ToBottom))?;
        context.serve(&items::MoveTo::new(page, list, ItemId(1), Direction::Higher))?;
        assert_eq!(show_items(context, page, list)?, "234 7615");
        context.serve(&items::Destroy::new(page, list, ItemId(6)))?;
        context.serve(&items::MoveTo::new(page, list, ItemId(1), Direction::Higher))?;
        context.serve(&items::Create::new(page, list, NewItem::new("8")))?;
        assert_eq!(show_items(context, page, list)?, "2348 175");
        let unknown = items::MoveTo::new(page, list, ItemId(6), Direction::Higher);
        assert_eq!(context.serve(&unknown), Err(ApiError::NotFound));
        Ok(())
    });
}

/// Shows the contents of the open items, then those of the completed ones.
fn show_items(context: &RequestContext<'_>, page: PageId, list: ListId) -> Result<String, ApiError> {
    let items = context.serve(&items::List::new(page, list))?;
    let show = |is_completed| {
        let items = items.iter().filter(|item| item.completed == is_completed);
        items.map(|item: &Item| item.content.as_str()).collect::<String>()
    };
    Ok(format!("{} {}", show(false), show(true)))
}

#[test]
fn named_items_move_below_the_others() {
    run_as_jo(|context| {
        let (page, list) = create_items(context)?;
        let reorder = |ids: &[u64]| {
            context.serve(&items::Reorder::new(page, list, ids.iter().copied().map(ItemId)))?;
            show_items(context, page, list)
        };
        assert_eq!(reorder(&[3, 1])?, "2431 567");
        assert!(matches!(reorder(&[]), Err(ApiError::InvalidValue(_))));
        assert_eq!(reorder(&[6, 2, 6, 5])?, "4312 765");
        assert_eq!(reorder(&[7, 6, 5, 4, 3, 2, 1])?, "4321 765");
        assert_eq!(reorder(&[1, 8]), Err(ApiError::NotFound));
        Ok(())
    });
}

#[test]
fn named_belongings_move_below_the_others() {
    run_as_jo(|context| {
        let (page, _) = create_items(context)?;
        for _ in 0..3 {
            context.serve(&notes::Create::new(page, NewNote::new()))?;
        }
        let show = || {
            let belongings = context.serve(&pages::Show::new(page))?.belongings;
            Ok(belongings.iter().map(|belonging| (belonging.id.0, belonging.position)).collect::<Vec<_>>())
        };
        let reorder = |ids: &[u64]| {
            context.serve(&pages::Reorder::new(page, ids.iter().copied().map(BelongingId)))?;
            show()
        };
        assert_eq!(reorder(&[3, 1])?, [(2, 1), (4, 2), (3, 3), (1, 4)]);
        assert_eq!(reorder(&[2, 2, 4])?, [(3, 1), (1, 2), (2, 3), (4, 4)]);
        assert_eq!(reorder(&[4, 3, 2, 1])?, [(4, 1), (3, 2), (2, 3), (1, 4)]);
        assert_eq!(reorder(&[1, 5]), Err(ApiError::NotFound));
        assert!(matches!(reorder(&[1, 2, 3, 4, 1]), Err(ApiError::InvalidValue(_))));
        assert!(matches!(reorder(&[]), Err(ApiError::InvalidValue(_))));
        Ok(())
    });
}
