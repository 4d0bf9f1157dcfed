//! Data types: each type is checked alone, then the rules that depend on the fields of other types.

use std::collections::BTreeSet;

use super::context::Context;
use super::docs;
use super::fields::{FieldTable, may_be_empty};
use super::scope::ValidTypes;
use super::shapes::{ElementPosition, ShapeChecker};
use super::targets;
use crate::model::{Attribute, Content, DataType, Element, Field, Presence, SectionRef, TypeRef, ValueKind};
use crate::source::Span;
use crate::syntax::{self, text_or_empty};

/// Checks all data types, section by section.
pub(super) fn check_data_types(cx: &mut Context<'_>) -> Vec<DataType> {
    let mut types = Vec::new();
    for (section, syntax) in cx.schema.sections.iter().enumerate() {
        for data_type in &syntax.types {
            types.push(check_data_type(cx, data_type, SectionRef(section), TypeRef(types.len())));
        }
    }
    types
}

/// Checks a data type: its shapes, and the documentation of its fields.
fn check_data_type(cx: &mut Context<'_>, syntax: &syntax::DataType, section: SectionRef, index: TypeRef) -> DataType {
    let mut fields = FieldTable::new(Some(index));
    fields.is_complete = syntax.shape.is_some();
    let mut check_shape = |cx: &mut Context<'_>, shape, is_read_only| {
        ShapeChecker { cx, fields: &mut fields, is_read_only }.check_element(shape, ElementPosition::TypeRoot)
    };
    let shape = match &syntax.shape {
        Some(shape) => {
            reject_literals_of_root(cx, shape);
            check_shape(cx, shape, false)
        }
        None => Element { name: String::new(), attributes: Vec::new(), content: Content::Empty },
    };
    let also = syntax.also.iter().map(|also| check_shape(cx, also, true)).collect();
    docs::document_fields(cx, &mut fields, &syntax.docs, None);
    let target = syntax.target.as_ref().and_then(|target| targets::check_target(cx, target, &fields));
    DataType {
        name: syntax.name.text.clone(),
        doc: text_or_empty(syntax.doc.as_ref()),
        section,
        fields: fields.into_fields(),
        shape,
        also,
        target,
        in_requests: false,
        in_responses: false,
        examples: Vec::new(),
    }
}

/// Reports literal attributes of a type's root. The root is a placeholder for the element that uses the type, so they
/// would be lost.
fn reject_literals_of_root(cx: &mut Context<'_>, shape: &syntax::Element) {
    for attribute in &shape.attributes {
        if let syntax::AttributeValue::Literal(_) = attribute.value {
            cx.error(attribute.name.span, "the root of a type cannot have a literal attribute")
                .help("the root is a stand-in: write the attribute where the type is used, beside the hole");
        }
    }
}

/// Checks the uses of data types against the fields of the types.
pub(super) fn check_type_uses(cx: &mut Context<'_>, types: &[DataType], valid_types: &ValidTypes) {
    report_recursion(cx, types);
    // By index, because reporting a mistake borrows the whole context.
    for index in 0..cx.type_uses.len() {
        let Some(type_use) = cx.type_uses.get(index).filter(|type_use| valid_types.contains(type_use.target)) else {
            continue;
        };
        let (target, span) = (type_use.target, type_use.span);
        let is_optional = type_use.presence.is_optional();
        let name = types.get(target.0).map_or("", |target| target.name.as_str());
        let duplicates: Vec<_> = type_use
            .literals
            .iter()
            .filter(|literal| has_attribute(types, target, &literal.text, &mut BTreeSet::new()))
            .map(|literal| (literal.span, literal.text.clone()))
            .collect();
        if is_optional && !is_visible(types, target, &mut BTreeSet::new()) {
            cx.error(span, format!("`{name}` cannot be optional: a value without any field looks like an absent one"))
                .help("add a required attribute or element to the type, or remove `?` or `or nil`");
        }
        for (span, text) in duplicates {
            cx.error(span, format!("`{name}` has an attribute `{text}` too")).help("remove this one");
        }
    }
}

/// Reports types that contain themselves outside of a list, so that their values would have no end.
fn report_recursion(cx: &mut Context<'_>, types: &[DataType]) {
    let edges: Vec<(TypeRef, TypeRef, Span)> = cx
        .type_uses
        .iter()
        .filter(|type_use| !type_use.presence.is_many())
        .filter_map(|type_use| Some((type_use.owner?, type_use.target, type_use.span)))
        .collect();
    let mut reported = BTreeSet::new();
    for start in (0..types.len()).map(TypeRef) {
        if reported.contains(&start) {
            continue;
        }
        let Some(cycle) = find_cycle(&edges, start) else { continue };
        // Each cycle is reported once, where its first type uses a type of the cycle.
        reported.extend(cycle.iter().copied());
        let edge = edges.iter().find(|(owner, target, _)| *owner == start && cycle.contains(target));
        let names: Vec<String> = cycle
            .iter()
            .chain([&start])
            .filter_map(|index| types.get(index.0))
            .map(|data_type| format!("`{}`", data_type.name))
            .collect();
        if let Some((_, _, span)) = edge {
            cx.error(*span, "a type can contain itself only in a list")
                .help(format!("{}: make one of these `*` or `*?`", names.join(" contains ")));
        }
    }
}

