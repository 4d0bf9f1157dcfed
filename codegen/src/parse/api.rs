//! `<api>`: the service, its rate limits, styles and bearer tokens.

use super::xml::{self, XmlNode};
use super::{carrier, style};
use crate::diagnostic::SourceSink;
use crate::names;
use crate::notation::{Issuer, TokenHeader};
use crate::syntax::{Api, RateLimit, Text};

/// Elements that `<api>` may contain.
const CHILDREN: &[&str] = &["doc", "user-agent", "sign-in", "limit", "style", "bearer"];

/// Parses `<api>`.
pub(super) fn parse_api(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Api {
    xml::reject_unknown_attributes(node, &["name", "host"], sink);
    let tag = xml::tag_range(node, sink);
    let name = xml::read_required_attribute(node, "name", sink);
    let host = xml::read_required_attribute(node, "host", sink);
    check_host(&host, sink);
    let (mut rate_limits, mut styles) = (Vec::new(), Vec::new());
    let (mut doc, mut bearer, mut user_agent, mut sign_in) = (None, None, None, None);
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "limit" => rate_limits.push(parse_rate_limit(child, sink)),
            "style" => styles.push(style::parse_style(child, sink)),
            "bearer" => xml::set_once(&mut bearer, parse_bearer(child, sink), child, sink),
            "user-agent" => xml::set_once(&mut user_agent, parse_user_agent(child, sink), child, sink),
            "sign-in" => xml::set_once(&mut sign_in, parse_sign_in(child, sink), child, sink),
            _ => xml::report_unknown_element(child, "api", CHILDREN, sink),
        }
    }
    let (bearer, issuer) = bearer.unwrap_or_default();
    let has_unknown_element = xml::has_unknown_element(node, CHILDREN);
    Api {
        tag: sink.span(tag),
        name,
        host,
        doc: doc.flatten(),
        rate_limits,
        styles,
        bearer,
        issuer,
        requires_user_agent_contact: user_agent.unwrap_or_default(),
        sign_in_path: sign_in,
        has_unknown_element,
    }
}

/// Parses `<user-agent contact="required"/>`: clients must have a contact in their User-Agent.
fn parse_user_agent(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> bool {
    xml::reject_unknown_attributes(node, &["contact"], sink);
    let contact = xml::read_required_attribute(node, "contact", sink);
    if !contact.is_missing() && contact.text != "required" {
        sink.error(contact.span.range(), format!("unknown value `{}`", contact.text))
            .help("write `contact=\"required\"`, or remove `<user-agent>`");
    }
    true
}

/// Parses `<sign-in path="/login"/>`: the page to which the service redirects if it rejects a token.
fn parse_sign_in(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> String {
    xml::reject_unknown_attributes(node, &["path"], sink);
    let path = xml::read_required_attribute(node, "path", sink);
    let is_path_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~/".contains(&byte);
    let is_path = path.text.starts_with('/') && path.text.bytes().all(is_path_byte);
    if !path.is_missing() && !is_path {
        sink.error(path.span.range(), format!("`{}` is not the path of a page", path.text))
            .help("write a path that begins with a slash, without extension and query: `/login`");
    }
    path.text
}

/// Reports a base URL that is not a scheme and a host, in which one `{name}` may stand for a part of the host.
fn check_host(host: &Text, sink: &mut SourceSink<'_>) {
    if host.is_missing() {
        return;
    }
    let authority = host.text.strip_prefix("https://").or_else(|| host.text.strip_prefix("http://"));
    let is_valid = authority.is_some_and(|authority| match authority.split_once('{') {
        Some((before, rest)) => rest.split_once('}').is_some_and(|(name, after)| {
            let is_name = names::is_snake(name) && !names::is_keyword(name);
            is_name && is_authority(&format!("{before}name{after}"))
        }),
        None => is_authority(authority),
    });
    if !is_valid {
        sink.error(host.span.range(), format!("`{}` is not the base URL of a service", host.text))
            .help("write a scheme and a host, with at most one `{name}`: `https://{account}.example.com`");
    }
}

/// `true` if the text is a host with an optional port: `login.example.com:8443`.
fn is_authority(text: &str) -> bool {
    // Any valid port does if the text has none.
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_host_byte)
    };
    // `parse` would also accept a leading `+`.
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    host.split('.').all(is_label) && is_number && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Parses `<limit>`.
fn parse_rate_limit(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> RateLimit {
    xml::reject_unknown_attributes(node, &["name", "requests", "seconds"], sink);
    // The documentation is checked, but generated code does not use it.
    xml::read_own_doc(node, sink);
    let name = xml::read_required_attribute(node, "name", sink);
    let mut read_required_number = |attribute: &str| {
        xml::require_attribute(node, attribute, sink);
        xml::read_number(node, attribute, sink)
    };
    // An invalid rate limit is declared too, so that its uses are not reported as unknown.
    let (requests, seconds) = (read_required_number("requests"), read_required_number("seconds"));
    RateLimit { name, requests: requests.unwrap_or(1), seconds: seconds.unwrap_or(1) }
}

/// Parses `<bearer>`: the header of bearer tokens, and the server that issues them. Its documentation is checked, but
/// not used. The header is `None` after reporting an error, the issuer if the schema has none.
fn parse_bearer(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> (Option<TokenHeader>, Option<Issuer>) {
    xml::reject_unknown_attributes(node, &[], sink);
    let (mut header, mut issuer) = (None, None);
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" => drop(xml::read_plain_doc(child, sink)),
            "header" => xml::set_once(&mut header, carrier::parse_header(child, sink), child, sink),
            "issuer" => xml::set_once(&mut issuer, parse_issuer(child, sink), child, sink),
            _ => xml::report_unknown_element(child, "bearer", &["doc", "header", "issuer"], sink),
        }
    }
    if header.is_none() {
        sink.error(xml::tag_range(node, sink), "`<bearer>` has no `<header>`")
            .help("write `<header name=\"Authorization\">Bearer {token}</header>`");
    }
    (header.flatten(), issuer)
}

/// Parses `<issuer>`.
fn parse_issuer(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Issuer {
    xml::reject_unknown_attributes(node, &["authorize", "token", "accounts"], sink);
    let authorize = xml::read_required_attribute(node, "authorize", sink);
    let token = xml::read_required_attribute(node, "token", sink);
    let accounts = xml::read_attribute(node, "accounts", sink);
    for url in [&authorize, &token].into_iter().chain(&accounts) {
        check_issuer_url(url, sink);
    }
    Issuer { authorize: authorize.text, token: token.text, accounts: accounts.map(|accounts| accounts.text) }
}

/// Reports a URL that is not `https` or has a query. Clients send secrets to it, and add a query of their own.
fn check_issuer_url(url: &Text, sink: &mut SourceSink<'_>) {
    let is_valid = url.text.strip_prefix("https://").is_some_and(|rest| {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_path_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        is_authority(host) && path.bytes().all(is_path_byte)
    });
    if !is_valid && !url.is_missing() {
        sink.error(url.span.range(), format!("`{}` is not the URL of an issuer", url.text))
            .help("write `https`, a host and a path: `https://login.example.com/token`");
    }
}
