//! What a maintainer has to change in the schema, and where.
//!
//! Nothing here knows the schema language: the steps before say what is wrong, this module keeps and shows it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{Source, Span};

/// Something in the schema that is to be different.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What, as the compiler says it: a sentence without its capital and its full stop.
    pub message: String,
    /// What stands at the caret, if the message alone does not say it.
    pub label: Option<String>,
    /// How to put it right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Sets what stands at the caret.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }

    /// Says which of the known names the written one may stand for; lists them if none is near and they are few.
    pub(crate) fn suggest<'k>(&mut self, written: &str, known: impl IntoIterator<Item = &'k str>) -> &mut Self {
        let known: Vec<&str> = known.into_iter().collect();
        let list = || known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let all = match known.len() {
            1 => Some(format!("there is {}", list())),
            2..=9 => Some(format!("there are {}", list())),
            _ => None,
        };
        self.help = all.or(self.help.take());
        self.or_near(written, known)
    }

    /// Says which of the known names the written one may stand for, if one is near, in place of the help before.
    pub(crate) fn or_near<'k>(&mut self, written: &str, known: impl IntoIterator<Item = &'k str>) -> &mut Self {
        match nearest(written, &known.into_iter().collect::<Vec<_>>()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Sets how to put it right.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }
}

/// The known name that is so near that it was probably meant.
fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = written.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, name) = known.iter().map(|name| (distance(name), *name)).min()?;
    (distance <= 1 + written.chars().count() / 4).then_some(name)
}

/// A list that diagnostics can be added to.
pub(crate) trait Errors {
    /// Adds a diagnostic. `message` is a sentence as the compiler writes it, without capital and full stop.
    fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic;
}

impl Errors for Vec<Diagnostic> {
    fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let index = self.len();
        self.push(Diagnostic { span, message: message.into(), label: None, help: None });
        &mut self[index]
    }
}

/// Takes what is found in one source.
pub(crate) struct Report<'a> {
    /// Index of the source.
    pub(crate) file: usize,
    /// The text of the source.
    pub(crate) source: &'a str,
    /// What has been found, in this source and in others.
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Report<'_> {
    /// Adds a diagnostic at a range of bytes. `message` is a sentence as the compiler writes it, without capital and full stop.
    pub(crate) fn error(&mut self, range: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let span = self.span(range);
        self.diagnostics.error(span, message)
    }

    /// The span of a range of bytes in this source.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        Span { file: self.file, start: range.start, end: range.end }
    }
}

/// All that is to be different in a set of sources: sorted by file and place, none twice.
///
/// `Display` shows them without colour.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    sources: Vec<Source>,
    all: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts what was found. The spans are in `sources`.
    pub(crate) fn new(sources: Vec<Source>, mut all: Vec<Diagnostic>) -> Self {
        all.sort();
        all.dedup_by(|later, first| later.span == first.span && later.message == first.message);
        Diagnostics { sources, all }
    }

    /// Each of them; [`Span::file`] counts the sources sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.all.iter()
    }

    /// Shows all as the compiler shows its own: file, line, column, and a caret under the exact text.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let shown: Vec<String> = self.all.iter().map(|diagnostic| self.render_one(&renderer, diagnostic)).collect();
        shown.join("\n\n")
    }

    fn render_one(&self, renderer: &Renderer, diagnostic: &Diagnostic) -> String {
        let title = Level::ERROR.primary_title(diagnostic.message.as_str());
        let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(help));
        let group = match self.sources.get(diagnostic.span.file) {
            Some(source) => title.element(snippet(source, diagnostic)),
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

fn snippet<'a>(source: &'a Source, diagnostic: &'a Diagnostic) -> Snippet<'a, Annotation<'a>> {
    let start = boundary(&source.text, diagnostic.span.start);
    let end = boundary(&source.text, diagnostic.span.end).max(start);
    let caret = AnnotationKind::Primary.span(start..end).label(diagnostic.label.as_deref());
    Snippet::source(source.text.as_str()).path(source.path.as_str()).annotation(caret)
}

/// The last character boundary up to `at`: a caret must not split a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
