//! The neutral form of a request: names and values, in which a server looks for what a shape names.
//!
//! A server is lenient with what clients send. Attributes and elements are entries alike, and a dash in a name is an
//! underscore, so that shapes match requests however they are written, and formats other than XML fit in too.

use std::borrow::Cow;
use std::fmt;

use crate::read::{Problem, ReadError};
use crate::scalar::{Invalid, Scalar};
use crate::xml::Reader;

/// A name with a text and entries below it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Node<'x> {
    /// Its name, with underscores for dashes.
    pub name: Cow<'x, str>,
    /// Its text; white space if there was none but that.
    pub text: Cow<'x, str>,
    /// Whether it says that there is no value.
    pub nil: bool,
    /// What is below it: attributes, then elements.
    pub entries: Vec<Node<'x>>,
}

impl fmt::Debug for Node<'_> {
    /// Shows the names, and no text: one may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str(&self.name);
        }
        write!(f, "{} ", self.name)?;
        f.debug_list().entries(&self.entries).finish()
    }
}

/// How many entries a document may have. Each takes far more memory than the four bytes that it may have in the document.
pub const MAX_ENTRIES: usize = 10_000;

/// A value that is found in the entries of a node.
pub trait ReadTree: Sized {
    /// Reads the value from a node.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if a required value is missing or a value is not of its type.
    fn read_tree(node: &Node<'_>) -> Result<Self, ReadError>;
}

/// The places of a value, best first; each is a path of names below a node.
pub type Places = &'static [&'static [&'static str]];

impl<'x> Node<'x> {
    /// Reads a document into a node without a name, whose one entry is the root.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the document is not well-formed, or has more than [`MAX_ENTRIES`] entries.
    pub fn read(document: &'x str) -> Result<Self, ReadError> {
        let mut node = Self::default();
        let mut xml = Reader::new(document);
        node.read_entries(&mut xml, &mut 0).map_err(|error| error.located(document))?;
        Ok(node)
    }

    /// Reads what is below this node; `count` is how many entries there are so far.
    fn read_entries(&mut self, xml: &mut Reader<'x>, count: &mut usize) -> Result<(), ReadError> {
        while let Some(name) = xml.child_and_text(&mut self.text)? {
            one_more(count, xml)?;
            let mut entry = Node { name: neutral(name), nil: xml.is_nil(), ..Node::default() };
            while let Some(attribute) = xml.attribute() {
                one_more(count, xml)?;
                let (name, text) = (neutral(attribute.name), attribute.value());
                entry.entries.push(Node { name, text, ..Node::default() });
            }
            entry.read_entries(xml, count)?;
            self.entries.push(entry);
        }
        Ok(())
    }

    /// The first entry of a name.
    pub fn entry(&self, name: &str) -> Option<&Node<'x>> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The node that holds the payload, given the names of which one should be in it: this one, or the one that is
    /// found by going down: along the path of the envelope where it is there, else through single wrappers, not
    /// counting entries that hold a token.
    ///
    /// If none of the names is found, the last node looked at: all is absent there.
    pub fn payload(&self, names: &[&str], envelope: &[&str], is_token: impl Fn(&str) -> bool) -> &Node<'x> {
        let mut node = self;
        let mut envelope = envelope.iter();
        while !names.iter().any(|name| node.entry(name).is_some()) {
            let mut below = node.entries.iter().filter(|entry| !is_token(&entry.name) && !entry.entries.is_empty());
            let known = envelope.next().and_then(|name| node.entry(name));
            match (known, below.next(), below.next()) {
                (Some(wrapper), ..) | (None, Some(wrapper), None) => node = wrapper,
                _ => break,
            }
        }
        node
    }

    /// The entry at a path below this node.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node<'x>> {
        path.iter().try_fold(self, |node, name| node.entry(name))
    }

