//! Declared names of the whole schema, the uses of them, and the diagnostics so far. Every part of the check shares
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, DiagnosticSink};
use crate::model::{EnumRef, IdRef, Presence, RateLimitRef, SectionRef, StyleRef, TypeRef};
use crate::names::ReservedNames;
use crate::source::Span;
use crate::syntax::{Endpoint, Schema, Section, Text};

/// A declaration that the type of a hole can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    Id(IdRef),
    Enum(EnumRef),
    Type(TypeRef),
}

/// A use of a data type in a shape.
pub(super) struct TypeUse {
    /// The type whose shape contains the hole; `None` if the hole is in an endpoint.
    pub(super) owner: Option<TypeRef>,
    pub(super) target: TypeRef,
    pub(super) presence: Presence,
    /// Position of the type's name.
    pub(super) span: Span,
    /// Names of the literal attributes of the element around the hole.
    pub(super) literals: Vec<Text>,
}

/// Declared names of the whole schema, the uses of them so far, and the diagnostics so far.
pub(super) struct Context<'s> {
    pub(super) schema: &'s Schema,
    pub(super) reserved: &'s ReservedNames,
    pub(super) rate_limits: BTreeMap<&'s str, RateLimitRef>,
    pub(super) styles: BTreeMap<&'s str, StyleRef>,
    pub(super) sections: BTreeMap<&'s str, SectionRef>,
    /// Ids, enums and data types by name.
    pub(super) symbols: BTreeMap<&'s str, Symbol>,
    /// Uses of data types so far. They are checked when the fields of all types are known.
    pub(super) type_uses: Vec<TypeUse>,
    /// Mistakes found in parsing.
    pub(super) parse_errors: DiagnosticSink,
    /// Mistakes found in parsing, and in the declarations that examples are checked against. They block the checks of
    /// examples that depend on the faulty declaration.
    pub(super) sink: DiagnosticSink,
    /// Names that are unknown, but not reported, because a declaration that could not be parsed may have them. Like
    /// `sink`, they block the checks of examples.
    pub(super) unresolved: DiagnosticSink,
    /// Mistakes that do not block the checks of examples: missing documentation, wrong replacements, unused
    /// declarations.
    pub(super) secondary: DiagnosticSink,
    used_symbols: BTreeSet<Symbol>,
    used_styles: BTreeSet<StyleRef>,
    used_rate_limits: BTreeSet<RateLimitRef>,
    /// `true` if a name is unknown. It may be a misspelled use of a declaration that seems to be unused.
    has_unknown_name: bool,
}

impl<'s> Context<'s> {
    /// Creates a context without declared names. `sink` has the diagnostics from parsing.
    pub(super) fn new(schema: &'s Schema, reserved: &'s ReservedNames, sink: DiagnosticSink) -> Self {
        Context {
            schema,
            reserved,
            rate_limits: BTreeMap::new(),
            styles: BTreeMap::new(),
            sections: BTreeMap::new(),
            symbols: BTreeMap::new(),
            type_uses: Vec::new(),
            parse_errors: sink.clone(),
            sink,
            unresolved: DiagnosticSink::default(),
            secondary: DiagnosticSink::default(),
            used_symbols: BTreeSet::new(),
            used_styles: BTreeSet::new(),
            used_rate_limits: BTreeSet::new(),
            has_unknown_name: false,
        }
    }

    /// Returns the mistakes so far that block the checks of examples.
    pub(super) fn blocking_errors(&self) -> DiagnosticSink {
        let mut errors = self.sink.clone();
        errors.append(self.unresolved.clone());
        errors
    }

