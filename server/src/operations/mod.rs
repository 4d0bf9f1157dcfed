//! What each operation does: one file for each topic of the API, with the older forms of its operations.

mod belongings;
mod bookmarks;
mod calendar_events;
mod calendars;
mod emails;
mod export;
mod items;
mod journal;
mod lists;
mod notes;
mod pages;
mod reminders;
mod separators;
mod statuses;
mod tags;
mod users;
