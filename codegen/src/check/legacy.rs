//! What legacy things are replaced by.

use super::context::Context;
use crate::diagnostic::Errors;
use crate::model::{Legacy, SectionRef};
use crate::parse::syntax::Text;
use crate::source::Span;

/// The replacement of an endpoint: another endpoint, or `none`.
pub(super) fn of_endpoint(cx: &mut Context<'_>, text: &Text, name: &Text) -> Option<Legacy> {
    let found = of_field(cx, text)?;
    match found {
        Legacy::Section(_) => {
            let help = format!("write `{}.` and the endpoint's name after it", text.text);
            cx.late.error(text.span, "an endpoint is replaced by an endpoint").help(help);
            None
        }
        Legacy::Endpoint(section, index) => {
            let target = cx.input.sections.get(section.0).and_then(|(_, section)| section.endpoints.get(index));
            if target.is_some_and(|target| target.name.span == name.span) {
                cx.late
                    .error(text.span, "an endpoint cannot be replaced by itself")
                    .help("write `none` if nothing replaces it");
            }
            Some(found)
        }
        Legacy::None => Some(found),
    }
}

/// The replacement of a field: a section, an endpoint, or `none`.
pub(super) fn of_field(cx: &mut Context<'_>, text: &Text) -> Option<Legacy> {
    if text.text == "none" {
        return Some(Legacy::None);
    }
    let (section, endpoint) = match text.text.split_once('.') {
        Some((section, endpoint)) => (section, Some(endpoint)),
        None => (text.text.as_str(), None),
    };
    let Some(found) = cx.sections.get(section).copied() else {
        if cx.input.whole {
            let known: Vec<&str> = cx.sections.keys().copied().chain(["none"]).collect();
            let span = part(text, 0, section.len());
            cx.late.error(span, format!("there is no section `{section}`")).suggest(section, known);
        }
        return None;
    };
    match endpoint {
        Some(endpoint) => target(cx, text, found, endpoint),
        None => Some(Legacy::Section(found)),
    }
}

fn target(cx: &mut Context<'_>, text: &Text, section: SectionRef, name: &str) -> Option<Legacy> {
    let (_, syntax) = cx.input.sections.get(section.0)?;
    let Some(index) = syntax.endpoints.iter().position(|endpoint| endpoint.name.text == name) else {
        let known = syntax.endpoints.iter().map(|endpoint| endpoint.name.text.as_str());
        let span = part(text, text.text.len() - name.len(), name.len());
        cx.late
            .error(span, format!("there is no endpoint `{name}` in the section `{}`", syntax.name.text))
            .suggest(name, known);
        return None;
    };
    let further = syntax
        .endpoints
        .get(index)
        .and_then(|endpoint| endpoint.legacy.as_ref())
        .filter(|further| further.span != text.span);
    if let Some(further) = further {
        let error = cx.late.error(text.span, format!("`{}` is legacy itself", text.text));
        let better = if further.text == "none" {
            "write `none` if nothing replaces it".to_owned()
        } else {
            format!("write `{}`", further.text)
        };
        error.help(better);
    }
    Some(Legacy::Endpoint(section, index))
}

/// The place of a part of an attribute's text; of the whole, if it is not written as it reads.
fn part(text: &Text, from: usize, length: usize) -> Span {
    let Span { file, start, end } = text.span;
    let plain = end - start == text.text.len();
    if plain { Span { file, start: start + from, end: start + from + length } } else { text.span }
}
