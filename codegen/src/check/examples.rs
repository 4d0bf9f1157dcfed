//! Examples: each is matched against its shape, unless the shape or a declaration that it depends on has a mistake.

use std::collections::BTreeSet;
use std::slice;

use super::context::Context;
use super::enum_uses::EnumUses;
use super::example_routes::check_example_route;
use super::matching::{self, ExampleUrl, Expected};
use super::routes::RouteTable;
use super::scope::ValidTypes;
use super::types;
use crate::diagnostic::DiagnosticSink;
use crate::model::{
    Api, Attribute, Content, Element, Endpoint, EnvelopePart, Example, ExampleResponse, ExampleValue, LocationSegment,
    LocationValue, Style, TypeExample, TypeRef,
};
use crate::source::Span;
use crate::syntax::{self, Schema, XmlElement};

/// Finds the data types without a mistake so far, apart from mistakes in their examples.
pub(super) fn find_valid_types(cx: &Context<'_>) -> ValidTypes {
    let errors = cx.blocking_errors();
    let is_valid = |data_type: &syntax::DataType| !errors.has_error_in(data_type.span, &data_type.example_spans());
    ValidTypes::new(cx.schema.types().map(is_valid).collect())
}

/// Matches all examples against their shapes, and adds them to the model. Examples that depend on a faulty declaration
/// are skipped.
pub(super) fn check_examples(cx: &mut Context<'_>, api: &mut Api) {
    let valid_types = find_valid_types(cx);
    let are_valid = |types: BTreeSet<TypeRef>| types.iter().all(|data_type| valid_types.contains(*data_type));
    let schema = cx.schema;
    let mut enum_uses = EnumUses::default();
    let mut type_examples = Vec::new();
    for (index, syntax) in schema.types().enumerate() {
        let reachable = api.types.get(index).map(|found| types::find_reachable(&api.types, &found.fields));
        // Values of the type can contain values of all reachable types.
        let can_check = valid_types.contains(TypeRef(index)) && are_valid(reachable.unwrap_or_default());
        let examples = can_check.then(|| check_type_examples(cx, api, &mut enum_uses, TypeRef(index), syntax));
        type_examples.push(examples.unwrap_or_default());
    }
    // Diagnostics up to here: a mistake in one example of an endpoint does not block the checks of other examples.
    let errors_before = cx.blocking_errors();
    let mut endpoint_examples = Vec::new();
    let routes = RouteTable::new(cx, &api.styles, &api.sections);
    for (section, section_syntax) in api.sections.iter().zip(&schema.sections) {
        let is_section_path_valid = section_syntax
            .path
            .as_ref()
            .is_none_or(|path| !path.is_broken && !errors_before.has_error_in(path.span, &[]));
        for (endpoint, syntax) in section.endpoints.iter().zip(&section_syntax.endpoints) {
            let reachable = types::find_reachable(&api.types, endpoint.fields.iter().chain(&endpoint.response.value));
            let style = cx.style_of(section_syntax, syntax);
            let style = style.and_then(|style| schema.api.as_ref()?.styles.get(style.0));
            let can_check = is_section_path_valid
                && style.is_some_and(|style| !errors_before.has_error_in(style.span, &[]))
                && !errors_before.has_error_in(syntax.span, &syntax.example_spans())
                && are_valid(reachable);
            let examples =
                can_check.then(|| check_endpoint_examples(cx, api, &routes, &mut enum_uses, endpoint, syntax));
            endpoint_examples.push(examples.unwrap_or_default());
        }
    }
    enum_uses.warn_of_unused_values(cx);
    for (data_type, examples) in api.types.iter_mut().zip(type_examples) {
        data_type.examples = examples;
    }
    let endpoints = api.sections.iter_mut().flat_map(|section| &mut section.endpoints);
    for (endpoint, examples) in endpoints.zip(endpoint_examples) {
        endpoint.examples = examples;
    }
}

