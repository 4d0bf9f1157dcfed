//! Errors of the reader.

use std::fmt;

use super::limits::{MAX_ATTRIBUTES, MAX_DEPTH};

/// A document that is not well-formed or exceeds a limit, with the byte offset of the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    offset: usize,
    kind: ErrorKind,
}

/// Kind of error in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The document is empty or contains only white space, a byte order mark aside.
    Empty,
    /// The document ends before its root element does, or within a comment or other markup after it.
    CutOff,
    /// The document is not well-formed; the text describes the error.
    Malformed(&'static str),
    /// The document has a document type declaration, which could define entities.
    Doctype,
    /// Elements are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// An element has more than [`MAX_ATTRIBUTES`] attributes.
    TooManyAttributes,
}

impl Error {
    #[cold]
    pub(super) fn new(offset: usize, kind: ErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Byte offset of the error in the document.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// `true` if the document ends too early: it is [empty](ErrorKind::Empty) or [cut off](ErrorKind::CutOff).
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
            Self::TooDeep => write!(f, "elements are nested deeper than {MAX_DEPTH}"),
            Self::TooManyAttributes => write!(f, "an element has more than {MAX_ATTRIBUTES} attributes"),
        }
    }
}
