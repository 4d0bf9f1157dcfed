//! A strict XML reader and a writer, for documents without a DTD (XML 1.0, fifth edition). Documents are text; the
//! encoding that an XML declaration names is not used.
//!
//! The crate has its own parser for two reasons. First, responses are untrusted, and no other Rust parser rejects all
//! malformed input. Second, a pull parser that returns one child at a time can return slices of the document instead of
//! events.
//!
//! - [`Reader`] walks a document once, from start to end. It checks every byte, also in parts that its caller skips.
//! - [`Writer`] runs the same code twice: first to measure, then to write into one allocation.
//! - [`locate()`] turns a byte offset into a path of elements, for error messages.
//!
//! The module knows elements, attributes and text. It does not know the types or names of any API.
//!
//! In reading order: `limits`, `error`; `scan` (fast search for delimiters), `lexer` (names, characters, references),
//! `raw_text` (text before its references are replaced); `reader` with `tags`, `markup` and `unknown`; `escape`,
//! `locate` and `writer`.
//!
//! **Invariant:** every operation is linear in the length of the document, also for hostile input. No function
//! recurses.
//! **Invariant:** no error and no `Debug` output contains text or an attribute value of the document. The paths of
//! [`locate()`] contain names only.

mod error;
mod escape;
mod lexer;
mod limits;
mod locate;
mod markup;
mod raw_text;
mod reader;
mod scan;
mod tags;
mod unknown;
mod writer;

#[cfg(test)]
mod tests;

pub use error::{Error, ErrorKind};
pub use limits::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_UNKNOWN_PATHS};
pub use locate::locate;
pub use raw_text::Attribute;
pub use reader::Reader;
pub use scan::{is_white, skip_white};
pub use writer::{EncodeError, Writer};
