//! Limits of the reader.

/// Maximum nesting depth of elements.
pub const MAX_DEPTH: usize = 64;

/// Maximum number of different paths of unknown elements and attributes that the reader collects.
pub const MAX_UNKNOWN_PATHS: usize = 64;

/// Maximum number of attributes of one element.
pub const MAX_ATTRIBUTES: usize = 256;
