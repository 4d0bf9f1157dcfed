//! XML, read and written: documents in UTF-8 without a DTD, strictly as XML 1.0 (fifth edition) says.
//!
//! Our own, because answers come from outside and no Rust reader refuses all malformed input, and because a reader
//! that only ever looks for what it was asked for can hand out slices of the document instead of events.
//!
//! - [`Reader`] walks a document once, from start to end, and checks every byte of it, whether anybody wants that
//!   byte or not.
//! - [`Writer`] runs the same code twice: to measure, and to write into one allocation.
//! - [`location()`] says where in a document an offset is, for errors.
//!
//! It knows elements, attributes and text. It knows no types, no shapes and no names.
//!
//! **Invariant:** everything is linear in the length of the document, whatever stands in it; nothing recurses.
//! **Invariant:** no error and no `Debug` holds text of the document.

mod escape;
mod location;
mod reader;
mod scan;
mod writer;

#[cfg(test)]
mod tests;

pub use location::location;
pub use reader::{Attribute, Reader};
pub use writer::{WriteError, Writer};

use std::fmt;

/// How deep elements may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many attributes an element may have.
pub const MAX_ATTRIBUTES: usize = 256;

/// Why a document was refused, and at which byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    offset: usize,
    kind: ErrorKind,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing, or nothing but white space.
    Empty,
    /// It ends before its root element does.
    CutOff,
    /// It is not XML: a sentence says why.
    Malformed(&'static str),
    /// It has a document type declaration, which could define entities.
    Doctype,
    /// It declares an encoding other than UTF-8 and its subset US-ASCII.
    WrongEncoding,
    /// Its elements are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// One of its elements has more than [`MAX_ATTRIBUTES`] attributes.
    TooManyAttributes,
}

impl Error {
    #[cold]
    fn new(offset: usize, kind: ErrorKind) -> Self {
        Self { offset, kind }
    }

    /// At which byte of the document.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the document ended too early: what came was good, but there should be more.
    pub fn is_cut_off(&self) -> bool {
        matches!(self.kind, ErrorKind::Empty | ErrorKind::CutOff)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.kind, self.offset)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the document is empty"),
            Self::CutOff => f.write_str("the document is cut off"),
            Self::Malformed(problem) => f.write_str(problem),
            Self::Doctype => f.write_str("a document type declaration is not allowed"),
            Self::WrongEncoding => f.write_str("an encoding other than UTF-8 is declared"),
            Self::TooDeep => write!(f, "elements are nested deeper than {MAX_DEPTH}"),
            Self::TooManyAttributes => write!(f, "an element has more than {MAX_ATTRIBUTES} attributes"),
        }
    }
}
