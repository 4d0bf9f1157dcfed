//! The `Location` header of a response.

use super::context::Context;
use super::fields::{FieldTable, check_path_field, is_valid_in_path, reject_member};
use crate::model::{DataType, Field, Location, LocationSegment, LocationValue, Presence, ValueKind};
use crate::syntax::{self, Path};

/// Checks the location of a response.
pub(super) struct LocationChecker<'c, 's> {
    pub(super) cx: &'c mut Context<'s>,
    /// The fields of the endpoint.
    pub(super) request: &'c FieldTable,
    /// Number of fields in the path of the endpoint. They are the first fields in `request`.
    pub(super) path_fields: usize,
    /// Table with at most one field: the value of the response. It is empty if the body declares none; a typed hole in
    /// the location then declares it.
    pub(super) value: &'c mut FieldTable,
    pub(super) types: &'c [DataType],
}

impl LocationChecker<'_, '_> {
    /// Checks the segments of a location. A segment whose hole has a mistake is left out.
    pub(super) fn check_location(mut self, path: &Path) -> Location {
        let mut segments = Vec::new();
        for segment in &path.segments {
            let Some(hole) = &segment.hole else {
                segments.push(LocationSegment::Literal(segment.before.clone()));
                continue;
            };
            let (before, after) = (segment.before.clone(), segment.after.clone());
            if let Some(value) = self.resolve_hole(hole) {
                segments.push(LocationSegment::Hole { before, value, after });
            }
        }
        Location { segments }
    }

    /// Returns the source of a hole's value. Returns `None` if the hole has a mistake.
    fn resolve_hole(&mut self, hole: &syntax::Hole) -> Option<LocationValue> {
        if hole.hole_type.is_some() {
            return self.declare_value(hole);
        }
        if let Some(member) = &hole.member {
            return self.resolve_member(hole, member);
        }
        if let Some(field) = self.request.find(&hole.name.text)
            && field < self.path_fields
        {
            return Some(LocationValue::Request(field));
        }
        if self.request.is_complete {
            let known = self.request.names().take(self.path_fields);
            self.cx
                .error(hole.name.span, format!("the path has no hole `{{{}}}`", hole.name.text))
                .help(
                    "give it a type if it is the value of the response, or write `{value.field}` for a field of the \
                     value in the body",
                )
                .suggest_close(&hole.name.text, known);
        }
        None
    }

    /// Declares the value of the response with a typed hole. Reports a second value.
    fn declare_value(&mut self, hole: &syntax::Hole) -> Option<LocationValue> {
        reject_member(self.cx, hole);
        if let Some(first) = self.value.fields.first() {
            let line = self.cx.line(first.span);
            self.cx
                .error(hole.name.span, "a response has only one value")
                .help(format!("the first is at {line}; an untyped hole such as `{{note.id}}` refers to a field of it"));
            return None;
        }
        self.value.resolve_hole(self.cx, hole)?;
        if let Some(field) = self.value.get_valid(0) {
            check_path_field(self.cx, field, hole);
        }
        Some(LocationValue::Response)
    }

    /// Resolves a hole such as `{note.id}`: a field of the response's value.
    fn resolve_member(&mut self, hole: &syntax::Hole, member: &syntax::Text) -> Option<LocationValue> {
        let name = &hole.name;
        let Some(value) = self.value.get(0).filter(|value| value.name == name.text) else {
            if self.value.is_complete {
                self.cx
                    .error(name.span, format!("the body has no value `{}`", name.text))
                    .suggest(&name.text, self.value.names());
            }
            return None;
        };
        if value.presence != Presence::Required {
            let message = format!("`{}` may be absent or repeat, so the location cannot use its fields", value.name);
            self.cx.error(name.span, message);
            return None;
        }
        let fields = fields_of(&value.kind, self.types);
        let Some((index, field)) = fields.iter().enumerate().find(|(_, field)| field.name == member.text) else {
            self.cx
                .error(member.span, format!("`{}` has no field `{}`", value.name, member.text))
                .suggest(&member.text, fields.iter().map(|field| field.name.as_str()));
            return None;
        };
        if !is_valid_in_path(&field.kind) || field.presence != Presence::Required {
            self.cx
                .error(member.span, format!("`{}` is not allowed in a location", member.text))
                .help("a value in a path is a required word, integer, id or enum");
        }
        Some(LocationValue::ResponseField(index))
    }
}

/// Returns the fields of a data type, or an empty slice for a scalar.
fn fields_of<'t>(kind: &ValueKind, types: &'t [DataType]) -> &'t [Field] {
    match kind {
        ValueKind::Data(data_type) => types.get(data_type.0).map_or(&[], |found| &found.fields),
        ValueKind::Scalar(_) => &[],
    }
}
