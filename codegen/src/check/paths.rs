//! Paths of sections, endpoints and alternative routes.

use super::context::Context;
use super::docs;
use super::fields::{DeclaredField, FieldTable, check_path_field, reject_member, type_span};
use crate::model::{Field, Scalar, Segment, ValueKind};
use crate::names;
use crate::syntax::{self, Path};

/// The path of a section. Relative paths of its endpoints are appended to it.
pub(super) struct SectionPath {
    /// The ids and enums in the path, which are the fields of the section's handle.
    pub(super) handle: FieldTable,
    /// The segments; fields are indices into `handle`.
    segments: Vec<Segment>,
    /// `false` if the section has no path.
    is_declared: bool,
}

/// Checks the path of a section; `None` if it has no path.
pub(super) fn check_section_path(cx: &mut Context<'_>, path: Option<&Path>) -> SectionPath {
    let mut handle = FieldTable::new(None);
    let Some(path) = path else { return SectionPath { handle, segments: Vec::new(), is_declared: false } };
    handle.is_complete = !path.is_broken;
    if !path.is_absolute {
        cx.error(path.span, "the path of a section starts with `/`").help("only paths of endpoints can be relative");
    }
    if path.segments.last().is_some_and(|last| last.hole.is_some() || !last.before.is_empty()) {
        cx.error(path.span, "the path of a section ends with `/`").help("relative paths of its endpoints follow it");
    }
    let mut segments = Vec::new();
    for segment in &path.segments {
        let Some(hole) = &segment.hole else {
            segments.push(Segment::Literal(segment.before.clone()));
            continue;
        };
        if hole.hole_type.is_none() {
            cx.error(hole.name.span, "a hole in the path of a section needs a type")
                .help(format!("write `{{{}: …}}` with the name of an id", hole.name.text));
            handle.is_complete = false;
            continue;
        }
        reject_member(cx, hole);
        let Some(field) = handle.resolve_hole(cx, hole) else { continue };
        if let Some(field) = handle.get_valid(field) {
            check_handle_field(cx, field, hole);
        }
        segments.push(make_segment(segment, field));
    }
    // The last segment is empty, because the path ends with `/`. Another path has been reported.
    segments.pop();
    for declared in &mut handle.fields {
        // Other kinds have been reported already, so their missing documentation is not reported too.
        if is_handle_kind(&declared.field.kind) {
            docs::inherit_doc(cx, &mut declared.field, Some(declared.span));
        }
    }
    SectionPath { handle, segments, is_declared: true }
}

/// `true` for the kinds of a handle's fields. These kinds have their own documentation, because a section cannot
/// document the fields of its handle.
fn is_handle_kind(kind: &ValueKind) -> bool {
    matches!(kind, ValueKind::Scalar(Scalar::Id(_) | Scalar::Enum(_)))
}

/// Reports a field that a handle cannot have.
fn check_handle_field(cx: &mut Context<'_>, field: &Field, hole: &syntax::Hole) {
    if is_handle_kind(&field.kind) {
        return check_path_field(cx, field, hole);
    }
    cx.error(type_span(hole), "a hole in the path of a section must be an id")
        .help("declare one with `<id name=\"…\">`");
}

/// Checks the path of an endpoint. Adds the fields of the handle and of the path to the empty table `fields`.
pub(super) fn check_main_path(
    cx: &mut Context<'_>,
    section_path: &SectionPath,
    path: &Path,
    fields: &mut FieldTable,
) -> Vec<Segment> {
    // Mistakes in fields of the handle are reported at the section. Here, `is_valid: false` skips further checks of
    // them.
    let handle_fields = section_path.handle.fields.iter();
    fields.fields = handle_fields.map(|declared| DeclaredField { is_valid: false, ..declared.clone() }).collect();
    fields.is_complete = section_path.handle.is_complete && !path.is_broken;
    let mut checker = PathChecker::new(cx, section_path, path, fields);
    for segment in &path.segments {
        match segment.hole.as_ref().filter(|hole| hole.hole_type.is_some()) {
            Some(hole) => checker.check_typed(segment, hole),
            None => checker.check_untyped(segment, "give it a type, such as `{number: integer}`"),
        }
    }
    let help = "the path of the section has this hole, so the handle provides its value";
    checker.report_unused(path, section_path.handle.len(), help);
    checker.segments
}

