//! Text as it is written in the document, and its value: references replaced, line ends normalized.

use std::borrow::Cow;

use super::lexer::read_reference;
use super::scan::{byte_at, find_replaced, find_replaced_in_attribute, is_white, slice};

/// An attribute of an element.
#[derive(Clone, Copy)]
pub struct Attribute<'x> {
    /// Name of the attribute.
    pub name: &'x str,
    pub(super) raw: RawText<'x>,
    /// Byte offset of the name.
    pub(super) offset: usize,
}

impl<'x> Attribute<'x> {
    /// Value of the attribute: references are replaced, and each literal tab or line end becomes a space. Borrowed
    /// unless the value has one of these.
    #[inline]
    pub fn value(&self) -> Cow<'x, str> {
        self.raw.value()
    }

    /// Byte offset in the document at which the name starts.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Checked text as it is written in the document.
#[derive(Clone, Copy)]
pub(super) struct RawText<'x> {
    pub(super) text: &'x str,
    pub(super) normalization: Normalization,
}

/// Steps from raw text to its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Normalization {
    /// The raw text is the value.
    None,
    /// Content: references and line ends are replaced.
    Content,
    /// CDATA section: line ends are replaced.
    Section,
    /// Attribute value: references are replaced, and each tab or line end becomes a space.
    Attribute,
}

impl<'x> RawText<'x> {
    /// Returns the value. It is borrowed if the raw text is the value.
    #[inline]
    pub(super) fn value(self) -> Cow<'x, str> {
        match self.normalization {
            Normalization::None => Cow::Borrowed(self.text),
            _ => Cow::Owned(self.normalize()),
        }
    }

    /// Appends the value to `text`. If `text` is empty, the value replaces it and may stay borrowed.
    #[inline]
    pub(super) fn append_to(self, text: &mut Cow<'x, str>) {
        if text.is_empty() {
            *text = self.value();
        } else {
            text.to_mut().push_str(&self.value());
        }
    }

    /// Computes the value of text that has something to replace.
    ///
    /// **Invariant:** no replacement is longer than the text that it replaces, so one allocation is enough.
    fn normalize(self) -> String {
        let bytes = self.text.as_bytes();
        let mut value = String::with_capacity(bytes.len());
        let mut at = 0;
        loop {
            let stop = match self.normalization {
                Normalization::Attribute => find_replaced_in_attribute(bytes, at),
                _ => find_replaced(bytes, at),
            };
            value.push_str(slice(self.text, at, stop));
            let (char, end) = match byte_at(bytes, stop) {
                _ if stop == bytes.len() => return value,
                b'&' if self.normalization != Normalization::Section => {
                    // The reader has checked the reference, so the fallback is never used.
                    read_reference(self.text, stop).unwrap_or(('&', stop + 1))
                }
                b'\r' if byte_at(bytes, stop + 1) == b'\n' => ('\n', stop + 2),
                b'\r' => ('\n', stop + 1),
                // A tab or LF in an attribute value, or an `&` in a CDATA section.
                other => (char::from(other), stop + 1),
            };
            let is_space = self.normalization == Normalization::Attribute && is_white(byte_at(bytes, stop));
            value.push(if is_space { ' ' } else { char });
            at = end;
        }
    }
}
