//! `backpack item`.

use backpack_api::{ItemChanges, ListId, NewItem, Page};
use clap::{Args, Subcommand};

use super::find::{choose, list_names, show_page};
use super::{ContentArgs, read_paragraphs};
use crate::error::{CommandError, Exit, failure};

/// Add items to lists, and mark them as done.
#[derive(Subcommand)]
pub(crate) enum ItemCommand {
    Add(AddCommand),
    Done(DoneCommand),
}

/// Add an item to a list of a page, and print its number.
#[derive(Args)]
pub(crate) struct AddCommand {
    /// Title of the page, or its number.
    page: String,
    /// Text of the item; `@FILE` reads a file, `-` standard input.
    text: String,
    /// Name or number of the list; required if the page has several.
    #[arg(long)]
    list: Option<String>,
    #[command(flatten)]
    common: ContentArgs,
}

/// Mark an item of a page as done, and print its number.
#[derive(Args)]
pub(crate) struct DoneCommand {
    /// Title of the page, or its number.
    page: String,
    /// Text of the item, or its number.
    item: String,
    #[command(flatten)]
    common: ContentArgs,
}

impl ItemCommand {
    /// Adds or changes the item.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Add(add) => add.run(),
            Self::Done(done) => done.run(),
        }
    }
}

impl AddCommand {
    /// Adds the item.
    fn run(self) -> Result<(), CommandError> {
        let item = NewItem::new(read_paragraphs(&self.text)?);
        let client = self.common.connect()?;
        let page = show_page(&client, &self.page)?;
        let list = find_list(&page, self.list.as_deref())?;
        let item = client.items(page.id, list).create(item)?;
        self.common.output.print_number(&item, item.id)
    }
}

impl DoneCommand {
    /// Marks the item as done. An item that is done already stays so.
    fn run(self) -> Result<(), CommandError> {
        let client = self.common.connect()?;
        let page = show_page(&client, &self.page)?;
        let items = page.lists.iter().flat_map(|list| list.items.iter().map(|item| (list.id, item)));
        let items: Vec<_> = items.collect();
        let (list, item) = choose("item", &self.item, &items, |(_, item)| (item.id.0, &item.content))?;
        client.items(page.id, *list).update(item.id, ItemChanges::new().completed(true))?;
        let mut item = (*item).clone();
        item.completed = true;
        self.common.output.print_number(&item, item.id)
    }
}

/// Finds a list of a page by name or number; without either, the only list.
fn find_list(page: &Page, list: Option<&str>) -> Result<ListId, CommandError> {
    let (title, number) = (&page.title, page.id);
    match (list, &page.lists[..]) {
        (Some(list), lists) => Ok(choose("list", list, lists, |list| (list.id.0, &list.name))?.id),
        (None, [list]) => Ok(list.id),
        (None, []) => Err(failure(
            Exit::NotFound,
            format!("the page “{title}” has no list: add one with `backpack call lists create {number} NAME`"),
        )),
        (None, lists) => {
            let names = list_names(lists.iter().map(|list| (list.id.0, list.name.as_str())));
            Err(failure(Exit::Usage, format!("the page “{title}” has several lists, use `--list`: {names}")))
        }
    }
}
