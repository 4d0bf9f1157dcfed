//! Routes: where two routes match the same path, a literal segment decides between them.

use std::collections::BTreeMap;

use super::context::Context;
use super::segment_patterns::{HolePattern, Overlap, SegmentPattern};
use super::styles::find_method;
use crate::model::{Endpoint, Method, Section, Segment, Style, TokenSegment, route_order};
use crate::source::Span;
use crate::syntax;

/// The routes of all endpoints, as a server tries them.
pub(super) struct RouteTable<'a> {
    routes: Vec<EndpointRoute<'a>>,
    /// The patterns of each route: its path with and without the token's segment. A request with a bearer token has no
    /// such segment.
    patterns: Vec<RoutePattern<'a>>,
    /// Trees of patterns, by method and number of segments.
    trees: BTreeMap<(Method, usize), Tree<'a>>,
}

/// A route of an endpoint.
pub(super) struct EndpointRoute<'a> {
    pub(super) section: &'a Section,
    pub(super) endpoint: &'a Endpoint,
    method: Method,
    path: &'a [Segment],
    /// Segments before the path.
    prefix: &'a [TokenSegment],
    /// Position of the path.
    pub(super) span: Span,
}

/// A pattern of a route.
struct RoutePattern<'a> {
    /// Index of the route.
    route: usize,
    segments: Vec<SegmentPattern<'a>>,
}

/// A tree of patterns: each level is a segment.
#[derive(Default)]
struct Tree<'a> {
    literals: BTreeMap<&'a str, Tree<'a>>,
    holes: BTreeMap<HolePattern<'a>, Tree<'a>>,
    /// Indices of the patterns that end here.
    patterns: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// Adds a pattern; `segments` are the rest of it.
    fn insert(&mut self, segments: &[SegmentPattern<'a>], index: usize) {
        match segments {
            [] => self.patterns.push(index),
            [SegmentPattern::Literal(text), rest @ ..] => {
                self.literals.entry(text).or_default().insert(rest, index);
            }
            [SegmentPattern::Hole(hole), rest @ ..] => self.holes.entry(*hole).or_default().insert(rest, index),
        }
    }

    /// Finds the patterns that overlap with one of which `segments` are the rest. `overlap` is that of the segments
    /// before. Adds to `found` the index of each pattern, and the overlap of the searched pattern with it.
    fn find_overlaps(&self, segments: &[SegmentPattern<'a>], overlap: Overlap, found: &mut Vec<(usize, Overlap)>) {
        match segments {
            [] => found.extend(self.patterns.iter().map(|index| (*index, overlap))),
            [SegmentPattern::Literal(text), rest @ ..] => {
                if let Some(tree) = self.literals.get(text) {
                    tree.find_overlaps(rest, overlap, found);
                }
                for (_, tree) in self.holes.iter().filter(|(hole, _)| hole.matches(text)) {
                    tree.find_overlaps(rest, overlap.and(Overlap::Narrower), found);
                }
            }
            [SegmentPattern::Hole(hole), rest @ ..] => {
                for (_, tree) in self.literals.iter().filter(|(text, _)| hole.matches(text)) {
                    tree.find_overlaps(rest, overlap.and(Overlap::Wider), found);
                }
                for (other, tree) in &self.holes {
                    if let Some(of_holes) = hole.find_overlap(*other) {
                        tree.find_overlaps(rest, overlap.and(of_holes), found);
                    }
                }
            }
        }
    }

    /// Finds the patterns that match a path of which `segments` are the rest.
    fn find_matches(&self, segments: &[&str], found: &mut Vec<usize>) {
        let Some((first, rest)) = segments.split_first() else { return found.extend(&self.patterns) };
        let holes = self.holes.iter().filter(|(hole, _)| hole.matches(first)).map(|(_, tree)| tree);
        self.literals.get(first).into_iter().chain(holes).for_each(|tree| tree.find_matches(rest, found));
    }
}

impl<'a> RouteTable<'a> {
    /// Collects the routes of all endpoints, except those with a mistake in their path or method. An endpoint whose
    /// style is unknown has no routes, because its style may have a prefix.
    pub(super) fn new(cx: &Context<'_>, styles: &'a [Style], sections: &'a [Section]) -> Self {
        let mut table = RouteTable { routes: Vec::new(), patterns: Vec::new(), trees: BTreeMap::new() };
        for (section, section_syntax) in sections.iter().zip(&cx.schema.sections) {
            for (endpoint, syntax) in section.endpoints.iter().zip(&section_syntax.endpoints) {
                let style = cx.style_of(section_syntax, syntax).and_then(|style| styles.get(style.0));
                let Some(Style { prefix, .. }) = style else { continue };
                for (method, path, span) in collect_paths(cx, section_syntax, endpoint, syntax) {
                    table.insert(EndpointRoute { section, endpoint, method, path, prefix, span });
                }
            }
        }
        table
    }

    /// Adds a route with its patterns.
    fn insert(&mut self, route: EndpointRoute<'a>) {
        let EndpointRoute { method, path, prefix, endpoint, .. } = route;
        let path = path.iter().map(|segment| SegmentPattern::new(segment, &endpoint.fields));
        let literals = prefix.iter().filter(|segment| matches!(segment, TokenSegment::Literal(_)));
        let mut patterns: Vec<Vec<_>> = vec![literals.map(SegmentPattern::of_prefix).chain(path.clone()).collect()];
        if !prefix.is_empty() {
            patterns.push(prefix.iter().map(SegmentPattern::of_prefix).chain(path).collect());
        }
        for segments in patterns {
            let tree = self.trees.entry((method, segments.len())).or_default();
            tree.insert(&segments, self.patterns.len());
            self.patterns.push(RoutePattern { route: self.routes.len(), segments });
        }
        self.routes.push(route);
    }

    /// Reports each route that overlaps with one before it, unless a literal segment decides between them.
    pub(super) fn report_overlaps(&self, cx: &mut Context<'_>) {
        let mut reported = None;
        for pattern in &self.patterns {
            let Some(route) = self.routes.get(pattern.route) else { continue };
            let Some(tree) = self.trees.get(&(route.method, pattern.segments.len())) else { continue };
            let mut overlaps = Vec::new();
            tree.find_overlaps(&pattern.segments, Overlap::Equal, &mut overlaps);
            let others = overlaps.into_iter().filter_map(|(index, overlap)| Some((self.patterns.get(index)?, overlap)));
            let mut earlier = others.filter(|(other, _)| other.route < pattern.route).filter_map(|(other, overlap)| {
                let other_route = self.routes.get(other.route)?;
                is_ambiguous(route, other_route, overlap).then_some((other, other_route, overlap))
            });
            // A route is reported once, although it may have two patterns.
            if reported != Some(pattern.route)
                && let Some((other, other_route, overlap)) = earlier.next()
            {
                reported = Some(pattern.route);
                let line = cx.line(other_route.span);
                let method = route.method.as_str();
                if overlap == Overlap::Equal {
                    cx.error(route.span, format!("duplicate route: `{method}` with this path"))
                        .help(format!("the first is at {line}; a server could not tell them apart"));
                } else {
                    let path = find_common_path(&pattern.segments, &other.segments);
                    cx.error(route.span, format!("overlapping route: `{method} {path}` matches another one too")).help(
                        format!(
                            "the other is at {line}; a path may match two routes only if one of them has literal \
                             segments where the other has holes, and matches no other paths"
                        ),
                    );
                }
            }
        }
    }

    /// Finds the route that a server takes for a request with this method and path, whose segments are still
    /// percent-encoded.
    pub(super) fn find(&self, method: Method, segments: &[&str]) -> Option<&EndpointRoute<'a>> {
        let mut found = Vec::new();
        self.trees.get(&(method, segments.len()))?.find_matches(segments, &mut found);
        let routes = found.into_iter().filter_map(|index| self.patterns.get(index)).map(|pattern| pattern.route);
        let first = routes.min_by_key(|index| (self.routes.get(*index).map(|route| route_order(route.path)), *index));
        self.routes.get(first?)
    }
}

