//! Resolves the replacements of legacy fields and endpoints.

use std::ops::Range;

use super::context::Context;
use crate::model::{Replacement, SectionRef};
use crate::source::Span;
use crate::syntax::Text;

/// Resolves the replacement of an endpoint: another endpoint, or `none`. `name` is the name of the endpoint that is
/// legacy. Returns `None` for an unknown replacement or a section.
pub(super) fn resolve_for_endpoint(cx: &mut Context<'_>, text: &Text, name: &Text) -> Option<Replacement> {
    let replacement = resolve_for_field(cx, text)?;
    match replacement {
        Replacement::Section(_) => {
            let help = format!("write `{}.` and the name of the endpoint after it", text.text);
            cx.secondary.error(text.span, "the replacement of an endpoint must be an endpoint").help(help);
            None
        }
        Replacement::Endpoint(section, index) => {
            let target = cx.schema.sections.get(section.0).and_then(|section| section.endpoints.get(index));
            if target.is_some_and(|target| target.name.span == name.span) {
                cx.secondary
                    .error(text.span, "an endpoint cannot replace itself")
                    .help("write `none` if it has no replacement");
            }
            Some(replacement)
        }
        Replacement::None => Some(replacement),
    }
}

/// Resolves the replacement of a field: a section, an endpoint, or `none`. Returns `None` for an unknown one.
pub(super) fn resolve_for_field(cx: &mut Context<'_>, text: &Text) -> Option<Replacement> {
    if text.text == "none" {
        return Some(Replacement::None);
    }
    let (section, endpoint) = match text.text.split_once('.') {
        Some((section, endpoint)) => (section, Some(endpoint)),
        None => (text.text.as_str(), None),
    };
    let Some(section_ref) = cx.sections.get(section).copied() else {
        if cx.schema.is_complete {
            let known: Vec<&str> = cx.sections.keys().copied().chain(["none"]).collect();
            let span = span_of_part(text, 0..section.len());
            cx.secondary.error(span, format!("unknown section `{section}`")).suggest(section, known);
        }
        return None;
    };
    match endpoint {
        Some(endpoint) => resolve_endpoint(cx, text, section_ref, endpoint),
        None => Some(Replacement::Section(section_ref)),
    }
}

/// Resolves an endpoint of a section. Reports an unknown endpoint, and one that is legacy itself.
fn resolve_endpoint(cx: &mut Context<'_>, text: &Text, section_ref: SectionRef, name: &str) -> Option<Replacement> {
    let section = cx.schema.sections.get(section_ref.0)?;
    let mut endpoints = section.endpoints.iter().enumerate();
    let Some((index, endpoint)) = endpoints.find(|(_, endpoint)| endpoint.name.text == name) else {
        let known = section.endpoints.iter().map(|endpoint| endpoint.name.text.as_str());
        let span = span_of_part(text, text.text.len() - name.len()..text.text.len());
        if cx.schema.is_complete {
            cx.secondary
                .error(span, format!("the section `{}` has no endpoint `{name}`", section.name.text))
                .suggest(name, known);
        }
        return None;
    };
    // An endpoint that replaces itself is reported by `resolve_for_endpoint`.
    if let Some(replacement) = &endpoint.legacy
        && replacement.span != text.span
    {
        let help = if replacement.text == "none" {
            "write `none` if it has no replacement".to_owned()
        } else {
            format!("write `{}`", replacement.text)
        };
        cx.secondary.error(text.span, format!("`{}` is legacy itself", text.text)).help(help);
    }
    Some(Replacement::Endpoint(section_ref, index))
}

/// Returns the span of a part of an attribute's text, or of the whole text if it contains escapes.
fn span_of_part(text: &Text, part: Range<usize>) -> Span {
    if text.span.len() != text.text.len() {
        return text.span;
    }
    Span::new(text.span.file, text.span.start + part.start..text.span.start + part.end)
}
