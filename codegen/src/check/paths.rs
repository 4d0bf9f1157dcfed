//! Paths: of a section, of an endpoint, of its other routes, and of the `Location` it answers.

use super::context::Context;
use super::fields::{Fields, check_path_kind, type_span};
use crate::model::{Field, Kind, Location, LocationSegment, LocationValue, Presence, Scalar, Segment};
use crate::names;
use crate::parse::syntax::{self, Path};

/// The path of a section: what its endpoints' paths follow.
pub(super) struct Base {
    /// The ids that the section's handle holds.
    pub(super) handle: Fields,
    /// The segments; fields are indices into `handle`.
    segments: Vec<Segment>,
    given: bool,
}

/// Reads the path of a section.
pub(super) fn base(cx: &mut Context<'_>, path: Option<&Path>) -> Base {
    let mut handle = Fields::new(None);
    let Some(path) = path else { return Base { handle, segments: Vec::new(), given: false } };
    handle.complete = !path.broken;
    if !path.absolute {
        cx.error(path.span, "the path of a section begins with `/`").help("those of its endpoints may go on from it");
    }
    if path.segments.last().is_some_and(|last| last.hole.is_some() || !last.before.is_empty()) {
        cx.error(path.span, "the path of a section ends with `/`").help("those of its endpoints come after it");
    }
    let mut segments = Vec::new();
    for segment in &path.segments {
        let Some(hole) = &segment.hole else {
            segments.push(Segment::Literal(segment.before.clone()));
            continue;
        };
        if hole.kind.is_none() {
            cx.error(hole.name.span, "a hole in the path of a section has a type")
                .help(format!("write `{{{}: …}}` with the name of an id", hole.name.text));
            handle.complete = false;
            continue;
        }
        check_dot(cx, hole);
        let Some(field) = handle.place(cx, hole) else { continue };
        if handle.known.get(field) == Some(&true) {
            check_handle(cx, handle.list.get(field), hole);
        }
        segments.push(Segment::Hole { before: segment.before.clone(), field, after: segment.after.clone() });
    }
    // The end of the path is the start of others.
    segments.pop();
    for (field, span) in handle.list.iter_mut().zip(&handle.spans) {
        // Of other kinds it has been said that they cannot stand here.
        if matches!(field.kind, Kind::Scalar(Scalar::Id(_) | Scalar::Enum(_))) {
            super::docs::inherit(cx, field, *span);
        }
    }
    Base { handle, segments, given: true }
}

/// A handle holds ids: they bring their documentation.
fn check_handle(cx: &mut Context<'_>, field: Option<&Field>, hole: &syntax::Hole) {
    let Some(field) = field else { return };
    if matches!(field.kind, Kind::Scalar(Scalar::Id(_) | Scalar::Enum(_))) {
        return check_path_kind(cx, field, hole);
    }
    cx.error(type_span(hole), "a hole in the path of a section is an id").help("declare one with `<id name=\"…\">`");
}

/// Reads the path of an endpoint; its fields go to `fields`, those of the handle first.
pub(super) fn main(cx: &mut Context<'_>, base: &Base, path: &Path, fields: &mut Fields) -> Vec<Segment> {
    fields.list.clone_from(&base.handle.list);
    fields.spans.clone_from(&base.handle.spans);
    fields.known = vec![false; base.handle.list.len()];
    fields.complete = base.handle.complete && !path.broken;
    let handle = fields.list.len();
    let mut segments = start(cx, base, path);
    let mut used: Vec<usize> = if path.absolute { Vec::new() } else { (0..handle).collect() };
    for segment in &path.segments {
        segments.extend(match segment.hole.as_ref().filter(|hole| hole.kind.is_some()) {
            Some(hole) => typed(cx, segment, hole, fields, &mut used, handle),
            None => untyped(cx, segment, fields, &mut used, "give it a type, such as `{number: integer}`"),
        });
    }
    for field in (0..handle).filter(|field| !used.contains(field)) {
        if fields.complete
            && let Some(field) = base.handle.list.get(field)
        {
            unused(cx, path, field, "the path of the section has it, so its handle holds it");
        }
    }
    segments
}

