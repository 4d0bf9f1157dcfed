//! Start tags with their attributes, and end tags.

use super::Reader;
use super::markup::expect;
use super::value::{Attribute, Form, Raw};
use crate::xml::scan::{self, byte, slice};
use crate::xml::{Error, ErrorKind, MAX_ATTRIBUTES, MAX_DEPTH};

/// Up to how many attributes each is compared with each.
const FEW: usize = 8;

const TWICE: &str = "an attribute occurs twice";
const NO_WHITE: &str = "white space is missing after a name or a value in a tag";

impl<'x> Reader<'x> {
    /// Passes a start tag.
    pub(super) fn enter(&mut self) -> Result<&'x str, Error> {
        let start = self.at;
        let end = scan::name(self.document, start + 1)?;
        if self.open.len() == MAX_DEPTH {
            return Err(Error::new(start, ErrorKind::TooDeep));
        }
        self.attributes.clear();
        self.given = 0;
        self.at = self.attributes(end)?;
        self.check_duplicates()?;
        let name = slice(self.document, start + 1, end);
        self.start = start;
        self.rooted = true;
        self.open.push(name);
        Ok(name)
    }

    /// The attributes from here to the end of the tag, which is returned.
    #[inline]
    fn attributes(&mut self, from: usize) -> Result<usize, Error> {
        let document = self.document;
        let bytes = document.as_bytes();
        let mut at = from;
        loop {
            let spaced = at;
            at = scan::white(bytes, at);
            match byte(bytes, at) {
                b'>' => return Ok(at + 1),
                b'/' => {
                    self.empty = true;
                    return expect(document, at, "/>", "a slash in a tag is not followed by >");
                }
                _ if at == spaced => return Err(scan::malformed(document, at, NO_WHITE)),
                _ => {}
            }
            let end = scan::name(document, at)?;
            let from = match bytes.get(end..end + 2) {
                Some(b"=\"" | b"='") => end + 2,
                _ => equals(document, end)?,
            };
            let quote = byte(bytes, from - 1);
            let mut to = scan::attribute(bytes, from, quote);
            let mut form = Form::Plain;
            if byte(bytes, to) != quote {
                (to, form) = quoted(document, to, quote)?;
            }
            if self.attributes.len() == MAX_ATTRIBUTES {
                return Err(Error::new(at, ErrorKind::TooManyAttributes));
            }
            let raw = Raw { text: slice(document, from, to), form };
            self.attributes.push(Attribute { name: slice(document, at, end), raw, offset: at });
            at = to + 1;
        }
    }

    #[inline]
    fn check_duplicates(&self) -> Result<(), Error> {
        if self.attributes.len() > FEW {
            return self.check_many_duplicates();
        }
        let mut rest = self.attributes.as_slice();
        while let [one, others @ ..] = rest {
            if let Some(other) = others.iter().find(|other| other.name == one.name) {
                return Err(scan::malformed(self.document, other.offset, TWICE));
            }
            rest = others;
        }
        Ok(())
    }

    /// By sorting, so that it takes no longer than reading them.
    #[cold]
    fn check_many_duplicates(&self) -> Result<(), Error> {
        let mut names: Vec<_> = self.attributes.iter().map(|attribute| (attribute.name, attribute.offset)).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [(one, _), (other, offset)] if one == other => Some(*offset),
            _ => None,
        });
        twice.map_or(Ok(()), |offset| Err(scan::malformed(self.document, offset, TWICE)))
    }

    /// Passes an end tag.
    #[inline]
    pub(super) fn close(&mut self) -> Result<(), Error> {
        let name = self.open.pop().unwrap_or_default();
        let end = self.at + 2 + name.len();
        let bytes = self.document.as_bytes();
        if byte(bytes, end) == b'>' && bytes.get(self.at + 2..end) == Some(name.as_bytes()) {
            self.at = end + 1;
            return Ok(());
        }
        self.close_slowly(name)
    }

    fn close_slowly(&mut self, name: &str) -> Result<(), Error> {
        let from = self.at + 2;
        let end = scan::name(self.document, from)?;
        if end < self.document.len() && !self.lenient && slice(self.document, from, end) != name {
            return Err(scan::malformed(self.document, from, "an end tag has another name than its start tag"));
        }
        let end = scan::white(self.document.as_bytes(), end);
        self.at = expect(self.document, end, ">", "an end tag holds more than a name")?;
        Ok(())
    }
}

/// The offset behind an attribute's `=` and its opening quote.
pub(super) fn equals(document: &str, from: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    let at = expect(document, scan::white(bytes, from), "=", "an attribute has no value")?;
    let at = scan::white(bytes, at);
    match byte(bytes, at) {
        b'"' | b'\'' => Ok(at + 1),
        _ => Err(scan::malformed(document, at, "an attribute's value does not stand in quotes")),
    }
}

/// The end of an attribute's value that holds more than plain characters.
pub(super) fn quoted(document: &str, from: usize, quote: u8) -> Result<(usize, Form), Error> {
    let mut at = from;
    let mut form = Form::Plain;
    loop {
        at = scan::attribute(document.as_bytes(), at, quote);
        let stop = byte(document.as_bytes(), at);
        at = match stop {
            _ if stop == quote => return Ok((at, form)),
            b'<' => return Err(scan::malformed(document, at, "an attribute's value holds <")),
            b'&' => scan::reference(document, at)?.1,
            _ => scan::character(document, at)?,
        };
        if stop < 0x80 {
            form = Form::Attribute;
        }
    }
}
