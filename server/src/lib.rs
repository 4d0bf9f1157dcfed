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
//! - [`zones`]: time zones, under the names that the API has for them.
//! - [`store`]: where everything is kept.
#![deny(missing_docs)]

mod call;
pub mod demo;
mod feeds;
mod files;
mod fuzzy;
mod http;
pub mod mail;
mod operations;
pub mod people;
mod refusal;
pub mod server;
pub mod store;
mod text;
pub mod zones;

pub use refusal::Refusal;
pub use server::{Server, Settings};
pub use store::Store;
