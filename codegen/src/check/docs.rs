//! Documentation: declarations and fields have it, and each `<doc for>` refers to a field. Rate limits need none.

use super::context::Context;
use super::declare::{SeenNames, check_unique};
use super::fields::{DeclaredField, FieldTable};
use super::legacy;
use crate::model::{Field, Scalar, ValueKind};
use crate::source::Span;
use crate::syntax::{FieldDoc, Text, text_or_empty};

/// Sets the documentation of fields, and of the value of a response, from their `<doc for>`. Fields without one take
/// the documentation of their types.
pub(super) fn document_fields(
    cx: &mut Context<'_>,
    fields: &mut FieldTable,
    docs: &[FieldDoc],
    mut value: Option<&mut DeclaredField>,
) {
    let mut seen = SeenNames::new();
    for doc in docs {
        let name = &doc.field;
        check_unique(cx, &mut seen, name, &name.text, "`<doc for>` of");
        let legacy = doc.legacy.as_ref().and_then(|legacy| legacy::resolve_for_field(cx, legacy));
        let field = match fields.find(&name.text) {
            Some(index) => fields.fields.get_mut(index),
            None => value.as_deref_mut().filter(|value| value.field.name == name.text),
        };
        if let Some(DeclaredField { field, .. }) = field {
            field.doc = text_or_empty(doc.text.as_ref());
            field.legacy = legacy;
        } else if fields.is_complete && !fields.has_unknown_hole && !name.is_missing() {
            cx.secondary.error(name.span, format!("unknown field `{}`", name.text)).suggest(&name.text, fields.names());
        }
    }
    // A documentation of no known field may be that of a field that seems to have none.
    let is_known =
        |name: &str| fields.find(name).is_some() || value.as_ref().is_some_and(|value| value.field.name == name);
    let has_unknown_doc = docs.iter().any(|doc| !is_known(&doc.field.text));
    for declared in fields.fields.iter_mut().chain(value).filter(|declared| declared.is_valid) {
        inherit_doc(cx, &mut declared.field, (!has_unknown_doc).then_some(declared.span));
    }
}

/// Sets the documentation of a field to that of its id, enum or data type, if the field has none. Other scalars have no
/// documentation of their own, so such a field is reported at `span`. Without a span, it is not reported.
pub(super) fn inherit_doc(cx: &mut Context<'_>, field: &mut Field, span: Option<Span>) {
    if !field.doc.is_empty() {
        return;
    }
    let schema = cx.schema;
    let doc = match field.kind {
        ValueKind::Scalar(Scalar::Id(id)) => schema.ids().nth(id.0).and_then(|id| id.doc.as_ref()),
        ValueKind::Scalar(Scalar::Enum(open_enum)) => {
            schema.enums().nth(open_enum.0).and_then(|open_enum| open_enum.doc.as_ref())
        }
        ValueKind::Data(data_type) => schema.types().nth(data_type.0).and_then(|data_type| data_type.doc.as_ref()),
        ValueKind::Scalar(_) => {
            if let Some(span) = span {
                cx.secondary
                    .error(span, format!("`{}` has no documentation", field.name))
                    .help(format!("write `<doc for=\"{}\">…</doc>`", field.name));
            }
            None
        }
    };
    // A type without documentation is reported at its declaration.
    field.doc = text_or_empty(doc);
}

/// Reports declarations without documentation, except rate limits, and endpoints without an example. Fields are checked
/// in [`document_fields`].
pub(super) fn require_docs(cx: &mut Context<'_>) {
    const IN_DOC: &str = "write a sentence in `<doc>`";
    const IN_TAGS: &str = "write a sentence between its tags";
    let mut require = |doc: &Option<Text>, span: Span, noun: &str, help: &str| {
        if doc.is_none() {
            cx.secondary.error(span, format!("this {noun} has no documentation")).help(help);
        }
    };
    let schema = cx.schema;
    if let Some(api) = &schema.api {
        let span = if api.name.is_missing() { api.tag } else { api.name.span };
        require(&api.doc, span, "service", IN_DOC);
        for style in &api.styles {
            require(&style.doc, style.name.span, "style", IN_DOC);
            style.errors.iter().for_each(|error| require(&error.doc, error.tag, "error", IN_TAGS));
        }
    }
    for section in &schema.sections {
        require(&section.doc, section.name.span, "section", IN_DOC);
        section.ids.iter().for_each(|id| require(&id.doc, id.name.span, "id", IN_TAGS));
        for open_enum in &section.enums {
            require(&open_enum.doc, open_enum.name.span, "enum", IN_DOC);
            open_enum.values.iter().for_each(|value| require(&value.doc, value.name.span, "value", IN_TAGS));
        }
        section.types.iter().for_each(|data_type| require(&data_type.doc, data_type.name.span, "type", IN_DOC));
        let targets = section.types.iter().filter_map(|data_type| data_type.target.as_ref());
        targets.for_each(|target| require(&target.doc, target.name.span, "target", IN_TAGS));
        for endpoint in &section.endpoints {
            require(&endpoint.doc, endpoint.name.span, "endpoint", IN_DOC);
            endpoint.errors.iter().for_each(|error| require(&error.doc, error.tag, "error", IN_TAGS));
        }
    }
    for endpoint in schema.sections.iter().flat_map(|section| &section.endpoints) {
        // An error in parsing may be that of a misspelled example.
        if endpoint.examples.is_empty() && !cx.parse_errors.has_error_in(endpoint.span, &[]) {
            cx.secondary
                .error(endpoint.name.span, "this endpoint has no example")
                .help("documentation and tests need one; the shortest is `<example path=\"…\"/>`");
        }
    }
}
