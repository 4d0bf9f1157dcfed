//! The reader: one pass over a document, from child to child.
//!
//! This file reads content up to the next `<`. `tags` reads start and end tags, `markup` everything else that starts
//! with `<`, and `raw_text` turns raw text into values.

use std::borrow::Cow;

use super::error::{Error, ErrorKind};
use super::lexer::{malformed, read_reference, skip_character};
use super::raw_text::{Attribute, Normalization, RawText};
use super::scan::{byte_at, skip_text, skip_white, slice};
use super::unknown::Unknown;

/// Most common start of a document. The reader skips it without parsing.
const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Problem of text, a reference or a CDATA section before or after the root element.
pub(super) const OUTSIDE_ROOT: &str = "text stands outside the root element";

/// A pull parser over a document.
///
/// The reader is always in an element, at first in the document itself, whose only child is the root.
/// [`next_child`](Self::next_child) enters the next child, or leaves the element if it has no more children.
/// [`read_text`](Self::read_text) and [`skip_element`](Self::skip_element) read the rest of the element and leave it.
/// Every byte on the way is checked. After an error, the results of further calls are unspecified.
pub struct Reader<'x> {
    pub(super) document: &'x str,
    /// Offset up to which the document was read.
    pub(super) at: usize,
    /// Names of the open elements, outermost first.
    pub(super) open: Vec<&'x str>,
    /// Offset of the start tag of the element entered last.
    pub(super) start: usize,
    /// Attributes of that element.
    pub(super) attributes: Vec<Attribute<'x>>,
    /// Number of these attributes that were returned or skipped.
    pub(super) attributes_read: usize,
    /// `true` if that element was written as `<a/>` and is still open.
    pub(super) is_empty_element: bool,
    /// `true` after the root was entered.
    pub(super) has_root: bool,
    /// `true` if an end tag may have another name than its start tag.
    pub(super) is_lenient: bool,
    /// Skipped elements and attributes that are not in the shape, the structure that the caller expects.
    unknown: Unknown<'x>,
    /// Offset of a start tag, and the names of its attributes whose values are literals in the shape.
    literals: (usize, &'static [&'static str]),
}

