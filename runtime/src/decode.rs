//! Errors of reading values from a document.

use std::fmt;

use crate::redact::redact;
use crate::scalar::InvalidValue;
use crate::secret::Token;
use crate::xml;

/// A document that does not have the expected content, with the location of the error.
///
/// It never contains text of the document, which may be a secret. It contains element and attribute names around the
/// error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    /// Byte offset, from which `locate_in` computes the path.
    offset: Option<usize>,
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
    /// The root is another element than expected.
    Root {
        /// Name of the expected element.
        expected: &'static str,
    },
    /// The document is empty.
    Empty,
    /// The document is of another kind than expected; the text describes it.
    Unexpected(&'static str),
    /// The bytes are not UTF-8.
    NotUtf8,
}

impl DecodeError {
    /// An error at a known path.
    pub fn new(path: impl Into<String>, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, offset: None, path: path.into() }))
    }

    /// An error at a byte offset of a document.
    pub(crate) fn at(offset: usize, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, offset: Some(offset), path: String::new() }))
    }

    /// A value that is missing from the element at `offset`; `path` is relative to that element.
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

    /// Byte offset of the error in the document, if it is known.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Removes a token from the path, because an element may have the token as its name.
    pub(crate) fn redact(&mut self, token: &Token) {
        redact(&mut self.0.path, token);
    }

    /// Computes the path from the offset, if the error has an offset.
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
        Self::at(error.offset(), DecodeErrorKind::Xml(error))
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
