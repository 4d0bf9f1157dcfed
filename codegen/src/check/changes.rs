//! Changes, `{name: T? or nil}`: only requests have them, because a value in a response is either present or absent.

use super::context::Context;
use crate::model::Presence;
use crate::syntax::{Content, Element};

/// Reports changes in elements that a response contains.
pub(super) fn reject_changes(cx: &mut Context<'_>, elements: &[Element]) {
    for element in elements {
        match &element.content {
            Content::Hole(hole) => {
                // A mistake in the suffix itself has been reported.
                if let Some(hole_type) = &hole.hole_type
                    && hole_type.presence == Presence::Change
                    && !cx.sink.iter().any(|reported| reported.span == hole_type.suffix)
                {
                    cx.error(hole_type.suffix, "a value in a response cannot be `? or nil`").help(format!(
                        "write `{0}?` or `{0} or nil`; if requests have this type too, declare another one for them",
                        hole_type.name.text
                    ));
                }
            }
            Content::Elements(children) => reject_changes(cx, children),
            // An attribute with such a hole has been reported.
            Content::Empty | Content::Malformed => {}
        }
    }
}
