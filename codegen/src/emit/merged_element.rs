//! Merges the shapes of a type, because a reader reads all of them in one pass. These two shapes
//!
//! ```xml
//! <email id="{id: EmailId}" subject="{subject: string}"><text>{text: string}</text></email>
//! <also><email title="{subject}">{text}</email></also>
//! ```
//!
//! become one element `<email>` with these parts:
//!
//! | part | field |
//! |---|---|
//! | attribute `id` | `id` |
//! | attributes `subject` and `title` | `subject` |
//! | text of the child `<text>`, and of `<email>` itself | `text` |

use crate::model::{Attribute, Content, Element, Hole};

/// An element of one or more shapes.
#[derive(Default)]
pub(super) struct MergedElement {
    /// Name on the wire. Empty for the root, whose name is not read.
    pub(super) name: String,
    /// Attributes with a hole: name on the wire, and the hole.
    pub(super) attributes: Vec<(String, Hole)>,
    /// Names of attributes without a hole. Their values are ignored.
    pub(super) literals: Vec<String>,
    /// The hole that is the text of the element, or for a data type its attributes and content.
    pub(super) content: Option<Hole>,
    pub(super) children: Vec<MergedElement>,
}

impl MergedElement {
    /// Adds the attributes and the content of an element. Its name has no effect.
    pub(super) fn merge(&mut self, element: &Element) {
        for attribute in &element.attributes {
            match attribute {
                Attribute::Hole { name, hole } => self.attributes.push((name.clone(), *hole)),
                Attribute::Literal { name, .. } => self.literals.push(name.clone()),
            }
        }
        match &element.content {
            Content::Empty => {}
            Content::Hole(hole) => self.content = Some(*hole),
            Content::Elements(elements) => self.merge_children(elements),
        }
    }

    /// Adds elements as children. Merges children with the same name.
    pub(super) fn merge_children(&mut self, elements: &[Element]) {
        for element in elements {
            let index = self.children.iter().position(|child| child.name == element.name).unwrap_or_else(|| {
                self.children.push(MergedElement { name: element.name.clone(), ..MergedElement::default() });
                self.children.len() - 1
            });
            self.children[index].merge(element);
        }
    }

    /// Returns the names of the attributes without a hole, sorted, except those for which `excluded` returns `true`.
    pub(super) fn literals_except(&self, excluded: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut names: Vec<&str> = self.literals.iter().map(String::as_str).filter(|name| !excluded(name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Finds the position of rank 0 of each field, as a path below this element: `@id`, `creator`, `widget/@type`. The
    /// result has an entry for each field, which is `None` if that position is not below this element.
    pub(super) fn find_field_paths(&self, field_count: usize) -> Vec<Option<String>> {
        let mut paths = vec![None; field_count];
        self.collect_paths("", &mut paths);
        paths
    }

    /// Adds the paths of the fields below this element. `prefix` is the path of the element itself.
    fn collect_paths(&self, prefix: &str, paths: &mut [Option<String>]) {
        let path_to = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let mut insert = |hole: &Hole, path: String| {
            if hole.rank == 0 {
                paths[hole.field].get_or_insert(path);
            }
        };
        for (name, hole) in &self.attributes {
            insert(hole, path_to(&format!("@{name}")));
        }
        if let Some(hole) = &self.content {
            insert(hole, prefix.to_owned());
        }
        for child in &self.children {
            child.collect_paths(&path_to(&child.name), paths);
        }
    }
}
