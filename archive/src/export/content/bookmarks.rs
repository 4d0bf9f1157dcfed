//! Bookmarks and tags, with the pages that they lead to.

use std::collections::BTreeMap;

use backpack_api::{Bookmark, Bookmarkable, PageId};

use super::links::PageLinks;
use crate::model::Account;

/// A tag, and the pages that have it.
#[derive(Default)]
pub(crate) struct TaggedPages {
    number: u64,
    /// Indices of the pages in the account.
    pub(crate) pages: Vec<usize>,
}

/// Collects the tags of all pages, by name.
pub(crate) fn collect_tags(account: &Account) -> BTreeMap<&str, TaggedPages> {
    let mut tags: BTreeMap<&str, TaggedPages> = BTreeMap::new();
    for (index, archived) in account.pages.iter().enumerate() {
        for tag in &archived.page.tags {
            let tagged = tags.entry(&tag.name).or_default();
            tagged.number = tag.id.0;
            tagged.pages.push(index);
        }
    }
    tags
}

/// Target of a bookmark.
pub(crate) enum Target {
    /// Index of a page in the account.
    Page(usize),
    /// Anything else, as a text.
    Text(String),
}

/// Finds the target of a bookmark.
pub(crate) fn find_target(bookmark: &Bookmark, tags: &BTreeMap<&str, TaggedPages>, links: &PageLinks) -> Target {
    let number = u64::try_from(bookmark.target_id).ok();
    let page = number.and_then(|number| links.find_index(PageId(number)));
    let tag = tags.iter().find(|(_, tag)| Some(tag.number) == number);
    match (&bookmark.kind, page, tag) {
        (Bookmarkable::Page, Some(index), _) => Target::Page(index),
        (Bookmarkable::Tag, _, Some((name, _))) => Target::Text(format!("Tag: {name}")),
        (kind, _, _) => Target::Text(format!("{} {}", kind.as_str(), bookmark.target_id)),
    }
}

/// Returns the indices of all pages in the account, by title.
pub(crate) fn sort_pages(account: &Account) -> Vec<usize> {
    let titles = account.pages.iter().map(|archived| archived.page.title.to_lowercase()).enumerate();
    let mut pages: Vec<(String, usize)> = titles.map(|(index, title)| (title, index)).collect();
    pages.sort();
    pages.into_iter().map(|(_, index)| index).collect()
}

/// Title of the page at an index of the account's pages.
pub(crate) fn title_at(account: &Account, index: usize) -> &str {
    account.pages.get(index).map_or("", |archived| &archived.page.title)
}
