//! Requests: a server can also read each of them from a body that is not XML.
//!
//! Servers read requests as a tree of names and values. In this tree, attributes and elements are the same, and `-`
//! equals `_`.

use std::collections::BTreeMap;

use super::context::Context;
use crate::model::{Field, ValueKind};
use crate::names::normalize_name;
use crate::syntax::{AttributeValue, Content, Element, Text};

/// Checks sibling elements with their content: names are distinct, and every value has a name. `fields` are those
/// of their holes.
pub(super) fn check_elements(cx: &mut Context<'_>, elements: &[Element], fields: &[Field]) {
    reject_equal_names(cx, elements.iter().map(|element| &element.name));
    for element in elements {
        check_element(cx, element, fields);
    }
}

/// Checks an element with its content: names are distinct, and every value has a name.
pub(super) fn check_element(cx: &mut Context<'_>, element: &Element, fields: &[Field]) {
    match &element.content {
        Content::Elements(children) => {
            let attributes = element.attributes.iter().map(|attribute| &attribute.name);
            reject_equal_names(cx, attributes.chain(children.iter().map(|child| &child.name)));
            children.iter().for_each(|child| check_element(cx, child, fields));
        }
        Content::Hole(hole) => {
            let is_text =
                fields.iter().any(|field| field.name == hole.name.text && matches!(field.kind, ValueKind::Scalar(_)));
            let mut attributes = element.attributes.iter();
            if is_text
                && let Some(beside) = attributes.find(|attribute| matches!(attribute.value, AttributeValue::Hole(_)))
            {
                let message = "text beside an attribute has no name, so it cannot be sent in a request without XML";
                cx.error(hole.span, message).help(format!(
                    "`{}` is a value of its own: move this hole into an element, as in `<{1}>{{{1}: …}}</{1}>`",
                    beside.name.text, hole.name.text
                ));
            }
        }
        Content::Empty | Content::Malformed => {}
    }
}

/// Reports names that are equal when `-` equals `_`.
fn reject_equal_names<'n>(cx: &mut Context<'_>, names: impl Iterator<Item = &'n Text>) {
    let mut seen: BTreeMap<String, &Text> = BTreeMap::new();
    for name in names {
        match seen.get(&normalize_name(&name.text)) {
            // Duplicate elements have been reported already.
            Some(first) if first.text == name.text && cx.sink.iter().any(|reported| reported.span == name.span) => {}
            Some(first) => {
                let line = cx.line(first.span);
                let message = format!("`{}` and `{}` are the same name in a request", first.text, name.text);
                cx.error(name.span, message).help(format!(
                    "the first is at {line}; attributes and elements share one namespace, and `-` equals `_`"
                ));
            }
            None => {
                seen.insert(normalize_name(&name.text), name);
            }
        }
    }
}
