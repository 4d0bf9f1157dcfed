//! `<endpoint>`: one operation.

use super::api::{fails, plain_doc};
use super::section::{field_doc, range};
use super::syntax::{
    Attribute, AttributeValue, Endpoint, Example, ExampleResponse, Node, Pages, Path, Payload, Response, Route,
};
use super::{path, shape, xml};
use crate::diagnostic::Report;

const CHILDREN: &[&str] = &["doc", "query", "also", "request", "response", "pages", "fails", "example"];

pub(super) fn endpoint<'a>(node: Node<'a>, report: &mut Report<'_>) -> Endpoint<'a> {
    xml::only(node, &["name", "path", "method", "style", "limit", "retry", "legacy"], report);
    let mut endpoint = Endpoint {
        span: report.span(node.range()),
        name: xml::required(node, "name", report),
        doc: None,
        path: required_path(node, report),
        method: xml::attribute(node, "method", report),
        style: xml::attribute(node, "style", report),
        limit: xml::attribute(node, "limit", report),
        retry: xml::attribute(node, "retry", report),
        legacy: xml::attribute(node, "legacy", report),
        query: Vec::new(),
        also: Vec::new(),
        request: None,
        response: None,
        pages: None,
        fails: Vec::new(),
        docs: Vec::new(),
        examples: Vec::new(),
    };
    let (mut doc, mut query) = (None, None);
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "doc" if child.attributes().next().is_some() => endpoint.docs.push(field_doc(child, report)),
            "doc" => xml::once(&mut doc, plain_doc(child, report), child, report),
            "query" => xml::once(&mut query, self::query(child, report), child, report),
            "also" => endpoint.also.push(also(child, report)),
            "request" => xml::once(&mut endpoint.request, request(child, report), child, report),
            "response" => xml::once(&mut endpoint.response, response(child, report), child, report),
            "pages" => xml::once(&mut endpoint.pages, pages(child, report), child, report),
            "fails" => endpoint.fails.push(fails(child, report)),
            "example" => endpoint.examples.push(example(child, report)),
            _ => xml::unknown(child, "endpoint", CHILDREN, report),
        }
    }
    (endpoint.doc, endpoint.query) = (doc.flatten(), query.unwrap_or_default());
    endpoint
}

fn required_path(node: Node<'_>, report: &mut Report<'_>) -> Option<Path> {
    let text = xml::raw_attribute(node, "path", report);
    if text.is_none() {
        xml::missing(node, "path", report);
    }
    text.map(|text| path::path(range(&text), report))
}

fn query(node: Node<'_>, report: &mut Report<'_>) -> Vec<Attribute> {
    xml::children(node, report).into_iter().for_each(|child| xml::unknown(child, "query", &[], report));
    let attributes = shape::attributes(node, report);
    for attribute in &attributes {
        if let AttributeValue::Literal(_) = attribute.value {
            let at = node
                .attribute_node(attribute.name.text.as_str())
                .map_or_else(|| range(&attribute.name), |attribute| attribute.range_value());
            report
                .error(at, "the value of a query parameter is a hole")
                .help(format!("write `{}=\"{{name: type}}\"`", attribute.name.text));
        }
    }
    if attributes.is_empty() {
        report
            .error(xml::tag(node, report), "this query has no parameters")
            .help("write `<query name=\"{hole: type}\"/>`");
    }
    attributes
}

fn also(node: Node<'_>, report: &mut Report<'_>) -> Route {
    xml::only(node, &["path", "method"], report);
    xml::children(node, report).into_iter().for_each(|child| xml::unknown(child, "also", &[], report));
    Route { path: required_path(node, report), method: xml::attribute(node, "method", report) }
}

fn request(node: Node<'_>, report: &mut Report<'_>) -> Payload {
    xml::only(node, &[], report);
    payload(node, report)
}

fn payload(node: Node<'_>, report: &mut Report<'_>) -> Payload {
    let tag = xml::tag(node, report);
    for text in node.children().filter(|child| child.is_text()) {
        if text.text().is_some_and(|text| !text.trim().is_empty()) {
            let message = format!("only elements stand directly in `<{}>`", node.tag_name().name());
            report
                .error(super::hole::trimmed(report, text.range()), message)
                .help("a hole is the content of an element");
        }
    }
    let elements = node.children().filter(Node::is_element).map(|child| shape::element(child, report)).collect();
    Payload { tag: report.span(tag), elements }
}

fn response(node: Node<'_>, report: &mut Report<'_>) -> Response {
    xml::only(node, &["status", "location", "envelope"], report);
    let no_envelope = xml::no(node, "envelope", report)
        .then(|| node.attribute_node("envelope").map_or_else(|| node.range(), |a| a.range()));
    Response {
        payload: payload(node, report),
        status: xml::status(node, 200..300, "success", report),
        location: xml::attribute(node, "location", report).map(|text| location(range(&text), report)),
        no_envelope: no_envelope.map(|range| report.span(range)),
    }
}

fn location(raw: std::ops::Range<usize>, report: &mut Report<'_>) -> Path {
    let mut location = path::path(raw.clone(), report);
    if !location.absolute && !location.broken {
        report.error(raw, "a location begins with `/`").help("scheme and host are put before it");
        location.broken = true;
    }
    location
}

fn pages(node: Node<'_>, report: &mut Report<'_>) -> Pages {
    xml::only(node, &["number", "key", "first"], report);
    xml::children(node, report).into_iter().for_each(|child| xml::unknown(child, "pages", &[], report));
    Pages {
        tag: report.span(xml::tag(node, report)),
        number: xml::required(node, "number", report),
        key: xml::required(node, "key", report),
        first: xml::number(node, "first", report),
    }
}

fn example<'a>(node: Node<'a>, report: &mut Report<'_>) -> Example<'a> {
    xml::only(node, &["path", "written"], report);
    let mut example = Example {
        span: report.span(node.range()),
        path: xml::required(node, "path", report),
        written: !xml::no(node, "written", report),
        request: None,
        response: None,
    };
    for child in xml::children(node, report) {
        match child.tag_name().name() {
            "request" => xml::once(&mut example.request, child, child, report),
            "response" => {
                let status = xml::status(child, 200..300, "success", report);
                let location = xml::attribute(child, "location", report);
                xml::once(&mut example.response, ExampleResponse { node: child, status, location }, child, report);
            }
            _ => xml::unknown(child, "example", &["request", "response"], report),
        }
    }
    example
}
