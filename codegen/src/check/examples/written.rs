//! Values to elements, and the comparison with what the example has.

use std::ops::Range;

use roxmltree::Node;

use super::{Expected, children, name_range, text, text_range, value_range};
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{Api, Attribute, Content, Element, ExampleValue, Field, Presence, Xml};

/// What would be written for these values.
pub(super) fn elements(api: &Api, expected: Expected<'_>, values: &[ExampleValue]) -> Vec<Xml> {
    let writer = Writer { api, fields: expected.fields, values };
    let mut written = Vec::new();
    for element in expected.shape {
        writer.element(element, expected.root, &mut written);
    }
    written
}

struct Writer<'a> {
    api: &'a Api,
    fields: &'a [Field],
    values: &'a [ExampleValue],
}

/// Whether the holes of an element have values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holes {
    None,
    Absent,
    Present,
}

impl Writer<'_> {
    /// Writes an element, unless it has holes and all of them are absent.
    fn element(&self, element: &Element, always: bool, out: &mut Vec<Xml>) -> Holes {
        if let Content::Hole(hole) = &element.content
            && let (Some(ExampleValue::Many(members)), Some(field)) =
                (self.values.get(hole.field), self.fields.get(hole.field))
        {
            out.extend(members.iter().map(|value| self.around(element, value)));
            let absent = members.is_empty() && field.presence == Presence::ManyOrAbsent;
            return if absent { Holes::Absent } else { Holes::Present };
        }
        let (xml, holes) = self.one(element);
        if always || holes != Holes::Absent {
            out.push(xml);
        }
        holes
    }

    /// An element and its value, for a hole that repeats or holds a data type.
    fn around(&self, element: &Element, value: &ExampleValue) -> Xml {
        let mut xml = self.attributes(element).0;
        match value {
            ExampleValue::Text(text) => text.clone_into(&mut xml.text),
            ExampleValue::Data(kind, values) => {
                if let Some(data) = self.api.types.get(kind.0) {
                    let inner = Writer { api: self.api, fields: &data.fields, values }.one(&data.shape).0;
                    xml.attributes.extend(inner.attributes);
                    (xml.children, xml.text) = (inner.children, inner.text);
                }
            }
            ExampleValue::Absent | ExampleValue::Many(_) => {}
        }
        xml
    }

    fn one(&self, element: &Element) -> (Xml, Holes) {
        let (mut xml, mut holes) = self.attributes(element);
        match &element.content {
            Content::Empty => {}
            Content::Elements(elements) => {
                for child in elements {
                    holes = holes.max(self.element(child, false, &mut xml.children));
                }
            }
            Content::Hole(hole) => match self.values.get(hole.field) {
                None | Some(ExampleValue::Absent) if self.is_nil(hole.field) => {
                    xml.attributes = vec![("nil".to_owned(), "true".to_owned())];
                    holes = Holes::Present;
                }
                None | Some(ExampleValue::Absent) => holes = holes.max(Holes::Absent),
                Some(value) => (xml, holes) = (self.around(element, value), Holes::Present),
            },
        }
        (xml, holes)
    }

    fn attributes(&self, element: &Element) -> (Xml, Holes) {
        let mut xml =
            Xml { name: element.name.clone(), attributes: Vec::new(), children: Vec::new(), text: String::new() };
        let mut holes = Holes::None;
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => xml.attributes.push((name.clone(), value.clone())),
                Attribute::Hole { name, hole } => {
                    holes = holes.max(Holes::Absent);
                    if let Some(ExampleValue::Text(text)) = self.values.get(hole.field) {
                        xml.attributes.push((name.clone(), text.clone()));
                        holes = Holes::Present;
                    }
                }
            }
        }
        (xml, holes)
    }

    fn is_nil(&self, field: usize) -> bool {
        self.fields.get(field).is_some_and(|field| field.presence == Presence::Nil)
    }
}

/// Says where an example differs from what would be written.
pub(super) struct Comparison<'r, 'd> {
    pub(super) report: &'r mut Report<'d>,
}

impl Comparison<'_, '_> {
    /// Compares neighbours, up to the first that differ in name: what follows is a consequence.
    pub(super) fn elements(&mut self, written: &[Xml], nodes: &[Node<'_, '_>], at: Range<usize>) {
        let mut nodes = nodes.iter();
        for (index, xml) in written.iter().enumerate() {
            let rest = nodes.as_slice();
            match nodes.next() {
                Some(node) if node.has_tag_name(xml.name.as_str()) => self.element(xml, *node),
                Some(node) => {
                    let later = written.get(index..).unwrap_or_default();
                    return self.differs(xml, later, *node, rest);
                }
                None => return self.lacks(xml, at),
            }
        }
        if let Some(node) = nodes.next() {
            self.superfluous(*node);
        }
    }

    /// `node` stands where `xml` would be written; `later` and `rest` are these and those after them.
    fn differs(&mut self, xml: &Xml, later: &[Xml], node: Node<'_, '_>, rest: &[Node<'_, '_>]) {
        let name = node.tag_name().name();
        if !later.iter().any(|later| later.name == name) {
            self.superfluous(node);
        } else if rest.iter().any(|node| node.has_tag_name(xml.name.as_str())) {
            self.error(name_range(node), format!("`<{}>` is written before `<{name}>`", xml.name));
        } else {
            self.lacks(xml, name_range(node));
        }
    }

    fn element(&mut self, xml: &Xml, node: Node<'_, '_>) {
        self.attributes(xml, node);
        let children = children(node);
        if xml.children.is_empty() && children.is_empty() {
            let text = text(node);
            // Beside elements, were there any, white space is nothing.
            if text != xml.text && !(xml.text.is_empty() && text.trim().is_empty()) {
                self.error(text_range(node), format!("this is written as `{}`", xml.text));
            }
        } else {
            self.elements(&xml.children, &children, name_range(node));
        }
    }

    fn attributes(&mut self, xml: &Xml, node: Node<'_, '_>) {
        for (name, value) in &xml.attributes {
            match node.attribute_node(name.as_str()) {
                Some(attribute) if attribute.value() == value => {}
                Some(attribute) => {
                    self.error(value_range(attribute), format!("this is written as `{value}`"));
                }
                None => {
                    self.error(name_range(node), format!("`{name}=\"{value}\"` is written here")).label("not there");
                }
            }
        }
        for attribute in node.attributes() {
            if !xml.attributes.iter().any(|(name, _)| name == attribute.name()) {
                self.error(attribute.range(), format!("`{}` is not written here", attribute.name()));
            }
        }
    }

    fn superfluous(&mut self, node: Node<'_, '_>) {
        self.error(name_range(node), format!("`<{}>` is not written here", node.tag_name().name()));
    }

    fn lacks(&mut self, xml: &Xml, at: Range<usize>) {
        self.error(at, format!("`<{}>` is written here", xml.name)).label("not there");
    }

    fn error(&mut self, range: Range<usize>, message: String) -> &mut Diagnostic {
        self.report.error(range, message).help("an example that is only read is marked `written=\"no\"`")
    }
}
