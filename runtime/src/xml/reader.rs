//! The reader: one pass over a document, from child to child.
//!
//! What stands between two `<` is read here, [`tag`] reads start and end tags, [`markup`] whatever else starts with `<`,
//! and [`value`] resolves what was read.

use std::borrow::Cow;

use super::scan::{self, byte, slice};
use super::{Error, ErrorKind};
use value::{Form, Raw};

pub use value::Attribute;

mod markup;
mod tag;
mod value;

/// How nearly all documents start, as they may: no need to look closer.
const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// A walk over a document.
///
/// It stands in an element, at first in the document, whose only child is the root. [`child`](Self::child) enters the
/// next child, or leaves the element if there is none; [`text`](Self::text) and [`skip`](Self::skip) read the rest of
/// the element and leave it. Every byte passed is checked. After an error, reading on means nothing.
pub struct Reader<'x> {
    document: &'x str,
    /// Up to where the document was read.
    at: usize,
    /// Names of the elements we are in.
    open: Vec<&'x str>,
    /// Where the element entered last starts.
    start: usize,
    /// Its attributes, and how many of them were handed out.
    attributes: Vec<Attribute<'x>>,
    given: usize,
    /// Whether it was written as `<a/>` and was not left yet.
    empty: bool,
    /// Whether the root was entered.
    rooted: bool,
    lenient: bool,
    /// How much was met that the shape does not know.
    unknown: usize,
    /// Where an element starts, and its attributes that are literals in the shape.
    literals: (usize, &'static [&'static str]),
}

