//! Schema files, and byte spans into them.

use std::ops::Range;

/// A schema file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path with forward slashes, such as `schema/notes.xml`. Diagnostics and generated files contain it.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl Source {
    /// Creates a source from the bytes of a file. If they are not UTF-8, the first position that is not is reported as
    /// a mistake in the schema.
    pub fn from_bytes(path: impl Into<String>, bytes: &[u8]) -> Self {
        // The replacement character, which has no meaning in a schema, stands for the bytes.
        Source { path: path.into(), text: String::from_utf8_lossy(bytes).into_owned() }
    }
}

/// A span of bytes in a source, from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Index of the source, among the sources sorted by path.
    pub file: usize,
    /// Position of the first byte.
    pub start: usize,
    /// Position after the last byte.
    pub end: usize,
}

impl Span {
    /// Creates the span of a range of bytes in a source.
    pub(crate) fn new(file: usize, range: Range<usize>) -> Self {
        Span { file, start: range.start, end: range.end }
    }

    /// Returns the range of bytes in the source, from `start` up to `end`.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns the number of bytes; 0 for an empty span.
    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// `true` if every byte of this span is also in `outer`.
    pub(crate) fn is_within(self, outer: Span) -> bool {
        self.file == outer.file && outer.start <= self.start && self.end <= outer.end
    }
}
