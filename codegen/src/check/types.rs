//! Data types: each alone, then what depends on the inside of others.

use std::collections::BTreeSet;

use super::context::Context;
use super::docs;
use super::fields::Fields;
use super::shapes::{At, Shapes};
use crate::model::{Attribute, Content, DataType, Element, Field, Kind, Presence, SectionRef, TypeRef};
use crate::parse::syntax;

/// All data types, section by section.
pub(super) fn data_types(cx: &mut Context<'_>) -> Vec<DataType> {
    let mut types = Vec::new();
    for (section, (_, syntax)) in cx.input.sections.iter().enumerate() {
        for data_type in &syntax.types {
            let built = data_type_of(cx, data_type, SectionRef(section), TypeRef(types.len()));
            types.push(built);
        }
    }
    types
}

fn data_type_of(cx: &mut Context<'_>, syntax: &syntax::Type<'_>, section: SectionRef, index: TypeRef) -> DataType {
    let mut fields = Fields::new(Some(index));
    let none = Element { name: String::new(), attributes: Vec::new(), content: Content::Empty };
    fields.complete = syntax.shape.is_some();
    let shape = syntax.shape.as_ref().map_or(none, |shape| {
        literals_of_root(cx, shape);
        Shapes { cx, fields: &mut fields, read_only: false }.element(shape, At::Type)
    });
    let also = syntax
        .also
        .iter()
        .map(|also| Shapes { cx, fields: &mut fields, read_only: true }.element(also, At::Type))
        .collect();
    docs::fields(cx, &mut fields, &syntax.docs, None);
    DataType {
        name: syntax.name.text.clone(),
        doc: syntax.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
        section,
        fields: fields.list,
        shape,
        also,
        in_requests: false,
        in_responses: false,
        examples: Vec::new(),
    }
}

/// The root is a stand-in: its literals would be lost.
fn literals_of_root(cx: &mut Context<'_>, shape: &syntax::Element) {
    for attribute in &shape.attributes {
        if let syntax::AttributeValue::Literal(_) = attribute.value {
            cx.error(attribute.name.span, "the root of a type has no attribute without a hole")
                .help("it is a stand-in: write the attribute where the type is used, beside the hole");
        }
    }
}

/// Checks what depends on the inside of other types.
pub(super) fn check_places(cx: &mut Context<'_>, types: &[DataType], sound: &[bool]) {
    cycles(cx, types);
    for index in 0..cx.places.len() {
        let Some(place) = cx.places.get(index) else { continue };
        let target = place.target;
        let (span, name) = (place.span, types.get(target.0).map_or("", |target| target.name.as_str()));
        if !sound.get(target.0).copied().unwrap_or_default() {
            continue;
        }
        let optional = place.presence.is_optional();
        let clashes: Vec<_> = place
            .literals
            .iter()
            .filter(|literal| has_attribute(types, target, &literal.text, &mut BTreeSet::new()))
            .map(|literal| (literal.span, literal.text.clone()))
            .collect();
        if optional && !is_visible(types, target, &mut BTreeSet::new()) {
            cx.error(span, format!("`{name}` cannot be absent here: one without any value looks the same"))
                .help("give it a required field that is an attribute or an element, or take `?` or `or nil` away");
        }
        for (span, text) in clashes {
            cx.error(span, format!("`{name}` has an attribute `{text}` itself")).help("take this one away");
        }
    }
}

/// Says which types would hold themselves for ever.
fn cycles(cx: &mut Context<'_>, types: &[DataType]) {
    let edges: Vec<(TypeRef, TypeRef, crate::source::Span)> = cx
        .places
        .iter()
        .filter(|place| !place.presence.is_many())
        .filter_map(|place| Some((place.owner?, place.target, place.span)))
        .collect();
    let mut told = BTreeSet::new();
    for start in (0..types.len()).map(TypeRef) {
        if told.contains(&start) {
            continue;
        }
        let Some(path) = cycle(&edges, start) else { continue };
        told.extend(path.iter().copied());
        let span =
            edges.iter().find(|(owner, target, _)| *owner == start && (path.contains(target))).map(|edge| edge.2);
        let names: Vec<String> = path
            .iter()
            .chain([&start])
            .filter_map(|index| types.get(index.0))
            .map(|found| format!("`{}`", found.name))
            .collect();
        if let Some(span) = span {
            cx.error(span, "a type cannot hold itself, unless in a list")
                .help(format!("{}: one of these has to be `*` or `*?`", names.join(" holds ")));
        }
    }
}

