//! Errors when values are read from a document.

use std::fmt;

use crate::redact::redact;
use crate::scalar::InvalidValue;
use crate::secret::Token;
use crate::xml;

/// Error for a document or request that does not have the expected content, with the location of the error.
///
/// It never contains text of the document, which may be a secret. It contains the names of the elements and attributes
/// around the error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

/// Fields of a [`DecodeError`], which are boxed to keep a `Result` small.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    /// Byte offset, from which `locate_in` computes the path; `None` if the path is known from the start.
    offset: Option<usize>,
    /// Path; before `locate_in`, the part of it that is relative to the element at the offset.
    path: String,
}

/// Kind of error in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The document is not well-formed, ends too early, or exceeds a limit of the reader.
    Xml(xml::Error),
    /// A required value is missing or empty.
    Missing,
    /// A value is not in the notation of its type.
    InvalidValue(InvalidValue),
    /// The root is not the expected element.
    Root {
        /// Name of the expected element.
        expected: &'static str,
    },
    /// The document is empty.
    Empty,
    /// The document is not of the expected kind; the text describes the problem.
    Unexpected(&'static str),
    /// The bytes are not UTF-8.
    NotUtf8,
}

impl DecodeError {
    /// Creates an error at a known path.
    pub fn new(path: impl Into<String>, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, offset: None, path: path.into() }))
    }

    /// Creates an error at a byte offset of a document.
    pub(crate) fn at_offset(offset: usize, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, offset: Some(offset), path: String::new() }))
    }

    /// Creates the error for a value that is missing from the element at `offset`; `path` is relative to that element.
    #[cold]
    pub(crate) fn missing_below(offset: usize, path: &'static str) -> Self {
        Self(Box::new(Inner { kind: DecodeErrorKind::Missing, offset: Some(offset), path: path.to_owned() }))
    }

    /// Kind of error.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Path of the error, such as `response/notes/note[2]/@id`. Empty for the document as a whole.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Byte offset of the error in the document; `None` for errors outside of an XML document, such as in a header.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Replaces a token in the path by `…`, because an element may have the token as its name.
    pub(crate) fn redact(&mut self, token: &Token) {
        redact(&mut self.0.path, token);
    }

    /// Computes the path from the offset in `document`. An error without an offset stays as it is.
    #[cold]
    pub(crate) fn locate_in(mut self, document: &str) -> Self {
        if let Some(offset) = self.0.offset {
            let parent = xml::locate(document, offset);
            self.0.path = match (parent.is_empty(), self.0.path.is_empty()) {
                (true, _) => self.0.path,
                (_, true) => parent,
                _ => format!("{parent}/{}", self.0.path),
            };
        }
        self
    }
}

impl From<xml::Error> for DecodeError {
    #[cold]
    fn from(error: xml::Error) -> Self {
        Self::at_offset(error.offset(), DecodeErrorKind::Xml(error))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        match self.kind() {
            DecodeErrorKind::Xml(error) if path.is_empty() => write!(f, "{error}"),
            DecodeErrorKind::Xml(error) => write!(f, "{error}, in {path}"),
            DecodeErrorKind::Missing => write!(f, "{path} is missing"),
            DecodeErrorKind::InvalidValue(InvalidValue(expected)) => write!(f, "{path} {expected}"),
            DecodeErrorKind::Root { expected } => write!(f, "the document should be <{expected}>, but it is <{path}>"),
            DecodeErrorKind::Empty => f.write_str("the document is empty"),
            DecodeErrorKind::Unexpected(description) => f.write_str(description),
            DecodeErrorKind::NotUtf8 => f.write_str("the document is not UTF-8"),
        }
    }
}

impl std::error::Error for DecodeError {}
