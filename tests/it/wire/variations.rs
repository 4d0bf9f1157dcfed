//! Documents that differ in form and have the same meaning.
//!
//! - [`syntax`]: differences that any document may have, tried on every example of every operation.
//! - [`responses`]: differences in responses that the service is known to have.
//! - [`requests`]: differences in requests that clients are known to have.
//! - [`unknown_content`]: content that the schema does not declare, which is skipped and counted.

mod requests;
mod responses;
mod syntax;
mod unknown_content;