/// Returns the routes of an endpoint, except those with a mistake: method, segments, and the position of the path.
fn collect_paths<'a>(
    cx: &Context<'_>,
    section: &syntax::Section,
    endpoint: &'a Endpoint,
    syntax: &syntax::Endpoint,
) -> Vec<(Method, &'a [Segment], Span)> {
    let is_section_path_valid = section.path.as_ref().is_none_or(|base| !base.is_broken);
    let is_valid = |path: &syntax::Path| !path.is_broken && (path.is_absolute || is_section_path_valid);
    let has_method = |method: Option<&syntax::Text>| method.is_some_and(|method| find_method(&method.text).is_some());
    let style = cx.style_of(section, syntax).and_then(|style| cx.schema.api.as_ref()?.styles.get(style.0));
    let has_main_method = has_method(syntax.method.as_ref().or(style.and_then(|style| style.method.as_ref())));
    let main = (has_main_method && is_valid(&syntax.path)).then_some((
        endpoint.method,
        endpoint.path.as_slice(),
        syntax.path.span,
    ));
    let also = endpoint.also.iter().zip(&syntax.also).filter(|(_, syntax)| {
        is_valid(&syntax.path) && syntax.method.as_ref().map_or(has_main_method, |method| has_method(Some(method)))
    });
    let also = also.map(|(route, syntax)| (route.method, route.path.as_slice(), syntax.path.span));
    main.into_iter().chain(also).collect()
}

/// `true` if a path could reach the wrong one of two overlapping routes. It reaches the right one if the route with
/// more literal segments, which is tried first, matches no path besides those of the other.
fn is_ambiguous(route: &EndpointRoute<'_>, other: &EndpointRoute<'_>, overlap: Overlap) -> bool {
    let (order, other_order) = (route_order(route.path), route_order(other.path));
    match overlap {
        Overlap::Equal => true,
        _ if std::ptr::eq(route.endpoint, other.endpoint) => false,
        Overlap::Narrower => order >= other_order,
        Overlap::Wider => order <= other_order,
        Overlap::Partial => true,
    }
}

/// Returns a path that two overlapping patterns match.
fn find_common_path(one: &[SegmentPattern<'_>], other: &[SegmentPattern<'_>]) -> String {
    one.iter().zip(other).map(|(one, other)| format!("/{}", one.find_common_text(*other))).collect()
}
