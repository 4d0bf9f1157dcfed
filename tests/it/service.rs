//! The service, over real HTTP.
//!
//! - [`world`]: a running service with two accounts, and clients for their users.
//! - [`story`]: every operation, with what it means.
//! - [`apart`]: no account reaches another's data.
//! - [`export`]: what was written comes back.

mod apart;
mod export;
mod story;
mod world;