/// Matches the examples of a data type.
fn check_type_examples(
    cx: &mut Context<'_>,
    api: &Api,
    enum_uses: &mut EnumUses,
    index: TypeRef,
    syntax: &syntax::DataType,
) -> Vec<TypeExample> {
    let Some(data_type) = api.types.get(index.0) else { return Vec::new() };
    let mut examples = Vec::new();
    for example in &syntax.examples {
        let has_parse_error = cx.parse_errors.has_error_in(example.span, &[]);
        let Some(document) = example.document.as_ref().filter(|_| !has_parse_error) else { continue };
        let expected = Expected {
            wrapper: "example",
            fields: &data_type.fields,
            shape: slice::from_ref(&data_type.shape),
            also: &data_type.also,
            is_root: true,
            is_written: example.is_written,
        };
        let values = matching::match_elements(api, expected, &[document], document.span, &mut cx.sink);
        enum_uses.add_values(api, example.is_written, &data_type.fields, &values);
        examples.push(TypeExample { document: matching::convert_xml(document), is_written: example.is_written });
    }
    examples
}

/// Matches the examples of an endpoint. An example in which parsing found a mistake is left out.
fn check_endpoint_examples(
    cx: &mut Context<'_>,
    api: &Api,
    routes: &RouteTable<'_>,
    enum_uses: &mut EnumUses,
    endpoint: &Endpoint,
    syntax: &syntax::Endpoint,
) -> Vec<Example> {
    let Some(style) = api.styles.get(endpoint.style.0) else { return Vec::new() };
    let has_parse_error = |example: &&syntax::Example| cx.parse_errors.has_error_in(example.span, &[]);
    let examples: Vec<_> = syntax.examples.iter().filter(|example| !has_parse_error(example)).collect();
    let (schema, sink) = (cx.schema, &mut cx.sink);
    let mut checker = ExampleChecker { api, schema, routes, style, endpoint, enum_uses, sink };
    examples.into_iter().map(|example| checker.check_example(example)).collect()
}

/// Matches examples of one endpoint, and converts them to the model.
struct ExampleChecker<'e> {
    api: &'e Api,
    schema: &'e Schema,
    routes: &'e RouteTable<'e>,
    style: &'e Style,
    endpoint: &'e Endpoint,
    enum_uses: &'e mut EnumUses,
    sink: &'e mut DiagnosticSink,
}

