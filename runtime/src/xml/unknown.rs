//! Elements and attributes that the caller of the reader does not know.

use super::limits::MAX_UNKNOWN_PATHS;
use super::locate::redact_long;

/// Elements and attributes that were skipped as unknown: their number, and their different paths.
///
/// Allocates memory only for the paths. Keeps [`MAX_UNKNOWN_PATHS`] different ones; the elements and attributes at other
/// paths are only counted.
#[derive(Default)]
pub(super) struct Unknown<'x> {
    count: usize,
    /// Different paths, in the order of their first occurrence.
    paths: Vec<UnknownPath<'x>>,
    /// Position in `paths` of the path that was added or found last.
    last: usize,
    /// `true` if a path was dropped.
    is_full: bool,
}

/// Path of an unknown element or attribute.
struct UnknownPath<'x> {
    /// Names of the elements, outermost first.
    elements: Vec<&'x str>,
    /// Name of the attribute; `None` for an element.
    attribute: Option<&'x str>,
}

impl<'x> Unknown<'x> {
    /// Adds the element whose path is `open`, or one of its attributes.
    ///
    /// The path found last is compared first. So a document that repeats a path costs one comparison for each
    /// repetition, and one that alternates between long paths has the tags of these paths in between.
    #[cold]
    pub(super) fn add(&mut self, open: &[&'x str], attribute: Option<&'x str>) {
        self.count += 1;
        if self.is_full || self.paths.get(self.last).is_some_and(|path| path.is(open, attribute)) {
            return;
        }
        if let Some(known) = self.paths.iter().position(|path| path.is(open, attribute)) {
            self.last = known;
        } else if self.paths.len() < MAX_UNKNOWN_PATHS {
            self.last = self.paths.len();
            self.paths.push(UnknownPath { elements: open.to_vec(), attribute });
        } else {
            self.is_full = true;
        }
    }

    /// Number of unknown elements and attributes.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the paths as text.
    pub(super) fn paths(&self) -> Vec<String> {
        self.paths.iter().map(UnknownPath::to_text).collect()
    }
}

impl<'x> UnknownPath<'x> {
    /// `true` if this is the path of the element `open`, or of its attribute. Compares the last names first, because
    /// paths of a document differ there more often.
    fn is(&self, open: &[&'x str], attribute: Option<&'x str>) -> bool {
        let has_same_names = || self.elements.iter().rev().eq(open.iter().rev());
        self.attribute == attribute && self.elements.len() == open.len() && has_same_names()
    }

    /// Returns the path as [`locate`](super::locate()) does, without the numbers of siblings.
    fn to_text(&self) -> String {
        let mut path = self.elements.iter().map(|name| redact_long(name)).collect::<Vec<_>>().join("/");
        if let Some(attribute) = self.attribute {
            path.push_str("/@");
            path.push_str(redact_long(attribute));
        }
        path
    }
}