/// Reads another route of an endpoint, which has the same holes.
pub(super) fn also(
    cx: &mut Context<'_>,
    base: &Base,
    path: &Path,
    fields: &mut Fields,
    path_fields: usize,
) -> Vec<Segment> {
    let mut segments = start(cx, base, path);
    let mut used: Vec<usize> = if path.absolute { Vec::new() } else { (0..base.handle.list.len()).collect() };
    for segment in &path.segments {
        if let Some(kind) = segment.hole.as_ref().and_then(|hole| hole.kind.as_ref()) {
            cx.error(kind.name.span, "a hole in `<also>` has no type").help("the path of the endpoint says it");
        }
        segments.extend(untyped(
            cx,
            segment,
            fields,
            &mut used,
            "a request comes with the holes of the endpoint's path",
        ));
    }
    for field in (0..path_fields).filter(|field| !used.contains(field)) {
        if fields.complete
            && !path.broken
            && let Some(field) = fields.list.get(field)
        {
            unused(cx, path, field, "the path of the endpoint has it, so a request needs it");
        }
    }
    segments
}

fn unused(cx: &mut Context<'_>, path: &Path, field: &Field, why: &str) {
    cx.error(path.span, format!("`{{{}}}` is not in this path", field.name)).help(why);
}

/// What stands before a path that is not whole.
fn start(cx: &mut Context<'_>, base: &Base, path: &Path) -> Vec<Segment> {
    if path.absolute {
        return Vec::new();
    }
    if !base.given {
        cx.error(path.span, "this path does not begin with `/`").help("the section has no path that it could follow");
    }
    base.segments.clone()
}

/// A segment whose hole declares a field; the first `handle` fields are the section's.
fn typed(
    cx: &mut Context<'_>,
    segment: &syntax::Segment,
    hole: &syntax::Hole,
    fields: &mut Fields,
    used: &mut Vec<usize>,
    handle: usize,
) -> Option<Segment> {
    check_dot(cx, hole);
    if let Some(field) = fields.find(&hole.name.text) {
        let name = &hole.name.text;
        let help = if field < handle {
            format!("the path of the section has it; in a whole path, write `{{{name}}}`")
        } else {
            "a value stands in a path once".to_owned()
        };
        cx.error(hole.name.span, format!("there is a second field `{name}`")).help(help);
        used.push(field);
        return None;
    }
    let field = fields.place(cx, hole)?;
    if fields.known.get(field) == Some(&true)
        && let Some(field) = fields.list.get(field)
    {
        check_path_kind(cx, field, hole);
    }
    used.push(field);
    Some(Segment::Hole { before: segment.before.clone(), field, after: segment.after.clone() })
}

/// A segment with text, or with a hole for a field declared before; `unknown` is the help if there is none.
fn untyped(
    cx: &mut Context<'_>,
    segment: &syntax::Segment,
    fields: &mut Fields,
    used: &mut Vec<usize>,
    unknown: &str,
) -> Option<Segment> {
    let Some(hole) = &segment.hole else { return Some(Segment::Literal(segment.before.clone())) };
    check_dot(cx, hole);
    let Some(field) = fields.find(&hole.name.text) else {
        if fields.complete && names::is_snake(&hole.name.text) {
            let known = fields.list.iter().map(|field| field.name.as_str());
            cx.error(hole.name.span, format!("there is no field `{}` before this hole", hole.name.text))
                .help(unknown)
                .or_near(&hole.name.text, known);
        }
        return None;
    };
    if used.contains(&field) {
        cx.error(hole.name.span, format!("`{}` is in this path already", hole.name.text))
            .help("a value stands in a path once");
    }
    used.push(field);
    Some(Segment::Hole { before: segment.before.clone(), field, after: segment.after.clone() })
}

fn check_dot(cx: &mut Context<'_>, hole: &syntax::Hole) {
    if let Some(member) = &hole.member {
        cx.error(member.span, "a name with a `.` can only stand in a location").help("a field has a plain name");
    }
}

