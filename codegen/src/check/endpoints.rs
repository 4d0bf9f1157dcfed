//! Endpoints: their parameters and their responses.

use super::context::Context;
use super::declare::{SeenNames, check_unique};
use super::fields::{FieldTable, reject_member, suffix_span, type_span};
use super::locations::LocationChecker;
use super::scope::{EndpointScope, SectionScope};
use super::shapes::{ElementPosition, ShapeChecker};
use super::{docs, legacy, pagination, paths, styles};
use crate::model::{
    DocumentedError, Element, Endpoint, EnvelopePart, Field, Hole, Method, RateLimitRef, Response, RetryClass, Route,
    Style, StyleRef, ValueKind, find_token_element,
};
use crate::syntax::{self, AttributeValue, Text, text_or_empty};

/// Checks an endpoint. Its examples are checked later, with the whole model.
pub(super) fn check_endpoint(cx: &mut Context<'_>, scope: &SectionScope<'_>, syntax: &syntax::Endpoint) -> Endpoint {
    let style_ref = cx.resolve_style(syntax.style.as_ref().unwrap_or(&scope.section.style));
    let style = style_ref.and_then(|style| scope.styles.get(style.0));
    let method = check_method(cx, syntax, style_ref);
    let mut fields = FieldTable::new(None);
    let path = paths::check_main_path(cx, scope.section_path, &syntax.path, &mut fields);
    fields.is_complete &= !has_parse_error(cx, syntax);
    let path_fields = fields.len();
    let also = check_alternative_routes(cx, scope, syntax, &mut fields, method);
    fields.start_part();
    let (query_literals, query) = check_query(cx, &syntax.query, &mut fields);
    fields.start_part();
    let request = syntax.request.as_ref().map(|request| check_request(cx, request, style, &mut fields));
    let errors_before = cx.sink.len();
    let response = check_response(cx, scope, syntax, style, &mut fields, path_fields, method);
    let valid_response = (cx.sink.len() == errors_before).then_some(&response);
    let retry = check_retry(cx, syntax.retry.as_ref(), method);
    let endpoint_scope = EndpointScope { fields: &fields, query: &query, retry, response: valid_response };
    let pagination = syntax.pagination.as_ref();
    let pagination = pagination.and_then(|pages| pagination::check_pagination(cx, scope, &endpoint_scope, pages));
    Endpoint {
        name: syntax.name.text.clone(),
        doc: text_or_empty(syntax.doc.as_ref()),
        // With an unknown style, the check fails, so this index is never emitted.
        style: style_ref.unwrap_or(StyleRef(0)),
        rate_limit: check_rate_limit(cx, scope, syntax, style_ref),
        method,
        retry,
        path,
        query_literals,
        query,
        also,
        path_fields,
        handle_fields: (0..scope.section_path.handle.len()).map(|field| (field, field)).collect(),
        request,
        response,
        pagination,
        errors: check_errors(cx, &syntax.errors, style),
        legacy: syntax.legacy.as_ref().and_then(|legacy| legacy::resolve_for_endpoint(cx, legacy, &syntax.name)),
        examples: Vec::new(),
        fields: fields.into_fields(),
    }
}

/// `true` if a mistake was found in parsing an endpoint, apart from its examples. The endpoint may then have parts that
/// seem to be missing.
fn has_parse_error(cx: &Context<'_>, syntax: &syntax::Endpoint) -> bool {
    cx.parse_errors.has_error_in(syntax.span, &syntax.example_spans())
}

/// Returns the HTTP method of an endpoint: its own, otherwise that of its style. Reports a missing method.
fn check_method(cx: &mut Context<'_>, syntax: &syntax::Endpoint, style: Option<StyleRef>) -> Method {
    let fallback = Method::Get;
    if let Some(method) = &syntax.method {
        return styles::resolve_method(cx, method).unwrap_or(fallback);
    }
    let Some(style) = style.and_then(|style| cx.schema.api.as_ref()?.styles.get(style.0)) else { return fallback };
    let Some(method) = &style.method else {
        if cx.sink.has_error_in(style.span, &[]) || has_parse_error(cx, syntax) {
            // Such as a misspelled attribute.
            return fallback;
        }
        let help = format!("write `method=\"GET\"` here, or give the style `{}` a method", style.name.text);
        cx.error(syntax.name.span, "this endpoint has no method").help(help);
        return fallback;
    };
    // An unknown method of the style is reported at the style.
    styles::find_method(&method.text).unwrap_or(fallback)
}

