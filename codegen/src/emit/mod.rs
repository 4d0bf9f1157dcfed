//! Step 3 converts the model to files: Rust tokens, and Markdown for documentation. It cannot fail.
//!
//! Emitters contain no names of a service: every special case is a word of the schema language. In reading order:
//!
//! - [`files`]: all files.
//! - [`emitter`]: schema and options that all emitters share.
//! - [`idents`]: Rust identifiers for names of the schema.
//! - [`imports`]: `use` items for the modules that generated code refers to.
//! - [`docs`]: escaped documentation from the schema.
//! - [`rust_types`]: type, argument and codec of a field.
//! - [`section`]: the module of a section.
//! - [`data`]: ids, enums and data types; [`targets`]: ids whose type depends on a kind.
//! - [`merged_element`], [`read`]: code that reads a shape in a response.
//! - [`write`](mod@write): code that writes a shape.
//! - [`params`]: code with which a server reads a shape in a request.
//! - [`endpoint`]: the struct of an operation. [`client_side`], [`server_side`]: its implementations. [`path_writer`]:
//!   code that writes a path.
//! - [`handle`]: the methods that users call, async and blocking. [`method_docs`]: their documentation.
//! - [`example_code`], [`wire_sample`]: an example of the schema, as Rust and as HTTP.
//! - [`service`]: the parent module of the sections, with the service, rate limits and [`styles`].
//! - [`routes`]: the routes from HTTP requests to operations.
//! - [`catalog`]: all operations and their parameters as data.
//! - [`reference`]: the API reference in Markdown, a page for each section.
//! - [`openapi`]: the API as an OpenAPI document, with [`json_schema`] for its types and bodies.

mod catalog;
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
mod json_schema;
mod merged_element;
mod method_docs;
mod openapi;
mod params;
mod path_writer;
mod read;
mod reference;
mod routes;
mod rust_types;
mod section;
mod server_side;
mod service;
mod styles;
mod targets;
mod wire_sample;
mod write;

pub(crate) use files::{FileContent, GeneratedFile, emit_files};
pub(crate) use openapi::emit_openapi;
pub(crate) use reference::emit_reference;
pub(crate) use rust_types::format_rust_type;