/// Reads the location of an answer. `value` is the answer's value; a typed hole in the location sets it.
pub(super) fn location(
    cx: &mut Context<'_>,
    path: &Path,
    request: &Fields,
    path_fields: usize,
    value: &mut Fields,
    data: &Members<'_>,
) -> Location {
    let mut segments = Vec::new();
    for segment in &path.segments {
        let Some(hole) = &segment.hole else {
            segments.push(LocationSegment::Literal(segment.before.clone()));
            continue;
        };
        let (before, after) = (segment.before.clone(), segment.after.clone());
        if let Some(found) = location_value(cx, hole, request, path_fields, value, data) {
            segments.push(LocationSegment::Hole { before, value: found, after });
        }
    }
    Location { segments }
}

/// Looks up the fields of a data type: index and field.
pub(super) type Members<'t> = dyn Fn(&Kind) -> &'t [Field] + 't;

fn location_value(
    cx: &mut Context<'_>,
    hole: &syntax::Hole,
    request: &Fields,
    path_fields: usize,
    value: &mut Fields,
    data: &Members<'_>,
) -> Option<LocationValue> {
    if hole.kind.is_some() {
        check_dot(cx, hole);
        if let Some(first) = value.spans.first().copied() {
            let line = cx.line(first);
            cx.error(hole.name.span, "an answer has one value")
                .help(format!("the first is at {line}; a hole without a type takes it, as in `{{note.id}}`"));
            return None;
        }
        value.place(cx, hole)?;
        if value.known.first() == Some(&true)
            && let Some(field) = value.list.first()
        {
            check_path_kind(cx, field, hole);
        }
        return Some(LocationValue::Response);
    }
    match &hole.member {
        Some(member) => response_field(cx, hole, member, value, data),
        None => match request.find(&hole.name.text).filter(|field| *field < path_fields) {
            Some(field) => Some(LocationValue::Request(field)),
            None => {
                if request.complete {
                    let known: Vec<&str> =
                        request.list.iter().take(path_fields).map(|field| field.name.as_str()).collect();
                    let error = cx.error(hole.name.span, format!("there is no `{}` in the path", hole.name.text));
                    error
                        .help("give it a type if it is what the endpoint answers, or write `{value.field}` for a field of the value in the body")
                        .or_near(&hole.name.text, known);
                }
                None
            }
        },
    }
}

/// The field of an answer's value that `{note.id}` names.
fn response_field(
    cx: &mut Context<'_>,
    hole: &syntax::Hole,
    member: &syntax::Text,
    value: &Fields,
    data: &Members<'_>,
) -> Option<LocationValue> {
    let Some(found) = value.list.first().filter(|found| found.name == hole.name.text) else {
        if value.complete {
            let known: Vec<&str> = value.list.iter().map(|field| field.name.as_str()).collect();
            cx.error(hole.name.span, format!("the body has no value `{}`", hole.name.text))
                .suggest(&hole.name.text, known);
        }
        return None;
    };
    if found.presence != Presence::Required {
        cx.error(
            hole.name.span,
            format!("`{}` may be absent or repeat, so it has no field for the location", found.name),
        );
        return None;
    }
    let fields = data(&found.kind);
    let Some(index) = fields.iter().position(|field| field.name == member.text) else {
        cx.error(member.span, format!("`{}` has no field `{}`", found.name, member.text))
            .suggest(&member.text, fields.iter().map(|field| field.name.as_str()));
        return None;
    };
    if let Some(field) = fields.get(index) {
        let fits =
            matches!(&field.kind, Kind::Scalar(Scalar::Word | Scalar::Integer | Scalar::Id(_) | Scalar::Enum(_)));
        if !fits || field.presence != Presence::Required {
            cx.error(member.span, format!("`{}` cannot stand in a location", member.text))
                .help("a hole in a path is a required word, integer, id or enum");
        }
    }
    Some(LocationValue::ResponseField(index))
}
