//! The service, over real HTTP.
//!
//! - [`world`]: a running service with two accounts, and clients for their users.
//! - [`story`]: every operation, with what it means.
//! - [`apart`]: no account reaches another's data.
//! - [`carriers`]: a token may go any way, on every operation.
//! - [`export`]: what was written comes back.

mod apart;
mod carriers;
mod export;
mod story;
mod world;
