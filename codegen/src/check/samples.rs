//! Examples, each held against its shape, if there is nothing wrong with the shape.

use std::collections::BTreeSet;
use std::slice;

use super::context::Context;
use super::examples::{self, Expected};
use super::types;
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{
    Api, Content, Element, Endpoint, EnvelopePart, Example, ExampleResponse, LocationSegment, LocationValue, Style,
    TypeExample, TypeRef,
};
use crate::parse::syntax::{self, Node};
use crate::source::Span;

/// Which types have nothing wrong in them.
pub(super) fn sound_types(cx: &Context<'_>) -> Vec<bool> {
    let types = cx.input.sections.iter().flat_map(|(_, section)| &section.types);
    types
        .map(|found| {
            let examples: Vec<Span> = found.examples.iter().map(|example| example.span).collect();
            is_sound(&cx.found, found.span, &examples)
        })
        .collect()
}

/// Holds the examples against their shapes.
pub(super) fn hold(cx: &mut Context<'_>, api: &mut Api) {
    let sound = sound_types(cx);
    let all_sound =
        |reached: BTreeSet<TypeRef>| reached.iter().all(|found| sound.get(found.0).copied().unwrap_or_default());
    let input = cx.input;
    let mut of_types = Vec::new();
    for (index, syntax) in input.sections.iter().flat_map(|(_, section)| &section.types).enumerate() {
        let reached = api.types.get(index).map(|found| types::reach(&api.types, &found.fields)).unwrap_or_default();
        let good = sound.get(index).copied().unwrap_or_default() && all_sound(reached);
        of_types.push(if good { of_type(cx, api, TypeRef(index), syntax) } else { Vec::new() });
    }
    let before = cx.found.clone();
    let mut of_endpoints = Vec::new();
    for (section, (_, syntax)) in api.sections.iter().zip(&input.sections) {
        let base = syntax.path.as_ref().is_none_or(|path| is_sound(&before, path.span, &[]));
        for (endpoint, syntax) in section.endpoints.iter().zip(&syntax.endpoints) {
            let reached = types::reach(&api.types, endpoint.fields.iter().chain(&endpoint.response.value));
            let own: Vec<Span> = syntax.examples.iter().map(|example| example.span).collect();
            let style = input.api.and_then(|api| api.styles.get(endpoint.style.0));
            let style = style.is_some_and(|style| is_sound(&before, style.span, &[]));
            let good = base && style && is_sound(&before, syntax.span, &own) && all_sound(reached);
            of_endpoints.push(if good { of_endpoint(cx, api, endpoint, syntax) } else { Vec::new() });
        }
    }
    for (found, examples) in api.types.iter_mut().zip(of_types) {
        found.examples = examples;
    }
    let endpoints = api.sections.iter_mut().flat_map(|section| &mut section.endpoints);
    for (endpoint, examples) in endpoints.zip(of_endpoints) {
        endpoint.examples = examples;
    }
}

/// What the examples of a type say.
fn of_type(cx: &mut Context<'_>, api: &Api, index: TypeRef, syntax: &syntax::Type<'_>) -> Vec<TypeExample> {
    let Some(data_type) = api.types.get(index.0) else { return Vec::new() };
    let (shape, also) = (slice::from_ref(&data_type.shape), data_type.also.as_slice());
    let mut found = Vec::new();
    for example in &syntax.examples {
        let Some(node) = example.document else { continue };
        let expected = Expected { fields: &data_type.fields, shape, also, root: true, written: example.written };
        examples::elements(api, expected, &[node], node.range(), &mut report(cx, example.span));
        found.push(TypeExample { document: examples::xml(node), written: example.written });
    }
    found
}

/// What the examples of an endpoint say.
fn of_endpoint(cx: &mut Context<'_>, api: &Api, endpoint: &Endpoint, syntax: &syntax::Endpoint<'_>) -> Vec<Example> {
    let Some(style) = api.styles.get(endpoint.style.0) else { return Vec::new() };
    syntax
        .examples
        .iter()
        .filter(|example| !example.path.is_missing())
        .map(|example| of_example(cx, api, style, endpoint, example))
        .collect()
}

