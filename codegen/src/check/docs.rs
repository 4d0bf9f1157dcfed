//! Documentation: that everything has it, and that it is of something.

use std::collections::BTreeMap;

use super::context::Context;
use super::declare::first;
use super::fields::Fields;
use super::legacy;
use crate::diagnostic::Errors;
use crate::model::{Field, Kind, Scalar};
use crate::parse::syntax::{FieldDoc, Text};
use crate::source::Span;

/// Gives fields, and the value of an answer, their `<doc for>`, else what their types bring.
pub(super) fn fields(cx: &mut Context<'_>, fields: &mut Fields, docs: &[FieldDoc], value: Option<(&mut Field, Span)>) {
    let (mut value, mut seen) = (value, BTreeMap::new());
    for doc in docs {
        first(cx, &mut seen, &doc.field, &doc.field.text, "`<doc for>` of");
        let legacy = doc.legacy.as_ref().and_then(|legacy| legacy::of_field(cx, legacy));
        let field = match fields.find(&doc.field.text) {
            Some(index) => fields.list.get_mut(index),
            None => value.as_mut().map(|(field, _)| &mut **field).filter(|field| field.name == doc.field.text),
        };
        if let Some(field) = field {
            field.doc = doc.text.as_ref().map(|text| text.text.clone()).unwrap_or_default();
            field.legacy = legacy;
        } else if fields.complete && !doc.field.is_missing() {
            let known: Vec<&str> = fields.list.iter().map(|field| field.name.as_str()).collect();
            cx.late
                .error(doc.field.span, format!("there is no field `{}`", doc.field.text))
                .suggest(&doc.field.text, known);
        }
    }
    for ((field, span), known) in fields.list.iter_mut().zip(&fields.spans).zip(&fields.known) {
        if *known {
            inherit(cx, field, *span);
        }
    }
    if let Some((field, span)) = value {
        inherit(cx, field, span);
    }
}

/// Takes the documentation of a field's type, if it has none of its own.
pub(super) fn inherit(cx: &mut Context<'_>, field: &mut Field, span: Span) {
    if !field.doc.is_empty() {
        return;
    }
    let sections = cx.input.sections.iter().map(|(_, section)| section);
    let doc = match field.kind {
        Kind::Scalar(Scalar::Id(id)) => sections.flat_map(|section| &section.ids).nth(id.0).map(|found| &found.doc),
        Kind::Scalar(Scalar::Enum(open_enum)) => {
            sections.flat_map(|section| &section.enums).nth(open_enum.0).map(|found| &found.doc)
        }
        Kind::Data(data_type) => sections.flat_map(|section| &section.types).nth(data_type.0).map(|found| &found.doc),
        Kind::Scalar(_) => {
            cx.late
                .error(span, format!("`{}` has no documentation", field.name))
                .help(format!("write `<doc for=\"{}\">…</doc>`", field.name));
            None
        }
    };
    // If the type has none either, it is said there.
    field.doc = doc.and_then(|doc| doc.as_ref()).map(|doc| doc.text.clone()).unwrap_or_default();
}

/// Says what lacks documentation, beside fields.
pub(super) fn missing(cx: &mut Context<'_>) {
    let input = cx.input;
    if let Some(api) = input.api {
        need(cx, &api.doc, named(&api.name, api.tag), "service");
        for style in &api.styles {
            need(cx, &style.doc, style.name.span, "style");
            style.fails.iter().for_each(|fails| need_inside(cx, &fails.doc, fails.tag, "failure"));
        }
    }
    for (_, section) in &input.sections {
        need(cx, &section.doc, section.name.span, "section");
        section.ids.iter().for_each(|id| need_inside(cx, &id.doc, id.name.span, "id"));
        for open_enum in &section.enums {
            need(cx, &open_enum.doc, open_enum.name.span, "enum");
            open_enum.values.iter().for_each(|value| need_inside(cx, &value.doc, value.name.span, "value"));
        }
        section.types.iter().for_each(|data_type| need(cx, &data_type.doc, data_type.name.span, "type"));
        for endpoint in &section.endpoints {
            need(cx, &endpoint.doc, endpoint.name.span, "endpoint");
            endpoint.fails.iter().for_each(|fails| need_inside(cx, &fails.doc, fails.tag, "failure"));
            if endpoint.examples.is_empty() {
                cx.late
                    .error(endpoint.name.span, "this endpoint has no example")
                    .help("documentation and tests are made from it; the least is `<example path=\"…\"/>`");
            }
        }
    }
}

fn named(name: &Text, tag: Span) -> Span {
    if name.is_missing() { tag } else { name.span }
}

fn need(cx: &mut Context<'_>, doc: &Option<Text>, span: Span, noun: &str) {
    if doc.is_none() {
        cx.late.error(span, format!("this {noun} has no documentation")).help("write a sentence in `<doc>`");
    }
}

fn need_inside(cx: &mut Context<'_>, doc: &Option<Text>, span: Span, noun: &str) {
    if doc.is_none() {
        cx.late.error(span, format!("this {noun} has no documentation")).help("write a sentence between its tags");
    }
}
