//! Compares sections and endpoints.

use super::comparison::Comparison;
use super::effects::{Effect, Effects, Readable, Usage};
use super::fields::{Fields, compare_fields, compare_literals, compare_value};
use super::matching::{Matches, OwnedEndpoint, Pair, format_route};
use super::positions::Positions;
use super::service::{compare_errors, compare_styles};
use crate::model::{Api, Endpoint, Example, Section, Style};

/// Compares all sections and endpoints.
pub(super) fn compare_endpoints(comparison: &mut Comparison, matches: &Matches<'_>) {
    for pair in &matches.sections {
        compare_section(comparison, matches, pair);
    }
    for pair in &matches.endpoints {
        match pair {
            Pair::Added(new) => comparison.add(&new.name, "added", Effects::on_rust_api(Effect::Compatible)),
            Pair::Removed(old) => {
                let readable = Readable { by_old: true, by_new: false };
                let effects = readable.effects(Usage::REQUEST).with_rust_api(Effect::Breaking);
                comparison.add(&old.name, "removed", Effects { clients_send: Effect::None, ..effects });
            }
            Pair::Both(old, new) => compare_endpoint(comparison, matches, old, new),
        }
    }
}

/// Compares the name of a section, and the values that its handle holds.
fn compare_section(comparison: &mut Comparison, matches: &Matches<'_>, pair: &Pair<'_, Section>) {
    let subject = |section: &Section| format!("section {}", section.name);
    match *pair {
        Pair::Added(new) => comparison.add_to_rust_api(&subject(new), "added", Effect::Compatible),
        Pair::Removed(old) => comparison.add_to_rust_api(&subject(old), "removed", Effect::Breaking),
        Pair::Both(old, new) => {
            comparison.add_rename(&subject(new), &old.name, &new.name);
            // These are ids and enums: their names in the schema are those of their Rust types.
            let old_types: Vec<String> = old.handle.iter().map(|field| matches.old_notation(field)).collect();
            let new_types: Vec<String> = new.handle.iter().map(|field| matches.new_notation(field)).collect();
            let (old_types, new_types) = (old_types.join(", "), new_types.join(", "));
            let effects = Effects::on_rust_api(Effect::Breaking);
            comparison.add_change(&subject(new), "type of the handle's values", &old_types, &new_types, effects);
            comparison.add_doc_change(&subject(new), &old.doc, &new.doc);
        }
    }
}

/// Compares an endpoint that both versions have.
fn compare_endpoint(
    comparison: &mut Comparison,
    matches: &Matches<'_>,
    old_owned: &OwnedEndpoint<'_>,
    new_owned: &OwnedEndpoint<'_>,
) {
    let subject = new_owned.name.as_str();
    let (old, new) = (old_owned.endpoint, new_owned.endpoint);
    // The new name of a section is reported once, with the section.
    if old.name != new.name || !matches.is_same_section(old_owned.section, new_owned.section) {
        comparison.add_rename(subject, &old_owned.name, subject);
    }
    compare_routes(comparison, old_owned, new_owned);
    let (old_style, new_style) = (style(matches.old, old), style(matches.new, new));
    if old_style.name != new_style.name {
        // Differences between the styles of one name are reported once, with the style.
        let mut styles = Comparison::default();
        compare_styles(&mut styles, subject, old_style, new_style);
        let effects = styles.differences.iter().fold(Effects::NONE, |all, difference| all.and(difference.effects));
        comparison.add_change(subject, "style", &old_style.name, &new_style.name, effects);
    }
    let behaviour = Readable::BY_BOTH.effects(Usage::REQUEST);
    comparison.add_change(subject, "retry class", old.retry.as_str(), new.retry.as_str(), behaviour);
    let (old_limit, new_limit) = (rate_limit(matches.old, old), rate_limit(matches.new, new));
    comparison.add_change(subject, "rate limit", old_limit, new_limit, behaviour);
    let (old_positions, new_positions) = (Positions::of_request(old), Positions::of_request(new));
    let old_fields = Fields { fields: &old.fields, positions: &old_positions };
    let new_fields = Fields { fields: &new.fields, positions: &new_positions };
    compare_fields(comparison, matches, subject, Usage::REQUEST, old_fields, new_fields);
    compare_responses(comparison, matches, subject, old, new);
    compare_pagination(comparison, subject, old, new);
    compare_notes(comparison, subject, old, new);
}

/// Compares the routes of an endpoint.
fn compare_routes(comparison: &mut Comparison, old: &OwnedEndpoint<'_>, new: &OwnedEndpoint<'_>) {
    let (old_routes, new_routes) = (all_routes(old), all_routes(new));
    let readable = Readable { by_old: old_routes.contains(&new.route), by_new: new_routes.contains(&old.route) };
    comparison.add_change(&new.name, "route", &old.route, &new.route, readable.effects(Usage::REQUEST));
    for route in new_routes.iter().skip(1).filter(|route| !old_routes.contains(route)) {
        let effects = Effects { servers_accept: Effect::Compatible, ..Effects::NONE };
        comparison.add(&new.name, format!("also served at `{route}`"), effects);
    }
    for route in old_routes.iter().skip(1).filter(|route| !new_routes.contains(route)) {
        let effects = Effects { servers_accept: Effect::Breaking, ..Effects::NONE };
        comparison.add(&new.name, format!("no longer served at `{route}`"), effects);
    }
}