    /// The node of the best place that is not empty, else of the best place that is there.
    fn find(&self, places: Places) -> Option<(&Node<'x>, &'static [&'static str])> {
        let mut found = places.iter().filter_map(|path| Some((self.at(path)?, *path))).filter(|(node, _)| !node.nil);
        let first = found.next()?;
        if first.0.is_blank() { Some(found.find(|(node, _)| !node.is_blank()).unwrap_or(first)) } else { Some(first) }
    }

    fn is_blank(&self) -> bool {
        self.entries.is_empty() && self.text.trim_ascii().is_empty()
    }

    /// Reads a value that may be absent. One to which [more is added](Scalar::ADD) may be in elements that repeat.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if the text is no such value.
    pub fn optional<S: Scalar>(&self, places: Places) -> Result<Option<S::Value>, ReadError> {
        let Some(add) = S::ADD else {
            return self.find(places).map_or(Ok(None), |(node, path)| node.scalar::<S>(path));
        };
        let nodes = |path| self.all(path).into_iter().filter(|node| !node.nil).collect::<Vec<_>>();
        let found: Vec<_> =
            places.iter().map(|path| (nodes(path), *path)).filter(|(nodes, _)| !nodes.is_empty()).collect();
        let best = found.iter().find(|(nodes, _)| nodes.iter().any(|node| !node.is_blank())).or(found.first());
        let mut value = None;
        for (node, path) in best.iter().flat_map(|(nodes, path)| nodes.iter().map(|node| (node, *path))) {
            match (node.scalar::<S>(path)?, &mut value) {
                (Some(more), Some(value)) => add(value, more),
                (Some(first), None) => value = Some(first),
                (None, _) => {}
            }
        }
        Ok(value)
    }

    /// Reads a value that must be there.
    ///
    /// # Errors
    ///
    /// [`Problem::Missing`], or [`Problem::Invalid`] if the text is no such value.
    pub fn required<S: Scalar>(&self, places: Places) -> Result<S::Value, ReadError> {
        self.optional::<S>(places)?.ok_or_else(|| missing(places))
    }

    /// Reads a value for each entry at a place.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if a text is no such value, or stands where the entries should.
    pub fn many<S: Scalar>(&self, places: Places) -> Result<Vec<S::Value>, ReadError> {
        self.each(places)?.into_iter().filter_map(|(node, path)| node.scalar::<S>(path).transpose()).collect()
    }

    /// Reads data that may be absent: it is if the node has neither text nor entries.
    ///
    /// # Errors
    ///
    /// As [`ReadTree::read_tree`].
    pub fn optional_data<T: ReadTree>(&self, places: Places) -> Result<Option<T>, ReadError> {
        let found = self.find(places).filter(|(node, _)| !node.is_blank());
        found.map(|(node, path)| node.data(path)).transpose()
    }

    /// Reads data that must be there.
    ///
    /// # Errors
    ///
    /// [`Problem::Missing`], and as [`ReadTree::read_tree`].
    pub fn required_data<T: ReadTree>(&self, places: Places) -> Result<T, ReadError> {
        self.find(places).map_or_else(|| Err(missing(places)), |(node, path)| node.data(path))
    }

    /// Reads data for each entry at a place.
    ///
    /// # Errors
    ///
    /// As [`ReadTree::read_tree`], and [`Problem::Invalid`] if there is text where the entries should stand.
    pub fn many_data<T: ReadTree>(&self, places: Places) -> Result<Vec<T>, ReadError> {
        self.each(places)?.into_iter().map(|(node, path)| node.data(path)).collect()
    }

    fn scalar<S: Scalar>(&self, path: &[&str]) -> Result<Option<S::Value>, ReadError> {
        if self.nil {
            return Ok(None);
        }
        S::read(Cow::Borrowed(&self.text)).map_err(|invalid| ReadError::new(path.join("/"), Problem::Invalid(invalid)))
    }

    fn data<T: ReadTree>(&self, path: &[&str]) -> Result<T, ReadError> {
        T::read_tree(self).map_err(|error| {
            let path = [path.join("/"), error.path().to_owned()].into_iter().filter(|part| !part.is_empty());
            ReadError::new(path.collect::<Vec<_>>().join("/"), error.problem().clone())
        })
    }

    /// All entries at a path; what repeats on the way is as one.
    fn all(&self, path: &[&str]) -> Vec<&Node<'x>> {
        path.iter().fold(vec![self], |nodes, name| {
            nodes.into_iter().flat_map(|node| &node.entries).filter(|entry| entry.name == *name).collect()
        })
    }

