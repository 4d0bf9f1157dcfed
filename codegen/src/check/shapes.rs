//! Shapes: that what is written can be read back.
//!
//! What depends on the inside of another data type is checked in `types`, when all are known.

use std::collections::BTreeMap;

use super::context::{Context, Place};
use super::fields::{Fields, may_be_empty, suffix, type_span};
use crate::model::{Attribute, Content, Element, Hole, Kind, Presence};
use crate::parse::syntax;
use crate::source::Span;

/// Where an element of a shape stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// The root of a data type: always written.
    Type,
    /// The root of a document without an envelope: always written.
    Document,
    /// Elsewhere: not written if its holes are all absent.
    Inside,
}

/// Turns shapes into the model.
pub(super) struct Shapes<'c, 's> {
    pub(super) cx: &'c mut Context<'s>,
    pub(super) fields: &'c mut Fields,
    /// Whether the shape is read only: an `<also>`, whose holes have no types.
    pub(super) read_only: bool,
}

impl Shapes<'_, '_> {
    /// An element, with all in it.
    pub(super) fn element(&mut self, element: &syntax::Element, at: At) -> Element {
        let mut attributes = Vec::new();
        for attribute in &element.attributes {
            attributes.extend(self.attribute(attribute));
        }
        let content = match &element.content {
            syntax::Content::Empty => Content::Empty,
            syntax::Content::Broken => {
                self.fields.complete = false;
                Content::Empty
            }
            syntax::Content::Hole(hole) => self.content(element, hole, at),
            syntax::Content::Elements(elements) => Content::Elements(self.elements(elements, At::Inside)),
        };
        Element { name: element.name.text.clone(), attributes, content }
    }

    /// Elements beside each other.
    pub(super) fn elements(&mut self, elements: &[syntax::Element], at: At) -> Vec<Element> {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for element in elements {
            let name = element.name.text.as_str();
            if let Some(first) = seen.insert(name, element.name.span) {
                let line = self.cx.line(first);
                self.cx.error(element.name.span, format!("there is a second `<{name}>` beside this one")).help(
                    format!(
                        "the first is at {line}; in reading only that would be seen. `*` in a hole repeats its element"
                    ),
                );
            }
        }
        elements.iter().map(|element| self.element(element, at)).collect()
    }

    fn attribute(&mut self, attribute: &syntax::Attribute) -> Option<Attribute> {
        let name = attribute.name.text.clone();
        if name == "nil" {
            self.cx
                .error(attribute.name.span, "`nil` cannot be an attribute of a shape")
                .help("it says that an element has no value: write `{name: T or nil}`");
        }
        match &attribute.value {
            syntax::AttributeValue::Literal(value) => Some(Attribute::Literal { name, value: value.clone() }),
            syntax::AttributeValue::Broken => {
                self.fields.complete = false;
                None
            }
            syntax::AttributeValue::Hole(hole) => {
                let index = self.place(hole)?;
                self.check_attribute(index, hole);
                Some(Attribute::Hole { name, hole: self.hole(index) })
            }
        }
    }

    fn check_attribute(&mut self, index: usize, hole: &syntax::Hole) {
        let Some(field) = self.fields.list.get(index) else { return };
        if let Kind::Data(_) = field.kind {
            self.cx
                .error(type_span(hole), "a type cannot stand in an attribute")
                .help("it is the attributes and the content of an element");
        } else if field.presence.is_many() {
            self.cx
                .error(suffix(hole), "an attribute cannot repeat")
                .help("`words(T)` holds several values in one text");
        } else if field.presence == Presence::Nil {
            self.cx
                .error(suffix(hole), "an attribute cannot be `nil`")
                .help("write `?`: the attribute is left out then");
        }
    }

