//! Self-hosted Backpack server: the API of `backpack-api`, served from one SQLite file.
//!
//! Modules in reading order:
//!
//! - [`config`]: the configuration, and the checks of its values.
//! - [`server`]: starts a server, runs it until a signal, and shuts it down.
//! - `listeners`, `signals`: bound addresses with their certificate; process signals.
//! - `http`: connections, and each request from its bytes to its response.
//! - `account_host`: the account that a request's host names, and the account's own addresses.
//! - `context`: everything an operation needs to know about its request.
//! - `operations`: the operations of the API, one file for each topic.
//! - `api_error`: the errors of operations.
//! - `feeds`: calendar files and public pages, which need no token.
//! - [`mail`]: reminders and other outgoing mail, and incoming mail for pages.
//! - [`people`]: accounts, users, tokens.
//! - [`store`]: the SQLite file.
//! - `fuzzy`, [`zones`]: dates as users write them; time zones under the names that the API has for them.
//! - `files`, `text`: helpers for files and text.
//! - [`demo`]: an account with sample content.
#![deny(missing_docs)]

mod account_host;
mod api_error;
pub mod config;
mod context;
pub mod demo;
mod feeds;
mod files;
mod fuzzy;
mod http;
mod listeners;
pub mod mail;
mod operations;
pub mod people;
pub mod server;
mod signals;
pub mod store;
mod text;
pub mod zones;

pub use api_error::ApiError;
pub use config::ServerConfig;
pub use server::Server;
pub use store::Store;
