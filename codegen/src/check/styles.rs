//! Styles, rate limits, HTTP methods and documented errors.

use super::context::Context;
use super::fields::{DeclaredField, FieldTable};
use super::shapes::{ElementPosition, ShapeChecker};
use crate::model::{
    Attribute, Content, DocumentedError, Element, FailureEnvelope, Field, Method, Presence, RateLimit, Scalar, Section,
    Style, StyleRef, ValueKind,
};
use crate::syntax::{self, Text, text_or_empty};

/// HTTP methods, by their names in the schema language.
const METHODS: &[(&str, Method)] = &[
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("DELETE", Method::Delete),
    ("PATCH", Method::Patch),
    ("HEAD", Method::Head),
];

/// Converts the rate limits, in order.
pub(super) fn convert_rate_limits(api: &syntax::Api) -> Vec<RateLimit> {
    api.rate_limits
        .iter()
        .map(|limit| RateLimit { name: limit.name.text.clone(), requests: limit.requests, seconds: limit.seconds })
        .collect()
}

/// Checks a style: its rate limit, its method, the bodies of error responses and of empty lists, and its documented
/// errors.
pub(super) fn check_style(cx: &mut Context<'_>, style: &syntax::Style) -> Style {
    if let Some(rate_limit) = &style.rate_limit {
        cx.resolve_rate_limit(rate_limit);
    }
    if let Some(method) = &style.method {
        resolve_method(cx, method);
    }
    Style {
        name: style.name.text.clone(),
        doc: text_or_empty(style.doc.as_ref()),
        has_token: style.has_token,
        prefix: style.prefix.clone(),
        header: style.header.clone(),
        query: style.query.clone(),
        request: style.request.clone(),
        response: style.response.clone(),
        failure: style.failure.as_ref().and_then(|shape| check_failure(cx, shape)),
        empty_list: style.empty_list.as_ref().map(|shape| check_empty_list(cx, shape)),
        errors: check_errors(cx, &style.errors),
    }
}

/// Returns the HTTP method of this name, or `None` if there is none.
pub(super) fn find_method(name: &str) -> Option<Method> {
    METHODS.iter().find(|(known, _)| *known == name).map(|(_, method)| *method)
}

/// Resolves the name of an HTTP method. Reports an unknown one, and returns `None` for it.
pub(super) fn resolve_method(cx: &mut Context<'_>, name: &Text) -> Option<Method> {
    let method = find_method(&name.text);
    if method.is_none() {
        cx.error(name.span, format!("unknown method `{}`", name.text))
            .suggest(&name.text, METHODS.iter().map(|(known, _)| *known));
    }
    method
}

/// Checks documented errors: at most one for each status. An error without a valid status is left out.
pub(super) fn check_errors(cx: &mut Context<'_>, list: &[syntax::DocumentedError]) -> Vec<DocumentedError> {
    let mut errors: Vec<DocumentedError> = Vec::new();
    for error in list {
        let Some(status) = error.status else { continue };
        if errors.iter().any(|before| before.status == status.value) {
            cx.error(status.span, format!("duplicate `<fails>` for status {}", status.value))
                .help("describe both causes in one `<fails>`");
        }
        errors.push(DocumentedError { status: status.value, doc: text_or_empty(error.doc.as_ref()) });
    }
    errors
}

