//! Routes: no two of them have the same method and the same pattern of segments.

use std::collections::BTreeMap;

use super::context::Context;
use crate::model::{Endpoint, Method, Segment, Style, TokenSegment};
use crate::source::Span;
use crate::syntax;

/// A route of an endpoint.
pub(super) struct EndpointRoute<'a> {
    method: Method,
    path: &'a [Segment],
    /// Segments before the path.
    prefix: &'a [TokenSegment],
    /// Position of the path.
    span: Span,
}

/// Collects the routes of an endpoint, except those whose path has a mistake. An endpoint whose style is unknown has no
/// routes, because its style may have a prefix.
pub(super) fn collect_routes<'a>(
    cx: &Context<'_>,
    styles: &'a [Style],
    section: &syntax::Section,
    endpoint: &'a Endpoint,
    syntax: &syntax::Endpoint,
) -> Vec<EndpointRoute<'a>> {
    let is_section_path_valid = section.path.as_ref().is_none_or(|base| !base.is_broken);
    let is_valid = |path: &syntax::Path| !path.is_broken && (path.is_absolute || is_section_path_valid);
    let style = cx.style_of(section, syntax).and_then(|style| styles.get(style.0));
    let Some(Style { prefix, .. }) = style else { return Vec::new() };
    // The main route and the alternative ones: method, segments, and the path in the schema.
    let main = syntax.path.as_ref().map(|path| (endpoint.method, endpoint.path.as_slice(), path));
    let also = endpoint.also.iter().zip(syntax.also.iter().filter_map(|also| also.path.as_ref()));
    let all = main.into_iter().chain(also.map(|(route, path)| (route.method, route.path.as_slice(), path)));
    all.filter(|(_, _, path)| is_valid(path))
        .map(|(method, segments, path)| EndpointRoute { method, path: segments, prefix, span: path.span })
        .collect()
}

/// A segment without the name of its hole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SegmentPattern<'a> {
    Literal(&'a str),
    /// A hole with the text before it and after it.
    Hole(&'a str, &'a str),
}

/// Reports routes with the same method and pattern. A literal and a hole are different patterns. Each path is compared
/// with and without the token's segment, because a request with a bearer token has no such segment.
pub(super) fn check_routes<'a>(cx: &mut Context<'_>, routes: &[EndpointRoute<'a>]) {
    let mut seen: BTreeMap<(Method, Vec<SegmentPattern<'a>>), Span> = BTreeMap::new();
    for route in routes {
        let path: Vec<SegmentPattern<'a>> = route.path.iter().map(make_pattern).collect();
        let prefix = route.prefix;
        let literals = prefix.iter().filter(|segment| matches!(segment, TokenSegment::Literal(_)));
        let without_token: Vec<SegmentPattern<'a>> = literals.map(make_prefix_pattern).chain(path.clone()).collect();
        let mut patterns = vec![without_token];
        if !prefix.is_empty() {
            patterns.push(prefix.iter().map(make_prefix_pattern).chain(path).collect());
        }
        let first = patterns.iter().find_map(|pattern| seen.get(&(route.method, pattern.clone())).copied());
        if let Some(first) = first {
            let line = cx.line(first);
            cx.error(route.span, format!("duplicate route: `{}` with this path", route.method.as_str()))
                .help(format!("the first is at {line}; a server could not tell them apart"));
        }
        for pattern in patterns {
            seen.entry((route.method, pattern)).or_insert(route.span);
        }
    }
}

/// Removes the field from a segment, because routes with different field names match the same requests.
fn make_pattern(segment: &Segment) -> SegmentPattern<'_> {
    match segment {
        Segment::Literal(text) => SegmentPattern::Literal(text),
        Segment::Hole { before, after, .. } => SegmentPattern::Hole(before, after),
    }
}

/// Converts a segment of a style's prefix. The token is a hole without text around it.
fn make_prefix_pattern(segment: &TokenSegment) -> SegmentPattern<'_> {
    match segment {
        TokenSegment::Literal(text) => SegmentPattern::Literal(text),
        TokenSegment::Token => SegmentPattern::Hole("", ""),
    }
}
