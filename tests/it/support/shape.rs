//! Values to documents, by the rules of the schema language: what should be written, said a second time and in
//! another way than the generator says it.

use xmlwire_codegen::model::{Api, Attribute, Content, Element, Field, Hole, Presence, TypeRef, Xml};

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not there, or nil.
    Absent,
    /// A scalar, as its text on the wire.
    Text(String),
    /// A data type, field by field.
    Data(TypeRef, Vec<Value>),
    /// Values that repeat.
    Many(Vec<Value>),
    /// A data type, as an element that somebody else wrote. Its name does not matter.
    Raw(Xml),
}

/// Whether an element has anything to be written for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holes {
    /// It has no holes: it is always written.
    None,
    /// All of its holes are absent: it is not written.
    Absent,
    /// There is a value.
    Present,
}

/// Writes the elements of a payload. Outside an envelope, the root is always written.
pub fn payload(api: &Api, fields: &[Field], values: &[Value], elements: &[Element], envelope: bool) -> Vec<Xml> {
    let writer = Shape { api, fields, values };
    let mut written = Vec::new();
    for element in elements {
        writer.element(element, !envelope, &mut written);
    }
    written
}

/// Writes the root of a type's shape.
pub fn root(api: &Api, data: TypeRef, values: &[Value]) -> Xml {
    let data = &api.types[data.0];
    Shape { api, fields: &data.fields, values }.one(&data.shape).0
}

struct Shape<'a> {
    api: &'a Api,
    fields: &'a [Field],
    values: &'a [Value],
}

impl Shape<'_> {
    fn element(&self, element: &Element, always: bool, out: &mut Vec<Xml>) -> Holes {
        if let Some(hole) = content(element)
            && let Value::Many(values) = &self.values[hole.field]
        {
            out.extend(values.iter().map(|value| self.around(element, value)));
            let absent = values.is_empty() && self.fields[hole.field].presence == Presence::ManyOrAbsent;
            return if absent { Holes::Absent } else { Holes::Present };
        }
        let (xml, holes) = self.one(element);
        if always || holes != Holes::Absent {
            out.push(xml);
        }
        holes
    }

    fn one(&self, element: &Element) -> (Xml, Holes) {
        let (mut xml, mut holes) = self.start(element);
        match &element.content {
            Content::Empty => {}
            Content::Elements(elements) => {
                for child in elements {
                    holes = holes.max(self.element(child, false, &mut xml.children));
                }
            }
            Content::Hole(hole) => match &self.values[hole.field] {
                Value::Absent if self.fields[hole.field].presence == Presence::Nil => {
                    xml.attributes = vec![("nil".to_owned(), "true".to_owned())];
                    holes = Holes::Present;
                }
                Value::Absent => holes = holes.max(Holes::Absent),
                value => (xml, holes) = (self.around(element, value), Holes::Present),
            },
        }
        (xml, holes)
    }

    fn start(&self, element: &Element) -> (Xml, Holes) {
        let mut xml = Xml { name: element.name.clone(), attributes: vec![], children: vec![], text: String::new() };
        let mut holes = Holes::None;
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => xml.attributes.push((name.clone(), value.clone())),
                Attribute::Hole { name, hole } => match &self.values[hole.field] {
                    Value::Text(text) => {
                        xml.attributes.push((name.clone(), text.clone()));
                        holes = Holes::Present;
                    }
                    _ => holes = holes.max(Holes::Absent),
                },
            }
        }
        (xml, holes)
    }

    /// An element with a value as its content.
    fn around(&self, element: &Element, value: &Value) -> Xml {
        let mut xml = self.start(element).0;
        let inner = match value {
            Value::Text(text) => {
                xml.text.clone_from(text);
                return xml;
            }
            Value::Data(data, values) => root(self.api, *data, values),
            Value::Raw(raw) => raw.clone(),
            Value::Absent | Value::Many(_) => return xml,
        };
        xml.attributes.extend(inner.attributes);
        Xml { children: inner.children, text: inner.text, ..xml }
    }
}

fn content(element: &Element) -> Option<&Hole> {
    match &element.content {
        Content::Hole(hole) => Some(hole),
        _ => None,
    }
}
