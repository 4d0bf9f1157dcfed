//! A schema file, and places in it.

/// A schema file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, relative to the repository, with forward slashes: `schema/notes.xml`.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// A place in a source: bytes from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Index of the source.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}