/// Returns the retry class of this name. Without a name, the class follows from the HTTP method.
fn check_retry(cx: &mut Context<'_>, name: Option<&Text>, method: Method) -> RetryClass {
    let Some(name) = name else {
        return match method {
            Method::Get | Method::Head => RetryClass::ReadOnly,
            Method::Put => RetryClass::Idempotent,
            Method::Delete => RetryClass::Delete,
            Method::Post | Method::Patch => RetryClass::NotIdempotent,
        };
    };
    let retry = RetryClass::ALL.into_iter().find(|known| known.as_str() == name.text);
    if retry.is_none() {
        cx.error(name.span, format!("unknown retry class `{}`", name.text))
            .suggest(&name.text, RetryClass::ALL.map(RetryClass::as_str));
    }
    retry.unwrap_or(RetryClass::NotIdempotent)
}

/// Returns the rate limit of an endpoint: its own, otherwise that of the section, otherwise that of the style.
fn check_rate_limit(
    cx: &mut Context<'_>,
    scope: &SectionScope<'_>,
    syntax: &syntax::Endpoint,
    style: Option<StyleRef>,
) -> Option<RateLimitRef> {
    match syntax.rate_limit.as_ref().or(scope.section.rate_limit.as_ref()) {
        Some(rate_limit) => cx.resolve_rate_limit(rate_limit),
        None => {
            let rate_limit = cx.schema.api.as_ref()?.styles.get(style?.0)?.rate_limit.as_ref()?;
            // An unknown rate limit of the style is reported at the style.
            cx.rate_limits.get(rate_limit.text.as_str()).copied()
        }
    }
}

/// Checks the alternative routes of an endpoint. A route without a method has the `main` method of the endpoint.
fn check_alternative_routes(
    cx: &mut Context<'_>,
    scope: &SectionScope<'_>,
    syntax: &syntax::Endpoint,
    fields: &mut FieldTable,
    main: Method,
) -> Vec<Route> {
    let path_fields = fields.len();
    let mut routes = Vec::new();
    for also in &syntax.also {
        let method = also.method.as_ref().and_then(|method| styles::resolve_method(cx, method)).unwrap_or(main);
        let path = paths::check_alternative_path(cx, scope.section_path, &also.path, fields, path_fields);
        routes.push(Route { method, path });
    }
    routes
}

/// Query parameters with a literal value: names and values.
type QueryLiterals = Vec<(String, String)>;

/// Query parameters with a hole: names and holes.
type QueryHoles = Vec<(String, Hole)>;

/// Checks the query parameters. Returns those with a literal value, and those with a hole.
fn check_query(
    cx: &mut Context<'_>,
    attributes: &[syntax::Attribute],
    fields: &mut FieldTable,
) -> (QueryLiterals, QueryHoles) {
    let (mut literals, mut holes) = (Vec::new(), Vec::new());
    let mut seen = SeenNames::new();
    for syntax::Attribute { name, value } in attributes {
        check_unique(cx, &mut seen, name, &name.text, "query parameter");
        match value {
            AttributeValue::Literal(value) => literals.push((name.text.clone(), value.clone())),
            AttributeValue::Malformed => fields.is_complete = false,
            AttributeValue::Hole(hole) => {
                reject_member(cx, hole);
                let Some(index) = fields.resolve_hole(cx, hole) else { continue };
                if let Some(field) = fields.get(index) {
                    check_query_field(cx, field, hole);
                    holes.push((name.text.clone(), Hole { field: index, rank: field.positions.saturating_sub(1) }));
                }
            }
        }
    }
    (literals, holes)
}

/// Reports a field that a query parameter cannot have.
fn check_query_field(cx: &mut Context<'_>, field: &Field, hole: &syntax::Hole) {
    if let ValueKind::Data(_) = field.kind {
        cx.error(type_span(hole), "a query parameter cannot have a data type")
            .help("a data type is the attributes and the content of an element");
    } else if field.presence.allows_nil() {
        cx.error(suffix_span(hole), "a query parameter cannot be `nil`")
            .help("write `?` to leave the parameter out when its value is absent");
    }
}

/// Checks the payload of a request. `style` is `None` if it is unknown.
fn check_request(
    cx: &mut Context<'_>,
    payload: &syntax::Payload,
    style: Option<&Style>,
    fields: &mut FieldTable,
) -> Vec<Element> {
    let position = match style.map(|style| style.request.as_deref()) {
        Some(None) => {
            check_roots(cx, payload);
            ElementPosition::DocumentRoot
        }
        Some(Some(envelope)) => {
            reject_token(cx, payload, envelope);
            ElementPosition::Inner
        }
        None => ElementPosition::Inner,
    };
    ShapeChecker { cx, fields, is_read_only: false }.check_elements(&payload.elements, position)
}

/// Reports a payload without an envelope that is not a whole document.
fn check_roots(cx: &mut Context<'_>, payload: &syntax::Payload) {
    let help = "the style has no envelope, so the payload is the whole document";
    if payload.elements.is_empty() && !payload.is_broken {
        cx.error(payload.tag, "empty payload").help(format!("{help}; remove this element if there is no body"));
    }
    for second in payload.elements.iter().skip(1) {
        cx.error(second.name.span, "a document has only one root").help(help);
    }
}

