//! Start tags with their attributes, and end tags.

use super::error::{Error, ErrorKind};
use super::lexer::{expect_literal, malformed, skip_name, skip_quoted, skip_to_value};
use super::limits::{MAX_ATTRIBUTES, MAX_DEPTH};
use super::raw_text::{Attribute, Normalization, RawText};
use super::reader::Reader;
use super::scan::{byte_at, skip_value, skip_white, slice};

/// Number of attributes up to which duplicates are found by comparing each pair.
const MAX_PAIRWISE: usize = 8;

const DUPLICATE: &str = "an attribute occurs twice";
const NO_WHITE_SPACE: &str = "white space is missing after a name or a value in a tag";

impl<'x> Reader<'x> {
    /// Reads a start tag, enters the element, and returns its name.
    pub(super) fn enter_element(&mut self) -> Result<&'x str, Error> {
        let start = self.at;
        let end = skip_name(self.document, start + 1)?;
        if self.open.len() == MAX_DEPTH {
            return Err(Error::new(start, ErrorKind::TooDeep));
        }
        self.attributes.clear();
        self.attributes_read = 0;
        self.at = self.read_attributes(end)?;
        self.check_duplicates()?;
        let name = slice(self.document, start + 1, end);
        self.start = start;
        self.has_root = true;
        self.open.push(name);
        Ok(name)
    }

    /// Reads the attributes from `from` to the end of the tag, and returns the offset after the tag. Notes whether the
    /// tag ends with `/>`.
    #[inline]
    fn read_attributes(&mut self, from: usize) -> Result<usize, Error> {
        let document = self.document;
        let bytes = document.as_bytes();
        let mut at = from;
        loop {
            let before_space = at;
            at = skip_white(bytes, at);
            match byte_at(bytes, at) {
                b'>' => return Ok(at + 1),
                b'/' => {
                    self.is_empty_element = true;
                    return expect_literal(document, at, "/>", "a slash in a tag is not followed by >");
                }
                _ if at == before_space => return Err(malformed(document, at, NO_WHITE_SPACE)),
                _ => {}
            }
            let name_end = skip_name(document, at)?;
            let value_start = match bytes.get(name_end..name_end + 2) {
                Some(b"=\"" | b"='") => name_end + 2,
                _ => skip_to_value(document, name_end)?,
            };
            let quote = byte_at(bytes, value_start - 1);
            // Fast path: the first scan ends at the closing quote.
            let mut value_end = skip_value(bytes, value_start, quote);
            let mut must_normalize = false;
            if byte_at(bytes, value_end) != quote {
                (value_end, must_normalize) = skip_quoted(document, value_end, quote)?;
            }
            if self.attributes.len() == MAX_ATTRIBUTES {
                return Err(Error::new(at, ErrorKind::TooManyAttributes));
            }
            let normalization = if must_normalize { Normalization::Attribute } else { Normalization::None };
            let raw = RawText { text: slice(document, value_start, value_end), normalization };
            self.attributes.push(Attribute { name: slice(document, at, name_end), raw, offset: at });
            at = value_end + 1;
        }
    }

    /// Returns an error if two attributes have the same name, at the offset of the second one.
    #[inline]
    fn check_duplicates(&self) -> Result<(), Error> {
        if self.attributes.len() > MAX_PAIRWISE {
            return self.check_duplicates_sorted();
        }
        let mut rest = self.attributes.as_slice();
        while let [first, others @ ..] = rest {
            if let Some(duplicate) = others.iter().find(|other| other.name == first.name) {
                return Err(malformed(self.document, duplicate.offset, DUPLICATE));
            }
            rest = others;
        }
        Ok(())
    }

    /// Checks for duplicates as [`check_duplicates`](Self::check_duplicates) does, but by sorting, so that many
    /// attributes do not take quadratic time.
    #[cold]
    fn check_duplicates_sorted(&self) -> Result<(), Error> {
        let mut names: Vec<_> = self.attributes.iter().map(|attribute| (attribute.name, attribute.offset)).collect();
        names.sort_unstable();
        for pair in names.windows(2) {
            if let [(first, _), (second, offset)] = pair
                && first == second
            {
                return Err(malformed(self.document, *offset, DUPLICATE));
            }
        }
        Ok(())
    }

    /// Reads an end tag, and leaves the element. The fast path is for the exact bytes `</name>`.
    #[inline]
    pub(super) fn close(&mut self) -> Result<(), Error> {
        let name = self.open.pop().unwrap_or_default();
        let end = self.at + 2 + name.len();
        let bytes = self.document.as_bytes();
        if byte_at(bytes, end) == b'>' && bytes.get(self.at + 2..end) == Some(name.as_bytes()) {
            self.at = end + 1;
            return Ok(());
        }
        self.close_slowly(name)
    }

    /// Reads an end tag that has white space or another name, or is malformed.
    fn close_slowly(&mut self, name: &str) -> Result<(), Error> {
        let from = self.at + 2;
        let end = skip_name(self.document, from)?;
        // A name at the end of the document may be cut off, so it is not compared.
        if end < self.document.len() && !self.is_lenient && slice(self.document, from, end) != name {
            return Err(malformed(self.document, from, "an end tag has another name than its start tag"));
        }
        let end = skip_white(self.document.as_bytes(), end);
        self.at = expect_literal(self.document, end, ">", "an end tag has more than a name")?;
        Ok(())
    }
}
