//! Request parameters as a tree of names and texts, independent of the format of the request body.
//!
//! A server is lenient with requests. Attributes and elements are both children of a node, and a dash in a name is read
//! as an underscore. So `<note created-at="…"/>` and `<note><created_at>…</created_at></note>` are the same request. A
//! server that accepts other formats, such as JSON or forms, builds [`ParamNode`]s itself.

use std::borrow::Cow;
use std::fmt;

use crate::change::Change;
use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::request_times::{RequestTimes, read_request_value};
use crate::scalar::{InvalidValue, Scalar, trim};
use crate::xml::Reader;

/// A parameter: a name with text and children.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ParamNode<'x> {
    /// Name, with underscores for dashes.
    pub name: Cow<'x, str>,
    /// Text; at most white space if the element has only child elements.
    pub text: Cow<'x, str>,
    /// `true` if the value is explicitly absent, as with `nil="true"`.
    pub is_nil: bool,
    /// `true` if the parameter is an attribute of an XML document.
    pub is_attribute: bool,
    /// Children: attributes, then elements.
    pub children: Vec<ParamNode<'x>>,
}

impl fmt::Debug for ParamNode<'_> {
    /// Shows names only, because a text may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.children.is_empty() {
            return f.write_str(&self.name);
        }
        write!(f, "{} ", self.name)?;
        f.debug_list().entries(&self.children).finish()
    }
}

/// Maximum number of nodes of a document. A node takes far more memory than its text in the document, which may be as
/// short as four bytes.
pub const MAX_NODES: usize = 10_000;

/// Reader of the values below a node.
#[derive(Debug, Clone, Copy)]
pub struct ParamReader<'a> {
    pub(crate) node: &'a ParamNode<'a>,
    /// Notations of times that the server adds to those of the scalars; `None` if it adds none.
    pub(crate) times: Option<&'a RequestTimes>,
}

/// Paths at which a value may be, such as `&[&["note", "title"], &["title"]]`. They are in order of preference: the
/// first one is the best.
pub type Paths = &'static [Path];

/// Path of names below a node: `&["note", "title"]`.
pub type Path = &'static [&'static str];

impl<'x> From<ParamNode<'x>> for Cow<'_, ParamNode<'x>> {
    fn from(node: ParamNode<'x>) -> Self {
        Cow::Owned(node)
    }
}

impl<'x> ParamNode<'x> {
    /// Reads an XML document into a node without a name, whose only child is the root.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the document is not well-formed or has more than [`MAX_NODES`] nodes.
    pub fn read(document: &'x str) -> Result<Self, DecodeError> {
        let mut node = Self::default();
        let mut xml = Reader::new(document);
        node.read_children(&mut xml, &mut 0).map_err(|error| error.locate_in(document))?;
        Ok(node)
    }

    /// Reads the text and the children of this node; `count` is the number of nodes of the document so far.
    fn read_children(&mut self, xml: &mut Reader<'x>, count: &mut usize) -> Result<(), DecodeError> {
        while let Some(name) = xml.next_child_with_text(&mut self.text)? {
            count_node(count, xml)?;
            let mut child = ParamNode { name: normalize_name(name), is_nil: xml.is_nil(), ..ParamNode::default() };
            while let Some(attribute) = xml.next_attribute() {
                count_node(count, xml)?;
                let (name, text) = (normalize_name(attribute.name), attribute.value());
                child.children.push(ParamNode { name, text, is_attribute: true, ..ParamNode::default() });
            }
            child.read_children(xml, count)?;
            self.children.push(child);
        }
        Ok(())
    }

