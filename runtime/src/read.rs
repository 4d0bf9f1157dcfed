//! What generated decoders call while they read an answer.
//!
//! A decoder is one pass over the document: it enters an element, takes what it knows by name, skips what it does not
//! know, which is counted, and leaves. Nothing here looks back, except to say where an error is.

use std::borrow::Cow;
use std::fmt;

use crate::redact::redact;
use crate::scalar::{Invalid, Scalar};
use crate::secret::Token;
use crate::xml::{self, Attribute, Reader};

/// A value that is an element's attributes and content.
pub trait ReadXml: Sized {
    /// Reads the element just entered, and leaves it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the document is not well-formed, a required value is missing, or a value is not of its type.
    fn read(xml: &mut Reader<'_>) -> Result<Self, ReadError>;
}

/// A document that does not hold what it should, and where.
///
/// Never holds text of the document, since it may be a secret; of its names, those around the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    problem: Problem,
    /// Byte offset, until `located` turns it into a path.
    offset: Option<usize>,
    path: String,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is not well-formed XML, or ends too early, or is beyond the reader's limits.
    Xml(xml::Error),
    /// A required value is missing, or empty.
    Missing,
    /// A value is not of its type.
    Invalid(Invalid),
    /// The root should be another element.
    Root {
        /// The element that was due.
        expected: &'static str,
    },
    /// There is nothing where a document was due.
    Empty,
    /// The document says that it is something else than was due.
    Unexpected(&'static str),
    /// The bytes are not UTF-8.
    NotUtf8,
}

impl ReadError {
    /// An error at a path that is known already.
    pub fn new(path: impl Into<String>, problem: Problem) -> Self {
        Self(Box::new(Inner { problem, offset: None, path: path.into() }))
    }

    pub(crate) fn at(offset: usize, problem: Problem) -> Self {
        Self(Box::new(Inner { problem, offset: Some(offset), path: String::new() }))
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// Where it is, such as `response/notes/note[2]/@id`. Empty for the document as a whole.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Where it is, in bytes from the start of the document.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Takes a token out of the path: an element may be called like it.
    pub(crate) fn redact(&mut self, token: &Token) {
        redact(&mut self.0.path, token);
    }

    /// Adds the path to an error that has an offset so far.
    #[cold]
    pub(crate) fn located(mut self, document: &str) -> Self {
        if let Some(offset) = self.0.offset {
            let parent = xml::location(document, offset);
            self.0.path = match (parent.is_empty(), self.0.path.is_empty()) {
                (true, _) => self.0.path,
                (_, true) => parent,
                _ => format!("{parent}/{}", self.0.path),
            };
        }
        self
    }
}

impl From<xml::Error> for ReadError {
    #[cold]
    fn from(error: xml::Error) -> Self {
        Self::at(error.offset(), Problem::Xml(error))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        match self.problem() {
            Problem::Xml(error) if path.is_empty() => write!(f, "{error}"),
            Problem::Xml(error) => write!(f, "{error}, in {path}"),
            Problem::Missing => write!(f, "{path} is missing"),
            Problem::Invalid(Invalid(expected)) => write!(f, "{path} {expected}"),
            Problem::Root { expected } => write!(f, "the document should be <{expected}>, but it is <{path}>"),
            Problem::Empty => f.write_str("it is empty, where an answer was due"),
            Problem::Unexpected(what) => f.write_str(what),
            Problem::NotUtf8 => f.write_str("it is not UTF-8"),
        }
    }
}

impl std::error::Error for ReadError {}

/// The value, or the error that it is missing from the element at `start`.
///
/// # Errors
///
/// [`Problem::Missing`] at `place`, a path below that element.
#[inline]
pub fn required<T>(value: Option<T>, start: usize, place: &'static str) -> Result<T, ReadError> {
    value.ok_or_else(|| missing(start, place))
}

#[cold]
fn missing(start: usize, place: &'static str) -> ReadError {
    ReadError(Box::new(Inner { problem: Problem::Missing, offset: Some(start), path: place.to_owned() }))
}

/// The error of a document with another root than the one due.
#[cold]
pub fn unexpected_root(xml: &Reader<'_>, expected: &'static str) -> ReadError {
    ReadError::at(xml.start(), Problem::Root { expected })
}

/// Which of the elements that may stand once were met: of two equal ones, the first counts. That holds for the first
/// 128 such elements of a shape.
#[derive(Default)]
pub struct Seen(u128);

impl Seen {
    /// Whether this is the first time for this element.
    #[inline]
    pub fn first(&mut self, element: u32) -> bool {
        let bit = 1u128.checked_shl(element).unwrap_or(0);
        let first = self.0 & bit == 0;
        self.0 |= bit;
        first
    }
}

/// A value that has several places: the best place that is not empty wins, whatever comes first in the document.
#[derive(Default)]
pub struct Ranked<'x> {
    best: Option<(u8, usize, Cow<'x, str>)>,
}

impl<'x> Ranked<'x> {
    /// An empty place counts after all places that are not.
    const EMPTY: u8 = 128;