/// Returns the main route, then the others.
fn all_routes(owned: &OwnedEndpoint<'_>) -> Vec<String> {
    let also = owned.endpoint.also.iter();
    let also = also.map(|route| format_route(route.method, &route.path));
    std::iter::once(owned.route.clone()).chain(also).collect()
}

/// Compares status, value, envelope and location of a response.
fn compare_responses(
    comparison: &mut Comparison,
    matches: &Matches<'_>,
    endpoint: &str,
    old: &Endpoint,
    new: &Endpoint,
) {
    let subject = &format!("{endpoint} response");
    let (old_positions, new_positions) = (Positions::of_response(old), Positions::of_response(new));
    match (&old.response.value, &new.response.value) {
        (None, Some(value)) => {
            let readable = Readable { by_old: true, by_new: value.presence.is_optional() };
            let effects = readable.effects(Usage::RESPONSE).with_rust_api(Effect::Breaking);
            comparison.add(subject, format!("value `{}` added", matches.new_notation(value)), effects);
        }
        (Some(value), None) => {
            let readable = Readable { by_old: value.presence.is_optional(), by_new: true };
            let effects = readable.effects(Usage::RESPONSE).with_rust_api(Effect::Breaking);
            comparison.add(subject, format!("value `{}` removed", matches.old_notation(value)), effects);
        }
        (Some(old_value), Some(new_value)) => {
            let old = Fields { fields: std::slice::from_ref(old_value), positions: &old_positions };
            let new = Fields { fields: std::slice::from_ref(new_value), positions: &new_positions };
            compare_value(comparison, matches, subject, old, new);
        }
        (None, None) => {}
    }
    // A client accepts any successful status.
    let compatible = Readable::BY_BOTH.effects(Usage::RESPONSE);
    let (old_status, new_status) = (old.response.status.to_string(), new.response.status.to_string());
    comparison.add_change(subject, "status", &old_status, &new_status, compatible);
    compare_literals(comparison, subject, Usage::RESPONSE, &old_positions, &new_positions);
    if old.response.has_envelope != new.response.has_envelope {
        let description = if new.response.has_envelope { "envelope added" } else { "envelope removed" };
        comparison.add(subject, description, Readable::BY_NEITHER.effects(Usage::RESPONSE));
    }
    let location = |endpoint: &Endpoint| {
        endpoint.response.location.as_ref().map_or_else(String::new, |location| location.format(|_| ""))
    };
    let (old_location, new_location) = (location(old), location(new));
    let is_source = |positions: &Positions| positions.written.iter().any(|(_, path)| path == "Location");
    let readable =
        if is_source(&old_positions) && is_source(&new_positions) { Readable::BY_NEITHER } else { Readable::BY_BOTH };
    comparison.add_change(subject, "location", &old_location, &new_location, readable.effects(Usage::RESPONSE));
}

/// Compares the pagination of a listing.
fn compare_pagination(comparison: &mut Comparison, subject: &str, old: &Endpoint, new: &Endpoint) {
    let describe = |endpoint: &Endpoint| {
        endpoint
            .pagination
            .map(|pages| (endpoint.fields[pages.page_number].name.clone(), pages.first_page, pages.counts_items))
    };
    let (old_pages, new_pages) = (describe(old), describe(new));
    match (&old_pages, &new_pages) {
        (None, Some(_)) => comparison.add_to_rust_api(subject, "paginated", Effect::Compatible),
        (Some(_), None) => comparison.add_to_rust_api(subject, "no longer paginated", Effect::Breaking),
        (Some(old), Some(new)) if old != new => {
            let effects = Readable::BY_NEITHER.effects(Usage::REQUEST);
            comparison.add(subject, "pages are numbered in another way", effects);
        }
        _ => {}
    }
}

/// Compares the parts of an endpoint that only documentation and examples show.
fn compare_notes(comparison: &mut Comparison, subject: &str, old: &Endpoint, new: &Endpoint) {
    comparison.add_deprecation(subject, old.legacy.is_some(), new.legacy.is_some());
    compare_errors(comparison, subject, &old.errors, &new.errors);
    comparison.add_doc_change(subject, &old.doc, &new.doc);
    if !are_same_examples(&old.examples, &new.examples) {
        comparison.add(subject, "examples changed", Effects::NONE);
    }
}

/// `true` if two lists of examples have the same texts and documents. The values of an example follow from these, and
/// refer to types by their index, which may differ between the versions.
fn are_same_examples(old: &[Example], new: &[Example]) -> bool {
    let is_same = |old: &Example, new: &Example| {
        (&old.path, old.is_written, &old.request, &old.response)
            == (&new.path, new.is_written, &new.request, &new.response)
    };
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
}

fn style<'a>(api: &'a Api, endpoint: &Endpoint) -> &'a Style {
    &api.styles[endpoint.style.0]
}

/// Returns the name of an endpoint's rate limit; empty if it has none.
fn rate_limit<'a>(api: &'a Api, endpoint: &Endpoint) -> &'a str {
    endpoint.rate_limit.map_or("", |limit| &api.rate_limits[limit.0].name)
}