    /// Returns the first child with this name; `None` if there is none.
    pub fn child(&self, name: &str) -> Option<&ParamNode<'x>> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Finds the node that contains the payload: a node with a child of one of the `names`.
    ///
    /// The search starts at this node and goes down. It follows the path of the envelope where that matches; elsewhere,
    /// it enters a node that is the only child with children. Children that contain a token are ignored. For the names
    /// `["note"]` and the envelope `["request"]`:
    ///
    /// | body | node |
    /// |---|---|
    /// | `<request><token>…</token><note>…</note></request>` | `request` |
    /// | `<data><note>…</note></data>` | `data` |
    /// | `<note>…</note>` | this node |
    ///
    /// If no node has such a child, the result is the last node of the search. All values are absent there.
    pub fn find_payload(&self, names: &[&str], envelope: &[&str], is_token: impl Fn(&str) -> bool) -> &ParamNode<'x> {
        let mut node = self;
        let mut envelope = envelope.iter();
        while !names.iter().any(|name| node.child(name).is_some()) {
            let mut containers =
                node.children.iter().filter(|child| !is_token(&child.name) && !child.children.is_empty());
            let in_envelope = envelope.next().and_then(|name| node.child(name));
            // Where the envelope does not match, the search continues only if there is exactly one way down.
            match (in_envelope, containers.next(), containers.next()) {
                (Some(wrapper), ..) | (None, Some(wrapper), None) => node = wrapper,
                _ => break,
            }
        }
        node
    }

    /// Returns the node at a path below this node, along the first child of each name; `None` if there is none.
    pub(crate) fn descendant(&self, path: &[&str]) -> Option<&ParamNode<'x>> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// Finds the node at the best path that has one. A blank node counts only if all nodes are blank, and a nil node
    /// never.
    pub(crate) fn find(&self, paths: Paths) -> Option<(&ParamNode<'x>, Path)> {
        let mut found =
            paths.iter().filter_map(|path| Some((self.descendant(path)?, *path))).filter(|(node, _)| !node.is_nil);
        found.clone().find(|(node, _)| !node.is_blank()).or_else(|| found.next())
    }

    /// `true` if the node has no children, and no text other than white space.
    pub(crate) fn is_blank(&self) -> bool {
        self.children.is_empty() && trim(&self.text).is_empty()
    }

    /// Returns all nodes at a path. Where a name repeats along the path, all its nodes are searched.
    fn find_all(&self, path: &[&str]) -> Vec<&ParamNode<'x>> {
        path.iter().fold(vec![self], |nodes, name| {
            nodes.into_iter().flat_map(|node| &node.children).filter(|child| child.name == *name).collect()
        })
    }

    /// Finds the nodes of a repeated element at the first path that has any. Returns each with that path. Nil nodes are
    /// left out.
    ///
    /// # Errors
    ///
    /// As [`reject_other_content`](Self::reject_other_content).
    pub(crate) fn find_repeated(&self, paths: Paths) -> Result<Vec<(&ParamNode<'x>, Path)>, DecodeError> {
        let found = paths.iter().map(|path| (self.find_all(path), path)).find(|(nodes, _)| !nodes.is_empty());
        let Some((nodes, path)) = found else {
            paths.iter().try_for_each(|path| self.reject_other_content(path))?;
            return Ok(Vec::new());
        };
        self.reject_other_content(path)?;
        Ok(nodes.into_iter().filter(|node| !node.is_nil).map(|node| (node, *path)).collect())
    }

    /// Checks that the parents of a repeated element have no other content instead, which would be ignored.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] for content such as the text of `<guests>Ada Tom</guests>`, in place of
    /// `<guests><guest>Ada</guest><guest>Tom</guest></guests>`.
    fn reject_other_content(&self, path: Path) -> Result<(), DecodeError> {
        let Some((name, parent @ [_, ..])) = path.split_last() else { return Ok(()) };
        // A child with only text may be an unknown attribute, which is ignored.
        let has_other_elements = |node: &ParamNode<'_>| node.children.iter().any(|child| !child.children.is_empty());
        let has_other_content = |node: &&ParamNode<'_>| {
            node.child(name).is_none() && (has_other_elements(node) || !trim(&node.text).is_empty())
        };
        if self.find_all(parent).iter().any(has_other_content) {
            return Err(invalid_at(parent, InvalidValue("should hold its elements")));
        }
        Ok(())
    }
}

