//! Fields and the resolution of their types. A typed hole declares a field; an untyped hole refers to one.

use super::context::{Context, Symbol};
use crate::model::{Field, Presence, Scalar, TypeRef, ValueKind};
use crate::names;
use crate::source::Span;
use crate::syntax::{Hole, HoleType, Text};

/// A field as declared by a hole.
#[derive(Debug, Clone)]
pub(super) struct DeclaredField {
    pub(super) field: Field,
    /// Position of its name.
    pub(super) span: Span,
    /// `false` if a mistake in its declaration has been reported. `field` may then differ from the intended one.
    pub(super) is_valid: bool,
}

/// The fields of a type or an endpoint, filled while its holes are checked.
pub(super) struct FieldTable {
    pub(super) fields: Vec<DeclaredField>,
    /// `true` if every hole could be parsed. Otherwise, a malformed hole may declare a field that seems unknown.
    pub(super) is_complete: bool,
    /// `true` if an untyped hole refers to no field. A `<doc for>` of its name is not reported too.
    pub(super) has_unknown_hole: bool,
    /// The data type that has the fields; `None` for fields of an endpoint.
    pub(super) owner: Option<TypeRef>,
    /// Index of the first field in the current part of a request. Untyped holes refer to fields from here on.
    part_start: usize,
}

impl FieldTable {
    /// Creates an empty table.
    pub(super) fn new(owner: Option<TypeRef>) -> Self {
        FieldTable { fields: Vec::new(), is_complete: true, has_unknown_hole: false, owner, part_start: 0 }
    }

    /// Begins the next part of a request. The order is path, query, body.
    pub(super) fn start_part(&mut self) {
        self.part_start = self.fields.len();
    }

    /// Returns the number of fields.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns a field, or `None` if there is no field of this index.
    pub(super) fn get(&self, index: usize) -> Option<&Field> {
        self.fields.get(index).map(|declared| &declared.field)
    }

    /// Returns a field, or `None` if a mistake in its declaration has been reported.
    pub(super) fn get_valid(&self, index: usize) -> Option<&Field> {
        self.fields.get(index).filter(|declared| declared.is_valid).map(|declared| &declared.field)
    }

    /// Iterates over the names of the fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|declared| declared.field.name.as_str())
    }

    /// Returns the index of the field of this name, or `None` if there is none.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.names().position(|field| field == name)
    }

    /// Returns the fields in order.
    pub(super) fn into_fields(self) -> Vec<Field> {
        self.fields.into_iter().map(|declared| declared.field).collect()
    }

    /// Returns the index of a hole's field. A typed hole declares a new field; an untyped hole refers to a field that
    /// was declared before. Reports an unknown field.
    pub(super) fn resolve_hole(&mut self, cx: &mut Context<'_>, hole: &Hole) -> Option<usize> {
        match &hole.hole_type {
            Some(hole_type) => Some(self.declare(cx, hole, hole_type)),
            None => self.refer(cx, hole),
        }
    }

    /// Adds the field that a typed hole declares, and returns its index. Reports a duplicate, and returns the index of
    /// the first field of this name.
    fn declare(&mut self, cx: &mut Context<'_>, hole: &Hole, hole_type: &HoleType) -> usize {
        let kind = resolve_type(cx, hole_type, self.owner);
        let name = &hole.name;
        if let Some(index) = self.find(&name.text) {
            let line = self.fields.get(index).map(|first| cx.line(first.span)).unwrap_or_default();
            // A field of an earlier part cannot be used again.
            let untyped = if index >= self.part_start {
                format!("; write `{{{}}}` to use its value again", name.text)
            } else {
                String::new()
            };
            cx.error(name.span, format!("duplicate field `{}`", name.text))
                .help(format!("the first is at {line}{untyped}"));
            return index;
        }
        if kind == Some(ValueKind::Scalar(Scalar::Text)) && hole_type.presence.is_optional() {
            cx.error(suffix_span(hole), "a `text` cannot be optional: a missing one is read as an empty one")
                .help("write `string` to tell a missing value from an empty one, or remove the suffix");
        }
        self.check_clear_method(cx, name, hole_type.presence);
        let is_valid = kind.is_some() && !hole_type.is_broken && names::is_snake(&name.text);
        let field = Field {
            name: name.text.clone(),
            // A word is valid in every position, so no other mistake is reported for the field.
            kind: kind.unwrap_or(ValueKind::Scalar(Scalar::Word)),
            presence: hole_type.presence,
            doc: String::new(),
            legacy: None,
            positions: 1,
        };
        self.fields.push(DeclaredField { field, span: name.span, is_valid });
        self.fields.len() - 1
    }

    /// Reports a field `clear_x` beside a field `x` that can be cleared: the setter of one is the method that clears
    /// the other.
    fn check_clear_method(&self, cx: &mut Context<'_>, name: &Text, presence: Presence) {
        for other in self.fields.iter().map(|declared| &declared.field) {
            // Either of the two may be declared first.
            let pairs = [(&name.text, &other.name, other.presence), (&other.name, &name.text, presence)];
            for (setter, cleared, presence) in pairs {
                if presence == Presence::Change && setter.strip_prefix("clear_") == Some(cleared) {
                    cx.error(name.span, format!("`{setter}` is the method that clears `{cleared}`"))
                        .help("choose another name for one of the two fields");
                }
            }
        }
    }

    /// Returns the index of the field that an untyped hole refers to, and counts the hole as another position of that
    /// field. Reports an unknown field.
    pub(super) fn refer(&mut self, cx: &mut Context<'_>, hole: &Hole) -> Option<usize> {
        let name = &hole.name;
        let Some(index) = self.find(&name.text) else {
            if self.is_complete && names::is_snake(&name.text) {
                let known = self.names().skip(self.part_start);
                cx.error(name.span, format!("no field `{}` is declared before this hole", name.text))
                    .help(format!("give it a type: `{{{}: string}}`", name.text))
                    .suggest_close(&name.text, known);
            }
            self.has_unknown_hole = true;
            return None;
        };
        if index < self.part_start {
            cx.error(name.span, format!("`{}` is declared in another part of the request", name.text))
                .help("a value is sent in one of path, query and body");
            return None;
        }
        let field = &mut self.fields.get_mut(index)?.field;
        field.positions = field.positions.saturating_add(1);
        Some(index)
    }
}