/// Finds the shortest path from a type to itself. The path starts with the type and does not repeat it at the end.
/// Returns `None` if there is no such path.
fn find_cycle(edges: &[(TypeRef, TypeRef, Span)], start: TypeRef) -> Option<Vec<TypeRef>> {
    let mut paths = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            let last = path.last().copied();
            for (_, target, _) in edges.iter().filter(|(owner, _, _)| Some(*owner) == last) {
                if *target == start {
                    return Some(path);
                }
                if seen.insert(*target) {
                    longer.push(path.iter().copied().chain([*target]).collect());
                }
            }
        }
        paths = longer;
    }
    None
}

/// `true` if values of a type can have an attribute of this name. The attribute is in the shape of the type, or in that
/// of a type that is the whole content of the shape: `<boat>{hull: Hull}</boat>`. `seen` are the types visited so far,
/// so that recursion ends.
fn has_attribute(types: &[DataType], index: TypeRef, name: &str, seen: &mut BTreeSet<TypeRef>) -> bool {
    let Some(data_type) = types.get(index.0) else { return false };
    if !seen.insert(index) {
        return false;
    }
    let has_own = data_type.shape.attributes.iter().any(|attribute| match attribute {
        Attribute::Literal { name: own_name, .. } | Attribute::Hole { name: own_name, .. } => own_name == name,
    });
    has_own || find_inner_type(data_type).is_some_and(|(inner, _)| has_attribute(types, inner, name, seen))
}

/// `true` if every value of a type is written with at least one attribute or some content. `seen` are the types visited
/// so far, so that recursion ends.
fn is_visible(types: &[DataType], index: TypeRef, seen: &mut BTreeSet<TypeRef>) -> bool {
    let Some(data_type) = types.get(index.0) else { return false };
    if !seen.insert(index) {
        return false;
    }
    let fields = &data_type.fields;
    if has_required_attribute(&data_type.shape, fields) {
        return true;
    }
    match (&data_type.shape.content, find_inner_type(data_type)) {
        (Content::Empty, _) => false,
        (Content::Elements(elements), _) => elements.iter().any(|element| is_always_written(element, fields)),
        (_, Some((inner, presence))) => presence == Presence::Required && is_visible(types, inner, seen),
        (Content::Hole(hole), None) => fields
            .get(hole.field)
            .is_some_and(|field| field.presence == Presence::Required && !may_be_empty(&field.kind)),
    }
}

/// Returns the data type that is the whole content of another data type, and its presence. Returns `None` if the
/// content is empty, elements or a scalar.
fn find_inner_type(data_type: &DataType) -> Option<(TypeRef, Presence)> {
    let Content::Hole(hole) = data_type.shape.content else { return None };
    match data_type.fields.get(hole.field)? {
        Field { kind: ValueKind::Data(inner), presence, .. } => Some((*inner, *presence)),
        _ => None,
    }
}

/// `true` if an attribute of the element has a hole with a required value.
fn has_required_attribute(element: &Element, fields: &[Field]) -> bool {
    element.attributes.iter().any(|attribute| match attribute {
        Attribute::Literal { .. } => false,
        Attribute::Hole { hole, .. } => {
            fields.get(hole.field).is_some_and(|field| field.presence == Presence::Required)
        }
    })
}

/// `true` if an element in a type is always written, whatever values the fields have.
fn is_always_written(element: &Element, fields: &[Field]) -> bool {
    if has_required_attribute(element, fields) {
        return true;
    }
    let presence_of = |field: usize| fields.get(field).map(|field| field.presence);
    match &element.content {
        Content::Empty => !element.attributes.iter().any(|attribute| matches!(attribute, Attribute::Hole { .. })),
        Content::Hole(hole) => matches!(presence_of(hole.field), Some(Presence::Required | Presence::Nil)),
        Content::Elements(elements) => elements.iter().any(|element| {
            // A list with `*` is written even if it is empty: as the element around its items.
            let is_list =
                matches!(&element.content, Content::Hole(hole) if presence_of(hole.field) == Some(Presence::Many));
            is_list || is_always_written(element, fields)
        }),
    }
}

/// Finds all types that values of these fields can contain.
pub(super) fn find_reachable<'f>(types: &[DataType], fields: impl IntoIterator<Item = &'f Field>) -> BTreeSet<TypeRef> {
    let data_type = |field: &Field| match field.kind {
        ValueKind::Data(data_type) => Some(data_type),
        ValueKind::Scalar(_) => None,
    };
    let mut waiting: Vec<TypeRef> = fields.into_iter().filter_map(data_type).collect();
    let mut reached = BTreeSet::new();
    while let Some(next) = waiting.pop() {
        if reached.insert(next)
            && let Some(found) = types.get(next.0)
        {
            waiting.extend(found.fields.iter().filter_map(data_type));
        }
    }
    reached
}
