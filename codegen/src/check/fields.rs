//! Fields: what holes declare, and what their types stand for.

use super::context::{Context, Symbol};
use crate::model::{Field, Kind, Presence, Scalar, TypeRef};
use crate::names;
use crate::parse::syntax::{Hole, HoleType};
use crate::source::Span;

const SCALARS: &[&str] =
    &["bool", "flag", "integer", "local", "phrases", "secret", "string", "text", "timestamp", "utc", "word", "words"];

/// The fields of a type or an endpoint, while its holes are read.
pub(super) struct Fields {
    pub(super) list: Vec<Field>,
    /// Where each field got its name.
    pub(super) spans: Vec<Span>,
    /// Whether each field is what it says. If not, there has been a word about it.
    pub(super) known: Vec<bool>,
    /// Whether every hole could be read. If not, a field that is not found may be in one that could not.
    pub(super) complete: bool,
    /// The data type they are of, if they are of one.
    pub(super) owner: Option<TypeRef>,
    /// From where on untyped holes look. What stands before is in another part of a request.
    pub(super) from: usize,
}

impl Fields {
    pub(super) fn new(owner: Option<TypeRef>) -> Self {
        Fields { list: Vec::new(), spans: Vec::new(), known: Vec::new(), complete: true, owner, from: 0 }
    }

    /// The field of a hole: a new one if the hole has a type, else one that is there. Says so if there is none.
    pub(super) fn place(&mut self, cx: &mut Context<'_>, hole: &Hole) -> Option<usize> {
        match &hole.kind {
            Some(kind) => self.declare(cx, hole, kind),
            None => self.again(cx, hole),
        }
    }

    fn declare(&mut self, cx: &mut Context<'_>, hole: &Hole, hole_type: &HoleType) -> Option<usize> {
        let kind = resolve(cx, hole_type, self.owner);
        if let Some(index) = self.find(&hole.name.text) {
            let line = self.spans.get(index).map(|span| cx.line(*span)).unwrap_or_default();
            let again = if index >= self.from {
                format!("; `{{{}}}` takes the same value again", hole.name.text)
            } else {
                String::new()
            };
            cx.error(hole.name.span, format!("there is a second field `{}`", hole.name.text))
                .help(format!("the first is at {line}{again}"));
            return Some(index);
        }
        if kind == Some(Kind::Scalar(Scalar::Text)) && hole_type.presence.is_optional() {
            cx.error(suffix(hole), "a `text` is always there: empty where nothing stands")
                .help("write `string`, whose absence is told from an empty one, or take the suffix away");
        }
        self.known.push(kind.is_some() && !hole_type.broken && names::is_snake(&hole.name.text));
        self.list.push(Field {
            name: hole.name.text.clone(),
            // A word fits anywhere, so nothing else is said.
            kind: kind.unwrap_or(Kind::Scalar(Scalar::Word)),
            presence: hole_type.presence,
            doc: String::new(),
            legacy: None,
            places: 1,
        });
        self.spans.push(hole.name.span);
        Some(self.list.len() - 1)
    }

    /// The field of an untyped hole.
    pub(super) fn again(&mut self, cx: &mut Context<'_>, hole: &Hole) -> Option<usize> {
        let found = self.find(&hole.name.text);
        match found.filter(|index| *index >= self.from) {
            Some(index) => {
                let field = self.list.get_mut(index)?;
                field.places = field.places.saturating_add(1);
                Some(index)
            }
            None if found.is_some() => {
                cx.error(hole.name.span, format!("`{}` stands in another part of the request", hole.name.text))
                    .help("a value is sent in one of path, query and body");
                None
            }
            None => {
                if self.complete && names::is_snake(&hole.name.text) {
                    let known: Vec<&str> = self.list.iter().skip(self.from).map(|field| field.name.as_str()).collect();
                    let error =
                        cx.error(hole.name.span, format!("there is no field `{}` before this hole", hole.name.text));
                    error
                        .help(format!("give it a type: `{{{}: string}}`", hole.name.text))
                        .or_near(&hole.name.text, known);
                }
                None
            }
        }
    }

    /// The index of a field.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|field| field.name == name)
    }
}