/// Resolves the type of a hole. Returns `None` if it is invalid, or unknown. An unknown type is not reported if a file
/// could not be parsed, because it may be declared there.
fn resolve_type(cx: &mut Context<'_>, hole_type: &HoleType, owner: Option<TypeRef>) -> Option<ValueKind> {
    let name = &hole_type.name;
    if name.is_missing() {
        return None;
    }
    if let Some(item) = &hole_type.item {
        return match name.text.as_str() {
            "words" => resolve_item(cx, item, owner).map(|scalar| ValueKind::Scalar(Scalar::Words(Box::new(scalar)))),
            "compact" => resolve_time(cx, item).map(|scalar| ValueKind::Scalar(Scalar::Compact(Box::new(scalar)))),
            _ => {
                cx.error(item.span, format!("`{}` has no type parameter", name.text))
                    .help("remove the parentheses; only `words(T)` and `compact(T)` have them");
                None
            }
        };
    }
    match find_scalar(&name.text) {
        Some(scalar) => Some(ValueKind::Scalar(scalar)),
        None if name.text == "words" => {
            if !hole_type.is_broken {
                cx.error(name.span, "`words` needs the type of a word")
                    .help("write `words(word)`, or an id in the parentheses");
            }
            None
        }
        None if name.text == "compact" => {
            if !hole_type.is_broken {
                cx.error(name.span, "`compact` needs the type of a time").help(COMPACT_HELP);
            }
            None
        }
        None => cx.resolve_symbol(name, &scalar_names(), owner).map(|symbol| match symbol {
            Symbol::Id(id) => ValueKind::Scalar(Scalar::Id(id)),
            Symbol::Enum(open_enum) => ValueKind::Scalar(Scalar::Enum(open_enum)),
            Symbol::Type(data_type) => ValueKind::Data(data_type),
        }),
    }
}

/// The types of `compact`.
const COMPACT_HELP: &str = "write `compact(utc)`, `compact(local)` or `compact(date)`";

/// Resolves `T` in `compact(T)`. Returns `None` after reporting that it is no time.
fn resolve_time(cx: &mut Context<'_>, item: &Text) -> Option<Scalar> {
    let time = find_scalar(&item.text).filter(|scalar| matches!(scalar, Scalar::Utc | Scalar::Local | Scalar::Date));
    if time.is_none() {
        cx.error(item.span, format!("`{}` has no compact form", item.text)).help(COMPACT_HELP);
    }
    time
}

