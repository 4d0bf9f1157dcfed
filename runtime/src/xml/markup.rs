//! Comments, CDATA sections, processing instructions, and the XML declaration.

use super::error::{Error, ErrorKind};
use super::lexer::{expect_literal, malformed, skip_character, skip_name, skip_quoted, skip_to_value};
use super::raw_text::{Normalization, RawText};
use super::reader::{OUTSIDE_ROOT, Reader};
use super::scan::{byte_at, is_white, skip_markup, skip_white, slice};

/// Problem of markup that starts with `<!` and has no meaning outside a DTD.
const UNKNOWN_DECLARATION: &str = "<! does not start a comment or a CDATA section";

impl<'x> Reader<'x> {
    /// Reads markup that starts with `<!`. Returns the text of a CDATA section, or `None` for a comment. Anything else
    /// is an error.
    pub(super) fn read_declaration(&mut self) -> Result<Option<RawText<'x>>, Error> {
        match self.peek(2) {
            b'-' => self.skip_comment().map(|()| None),
            b'D' => {
                expect_literal(self.document, self.at, "<!DOCTYPE", UNKNOWN_DECLARATION)?;
                Err(Error::new(self.at, ErrorKind::Doctype))
            }
            b'[' => self.read_section().map(Some),
            _ => Err(self.malformed(2, UNKNOWN_DECLARATION)),
        }
    }

    /// Skips a comment.
    fn skip_comment(&mut self) -> Result<(), Error> {
        self.at = expect_literal(self.document, self.at + 2, "--", "a comment does not start with two hyphens")?;
        loop {
            self.skip_until(b'-')?;
            if self.peek(1) == b'-' {
                self.at = expect_literal(self.document, self.at, "-->", "a comment contains two hyphens")?;
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// Reads a CDATA section, and returns its text.
    fn read_section(&mut self) -> Result<RawText<'x>, Error> {
        let from = expect_literal(self.document, self.at, "<![CDATA[", UNKNOWN_DECLARATION)?;
        if self.open.is_empty() {
            return Err(self.malformed(0, OUTSIDE_ROOT));
        }
        let mut normalization = Normalization::None;
        self.at = from;
        loop {
            if self.skip_until(b']')? {
                normalization = Normalization::Section;
            }
            if self.peek(1) == b']' && self.peek(2) == b'>' {
                self.at += 3;
                return Ok(RawText { text: slice(self.document, from, self.at - 3), normalization });
            }
            self.at += 1;
        }
    }

    /// Skips characters up to a delimiter; returns `true` if there was a CR among them.
    fn skip_until(&mut self, delimiter: u8) -> Result<bool, Error> {
        let mut has_cr = false;
        loop {
            self.at = skip_markup(self.document.as_bytes(), self.at, delimiter);
            let next = self.peek(0);
            if next == delimiter {
                return Ok(has_cr);
            }
            has_cr |= next == b'\r';
            self.at = skip_character(self.document, self.at)?;
        }
    }

    /// Skips a processing instruction, or checks the XML declaration at the very start of the document.
    pub(super) fn read_instruction(&mut self) -> Result<(), Error> {
        let end = skip_name(self.document, self.at + 2)?;
        let target = slice(self.document, self.at + 2, end);
        if target.eq_ignore_ascii_case("xml") {
            let before = slice(self.document, 0, self.at);
            if target != "xml" || !matches!(before, "" | "\u{FEFF}") {
                return Err(self.malformed(2, "an XML declaration is not at the very start"));
            }
            self.at = end;
            return self.read_xml_declaration();
        }
        self.at = end;
        if !is_white(self.peek(0)) {
            expect_literal(self.document, end, "?>", "white space is missing in a processing instruction")?;
        }
        loop {
            self.skip_until(b'?')?;
            if self.peek(1) == b'>' {
                self.at += 2;
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// Checks the XML declaration from the end of `<?xml`: a version, and optionally an encoding and `standalone`. The
    /// encoding has no effect, because the document is text already: some clients name the encoding of their strings in
    /// memory and send UTF-8.
    fn read_xml_declaration(&mut self) -> Result<(), Error> {
        let Some((version, offset)) = self.read_pseudo_attribute("version")? else {
            return Err(self.malformed(0, "the XML declaration does not start with a version"));
        };
        let minor = version.strip_prefix("1.").unwrap_or_default();
        if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed(self.document, offset, "the version is not 1.0 or another 1.x"));
        }
        if let Some((encoding, offset)) = self.read_pseudo_attribute("encoding")?
            && !is_encoding_name(encoding)
        {
            return Err(malformed(self.document, offset, "the encoding is not the name of an encoding"));
        }
        if let Some((standalone, offset)) = self.read_pseudo_attribute("standalone")?
            && !matches!(standalone, "yes" | "no")
        {
            return Err(malformed(self.document, offset, "standalone is not yes or no"));
        }
        let end = skip_white(self.document.as_bytes(), self.at);
        self.at = expect_literal(self.document, end, "?>", "the XML declaration has more than its three attributes")?;
        Ok(())
    }

    /// Reads ` name="value"` in the XML declaration; returns the value and its offset, or `None` if another name comes
    /// next.
    fn read_pseudo_attribute(&mut self, name: &str) -> Result<Option<(&'x str, usize)>, Error> {
        let bytes = self.document.as_bytes();
        let from = skip_white(bytes, self.at);
        let rest = slice(self.document, from, self.document.len());
        // The document ends before or within the name.
        if name.starts_with(rest) {
            return Err(Error::new(self.document.len(), ErrorKind::CutOff));
        }
        if from == self.at || !rest.starts_with(name) {
            return Ok(None);
        }
        let from = skip_to_value(self.document, from + name.len())?;
        let quote = byte_at(bytes, from - 1);
        let (to, _) = skip_quoted(self.document, from, quote)?;
        self.at = to + 1;
        Ok(Some((slice(self.document, from, to), from)))
    }
}

/// `true` for an `EncName` of the XML recommendation.
fn is_encoding_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(is_part)
}
