//! `<endpoint>`: an operation.

use std::ops::Range;

use super::hole::{self, HoleOrText};
use super::section::parse_field_doc;
use super::style::parse_error;
use super::xml::{self, XmlNode};
use super::{example, path, shape};
use crate::diagnostic::SourceSink;
use crate::syntax::{
    Attribute, AttributeValue, Endpoint, Example, ExampleResponse, Pagination, Path, Payload, Response, Route, Text,
};

/// Elements that `<endpoint>` may contain.
const CHILDREN: &[&str] = &["doc", "query", "also", "request", "response", "pages", "fails", "example"];

/// Parses `<endpoint>`.
pub(super) fn parse_endpoint(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Endpoint {
    xml::reject_unknown_attributes(node, &["name", "path", "method", "style", "limit", "retry", "legacy"], sink);
    let mut endpoint = Endpoint {
        span: sink.span(node.range()),
        name: xml::read_required_attribute(node, "name", sink),
        doc: None,
        path: read_required_path(node, sink),
        method: xml::read_attribute(node, "method", sink),
        style: xml::read_attribute(node, "style", sink),
        rate_limit: xml::read_attribute(node, "limit", sink),
        retry: xml::read_attribute(node, "retry", sink),
        legacy: xml::read_attribute(node, "legacy", sink),
        query: Vec::new(),
        also: Vec::new(),
        request: None,
        response: None,
        pagination: None,
        errors: Vec::new(),
        docs: Vec::new(),
        examples: Vec::new(),
    };
    let (mut doc, mut query) = (None, None);
    for child in xml::child_elements(node, sink) {
        match child.tag_name().name() {
            "doc" if child.attributes().next().is_some() => endpoint.docs.push(parse_field_doc(child, sink)),
            "doc" => xml::set_once(&mut doc, xml::read_plain_doc(child, sink), child, sink),
            "query" => xml::set_once(&mut query, parse_query(child, sink), child, sink),
            "also" => endpoint.also.push(parse_also(child, sink)),
            "request" => xml::set_once(&mut endpoint.request, parse_request(child, sink), child, sink),
            "response" => xml::set_once(&mut endpoint.response, parse_response(child, sink), child, sink),
            "pages" => xml::set_once(&mut endpoint.pagination, parse_pagination(child, sink), child, sink),
            "fails" => endpoint.errors.push(parse_error(child, sink)),
            "example" => endpoint.examples.push(parse_example(child, sink)),
            _ => xml::report_unknown_element(child, "endpoint", CHILDREN, sink),
        }
    }
    (endpoint.doc, endpoint.query) = (doc.flatten(), query.unwrap_or_default());
    endpoint
}

/// Reads and parses the attribute `path`. Reports that it is missing.
fn read_required_path(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Path {
    xml::require_attribute(node, "path", sink);
    match xml::read_raw_attribute(node, "path", sink) {
        Some(text) => path::parse_path(text.span.range(), sink),
        None => path::make_broken_path(node, sink),
    }
}

/// Parses `<query>`. Each attribute is a query parameter. Its text is a query too, for names that attributes cannot
/// have.
fn parse_query(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Vec<Attribute> {
    let errors_before = sink.len();
    let mut attributes = shape::parse_attributes(node, sink);
    for child in node.children().filter(XmlNode::is_element) {
        xml::report_unknown_element(child, "query", &[], sink);
    }
    for text in node.children().filter(|child| xml::is_visible_text(*child)) {
        parse_query_text(xml::trim(sink, text.range()), &mut attributes, sink);
    }
    if attributes.is_empty() && sink.len() == errors_before {
        sink.error(xml::tag_range(node, sink), "this query has no parameters")
            .help("write `<query name=\"{hole: type}\"/>`");
    }
    attributes
}

/// Parses the text of a `<query>`, such as `ids[]={ids: BoatId*}&amp;format=xml`, and adds its parameters.
fn parse_query_text(range: Range<usize>, attributes: &mut Vec<Attribute>, sink: &mut SourceSink<'_>) {
    const SEPARATOR: &str = "&amp;";
    let mut start = range.start;
    for pair in sink.slice(&range).split(SEPARATOR) {
        let pair_range = xml::trim(sink, start..start + pair.len());
        start += pair.len() + SEPARATOR.len();
        let (name, value) = match pair.trim().split_once('=') {
            Some((name, value)) if !name.is_empty() && !name.contains(['{', '}', '&', '<']) => (name, value),
            _ => {
                sink.error(pair_range, "a query parameter is a name, `=` and a value")
                    .help("write `name={hole: type}`, and `&amp;` between parameters");
                continue;
            }
        };
        let value_range = pair_range.start + name.len() + 1..pair_range.end;
        if value.contains(['&', '<']) {
            sink.error(value_range, "the value of a query parameter cannot contain entities, comments or CDATA")
                .help("write a hole or plain text");
            continue;
        }
        let value = match hole::parse_value(value_range, value, sink) {
            HoleOrText::Literal => AttributeValue::Literal(value.to_owned()),
            HoleOrText::Hole(hole) => AttributeValue::Hole(hole),
            HoleOrText::Malformed => AttributeValue::Malformed,
        };
        let name_range = pair_range.start..pair_range.start + name.len();
        attributes.push(Attribute { name: Text { text: name.to_owned(), span: sink.span(name_range) }, value });
    }
}

/// Parses `<also>` of an endpoint: an alternative route.
fn parse_also(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Route {
    xml::reject_unknown_attributes(node, &["path", "method"], sink);
    xml::reject_children(node, sink);
    Route { path: read_required_path(node, sink), method: xml::read_attribute(node, "method", sink) }
}

/// Parses `<request>` of an endpoint, which has no attributes.
fn parse_request(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Payload {
    xml::reject_unknown_attributes(node, &[], sink);
    parse_payload(node, sink)
}

/// Parses the shapes in `<request>` or `<response>`. Reports text that is not in an element, and headers.
fn parse_payload(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Payload {
    let (tag, errors_before) = (xml::tag_range(node, sink), sink.len());
    for text in node.children().filter(|child| xml::is_visible_text(*child)) {
        let message = format!("`<{}>` cannot contain text directly", node.tag_name().name());
        sink.error(xml::trim(sink, text.range()), message).help("a hole is the content of an element");
    }
    let (mut elements, mut is_broken) = (Vec::new(), sink.len() > errors_before);
    for child in node.children().filter(XmlNode::is_element) {
        // An element of the body with this name has no literal `name`.
        if child.has_tag_name("header") && child.attribute("name").is_some_and(|name| !name.contains('{')) {
            is_broken = true;
            let message = format!("`<{}>` cannot have headers", node.tag_name().name());
            sink.error(xml::tag_range(child, sink), message).help(
                "its elements are the body; the only headers are the one of the token, which is in the style, and \
                 `location` of a response",
            );
        } else {
            elements.push(shape::parse_element(child, sink));
        }
    }
    Payload { tag: sink.span(tag), elements, is_broken }
}

/// Parses `<response>` of an endpoint.
fn parse_response(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Response {
    xml::reject_unknown_attributes(node, &["status", "location", "envelope"], sink);
    let no_envelope = xml::read_no(node, "envelope", sink);
    Response {
        payload: parse_payload(node, sink),
        status: xml::read_status(node, 200..300, "a success", sink),
        location: xml::read_attribute(node, "location", sink).map(|text| parse_location(text.span.range(), sink)),
        no_envelope,
    }
}

/// Parses the location at the range `raw` of the source: a path that starts with `/`.
fn parse_location(raw: Range<usize>, sink: &mut SourceSink<'_>) -> Path {
    let mut location = path::parse_path(raw.clone(), sink);
    if !location.is_absolute && !location.is_broken {
        sink.error(raw, "a location starts with `/`").help("remove scheme and host: the server adds them");
        location.is_broken = true;
    }
    location
}

/// Parses `<pages>`.
fn parse_pagination(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Pagination {
    xml::reject_unknown_attributes(node, &["number", "key", "first", "step"], sink);
    let step = xml::read_attribute(node, "step", sink);
    if let Some(step) = step.as_ref().filter(|step| step.text != "items") {
        sink.error(step.span.range(), "the only value of `step` is `items`")
            .help("remove the attribute if the number grows by one from page to page");
    }
    xml::reject_children(node, sink);
    Pagination {
        tag: sink.span(xml::tag_range(node, sink)),
        number: xml::read_required_attribute(node, "number", sink),
        key: xml::read_required_attribute(node, "key", sink),
        first: xml::read_number(node, "first", sink),
        counts_items: step.is_some(),
    }
}

/// Parses `<example>` of an endpoint.
fn parse_example(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Example {
    xml::reject_unknown_attributes(node, &["path", "written"], sink);
    let mut example = Example {
        span: sink.span(node.range()),
        path: xml::read_required_attribute(node, "path", sink),
        is_written: xml::read_no(node, "written", sink).is_none(),
        request: None,
        response: None,
    };
    for child in xml::child_elements(node, sink) {
        let parse_child = || example::parse_element(child, sink);
        match child.tag_name().name() {
            "request" => xml::set_once(&mut example.request, parse_child(), child, sink),
            "response" => {
                let element = parse_child();
                let status = xml::read_status(child, 200..300, "a success", sink);
                let location = xml::read_attribute(child, "location", sink);
                xml::set_once(&mut example.response, ExampleResponse { element, status, location }, child, sink);
            }
            _ => xml::report_unknown_element(child, "example", &["request", "response"], sink),
        }
    }
    example
}
