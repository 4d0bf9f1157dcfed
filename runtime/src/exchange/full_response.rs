//! Result of a successful call, with the raw response and all attempts.

use std::fmt;

use bytes::Bytes;
use http::Response;

use crate::attempt::Attempt;

/// Result of a successful call: the value, the raw response and all attempts.
#[derive(Clone)]
pub struct FullResponse<R> {
    /// Value of the response.
    pub value: R,
    /// The raw response: status, headers, body. For a deletion that an earlier attempt performed, it is a 404.
    pub response: Response<Bytes>,
    /// Number of elements and attributes of the response that the schema does not know. They were skipped.
    ///
    /// An element counts as one, with everything in it; repeated elements count each time. `nil`, the `type` of
    /// elements without known attributes, and the body of an operation that has neither a value nor an envelope are not
    /// counted.
    pub unknown_elements: usize,
    /// Different paths of these elements and attributes, such as `response/page/notes/note/@colour`; at most
    /// [`MAX_UNKNOWN_PATHS`](crate::xml::MAX_UNKNOWN_PATHS).
    pub unknown_paths: Vec<String>,
    /// All attempts, including the successful one.
    pub attempts: Vec<Attempt>,
}

impl<R: fmt::Debug> fmt::Debug for FullResponse<R> {
    /// Shows the value and the attempts, but not the raw response, which may contain a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("FullResponse");
        debug.field("value", &self.value).field("unknown_elements", &self.unknown_elements);
        debug.field("unknown_paths", &self.unknown_paths).field("attempts", &self.attempts).finish_non_exhaustive()
    }
}
