//! What the whole schema declares, and what has been found about it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Errors};
use crate::model::{EnumRef, IdRef, LimitRef, Presence, SectionRef, StyleRef, TypeRef};
use crate::parse::syntax::{self, Text};
use crate::source::{Source, Span};

/// The files, read.
pub(super) struct Input<'s> {
    pub(super) sources: &'s [Source],
    pub(super) api: Option<&'s syntax::Api>,
    /// Index of the source, and the section in it.
    pub(super) sections: Vec<(usize, &'s syntax::Section<'s>)>,
    /// Whether every file could be read. If not, a name that is not found may be in one that could not.
    pub(super) whole: bool,
}

/// What a type in a hole can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    Id(IdRef),
    Enum(EnumRef),
    Type(TypeRef),
}

/// A place where a data type stands.
pub(super) struct Place {
    /// The type in whose shape it is, if it is in one.
    pub(super) owner: Option<TypeRef>,
    pub(super) target: TypeRef,
    pub(super) presence: Presence,
    /// Where the type is named.
    pub(super) span: Span,
    /// The literal attributes beside it.
    pub(super) literals: Vec<Text>,
}

/// What is known while checking.
pub(super) struct Context<'s> {
    pub(super) input: &'s Input<'s>,
    pub(super) limits: BTreeMap<&'s str, LimitRef>,
    pub(super) styles: BTreeMap<&'s str, StyleRef>,
    pub(super) sections: BTreeMap<&'s str, SectionRef>,
    pub(super) symbols: BTreeMap<&'s str, Symbol>,
    pub(super) places: Vec<Place>,
    /// Mistakes that make examples meaningless.
    pub(super) found: Vec<Diagnostic>,
    /// All others.
    pub(super) late: Vec<Diagnostic>,
    used_symbols: BTreeSet<Symbol>,
    used_styles: BTreeSet<StyleRef>,
    used_limits: BTreeSet<LimitRef>,
}

impl<'s> Context<'s> {
    pub(super) fn new(input: &'s Input<'s>, found: Vec<Diagnostic>) -> Self {
        Context {
            input,
            limits: BTreeMap::new(),
            styles: BTreeMap::new(),
            sections: BTreeMap::new(),
            symbols: BTreeMap::new(),
            places: Vec::new(),
            found,
            late: Vec::new(),
            used_symbols: BTreeSet::new(),
            used_styles: BTreeSet::new(),
            used_limits: BTreeSet::new(),
        }
    }

    /// Adds a diagnostic.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.found.error(span, message)
    }

    /// `schema/notes.xml:12`, for a message about another place.
    pub(super) fn line(&self, span: Span) -> String {
        let Some(source) = self.input.sources.get(span.file) else { return String::new() };
        let line = source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}", source.path)
    }

    /// Finds what a type in a hole names. Says so if there is no such thing.
    pub(super) fn symbol(&mut self, name: &Text, scalars: &[&str], owner: Option<TypeRef>) -> Option<Symbol> {
        let Some(symbol) = self.symbols.get(name.text.as_str()).copied() else {
            if self.input.whole {
                let known: Vec<&str> = scalars.iter().copied().chain(self.symbols.keys().copied()).collect();
                self.found.error(name.span, format!("there is no type `{}`", name.text)).suggest(&name.text, known);
            }
            return None;
        };
        // A type that only names itself is still unused.
        if owner.map(Symbol::Type) != Some(symbol) {
            self.used_symbols.insert(symbol);
        }
        Some(symbol)
    }

    /// Finds a style. Says so if there is none of this name.
    pub(super) fn style(&mut self, name: &Text) -> Option<StyleRef> {
        let style = self.styles.get(name.text.as_str()).copied();
        match style {
            Some(style) => drop(self.used_styles.insert(style)),
            None if name.is_missing() || !self.input.whole || self.input.api.is_none() => {}
            None => {
                let known: Vec<&str> = self.styles.keys().copied().collect();
                self.found.error(name.span, format!("there is no style `{}`", name.text)).suggest(&name.text, known);
            }
        }
        style
    }

    /// Finds a rate. Says so if there is none of this name.
    pub(super) fn limit(&mut self, name: &Text) -> Option<LimitRef> {
        let limit = self.limits.get(name.text.as_str()).copied();
        match limit {
            Some(limit) => drop(self.used_limits.insert(limit)),
            None if !self.input.whole || self.input.api.is_none() => {}
            None => {
                let known: Vec<&str> = self.limits.keys().copied().collect();
                self.found.error(name.span, format!("there is no limit `{}`", name.text)).suggest(&name.text, known);
            }
        }
        limit
    }

    pub(super) fn is_used(&self, symbol: Symbol) -> bool {
        self.used_symbols.contains(&symbol)
    }

    pub(super) fn is_style_used(&self, style: StyleRef) -> bool {
        self.used_styles.contains(&style)
    }

    pub(super) fn is_limit_used(&self, limit: LimitRef) -> bool {
        self.used_limits.contains(&limit)
    }
}