/// Next part of an element's content.
enum ContentPart<'x> {
    /// A child was entered.
    Start(&'x str),
    /// Text was read.
    Text(RawText<'x>),
    /// The element was left, or the document has ended.
    End,
}

impl<'x> Reader<'x> {
    /// Creates a reader that is in the document, before its root. A byte order mark is skipped.
    pub fn new(document: &'x str) -> Self {
        let at = [PROLOG, "\u{FEFF}"].iter().find(|start| document.starts_with(**start)).map_or(0, |start| start.len());
        Self {
            document,
            at,
            open: Vec::with_capacity(8),
            start: at,
            attributes: Vec::with_capacity(8),
            attributes_read: 0,
            is_empty_element: false,
            has_root: false,
            is_lenient: false,
            unknown: Unknown::default(),
            literals: (0, &[]),
        }
    }

    /// Creates a reader that accepts any name in an end tag. Everything else is checked as strictly as by
    /// [`new`](Self::new).
    pub fn lenient(document: &'x str) -> Self {
        Self { is_lenient: true, ..Self::new(document) }
    }

    /// Enters the next child of the current element and returns its name, or leaves the element and returns `None`.
    ///
    /// In the document, `None` means that the root was read, and that only comments, processing instructions and white
    /// space follow. Text between children is skipped.
    ///
    /// # Errors
    ///
    /// [`Error`] if the document is malformed up to the new position, or exceeds a limit.
    pub fn next_child(&mut self) -> Result<Option<&'x str>, Error> {
        loop {
            match self.read_part()? {
                ContentPart::Start(name) => return Ok(Some(name)),
                ContentPart::Text(_) => {}
                ContentPart::End => return Ok(None),
            }
        }
    }

    /// Enters the next child as [`next_child`](Self::next_child) does, and appends the text before it to `text`. If
    /// there are no more children, this is the text before the end tag.
    ///
    /// # Errors
    ///
    /// As [`next_child`](Self::next_child).
    pub fn next_child_with_text(&mut self, text: &mut Cow<'x, str>) -> Result<Option<&'x str>, Error> {
        loop {
            match self.read_part()? {
                ContentPart::Start(name) => return Ok(Some(name)),
                ContentPart::Text(raw) => raw.append_to(text),
                ContentPart::End => return Ok(None),
            }
        }
    }

    /// Returns the next attribute of the element just entered, or `None` after the last one. All were checked when the
    /// element was entered.
    #[inline]
    pub fn next_attribute(&mut self) -> Option<Attribute<'x>> {
        let attribute = self.attributes.get(self.attributes_read).copied()?;
        self.attributes_read += 1;
        Some(attribute)
    }

    /// `true` if the element just entered has an attribute `nil` or `xsi:nil` with the value `true` or `1`, written
    /// without references.
    #[inline]
    pub fn is_nil(&self) -> bool {
        let is_nil =
            |attribute: &Attribute<'_>| is_nil_name(attribute.name) && matches!(attribute.raw.text, "true" | "1");
        self.attributes.iter().any(is_nil)
    }

    /// `true` if the element just entered has neither attributes nor content. White space, comments and processing
    /// instructions are not content; a CDATA section is, even an empty one.
    pub fn is_blank(&self) -> bool {
        if !self.attributes.is_empty() || self.is_empty_element {
            return self.attributes.is_empty();
        }
        let mut rest = slice(self.document, self.at, self.document.len());
        loop {
            rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            let end = match rest {
                _ if rest.starts_with("<!--") => "-->",
                _ if rest.starts_with("<?") => "?>",
                _ => return rest.starts_with("</"),
            };
            // An unfinished comment leaves no rest, so the element is not blank. The next read reports the error.
            rest = rest.split_once(end).map_or("", |(_, rest)| rest);
        }
    }

    /// Reads the text of the current element, and leaves it. Child elements are skipped and count as unknown. The text
    /// around them and around comments is joined with the text of CDATA sections. The result is borrowed if it is one
    /// piece without references and CR.
    ///
    /// # Errors
    ///
    /// As [`next_child`](Self::next_child).
    pub fn read_text(&mut self) -> Result<Cow<'x, str>, Error> {
        let mut text = Cow::Borrowed("");
        if !self.is_empty_element && !self.open.is_empty() {
            // Fast path: most elements have one run of plain text and then their end tag.
            let from = self.at;
            self.at = skip_text(self.document.as_bytes(), from);
            if self.peek(0) == b'<' && self.peek(1) == b'/' {
                text = Cow::Borrowed(slice(self.document, from, self.at));
                return self.close().map(|()| text);
            }
            text = self.read_run(from)?.value();
        }
        self.read_rest_of_text(text)
    }

    /// Appends the rest of the element's text, across child elements, comments and CDATA sections. Leaves the element,
    /// and returns the whole text.
    fn read_rest_of_text(&mut self, mut text: Cow<'x, str>) -> Result<Cow<'x, str>, Error> {
        loop {
            match self.read_part()? {
                ContentPart::Start(_) => self.skip_unknown()?,
                ContentPart::Text(raw) => raw.append_to(&mut text),
                ContentPart::End => return Ok(text),
            }
        }
    }

    /// Skips the rest of the current element, and leaves it. Skipped content is checked as strictly as content that is
    /// read.
    ///
    /// # Errors
    ///
    /// As [`next_child`](Self::next_child).
    pub fn skip_element(&mut self) -> Result<(), Error> {
        let own_depth = self.open.len();
        loop {
            let depth = self.open.len();
            // At a greater depth, `None` means that a descendant was left.
            if self.next_child()?.is_none() && depth == own_depth {
                return Ok(());
            }
        }
    }

    /// Skips the rest of the current element as [`skip_element`](Self::skip_element) does, and counts it as one unknown
    /// element, whatever it contains.
    ///
    /// # Errors
    ///
    /// As [`next_child`](Self::next_child).
    #[cold]
    pub fn skip_unknown(&mut self) -> Result<(), Error> {
        self.unknown.add(&self.open, None);
        self.skip_element()
    }

    /// Leaves an element that should have no more child elements. Each one that follows is skipped and counts as
    /// unknown.
    ///
    /// # Errors
    ///
    /// As [`next_child`](Self::next_child).
    #[inline]
    pub fn leave_element(&mut self) -> Result<(), Error> {
        while self.next_child()?.is_some() {
            self.skip_unknown()?;
        }
        Ok(())
    }

    /// Sets the names of the attributes of the element just entered whose values are literals in the shape. They have
    /// no value to read and do not count as unknown.
    pub fn ignore_literals(&mut self, names: &'static [&'static str]) {
        self.literals = (self.start, names);
    }

    /// Counts an attribute of the element just entered as unknown, unless it is `nil` or a literal of the shape.
    #[cold]
    pub fn count_unknown_attribute(&mut self, name: &'x str) {
        if !is_nil_name(name) && !self.ignored_literals().contains(&name) {
            self.unknown.add(&self.open, Some(name));
        }
    }

    /// Skips the attributes of the element just entered that were not yet read, and counts them as unknown, literals
    /// aside. `type` and `nil` are allowed on every element whose shape has no attributes, so they do not count.
    #[inline]
    pub fn skip_attributes(&mut self) {
        if self.attributes_read < self.attributes.len() {
            self.count_skipped_attributes();
        }
    }

    /// Skips the remaining attributes; the part of [`skip_attributes`](Self::skip_attributes) that is not inlined.
    #[inline(never)]
    fn count_skipped_attributes(&mut self) {
        let skipped = self.attributes.get(self.attributes_read..).unwrap_or_default().iter();
        let literals = self.ignored_literals();
        let is_known = |name: &str| name == "type" || is_nil_name(name) || literals.contains(&name);
        for attribute in skipped.filter(|attribute| !is_known(attribute.name)) {
            self.unknown.add(&self.open, Some(attribute.name));
        }
        self.attributes_read = self.attributes.len();
    }

    /// Returns the names that [`ignore_literals`](Self::ignore_literals) set for the element just entered.
    fn ignored_literals(&self) -> &'static [&'static str] {
        if self.literals.0 == self.start { self.literals.1 } else { &[] }
    }

    /// Number of unknown elements and attributes so far.
    pub fn unknown_count(&self) -> usize {
        self.unknown.count()
    }

    /// Returns the different paths of unknown elements and attributes so far, at most
    /// [`MAX_UNKNOWN_PATHS`](super::MAX_UNKNOWN_PATHS), such as `response/page/notes/note/@colour`. Siblings of the same
    /// name have the same path.
    pub fn unknown_paths(&self) -> Vec<String> {
        self.unknown.paths()
    }

    /// Byte offset in the document of the start tag of the element entered last.
    #[inline]
    pub fn start(&self) -> usize {
        self.start
    }

    /// Number of open elements: 0 in the document, 1 in the root.
    #[inline]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Reads the next part of the content. Comments and processing instructions are skipped.
    #[inline(always)]
    fn read_part(&mut self) -> Result<ContentPart<'x>, Error> {
        if self.is_empty_element {
            // `<a/>` has no end tag to read.
            self.is_empty_element = false;
            self.open.pop();
            return Ok(ContentPart::End);
        }
        loop {
            if self.open.is_empty() && !self.skip_to_markup()? {
                return Ok(ContentPart::End);
            }
            if self.peek(0) != b'<' {
                return self.read_run(self.at).map(ContentPart::Text);
            }
            match self.peek(1) {
                b'/' => return self.close().map(|()| ContentPart::End),
                b'?' => self.read_instruction()?,
                b'!' => {
                    if let Some(raw) = self.read_declaration()? {
                        return Ok(ContentPart::Text(raw));
                    }
                }
                _ => return self.enter_element().map(ContentPart::Start),
            }
        }
    }

    /// Skips white space outside the root element. Returns `true` before allowed markup, and `false` at the end of the
    /// document.
    #[cold]
    fn skip_to_markup(&mut self) -> Result<bool, Error> {
        let before = slice(self.document, 0, self.at);
        self.at = skip_white(self.document.as_bytes(), self.at);
        match self.document.as_bytes().get(self.at..).unwrap_or_default() {
            [] if self.has_root => Ok(false),
            [] if matches!(before, "" | "\u{FEFF}") => Err(Error::new(self.at, ErrorKind::Empty)),
            [] => Err(Error::new(self.at, ErrorKind::CutOff)),
            [b'<'] | [b'<', b'!' | b'?', ..] => Ok(true),
            [b'<', b'/', ..] => Err(self.malformed(0, "an end tag has no start tag")),
            [b'<', ..] if self.has_root => Err(self.malformed(0, "something follows the root element")),
            [b'<', ..] => Ok(true),
            _ => Err(self.malformed(0, OUTSIDE_ROOT)),
        }
    }

    /// Reads text from `from` to the next `<`. The part before the current position has already been checked. At the
    /// end of the document, [`peek`](Self::peek) returns 0, which is an error here.
    fn read_run(&mut self, from: usize) -> Result<RawText<'x>, Error> {
        let mut normalization = Normalization::None;
        loop {
            self.at = skip_text(self.document.as_bytes(), self.at);
            match self.peek(0) {
                b'<' => return Ok(RawText { text: slice(self.document, from, self.at), normalization }),
                b'&' => {
                    normalization = Normalization::Content;
                    (_, self.at) = read_reference(self.document, self.at)?;
                }
                b'>' => self.skip_greater_than()?,
                other => {
                    self.at = skip_character(self.document, self.at)?;
                    if other == b'\r' {
                        normalization = Normalization::Content;
                    }
                }
            }
        }
    }

    /// Skips a `>` in text; an error if it ends `]]>`.
    ///
    /// Looking back is reliable, because neither markup before the text nor a reference ends in `]`.
    fn skip_greater_than(&mut self) -> Result<(), Error> {
        let before = self.document.as_bytes().get(..self.at).unwrap_or_default();
        if before.ends_with(b"]]") {
            return Err(self.malformed(0, "text contains ]]>"));
        }
        self.at += 1;
        Ok(())
    }

    /// Returns the byte that is `ahead` bytes after the current position, or 0 at the end of the document.
    #[inline(always)]
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        byte_at(self.document.as_bytes(), self.at + ahead)
    }

    /// Creates the error for a problem that is `ahead` bytes after the current position.
    #[cold]
    pub(super) fn malformed(&self, ahead: usize, problem: &'static str) -> Error {
        malformed(self.document, self.at + ahead, problem)
    }
}

/// `true` for the attribute that marks an absent value: `nil`, and `xsi:nil` as in XML Schema.
#[inline]
fn is_nil_name(name: &str) -> bool {
    matches!(name, "nil" | "xsi:nil")
}
