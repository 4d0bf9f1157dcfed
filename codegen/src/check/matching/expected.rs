//! The shape that an example is matched against.

use crate::model::{Element, Field};

/// The shape that an example of a payload or a document is matched against.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Name of the schema's element around the example: `request`, `response` or `example`.
    pub(crate) wrapper: &'a str,
    /// The fields of the holes.
    pub(crate) fields: &'a [Field],
    /// The shape that is written, and read first.
    pub(crate) shape: &'a [Element],
    /// Alternative shapes, read only.
    pub(crate) also: &'a [Element],
    /// `true` if the elements are roots of documents, which are written even if all their holes are absent.
    pub(crate) is_root: bool,
    /// `true` if the example is also written like this.
    pub(crate) is_written: bool,
}