    /// Takes the text of the place of this rank; the lowest rank is the best place.
    pub fn put(&mut self, rank: u8, offset: usize, text: Option<Cow<'x, str>>) {
        let Some(text) = text else { return };
        let rank = if text.is_empty() { rank | Self::EMPTY } else { rank };
        if self.best.as_ref().is_none_or(|(best, ..)| rank < *best) {
            self.best = Some((rank, offset, text));
        }
    }

    /// Takes the text of an element that may also hold elements: white space beside them is nothing.
    pub fn put_beside(&mut self, rank: u8, offset: usize, text: Cow<'x, str>, elements: bool) {
        let only_space = || text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        if !(elements && only_space()) {
            self.put(rank, offset, Some(text));
        }
    }

    /// Reads the value from the place that won.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if the text is no such value.
    pub fn read<S: Scalar>(self) -> Result<Option<S::Value>, ReadError> {
        match self.best {
            Some((_, offset, text)) => {
                S::read(text).map_err(|invalid| ReadError::at(offset, Problem::Invalid(invalid)))
            }
            None => Ok(None),
        }
    }
}

impl<'x> Attribute<'x> {
    /// Reads the attribute's value.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if the text is no such value.
    #[inline]
    pub fn scalar<S: Scalar>(&self) -> Result<Option<S::Value>, ReadError> {
        S::read(self.value()).map_err(|invalid| ReadError::at(self.offset(), Problem::Invalid(invalid)))
    }
}

impl<'x> Reader<'x> {
    /// Reads the text of the element just entered, and leaves it; `None` if it is nil or means that there is none.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the document is not well-formed or the text is no such value.
    #[inline]
    pub fn scalar<S: Scalar>(&mut self) -> Result<Option<S::Value>, ReadError> {
        let start = self.start();
        match self.nillable_text()? {
            Some(text) => S::read(text).map_err(|invalid| ReadError::at(start, Problem::Invalid(invalid))),
            None => Ok(None),
        }
    }

    /// The text of the element just entered, which it leaves; `None` if it is nil.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the document is not well-formed.
    #[inline]
    pub fn nillable_text(&mut self) -> Result<Option<Cow<'x, str>>, ReadError> {
        self.other_attributes();
        if self.is_nil() {
            self.leave()?;
            return Ok(None);
        }
        Ok(Some(self.text()?))
    }

    /// Reads a value from the element just entered, and leaves it; `None` if it is nil.
    ///
    /// # Errors
    ///
    /// As [`ReadXml::read`].
    #[inline]
    pub fn data<T: ReadXml>(&mut self) -> Result<Option<T>, ReadError> {
        if self.is_nil() {
            self.other_attributes();
            self.skip()?;
            return Ok(None);
        }
        T::read(self).map(Some)
    }

    /// As [`Reader::data`], and `None` also if the element has neither attributes nor content.
    ///
    /// # Errors
    ///
    /// As [`ReadXml::read`].
    pub fn optional_data<T: ReadXml>(&mut self) -> Result<Option<T>, ReadError> {
        if self.is_blank() {
            self.skip()?;
            return Ok(None);
        }
        self.data()
    }
}

/// How many bytes of room a list may keep: giving back fewer costs more than it saves.
const ROOM: usize = 160;

/// A list without much room that it does not use.
#[inline]
pub fn fitted<T>(mut values: Vec<T>) -> Vec<T> {
    if (values.capacity() - values.len()) * size_of::<T>() > ROOM {
        values.shrink_to_fit();
    }
    values
}
