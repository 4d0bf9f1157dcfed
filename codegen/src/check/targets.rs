//! `<target>`: an id whose type depends on the kind. Both are fields of the same type.

use super::context::{Context, Symbol};
use super::fields::FieldTable;
use crate::model::{Api, EnumRef, Field, IdRef, Presence, Scalar, Target, ValueKind};
use crate::syntax::{self, Text, text_or_empty};

/// Resolves the id of an enum's value. Returns `None` for an unknown name, and for one that is not an id.
pub(super) fn resolve_id(cx: &mut Context<'_>, name: &Text) -> Option<IdRef> {
    match cx.resolve_symbol(name, &[], None)? {
        Symbol::Id(id) => Some(id),
        Symbol::Enum(_) | Symbol::Type(_) => {
            cx.error(name.span, format!("`{}` is not an id", name.text))
                .help("write the name of an `<id>`, or remove the attribute");
            None
        }
    }
}

/// Checks the target of a type. Returns `None` if its kind or its number is not a field that it can be.
pub(super) fn check_target(cx: &mut Context<'_>, syntax: &syntax::Target, fields: &FieldTable) -> Option<Target> {
    if let Some(field) = fields.fields.iter().find(|declared| declared.field.name == "target") {
        cx.error(field.span, "`target` is the method that returns the target of this type")
            .help("choose another name for the field");
    }
    let kind_field = find_field(cx, fields, &syntax.kind);
    let id_field = find_field(cx, fields, &syntax.id);
    let get_valid = |index: Option<usize>| index.and_then(|index| fields.get_valid(index));
    let kind = get_valid(kind_field).and_then(required_enum);
    if kind.is_none() && get_valid(kind_field).is_some() {
        cx.error(syntax.kind.span, format!("`{}` cannot be the kind of a target", syntax.kind.text))
            .help("the kind is a required enum: `{kind: BoatKind}`");
    }
    if get_valid(id_field).is_some_and(|field| !is_required_integer(field)) {
        cx.error(syntax.id.span, format!("`{}` cannot be the number of a target", syntax.id.text))
            .help("the number is a required integer: `{id: integer}`");
    }
    let schema = cx.schema;
    let values = kind.and_then(|kind| schema.enums().nth(kind.0)).map(|open_enum| &open_enum.values);
    if values.is_some_and(|values| values.iter().all(|value| value.id.is_none())) {
        cx.error(syntax.kind.span, format!("no value of `{}` has an id", syntax.kind.text))
            .help("write `<value id=\"…\">` with the id of each kind that has one");
    }
    Some(Target {
        name: syntax.name.text.clone(),
        doc: text_or_empty(syntax.doc.as_ref()),
        kind: kind?,
        kind_field: kind_field?,
        id_field: id_field?,
    })
}

/// Returns the index of a field. Reports an unknown one.
fn find_field(cx: &mut Context<'_>, fields: &FieldTable, name: &Text) -> Option<usize> {
    let index = fields.find(&name.text);
    if index.is_none() && fields.is_complete && !name.is_missing() {
        cx.error(name.span, format!("unknown field `{}`", name.text)).suggest(&name.text, fields.names());
    }
    index
}

/// Returns the enum of a field that always has one value; `None` for other fields.
fn required_enum(field: &Field) -> Option<EnumRef> {
    match field.kind {
        ValueKind::Scalar(Scalar::Enum(open_enum)) if field.presence == Presence::Required => Some(open_enum),
        _ => None,
    }
}

/// `true` if the field always has one value, which is an integer.
fn is_required_integer(field: &Field) -> bool {
    field.kind == ValueKind::Scalar(Scalar::Integer) && field.presence == Presence::Required
}

/// Reports ids of values whose enum is not the kind of any target, so that they would have no effect.
pub(super) fn report_unused_ids(cx: &mut Context<'_>, api: Option<&Api>) {
    let Some(api) = api else { return };
    let schema = cx.schema;
    for (index, open_enum) in schema.enums().enumerate() {
        let has_target = api
            .types
            .iter()
            .any(|data_type| data_type.target.as_ref().is_some_and(|target| target.kind == EnumRef(index)));
        let first = open_enum.values.iter().find_map(|value| value.id.as_ref()).filter(|_| !has_target);
        // A target that is not in the model has been reported, or is in a file that could not be parsed.
        if let Some(id) = first.filter(|_| cx.sink.is_empty()) {
            cx.secondary
                .error(id.span, format!("`{}` is not the kind of a target", open_enum.name.text))
                .help("write `<target>` in the type that has the kind and the number, or remove the ids");
        }
    }
}
