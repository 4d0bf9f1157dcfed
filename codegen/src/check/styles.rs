//! What `api.xml` says: styles and rates.

use super::context::Context;
use super::fields::Fields;
use super::shapes::{At, Shapes};
use crate::model::{Attribute, Content, Element, Fails, Failure, Kind, Limit, Method, Presence, Scalar, Style};
use crate::parse::syntax;
use crate::parse::syntax::Text;

const METHODS: &[(&str, Method)] =
    &[("GET", Method::Get), ("POST", Method::Post), ("PUT", Method::Put), ("DELETE", Method::Delete)];

/// The rates, in order.
pub(super) fn limits(api: &syntax::Api) -> Vec<Limit> {
    api.limits
        .iter()
        .map(|limit| Limit { name: limit.name.text.clone(), requests: limit.requests, seconds: limit.seconds })
        .collect()
}

/// A style.
pub(super) fn style(cx: &mut Context<'_>, style: &syntax::Style) -> Style {
    if let Some(limit) = &style.limit {
        cx.limit(limit);
    }
    if let Some(text) = &style.method {
        method(cx, text);
    }
    Style {
        name: style.name.text.clone(),
        doc: style.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
        prefix: style.prefix.clone(),
        header: style.header.clone(),
        query: style.query.clone(),
        request: style.request.clone(),
        response: style.response.clone(),
        failure: style.failure.as_ref().and_then(|shape| failure(cx, shape)),
        fails: fails(cx, &style.fails),
    }
}

/// Finds an HTTP method. Says so if there is none of this name.
pub(super) fn method(cx: &mut Context<'_>, text: &Text) -> Option<Method> {
    let found = METHODS.iter().find(|(name, _)| *name == text.text).map(|(_, method)| *method);
    if found.is_none() {
        cx.error(text.span, format!("there is no method `{}`", text.text))
            .suggest(&text.text, METHODS.iter().map(|(name, _)| *name));
    }
    found
}

/// Documented failures, one per status.
pub(super) fn fails(cx: &mut Context<'_>, list: &[syntax::Fails]) -> Vec<Fails> {
    let mut found: Vec<Fails> = Vec::new();
    for fails in list {
        let Some(status) = fails.status else { continue };
        if found.iter().any(|before| before.status == status.value) {
            cx.error(status.span, format!("there is a second failure {}", status.value))
                .help("write one text for both");
        }
        found.push(Fails {
            status: status.value,
            doc: fails.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
        });
    }
    found
}

/// A body that means failure: its fields are `code` and `message`.
fn failure(cx: &mut Context<'_>, syntax: &syntax::Element) -> Option<Failure> {
    let before = cx.found.len();
    let mut fields = Fields::new(None);
    let mut shape = Shapes { cx, fields: &mut fields, read_only: false }.element(syntax, At::Document);
    let wanted =
        [("code", Kind::Scalar(Scalar::Integer), "integer"), ("message", Kind::Scalar(Scalar::String), "string")];
    for (name, kind, text) in &wanted {
        let help = format!("write `{{{name}: {text}}}`");
        match fields.list.iter().position(|field| field.name == *name) {
            Some(index)
                if fields
                    .list
                    .get(index)
                    .is_some_and(|field| field.kind == *kind && field.presence == Presence::Required) => {}
            Some(index) => {
                let span = fields.spans.get(index).copied().unwrap_or(syntax.name.span);
                cx.error(span, format!("`{name}` of a failure is a required `{text}`")).help(help);
            }
            None if fields.complete => {
                cx.error(syntax.name.span, format!("this failure has no `{name}`")).help(help);
            }
            None => {}
        }
    }
    for (field, span) in fields.list.iter().zip(&fields.spans) {
        if !wanted.iter().any(|(name, _, _)| *name == field.name) {
            cx.error(*span, "a failure holds `code` and `message` only")
                .help("leave other values out of the shape: they are skipped");
        }
    }
    if cx.found.len() > before {
        return None;
    }
    if fields.list.first().is_some_and(|first| first.name == "message") {
        fields.list.reverse();
        swap(&mut shape);
    }
    Some(Failure { fields: fields.list, shape })
}

/// Lets holes of field 0 be of field 1, and the other way round.
fn swap(element: &mut Element) {
    for attribute in &mut element.attributes {
        if let Attribute::Hole { hole, .. } = attribute {
            hole.field = 1 - hole.field.min(1);
        }
    }
    match &mut element.content {
        Content::Empty => {}
        Content::Hole(hole) => hole.field = 1 - hole.field.min(1),
        Content::Elements(elements) => elements.iter_mut().for_each(swap),
    }
}