    /// The hole that is the content of an element.
    fn content(&mut self, element: &syntax::Element, hole: &syntax::Hole, at: At) -> Content {
        let Some(index) = self.place(hole) else { return Content::Empty };
        let Some((kind, presence)) = self.fields.list.get(index).map(|field| (field.kind.clone(), field.presence))
        else {
            return Content::Empty;
        };
        let beside =
            element.attributes.iter().find(|attribute| !matches!(attribute.value, syntax::AttributeValue::Literal(_)));
        if let Some(beside) = beside.map(|attribute| attribute.name.span) {
            self.check_beside(beside, &kind, presence, hole);
        } else {
            self.check_root(at, &kind, presence, hole);
        }
        if let Kind::Data(target) = kind {
            let literals = element
                .attributes
                .iter()
                .filter(|attribute| matches!(attribute.value, syntax::AttributeValue::Literal(_)));
            self.cx.places.push(Place {
                owner: self.fields.owner,
                target,
                presence,
                span: type_span(hole),
                literals: literals.map(|attribute| attribute.name.clone()).collect(),
            });
        }
        Content::Hole(self.hole(index))
    }

    /// What an element cannot hold that has a hole in an attribute.
    fn check_beside(&mut self, beside: Span, kind: &Kind, presence: Presence, hole: &syntax::Hole) {
        if let Kind::Data(_) = kind {
            self.cx
                .error(beside, "a hole cannot stand beside a type")
                .help("the attributes of this element are the type's: put this hole into its shape");
        } else if presence.is_many() {
            self.cx
                .error(beside, "a hole cannot stand in an element that repeats")
                .help("make the element a `<type>`, and repeat that");
        } else if presence == Presence::Nil {
            self.cx
                .error(beside, "a hole cannot stand in an element that may be `nil`")
                .help("such an element has no other attribute than `nil=\"true\"`");
        } else if presence == Presence::Optional && may_be_empty(kind) && !self.read_only {
            self.stays(hole, false);
        }
    }

    /// What an element cannot hold that is always written.
    fn check_root(&mut self, at: At, kind: &Kind, presence: Presence, hole: &syntax::Hole) {
        if at == At::Inside {
            return;
        }
        if presence.is_many() {
            self.cx
                .error(suffix(hole), "the root of a document cannot repeat")
                .help("put an element around it, or repeat the type where it is used");
        } else if presence == Presence::Nil && at == At::Type {
            self.cx
                .error(suffix(hole), "the root of a type cannot be `nil`")
                .help("write `or nil` where the type is used");
        } else if presence == Presence::Optional && may_be_empty(kind) && !self.read_only {
            self.stays(hole, at == At::Document);
        }
    }

    fn stays(&mut self, hole: &syntax::Hole, nil: bool) {
        let name = hole.kind.as_ref().map_or("string".to_owned(), |kind| match &kind.of {
            Some(of) => format!("{}({})", kind.name.text, of.text),
            None => kind.name.text.clone(),
        });
        let or_nil = if nil { format!(", or `{name} or nil`") } else { String::new() };
        self.cx
            .error(suffix(hole), "this value cannot be absent: its element stays, and an empty one reads as a value")
            .help(format!("write `{name}`, which may be empty{or_nil}"));
    }

    /// The field of a hole.
    fn place(&mut self, hole: &syntax::Hole) -> Option<usize> {
        if let Some(member) = &hole.member {
            self.cx
                .error(member.span, "a name with a `.` can only stand in a location")
                .help("a field has a plain name");
        }
        if !self.read_only {
            return self.fields.place(self.cx, hole);
        }
        if let Some(kind) = &hole.kind {
            self.cx
                .error(kind.name.span, "a hole in `<also>` has no type")
                .help(format!("write `{{{}}}`: it is another place for a field of the shape", hole.name.text));
        }
        self.fields.again(self.cx, hole)
    }

    /// The hole of a field at its last place.
    fn hole(&self, index: usize) -> Hole {
        let places = self.fields.list.get(index).map_or(1, |field| field.places);
        Hole { field: index, rank: places.saturating_sub(1) }
    }
}