/// Reports an element of the payload that has the name of the token's element in the envelope.
fn reject_token(cx: &mut Context<'_>, payload: &syntax::Payload, envelope: &[EnvelopePart]) {
    let token = find_token_element(envelope);
    for element in &payload.elements {
        if Some(element.name.text.as_str()) == token {
            cx.error(element.name.span, format!("`<{}>` is part of the envelope", element.name.text))
                .help("remove it: the style says where the token goes");
        }
    }
}

/// Checks the response of an endpoint, then documents the endpoint's fields and the response's value. `path_fields` is
/// the number of fields in the path, `method` the one of the endpoint.
fn check_response(
    cx: &mut Context<'_>,
    scope: &SectionScope<'_>,
    syntax: &syntax::Endpoint,
    style: Option<&Style>,
    fields: &mut FieldTable,
    path_fields: usize,
    method: Method,
) -> Response {
    let is_head = method == Method::Head;
    let style_has_envelope = style.is_some_and(|style| style.response.is_some()) && !is_head;
    let Some(response) = &syntax.response else {
        docs::document_fields(cx, fields, &syntax.docs, None);
        return Response {
            status: 200,
            has_envelope: style_has_envelope,
            value: None,
            shape: None,
            also: Vec::new(),
            location: None,
        };
    };
    let status = response.status.map_or(200, |status| status.value);
    if let Some(span) = response.no_envelope
        && style.is_some()
        && !style_has_envelope
    {
        cx.error(span, "the style has no envelope of responses").help("remove the attribute");
    }
    let has_envelope = style_has_envelope && response.no_envelope.is_none() && status != 204;
    if let Some(first) = response.payload.elements.first().filter(|_| is_head) {
        cx.error(first.name.span, "a response to `HEAD` has no body").help("remove the shape, or change the method");
    }
    let mut values = FieldTable::new(None);
    let shape = check_response_body(cx, response, style.is_some() && !has_envelope, &mut values);
    let location = response.location.as_ref().map(|path| {
        let (request, types) = (&*fields, scope.types);
        LocationChecker { cx, request, path_fields, value: &mut values, types }.check_location(path)
    });
    // A `<doc for>` may refer to a value that is unknown, or that was reported as a second one.
    fields.is_complete &= values.is_complete && values.len() < 2;
    let mut value = values.fields.into_iter().next();
    docs::document_fields(cx, fields, &syntax.docs, value.as_mut());
    let value = value.map(|value| value.field);
    let is_list = value.as_ref().is_some_and(|value| value.presence.is_many());
    let empty_list = match style {
        Some(style) if is_list && !has_envelope => style.empty_list.as_ref(),
        _ => None,
    };
    reject_name_of_empty_list(cx, response, empty_list);
    Response { status, has_envelope, value, shape, also: empty_list.cloned().into_iter().collect(), location }
}

/// Reports a list whose root has the name of the document for an empty list: readers could not tell them apart.
fn reject_name_of_empty_list(cx: &mut Context<'_>, response: &syntax::Response, empty_list: Option<&Element>) {
    for root in &response.payload.elements {
        if empty_list.is_some_and(|empty_list| empty_list.name == root.name.text) {
            cx.error(root.name.span, format!("`<{}>` stands for an empty list", root.name.text))
                .help("the style says so in `<empty-list>`; a list with items has another root");
        }
    }
}

/// Checks the body of a response, which has at most one value. Returns `None` if there is no shape. `is_document` is
/// `true` if the body has no envelope.
fn check_response_body(
    cx: &mut Context<'_>,
    response: &syntax::Response,
    is_document: bool,
    values: &mut FieldTable,
) -> Option<Vec<Element>> {
    let payload = &response.payload;
    let first = payload.elements.first()?;
    if response.status.is_some_and(|status| status.value == 204) {
        cx.error(first.name.span, "a response with status 204 has no body").help("remove the shape or the status");
    } else if is_document {
        check_roots(cx, payload);
    }
    let position = if is_document { ElementPosition::DocumentRoot } else { ElementPosition::Inner };
    let mut checker = ShapeChecker { cx, fields: values, is_read_only: false };
    let shape = checker.check_elements(&payload.elements, position);
    for second in values.fields.iter().skip(1) {
        cx.error(second.span, "a response has only one value").help("declare a `<type>` that contains all values");
    }
    Some(shape)
}

/// Checks the documented errors of an endpoint. Adds those of the style whose status the endpoint does not document.
fn check_errors(cx: &mut Context<'_>, own: &[syntax::DocumentedError], style: Option<&Style>) -> Vec<DocumentedError> {
    let mut errors = styles::check_errors(cx, own);
    for shared in style.iter().flat_map(|style| &style.errors) {
        if !errors.iter().any(|error| error.status == shared.status) {
            errors.push(shared.clone());
        }
    }
    errors
}
