//! The declared names of the whole schema, and the diagnostics so far.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, DiagnosticSink};
use crate::model::{EnumRef, IdRef, Presence, RateLimitRef, SectionRef, StyleRef, TypeRef};
use crate::names::ReservedNames;
use crate::source::Span;
use crate::syntax::{Schema, Text};

/// A declaration that the type of a hole can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    Id(IdRef),
    Enum(EnumRef),
    Type(TypeRef),
}

/// A use of a data type in a shape.
pub(super) struct TypeUse {
    /// The type that has the shape, if it is that of a type.
    pub(super) owner: Option<TypeRef>,
    pub(super) target: TypeRef,
    pub(super) presence: Presence,
    /// Position of the type's name.
    pub(super) span: Span,
    /// The literal attributes beside the hole.
    pub(super) literals: Vec<Text>,
}

/// State of checking.
pub(super) struct Context<'s> {
    pub(super) schema: &'s Schema,
    pub(super) reserved: &'s ReservedNames,
    pub(super) rate_limits: BTreeMap<&'s str, RateLimitRef>,
    pub(super) styles: BTreeMap<&'s str, StyleRef>,
    pub(super) sections: BTreeMap<&'s str, SectionRef>,
    pub(super) symbols: BTreeMap<&'s str, Symbol>,
    pub(super) type_uses: Vec<TypeUse>,
    /// Mistakes because of which examples cannot be checked against the faulty parts.
    pub(super) sink: DiagnosticSink,
    /// Mistakes that do not affect the examples.
    pub(super) late: DiagnosticSink,
    used_symbols: BTreeSet<Symbol>,
    used_styles: BTreeSet<StyleRef>,
    used_rate_limits: BTreeSet<RateLimitRef>,
}

impl<'s> Context<'s> {
    /// `sink` has the diagnostics of parsing.
    pub(super) fn new(schema: &'s Schema, reserved: &'s ReservedNames, sink: DiagnosticSink) -> Self {
        Context {
            schema,
            reserved,
            rate_limits: BTreeMap::new(),
            styles: BTreeMap::new(),
            sections: BTreeMap::new(),
            symbols: BTreeMap::new(),
            type_uses: Vec::new(),
            sink,
            late: DiagnosticSink::default(),
            used_symbols: BTreeSet::new(),
            used_styles: BTreeSet::new(),
            used_rate_limits: BTreeSet::new(),
        }
    }

    /// Reports a mistake because of which examples cannot be checked against the faulty part.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.sink.error(span, message)
    }

    /// Returns the path of the source of a span.
    pub(super) fn source_path(&self, span: Span) -> String {
        self.schema.sources.get(span.file).map(|source| source.path.clone()).unwrap_or_default()
    }

    /// Returns `schema/notes.xml:12`, for messages that refer to another position.
    pub(super) fn line(&self, span: Span) -> String {
        let Some(source) = self.schema.sources.get(span.file) else { return String::new() };
        let line = source.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}", source.path)
    }

    /// Resolves the type of a hole that is not a scalar. Reports an unknown one; `scalars` are proposed too.
    pub(super) fn resolve_symbol(&mut self, name: &Text, scalars: &[&str], owner: Option<TypeRef>) -> Option<Symbol> {
        let Some(symbol) = self.symbols.get(name.text.as_str()).copied() else {
            if self.schema.is_complete {
                let known: Vec<&str> = scalars.iter().copied().chain(self.symbols.keys().copied()).collect();
                self.sink.error(name.span, format!("unknown type `{}`", name.text)).suggest(&name.text, known);
            }
            return None;
        };
        // A type that is used only in its own shape counts as unused.
        if owner.map(Symbol::Type) != Some(symbol) {
            self.used_symbols.insert(symbol);
        }
        Some(symbol)
    }

    /// Resolves the name of a style. Reports an unknown one.
    pub(super) fn resolve_style(&mut self, name: &Text) -> Option<StyleRef> {
        let style = self.styles.get(name.text.as_str()).copied();
        match style {
            Some(style) => drop(self.used_styles.insert(style)),
            None if name.is_missing() || !self.has_api() => {}
            None => {
                let known: Vec<&str> = self.styles.keys().copied().collect();
                self.sink.error(name.span, format!("unknown style `{}`", name.text)).suggest(&name.text, known);
            }
        }
        style
    }

    /// Resolves the name of a rate limit. Reports an unknown one.
    pub(super) fn resolve_rate_limit(&mut self, name: &Text) -> Option<RateLimitRef> {
        let rate_limit = self.rate_limits.get(name.text.as_str()).copied();
        match rate_limit {
            Some(rate_limit) => drop(self.used_rate_limits.insert(rate_limit)),
            None if !self.has_api() => {}
            None => {
                let known: Vec<&str> = self.rate_limits.keys().copied().collect();
                self.sink.error(name.span, format!("unknown rate limit `{}`", name.text)).suggest(&name.text, known);
            }
        }
        rate_limit
    }

    /// `true` if all declarations of `<api>` are known.
    fn has_api(&self) -> bool {
        self.schema.is_complete && self.schema.api.is_some()
    }

    pub(super) fn is_symbol_used(&self, symbol: Symbol) -> bool {
        self.used_symbols.contains(&symbol)
    }

    pub(super) fn is_style_used(&self, style: StyleRef) -> bool {
        self.used_styles.contains(&style)
    }

    pub(super) fn is_rate_limit_used(&self, rate_limit: RateLimitRef) -> bool {
        self.used_rate_limits.contains(&rate_limit)
    }
}
