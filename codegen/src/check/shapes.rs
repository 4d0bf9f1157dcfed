//! Shapes: each can be read back after writing.
//!
//! Rules that depend on the fields of another data type are in `types`, because they need all types.

use std::collections::BTreeMap;

use super::context::{Context, TypeUse};
use super::fields::{FieldTable, may_be_empty, reject_member, suffix_span, type_span};
use crate::model::{Attribute, Content, Element, Hole, Presence, ValueKind};
use crate::source::Span;
use crate::syntax::{self, AttributeValue};

/// The position of an element in a document. It determines when the element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementPosition {
    /// The root of a data type: always written.
    TypeRoot,
    /// The root of a document without an envelope: always written.
    DocumentRoot,
    /// An inner element: omitted if it has holes and all of them are absent.
    Inner,
}

/// Checks shapes, and converts them from syntax to the model.
pub(super) struct ShapeChecker<'c, 's> {
    pub(super) cx: &'c mut Context<'s>,
    pub(super) fields: &'c mut FieldTable,
    /// `true` for an `<also>`: it is never written, and its holes have no types.
    pub(super) is_read_only: bool,
}

impl ShapeChecker<'_, '_> {
    /// Checks an element with its content.
    pub(super) fn check_element(&mut self, element: &syntax::Element, position: ElementPosition) -> Element {
        let mut attributes = Vec::new();
        for attribute in &element.attributes {
            attributes.extend(self.check_attribute(attribute));
        }
        let content = match &element.content {
            syntax::Content::Empty => Content::Empty,
            syntax::Content::Malformed => {
                self.fields.is_complete = false;
                Content::Empty
            }
            syntax::Content::Hole(hole) => self.check_content_hole(element, hole, position),
            syntax::Content::Elements(elements) => {
                Content::Elements(self.check_elements(elements, ElementPosition::Inner))
            }
        };
        Element { name: element.name.text.clone(), attributes, content }
    }

    /// Checks sibling elements with their content, and reports duplicate names.
    pub(super) fn check_elements(&mut self, elements: &[syntax::Element], position: ElementPosition) -> Vec<Element> {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for element in elements {
            let name = element.name.text.as_str();
            if let Some(first) = seen.get(name) {
                let line = self.cx.line(*first);
                self.cx.error(element.name.span, format!("duplicate sibling `<{name}>`")).help(format!(
                    "the first is at {line}; for an element that repeats, write it once with `*` in its hole"
                ));
            } else {
                seen.insert(name, element.name.span);
            }
        }
        elements.iter().map(|element| self.check_element(element, position)).collect()
    }

    /// Checks an attribute. Returns `None` if its value is malformed or refers to an unknown field.
    fn check_attribute(&mut self, attribute: &syntax::Attribute) -> Option<Attribute> {
        let name = attribute.name.text.clone();
        if name == "nil" {
            self.cx
                .error(attribute.name.span, "`nil` cannot be an attribute of a shape")
                .help("for an element that may be marked as having no value, write `{name: T or nil}`");
        }
        match &attribute.value {
            AttributeValue::Literal(value) => Some(Attribute::Literal { name, value: value.clone() }),
            AttributeValue::Malformed => {
                self.fields.is_complete = false;
                None
            }
            AttributeValue::Hole(hole) => {
                let index = self.resolve_hole(hole)?;
                self.check_attribute_hole(index, hole);
                Some(Attribute::Hole { name, hole: self.make_hole(index) })
            }
        }
    }

    /// Reports a field that an attribute cannot have.
    fn check_attribute_hole(&mut self, index: usize, hole: &syntax::Hole) {
        let Some(field) = self.fields.get(index) else { return };
        if let ValueKind::Data(_) = field.kind {
            self.cx
                .error(type_span(hole), "an attribute cannot have a data type")
                .help("a data type is the attributes and the content of an element");
        } else if field.presence.is_many() {
            self.cx
                .error(suffix_span(hole), "an attribute cannot repeat")
                .help("write `words(T)` for several values in one attribute");
        } else if field.presence.allows_nil() {
            self.cx
                .error(suffix_span(hole), "an attribute cannot be `nil`")
                .help("write `?` to leave the attribute out when its value is absent");
        }
    }

