//! The reader: one pass over a document, from child to child.

use std::borrow::Cow;

use super::scan::{self, byte, is_white, slice};
use super::{Error, ErrorKind, MAX_ATTRIBUTES, MAX_DEPTH};

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
}

/// An attribute of an element.
#[derive(Clone, Copy)]
pub struct Attribute<'x> {
    /// Its name.
    pub name: &'x str,
    raw: Raw<'x>,
    offset: usize,
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
struct Raw<'x> {
    text: &'x str,
    form: Form,
}

/// What has to be done to text before it is a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
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
    fn value(self) -> Cow<'x, str> {
        match self.form {
            Form::Plain => Cow::Borrowed(self.text),
            _ => Cow::Owned(self.resolve()),
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
        let at = if document.starts_with('\u{FEFF}') { 3 } else { 0 };
        Self {
            document,
            at,
            open: Vec::new(),
            start: at,
            attributes: Vec::new(),
            given: 0,
            empty: false,
            rooted: false,
            lenient: false,
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
                Step::Text(raw) => append(text, raw),
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
                Step::Start(_) => self.skip()?,
                Step::Text(raw) => append(&mut text, raw),
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
        let before = self.at;
        self.at = scan::white(self.document.as_bytes(), self.at);
        match self.byte(0) {
            _ if self.at == self.document.len() => match () {
                () if self.rooted => Ok(false),
                () if slice(self.document, 0, before).trim_start_matches('\u{FEFF}').is_empty() => {
                    Err(Error::new(self.at, ErrorKind::Empty))
                }
                () => Err(Error::new(self.at, ErrorKind::CutOff)),
            },
            b'<' => match self.byte(1) {
                b'!' | b'?' => Ok(true),
                b'/' => Err(self.malformed(0, "an end tag has no start tag")),
                _ if self.rooted => Err(self.malformed(0, "something follows the root element")),
                _ => Ok(true),
            },
            _ => Err(self.malformed(0, OUTSIDE)),
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

    /// Passes a start tag.
    fn enter(&mut self) -> Result<&'x str, Error> {
        let start = self.at;
        let end = scan::name(self.document, start + 1)?;
        if self.open.len() == MAX_DEPTH {
            return Err(Error::new(start, ErrorKind::TooDeep));
        }
        self.attributes.clear();
        self.given = 0;
        self.at = self.attributes(end)?;
        if self.attributes.len() > 1 {
            self.check_duplicates()?;
        }
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
        let found = match self.attributes.len() {
            0 | 1 => None,
            2..=8 => {
                let mut pairs = self.attributes.iter().enumerate();
                pairs.find(|(n, one)| self.attributes.iter().take(*n).any(|other| other.name == one.name))
            }
            .map(|(_, one)| one.offset),
            _ => self.sorted_duplicate(),
        };
        match found {
            None => Ok(()),
            Some(offset) => Err(scan::malformed(self.document, offset, "an attribute occurs twice")),
        }
    }

    /// The offset of a second attribute with the same name, among many.
    #[cold]
    fn sorted_duplicate(&self) -> Option<usize> {
        let mut names: Vec<_> = self.attributes.iter().map(|attribute| (attribute.name, attribute.offset)).collect();
        names.sort_unstable();
        names.windows(2).find_map(|pair| match pair {
            [(one, _), (other, offset)] if one == other => Some(*offset),
            _ => None,
        })
    }

    /// Passes an end tag.
    #[inline]
    fn close(&mut self) -> Result<(), Error> {
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

    /// Passes a comment, or a CDATA section, whose text it returns.
    fn declaration(&mut self) -> Result<Option<Raw<'x>>, Error> {
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
    fn instruction(&mut self) -> Result<(), Error> {
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

    #[inline(always)]
    fn byte(&self, ahead: usize) -> u8 {
        byte(self.document.as_bytes(), self.at + ahead)
    }

    #[cold]
    fn malformed(&self, ahead: usize, problem: &'static str) -> Error {
        scan::malformed(self.document, self.at + ahead, problem)
    }
}

const UNKNOWN_DECLARATION: &str = "<! starts neither a comment nor a CDATA section";
const OUTSIDE: &str = "text stands outside the root element";
const NO_WHITE: &str = "white space is missing after a name or a value in a tag";

/// The offset behind `literal`, which has to stand at `at`.
fn expect(document: &str, at: usize, literal: &str, problem: &'static str) -> Result<usize, Error> {
    let found = document.as_bytes().get(at..).unwrap_or_default();
    if found.starts_with(literal.as_bytes()) {
        return Ok(at + literal.len());
    }
    let same = found.iter().zip(literal.bytes()).take_while(|(one, other)| **one == *other).count();
    Err(scan::malformed(document, at + same, problem))
}

/// The offset behind an attribute's `=` and its opening quote.
fn equals(document: &str, from: usize) -> Result<usize, Error> {
    let bytes = document.as_bytes();
    let at = expect(document, scan::white(bytes, from), "=", "an attribute has no value")?;
    let at = scan::white(bytes, at);
    match byte(bytes, at) {
        b'"' | b'\'' => Ok(at + 1),
        _ => Err(scan::malformed(document, at, "an attribute's value does not stand in quotes")),
    }
}

/// The end of an attribute's value that holds more than plain characters.
fn quoted(document: &str, from: usize, quote: u8) -> Result<(usize, Form), Error> {
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

/// Appends text; what is alone stays borrowed.
#[inline]
fn append<'x>(text: &mut Cow<'x, str>, raw: Raw<'x>) {
    if text.is_empty() {
        *text = raw.value();
    } else {
        text.to_mut().push_str(&raw.value());
    }
}
