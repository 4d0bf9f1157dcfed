//! Compares the service and its styles.

use super::comparison::Comparison;
use super::effects::{Effect, Effects, Readable, Usage};
use super::matching::{Pair, pair_up};
use crate::model::{Api, DocumentedError, EnvelopePart, Issuer, RateLimit, Style, TokenCarrier, TokenHeader};

const SUBJECT: &str = "service";

/// Placeholder of the token, as in the schema.
const TOKEN: &str = "{token}";

/// Compares the services and all of their styles.
pub(super) fn compare_services(comparison: &mut Comparison, old: &Api, new: &Api) {
    let breaks_requests = Readable::BY_NEITHER.effects(Usage::REQUEST);
    let breaks_rust = Effects::on_rust_api(Effect::Breaking);
    comparison.add_change(SUBJECT, "name", &old.name, &new.name, breaks_rust);
    comparison.add_change(SUBJECT, "host", &old.host, &new.host, breaks_requests);
    let bearer = |api: &Api| api.bearer.as_ref().map(describe_header);
    compare_optional(comparison, "bearer token", bearer(old), bearer(new));
    let issuer = |api: &Api| api.issuer.as_ref().map(describe_issuer);
    compare_optional(comparison, "issuer", issuer(old), issuer(new));
    match (old.requires_user_agent_contact, new.requires_user_agent_contact) {
        (false, true) => {
            let effects = Readable { by_old: true, by_new: false }.effects(Usage::REQUEST);
            comparison.add(SUBJECT, "requires a contact in the User-Agent", effects);
        }
        (true, false) => {
            let effects = Readable { by_old: false, by_new: true }.effects(Usage::REQUEST);
            comparison.add(SUBJECT, "no longer requires a contact in the User-Agent", effects);
        }
        _ => {}
    }
    let sign_in_path = |api: &Api| api.sign_in_path.clone().unwrap_or_default();
    let compatible = Readable::BY_BOTH.effects(Usage::RESPONSE);
    comparison.add_change(SUBJECT, "sign-in path", &sign_in_path(old), &sign_in_path(new), compatible);
    compare_rate_limits(comparison, old, new);
    comparison.add_doc_change(SUBJECT, &old.doc, &new.doc);
    for pair in pair_up(&old.styles, &new.styles, |style| &style.name, |style| &style.doc) {
        // Endpoints of an added, removed or renamed style are reported with the endpoint.
        if let Pair::Both(old, new) = pair {
            compare_styles(comparison, &format!("style {}", new.name), old, new);
            comparison.add_doc_change(&format!("style {}", new.name), &old.doc, &new.doc);
        }
    }
}

/// Compares the carriers of the token, the envelopes and the error responses of two styles.
pub(super) fn compare_styles(comparison: &mut Comparison, subject: &str, old: &Style, new: &Style) {
    let breaks = |usage: Usage| Readable::BY_NEITHER.effects(usage);
    comparison.add_change(subject, "token", &describe_carrier(old), &describe_carrier(new), breaks(Usage::REQUEST));
    let envelopes =
        |style: &Style| (describe_envelope(style.request.as_deref()), describe_envelope(style.response.as_deref()));
    let ((old_request, old_response), (new_request, new_response)) = (envelopes(old), envelopes(new));
    comparison.add_change(subject, "request envelope", &old_request, &new_request, breaks(Usage::REQUEST));
    comparison.add_change(subject, "response envelope", &old_response, &new_response, breaks(Usage::RESPONSE));
    if old.failure != new.failure {
        comparison.add(subject, "form of error responses changed", breaks(Usage::RESPONSE));
    }
    if old.empty_list != new.empty_list {
        // The form is read, and never written.
        let effect = if new.empty_list.is_some() { Effect::Compatible } else { Effect::Breaking };
        comparison.add(subject, "form of empty lists changed", Effects { clients_accept: effect, ..Effects::NONE });
    }
    compare_errors(comparison, subject, &old.errors, &new.errors);
}

/// Compares a part of the service that clients need not use.
fn compare_optional(comparison: &mut Comparison, what: &str, old: Option<String>, new: Option<String>) {
    match (old, new) {
        (None, Some(new)) => {
            comparison.add(SUBJECT, format!("{what} added: `{new}`"), Readable::BY_BOTH.effects(Usage::REQUEST));
        }
        (Some(old), None) => {
            let effects = Readable { by_old: true, by_new: false }.effects(Usage::REQUEST);
            comparison.add(SUBJECT, format!("{what} removed: `{old}`"), effects);
        }
        (Some(old), Some(new)) => {
            comparison.add_change(SUBJECT, what, &old, &new, Readable::BY_NEITHER.effects(Usage::REQUEST));
        }
        (None, None) => {}
    }
}

/// Compares documented errors.
pub(super) fn compare_errors(
    comparison: &mut Comparison,
    subject: &str,
    old: &[DocumentedError],
    new: &[DocumentedError],
) {
    if old != new {
        comparison.add(subject, "documented errors changed", Effects::NONE);
    }
}

/// Compares rate limits, which change the speed of clients only.
fn compare_rate_limits(comparison: &mut Comparison, old: &Api, new: &Api) {
    let list = |limits: &[RateLimit]| -> String {
        let limit = |limit: &RateLimit| format!("{}: {} in {} s", limit.name, limit.requests, limit.seconds);
        limits.iter().map(limit).collect::<Vec<String>>().join(", ")
    };
    let (old_limits, new_limits) = (list(&old.rate_limits), list(&new.rate_limits));
    let compatible = Readable::BY_BOTH.effects(Usage::REQUEST);
    comparison.add_change(SUBJECT, "list of rate limits", &old_limits, &new_limits, compatible);
}

/// Describes the position of the token; empty if the style has none.
fn describe_carrier(style: &Style) -> String {
    match style.token_carrier() {
        None => String::new(),
        Some(TokenCarrier::Path) => style.format_prefix(TOKEN),
        Some(TokenCarrier::Header(header)) => describe_header(header),
        Some(TokenCarrier::Query(name)) => format!("?{name}={TOKEN}"),
        Some(TokenCarrier::Element(_)) => "in the envelope".to_owned(),
    }
}

/// Describes a header that carries the token, as in the schema.
fn describe_header(header: &TokenHeader) -> String {
    format!("{}: {}{TOKEN}{}", header.name, header.before, header.after)
}

fn describe_issuer(issuer: &Issuer) -> String {
    let accounts = issuer.accounts.as_deref().unwrap_or("no accounts");
    format!("{} {} {accounts}", issuer.authorize, issuer.token)
}

/// Describes an envelope as XML; empty if there is none.
fn describe_envelope(parts: Option<&[EnvelopePart]>) -> String {
    let format_part = |part: &EnvelopePart| match part {
        EnvelopePart::Payload => "{payload}".to_owned(),
        _ => part.format(TOKEN),
    };
    parts.unwrap_or_default().iter().map(format_part).collect()
}
