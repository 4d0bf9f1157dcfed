//! Tests of the Backpack-compatible service over real HTTP.
//!
//! - [`test_service`]: a running service with two accounts, and clients for their users.
//! - [`all_operations`]: every operation has its documented effect.
//! - [`isolation`]: no account can read or change the data of another.
//! - [`carriers`]: every carrier of the token, such as a header or the query, works for every operation.
//! - [`export`]: an export contains the pages and reminders that the operations return one by one.
//! - [`requests`]: builds a sample request for every operation.

mod all_operations;
mod carriers;
mod export;
mod isolation;
mod requests;
mod test_service;
