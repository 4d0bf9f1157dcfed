//! Writes the values of an example as elements.

use super::expected::Expected;
use crate::model::{Api, Attribute, Content, Element, ExampleValue, Field, Presence, Xml};

/// Returns the elements that would be written for these values.
pub(super) fn write_elements(api: &Api, expected: Expected<'_>, values: &[ExampleValue]) -> Vec<Xml> {
    let writer = Writer { api, fields: expected.fields, values };
    let mut written = Vec::new();
    for element in expected.shape {
        writer.write_element(element, expected.is_root, &mut written);
    }
    written
}

/// Writes the elements of a payload or a data type with the values of its fields.
struct Writer<'a> {
    api: &'a Api,
    fields: &'a [Field],
    values: &'a [ExampleValue],
}

/// Presence of values in the holes of an element. In ascending order, so that `max` combines the parts of an element.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HoleValues {
    /// The element has no holes.
    NoHoles,
    /// All values are absent.
    Absent,
    /// At least one value is present.
    Present,
}

impl Writer<'_> {
    /// Writes an element. An element with holes that are all absent is written only if `is_root` is set. Returns the
    /// presence of the element's values.
    fn write_element(&self, element: &Element, is_root: bool, out: &mut Vec<Xml>) -> HoleValues {
        if let Content::Hole(hole) = &element.content
            && let (Some(ExampleValue::Many(items)), Some(field)) =
                (self.values.get(hole.field), self.fields.get(hole.field))
        {
            out.extend(items.iter().map(|item| self.write_value(element, item)));
            let is_absent = items.is_empty() && field.presence == Presence::ManyOrAbsent;
            return if is_absent { HoleValues::Absent } else { HoleValues::Present };
        }
        let (xml, values) = self.write_single(element);
        if is_root || values != HoleValues::Absent {
            out.push(xml);
        }
        values
    }

    /// Writes an element around the value of its hole.
    fn write_value(&self, element: &Element, value: &ExampleValue) -> Xml {
        let (mut xml, _) = self.write_attributes(element);
        match value {
            ExampleValue::Text(text) => text.clone_into(&mut xml.text),
            ExampleValue::Data(data_type, values) => {
                if let Some(data) = self.api.types.get(data_type.0) {
                    let writer = Writer { api: self.api, fields: &data.fields, values };
                    let (inner, _) = writer.write_single(&data.shape);
                    xml.attributes.extend(inner.attributes);
                    (xml.children, xml.text) = (inner.children, inner.text);
                }
            }
            ExampleValue::Absent | ExampleValue::Cleared | ExampleValue::Many(_) => {}
        }
        xml
    }

    /// Builds the XML of an element that does not repeat, even if all its values are absent. Also returns the presence
    /// of its values.
    fn write_single(&self, element: &Element) -> (Xml, HoleValues) {
        let (mut xml, mut values) = self.write_attributes(element);
        match &element.content {
            Content::Empty => {}
            Content::Elements(elements) => {
                for child in elements {
                    values = values.max(self.write_element(child, false, &mut xml.children));
                }
            }
            Content::Hole(hole) => match self.values.get(hole.field) {
                value if is_nil(value, self.fields.get(hole.field)) => {
                    // No attribute is written besides `nil`, not even a literal one.
                    xml.attributes = vec![("nil".to_owned(), "true".to_owned())];
                    values = HoleValues::Present;
                }
                None | Some(ExampleValue::Absent) => {
                    // If the element is a root, it is written without a value. It has no literal attributes then,
                    // because an element with attributes is not read as an absent value.
                    if values == HoleValues::NoHoles {
                        xml.attributes.clear();
                    }
                    values = values.max(HoleValues::Absent);
                }
                Some(value) => (xml, values) = (self.write_value(element, value), HoleValues::Present),
            },
        }
        (xml, values)
    }

    /// Builds the XML of an element with its attributes, without content. Also returns the presence of the values in
    /// its attributes.
    fn write_attributes(&self, element: &Element) -> (Xml, HoleValues) {
        let mut xml =
            Xml { name: element.name.clone(), attributes: Vec::new(), children: Vec::new(), text: String::new() };
        let mut values = HoleValues::NoHoles;
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => xml.attributes.push((name.clone(), value.clone())),
                Attribute::Hole { name, hole } => {
                    values = values.max(HoleValues::Absent);
                    if let Some(ExampleValue::Text(text)) = self.values.get(hole.field) {
                        xml.attributes.push((name.clone(), text.clone()));
                        values = HoleValues::Present;
                    }
                }
            }
        }
        (xml, values)
    }
}

/// `true` if a value of a field is written as `nil="true"`.
fn is_nil(value: Option<&ExampleValue>, field: Option<&Field>) -> bool {
    match value {
        Some(ExampleValue::Cleared) => true,
        None | Some(ExampleValue::Absent) => field.is_some_and(|field| field.presence == Presence::Nil),
        Some(_) => false,
    }
}