/// Checks an alternative route of an endpoint, which has the same holes as its main path. `path_fields` is the number
/// of fields in the main path; they are the first in `fields`.
pub(super) fn check_alternative_path(
    cx: &mut Context<'_>,
    section_path: &SectionPath,
    path: &Path,
    fields: &mut FieldTable,
    path_fields: usize,
) -> Vec<Segment> {
    let mut checker = PathChecker::new(cx, section_path, path, fields);
    for segment in &path.segments {
        if let Some(hole_type) = segment.hole.as_ref().and_then(|hole| hole.hole_type.as_ref()) {
            checker
                .cx
                .error(hole_type.name.span, "a hole in `<also>` cannot have a type")
                .help("remove the type: the path of the endpoint has it");
        }
        checker.check_untyped(segment, "an alternative route has the same holes as the endpoint's path");
    }
    if !path.is_broken {
        checker.report_unused(path, path_fields, "the path of the endpoint has this hole, so its value is required");
    }
    checker.segments
}

/// Checks one path of an endpoint, and converts its segments.
struct PathChecker<'c, 's> {
    cx: &'c mut Context<'s>,
    fields: &'c mut FieldTable,
    segments: Vec<Segment>,
    /// Number of fields of the section's handle. They are the first in `fields`.
    handle_fields: usize,
    /// Indices of the fields in this path.
    used: Vec<usize>,
    /// `true` if a hole refers to no field. It may be a misspelled one.
    has_unknown_hole: bool,
}

impl<'c, 's> PathChecker<'c, 's> {
    /// Begins a path. A relative path begins with the path of the section.
    fn new(cx: &'c mut Context<'s>, section_path: &SectionPath, path: &Path, fields: &'c mut FieldTable) -> Self {
        let handle_fields = section_path.handle.len();
        if path.is_absolute {
            return PathChecker {
                cx,
                fields,
                segments: Vec::new(),
                handle_fields,
                used: Vec::new(),
                has_unknown_hole: false,
            };
        }
        if !section_path.is_declared {
            cx.error(path.span, "this path does not start with `/`")
                .help("a relative path follows the path of its section, but the section has none");
        }
        let used = (0..handle_fields).collect();
        PathChecker {
            cx,
            fields,
            segments: section_path.segments.clone(),
            handle_fields,
            used,
            has_unknown_hole: false,
        }
    }

    /// Checks a segment whose hole declares a field.
    fn check_typed(&mut self, segment: &syntax::Segment, hole: &syntax::Hole) {
        reject_member(self.cx, hole);
        let name = &hole.name;
        if let Some(field) = self.fields.find(&name.text) {
            let help = if field < self.handle_fields {
                format!("the path of the section has it; in an absolute path, write `{{{}}}`", name.text)
            } else {
                "a path contains each value once".to_owned()
            };
            self.cx.error(name.span, format!("duplicate field `{}`", name.text)).help(help);
            self.used.push(field);
            return;
        }
        let Some(field) = self.fields.resolve_hole(self.cx, hole) else { return };
        if let Some(field) = self.fields.get_valid(field) {
            check_path_field(self.cx, field, hole);
        }
        self.used.push(field);
        self.segments.push(make_segment(segment, field));
    }

    /// Checks a segment with literal text, or with a hole that refers to a field declared before. `help` is the
    /// suggestion if there is no such field.
    fn check_untyped(&mut self, segment: &syntax::Segment, help: &str) {
        let Some(hole) = &segment.hole else {
            self.segments.push(Segment::Literal(segment.before.clone()));
            return;
        };
        reject_member(self.cx, hole);
        let name = &hole.name;
        let Some(field) = self.fields.find(&name.text) else {
            self.has_unknown_hole = true;
            if self.fields.is_complete && names::is_snake(&name.text) {
                self.cx
                    .error(name.span, format!("no field `{}` is declared before this hole", name.text))
                    .help(help)
                    .suggest_close(&name.text, self.fields.names());
            }
            return;
        };
        if self.used.contains(&field) {
            self.cx
                .error(name.span, format!("`{}` is in this path already", name.text))
                .help("a path contains each value once");
        }
        self.used.push(field);
        self.segments.push(make_segment(segment, field));
    }

    /// Reports those of the first `count` fields that are not in the path.
    fn report_unused(&mut self, path: &Path, count: usize, help: &str) {
        if !self.fields.is_complete || self.has_unknown_hole {
            return;
        }
        for field in (0..count).filter(|field| !self.used.contains(field)) {
            if let Some(field) = self.fields.get(field) {
                self.cx.error(path.span, format!("this path has no hole `{{{}}}`", field.name)).help(help);
            }
        }
    }
}

/// Makes the segment with the hole of a field.
fn make_segment(segment: &syntax::Segment, field: usize) -> Segment {
    Segment::Hole { before: segment.before.clone(), field, after: segment.after.clone() }
}
