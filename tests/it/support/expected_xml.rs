//! The XML that a value should be written as, by the rules of the schema language: a second implementation, independent
//! of the generator's.

use xmlwire_codegen::model::{Api, Attribute, Content, Element, Field, Hole, Presence, TypeRef, Xml};

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// No value: omitted, or written as nil if the schema says so.
    Absent,
    /// A value that the request clears, which is written as nil.
    Cleared,
    /// A scalar, as its text in the document.
    Text(String),
    /// A data type, field by field.
    Data(TypeRef, Vec<FieldValue>),
    /// Repeated values.
    Many(Vec<FieldValue>),
    /// A data type, as an element from an example. Its name is ignored: the element around the value has its own.
    Raw(Xml),
}

/// State of the holes in an element, which decides if the element is written. The state of an element is the greatest of
/// the states of its parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HoleState {
    /// The element has no holes and is always written.
    NoHoles,
    /// All holes are absent. The element is omitted, unless it is always written.
    Absent,
    /// At least one hole has a value.
    Present,
}

/// Builds the elements of a payload. Outside an envelope, the root is written even if all of its values are absent.
pub fn build_payload(
    api: &Api,
    fields: &[Field],
    values: &[FieldValue],
    elements: &[Element],
    has_envelope: bool,
) -> Vec<Xml> {
    let builder = ShapeBuilder { api, fields, values };
    let mut written = Vec::new();
    for element in elements {
        builder.append_element(element, !has_envelope, &mut written);
    }
    written
}

/// Builds the root element of a type from the values of its fields.
fn build_root(api: &Api, data: TypeRef, values: &[FieldValue]) -> Xml {
    let data = &api.types[data.0];
    ShapeBuilder { api, fields: &data.fields, values }.build_element(&data.shape).0
}

/// Builds the elements of a shape, with these values in its holes.
struct ShapeBuilder<'a> {
    api: &'a Api,
    fields: &'a [Field],
    values: &'a [FieldValue],
}

impl ShapeBuilder<'_> {
    /// Appends an element to `out`: once for each value if its content is a list, otherwise once. Omits it if its holes
    /// are absent, unless it is always written. Returns the state of its holes.
    fn append_element(&self, element: &Element, is_always_written: bool, out: &mut Vec<Xml>) -> HoleState {
        if let Some(hole) = content_hole(element)
            && let FieldValue::Many(values) = &self.values[hole.field]
        {
            out.extend(values.iter().map(|value| self.wrap_value(element, value)));
            let list_is_absent = values.is_empty() && self.fields[hole.field].presence == Presence::ManyOrAbsent;
            return if list_is_absent { HoleState::Absent } else { HoleState::Present };
        }
        let (xml, holes) = self.build_element(element);
        if is_always_written || holes != HoleState::Absent {
            out.push(xml);
        }
        holes
    }

    /// Builds an element with its content. Returns it with the state of its holes.
    fn build_element(&self, element: &Element) -> (Xml, HoleState) {
        let (mut xml, mut holes) = self.build_start(element);
        match &element.content {
            Content::Empty => {}
            Content::Elements(elements) => {
                for child in elements {
                    holes = holes.max(self.append_element(child, false, &mut xml.children));
                }
            }
            Content::Hole(hole) => match &self.values[hole.field] {
                value if self.is_nil(hole, value) => {
                    // An element that is nil has no other attributes.
                    xml.attributes = vec![("nil".to_owned(), "true".to_owned())];
                    holes = HoleState::Present;
                }
                FieldValue::Absent => {
                    // A root without a value is written without literal attributes.
                    if holes == HoleState::NoHoles {
                        xml.attributes.clear();
                    }
                    holes = holes.max(HoleState::Absent);
                }
                value => (xml, holes) = (self.wrap_value(element, value), HoleState::Present),
            },
        }
        (xml, holes)
    }

    /// `true` if the value in a hole is written as nil.
    fn is_nil(&self, hole: &Hole, value: &FieldValue) -> bool {
        match value {
            FieldValue::Cleared => true,
            FieldValue::Absent => self.fields[hole.field].presence == Presence::Nil,
            _ => false,
        }
    }

    /// Builds an element with its attributes and without content. Returns it with the state of the holes in its
    /// attributes.
    fn build_start(&self, element: &Element) -> (Xml, HoleState) {
        let mut xml = Xml { name: element.name.clone(), attributes: vec![], children: vec![], text: String::new() };
        let mut holes = HoleState::NoHoles;
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => xml.attributes.push((name.clone(), value.clone())),
                Attribute::Hole { name, hole } => match &self.values[hole.field] {
                    FieldValue::Text(text) => {
                        xml.attributes.push((name.clone(), text.clone()));
                        holes = HoleState::Present;
                    }
                    _ => holes = holes.max(HoleState::Absent),
                },
            }
        }
        (xml, holes)
    }

    /// Builds an element with a value as its content. A data type adds its attributes to those of the element.
    fn wrap_value(&self, element: &Element, value: &FieldValue) -> Xml {
        let mut xml = self.build_start(element).0;
        let inner = match value {
            FieldValue::Text(text) => {
                xml.text.clone_from(text);
                return xml;
            }
            FieldValue::Data(data, values) => build_root(self.api, *data, values),
            FieldValue::Raw(raw) => raw.clone(),
            FieldValue::Absent | FieldValue::Cleared | FieldValue::Many(_) => return xml,
        };
        xml.attributes.extend(inner.attributes);
        Xml { children: inner.children, text: inner.text, ..xml }
    }
}

/// Returns the hole that is the whole content of an element. `None` if the element is empty or contains elements.
fn content_hole(element: &Element) -> Option<&Hole> {
    match &element.content {
        Content::Hole(hole) => Some(hole),
        _ => None,
    }
}
