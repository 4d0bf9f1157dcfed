//! The writer: runs the same code twice, to measure and to write.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::escape::EscapeContext;
use super::locate::locate;

/// Characters that are percent-encoded: all but the unreserved ones of RFC 3986.
const PERCENT_ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Output of a document, or of a path with a query, piece by piece.
///
/// **Invariant:** the writing code makes the same calls in both runs, because it cannot distinguish them. So the
/// measured length is the length of the output.
pub struct Writer {
    out: String,
    /// Length that `out` will have.
    length: usize,
    /// Part of this length that escaping adds.
    growth: usize,
    mode: Mode,
    /// Message of the first failure.
    failure: Option<Cow<'static, str>>,
}

/// Effect of a call that appends a piece.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// First run: add up the length.
    Measure,
    /// Second run: write and escape.
    Write,
    /// Second run if no text has to be escaped: copy it.
    Copy,
    /// Second run after a failure: write up to the failing piece, to locate it.
    Locate,
    /// A piece could not be written; all further pieces are ignored.
    Failed,
}

/// A value that cannot be written, and its position in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError {
    location: String,
    message: Cow<'static, str>,
}

impl EncodeError {
    /// Creates an error without a location, for a value outside of a document.
    pub(crate) fn new(message: &'static str) -> Self {
        Self { location: String::new(), message: Cow::Borrowed(message) }
    }

    /// Path of the value in the document, such as `request/note/title`. Empty outside of a document.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Description of the error, as a clause without the location.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location.as_str() {
            "" => f.write_str(&self.message),
            location => write!(f, "{location}: {}", self.message),
        }
    }
}

impl std::error::Error for EncodeError {}

impl Writer {
    /// Runs `write` twice, to measure and to write, and returns the output in one allocation of the exact size.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a piece cannot be written.
    pub fn to_string(write: impl Fn(&mut Writer)) -> Result<String, EncodeError> {
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
            Some(message) => Err(EncodeError { location: locate(&writer.out, writer.out.len()), message }),
        }
    }

    /// Appends a literal without escaping.
    #[inline]
    pub fn write_raw(&mut self, literal: &str) {
        match self.mode {
            Mode::Measure => self.length += literal.len(),
            Mode::Write | Mode::Copy | Mode::Locate => self.out.push_str(literal),
            Mode::Failed => {}
        }
    }

    /// Appends element content; `<`, `>`, `&` and CR become references.
    pub fn write_text(&mut self, text: &str) {
        self.escape(text, EscapeContext::Content);
    }

    /// Appends an attribute value in double quotes; `<`, `>`, `&`, `"`, tab, LF and CR become references.
    pub fn write_attribute(&mut self, text: &str) {
        self.escape(text, EscapeContext::Attribute);
    }

    /// Appends a text with the escapes of its context; fails if it has a character that XML forbids.
    fn escape(&mut self, text: &str, context: EscapeContext) {
        match self.mode {
            // The first run has checked the characters.
            Mode::Write => context.escape(text, &mut self.out),
            Mode::Copy => self.out.push_str(text),
            Mode::Failed => {}
            Mode::Measure | Mode::Locate => match context.measure_growth(text) {
                None => self.fail("a character is not allowed in XML"),
                Some(growth) if self.mode == Mode::Measure => {
                    self.length += text.len() + growth;
                    self.growth += growth;
                }
                Some(_) => context.escape(text, &mut self.out),
            },
        }
    }

    /// Appends a path segment, percent-encoded. An empty segment, `.` and `..` would change the path, so they fail.
    pub fn write_path_segment(&mut self, text: &str) {
        if matches!(text, "" | "." | "..") {
            self.fail("a path segment is empty, . or ..");
        }
        self.query_value(text);
    }

    /// Appends a query value, percent-encoded; a space becomes `%20`.
    pub fn query_value(&mut self, text: &str) {
        for piece in utf8_percent_encode(text, PERCENT_ENCODED) {
            self.write_raw(piece);
        }
    }

    /// Records a failure. The first failure is kept, and all further output is ignored.
    #[cold]
    pub fn fail(&mut self, message: impl Into<Cow<'static, str>>) {
        if self.mode != Mode::Failed {
            self.mode = Mode::Failed;
            self.failure = Some(message.into());
        }
    }
}