    /// Reports a mistake in a declaration that examples are checked against.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.sink.error(span, message)
    }

    /// Returns the path of the file that contains a span.
    pub(super) fn source_path(&self, span: Span) -> String {
        self.schema.sources.get(span.file).map(|source| source.path.clone()).unwrap_or_default()
    }

    /// Returns the file and line of a span, such as `schema/notes.xml:12`, for messages that refer to another position.
    pub(super) fn line(&self, span: Span) -> String {
        self.schema.line(span)
    }

    /// Resolves the name of an id, an enum or a data type in a hole. `owner` is the type whose shape contains the hole.
    /// Returns `None` for an unknown name, and reports it if all files could be parsed. `scalars` are suggested in
    /// addition to declared names.
    pub(super) fn resolve_symbol(&mut self, name: &Text, scalars: &[&str], owner: Option<TypeRef>) -> Option<Symbol> {
        let Some(symbol) = self.symbols.get(name.text.as_str()).copied() else {
            self.has_unknown_name = true;
            if !self.schema.is_complete {
                self.unresolved.error(name.span, "unknown type");
            } else {
                let known: Vec<&str> = scalars.iter().copied().chain(self.symbols.keys().copied()).collect();
                let list = scalars.iter().map(|scalar| format!("`{scalar}`")).collect::<Vec<_>>().join(", ");
                self.sink
                    .error(name.span, format!("unknown type `{}`", name.text))
                    .help(format!("a type is {list}, or the name of an `<id>`, `<enum>` or `<type>`"))
                    .suggest_close(&name.text, known);
            }
            return None;
        };
        // A type that is used only in its own shape counts as unused.
        if owner.map(Symbol::Type) != Some(symbol) {
            self.used_symbols.insert(symbol);
        }
        Some(symbol)
    }

    /// Resolves the name of a style. Returns `None` for an unknown one, and reports it if all styles are known.
    pub(super) fn resolve_style(&mut self, name: &Text) -> Option<StyleRef> {
        let style = self.styles.get(name.text.as_str()).copied();
        match style {
            Some(style) => {
                self.used_styles.insert(style);
            }
            None if name.is_missing() || !self.knows_all_declarations() => self.has_unknown_name = true,
            None => {
                self.has_unknown_name = true;
                let known: Vec<&str> = self.styles.keys().copied().collect();
                self.sink.error(name.span, format!("unknown style `{}`", name.text)).suggest(&name.text, known);
            }
        }
        style
    }

    /// Returns the style of an endpoint: its own, otherwise that of its section. Returns `None` for an unknown one,
    /// which has been reported.
    pub(super) fn style_of(&self, section: &Section, endpoint: &Endpoint) -> Option<StyleRef> {
        let name = endpoint.style.as_ref().unwrap_or(&section.style);
        self.styles.get(name.text.as_str()).copied()
    }

    /// Resolves the name of a rate limit. Returns `None` for an unknown one, and reports it if all rate limits
    /// are known.
    pub(super) fn resolve_rate_limit(&mut self, name: &Text) -> Option<RateLimitRef> {
        let rate_limit = self.rate_limits.get(name.text.as_str()).copied();
        match rate_limit {
            Some(rate_limit) => {
                self.used_rate_limits.insert(rate_limit);
            }
            None if !self.knows_all_declarations() => self.has_unknown_name = true,
            None => {
                self.has_unknown_name = true;
                let known: Vec<&str> = self.rate_limits.keys().copied().collect();
                self.sink.error(name.span, format!("unknown rate limit `{}`", name.text)).suggest(&name.text, known);
            }
        }
        rate_limit
    }

    /// `true` if all files could be parsed and one of them has `<api>`, so that all styles and rate limits are known.
    fn knows_all_declarations(&self) -> bool {
        self.schema.is_complete && self.schema.api.is_some()
    }

    /// `true` if all uses of declarations are known. After a mistake in parsing or an unknown name, a declaration that
    /// seems to be unused may be what was meant.
    pub(super) fn knows_all_uses(&self) -> bool {
        self.schema.is_complete && self.parse_errors.is_empty() && !self.has_unknown_name
    }

    /// `true` if a hole refers to the symbol, apart from holes in the shape of the type itself.
    pub(super) fn is_symbol_used(&self, symbol: Symbol) -> bool {
        self.used_symbols.contains(&symbol)
    }

    /// `true` if a section or an endpoint has the style.
    pub(super) fn is_style_used(&self, style: StyleRef) -> bool {
        self.used_styles.contains(&style)
    }

    /// `true` if a style, a section or an endpoint has the rate limit.
    pub(super) fn is_rate_limit_used(&self, rate_limit: RateLimitRef) -> bool {
        self.used_rate_limits.contains(&rate_limit)
    }
}
