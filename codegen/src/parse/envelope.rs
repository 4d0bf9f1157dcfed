//! What only `api.xml` has: envelopes and the places where the token goes.

use std::ops::Range;

use super::hole::{slice, trimmed};
use super::syntax::{Node, Text};
use super::{shape, xml};
use crate::diagnostic::Report;
use crate::model::{EnvelopePart, Header, TokenSegment};

const TOKEN: &str = "{token}";
const PAYLOAD: &str = "{payload}";

/// Reads the envelope in `<request>` or `<response>` of a style.
pub(super) fn envelope(node: Node<'_>, report: &mut Report<'_>) -> Vec<EnvelopePart> {
    xml::only(node, &[], report);
    let roots = xml::children(node, report);
    let before = report.diagnostics.len();
    let mut parts = Vec::new();
    for root in &roots {
        element(*root, node.has_tag_name("request"), &mut parts, report);
    }
    if roots.len() != 1 {
        report
            .error(xml::tag(node, report), "an envelope has one root")
            .help(format!("write `<{0}><{0}>{PAYLOAD}</{0}></{0}>`", node.tag_name().name()));
    } else if !parts.contains(&EnvelopePart::Payload) && report.diagnostics.len() == before {
        report
            .error(xml::tag(node, report), format!("this envelope has no `{PAYLOAD}`"))
            .help("it says where the elements of an endpoint go");
    }
    parts
}

fn element(node: Node<'_>, token_allowed: bool, parts: &mut Vec<EnvelopePart>, report: &mut Report<'_>) {
    let name = node.tag_name().name().to_owned();
    let attributes: Vec<(String, String)> =
        node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned())).collect();
    for attribute in node.attributes().filter(|attribute| attribute.value().contains(['{', '}'])) {
        report
            .error(attribute.range_value(), "the attributes of an envelope are text")
            .help(format!("`{TOKEN}` is the whole content of an element"));
    }
    if token_allowed && is_token(node) {
        if parts.iter().any(|part| matches!(part, EnvelopePart::Token(_))) {
            report.error(xml::tag(node, report), format!("there is a second `{TOKEN}`"));
        }
        if let Some(attribute) = node.attributes().next() {
            report.error(attribute.range(), "the token's element has no attributes");
        }
        return parts.push(EnvelopePart::Token(name));
    }
    if !node.has_children() {
        return parts.push(EnvelopePart::Empty(name, attributes));
    }
    parts.push(EnvelopePart::Open(name.clone(), attributes));
    for child in node.children() {
        if child.is_element() {
            element(child, token_allowed, parts, report);
        } else if child.is_text() {
            text(child, token_allowed, parts, report);
        }
    }
    parts.push(EnvelopePart::Close(name));
}

fn is_token(node: Node<'_>) -> bool {
    !node.children().any(|child| child.is_element()) && node.text().is_some_and(|text| text.trim() == TOKEN)
}

fn text(node: Node<'_>, token_allowed: bool, parts: &mut Vec<EnvelopePart>, report: &mut Report<'_>) {
    let mut start = node.range().start;
    let source = slice(report, &node.range());
    for (at, payload) in
        source.match_indices(PAYLOAD).map(|(at, _)| node.range().start + at).map(|at| (at, at..at + PAYLOAD.len()))
    {
        stray(start..at, token_allowed, report);
        start = payload.end;
        if parts.contains(&EnvelopePart::Payload) {
            report.error(payload, format!("there is a second `{PAYLOAD}`")).help("one is enough");
        } else {
            parts.push(EnvelopePart::Payload);
        }
    }
    stray(start..node.range().end, token_allowed, report);
}

/// Says what text in an envelope is neither white space nor `{payload}`.
fn stray(range: Range<usize>, token_allowed: bool, report: &mut Report<'_>) {
    let range = trimmed(report, range);
    let text = slice(report, &range);
    if text.is_empty() {
        return;
    }
    let error = report.error(range, format!("`{text}` cannot stand here in an envelope"));
    if text == TOKEN && token_allowed {
        error.help(format!("`{TOKEN}` is the whole content of an element"));
    } else if text == TOKEN {
        error.help("answers have no token");
    } else {
        error.suggest(text, [PAYLOAD]);
    }
}

/// Reads `<header name="X">before {token} after</header>`.
pub(super) fn header(node: Node<'_>, report: &mut Report<'_>) -> Option<Header> {
    xml::only(node, &["name"], report);
    let name = xml::required(node, "name", report);
    let tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.text.chars().all(tchar) {
        report.error(range(&name), format!("`{}` cannot be the name of a header", name.text));
    }
    let value = node.text().unwrap_or_default();
    let Some((before, after)) = value.split_once(TOKEN) else {
        report
            .error(xml::tag(node, report), format!("this header has no `{TOKEN}`"))
            .help(format!("write `<header name=\"…\">{TOKEN}</header>`"));
        return None;
    };
    let plain = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b)) && !text.contains(['{', '}']);
    if node.children().count() != 1 || !plain(before) || !plain(after) {
        let at = node.first_child().map_or_else(|| node.range(), |child| child.range());
        report.error(at, format!("a header holds `{TOKEN}` once, with plain text around it"));
        return None;
    }
    Some(Header { name: name.text, before: before.to_owned(), after: after.to_owned() })
}

/// Reads `<query name="{token}"/>`.
pub(super) fn query(node: Node<'_>, report: &mut Report<'_>) -> Option<String> {
    xml::children(node, report).into_iter().for_each(|child| xml::unknown(child, "query", &[], report));
    let mut attributes = node.attributes();
    match (attributes.next(), attributes.next()) {
        (Some(attribute), None) if attribute.value() == TOKEN => Some(attribute.name().to_owned()),
        (Some(attribute), None) => {
            report.error(attribute.range_value(), format!("the query of a style is `{TOKEN}`"));
            None
        }
        _ => {
            report
                .error(xml::tag(node, report), "the query of a style has one parameter")
                .help(format!("write `<query name=\"{TOKEN}\"/>`"));
            None
        }
    }
}

/// Reads the path of a style, such as `/{token}`.
pub(super) fn prefix(path: &Text, report: &mut Report<'_>) -> Vec<TokenSegment> {
    let Some(rest) = path.text.strip_prefix('/') else {
        report.error(range(path), "the path of a style begins with `/`").help(format!("write `/{TOKEN}`"));
        return Vec::new();
    };
    let literal =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let tokens = rest.split('/').filter(|segment| *segment == TOKEN).count();
    if tokens != 1 || !rest.split('/').all(|segment| segment == TOKEN || literal(segment)) {
        report
            .error(range(path), format!("the path of a style has one segment that is `{TOKEN}`, and else text"))
            .help(format!("write `/{TOKEN}`"));
        return Vec::new();
    }
    rest.split('/')
        .map(|segment| if segment == TOKEN { TokenSegment::Token } else { TokenSegment::Literal(segment.to_owned()) })
        .collect()
}

/// Reads the shape in `<failure>`.
pub(super) fn failure(node: Node<'_>, report: &mut Report<'_>) -> Option<super::syntax::Element> {
    xml::only(node, &[], report);
    let roots = xml::children(node, report);
    if roots.len() != 1 {
        report.error(xml::tag(node, report), "a failure is one element").help("paste the whole body that says so");
    }
    roots.first().map(|root| shape::element(*root, report))
}

fn range(text: &Text) -> Range<usize> {
    text.span.start..text.span.end
}
