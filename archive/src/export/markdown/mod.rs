//! Markdown: one file for each page, with front matter that Obsidian and Joplin read.
//!
//! - [`render`](mod@render): the files.
//! - [`page`]: a page, with [`front_matter`].
//! - [`index`]: the list of pages, tags and bookmarks.
//! - [`listing`]: everything that is on no page.
//! - [`kept_html`]: finds the parts that stay HTML, and lists them.
//! - [`words`]: texts as Markdown.

mod front_matter;
mod index;
mod kept_html;
mod listing;
mod page;
mod render;
mod words;

pub(super) use render::render;