/// Resolves `T` in `words(T)`. Returns `None` as [`resolve_type`] does, and if values of the type may contain white
/// space.
fn resolve_item(cx: &mut Context<'_>, item: &Text, owner: Option<TypeRef>) -> Option<Scalar> {
    let message = match find_scalar(&item.text) {
        Some(Scalar::String | Scalar::Text | Scalar::Phrases | Scalar::Utc | Scalar::Local) => {
            format!("a `{}` can contain white space", item.text)
        }
        Some(scalar) => return Some(scalar),
        None if matches!(item.text.as_str(), "words" | "compact") => format!("`{}` cannot be nested", item.text),
        None => match cx.resolve_symbol(item, &scalar_names(), owner)? {
            Symbol::Id(id) => return Some(Scalar::Id(id)),
            Symbol::Enum(open_enum) if has_spaced_value(cx, open_enum.0) => {
                format!("a value of `{}` contains white space", item.text)
            }
            Symbol::Enum(open_enum) => return Some(Scalar::Enum(open_enum)),
            Symbol::Type(_) => format!("`{}` is not a single word", item.text),
        },
    };
    cx.error(item.span, message).help(
        "`words(T)` is separated by white space, so `T` must be a type without it, such as a word, an integer or an id",
    );
    None
}

/// `true` if a value of the enum contains white space. In a list of words, it would be read as several words.
fn has_spaced_value(cx: &Context<'_>, index: usize) -> bool {
    let Some(open_enum) = cx.schema.enums().nth(index) else { return false };
    let mut texts = open_enum.values.iter().filter_map(|value| value.text.as_ref());
    texts.any(|text| text.text.contains(char::is_whitespace))
}

/// Returns the scalar of this name, or `None` if there is none. `words` and `compact` are not among them, because they
/// have a parameter.
fn find_scalar(name: &str) -> Option<Scalar> {
    Scalar::NAMED.into_iter().find(|scalar| scalar.name() == Some(name))
}

/// Returns the names of the scalar types, sorted. They are suggested for an unknown type.
fn scalar_names() -> Vec<&'static str> {
    let mut names: Vec<_> = Scalar::NAMED.iter().filter_map(Scalar::name).chain(["compact", "words"]).collect();
    names.sort_unstable();
    names
}

/// `true` if an empty element is read as a value of this kind, so that it cannot mean an absent value.
pub(super) fn may_be_empty(kind: &ValueKind) -> bool {
    matches!(kind, ValueKind::Scalar(Scalar::String | Scalar::Text | Scalar::Flag | Scalar::Words(_) | Scalar::Phrases))
}

/// Returns the position of a hole's suffix. Without a suffix, that of its type; without a type, that of its name.
pub(super) fn suffix_span(hole: &Hole) -> Span {
    match &hole.hole_type {
        Some(hole_type) if hole_type.suffix.len() > 0 => hole_type.suffix,
        _ => type_span(hole),
    }
}

/// Returns the position of a hole's type, or of its name if it has no type.
pub(super) fn type_span(hole: &Hole) -> Span {
    hole.hole_type.as_ref().map_or(hole.name.span, |hole_type| hole_type.name.span)
}

/// `true` if values of this kind are valid in a path.
pub(super) fn is_valid_in_path(kind: &ValueKind) -> bool {
    matches!(kind, ValueKind::Scalar(Scalar::Word | Scalar::Integer | Scalar::Id(_) | Scalar::Enum(_)))
}

/// Reports a field that is not valid in a path.
pub(super) fn check_path_field(cx: &mut Context<'_>, field: &Field, hole: &Hole) {
    if !is_valid_in_path(&field.kind) {
        let kind = hole.hole_type.as_ref().map_or("this", |hole_type| &hole_type.name.text);
        cx.error(type_span(hole), format!("`{kind}` is not allowed in a path"))
            .help("a value in a path is a word, an integer, an id or an enum");
    } else if field.presence != Presence::Required {
        cx.error(suffix_span(hole), "a value in a path cannot be absent or repeat").help("remove the suffix");
    }
}

/// Reports a dot in the name of a hole. The dot has a meaning only in a location.
pub(super) fn reject_member(cx: &mut Context<'_>, hole: &Hole) {
    if let Some(member) = &hole.member {
        cx.error(member.span, "a name with a `.` is allowed only in a location")
            .help("remove the `.`: fields have simple names");
    }
}
