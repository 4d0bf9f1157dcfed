//! Each example of the schema: the server reads the request and the client writes the same request; the client reads
//! the response and the server writes the same response.

use std::collections::BTreeSet;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::credentials::PresentedCredentials;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, ServeEndpointExt};
use backpack_tests::examples::{self, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;
use xmlwire_codegen::model::{Api, Field, TypeExample, TypeRef, ValueKind};

use crate::support::call_values::{CallValues, find_paths, value_at_path};
use crate::support::document::check_same_body;
use crate::support::expected_xml::FieldValue;
use crate::support::{Checks, USER_AGENT, WriteRequest, check_each_example, check_equal, client_config, read_request};

#[test]
fn every_operation_has_an_example_in_canonical_form() {
    let api = schema::read_api();
    let canonical = examples::cases(&api).filter(|case| case.example.is_written);
    let canonical: BTreeSet<&str> = canonical.map(|case| case.operation.name).collect();
    let operations = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(canonical, operations);
}

#[test]
fn the_server_reads_each_request() {
    check_each_example(|case| {
        let routed = AnyRequest::read(&case.request()).map_err(|error| format!("not read: {error:?}"))?;
        check_equal("operation", &routed.request.operation().name, &case.operation.name)?;
        check_equal("credentials", &routed.credentials, &Some(PresentedCredentials::Token(TOKEN.into())))
    });
}

#[test]
fn the_client_writes_each_request() {
    check_each_example(|case| check_request(&case.request(), case.example.is_written));
}

/// Checks that a written request is that of an example, and has the headers that a client adds.
fn check_same_request(written: &Request<Bytes>, example: &Request<Bytes>) -> Result<(), String> {
    check_equal("method", written.method(), example.method())?;
    check_equal("URL", written.uri(), example.uri())?;
    check_same_body(written.body(), example.body())?;
    let mut headers = example.headers().clone();
    headers.insert("user-agent", USER_AGENT.try_into().expect("a user agent should be a valid header value"));
    if !example.body().is_empty() {
        headers
            .insert("content-type", "application/xml".try_into().expect("a media type should be a valid header value"));
    }
    check_equal("headers", written.headers(), &headers)
}

#[test]
fn the_client_reads_each_response() {
    check_each_example(|case| match case.response() {
        Some(response) => read_request(&case.request())?.visit(CheckReadable(&response)),
        None => Ok(()),
    });
}

/// Checks that a client can read a response.
struct CheckReadable<'a>(&'a Response<Bytes>);

impl Visitor for CheckReadable<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::from_response(self.0).map(drop).map_err(|error| error.to_string())
    }
}

#[test]
fn the_server_writes_each_response() {
    check_each_example(|case| match case.response() {
        Some(response) => read_request(&case.request())?
            .visit(CheckResponse { response: &response, is_canonical: case.example.is_written }),
        None => Ok(()),
    });
}

/// Checks that a request is rewritten as an equal request, and as the same document if the example is in canonical
/// form.
fn check_request(example: &Request<Bytes>, is_canonical: bool) -> Result<(), String> {
    let request = read_request(example)?;
    let rewritten = request.clone().visit(WriteRequest(&client_config())).map_err(|error| error.to_string())?;
    if is_canonical {
        check_same_request(&rewritten, example)?;
    }
    check_equal("rewritten request", &read_request(&rewritten)?, &request)
}

/// Checks that a response is rewritten with an equal value, and as the same document if the example is in canonical
/// form.
struct CheckResponse<'a> {
    response: &'a Response<Bytes>,
    is_canonical: bool,
}

impl Visitor for CheckResponse<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let value = E::from_response(self.response).map_err(|error| error.to_string())?;
        let rewritten = endpoint.respond(&value).map_err(|error| error.to_string())?;
        if self.is_canonical {
            check_equal("status", &rewritten.status(), &self.response.status())?;
            check_equal("Location", &normalize_location(&rewritten), &normalize_location(self.response))?;
            check_same_body(rewritten.body(), self.response.body())?;
        }
        let value_again = E::from_response(&rewritten).map_err(|error| error.to_string())?;
        check_equal("value of the rewritten response", &value_again, &value)
    }
}

/// Returns the path of the `Location` header, without its extension and with underscores for dashes. Servers write it
/// in different forms, whose other parts have no meaning. `None` if the header is missing.
fn normalize_location(response: &Response<Bytes>) -> Option<String> {
    let text = response.headers().get("location")?.to_str().expect("a Location should be ASCII");
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |start| &rest[start..]),
        None => text,
    };
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    Some(path.replace('-', "_"))
}

/// Each example of a type is tried in every operation whose request or response contains the type, at any depth.
#[test]
fn each_example_of_a_type_is_read_and_written() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (index, data) in api.types.iter().enumerate() {
        for (number, example) in data.examples.iter().enumerate() {
            let name = format!("{} {}", data.name, number + 1);
            let mut results = check_in_operations(&api, TypeRef(index), example).peekable();
            if results.peek().is_none() {
                checks.record(&name, Err("no operation contains this type".to_owned()));
            }
            results.for_each(|result| checks.record(&name, result));
        }
    }
    checks.finish();
}

/// Checks an example of a type in every operation that contains the type. Each result is that of one request or
/// response.
fn check_in_operations<'a>(
    api: &'a Api,
    data: TypeRef,
    example: &'a TypeExample,
) -> impl Iterator<Item = Result<(), String>> + 'a {
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    endpoints.flat_map(move |(section, endpoint)| {
        let minimal = CallValues::minimal(api, endpoint);
        // A response with a `Location` is skipped: the header needs values that a whole document does not show.
        let value = match &endpoint.response.location {
            Some(_) => None,
            None => endpoint.response.value.as_ref(),
        };
        let response = value.and_then(|field| embed_example(api, field, data, example)).map(|value| {
            let call = CallValues { response: vec![value], ..minimal.clone() };
            let request = read_request(&call.to_request(api, section, endpoint))?;
            let response = call.to_response(api, section, endpoint);
            request.visit(CheckResponse { response: &response, is_canonical: example.is_written })
        });
        let requests = endpoint.fields.iter().enumerate().filter_map(move |(index, field)| {
            let mut call = minimal.clone();
            call.fields[index] = embed_example(api, field, data, example)?;
            Some(check_request(&call.to_request(api, section, endpoint), example.is_written))
        });
        response.into_iter().chain(requests)
    })
}

/// Builds the smallest value of a field that contains an example of a type. `None` if the field does not contain the
/// type at any depth.
fn embed_example(api: &Api, field: &Field, data: TypeRef, example: &TypeExample) -> Option<FieldValue> {
    let paths = find_paths(api, field, &|field| field.kind == ValueKind::Data(data));
    paths.first().map(|path| value_at_path(api, field, path, &FieldValue::Raw(example.document.clone())))
}
