//! `<pages>`: a page can be requested by its number, and each item of the response has an id.

use super::context::Context;
use super::scope::{EndpointScope, SectionScope};
use crate::model::{Pagination, Presence, Response, RetryClass, Scalar, ValueKind};
use crate::syntax::{self, Text};

/// Checks the pagination of an endpoint. Returns `None` if the page number or the key is unknown.
pub(super) fn check_pagination(
    cx: &mut Context<'_>,
    section: &SectionScope<'_>,
    endpoint: &EndpointScope<'_>,
    syntax: &syntax::Pagination,
) -> Option<Pagination> {
    if endpoint.retry != RetryClass::ReadOnly {
        cx.error(syntax.tag, "only a read-only endpoint can be paginated")
            .help("write `retry=\"read\"` if this one is read-only");
    }
    let page_number = resolve_page_number(cx, endpoint, &syntax.number);
    let item_key = endpoint.response.and_then(|response| resolve_item_key(cx, section, response, syntax));
    Some(Pagination {
        page_number: page_number?,
        first_page: syntax.first.unwrap_or_default(),
        counts_items: syntax.counts_items,
        item_key: item_key?,
    })
}

/// Returns the index of the field for the page number, or `None` if the query has no such field. Reports a field that
/// cannot be a page number.
fn resolve_page_number(cx: &mut Context<'_>, endpoint: &EndpointScope<'_>, name: &Text) -> Option<usize> {
    let fields = endpoint.fields;
    let query = || endpoint.query.iter().filter_map(|(_, hole)| Some((hole.field, fields.get(hole.field)?)));
    let Some((index, field)) = query().find(|(_, field)| field.name == name.text) else {
        if fields.is_complete && !name.is_missing() {
            cx.error(name.span, format!("the query has no field `{}`", name.text))
                .help(format!("write `<query n=\"{{{}: integer?}}\"/>`", name.text))
                .suggest_close(&name.text, query().map(|(_, field)| field.name.as_str()));
        }
        return None;
    };
    let is_number = field.kind == ValueKind::Scalar(Scalar::Integer) && field.presence == Presence::Optional;
    if !is_number && fields.get_valid(index).is_some() {
        cx.error(name.span, format!("`{}` cannot be the page number", name.text))
            .help(format!("a page number is an optional integer: `{{{}: integer?}}`", name.text));
    }
    Some(index)
}

/// Returns the index of the field that identifies an item of the list, or `None` if there is no list or no such field.
/// Reports a field that cannot identify an item.
fn resolve_item_key(
    cx: &mut Context<'_>,
    section: &SectionScope<'_>,
    response: &Response,
    syntax: &syntax::Pagination,
) -> Option<usize> {
    let list = response.value.as_ref().filter(|value| value.presence.is_many()).map(|value| &value.kind);
    let Some(ValueKind::Data(item)) = list else {
        cx.error(syntax.tag, "the response has no list that could be paginated")
            .help("the value of the response is a type that repeats: `<boat>{boats: Boat*}</boat>`");
        return None;
    };
    let name = &syntax.key;
    // Rules about the fields of a faulty type are skipped.
    if !section.valid_types.contains(*item) || name.is_missing() {
        return None;
    }
    let item = section.types.get(item.0)?;
    let Some((index, field)) = item.fields.iter().enumerate().find(|(_, field)| field.name == name.text) else {
        let known = item.fields.iter().map(|field| field.name.as_str());
        cx.error(name.span, format!("`{}` has no field `{}`", item.name, name.text)).suggest(&name.text, known);
        return None;
    };
    if !matches!(field.kind, ValueKind::Scalar(Scalar::Id(_))) || field.presence != Presence::Required {
        cx.error(name.span, format!("`{}` does not identify a `{}`", name.text, item.name))
            .help("the key is a required id");
    }
    Some(index)
}
