//! Errors report the code, message and status of a failure, and never a token or the text of a document.
//!
//! - [`envelopes`]: failures in a response envelope.
//! - [`bodies`]: bodies that are not a response of the operation.
//! - [`statuses`]: statuses whose body the client cannot read.
//! - [`details`]: kinds of errors, and the body of the response.
//! - [`connections`]: errors over real connections.
//! - [`responses`]: helpers that build and read responses.

mod bodies;
mod connections;
mod details;
mod envelopes;
mod responses;
mod statuses;
