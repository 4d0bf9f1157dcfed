//! Archive of a Backpack account: a folder with the responses of the API as they were received.
//!
//! Modules in reading order:
//!
//! - [`model`]: the account as typed values, put together from all responses of an archive.

pub mod model;
