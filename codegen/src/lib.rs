//! `xmlwire-codegen` generates Rust bindings for any XML-over-HTTP API from a schema of that API.
//!
//! The schema is a set of XML files: samples of the requests and responses as they travel, with typed placeholders for
//! the values. The output is the source code of a crate on top of [`xmlwire`](https://docs.rs/xmlwire): data types,
//! async and blocking client methods, and the server's side of the same operations.
//!
//! The crate knows no service. Facts about one service are in its schema; facts about the crate that the code is for
//! are in [`Options`].
//!
//! [`generate()`] is a pure function, without access to files or network. It runs four steps, and each uses only the
//! output of the step before it. The modules in reading order:
//!
//! - [`source`]: schema files, and byte spans into them.
//! - [`diagnostic`]: mistakes in a schema, with their positions.
//! - `notation` and `syntax`: the parsed files, with the span of everything that a message may point at.
//! - `parse`, step 1: text to syntax.
//! - [`model`]: the checked API.
//! - `names`: the schema's names as Rust names. No other module converts names.
//! - `check`, step 2: syntax to the model. Names are resolved, shapes and examples are checked.
//! - `emit`, step 3: the model to Rust tokens. It cannot fail.
//! - `format`, step 4: tokens to text.
//! - `generate`: the four steps together.

mod check;
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

pub use diagnostic::Diagnostics;
pub use generate::{Counts, File, Options, Output, check, generate};
pub use names::ReservedNames;
pub use source::Source;
