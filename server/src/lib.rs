//! A Backpack of one's own: the API of `backpack-api`, served from SQLite.
//!
//! In reading order:
//!
//! - [`server`]: starts and stops it.
//! - `http`: connections, and each request from its bytes to its answer.
//! - `operations`: what each operation does, one file for each topic of the API.
//! - `feeds`: what is read without a token: calendar files, public pages.
//! - [`mail`]: what goes out, and what comes to pages.
//! - `call`: what an operation has to work with.
//! - `widgets`: adds a widget to a page.
//! - [`setup`]: creates the first account.
//! - [`tokens`], [`users`], [`calendars`], [`accounts`]: their rows, and what an operator does with them.
//! - `lookup`: finds one thing by its id or name.
//! - `random`: random values.
//! - [`zones`]: time zones, under the names that the API has for them.
//! - [`store`]: the SQLite file.
//! - [`demo`]: an account with sample content.
#![deny(missing_docs)]

pub mod accounts;
pub mod calendars;
mod call;
pub mod demo;
mod feeds;
mod files;
mod fuzzy;
mod http;
mod lookup;
pub mod mail;
mod operations;
mod random;
mod refusal;
pub mod server;
pub mod setup;
pub mod store;
mod text;
pub mod tokens;
pub mod users;
mod widgets;
pub mod zones;

pub use refusal::Refusal;
pub use server::{Server, Settings};
pub use store::Store;