impl ExampleChecker<'_> {
    /// Matches an example: its request, its path and query, and its response.
    fn check_example(&mut self, example: &syntax::Example) -> Example {
        let (endpoint, path) = (self.endpoint, &example.path);
        if let Some(request) = &example.request {
            self.check_attributes(request, &[], self.style.request.as_deref());
        }
        let shape = endpoint.request.as_deref().unwrap_or_default();
        let elements =
            example.request.as_ref().map(|request| matching::collect_payload_elements(request, shape, self.sink));
        let elements = elements.unwrap_or_default();
        let at = example.request.as_ref().map_or(path.span, |request| request.name.span);
        let expected = Expected {
            wrapper: "request",
            fields: &endpoint.fields,
            shape,
            also: &[],
            is_root: self.style.request.is_none(),
            is_written: example.is_written,
        };
        let mut values = matching::match_elements(self.api, expected, &elements, at, self.sink);
        let errors_before = self.sink.len();
        let is_written = example.is_written;
        let url = ExampleUrl { api: self.api, endpoint, text: &path.text, span: path.span, is_written };
        matching::match_path(url, &mut values, self.sink);
        self.enum_uses.add_values(self.api, is_written, &endpoint.fields, &values);
        if self.sink.len() == errors_before {
            check_example_route(self.schema, self.routes, self.style, endpoint, example, self.sink);
        }
        let response = example.response.as_ref();
        if response.is_none() && example.is_written {
            self.report_missing_response(path.span);
        }
        let response = response.map(|response| self.check_response(response, &values, example.is_written));
        let request = endpoint.request.is_some().then(|| elements.into_iter().map(matching::convert_xml).collect());
        Example { path: path.text.clone(), is_written: example.is_written, values, request, response }
    }

    /// Matches the response of an example. `request` has the values of the endpoint's fields, which the location may
    /// repeat.
    fn check_response(
        &mut self,
        example: &syntax::ExampleResponse,
        request: &[ExampleValue],
        is_written: bool,
    ) -> ExampleResponse {
        let response = &self.endpoint.response;
        let errors_before = self.sink.len();
        self.check_attributes(&example.element, &["status", "location"], self.style.response.as_deref());
        let may_be_misspelled = self.sink.len() > errors_before;
        if is_written {
            self.check_status(example);
        }
        let shape = response.shape.as_deref().unwrap_or_default();
        let elements = matching::collect_payload_elements(&example.element, shape, self.sink);
        let fields = response.value.as_slice();
        let (wrapper, is_root) = ("response", !response.has_envelope);
        let expected = Expected { wrapper, fields, shape, also: &response.also, is_root, is_written };
        let at = example.element.name.span;
        let values = matching::match_elements(self.api, expected, &elements, at, self.sink);
        self.enum_uses.add_values(self.api, is_written, fields, &values);
        let body = if has_hole(shape) { values.first() } else { None };
        match &example.location {
            Some(location) => {
                let (text, span) = (&location.text, location.span);
                let url = ExampleUrl { api: self.api, endpoint: self.endpoint, text, span, is_written };
                let value = matching::match_location(url, request, body, self.sink);
                self.enum_uses.add_values(self.api, is_written, fields, value.as_slice());
            }
            None if has_value_in_location(self.endpoint) && !may_be_misspelled => {
                self.sink
                    .error(at, "this response has no `location`")
                    .help("the value of the endpoint's response is in its location");
            }
            None => {}
        }
        ExampleResponse {
            status: example.status.map_or(response.status, |status| status.value),
            location: example.location.as_ref().map(|location| location.text.clone()),
            payload: elements.into_iter().map(matching::convert_xml).collect(),
        }
    }

    /// Reports an example without a response if the endpoint's response has a value.
    fn report_missing_response(&mut self, at: Span) {
        if let Some(value) = &self.endpoint.response.value {
            self.sink.error(at, "this example has no `<response>`").help(format!(
                "the response has the value `{}`; or mark an example of a request only `written=\"no\"`",
                value.name
            ));
        }
    }

    /// Reports a status that servers do not send. An example that is only read may have any: clients accept them all.
    fn check_status(&mut self, example: &syntax::ExampleResponse) {
        let expected = self.endpoint.response.status;
        if let Some(status) = example.status.filter(|status| status.value != expected) {
            self.sink
                .error(status.span, format!("the status of the endpoint's response is {expected}"))
                .help("write the same status in both");
        }
    }

    /// Reports unknown attributes of an example's `<request>` or `<response>`. Attributes of the envelope's root are
    /// accepted, because they are part of a pasted sample.
    fn check_attributes(&mut self, element: &XmlElement, own: &[&str], envelope: Option<&[EnvelopePart]>) {
        let pasted: &[(String, String)] = match envelope.and_then(|parts| parts.first()) {
            Some(EnvelopePart::Open(_, attributes)) => attributes,
            _ => &[],
        };
        for attribute in &element.attributes {
            let name = attribute.name.text.as_str();
            if !own.contains(&name) && !pasted.iter().any(|(pasted, _)| pasted == name) {
                let message = format!("`<{}>` of an example has no attribute `{name}`", element.name.text);
                self.sink.error(attribute.name.span, message).suggest(name, own.iter().copied());
            }
        }
    }
}

/// `true` if the value of the response is in its location.
fn has_value_in_location(endpoint: &Endpoint) -> bool {
    let segments = endpoint.response.location.iter().flat_map(|location| &location.segments);
    segments.into_iter().any(|segment| matches!(segment, LocationSegment::Hole { value: LocationValue::Response, .. }))
}

/// `true` if the elements contain a hole at any depth.
fn has_hole(elements: &[Element]) -> bool {
    elements.iter().any(|element| {
        element.attributes.iter().any(|attribute| matches!(attribute, Attribute::Hole { .. }))
            || match &element.content {
                Content::Empty => false,
                Content::Hole(_) => true,
                Content::Elements(elements) => has_hole(elements),
            }
    })
}