impl<'a> ParamReader<'a> {
    /// Creates a reader for the values below a node, with the notations of times that the server adds.
    pub fn new(node: &'a ParamNode<'a>, times: Option<&'a RequestTimes>) -> Self {
        Self { node, times }
    }

    /// Reads an optional value; `None` if no path has a node, the node is nil, or its text stands for an absent value.
    /// A [list](Scalar::APPEND) may be spread over repeated elements.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if the text is not such a value.
    pub fn read_optional<S: Scalar>(&self, paths: Paths) -> Result<Option<S::Value>, DecodeError> {
        let Some(append) = S::APPEND else {
            let Some((node, path)) = self.node.find(paths) else { return Ok(None) };
            return self.read_scalar::<S>(node, path);
        };
        // A list is read from all nodes at one path: the best path with a node that is not blank. If all nodes are
        // blank, it is the best path that has a node.
        let find_nodes = |path| self.node.find_all(path).into_iter().filter(|node| !node.is_nil).collect::<Vec<_>>();
        let found: Vec<_> =
            paths.iter().map(|path| (find_nodes(path), *path)).filter(|(nodes, _)| !nodes.is_empty()).collect();
        let best = found.iter().find(|(nodes, _)| nodes.iter().any(|node| !node.is_blank())).or(found.first());
        // The lists of these nodes are joined; absent ones are left out.
        let mut value = None;
        for (node, path) in best.iter().flat_map(|(nodes, path)| nodes.iter().map(|node| (node, *path))) {
            match (self.read_scalar::<S>(node, path)?, &mut value) {
                (Some(more), Some(value)) => append(value, more),
                (Some(first), None) => value = Some(first),
                (None, _) => {}
            }
        }
        Ok(value)
    }

    /// Reads the change of a value.
    ///
    /// - [`Change::Set`] if there is a value at one of the paths.
    /// - [`Change::Clear`] if there is no value, but a nil node at one of the paths.
    /// - [`Change::Keep`] otherwise.
    ///
    /// # Errors
    ///
    /// As [`read_optional`](Self::read_optional).
    pub fn read_change<S: Scalar>(&self, paths: Paths) -> Result<Change<S::Value>, DecodeError> {
        Ok(self.change_from(self.read_optional::<S>(paths)?, paths))
    }

    /// Reads a required value.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Missing`] if there is no value, or [`DecodeErrorKind::InvalidValue`] if the text is not such
    /// a value.
    pub fn read_required<S: Scalar>(&self, paths: Paths) -> Result<S::Value, DecodeError> {
        self.read_optional::<S>(paths)?.ok_or_else(|| missing(paths))
    }

    /// Reads the values of a repeated element. Nil elements and absent values are left out.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if a text is not such a value, or if there is text in place of the elements.
    pub fn read_many<S: Scalar>(&self, paths: Paths) -> Result<Vec<S::Value>, DecodeError> {
        self.node
            .find_repeated(paths)?
            .into_iter()
            .filter_map(|(node, path)| self.read_scalar::<S>(node, path).transpose())
            .collect()
    }

    /// Converts an optional value, which was read from the paths, into a change.
    pub(crate) fn change_from<T>(&self, value: Option<T>, paths: Paths) -> Change<T> {
        let is_nil = |path: &Path| self.node.descendant(path).is_some_and(|node| node.is_nil);
        match value {
            Some(value) => Change::Set(value),
            None if paths.iter().any(is_nil) => Change::Clear,
            None => Change::Keep,
        }
    }

    /// Reads the value of a node, which is at `path`; `None` if it is nil or its text stands for an absent value.
    fn read_scalar<S: Scalar>(&self, node: &ParamNode<'_>, path: &[&str]) -> Result<Option<S::Value>, DecodeError> {
        if node.is_nil {
            return Ok(None);
        }
        // The content of child elements would be lost. Unknown attributes are ignored.
        if node.children.iter().any(|child| !child.is_attribute) {
            return Err(invalid_at(path, InvalidValue("should hold text, not elements")));
        }
        read_request_value::<S>(&node.text, self.times).map_err(|invalid| invalid_at(path, invalid))
    }
}

