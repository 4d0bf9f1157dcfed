//! Limits of request bodies, and the error for bodies that exceed them.

/// Maximum depth of nested lists and maps. Requests of the API have three levels.
pub(super) const MAX_DEPTH: usize = 16;

/// Error for a body that is not in its format or exceeds a limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;
