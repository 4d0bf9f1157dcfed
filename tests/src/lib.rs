//! Helpers for tests and benchmarks that know the schema. In reading order:
//!
//! - [`schema`]: the schema files on disk.
//! - [`examples`]: the schema's examples as HTTP requests and responses.
//! - [`server`]: a server that responds with the examples.
//! - [`documents`], [`accounts`]: large XML documents, and accounts with many pages, for measurements.
//! - [`fuzz`]: the fuzz targets, and the seeds made from the examples.
//! - [`host`]: crates around generated code, compiled and run like the crate of a user.

pub mod accounts;
pub mod documents;
pub mod examples;
pub mod fuzz;
pub mod host;
pub mod schema;
pub mod server;
