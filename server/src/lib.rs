//! Self-hosted Backpack server: the API of `backpack-api`, served from one SQLite file.
//!
//! Modules in reading order:
//!
//! - [`config`]: the configuration, and the checks of its values.
//! - [`server`]: starts a server, runs it until a signal, and shuts it down.
//! - `listeners`, `signals`: bound addresses with their certificate; process signals.
//! - `http`: connections, and each request from its bytes to its response.
//! - `account_host`: maps the host of a request to an account, and builds the account's URLs and mail domain.
//! - `context`: everything an operation needs to know about its request.
//! - `operations`: the operations of the API, one file for each topic.
//! - `widgets`: adds a widget to a page.
//! - `api_error`: the errors of operations.
//! - `feeds`: calendar files and public pages, which need no token.
//! - [`mail`]: reminders and other outgoing mail, and incoming mail for pages.
//! - `page_text`: a page as plain text, for mail.
//! - [`accounts`], [`users`], [`tokens`], [`calendars`]: manage the rows that the API cannot create or delete.
//! - [`setup`]: creates the first account.
//! - [`import`]: imports the archive of an account.
//! - `lookup`: finds one row by id or name.
//! - [`store`]: the SQLite file.
//! - `date_parser`, [`time_zones`]: dates as users write them; time zones by their names in the API.
//! - `private_files`, `random`, `text`: helpers for files, random values and text.
//! - [`demo`]: an account with sample content.
#![deny(missing_docs)]

mod account_host;
pub mod accounts;
mod api_error;
pub mod calendars;
pub mod config;
mod context;
mod date_parser;
pub mod demo;
mod feeds;
mod http;
pub mod import;
mod listeners;
mod lookup;
pub mod mail;
mod operations;
mod page_text;
mod private_files;
mod random;
pub mod server;
pub mod setup;
mod signals;
pub mod store;
mod text;
pub mod time_zones;
pub mod tokens;
pub mod users;
mod widgets;

pub use api_error::ApiError;
pub use config::ServerConfig;
pub use server::Server;
pub use store::Store;

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
