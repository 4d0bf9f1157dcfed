//! Requests and responses as XML and HTTP: written documents can be read, and invalid documents are rejected.
//!
//! - [`examples`]: each example of the schema, read and written by client and server.
//! - [`round_trips`]: random values, written and read.
//! - [`encoding`]: the values that can be sent, and their form in a request.
//! - [`variations`]: documents that differ in form and have the same meaning.
//! - [`handwritten`]: generated code and code written by hand have the same results.
//! - [`malformed_xml`]: documents that are not well-formed.
//! - [`hostile_documents`] and [`memory`]: bounds on the memory that reading and writing take.
//! - [`serde`]: values of responses as JSON.
//! - [`fuzz_corpus`]: the seeds of the fuzz targets.

mod encoding;
mod examples;
mod fuzz_corpus;
mod handwritten;
mod hostile_documents;
mod malformed_xml;
mod memory;
mod round_trips;
mod serde;
mod variations;