/// Checks the body of an error response: its fields are `message`, and `code` if it has one, which is put first. Returns
/// `None` if there is a mistake.
fn check_failure(cx: &mut Context<'_>, syntax: &syntax::Element) -> Option<FailureEnvelope> {
    let before = cx.sink.len();
    let mut table = FieldTable::new(None);
    let mut checker = ShapeChecker { cx, fields: &mut table, is_read_only: false };
    let mut shape = checker.check_element(syntax, ElementPosition::DocumentRoot);
    let is_expected_name = |declared: &DeclaredField| matches!(declared.field.name.as_str(), "code" | "message");
    for declared in table.fields.iter().filter(|declared| declared.is_valid) {
        let Field { name, kind, presence, .. } = &declared.field;
        let (is_expected, help) = match name.as_str() {
            "code" => (
                *kind == ValueKind::Scalar(Scalar::Integer)
                    && matches!(presence, Presence::Required | Presence::Optional),
                "write `{code: integer}` or `{code: integer?}`",
            ),
            "message" => (
                *kind == ValueKind::Scalar(Scalar::String) && (*presence == Presence::Required || presence.is_many()),
                "write `{message: string}` or `{message: string*}`",
            ),
            _ => continue,
        };
        if !is_expected {
            cx.error(declared.span, format!("a failure cannot have this `{name}`")).help(help);
        }
    }
    // Another field, which is reported below, may be the message with a wrong name.
    let has_message = table.find("message").is_some() || !table.fields.iter().all(is_expected_name);
    if table.is_complete && !has_message {
        cx.error(syntax.name.span, "this failure has no `message`")
            .help("write `{message: string}`, or `{message: string*}` for several messages");
    }
    for declared in &table.fields {
        if !is_expected_name(declared) {
            cx.error(declared.span, "a failure can only have the fields `code` and `message`")
                .help("remove the hole: elements that the shape does not have are skipped when it is read");
        }
    }
    if cx.sink.len() > before {
        return None;
    }
    let mut fields = table.into_fields();
    if fields.len() > 1 && fields.first().is_some_and(|first| first.name == "message") {
        fields.reverse();
        swap_fields(&mut shape);
    }
    Some(FailureEnvelope { fields, shape })
}

/// Checks the document for an empty list: an element with literal attributes and without content.
fn check_empty_list(cx: &mut Context<'_>, syntax: &syntax::Element) -> Element {
    if !matches!(syntax.content, syntax::Content::Empty | syntax::Content::Malformed) {
        cx.error(syntax.name.span, "the document for an empty list must not have content")
            .help("remove the content: the document stands for an empty list of any type");
    }
    let mut attributes = Vec::new();
    for attribute in &syntax.attributes {
        match &attribute.value {
            syntax::AttributeValue::Literal(value) => {
                attributes.push(Attribute::Literal { name: attribute.name.text.clone(), value: value.clone() });
            }
            syntax::AttributeValue::Hole(hole) => {
                cx.error(hole.span, "the document for an empty list cannot have a hole")
                    .help("write the text that the service sends");
            }
            syntax::AttributeValue::Malformed => {}
        }
    }
    Element { name: syntax.name.text.clone(), attributes, content: Content::Empty }
}

/// Reports each `<empty-list>` that no response of its style can return, if all uses of declarations are known.
pub(super) fn report_unused_empty_lists(cx: &mut Context<'_>, sections: &[Section]) {
    let Some(api) = &cx.schema.api else { return };
    if !cx.knows_all_uses() {
        return;
    }
    for (index, style) in api.styles.iter().enumerate() {
        let mut endpoints = sections.iter().flat_map(|section| &section.endpoints);
        let is_used = endpoints.any(|endpoint| endpoint.style == StyleRef(index) && !endpoint.response.also.is_empty());
        // A style that is not used is reported as a whole.
        if let Some(empty_list) = &style.empty_list
            && !is_used
            && cx.is_style_used(StyleRef(index))
        {
            cx.secondary.error(empty_list.name.span, "unused document for an empty list").help(
                "remove it: it can only stand for a list without an envelope, and no response of this style is one",
            );
        }
    }
}

/// Exchanges the indices of the two fields in all holes, after their order in the table was reversed.
fn swap_fields(element: &mut Element) {
    for attribute in &mut element.attributes {
        if let Attribute::Hole { hole, .. } = attribute {
            hole.field = 1 - hole.field.min(1);
        }
    }
    match &mut element.content {
        Content::Empty => {}
        Content::Hole(hole) => hole.field = 1 - hole.field.min(1),
        Content::Elements(elements) => elements.iter_mut().for_each(swap_fields),
    }
}
