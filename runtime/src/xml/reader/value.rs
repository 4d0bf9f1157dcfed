//! Values: text as it stands in the document, and what it means.

use std::borrow::Cow;

use crate::xml::scan::{self, byte, is_white, slice};

/// An attribute of an element.
#[derive(Clone, Copy)]
pub struct Attribute<'x> {
    /// Its name.
    pub name: &'x str,
    pub(super) raw: Raw<'x>,
    pub(super) offset: usize,
}

impl<'x> Attribute<'x> {
    /// Its value: references replaced, and white space characters other than references by blanks. Borrowed unless
    /// something was replaced.
    #[inline]
    pub fn value(&self) -> Cow<'x, str> {
        self.raw.value()
    }

    /// At which byte of the document its name starts.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Checked text as it stands in the document.
#[derive(Clone, Copy)]
pub(super) struct Raw<'x> {
    pub(super) text: &'x str,
    pub(super) form: Form,
}

/// What has to be done to text before it is a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Plain,
    /// Content: references and line ends are replaced.
    Content,
    /// A CDATA section: line ends are replaced.
    Section,
    /// An attribute: references are replaced, and white space by blanks.
    Attribute,
}

impl<'x> Raw<'x> {
    #[inline]
    pub(super) fn value(self) -> Cow<'x, str> {
        match self.form {
            Form::Plain => Cow::Borrowed(self.text),
            _ => Cow::Owned(self.resolve()),
        }
    }

    /// Appends the value; what is alone stays borrowed.
    #[inline]
    pub(super) fn append_to(self, text: &mut Cow<'x, str>) {
        if text.is_empty() {
            *text = self.value();
        } else {
            text.to_mut().push_str(&self.value());
        }
    }

    /// **Invariant:** no replacement is longer than what it replaces, so one allocation is enough.
    fn resolve(self) -> String {
        let bytes = self.text.as_bytes();
        let mut value = String::with_capacity(bytes.len());
        let mut at = 0;
        loop {
            let stop = match self.form {
                Form::Attribute => scan::replaced_in_attribute(bytes, at),
                _ => scan::replaced(bytes, at),
            };
            value.push_str(slice(self.text, at, stop));
            let (char, end) = match byte(bytes, stop) {
                _ if stop == bytes.len() => return value,
                b'&' if self.form != Form::Section => scan::reference(self.text, stop).unwrap_or(('&', stop + 1)),
                b'\r' if byte(bytes, stop + 1) == b'\n' => ('\n', stop + 2),
                b'\r' => ('\n', stop + 1),
                other => (char::from(other), stop + 1),
            };
            let blank = self.form == Form::Attribute && is_white(byte(bytes, stop));
            value.push(if blank { ' ' } else { char });
            at = end;
        }
    }
}
