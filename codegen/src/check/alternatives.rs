//! Alternative shapes: an `<also>` reads its values from positions that no earlier shape of the type has.
//!
//! A reader reads all shapes of a type in one pass, so a position in the document belongs to one field. For example,
//! this type is rejected, because `@id` would be both `id` and `number`:
//!
//! ```xml
//! <book id="{id: integer}"><number>{number: integer}</number></book>
//! <also><book id="{number}"/></also>
//! ```

use std::collections::BTreeMap;

use super::context::Context;
use crate::model::{DataType, Field, ValueKind};
use crate::names::normalize_name;
use crate::syntax::{self, AttributeValue, Content, Element, Hole};

/// Checks the shapes of a data type against each other.
pub(super) fn check_alternatives<'s>(cx: &mut Context<'s>, syntax: &'s syntax::DataType, data_type: &DataType) {
    let Some(shape) = &syntax.shape else { return };
    if syntax.also.is_empty() {
        return;
    }
    let mut checker =
        AlternativeChecker { cx, fields: &data_type.fields, in_requests: data_type.in_requests, seen: BTreeMap::new() };
    for element in std::iter::once(shape).chain(&syntax.also) {
        checker.check_element(element, "");
    }
}

/// An attribute or an element of the earlier shapes, merged from all of them.
#[derive(Default)]
struct SeenPart<'s> {
    /// The hole that is the value of the attribute, or the content of the element.
    hole: Option<&'s Hole>,
    /// `true` if the element contains elements, or attributes with holes.
    has_parts: bool,
}

/// Compares each part of a shape with the parts of the shapes before it.
struct AlternativeChecker<'c, 's> {
    cx: &'c mut Context<'s>,
    fields: &'c [Field],
    /// `true` if a request can contain the type. Attributes and elements are the same there, and `-` equals `_`.
    in_requests: bool,
    /// The parts of the shapes so far, by their paths below the root: `@id`, `place/row`.
    seen: BTreeMap<String, SeenPart<'s>>,
}

impl<'s> AlternativeChecker<'_, 's> {
    /// Checks an element and everything in it. `path` is the path of the element.
    fn check_element(&mut self, element: &'s Element, path: &str) {
        let path_to = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let mut has_parts = false;
        for attribute in &element.attributes {
            if let AttributeValue::Hole(hole) = &attribute.value {
                has_parts = true;
                self.check_hole(hole, path_to(&format!("@{}", attribute.name.text)));
            }
        }
        match &element.content {
            Content::Hole(hole) => self.check_hole(hole, path.to_owned()),
            Content::Elements(children) => {
                has_parts = true;
                children.iter().for_each(|child| self.check_element(child, &path_to(&child.name.text)));
            }
            Content::Empty | Content::Malformed => {}
        }
        self.check_parts(element, path, has_parts);
    }

    /// Reports a hole at a position that another hole has. In requests, an attribute and an element of the same name
    /// have the same position.
    fn check_hole(&mut self, hole: &'s Hole, path: String) {
        let first = self.seen.get(&path).and_then(|part| part.hole);
        let first = first.or_else(|| self.find_same_in_requests(hole, &path));
        if let Some(first) = first {
            let line = self.cx.line(first.span);
            let (name, first_name) = (&hole.name.text, &first.name.text);
            if name == first_name {
                self.cx
                    .error(hole.span, format!("duplicate position of `{name}`"))
                    .help(format!("the first is at {line}: remove this one"));
            } else {
                self.cx
                    .error(hole.span, format!("`{name}` and `{first_name}` have the same position"))
                    .help(format!("`{first_name}` is at {line}; a position has one value"));
            }
            return;
        }
        self.seen.entry(path).or_default().hole = Some(hole);
    }

    /// Finds a hole of another field that requests cannot tell apart from this one, such as one at `@page-id` if this
    /// one is at `page_id`.
    fn find_same_in_requests(&self, hole: &Hole, path: &str) -> Option<&'s Hole> {
        let normalize = |path: &str| normalize_name(&path.replace('@', ""));
        let is_same = |other: &str| normalize(other) == normalize(path);
        let mut others = self.seen.iter().filter(|(other, _)| self.in_requests && is_same(other));
        others.find_map(|(_, part)| part.hole.filter(|other| other.name.text != hole.name.text))
    }

    /// Reports an element that is the whole value of a field in one shape, and has holes inside in another, such as
    /// `<author>{author: Person}</author>` and `<author name="{name}"/>`.
    fn check_parts(&mut self, element: &Element, path: &str, has_parts: bool) {
        let part = self.seen.entry(path.to_owned()).or_default();
        part.has_parts |= has_parts;
        let is_whole = |field: &Field| field.presence.is_many() || matches!(field.kind, ValueKind::Data(_));
        if let Some(hole) = part.hole
            && part.has_parts
            && self.fields.iter().any(|field| field.name == hole.name.text && is_whole(field))
        {
            let line = self.cx.line(hole.span);
            self.cx
                .error(element.name.span, format!("`<{}>` is the whole value `{}`", element.name.text, hole.name.text))
                .help(format!("see {line}; in another shape of the type, it cannot have values of its own"));
        }
    }
}
