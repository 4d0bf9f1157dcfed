//! Comments, CDATA sections, processing instructions, and the XML declaration.

use super::Reader;
use super::tag::{equals, quoted};
use super::value::{Form, Raw};
use crate::xml::scan::{self, byte, is_white, slice};
use crate::xml::{Error, ErrorKind};

const UNKNOWN_DECLARATION: &str = "<! starts neither a comment nor a CDATA section";
pub(super) const OUTSIDE: &str = "text stands outside the root element";

impl<'x> Reader<'x> {
    /// Passes a comment, or a CDATA section, whose text it returns.
    pub(super) fn declaration(&mut self) -> Result<Option<Raw<'x>>, Error> {
        match self.byte(2) {
            b'-' => self.comment().map(|()| None),
            b'D' => {
                expect(self.document, self.at, "<!DOCTYPE", UNKNOWN_DECLARATION)?;
                Err(Error::new(self.at, ErrorKind::Doctype))
            }
            b'[' => self.section().map(Some),
            _ => Err(self.malformed(2, UNKNOWN_DECLARATION)),
        }
    }

    fn comment(&mut self) -> Result<(), Error> {
        self.at = expect(self.document, self.at + 2, "--", "a comment does not start with two hyphens")?;
        loop {
            self.pass_until(b'-')?;
            if self.byte(1) == b'-' {
                self.at = expect(self.document, self.at, "-->", "a comment holds two hyphens")?;
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn section(&mut self) -> Result<Raw<'x>, Error> {
        let from = expect(self.document, self.at, "<![CDATA[", UNKNOWN_DECLARATION)?;
        if self.open.is_empty() {
            return Err(self.malformed(0, OUTSIDE));
        }
        let mut form = Form::Plain;
        self.at = from;
        loop {
            if self.pass_until(b']')? {
                form = Form::Section;
            }
            if self.byte(1) == b']' && self.byte(2) == b'>' {
                self.at += 3;
                return Ok(Raw { text: slice(self.document, from, self.at - 3), form });
            }
            self.at += 1;
        }
    }

    /// Passes characters up to a delimiter; whether there was a CR among them.
    fn pass_until(&mut self, delimiter: u8) -> Result<bool, Error> {
        let mut returns = false;
        loop {
            self.at = scan::markup(self.document.as_bytes(), self.at, delimiter);
            let next = self.byte(0);
            if next == delimiter {
                return Ok(returns);
            }
            returns |= next == b'\r';
            self.at = scan::character(self.document, self.at)?;
        }
    }

    /// Passes a processing instruction, or the XML declaration at the very start.
    pub(super) fn instruction(&mut self) -> Result<(), Error> {
        let end = scan::name(self.document, self.at + 2)?;
        let target = slice(self.document, self.at + 2, end);
        if target.eq_ignore_ascii_case("xml") {
            let before = slice(self.document, 0, self.at);
            if target != "xml" || !matches!(before, "" | "\u{FEFF}") {
                return Err(self.malformed(2, "an XML declaration does not stand at the very start"));
            }
            self.at = end;
            return self.xml_declaration();
        }
        self.at = end;
        if !is_white(self.byte(0)) {
            expect(self.document, end, "?>", "white space is missing in a processing instruction")?;
        }
        loop {
            self.pass_until(b'?')?;
            if self.byte(1) == b'>' {
                self.at += 2;
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn xml_declaration(&mut self) -> Result<(), Error> {
        let Some((version, offset)) = self.pseudo_attribute("version")? else {
            return Err(self.malformed(0, "the XML declaration does not start with a version"));
        };
        let minor = version.strip_prefix("1.").unwrap_or_default();
        if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(scan::malformed(self.document, offset, "the version is not 1.0, nor another 1.x"));
        }
        if let Some((encoding, offset)) = self.pseudo_attribute("encoding")?
            && !["UTF-8", "US-ASCII"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
        {
            return Err(Error::new(offset, ErrorKind::WrongEncoding));
        }
        if let Some((standalone, offset)) = self.pseudo_attribute("standalone")?
            && !matches!(standalone, "yes" | "no")
        {
            return Err(scan::malformed(self.document, offset, "standalone is neither yes nor no"));
        }
        let end = scan::white(self.document.as_bytes(), self.at);
        self.at = expect(self.document, end, "?>", "the XML declaration holds more than its three attributes")?;
        Ok(())
    }

    /// Passes ` name="value"` in the XML declaration, if it comes next; the value and its offset.
    fn pseudo_attribute(&mut self, name: &str) -> Result<Option<(&'x str, usize)>, Error> {
        let bytes = self.document.as_bytes();
        let from = scan::white(bytes, self.at);
        let rest = slice(self.document, from, self.document.len());
        if name.starts_with(rest) {
            return Err(Error::new(self.document.len(), ErrorKind::CutOff));
        }
        if from == self.at || !rest.starts_with(name) {
            return Ok(None);
        }
        let from = equals(self.document, from + name.len())?;
        let (to, _) = quoted(self.document, from, byte(bytes, from - 1))?;
        self.at = to + 1;
        Ok(Some((slice(self.document, from, to), from)))
    }
}

/// The offset behind `literal`, which has to stand at `at`.
pub(super) fn expect(document: &str, at: usize, literal: &str, problem: &'static str) -> Result<usize, Error> {
    let found = document.as_bytes().get(at..).unwrap_or_default();
    if found.starts_with(literal.as_bytes()) {
        return Ok(at + literal.len());
    }
    let same = found.iter().zip(literal.bytes()).take_while(|(one, other)| **one == *other).count();
    Err(scan::malformed(document, at + same, problem))
}
