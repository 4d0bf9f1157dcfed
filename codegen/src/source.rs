//! Schema files, and byte spans into them.

use std::ops::Range;

/// A schema file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path relative to the repository, with forward slashes: `schema/notes.xml`.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// A span of bytes in a source, from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Index of the source.
    pub file: usize,
    /// Position of the first byte.
    pub start: usize,
    /// Position after the last byte.
    pub end: usize,
}

impl Span {
    /// A span of a range of bytes in a source.
    pub(crate) fn new(file: usize, range: Range<usize>) -> Self {
        Span { file, start: range.start, end: range.end }
    }

    /// Returns the range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns the number of bytes.
    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// `true` if every byte of this span is also in `outer`.
    pub(crate) fn is_within(self, outer: Span) -> bool {
        self.file == outer.file && outer.start <= self.start && self.end <= outer.end
    }
}
