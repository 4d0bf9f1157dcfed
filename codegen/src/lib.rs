//! `xmlwire-codegen` generates Rust bindings for any XML-over-HTTP API from a schema of that API.
//!
//! The schema is a set of XML files: samples of the actual requests and responses, with typed placeholders for the
//! values. The output is Rust code on top of [`xmlwire`](https://docs.rs/xmlwire), and Markdown pages for its
//! documentation. The code has data types, async and blocking client methods, and the server's side of the same
//! operations.
//!
//! The crate is independent of any service. The schema describes the service; [`Options`] describe the crate that
//! contains the generated code.
//!
//! [`generate()`] is a pure function, without access to files or network. It runs four steps. Apart from the options,
//! each step uses only the output of the previous step. The modules in reading order:
//!
//! - [`source`]: schema files, and byte spans into them.
//! - [`diagnostic`]: mistakes in a schema, with their positions.
//! - `xml_text`: literal XML.
//! - `notation`: types that `syntax` and `model` share.
//! - `syntax`: the parsed files, with the span of every part that a diagnostic may refer to.
//! - `parse`, step 1: text to syntax.
//! - [`model`]: the checked API.
//! - `names`: the schema's names as Rust names. No other module converts names.
//! - `check`, step 2: syntax to the model. Names are resolved, shapes and examples are checked.
//! - `emit`, step 3: the model to Rust tokens. It cannot fail.
//! - `format`, step 4: tokens to text.
//! - `generate`: the four steps together.
//! - [`compare`]: compares two versions of an API.

mod check;
pub mod compare;
pub mod diagnostic;
mod emit;
mod format;
mod generate;
pub mod model;
mod names;
mod notation;
mod parse;
pub mod source;
mod syntax;
mod xml_text;

pub use diagnostic::Diagnostics;
pub use generate::{Counts, File, Options, Output, check, check_with_warnings, describe_openapi, generate};
pub use names::ReservedNames;
pub use source::Source;

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
