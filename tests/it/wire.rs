//! Requests and responses as XML and HTTP: what is written can be read, and what is invalid is rejected.
//!
//! - [`examples`]: each example of the schema, read and written by client and server.
//! - [`round_trips`]: random values, written and read.
//! - [`encoding`]: which values can be sent, and what they look like.
//! - [`variations`]: documents that differ in form and mean the same.
//! - [`handwritten`]: generated code does the same as code written by hand.
//! - [`malformed_xml`]: documents that are not well-formed.
//! - [`hostile_documents`] and [`memory`]: bounds on the memory that reading and writing take.
//! - [`fuzz_corpus`]: the seeds of the fuzz targets.

mod encoding;
mod examples;
mod fuzz_corpus;
mod handwritten;
mod hostile_documents;
mod malformed_xml;
mod memory;
mod round_trips;
mod variations;
