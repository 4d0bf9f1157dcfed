//! Routes: that no two endpoints are found by the same request.

use std::collections::BTreeMap;

use super::context::Context;
use crate::model::{Endpoint, Method, Section, Segment, Style, TokenSegment};
use crate::parse::syntax;
use crate::source::Span;

/// A route of an endpoint.
pub(super) struct Entry<'a> {
    pub(super) method: Method,
    pub(super) path: &'a [Segment],
    pub(super) style: Option<&'a Style>,
    /// Where the path stands.
    pub(super) span: Span,
}

/// The routes of an endpoint, if its paths are well written.
pub(super) fn entries<'a>(
    cx: &Context<'_>,
    styles: &'a [Style],
    section: &Section,
    endpoint: &'a Endpoint,
    syntax: &syntax::Endpoint<'_>,
) -> Vec<Entry<'a>> {
    let base = cx
        .input
        .sections
        .iter()
        .find(|(_, found)| found.name.text == section.name)
        .and_then(|(_, found)| found.path.as_ref());
    let good = |path: &syntax::Path| !path.broken && base.is_none_or(|base| path.absolute || !base.broken);
    // A style that is not there has been reported.
    let style = cx.input.api.and_then(|_| styles.get(endpoint.style.0));
    let main = syntax.path.as_ref().map(|path| (endpoint.method, endpoint.path.as_slice(), path));
    let also = endpoint.also.iter().zip(syntax.also.iter().filter_map(|also| also.path.as_ref()));
    let all = main.into_iter().chain(also.map(|(route, path)| (route.method, route.path.as_slice(), path)));
    all.filter(|(_, _, path)| good(path))
        .map(|(method, segments, path)| Entry { method, path: segments, style, span: path.span })
        .collect()
}

/// A segment with its hole as a blank: what is before it and after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Pattern<'a> {
    Literal(&'a str),
    Hole(&'a str, &'a str),
}

/// Says which routes are there twice, with the token in the path or without it: a bearer token replaces it.
pub(super) fn check<'a>(cx: &mut Context<'_>, entries: &[Entry<'a>]) {
    let mut seen: BTreeMap<(Method, Vec<Pattern<'a>>), Span> = BTreeMap::new();
    for entry in entries {
        let path: Vec<Pattern<'a>> = entry.path.iter().map(pattern).collect();
        let prefix = entry.style.map_or(&[][..], |style| style.prefix.as_slice());
        let literals = prefix.iter().filter(|segment| matches!(segment, TokenSegment::Literal(_)));
        let bare: Vec<Pattern<'a>> = literals.map(token).chain(path.clone()).collect();
        let mut patterns = vec![bare];
        if !prefix.is_empty() {
            patterns.push(prefix.iter().map(token).chain(path).collect());
        }
        let taken = patterns.iter().find_map(|pattern| seen.get(&(entry.method, pattern.clone())).copied());
        if let Some(first) = taken {
            let line = cx.line(first);
            cx.error(entry.span, format!("there is a second route `{}` with this path", entry.method.as_str()))
                .help(format!("the first is at {line}; a server could not tell them apart"));
        }
        for pattern in patterns {
            seen.entry((entry.method, pattern)).or_insert(entry.span);
        }
    }
}

fn pattern(segment: &Segment) -> Pattern<'_> {
    match segment {
        Segment::Literal(text) => Pattern::Literal(text),
        Segment::Hole { before, after, .. } => Pattern::Hole(before, after),
    }
}

fn token(segment: &TokenSegment) -> Pattern<'_> {
    match segment {
        TokenSegment::Literal(text) => Pattern::Literal(text),
        TokenSegment::Token => Pattern::Hole("", ""),
    }
}