    /// The entries that repeat at the first place that has any, without those that are nil.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if a container has text instead, which would be passed over.
    fn each(&self, places: Places) -> Result<Vec<(&Node<'x>, &'static [&'static str])>, ReadError> {
        let found = places.iter().map(|path| (self.all(path), *path)).find(|(nodes, _)| !nodes.is_empty());
        let container = |path: &&'static [&'static str]| path.split_last().filter(|(_, above)| !above.is_empty());
        let looked_at = places.iter().filter(|path| found.as_ref().is_none_or(|(_, found)| found == *path));
        for (name, above) in looked_at.filter_map(container) {
            // An unknown attribute is passed over, and cannot be told from an element with text.
            let others = |node: &Node<'_>| node.entries.iter().any(|entry| !entry.entries.is_empty());
            let has_others =
                |node: &&Node<'_>| node.entry(name).is_none() && (others(node) || !node.text.trim_ascii().is_empty());
            if self.all(above).iter().any(has_others) {
                return Err(ReadError::new(above.join("/"), Problem::Invalid(Invalid("should hold its elements"))));
            }
        }
        let (nodes, path) = found.unwrap_or_default();
        Ok(nodes.into_iter().filter(|node| !node.nil).map(|node| (node, path)).collect())
    }
}

fn one_more(count: &mut usize, xml: &Reader<'_>) -> Result<(), ReadError> {
    *count += 1;
    let problem = Problem::Unexpected("it holds more elements and attributes than any request has");
    if *count > MAX_ENTRIES { Err(ReadError::at(xml.start(), problem)) } else { Ok(()) }
}

fn neutral(name: &str) -> Cow<'_, str> {
    if name.contains('-') { Cow::Owned(name.replace('-', "_")) } else { Cow::Borrowed(name) }
}

#[cold]
fn missing(places: Places) -> ReadError {
    ReadError::new(places.first().map(|path| path.join("/")).unwrap_or_default(), Problem::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Phrases;

    #[test]
    fn several_values_in_elements_that_repeat_are_all_of_the_best_place() {
        let read = |document| {
            let places: Places = &[&["a", "tags"], &["a", "labels"]];
            Node::read(document).unwrap().optional::<Phrases>(places).unwrap()
        };
        let said = |tags: &[&str]| Some(tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        assert_eq!(
            read("<a><tags>Bikes</tags><tags>\"Slow Food\" Hiking</tags></a>"),
            said(&["Bikes", "Slow Food", "Hiking"])
        );
        assert_eq!(read("<a><tags nil=\"true\"/><tags>Bikes</tags></a>"), said(&["Bikes"]));
        assert_eq!(
            read("<a><tags>Bikes \"Slow</tags><tags>Food\" Hiking</tags></a>"),
            said(&["Bikes", "Slow", "Food", " Hiking"])
        );
        assert_eq!(read("<a><labels>Hiking</labels><tags>Bikes</tags></a>"), said(&["Bikes"]));
        assert_eq!(read("<a><labels>Hiking</labels><tags/><tags/></a>"), said(&["Hiking"]));
        assert_eq!(read("<a><tags/><labels/></a>"), said(&[]));
        assert_eq!(read("<a><tags nil=\"true\"/></a>"), None);
    }
}
