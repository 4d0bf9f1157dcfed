//! The generator: schema files in, Rust files or diagnostics out.
//!
//! A pure function without access to files or network. It goes in four steps, each a module; in reading order:
//!
//! 1. [`source`]: a schema file with its path, and byte spans into it.
//! 2. `parse`: text to syntax, with the span of everything that a message may point at.
//! 3. `check`: syntax to the [`model`]. The only step that can refuse, and it returns all it finds: [`diagnostic`].
//! 4. `emit`: the model to Rust tokens. It cannot fail.
//! 5. `format`: tokens to text.
//!
//! `names` is the one place that turns the schema's names into Rust's.

mod check;
pub mod diagnostic;
mod emit;
mod format;
mod generate;
pub mod model;
mod names;
mod parse;
pub mod source;

pub use check::check;
pub use diagnostic::Diagnostics;
pub use generate::{Counts, File, Options, Output, generate};
pub use source::Source;
