//! Endpoints: what they take and what they answer.

use super::context::Context;
use super::fields::Fields;
use super::paths::{self, Base, Members};
use super::shapes::{At, Shapes};
use super::{docs, legacy, pages, styles};
use crate::diagnostic::Errors;
use crate::model::{
    Attribute, DataType, Element, Endpoint, EnvelopePart, Fails, Field, Hole, Kind, Method, Response, Retry, Route,
    Style, StyleRef,
};
use crate::parse::syntax;
use crate::parse::syntax::{AttributeValue, Text};

const RETRIES: &[(&str, Retry)] =
    &[("read", Retry::Read), ("idempotent", Retry::Idempotent), ("delete", Retry::Delete), ("unsafe", Retry::Unsafe)];

/// What an endpoint is checked against.
pub(super) struct Surroundings<'a> {
    pub(super) section: &'a syntax::Section<'a>,
    pub(super) base: &'a Base,
    pub(super) styles: &'a [Style],
    pub(super) types: &'a [DataType],
    /// Which of the types have nothing wrong in them.
    pub(super) sound: &'a [bool],
}

/// An endpoint, without its examples.
pub(super) fn endpoint(cx: &mut Context<'_>, around: &Surroundings<'_>, syntax: &syntax::Endpoint<'_>) -> Endpoint {
    let style = cx.style(syntax.style.as_ref().unwrap_or(&around.section.style));
    let method = method(cx, syntax, style);
    let mut fields = Fields::new(None);
    let path = syntax.path.as_ref().map(|path| paths::main(cx, around.base, path, &mut fields)).unwrap_or_default();
    let (path_fields, handle) = (fields.list.len(), around.base.handle.list.len());
    let also = also(cx, around, syntax, &mut fields, path_fields, method);
    fields.from = fields.list.len();
    let query = query(cx, &syntax.query, &mut fields);
    fields.from = fields.list.len();
    let found = style.and_then(|style| around.styles.get(style.0));
    let request = syntax
        .request
        .as_ref()
        .map(|request| payload(cx, request, found.map(|style| style.request.as_deref()), &mut fields));
    let before = cx.found.len();
    let response = response(cx, around, syntax, found, &mut fields, path_fields);
    let answer = (cx.found.len() == before).then_some(&response);
    let retry = retry(cx, syntax.retry.as_ref(), method);
    let listing = pages::Listing { fields: &fields, query: &query, retry, answer };
    let pages = syntax.pages.as_ref().and_then(|pages| pages::pages(cx, around, &listing, pages));
    Endpoint {
        name: syntax.name.text.clone(),
        doc: text(&syntax.doc),
        style: style.unwrap_or(StyleRef(0)),
        limit: limit(cx, around, syntax, style),
        method,
        retry,
        path,
        query,
        also,
        path_fields,
        handle_fields: (0..handle).map(|field| (field, field)).collect(),
        request,
        response,
        pages,
        fails: fails(cx, &syntax.fails, found),
        legacy: syntax.legacy.as_ref().and_then(|legacy| legacy::of_endpoint(cx, legacy, &syntax.name)),
        examples: Vec::new(),
        fields: fields.list,
    }
}

fn text(text: &Option<Text>) -> String {
    text.as_ref().map(|text| text.text.clone()).unwrap_or_default()
}

fn method(cx: &mut Context<'_>, syntax: &syntax::Endpoint<'_>, style: Option<StyleRef>) -> Method {
    let fallback = Method::Get;
    if let Some(text) = &syntax.method {
        return styles::method(cx, text).unwrap_or(fallback);
    }
    let Some(style) = style.and_then(|style| cx.input.api?.styles.get(style.0)) else { return fallback };
    let Some(text) = &style.method else {
        let help = format!("write `method=\"GET\"` here, or give the style `{}` a method", style.name.text);
        cx.error(syntax.name.span, "this endpoint has no method").help(help);
        return fallback;
    };
    // What is wrong with the style's is said there.
    match text.text.as_str() {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => fallback,
    }
}

