//! `<style>`: conventions that endpoints share.

use super::carrier;
use super::shape;
use super::xml::{self, XmlNode};
use crate::diagnostic::SourceSink;
use crate::notation::find_token_element;
use crate::syntax::{DocumentedError, Element, Style};

/// Elements that `<style>` may contain.
const CHILDREN: &[&str] = &["doc", "header", "query", "request", "response", "failure", "empty-list", "fails"];

/// Parses `<style>`.
pub(super) fn parse_style(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Style {
    let errors_before = sink.len();
    xml::reject_unknown_attributes(node, &["name", "method", "path", "limit", "token"], sink);
    let has_token = xml::read_no(node, "token", sink).is_none();
    let name = xml::read_required_attribute(node, "name", sink);
    let path = xml::read_attribute(node, "path", sink);
    let prefix = path.map(|path| carrier::parse_prefix(&path, sink)).unwrap_or_default();
    let method = xml::read_attribute(node, "method", sink);
    let rate_limit = xml::read_attribute(node, "limit", sink);
    let (mut doc, mut header, mut query, mut request, mut response) = (None, None, None, None, None);
    let (mut failure, mut empty_list) = (None, None);
    let mut errors = Vec::new();
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "header" => xml::set_once(&mut header, carrier::parse_header(child, sink), child, sink),
            "query" => xml::set_once(&mut query, carrier::parse_query(child, sink), child, sink),
            "request" => xml::set_once(&mut request, carrier::parse_envelope(child, sink), child, sink),
            "response" => xml::set_once(&mut response, carrier::parse_envelope(child, sink), child, sink),
            "failure" => {
                let document = parse_document(child, "paste the whole body of an error response", sink);
                xml::set_once(&mut failure, document, child, sink);
            }
            "empty-list" => {
                let document = parse_document(child, "paste the whole body of a response with an empty list", sink);
                xml::set_once(&mut empty_list, document, child, sink);
            }
            "fails" => errors.push(parse_error(child, sink)),
            _ => xml::report_unknown_element(child, "style", CHILDREN, sink),
        }
    }
    let has_token_in_body = request.as_deref().and_then(find_token_element).is_some();
    // Not reported after another error, which may be the reason, such as a misspelled element.
    if sink.len() == errors_before {
        check_carriers(
            node,
            has_token,
            [node.has_attribute("path"), header.is_some(), query.is_some(), has_token_in_body],
            sink,
        );
    }
    Style {
        span: sink.span(node.range()),
        name,
        doc: doc.flatten(),
        method,
        rate_limit,
        has_token,
        prefix,
        header: header.flatten(),
        query: query.flatten(),
        request,
        response,
        failure: failure.flatten(),
        empty_list: empty_list.flatten(),
        errors,
    }
}

/// Reports a style without a carrier of the token, with more than one, or with one although requests have no token.
/// `carriers` has an item for the path, the header, the query and the body: `true` if the style puts the token there.
fn check_carriers(node: XmlNode<'_>, has_token: bool, carriers: [bool; 4], sink: &mut SourceSink<'_>) {
    let message = match (has_token, carriers.into_iter().filter(|carrier| *carrier).count()) {
        (true, 0) => "this style does not say where the `{token}` goes",
        (true, 1) | (false, 0) => return,
        (true, _) => "this style puts the `{token}` into more than one position",
        (false, _) => "this style has a `{token}`, although it is marked `token=\"no\"`",
    };
    sink.error(xml::tag_range(node, sink), message).help(
        "put it into `path`, a `<header>`, a `<query>`, or the envelope of requests; or mark a style without a token \
         `token=\"no\"`",
    );
}

/// Parses the document in `<failure>` or `<empty-list>`. Returns its root, or `None` after reporting that there is no
/// element.
fn parse_document(node: XmlNode<'_>, help: &str, sink: &mut SourceSink<'_>) -> Option<Element> {
    xml::reject_unknown_attributes(node, &[], sink);
    let roots = xml::child_elements(node, sink);
    if roots.len() != 1 {
        let message = format!("`<{}>` contains exactly one element", node.tag_name().name());
        sink.error(xml::tag_range(node, sink), message).help(help);
    }
    roots.first().map(|root| shape::parse_element(*root, sink))
}

/// Parses `<fails>`: a documented error.
pub(super) fn parse_error(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> DocumentedError {
    xml::reject_unknown_attributes(node, &["status"], sink);
    xml::require_attribute(node, "status", sink);
    let status = xml::read_status(node, 400..600, "an error", sink);
    let tag = xml::tag_range(node, sink);
    DocumentedError { tag: sink.span(tag), status, doc: xml::read_own_doc(node, sink) }
}