/// What comes next in an element.
enum Step<'x> {
    /// A child was entered.
    Start(&'x str),
    /// Text was passed.
    Text(Raw<'x>),
    /// The element was left.
    End,
}

impl<'x> Reader<'x> {
    /// Stands in a document, before its root. A byte order mark is passed over.
    pub fn new(document: &'x str) -> Self {
        let at = [PROLOG, "\u{FEFF}"].iter().find(|start| document.starts_with(**start)).map_or(0, |start| start.len());
        Self {
            document,
            at,
            open: Vec::with_capacity(8),
            start: at,
            attributes: Vec::with_capacity(8),
            given: 0,
            empty: false,
            rooted: false,
            lenient: false,
            unknown: 0,
            literals: (0, &[]),
        }
    }

    /// As [`new`](Self::new), but end tags may bear any name. Else it is as strict.
    pub fn lenient(document: &'x str) -> Self {
        Self { lenient: true, ..Self::new(document) }
    }

    /// Enters the next child of the element we are in and returns its name; or leaves the element and returns `None`.
    ///
    /// In the document, `None` means that the root was read, and that nothing but comments, processing instructions
    /// and white space follows. Text between children is passed over.
    ///
    /// # Errors
    /// If the document is malformed before the place we get to, or breaks a limit.
    pub fn child(&mut self) -> Result<Option<&'x str>, Error> {
        loop {
            match self.step()? {
                Step::Start(name) => return Ok(Some(name)),
                Step::Text(_) => {}
                Step::End => return Ok(None),
            }
        }
    }

    /// As [`child`](Self::child), and appends the text passed to `text`.
    ///
    /// # Errors
    /// As `child`.
    pub fn child_and_text(&mut self, text: &mut Cow<'x, str>) -> Result<Option<&'x str>, Error> {
        loop {
            match self.step()? {
                Step::Start(name) => return Ok(Some(name)),
                Step::Text(raw) => raw.append_to(text),
                Step::End => return Ok(None),
            }
        }
    }

    /// The next attribute of the element just entered. All were checked when it was entered.
    #[inline]
    pub fn attribute(&mut self) -> Option<Attribute<'x>> {
        let attribute = self.attributes.get(self.given).copied()?;
        self.given += 1;
        Some(attribute)
    }

    /// Whether the element just entered has an attribute `nil="true"`.
    #[inline]
    pub fn is_nil(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == "nil" && attribute.raw.text == "true")
    }

    /// Whether the element just entered has neither attributes nor content. White space, comments and processing
    /// instructions are no content.
    pub fn is_blank(&self) -> bool {
        if !self.attributes.is_empty() || self.empty {
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
            rest = rest.split_once(end).map_or("", |(_, rest)| rest);
        }
    }

    /// The text of the element we are in, and leaves it. Child elements are skipped, and the pieces around them and
    /// around comments joined with those in CDATA sections. Borrowed if there is one piece without references and CR.
    ///
    /// # Errors
    /// As [`child`](Self::child).
    pub fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        let mut text = Cow::Borrowed("");
        if !self.empty && !self.open.is_empty() {
            let from = self.at;
            self.at = scan::text(self.document.as_bytes(), from);
            if self.byte(0) == b'<' && self.byte(1) == b'/' {
                text = Cow::Borrowed(slice(self.document, from, self.at));
                return self.close().map(|()| text);
            }
            text = self.run(from)?.value();
        }
        self.rest_of_text(text)
    }

    /// Joins to `text` what is left of the element's text, whatever stands in between.
    fn rest_of_text(&mut self, mut text: Cow<'x, str>) -> Result<Cow<'x, str>, Error> {
        loop {
            match self.step()? {
                Step::Start(_) => self.skip_unknown()?,
                Step::Text(raw) => raw.append_to(&mut text),
                Step::End => return Ok(text),
            }
        }
    }

    /// Leaves the element we are in. What is left of it is checked as strictly as if it were wanted.
    ///
    /// # Errors
    /// As [`child`](Self::child).
    pub fn skip(&mut self) -> Result<(), Error> {
        let depth = self.open.len();
        loop {
            let inside = self.open.len();
            if self.child()?.is_none() && inside == depth {
                return Ok(());
            }
        }
    }

    /// As [`skip`](Self::skip), for an element that nobody knows: it counts as one, whatever is in it.
    ///
    /// # Errors
    /// As [`child`](Self::child).
    #[cold]
    pub fn skip_unknown(&mut self) -> Result<(), Error> {
        self.unknown += 1;
        self.skip()
    }

    /// Leaves an element that should hold no elements: each that it holds counts as unknown.
    ///
    /// # Errors
    /// As [`child`](Self::child).
    #[inline]
    pub fn leave(&mut self) -> Result<(), Error> {
        while self.child()?.is_some() {
            self.skip_unknown()?;
        }
        Ok(())
    }

    /// Names attributes that the element just entered has in the shape as literals, which nobody reads: they do not
    /// count as unknown.
    pub fn literals(&mut self, names: &'static [&'static str]) {
        self.literals = (self.start, names);
    }

    /// Counts an attribute of the element just entered, which nobody knows.
    #[cold]
    pub fn unknown_attribute(&mut self, name: &str) {
        if name != "nil" && !self.is_literal(name) {
            self.unknown += 1;
        }
    }

    /// Counts the attributes of the element just entered that were not handed out. What may stand at any element
    /// without attributes of its own, `type` and `nil`, is not unknown.
    #[inline]
    pub fn other_attributes(&mut self) {
        if self.given < self.attributes.len() {
            self.count_others();
        }
    }

    #[inline(never)]
    fn count_others(&mut self) {
        let others = self.attributes.get(self.given..).unwrap_or_default().iter();
        let unknown = others.filter(|other| !matches!(other.name, "type" | "nil") && !self.is_literal(other.name));
        self.unknown += unknown.count();
        self.given = self.attributes.len();
    }

    fn is_literal(&self, name: &str) -> bool {
        self.literals.0 == self.start && self.literals.1.contains(&name)
    }

    /// How many elements and attributes were passed so far that nobody knows.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// At which byte of the document the element entered last starts.
    #[inline]
    pub fn start(&self) -> usize {
        self.start
    }

    /// How many elements we are in: 0 in the document, 1 in the root.
    #[inline]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Step<'x>, Error> {
        if self.empty {
            self.empty = false;
            self.open.pop();
            return Ok(Step::End);
        }
        loop {
            if self.open.is_empty() && !self.outside()? {
                return Ok(Step::End);
            }
            if self.byte(0) != b'<' {
                return self.run(self.at).map(Step::Text);
            }
            match self.byte(1) {
                b'/' => return self.close().map(|()| Step::End),
                b'?' => self.instruction()?,
                b'!' => {
                    if let Some(raw) = self.declaration()? {
                        return Ok(Step::Text(raw));
                    }
                }
                _ => return self.enter().map(Step::Start),
            }
        }
    }

    /// Passes white space outside the root. Whether markup follows that may stand there.
    #[cold]
    fn outside(&mut self) -> Result<bool, Error> {
        let before = slice(self.document, 0, self.at);
        self.at = scan::white(self.document.as_bytes(), self.at);
        match self.document.as_bytes().get(self.at..).unwrap_or_default() {
            [] if self.rooted => Ok(false),
            [] if matches!(before, "" | "\u{FEFF}") => Err(Error::new(self.at, ErrorKind::Empty)),
            [] => Err(Error::new(self.at, ErrorKind::CutOff)),
            [b'<'] | [b'<', b'!' | b'?', ..] => Ok(true),
            [b'<', b'/', ..] => Err(self.malformed(0, "an end tag has no start tag")),
            [b'<', ..] if self.rooted => Err(self.malformed(0, "something follows the root element")),
            [b'<', ..] => Ok(true),
            _ => Err(self.malformed(0, markup::OUTSIDE)),
        }
    }

    /// Text from `from`, which is checked up to where we are, to the next `<`.
    fn run(&mut self, from: usize) -> Result<Raw<'x>, Error> {
        let mut form = Form::Plain;
        loop {
            self.at = scan::text(self.document.as_bytes(), self.at);
            match self.byte(0) {
                b'<' => return Ok(Raw { text: slice(self.document, from, self.at), form }),
                b'&' => {
                    form = Form::Content;
                    (_, self.at) = scan::reference(self.document, self.at)?;
                }
                b'>' => self.check_section_end()?,
                other => {
                    self.at = scan::character(self.document, self.at)?;
                    if other == b'\r' {
                        form = Form::Content;
                    }
                }
            }
        }
    }

    /// Passes a `>` in text.
    ///
    /// Looking back is exact: before the text, and before a reference's end, there is no `]`.
    fn check_section_end(&mut self) -> Result<(), Error> {
        let before = self.document.as_bytes().get(..self.at).unwrap_or_default();
        if before.ends_with(b"]]") {
            return Err(self.malformed(0, "text holds ]]>"));
        }
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn byte(&self, ahead: usize) -> u8 {
        byte(self.document.as_bytes(), self.at + ahead)
    }

    #[cold]
    fn malformed(&self, ahead: usize, problem: &'static str) -> Error {
        scan::malformed(self.document, self.at + ahead, problem)
    }
}
