//! The service, over real HTTP.
//!
//! - [`world`]: a running service with two accounts, and clients for their users.
//! - [`story`]: every operation, with what it means.

mod story;
mod world;
