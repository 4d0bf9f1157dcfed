//! Mistakes in a schema, with their positions. They are collected in a sink, then sorted and rendered.
//!
//! This module is independent of the schema language. `parse` and `check` add diagnostics to a sink; [`Diagnostics`]
//! sorts and renders them.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{Source, Span};

/// Severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The schema is invalid: nothing is generated.
    Error,
    /// The schema is valid, but probably differs from the API.
    Warning,
}

/// A mistake in a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Position of the mistake. If no source has its index, the diagnostic is about the whole schema.
    pub span: Span,
    /// Severity of the mistake.
    pub severity: Severity,
    /// Description in the compiler's style: lower-case start, no full stop.
    pub message: String,
    /// Text beside the caret, if the message alone is not enough.
    pub label: Option<String>,
    /// Suggestion for a fix.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Sets the text beside the caret.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the suggestion for a fix.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the known name that is close to the written one. If no name is close, lists all known names if they are
    /// at most nine, and otherwise keeps the current help.
    pub(crate) fn suggest<'k>(&mut self, written: &str, known: impl IntoIterator<Item = &'k str>) -> &mut Self {
        let known: Vec<&str> = known.into_iter().collect();
        let list = || known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let listing = match known.len() {
            1 => Some(format!("the only one is {}", list())),
            2..=9 => Some(format!("available: {}", list())),
            _ => None,
        };
        self.help = listing.or(self.help.take());
        self.suggest_close(written, known)
    }

    /// Suggests the known name that is close to the written one, instead of the current help. Keeps the current help if
    /// no name is close.
    pub(crate) fn suggest_close<'k>(&mut self, written: &str, known: impl IntoIterator<Item = &'k str>) -> &mut Self {
        match find_close(written, &known.into_iter().collect::<Vec<_>>()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

/// Returns the known name that is closest to the written one, ignoring case. Returns `None` if the names differ in more
/// than one letter, plus one for every four letters of the written name.
pub(crate) fn find_close<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = written.to_lowercase();
    let distance_to = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, name) = known.iter().map(|name| (distance_to(name), *name)).min()?;
    (distance <= 1 + written.chars().count() / 4).then_some(name)
}

/// Collects diagnostics about all sources. Errors and warnings are separate, because later checks depend on errors only.
#[derive(Debug, Clone, Default)]
pub(crate) struct DiagnosticSink {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl DiagnosticSink {
    /// Adds an error, and returns it so that the caller can add a label and help. `message` has a lower-case start and
    /// no full stop.
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        push(&mut self.errors, Severity::Error, span, message.into())
    }

    /// Adds a warning. Otherwise does the same as [`DiagnosticSink::error`].
    pub(crate) fn warning(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        push(&mut self.warnings, Severity::Warning, span, message.into())
    }

    /// Number of errors so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// `true` if there are no errors.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Iterates over the errors in the order of reporting.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.errors.iter()
    }

    /// `true` if there is an error in `span`, apart from those in the spans `except`.
    pub(crate) fn has_error_in(&self, span: Span, except: &[Span]) -> bool {
        let is_excepted = |found: Span| except.iter().any(|except| found.is_within(*except));
        self.errors.iter().any(|found| found.span.is_within(span) && !is_excepted(found.span))
    }

    /// Removes all warnings if there are errors.
    pub(crate) fn drop_warnings_if_invalid(&mut self) {
        if !self.errors.is_empty() {
            self.warnings.clear();
        }
    }

    /// Adds the diagnostics of another sink.
    pub(crate) fn append(&mut self, other: DiagnosticSink) {
        self.errors.extend(other.errors);
        self.warnings.extend(other.warnings);
    }
}

/// Adds a diagnostic to a list, and returns it.
fn push(list: &mut Vec<Diagnostic>, severity: Severity, span: Span, message: String) -> &mut Diagnostic {
    let index = list.len();
    list.push(Diagnostic { span, severity, message, label: None, help: None });
    &mut list[index]
}

/// Collects diagnostics about one source, by ranges of its bytes.
pub(crate) struct SourceSink<'a> {
    /// Index of the source.
    pub(crate) file: usize,
    /// Text of the source.
    pub(crate) source: &'a str,
    /// Diagnostics of all sources so far.
    pub(crate) sink: &'a mut DiagnosticSink,
}

impl<'a> SourceSink<'a> {
    /// Adds a diagnostic at a range of bytes, and returns it so that the caller can add a label and help. `message` has
    /// a lower-case start and no full stop.
    pub(crate) fn error(&mut self, range: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let span = self.span(range);
        self.sink.error(span, message)
    }

    /// Number of errors in all sources so far.
    pub(crate) fn len(&self) -> usize {
        self.sink.len()
    }

    /// Returns the span of a range of bytes in this source.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// Returns the text of a range of bytes in this source. It is empty if the range is out of bounds or splits a
    /// character.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &'a str {
        self.source.get(range.clone()).unwrap_or_default()
    }
}

/// Mistakes in a set of sources: sorted by file and position, each message at most once for a position.
///
/// `Display` renders them without color.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    sources: Vec<Source>,
    all: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts the diagnostics of a sink. Their spans point into `sources`.
    pub(crate) fn new(sources: Vec<Source>, sink: DiagnosticSink) -> Self {
        let mut all = sink.errors;
        all.extend(sink.warnings);
        all.sort();
        all.dedup_by(|later, first| later.span == first.span && later.message == first.message);
        Diagnostics { sources, all }
    }

    /// `true` if there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Iterates over the diagnostics. [`Span::file`] is an index into the sources sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.all.iter()
    }

    /// Renders all diagnostics in the compiler's style: file, line, column, and a caret under the exact text.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let rendered: Vec<String> = self.all.iter().map(|diagnostic| self.render_one(&renderer, diagnostic)).collect();
        rendered.join("\n\n")
    }

    /// Renders a diagnostic: the message, the source around its position, and the help.
    fn render_one(&self, renderer: &Renderer, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(diagnostic.message.as_str());
        let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(help));
        let group = match self.sources.get(diagnostic.span.file) {
            Some(source) => title.element(annotate(source, diagnostic)),
            // A schema without `<api>` is a mistake in no particular file.
            None => Group::with_title(title),
        };
        renderer.render(&[group.elements(help)])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// Returns the source with a caret under the text of a diagnostic.
fn annotate<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Snippet<'a, Annotation<'a>> {
    let start = floor_char_boundary(&source.text, diagnostic.span.start);
    let end = floor_char_boundary(&source.text, diagnostic.span.end).max(start);
    let caret = AnnotationKind::Primary.span(start..end).label(diagnostic.label.as_deref());
    Snippet::source(source.text.as_str()).path(source.path.as_str()).annotation(caret)
}

/// Returns the last character boundary at or before `at`. The renderer panics on a span that splits a character, and
/// the XML parser's errors are reported with the span of a single byte.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
