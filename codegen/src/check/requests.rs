//! Requests: that they also have a form without XML.
//!
//! Servers read requests as names and values, in which attributes and elements are the same, and `-` is `_`.

use std::collections::BTreeMap;

use super::context::Context;
use crate::model::{Field, Kind};
use crate::parse::syntax::{AttributeValue, Content, Element, Text};

/// Checks elements beside each other, with all in them. `fields` are those of their holes.
pub(super) fn elements(cx: &mut Context<'_>, elements: &[Element], fields: &[Field]) {
    clashes(cx, elements.iter().map(|element| &element.name));
    for element in elements {
        self::element(cx, element, fields);
    }
}

/// Checks an element with all in it.
pub(super) fn element(cx: &mut Context<'_>, element: &Element, fields: &[Field]) {
    let attributes = element.attributes.iter().map(|attribute| &attribute.name);
    match &element.content {
        Content::Elements(children) => {
            clashes(cx, attributes.chain(children.iter().map(|child| &child.name)));
            children.iter().for_each(|child| self::element(cx, child, fields));
        }
        Content::Hole(hole) => {
            let is_text =
                fields.iter().any(|field| field.name == hole.name.text && matches!(field.kind, Kind::Scalar(_)));
            let beside = element.attributes.iter().find(|attribute| matches!(attribute.value, AttributeValue::Hole(_)));
            if let Some(beside) = beside.filter(|_| is_text) {
                cx.error(hole.span, "text beside an attribute has no name in a request").help(format!(
                    "`{}` is a value of its own: put this hole into an element, as in `<{1}>{{{1}: …}}</{1}>`",
                    beside.name.text, hole.name.text
                ));
            }
        }
        Content::Empty | Content::Broken => {}
    }
}

fn clashes<'n>(cx: &mut Context<'_>, names: impl Iterator<Item = &'n Text>) {
    let mut seen: BTreeMap<String, &Text> = BTreeMap::new();
    for name in names {
        match seen.get(&name.text.replace('-', "_")) {
            // Elements of the same name have been reported as such.
            Some(first) if first.text == name.text && cx.found.iter().any(|found| found.span == name.span) => {}
            Some(first) => {
                let line = cx.line(first.span);
                let message = format!("`{}` and `{}` are the same name in a request", first.text, name.text);
                cx.error(name.span, message)
                    .help(format!("the first is at {line}; attributes and elements are one namespace, and `-` is `_`"));
            }
            None => drop(seen.insert(name.text.replace('-', "_"), name)),
        }
    }
}