/// What a type in a hole stands for. Nothing if it is unknown, which is said.
fn resolve(cx: &mut Context<'_>, hole: &HoleType, owner: Option<TypeRef>) -> Option<Kind> {
    if hole.name.is_missing() {
        return None;
    }
    if let Some(of) = &hole.of {
        if hole.name.text != "words" {
            cx.error(of.span, format!("`{}` takes no type in brackets", hole.name.text)).help("`words(T)` does");
            return None;
        }
        return item(cx, of, owner).map(|scalar| Kind::Scalar(Scalar::Words(Box::new(scalar))));
    }
    match scalar(&hole.name.text) {
        Some(scalar) => Some(Kind::Scalar(scalar)),
        None if hole.name.text == "words" => {
            if !hole.broken {
                cx.error(hole.name.span, "`words` has no type in brackets")
                    .help("write `words(word)`, or an id between the brackets");
            }
            None
        }
        None => cx.symbol(&hole.name, SCALARS, owner).map(|symbol| match symbol {
            Symbol::Id(id) => Kind::Scalar(Scalar::Id(id)),
            Symbol::Enum(open_enum) => Kind::Scalar(Scalar::Enum(open_enum)),
            Symbol::Type(data_type) => Kind::Data(data_type),
        }),
    }
}

/// The type in `words(T)`.
fn item(cx: &mut Context<'_>, of: &crate::parse::syntax::Text, owner: Option<TypeRef>) -> Option<Scalar> {
    let message = match scalar(&of.text) {
        Some(Scalar::String | Scalar::Text | Scalar::Phrases | Scalar::Utc | Scalar::Local) => {
            format!("a `{}` can have white space in it", of.text)
        }
        Some(scalar) => return Some(scalar),
        None if of.text == "words" => "`words` cannot stand in `words`".to_owned(),
        None => match cx.symbol(of, SCALARS, owner)? {
            Symbol::Id(id) => return Some(Scalar::Id(id)),
            Symbol::Enum(open_enum) if spaced(cx, open_enum.0) => {
                format!("a value of `{}` has white space in it", of.text)
            }
            Symbol::Enum(open_enum) => return Some(Scalar::Enum(open_enum)),
            Symbol::Type(_) => format!("`{}` is more than one word", of.text),
        },
    };
    cx.error(of.span, message)
        .help("`words(T)` is split at white space, so `T` is a word, an integer, an id or the like");
    None
}

/// Whether a value of an enum could not be told from two.
fn spaced(cx: &Context<'_>, index: usize) -> bool {
    let mut enums = cx.input.sections.iter().flat_map(|(_, section)| &section.enums);
    enums.nth(index).is_some_and(|found| {
        found.values.iter().filter_map(|value| value.text.as_ref()).any(|text| text.text.contains(char::is_whitespace))
    })
}

fn scalar(name: &str) -> Option<Scalar> {
    Some(match name {
        "string" => Scalar::String,
        "text" => Scalar::Text,
        "word" => Scalar::Word,
        "secret" => Scalar::Secret,
        "integer" => Scalar::Integer,
        "bool" => Scalar::Bool,
        "flag" => Scalar::Flag,
        "utc" => Scalar::Utc,
        "local" => Scalar::Local,
        "timestamp" => Scalar::Timestamp,
        "phrases" => Scalar::Phrases,
        _ => return None,
    })
}

/// Whether an empty element is a value of this kind, so that it cannot stand for an absent one.
pub(super) fn may_be_empty(kind: &Kind) -> bool {
    matches!(kind, Kind::Scalar(Scalar::String | Scalar::Text | Scalar::Flag | Scalar::Words(_) | Scalar::Phrases))
}

/// Where the suffix of a hole stands, or what is nearest to it.
pub(super) fn suffix(hole: &Hole) -> Span {
    match &hole.kind {
        Some(kind) if kind.suffix.start < kind.suffix.end => kind.suffix,
        Some(kind) => kind.name.span,
        None => hole.name.span,
    }
}

/// Where the type of a hole stands, or what is nearest to it.
pub(super) fn type_span(hole: &Hole) -> Span {
    hole.kind.as_ref().map_or(hole.name.span, |kind| kind.name.span)
}

/// Whether a value of this kind can stand in a path.
pub(super) fn check_path_kind(cx: &mut Context<'_>, field: &Field, hole: &Hole) {
    let fits = matches!(&field.kind, Kind::Scalar(Scalar::Word | Scalar::Integer | Scalar::Id(_) | Scalar::Enum(_)));
    if !fits {
        cx.error(
            type_span(hole),
            format!("`{}` cannot stand in a path", hole.kind.as_ref().map_or("this", |kind| &kind.name.text)),
        )
        .help("a hole in a path is a word, an integer, an id or an enum");
    } else if field.presence != Presence::Required {
        cx.error(suffix(hole), "a hole in a path cannot be absent or repeat")
            .help("take what stands after the type away");
    }
}
