//! Content of exports that several formats share.
//!
//! - [`object`]: the objects of an account, which are counted.
//! - [`rendering`]: files in memory, with the objects in them.
//! - [`names`]: names of files, which every file system accepts.
//! - [`links`], [`bookmarks`]: links between pages.
//! - [`listings`]: everything that is on no page.
//! - [`dates`], [`text`], [`xml`]: notation of times, line ends, and XML.

pub(crate) mod bookmarks;
pub(crate) mod dates;
pub(crate) mod links;
pub(crate) mod listings;
pub(crate) mod names;
pub(crate) mod object;
pub(crate) mod rendering;
pub(crate) mod text;
pub(crate) mod xml;