fn of_example(
    cx: &mut Context<'_>,
    api: &Api,
    style: &Style,
    endpoint: &Endpoint,
    example: &syntax::Example<'_>,
) -> Example {
    let written = example.written;
    let mut report = report(cx, example.span);
    if let Some(request) = example.request {
        check_attributes(request, &[], style.request.as_deref(), &mut report);
    }
    let shape = endpoint.request.as_deref().unwrap_or_default();
    let nodes = example.request.map(|request| examples::payload(request, shape, &mut report)).unwrap_or_default();
    let at = example.request.map_or(range(example.path.span), |request| tag(request));
    let expected = Expected { fields: &endpoint.fields, shape, also: &[], root: style.request.is_none(), written };
    let mut values = examples::elements(api, expected, &nodes, at, &mut report);
    examples::path(api, endpoint, &example.path.text, range(example.path.span), written, &mut report, &mut values);
    let response = example
        .response
        .as_ref()
        .map(|response| of_response(api, style, endpoint, response, &values, written, &mut report));
    let request = endpoint.request.is_some().then(|| nodes.into_iter().map(|node| examples::xml(node)).collect());
    Example { path: example.path.text.clone(), written, values, request, response }
}

fn of_response(
    api: &Api,
    style: &Style,
    endpoint: &Endpoint,
    example: &syntax::ExampleResponse<'_>,
    request: &[crate::model::ExampleValue],
    written: bool,
    report: &mut Report<'_>,
) -> ExampleResponse {
    let response = &endpoint.response;
    check_attributes(example.node, &["status", "location"], style.response.as_deref(), report);
    let shape = response.shape.as_deref().unwrap_or_default();
    let nodes = examples::payload(example.node, shape, report);
    let expected = Expected { fields: response.value.as_slice(), shape, also: &[], root: !response.envelope, written };
    let values = examples::elements(api, expected, &nodes, tag(example.node), report);
    let body = values.first().filter(|_| has_hole(shape));
    match &example.location {
        Some(text) => drop(examples::location(api, endpoint, &text.text, range(text.span), request, body, report)),
        None if holds_value(endpoint) => {
            report.error(tag(example.node), "this answer has no `location`").help("the endpoint answers a value in it");
        }
        None => {}
    }
    ExampleResponse {
        status: example.status.map_or(response.status, |status| status.value),
        location: example.location.as_ref().map(|text| text.text.clone()),
        payload: nodes.into_iter().map(|node| examples::xml(node)).collect(),
    }
}

/// Whether the answer's value is in the location.
fn holds_value(endpoint: &Endpoint) -> bool {
    let segments = endpoint.response.location.iter().flat_map(|location| &location.segments);
    segments.into_iter().any(|segment| matches!(segment, LocationSegment::Hole { value: LocationValue::Response, .. }))
}

fn has_hole(elements: &[Element]) -> bool {
    elements.iter().any(|element| {
        let attribute =
            element.attributes.iter().any(|attribute| matches!(attribute, crate::model::Attribute::Hole { .. }));
        attribute
            || match &element.content {
                Content::Empty => false,
                Content::Hole(_) => true,
                Content::Elements(elements) => has_hole(elements),
            }
    })
}

/// Says which attributes of an example's `<request>` or `<response>` have no meaning. Those of the envelope's root may
/// have been pasted along.
fn check_attributes(node: Node<'_>, own: &[&str], envelope: Option<&[EnvelopePart]>, report: &mut Report<'_>) {
    let pasted: &[(String, String)] = match envelope.and_then(|parts| parts.first()) {
        Some(EnvelopePart::Open(_, attributes)) => attributes,
        _ => &[],
    };
    for attribute in node.attributes() {
        let name = attribute.name();
        if !own.contains(&name) && !pasted.iter().any(|(pasted, _)| pasted == name) {
            let message = format!("`<{}>` of an example has no attribute `{name}`", node.tag_name().name());
            report.error(attribute.range_qname(), message).suggest(name, own.iter().copied());
        }
    }
}

fn report<'c>(cx: &'c mut Context<'_>, span: Span) -> Report<'c> {
    let source = cx.input.sources.get(span.file).map_or("", |source| source.text.as_str());
    Report { file: span.file, source, diagnostics: &mut cx.found }
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start..span.end
}

/// Where the name of an element stands in its start tag.
fn tag(node: Node<'_>) -> std::ops::Range<usize> {
    let start = node.range().start + 1;
    start..start + node.tag_name().name().len()
}

/// Whether none of the diagnostics is about what stands in `span`, the examples in it left aside.
fn is_sound(found: &[Diagnostic], span: Span, examples: &[Span]) -> bool {
    let within =
        |inner: Span, outer: Span| inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end;
    !found.iter().any(|found| within(found.span, span) && !examples.iter().any(|example| within(found.span, *example)))
}
