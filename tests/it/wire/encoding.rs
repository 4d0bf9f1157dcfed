//! The values that can be sent, and their form in a request. An invalid value is an error before anything is sent,
//! every other value arrives unchanged, and absent values are omitted.
//!
//! - [`characters`]: every character in every text of every request.
//! - [`scalars`]: values that are invalid for other reasons, and absent values.
//! - [`paths`]: values in paths and queries.
//! - [`text_positions`], [`sending`]: helpers.

mod characters;
mod paths;
mod scalars;
mod sending;
mod text_positions;