/// Counts a node. Returns an error if the document has more than [`MAX_NODES`].
fn count_node(count: &mut usize, xml: &Reader<'_>) -> Result<(), DecodeError> {
    *count += 1;
    let kind = DecodeErrorKind::Unexpected("it holds more elements and attributes than any request has");
    if *count > MAX_NODES { Err(DecodeError::at_offset(xml.start(), kind)) } else { Ok(()) }
}

/// Replaces the dashes of a name by underscores.
fn normalize_name(name: &str) -> Cow<'_, str> {
    if name.contains('-') { Cow::Owned(name.replace('-', "_")) } else { Cow::Borrowed(name) }
}

/// Creates the error for an invalid value at a path.
fn invalid_at(path: &[&str], invalid: InvalidValue) -> DecodeError {
    DecodeError::new(path.join("/"), DecodeErrorKind::InvalidValue(invalid))
}

/// Creates the error for a missing value. It names the best path.
#[cold]
pub(crate) fn missing(paths: Paths) -> DecodeError {
    DecodeError::new(paths.first().map(|path| path.join("/")).unwrap_or_default(), DecodeErrorKind::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Integer, Phrases, Text};

    #[test]
    fn joins_the_lists_of_repeated_elements_at_the_best_path() {
        let read = |document| {
            let paths: Paths = &[&["a", "tags"], &["a", "labels"]];
            ParamReader::new(&ParamNode::read(document).unwrap(), None).read_optional::<Phrases>(paths).unwrap()
        };
        let list = |tags: &[&str]| Some(tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        assert_eq!(
            read("<a><tags>Bikes</tags><tags>\"Slow Food\" Hiking</tags></a>"),
            list(&["Bikes", "Slow Food", "Hiking"])
        );
        assert_eq!(read("<a><tags nil=\"true\"/><tags>Bikes</tags></a>"), list(&["Bikes"]));
        assert_eq!(
            read("<a><tags>Bikes \"Slow</tags><tags>Food\" Hiking</tags></a>"),
            list(&["Bikes", "Slow", "Food", " Hiking"])
        );
        assert_eq!(read("<a><labels>Hiking</labels><tags>Bikes</tags></a>"), list(&["Bikes"]));
        assert_eq!(read("<a><labels>Hiking</labels><tags/><tags/></a>"), list(&["Hiking"]));
        assert_eq!(read("<a><tags/><labels/></a>"), list(&[]));
        assert_eq!(read("<a><tags nil=\"true\"/></a>"), None);
    }

    #[test]
    fn a_value_is_left_set_or_cleared() {
        let paths: Paths = &[&["a", "until"], &["a", "end"]];
        let read = |document| {
            ParamReader::new(&ParamNode::read(document).unwrap(), None).read_change::<Integer>(paths).unwrap()
        };
        for keep in ["<a/>", "<b/>", "<a><until/></a>", "<a until=''/>", "<a><until> </until><end/></a>"] {
            assert_eq!(read(keep), Change::Keep, "{keep}");
        }
        for clear in [
            "<a><until nil='true'/></a>",
            "<a><until type='datetime' nil='true'>7</until></a>",
            "<a><until nil='true'/><until>7</until></a>",
            "<a><end nil='true'/></a>",
            "<a><until/><end nil='true'/></a>",
        ] {
            assert_eq!(read(clear), Change::Clear, "{clear}");
        }
        for set in ["<a><until>7</until></a>", "<a until='7'/>", "<a><until nil='true'/><end>7</end></a>"] {
            assert_eq!(read(set), Change::Set(7), "{set}");
        }
        let read_text =
            |document| ParamReader::new(&ParamNode::read(document).unwrap(), None).read_change::<Text>(paths).unwrap();
        assert_eq!(read_text("<a><until/></a>"), Change::Set(String::new()), "an empty text is a text");
        assert_eq!(read_text("<a><until nil='true'/></a>"), Change::Clear);
        assert_eq!(read_text("<a/>"), Change::Keep);
    }
}
