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
//! - [`people`]: accounts, users, tokens.
//! - [`time_zones`]: time zones, under the names that the API has for them.
//! - [`store`]: where everything is kept.
#![deny(missing_docs)]

mod call;
mod date_parser;
pub mod demo;
mod feeds;
mod http;
pub mod mail;
mod operations;
mod page_text;
pub mod people;
mod private_files;
mod refusal;
pub mod server;
pub mod store;
mod text;
pub mod time_zones;
mod widgets;

pub use refusal::Refusal;
pub use server::{Server, Settings};
pub use store::Store;
