//! `backpack pages`, `backpack page` and `backpack search`.

use clap::Args;

use super::ContentArgs;
use super::find::show_page;
use super::page_text::format_page;
use crate::error::CommandError;
use crate::output::{Table, print_json, print_text};

/// List the pages.
#[derive(Args)]
pub(crate) struct PagesCommand {
    #[command(flatten)]
    common: ContentArgs,
}

/// Show a page as text.
///
/// The text has the numbers of notes, lists and items, which other commands take.
#[derive(Args)]
pub(crate) struct PageCommand {
    /// Title of the page, or its number.
    #[arg(value_name = "TITLE-OR-NUMBER")]
    page: String,
    #[command(flatten)]
    common: ContentArgs,
}

/// Search the text of all pages.
#[derive(Args)]
pub(crate) struct SearchCommand {
    /// Text to search for.
    term: String,
    #[command(flatten)]
    common: ContentArgs,
}

impl PagesCommand {
    /// Lists the pages.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let pages = self.common.connect()?.pages().list()?;
        let mut table = Table::new(&["NUMBER", "TITLE", "SCOPE"]);
        for page in &pages {
            let scope = page.scope.as_ref().map(ToString::to_string).unwrap_or_default();
            table.add([&page.id, &page.title, &scope]);
        }
        self.common.output.print(&pages, &table)
    }
}

impl PageCommand {
    /// Shows the page.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let page = show_page(&self.common.connect()?, &self.page)?;
        if self.common.output.is_json() {
            return print_json(&page);
        }
        print_text(&format_page(page))
    }
}

impl SearchCommand {
    /// Lists the pages that contain the text, and where.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let pages = self.common.connect()?.pages().search(self.term)?;
        let mut table = Table::new(&["NUMBER", "TITLE", "FOUND IN"]);
        for page in &pages {
            let hits: Vec<_> = page.hits.iter().map(|hit| format!("{} {}", hit.kind, hit.id)).collect();
            table.add([&page.id, &page.title, &hits.join(", ")]);
        }
        self.common.output.print(&pages, &table)
    }
}
