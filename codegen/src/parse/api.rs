//! `<api>`: the service, its rates and styles.

use super::syntax::{Api, Fails, Limit, Node, Style, Text};
use super::{envelope, xml};
use crate::diagnostic::Report;
use crate::model::{EnvelopePart, Header, Issuer};

pub(super) fn api(node: Node<'_>, report: &mut Report<'_>) -> Api {
    xml::only(node, &["name", "host"], report);
    let tag = xml::tag(node, report);
    let (name, host) = (xml::required(node, "name", report), xml::required(node, "host", report));
    check_host(&host, report);
    let (mut limits, mut styles) = (Vec::new(), Vec::new());
    let (mut doc, mut bearers) = (None, None);
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "limit" => limits.extend(limit(child, report)),
            "style" => styles.push(style(child, report)),
            "bearer" => xml::once(&mut bearers, bearer(child, report), child, report),
            _ => xml::unknown(child, "api", &["doc", "limit", "style", "bearer"], report),
        }
    }
    let (bearer, issuer) = bearers.unwrap_or_default();
    Api { tag: report.span(tag), name, host, doc: doc.flatten(), limits, styles, bearer, issuer }
}

/// A `<doc>` without attributes.
pub(super) fn plain_doc(node: Node<'_>, report: &mut Report<'_>) -> Option<Text> {
    xml::only(node, &[], report);
    xml::doc(node, report)
}

fn check_host(host: &Text, report: &mut Report<'_>) {
    if host.is_missing() {
        return;
    }
    let authority = host.text.strip_prefix("https://").or_else(|| host.text.strip_prefix("http://"));
    let good = authority.is_some_and(|authority| match authority.split_once('{') {
        Some((before, rest)) => rest.split_once('}').is_some_and(|(name, after)| {
            let named = crate::names::is_snake(name) && !crate::names::is_keyword(name);
            named && is_authority(&format!("{before}name{after}"))
        }),
        None => is_authority(authority),
    });
    if !good {
        report
            .error(host.span.start..host.span.end, format!("`{}` is not the address of a service", host.text))
            .help("it is a scheme and a host, with one `{name}` at most: `https://{account}.example.com`");
    }
}

/// Whether a text is a host, and a port perhaps: `login.example.com:8443`.
fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    host.split('.').all(|part| label(part) && part.bytes().all(byte))
        && digits
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn limit(node: Node<'_>, report: &mut Report<'_>) -> Option<Limit> {
    xml::only(node, &["name", "requests", "seconds"], report);
    xml::own_doc(node, report);
    let name = xml::required(node, "name", report);
    let mut given = |attribute: &str| {
        if !node.has_attribute(attribute) {
            xml::missing(node, attribute, report);
        }
        xml::number(node, attribute, report)
    };
    // A rate with a mistake still has its name, so that those who use it need not complain.
    let (requests, seconds) = (given("requests").unwrap_or(1), given("seconds").unwrap_or(1));
    Some(Limit { name, requests, seconds })
}

fn style(node: Node<'_>, report: &mut Report<'_>) -> Style {
    xml::only(node, &["name", "method", "path", "limit"], report);
    let name = xml::required(node, "name", report);
    let prefix = xml::attribute(node, "path", report).map(|path| envelope::prefix(&path, report)).unwrap_or_default();
    let (method, limit) = (xml::attribute(node, "method", report), xml::attribute(node, "limit", report));
    let (mut doc, mut header, mut query, mut request, mut response, mut failure) = (None, None, None, None, None, None);
    let mut fails = Vec::new();
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "header" => xml::once(&mut header, envelope::header(child, report), child, report),
            "query" => xml::once(&mut query, envelope::query(child, report), child, report),
            "request" => xml::once(&mut request, envelope::envelope(child, report), child, report),
            "response" => xml::once(&mut response, envelope::envelope(child, report), child, report),
            "failure" => xml::once(&mut failure, envelope::failure(child, report), child, report),
            "fails" => fails.push(self::fails(child, report)),
            _ => xml::unknown(
                child,
                "style",
                &["doc", "header", "query", "request", "response", "failure", "fails"],
                report,
            ),
        }
    }
    let in_body = request.as_ref().is_some_and(|parts| parts.iter().any(|part| matches!(part, EnvelopePart::Token(_))));
    one_carrier(node, [node.has_attribute("path"), header.is_some(), query.is_some(), in_body], report);
    let (doc, header, query, failure) = (doc.flatten(), header.flatten(), query.flatten(), failure.flatten());
    Style {
        span: report.span(node.range()),
        name,
        doc,
        method,
        limit,
        prefix,
        header,
        query,
        request,
        response,
        failure,
        fails,
    }
}

/// The token goes to one place.
fn one_carrier(node: Node<'_>, carriers: [bool; 4], report: &mut Report<'_>) {
    let help = "it is in `path`, in a `<header>`, in a `<query>`, or in the envelope of requests";
    let message = match carriers.into_iter().filter(|carrier| *carrier).count() {
        0 => "this style has no place for the `{token}`",
        1 => return,
        _ => "this style has more than one place for the `{token}`",
    };
    report.error(xml::tag(node, report), message).help(help);
}

/// The header, and who gives out tokens for it.
fn bearer(node: Node<'_>, report: &mut Report<'_>) -> (Option<Header>, Option<Issuer>) {
    xml::only(node, &[], report);
    let (mut header, mut issuers) = (None, None);
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" => drop(plain_doc(child, report)),
            "header" => xml::once(&mut header, envelope::header(child, report), child, report),
            "issuer" => xml::once(&mut issuers, issuer(child, report), child, report),
            _ => xml::unknown(child, "bearer", &["doc", "header", "issuer"], report),
        }
    }
    if header.is_none() {
        report
            .error(xml::tag(node, report), "`<bearer>` has no `<header>`")
            .help("write `<header name=\"Authorization\">Bearer {token}</header>`");
    }
    (header.flatten(), issuers)
}

fn issuer(node: Node<'_>, report: &mut Report<'_>) -> Issuer {
    xml::only(node, &["authorize", "token", "accounts"], report);
    let (authorize, token) = (xml::required(node, "authorize", report), xml::required(node, "token", report));
    let accounts = xml::attribute(node, "accounts", report);
    for address in [&authorize, &token].into_iter().chain(&accounts) {
        check_address(address, report);
    }
    Issuer { authorize: authorize.text, token: token.text, accounts: accounts.map(|accounts| accounts.text) }
}

/// An issuer's address: secrets go there, so it is `https`, and what is asked goes into its query.
fn check_address(address: &Text, report: &mut Report<'_>) {
    let good = address.text.strip_prefix("https://").is_some_and(|rest| {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        is_authority(host) && path.bytes().all(path_byte)
    });
    if !good && !address.is_missing() {
        report
            .error(address.span.start..address.span.end, format!("`{}` is not an issuer's address", address.text))
            .help("it is `https`, a host and a path: `https://login.example.com/token`");
    }
}

/// Reads a documented failure.
pub(super) fn fails(node: Node<'_>, report: &mut Report<'_>) -> Fails {
    xml::only(node, &["status"], report);
    if !node.has_attribute("status") {
        xml::missing(node, "status", report);
    }
    let status = xml::status(node, 400..600, "failure", report);
    let tag = xml::tag(node, report);
    Fails { tag: report.span(tag), status, doc: xml::own_doc(node, report) }
}