fn retry(cx: &mut Context<'_>, text: Option<&Text>, method: Method) -> Retry {
    let Some(text) = text else {
        return match method {
            Method::Get => Retry::Read,
            Method::Put => Retry::Idempotent,
            Method::Delete => Retry::Delete,
            Method::Post => Retry::Unsafe,
        };
    };
    let found = RETRIES.iter().find(|(name, _)| *name == text.text).map(|(_, retry)| *retry);
    if found.is_none() {
        cx.error(text.span, format!("there is no retry class `{}`", text.text))
            .suggest(&text.text, RETRIES.iter().map(|(name, _)| *name));
    }
    found.unwrap_or(Retry::Unsafe)
}

fn limit(
    cx: &mut Context<'_>,
    around: &Surroundings<'_>,
    syntax: &syntax::Endpoint<'_>,
    style: Option<StyleRef>,
) -> Option<crate::model::LimitRef> {
    let own = syntax.limit.as_ref().or(around.section.limit.as_ref());
    match own {
        Some(limit) => cx.limit(limit),
        None => {
            let limit = cx.input.api?.styles.get(style?.0)?.limit.as_ref()?;
            // An unknown one is said at the style.
            cx.limits.get(limit.text.as_str()).copied()
        }
    }
}

fn also(
    cx: &mut Context<'_>,
    around: &Surroundings<'_>,
    syntax: &syntax::Endpoint<'_>,
    fields: &mut Fields,
    path_fields: usize,
    main: Method,
) -> Vec<Route> {
    let mut routes = Vec::new();
    for also in &syntax.also {
        let method = also.method.as_ref().map_or(Some(main), |text| styles::method(cx, text)).unwrap_or(main);
        if let Some(path) = &also.path {
            routes.push(Route { method, path: paths::also(cx, around.base, path, fields, path_fields) });
        }
    }
    routes
}

/// Query parameters. They are attributes of a shape, so the same checks hold.
fn query(cx: &mut Context<'_>, attributes: &[syntax::Attribute], fields: &mut Fields) -> Vec<(String, Hole)> {
    let Some(first) = attributes.first() else { return Vec::new() };
    let holes = attributes.iter().filter(|attribute| !matches!(attribute.value, AttributeValue::Literal(_)));
    let attributes = holes
        .map(|attribute| syntax::Attribute { name: attribute.name.clone(), value: clone(&attribute.value) })
        .collect();
    let element = syntax::Element { name: first.name.clone(), attributes, content: syntax::Content::Empty };
    let element = Shapes { cx, fields, read_only: false }.element(&element, At::Inside);
    let holes = element.attributes.into_iter().filter_map(|attribute| match attribute {
        Attribute::Hole { name, hole } => Some((name, hole)),
        Attribute::Literal { .. } => None,
    });
    holes.collect()
}

fn clone(value: &AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::Hole(hole) => AttributeValue::Hole(hole.clone()),
        AttributeValue::Literal(text) => AttributeValue::Literal(text.clone()),
        AttributeValue::Broken => AttributeValue::Broken,
    }
}

/// The elements of a payload. `envelope` is nothing if the style is unknown.
fn payload(
    cx: &mut Context<'_>,
    payload: &syntax::Payload,
    envelope: Option<Option<&[EnvelopePart]>>,
    fields: &mut Fields,
) -> Vec<Element> {
    let at = match envelope {
        Some(None) => {
            roots(cx, payload);
            At::Document
        }
        Some(Some(parts)) => {
            beside_envelope(cx, payload, parts);
            At::Inside
        }
        None => At::Inside,
    };
    Shapes { cx, fields, read_only: false }.elements(&payload.elements, at)
}

