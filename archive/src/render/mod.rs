//! Renderers that the exports share with the feeds of the service.
//!
//! - [`markup`]: users' text to safe HTML.
//! - [`calendar`]: events to an iCalendar file.

pub mod calendar;
pub mod markup;

/// Stylesheet of pages.
pub const PAGE_STYLE: &str = include_str!("page.css");
