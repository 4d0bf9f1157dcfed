//! HTML: a folder that opens from the disk, with a search that needs no network.
//!
//! - [`render`](mod@render): the files.
//! - [`page`], [`listing`], [`index`]: the content of a file.
//! - [`document`]: the HTML document around it, whose content security policy allows no script but the search.

mod document;
mod index;
mod listing;
mod page;
mod render;

pub use document::content_policy;
pub(super) use listing::write_listing;
pub(super) use page::write_page;
pub(super) use render::render;
