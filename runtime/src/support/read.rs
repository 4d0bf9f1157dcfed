//! Functions and types that generated decoders call.
//!
//! A decoder is one pass over the document: it enters an element, reads the values that it knows by name, skips and
//! counts everything else, and leaves the element.

use std::borrow::Cow;

pub use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::scalar::Scalar;
use crate::xml::{Attribute, Reader};

/// A value that is stored in the attributes and content of an element.
pub trait ReadXml: Sized {
    /// Reads the element just entered, and leaves it.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the document is not well-formed, a required value is missing, or a value is not of its type.
    fn read(xml: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Returns the value, or the error that it is missing from the element whose start tag is at the offset `start`.
///
/// # Errors
///
/// [`DecodeErrorKind::Missing`] at `path`, which is relative to that element.
#[inline]
pub fn required<T>(value: Option<T>, start: usize, path: &'static str) -> Result<T, DecodeError> {
    value.ok_or_else(|| DecodeError::missing_below(start, path))
}

/// Creates the error for a document whose root is not `expected`.
#[cold]
pub fn unexpected_root(xml: &Reader<'_>, expected: &'static str) -> DecodeError {
    DecodeError::at_offset(xml.start(), DecodeErrorKind::Root { expected })
}

/// Set of the elements read so far, by their numbers in the shape, for elements that may occur once: the first
/// occurrence counts, and later ones are skipped. The set holds the numbers below 128.
#[derive(Default)]
pub struct FirstSeen(u128);

impl FirstSeen {
    /// Adds an element; `true` if it was not in the set. Always `true` for a number that the set cannot hold.
    #[inline]
    pub fn insert(&mut self, element: u32) -> bool {
        let bit = 1u128.checked_shl(element).unwrap_or(0);
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        is_first
    }
}

/// A value that the document may have at several positions, each with a rank. The non-empty text with the lowest rank
/// is used, independent of the order in the document. If all texts are empty, the value is empty too.
#[derive(Default)]
pub struct Alternatives<'x> {
    /// Rank, offset and text; `None` before the first text.
    best: Option<(u8, usize, Cow<'x, str>)>,
}

impl<'x> Alternatives<'x> {
    /// Bit that ranks an empty text after all texts that are not empty.
    const EMPTY: u8 = 128;

    /// Adds the text at the position of this rank; `None` is ignored.
    pub fn add(&mut self, rank: u8, offset: usize, text: Option<Cow<'x, str>>) {
        let Some(text) = text else { return };
        let rank = if text.is_empty() { rank | Self::EMPTY } else { rank };
        if self.best.as_ref().is_none_or(|(best, ..)| rank < *best) {
            self.best = Some((rank, offset, text));
        }
    }

    /// Adds the text of an element with mixed content. If it has child elements, white space beside them is ignored.
    pub fn add_mixed(&mut self, rank: u8, offset: usize, text: Cow<'x, str>, has_elements: bool) {
        let is_white_space = || text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        if !(has_elements && is_white_space()) {
            self.add(rank, offset, Some(text));
        }
    }

    /// Reads the value; `None` if there is no text, or it stands for an absent value.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if the text is not such a value.
    pub fn read<S: Scalar>(self) -> Result<Option<S::Value>, DecodeError> {
        match self.best {
            Some((_, offset, text)) => read_at::<S>(offset, text),
            None => Ok(None),
        }
    }
}

/// Reads a value from the text at an offset, which is the location of an error.
#[inline]
fn read_at<S: Scalar>(offset: usize, text: Cow<'_, str>) -> Result<Option<S::Value>, DecodeError> {
    S::read(text).map_err(|invalid| DecodeError::at_offset(offset, DecodeErrorKind::InvalidValue(invalid)))
}

impl<'x> Attribute<'x> {
    /// Reads the attribute as a value; `None` if its text stands for an absent value.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if the text is not such a value.
    #[doc(hidden)]
    #[inline]
    pub fn read_scalar<S: Scalar>(&self) -> Result<Option<S::Value>, DecodeError> {
        read_at::<S>(self.offset(), self.value())
    }
}

impl<'x> Reader<'x> {
    /// Reads the text of the element just entered as a value, and leaves the element; `None` if the element is nil or
    /// the text stands for an absent value.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the document is not well-formed or the text is not such a value.
    #[doc(hidden)]
    #[inline]
    pub fn read_scalar<S: Scalar>(&mut self) -> Result<Option<S::Value>, DecodeError> {
        let start = self.start();
        match self.read_nillable_text()? {
            Some(text) => read_at::<S>(start, text),
            None => Ok(None),
        }
    }

    /// Reads the text of the element just entered, and leaves the element; `None` if it is nil.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the document is not well-formed.
    #[doc(hidden)]
    #[inline]
    pub fn read_nillable_text(&mut self) -> Result<Option<Cow<'x, str>>, DecodeError> {
        self.skip_attributes();
        if self.is_nil() {
            self.leave_element()?;
            return Ok(None);
        }
        Ok(Some(self.read_text()?))
    }

    /// Reads a value from the element just entered, and leaves the element; `None` if it is nil.
    ///
    /// # Errors
    ///
    /// As [`ReadXml::read`].
    #[doc(hidden)]
    #[inline]
    pub fn read_data<T: ReadXml>(&mut self) -> Result<Option<T>, DecodeError> {
        if self.is_nil() {
            self.skip_attributes();
            self.skip_element()?;
            return Ok(None);
        }
        T::read(self).map(Some)
    }

    /// Reads a value from the element just entered, and leaves the element; `None` if it is nil, or has neither
    /// attributes nor content.
    ///
    /// # Errors
    ///
    /// As [`ReadXml::read`].
    #[doc(hidden)]
    pub fn read_optional_data<T: ReadXml>(&mut self) -> Result<Option<T>, DecodeError> {
        if self.is_blank() {
            self.skip_element()?;
            return Ok(None);
        }
        self.read_data()
    }
}

/// Number of unused bytes that [`shrink_to_fit`] leaves. Reallocating to save fewer bytes costs more than it is worth.
const SLACK: usize = 160;

/// Shrinks the capacity of a list to its length, if that saves enough memory to be worth it.
#[inline]
pub fn shrink_to_fit<T>(mut values: Vec<T>) -> Vec<T> {
    if (values.capacity() - values.len()) * size_of::<T>() > SLACK {
        values.shrink_to_fit();
    }
    values
}
