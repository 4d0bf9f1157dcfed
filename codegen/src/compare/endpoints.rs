//! Compares sections and endpoints.

use super::comparison::Comparison;
use super::effects::{Effect, Effects, Readable, Usage};
use super::fields::{Fields, compare_fields, compare_literals, compare_value};
use super::matching::{Matches, OwnedEndpoint, Pair, format_path};
use super::positions::Positions;
use super::service::{compare_errors, compare_styles};
use crate::model::{Api, Endpoint, Location, LocationSegment, Replacement, Section, Style};

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
            if old.name != new.name {
                let description = format!("renamed from `{}`", old.name);
                comparison.add_to_rust_api(&subject(new), description, Effect::Breaking);
            }
            let old_types: Vec<String> = old.handle.iter().map(|field| matches.old_rust_type(field)).collect();
            let new_types: Vec<String> = new.handle.iter().map(|field| matches.new_rust_type(field)).collect();
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
    let is_in_renamed_section = matches.new.sections.iter().all(|section| section.name != old_owned.section.name);
    // The new name of a section is reported once, with the section.
    if old.name != new.name || (old_owned.section.name != new_owned.section.name && !is_in_renamed_section) {
        comparison.add_to_rust_api(subject, format!("renamed from `{}`", old_owned.name), Effect::Breaking);
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
    let also = also.map(|route| format!("{} {}", route.method.as_str(), format_path(&route.path)));
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
    let location = |endpoint: &Endpoint| endpoint.response.location.as_ref().map_or_else(String::new, format_location);
    let (old_location, new_location) = (location(old), location(new));
    let is_source = |positions: &Positions| positions.written.iter().any(|(_, path)| path == "Location");
    let readable =
        if is_source(&old_positions) && is_source(&new_positions) { Readable::BY_NEITHER } else { Readable::BY_BOTH };
    comparison.add_change(subject, "location", &old_location, &new_location, readable.effects(Usage::RESPONSE));

    fn format_location(location: &Location) -> String {
        let format_segment = |segment: &LocationSegment| match segment {
            LocationSegment::Literal(text) => format!("/{text}"),
            LocationSegment::Hole { before, after, .. } => format!("/{before}{{}}{after}"),
        };
        location.segments.iter().map(format_segment).collect()
    }
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
    let replacement = |legacy: &Option<Replacement>| legacy.is_some();
    if replacement(&old.legacy) != replacement(&new.legacy) {
        let description = if new.legacy.is_some() { "deprecated" } else { "no longer deprecated" };
        comparison.add_to_rust_api(subject, description, Effect::Compatible);
    }
    compare_errors(comparison, subject, &old.errors, &new.errors);
    comparison.add_doc_change(subject, &old.doc, &new.doc);
    if format!("{:?}", old.examples) != format!("{:?}", new.examples) {
        comparison.add(subject, "examples changed", Effects::NONE);
    }
}

fn style<'a>(api: &'a Api, endpoint: &Endpoint) -> &'a Style {
    &api.styles[endpoint.style.0]
}

/// Returns the name of an endpoint's rate limit; empty if it has none.
fn rate_limit<'a>(api: &'a Api, endpoint: &Endpoint) -> &'a str {
    endpoint.rate_limit.map_or("", |limit| &api.rate_limits[limit.0].name)
}
