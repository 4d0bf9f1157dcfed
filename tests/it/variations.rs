//! What may vary about a document without changing what it means.
//!
//! - [`every`]: what may vary anywhere, tried on every example of every operation.
//! - [`answers`]: what the service is known to vary, as a client reads it.
//! - [`unknown`]: what an answer has beyond the schema, which is counted.
//! - [`requests`]: what clients are known to vary, as a server reads it.

mod answers;
mod every;
mod requests;
mod unknown;
