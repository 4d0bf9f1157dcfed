//! Archive of a Backpack account: a folder with the responses of the API as they were received.
//!
//! Modules in reading order:
//!
//! - [`model`]: the account as typed values, put together from all responses of an archive.
//! - [`render`]: text as HTML, events as iCalendar.
//! - [`export`]: the account as files for other programs.

pub mod export;
pub mod model;
pub mod render;
