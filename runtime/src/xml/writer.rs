//! The writer: the same code runs twice, to measure and to write.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::escape::Place;
use super::location;

/// What RFC 3986 calls unreserved stays, everything else is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Takes a document, or a path with a query, piece by piece.
///
/// **Invariant:** what is written does not depend on which of the two runs it is, since there is nothing to tell them
/// apart by. What was measured holds for what is written.
pub struct Writer {
    out: String,
    /// How long `out` is going to be, and how much of that is due to escapes.
    length: usize,
    growth: usize,
    mode: Mode,
    failure: Option<Cow<'static, str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Measure,
    /// Everything can be written, some of it escaped.
    Write,
    /// Everything can be written as it stands.
    Copy,
    /// Something cannot be written, and what stands before it shows where.
    Locate,
    /// A piece could not be written; the rest is ignored.
    Failed,
}

/// Why a value could not be written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError {
    location: String,
    problem: Cow<'static, str>,
}

impl WriteError {
    /// A problem outside a document.
    pub(crate) fn new(problem: &'static str) -> Self {
        Self { location: String::new(), problem: Cow::Borrowed(problem) }
    }

    /// Where in the document: `request/note/title`. Empty outside a document.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// What is wrong, as a clause.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location.as_str() {
            "" => f.write_str(&self.problem),
            location => write!(f, "{location}: {}", self.problem),
        }
    }
}

impl std::error::Error for WriteError {}

impl Writer {
    /// Runs `write` twice, to measure and to write, and returns what it wrote, in one allocation of the exact size.
    ///
    /// # Errors
    /// If a piece could not be written.
    pub fn to_string(write: impl Fn(&mut Writer)) -> Result<String, WriteError> {
        let mut writer = Self { out: String::new(), length: 0, growth: 0, mode: Mode::Measure, failure: None };
        write(&mut writer);
        match writer.failure.take() {
            None => {
                writer.mode = if writer.growth == 0 { Mode::Copy } else { Mode::Write };
                writer.out.reserve_exact(writer.length);
            }
            Some(_) => writer.mode = Mode::Locate,
        }
        write(&mut writer);
        match writer.failure {
            None => Ok(writer.out),
            Some(problem) => Err(WriteError { location: location(&writer.out, writer.out.len()), problem }),
        }
    }

    /// Writes a literal as it stands.
    #[inline]
    pub fn raw(&mut self, literal: &str) {
        match self.mode {
            Mode::Measure => self.length += literal.len(),
            Mode::Write | Mode::Copy | Mode::Locate => self.out.push_str(literal),
            Mode::Failed => {}
        }
    }

    /// Writes text as element content: `<`, `>`, `&` and CR as references.
    pub fn text(&mut self, text: &str) {
        self.escape(text, Place::Content);
    }

    /// Writes text as a value in double quotes: `<`, `>`, `&`, `"`, tab, LF and CR as references.
    pub fn attribute(&mut self, text: &str) {
        self.escape(text, Place::Attribute);
    }

    fn escape(&mut self, text: &str, place: Place) {
        match self.mode {
            Mode::Write => place.escape(text, &mut self.out),
            Mode::Copy => self.out.push_str(text),
            Mode::Failed => {}
            Mode::Measure | Mode::Locate => match place.growth(text) {
                None => self.fail("a character is not allowed in XML"),
                Some(growth) if self.mode == Mode::Measure => {
                    self.length += text.len() + growth;
                    self.growth += growth;
                }
                Some(_) => place.escape(text, &mut self.out),
            },
        }
    }

    /// Writes a segment of a path, percent-encoded. An empty one, `.` and `..` would change the path, and fail.
    pub fn segment(&mut self, text: &str) {
        if matches!(text, "" | "." | "..") {
            self.fail("a segment of a path is empty, . or ..");
        }
        self.query(text);
    }

    /// Writes a value in a query, percent-encoded; a blank as `%20`.
    pub fn query(&mut self, text: &str) {
        for piece in utf8_percent_encode(text, ESCAPED) {
            self.raw(piece);
        }
    }

    /// Gives up. The first problem is kept, and what is written from here on ignored.
    #[cold]
    pub fn fail(&mut self, problem: impl Into<Cow<'static, str>>) {
        if self.mode != Mode::Failed {
            self.mode = Mode::Failed;
            self.failure = Some(problem.into());
        }
    }
}