    /// Checks a hole that is the content of an element, and records the use of a data type.
    fn check_content_hole(
        &mut self,
        element: &syntax::Element,
        hole: &syntax::Hole,
        position: ElementPosition,
    ) -> Content {
        let Some(index) = self.resolve_hole(hole) else { return Content::Empty };
        let Some((kind, presence)) = self.fields.get(index).map(|field| (field.kind.clone(), field.presence)) else {
            return Content::Empty;
        };
        let is_literal = |attribute: &&syntax::Attribute| matches!(attribute.value, AttributeValue::Literal(_));
        // A malformed attribute may have a hole, so it is treated as one.
        match element.attributes.iter().find(|attribute| !is_literal(attribute)) {
            Some(attribute) => self.check_content_beside_attribute_hole(attribute.name.span, &kind, presence, hole),
            None => self.check_root(position, &kind, presence, hole),
        }
        if let ValueKind::Data(target) = kind {
            let literals = element.attributes.iter().filter(is_literal);
            self.cx.type_uses.push(TypeUse {
                owner: self.fields.owner,
                target,
                presence,
                span: type_span(hole),
                literals: literals.map(|attribute| attribute.name.clone()).collect(),
            });
        }
        Content::Hole(self.make_hole(index))
    }

    /// Reports content that an element cannot have if one of its attributes has a hole. `attribute` is the position of
    /// that attribute.
    fn check_content_beside_attribute_hole(
        &mut self,
        attribute: Span,
        kind: &ValueKind,
        presence: Presence,
        hole: &syntax::Hole,
    ) {
        if let ValueKind::Data(_) = kind {
            self.cx
                .error(attribute, "an attribute beside a data type cannot have a hole")
                .help("the attributes of this element belong to the type: move the hole into the type's shape");
        } else if presence.is_many() {
            self.cx
                .error(attribute, "an attribute of an element that repeats cannot have a hole")
                .help("declare a `<type>` for the element, and repeat that");
        } else if presence.allows_nil() {
            self.cx
                .error(attribute, "an attribute of an element that may be `nil` cannot have a hole")
                .help("such an element has no attribute besides `nil=\"true\"`");
        } else if presence == Presence::Optional && may_be_empty(kind) && !self.is_read_only {
            self.report_ambiguous_absence(hole, false);
        }
    }

    /// Reports content that a root cannot have. A root is always written.
    fn check_root(&mut self, position: ElementPosition, kind: &ValueKind, presence: Presence, hole: &syntax::Hole) {
        if position == ElementPosition::Inner {
            return;
        }
        if presence.is_many() {
            self.cx
                .error(suffix_span(hole), "the root of a document cannot repeat")
                .help("put an element around it, or repeat the type where it is used");
        } else if presence == Presence::Change && position == ElementPosition::DocumentRoot {
            self.cx
                .error(suffix_span(hole), "the root of a document cannot be left out")
                .help("put an element around it: an omitted element leaves the value unchanged");
        } else if presence.allows_nil() && position == ElementPosition::TypeRoot {
            self.cx
                .error(suffix_span(hole), "the root of a type cannot be `nil`")
                .help("write `or nil` where the type is used");
        } else if presence == Presence::Optional && may_be_empty(kind) && !self.is_read_only {
            self.report_ambiguous_absence(hole, position == ElementPosition::DocumentRoot);
        }
    }

    /// Reports an optional value in an element that is written even if the value is absent. If `allow_nil` is set,
    /// suggests `or nil` too.
    fn report_ambiguous_absence(&mut self, hole: &syntax::Hole, allow_nil: bool) {
        let name = hole.hole_type.as_ref().map_or("string".to_owned(), |hole_type| match &hole_type.item {
            Some(item) => format!("{}({})", hole_type.name.text, item.text),
            None => hole_type.name.text.clone(),
        });
        let or_nil = if allow_nil { format!(", or `{name} or nil`") } else { String::new() };
        let message = "an absent value would be written as an empty element, which reads back as an empty value";
        self.cx
            .error(suffix_span(hole), message)
            .help(format!("drop the `?`: write `{name}`, which may be empty{or_nil}"));
    }

    /// Returns the index of a hole's field. Returns `None` if the hole refers to an unknown field.
    fn resolve_hole(&mut self, hole: &syntax::Hole) -> Option<usize> {
        reject_member(self.cx, hole);
        if !self.is_read_only {
            return self.fields.resolve_hole(self.cx, hole);
        }
        if let Some(hole_type) = &hole.hole_type {
            self.cx
                .error(hole_type.name.span, "a hole in `<also>` cannot have a type")
                .help(format!("write `{{{}}}`: it refers to a field of the shape", hole.name.text));
        }
        self.fields.refer(self.cx, hole)
    }

    /// Makes the hole for the latest position of a field, so its rank is the highest so far.
    fn make_hole(&self, index: usize) -> Hole {
        let positions = self.fields.get(index).map_or(1, |field| field.positions);
        Hole { field: index, rank: positions.saturating_sub(1) }
    }
}
