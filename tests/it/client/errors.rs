//! Errors report the code, message and status of a failure, and never a token or the text of a document.
//!
//! - [`envelopes`]: failures in a response envelope.
//! - [`bodies`]: bodies that are no response of the operation.
//! - [`statuses`]: statuses without a body that is understood.
//! - [`connections`]: failures over a connection.
//! - [`responses`]: helpers that build and read responses.

mod bodies;
mod connections;
mod envelopes;
mod responses;
mod statuses;