/// The shortest way from a type to itself, without its end.
fn cycle(edges: &[(TypeRef, TypeRef, crate::source::Span)], start: TypeRef) -> Option<Vec<TypeRef>> {
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

/// Whether the element around a type has an attribute of this name.
fn has_attribute(types: &[DataType], index: TypeRef, name: &str, seen: &mut BTreeSet<TypeRef>) -> bool {
    let Some(found) = types.get(index.0).filter(|_| seen.insert(index)) else { return false };
    let own = found.shape.attributes.iter().any(|attribute| match attribute {
        Attribute::Literal { name: own, .. } | Attribute::Hole { name: own, .. } => own == name,
    });
    own || inner(found).is_some_and(|(inner, _)| has_attribute(types, inner, name, seen))
}

/// Whether every value of a type leaves an attribute or content in its element.
fn is_visible(types: &[DataType], index: TypeRef, seen: &mut BTreeSet<TypeRef>) -> bool {
    let Some(found) = types.get(index.0).filter(|_| seen.insert(index)) else { return false };
    if required_attribute(&found.shape, &found.fields) {
        return true;
    }
    match (&found.shape.content, inner(found)) {
        (Content::Empty, _) => false,
        (Content::Elements(elements), _) => elements.iter().any(|element| is_written(element, &found.fields)),
        (_, Some((inner, presence))) => presence == Presence::Required && is_visible(types, inner, seen),
        (Content::Hole(hole), None) => found
            .fields
            .get(hole.field)
            .is_some_and(|field| field.presence == Presence::Required && !super::fields::may_be_empty(&field.kind)),
    }
}

/// The data type that is the whole content of another.
fn inner(data_type: &DataType) -> Option<(TypeRef, Presence)> {
    let Content::Hole(hole) = data_type.shape.content else { return None };
    match data_type.fields.get(hole.field)? {
        Field { kind: Kind::Data(inner), presence, .. } => Some((*inner, *presence)),
        _ => None,
    }
}

fn required_attribute(element: &Element, fields: &[Field]) -> bool {
    element.attributes.iter().any(|attribute| match attribute {
        Attribute::Literal { .. } => false,
        Attribute::Hole { hole, .. } => {
            fields.get(hole.field).is_some_and(|field| field.presence == Presence::Required)
        }
    })
}

/// Whether an element inside a type is written, whatever the values are.
fn is_written(element: &Element, fields: &[Field]) -> bool {
    if required_attribute(element, fields) {
        return true;
    }
    let presence = |field: usize| fields.get(field).map(|field| field.presence);
    match &element.content {
        Content::Empty => !element.attributes.iter().any(|attribute| matches!(attribute, Attribute::Hole { .. })),
        Content::Hole(hole) => matches!(presence(hole.field), Some(Presence::Required | Presence::Nil)),
        Content::Elements(elements) => elements.iter().any(|element| {
            let list = matches!(&element.content, Content::Hole(hole) if presence(hole.field) == Some(Presence::Many));
            list || is_written(element, fields)
        }),
    }
}

/// All types that a value of these fields can hold.
pub(super) fn reach<'f>(types: &[DataType], fields: impl IntoIterator<Item = &'f Field>) -> BTreeSet<TypeRef> {
    let direct = |fields: &mut dyn Iterator<Item = &Field>| -> Vec<TypeRef> {
        fields
            .filter_map(|field| match field.kind {
                Kind::Data(data_type) => Some(data_type),
                Kind::Scalar(_) => None,
            })
            .collect()
    };
    let mut waiting = direct(&mut fields.into_iter());
    let mut reached = BTreeSet::new();
    while let Some(next) = waiting.pop() {
        if reached.insert(next)
            && let Some(found) = types.get(next.0)
        {
            waiting.extend(direct(&mut found.fields.iter()));
        }
    }
    reached
}
