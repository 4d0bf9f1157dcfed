//! The operations: one file for each topic of the API, including the legacy operations of that topic.
//!
//! Pages and the widgets on them:
//!
//! - `pages`, `page_content`: pages, and reading a page with its content.
//! - `search`, `sharing`: searching pages, and sharing them.
//! - `belongings`: the order of widgets on a page.
//! - `lists`, `items`, `notes`, `separators`, `emails`, `tags`: the content of a page.
//!
//! Users and their own data:
//!
//! - `users`: the users of an account.
//! - `bookmarks`, `journal`, `statuses`, `reminders`: the data of one user.
//! - `calendars`, `calendar_events`: calendars and the events on them.
//! - `export`: all pages of an account, with the reminders of a user.
//!
//! `changes` has a check that several operations share.

mod belongings;
mod bookmarks;
mod calendar_events;
mod calendars;
mod changes;
mod emails;
mod export;
mod items;
mod journal;
mod lists;
mod notes;
mod page_content;
mod pages;
mod reminders;
mod search;
mod separators;
mod sharing;
mod statuses;
mod tags;
mod users;

#[cfg(test)]
mod tests;
