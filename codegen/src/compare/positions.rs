//! Positions of fields on the wire.

use crate::model::{Attribute, Content, DataType, Element, Endpoint, Hole};

/// The positions of the fields of a type or an endpoint, and the parts of its shape that have no field.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Positions {
    /// Every written position, in writing order: the index of its field, and its path, such as `note/@title`.
    pub(super) written: Vec<(usize, String)>,
    /// Positions that are only read.
    pub(super) read_only: Vec<(usize, String)>,
    /// Literal attributes and query parameters, and elements without holes: the path of the element around each, and its
    /// own path.
    literals: Vec<(String, String)>,
}

impl Positions {
    /// Returns the positions in the shapes of a type. The names of the roots have no effect.
    pub(super) fn of_type(data_type: &DataType) -> Self {
        let mut positions = Self::default();
        positions.add_element(&data_type.shape, "", "");
        let mut alternatives = Self::default();
        for shape in &data_type.also {
            alternatives.add_element(shape, "", "");
        }
        positions.read_only = alternatives.written;
        positions
    }

    /// Returns the positions in the path, the query and the request of an endpoint.
    pub(super) fn of_request(endpoint: &Endpoint) -> Self {
        let mut positions = Self::default();
        let in_path = endpoint.fields_in_path().enumerate();
        positions.written.extend(in_path.map(|(index, field)| (field, format!("path value {}", index + 1))));
        let literals = endpoint.query_literals.iter();
        positions.literals.extend(literals.map(|(name, value)| (String::new(), format!("?{name}={value}"))));
        positions.written.extend(endpoint.query.iter().map(|(name, hole)| (hole.field, format!("?{name}"))));
        positions.add_payload(endpoint.request.as_deref().unwrap_or_default());
        positions
    }

    /// Returns the positions of the value of an endpoint's response. A value without a position in the body is in the
    /// `Location` header.
    pub(super) fn of_response(endpoint: &Endpoint) -> Self {
        let mut positions = Self::default();
        positions.add_payload(endpoint.response.shape.as_deref().unwrap_or_default());
        if positions.written.is_empty() && endpoint.response.value.is_some() {
            positions.written.push((0, "Location".to_owned()));
        }
        positions
    }

    /// Returns the written positions of a field.
    pub(super) fn written_of(&self, field: usize) -> Vec<&str> {
        positions_of(&self.written, field)
    }

    /// Returns all positions from which a field is read.
    pub(super) fn read_of(&self, field: usize) -> Vec<&str> {
        let mut positions = self.written_of(field);
        positions.extend(positions_of(&self.read_only, field));
        positions
    }

    /// Returns the literal parts in elements that the other version has too.
    pub(super) fn literals_in(&self, other: &Self) -> Vec<&str> {
        let is_in_other = |element: &str| {
            let is_inside =
                |path: &str| path.strip_prefix(element).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            element.is_empty() || other.written.iter().any(|(_, path)| is_inside(path))
        };
        let literals = self.literals.iter().filter(|(element, _)| is_in_other(element));
        literals.map(|(_, path)| path.as_str()).collect()
    }

    /// Adds the positions in a payload, with the names of its roots.
    fn add_payload(&mut self, payload: &[Element]) {
        for element in payload {
            self.add_element(element, "", &element.name);
        }
    }

    /// Adds the positions in an element, which has this path and is in `parent`.
    fn add_element(&mut self, element: &Element, parent: &str, path: &str) {
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => {
                    let literal = format!("{}=\"{value}\"", join(path, &format!("@{name}")));
                    self.literals.push((path.to_owned(), literal));
                }
                Attribute::Hole { name, hole } => self.add_hole(*hole, join(path, &format!("@{name}"))),
            }
        }
        match &element.content {
            Content::Empty if has_no_holes(element) && !path.is_empty() => {
                self.literals.push((parent.to_owned(), path.to_owned()));
            }
            Content::Empty => {}
            Content::Hole(hole) if path.is_empty() => self.add_hole(*hole, "text()".to_owned()),
            Content::Hole(hole) => self.add_hole(*hole, path.to_owned()),
            Content::Elements(elements) => {
                for child in elements {
                    self.add_element(child, path, &join(path, &child.name));
                }
            }
        }
    }

    fn add_hole(&mut self, hole: Hole, path: String) {
        self.written.push((hole.field, path));
    }
}

/// `true` if all attributes of the element are literal.
fn has_no_holes(element: &Element) -> bool {
    element.attributes.iter().all(|attribute| matches!(attribute, Attribute::Literal { .. }))
}

/// Returns the positions of one field.
fn positions_of(positions: &[(usize, String)], field: usize) -> Vec<&str> {
    positions.iter().filter(|(index, _)| *index == field).map(|(_, path)| path.as_str()).collect()
}

/// Joins a path and a name with a slash.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
