//! The model to files: Rust tokens, and Markdown for the documentation of methods. Emitting cannot fail. It knows no name
//! of any service: special cases are words of the schema language. In reading order:
//!
//! - [`files`]: the list of all files.
//! - [`emitter`]: the schema and the options that all emitters share.
//! - [`idents`]: Rust identifiers for names of the schema.
//! - [`imports`]: the table of modules that generated code names, and the `use` items for them.
//! - [`docs`]: documentation from the schema, escaped.
//! - [`rust_types`]: type, argument and codec of a field.
//! - [`xml_text`]: literal XML.
//! - [`section`]: the module of a section.
//! - [`data`]: ids, enums and data types.
//! - [`merged_element`], [`read`]: a shape as code that reads a response.
//! - [`write`](mod@write): a shape as code that writes.
//! - [`params`]: a shape as code that reads a request on a server.
//! - [`endpoint`]: the struct of an operation, with [`client_side`] and [`server_side`] of it; [`path_writer`].
//! - [`handle`]: the methods that users call, async and blocking, and [`method_docs`], their documentation.
//! - [`example_code`], [`wire_sample`]: an example of the schema, as Rust and as HTTP.
//! - [`service`]: the parent module of the sections, with the service, rate limits and [`styles`].
//! - [`routes`]: the routes from HTTP requests to operations.

mod client_side;
mod data;
mod docs;
mod emitter;
mod endpoint;
mod example_code;
mod files;
mod handle;
mod idents;
mod imports;
mod merged_element;
mod method_docs;
mod params;
mod path_writer;
mod read;
mod routes;
mod rust_types;
mod section;
mod server_side;
mod service;
mod styles;
mod wire_sample;
mod write;
mod xml_text;

pub(crate) use files::{FileContent, emit_files};