/// A document has one root, if no envelope brings it.
fn roots(cx: &mut Context<'_>, payload: &syntax::Payload) {
    let help = "the style has no envelope, so the payload is the whole document";
    if payload.elements.is_empty() {
        cx.error(payload.tag, "there is no payload here").help(format!("{help}; take this away if there is none"));
    }
    for second in payload.elements.iter().skip(1) {
        cx.error(second.name.span, "a document has one root").help(help);
    }
}

/// What the envelope holds already cannot be in the payload too.
fn beside_envelope(cx: &mut Context<'_>, payload: &syntax::Payload, parts: &[EnvelopePart]) {
    let token = parts.iter().find_map(|part| match part {
        EnvelopePart::Token(name) => Some(name.as_str()),
        _ => None,
    });
    for element in &payload.elements {
        if Some(element.name.text.as_str()) == token {
            cx.error(element.name.span, format!("`<{}>` is in the envelope already", element.name.text))
                .help("leave it out: the style says where the token goes");
        }
    }
}

fn response(
    cx: &mut Context<'_>,
    around: &Surroundings<'_>,
    syntax: &syntax::Endpoint<'_>,
    style: Option<&Style>,
    fields: &mut Fields,
    path_fields: usize,
) -> Response {
    let enveloped = style.is_some_and(|style| style.response.is_some());
    let mut value = Fields::new(None);
    let Some(response) = &syntax.response else {
        docs::fields(cx, fields, &syntax.docs, None);
        return Response { status: 200, envelope: enveloped, value: None, shape: None, location: None };
    };
    let status = response.status.map_or(200, |status| status.value);
    if let Some(span) = response.no_envelope.filter(|_| style.is_some() && !enveloped) {
        cx.error(span, "the style has no envelope of answers").help("take this away");
    }
    let envelope = enveloped && response.no_envelope.is_none() && status != 204;
    let shape = shape(cx, response, style, envelope, &mut value);
    let types = around.types;
    let members = |kind: &Kind| -> &[Field] {
        match kind {
            Kind::Data(data_type) => types.get(data_type.0).map_or(&[], |found| found.fields.as_slice()),
            Kind::Scalar(_) => &[],
        }
    };
    let members: &Members<'_> = &members;
    let location =
        response.location.as_ref().map(|path| paths::location(cx, path, fields, path_fields, &mut value, members));
    let span = value.spans.first().copied().filter(|_| value.known.first() == Some(&true));
    fields.complete &= value.complete && value.list.len() < 2;
    let mut value = (!value.list.is_empty()).then(|| value.list.swap_remove(0));
    docs::fields(cx, fields, &syntax.docs, value.as_mut().zip(span));
    Response { status, envelope, value, shape, location }
}

/// The body of an answer, with one value at most.
fn shape(
    cx: &mut Context<'_>,
    response: &syntax::Response,
    style: Option<&Style>,
    envelope: bool,
    value: &mut Fields,
) -> Option<Vec<Element>> {
    let payload = &response.payload;
    let first = payload.elements.first()?;
    if response.status.is_some_and(|status| status.value == 204) {
        cx.error(first.name.span, "an answer with the status 204 has no body")
            .help("take the shape away, or the status");
    } else if style.is_some() && !envelope {
        roots(cx, payload);
    }
    let at = if style.is_some() && !envelope { At::Document } else { At::Inside };
    let shape = Shapes { cx, fields: value, read_only: false }.elements(&payload.elements, at);
    for second in value.spans.iter().skip(1) {
        cx.found.error(*second, "an answer has one value").help("make a `<type>` that holds all of it");
    }
    Some(shape)
}

/// Documented failures: the endpoint's own, then those of the style that it does not say itself.
fn fails(cx: &mut Context<'_>, own: &[syntax::Fails], style: Option<&Style>) -> Vec<Fails> {
    let mut fails = styles::fails(cx, own);
    for shared in style.iter().flat_map(|style| &style.fails) {
        if !fails.iter().any(|fails| fails.status == shared.status) {
            fails.push(shared.clone());
        }
    }
    fails
}
