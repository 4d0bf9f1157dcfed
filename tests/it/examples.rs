//! Each example of the schema, four ways: the server's side reads the request, the client's side writes the same, the
//! client's side reads the answer, the server's side writes the same.

use std::collections::BTreeMap;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::caller::Presented;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use xmlwire_codegen::model::{Api, Field, Kind, TypeExample, TypeRef};
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::document::same_body;
use crate::support::shape::Value;
use crate::support::wire::{Call, paths_to, placed};
use crate::support::{AGENT, Failures, Send, caller, read, same};

fn each(test: impl Fn(&Case<'_>) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        failures.note(case.name(), test(&case));
    }
    failures.finish();
}

#[test]
fn every_operation_has_an_example_that_is_written() {
    let api = schema::api();
    let mut written: BTreeMap<&str, usize> = BTreeMap::new();
    for case in examples::cases(&api) {
        *written.entry(case.operation.name).or_default() += usize::from(case.example.written);
    }
    let operations = backpack_api::SERVICE.operations;
    assert_eq!(written.len(), operations.len());
    for operation in operations {
        assert!(written.get(operation.name).is_some_and(|written| *written > 0), "{} has none", operation.name);
    }
}

#[test]
fn the_server_reads_each_request() {
    each(|case| {
        let routed = AnyRequest::read(&case.request()).map_err(|error| format!("not read: {error:?}"))?;
        same("operation", &routed.request.operation().name, &case.operation.name)?;
        same("what proves who asks", &routed.presented, &Some(Presented::Token(TOKEN.into())))
    });
}

#[test]
fn the_client_writes_each_request() {
    each(|case| rewrite_request(&case.request(), case.example.written));
}

fn same_request(written: &Request<Bytes>, example: &Request<Bytes>) -> Result<(), String> {
    same("method", written.method(), example.method())?;
    same("address", written.uri(), example.uri())?;
    same_body(written.body(), example.body())?;
    let mut headers = example.headers().clone();
    headers.insert("user-agent", AGENT.try_into().expect("a name makes a header"));
    if !example.body().is_empty() {
        headers.insert("content-type", "application/xml".try_into().expect("a media type makes a header"));
    }
    same("headers", written.headers(), &headers)
}

#[test]
fn the_client_reads_each_answer() {
    each(|case| match case.response() {
        Some(response) => read(&case.request())?.visit(Read(&response)),
        None => Ok(()),
    });
}

struct Read<'a>(&'a Response<Bytes>);

impl Visitor for Read<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::from_response(self.0).map(drop).map_err(|error| error.to_string())
    }
}

#[test]
fn the_server_writes_each_answer() {
    each(|case| match case.response() {
        Some(response) => read(&case.request())?.visit(Written { response: &response, same: case.example.written }),
        None => Ok(()),
    });
}

/// A request comes out as itself, and, if `written`, in the same words.
fn rewrite_request(example: &Request<Bytes>, written: bool) -> Result<(), String> {
    let request = read(example)?;
    let again = request.clone().visit(Send(&caller())).map_err(|error| error.to_string())?;
    if written {
        same_request(&again, example)?;
    }
    same("the request read again", &read(&again)?, &request)
}

/// Writes the value of an answer again, and compares.
struct Written<'a> {
    response: &'a Response<Bytes>,
    same: bool,
}

impl Visitor for Written<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let value = E::from_response(self.response).map_err(|error| error.to_string())?;
        let written = endpoint.respond(&value).map_err(|error| error.to_string())?;
        if self.same {
            same("status", &written.status(), &self.response.status())?;
            same("Location", &location(&written), &location(self.response))?;
            same_body(written.body(), self.response.body())?;
        }
        let again = E::from_response(&written).map_err(|error| error.to_string())?;
        same("the answer read again", &again, &value)
    }
}

/// What a `Location` says: the host, the extension, and a dash for an underscore say nothing.
fn location(response: &Response<Bytes>) -> Option<String> {
    let text = response.headers().get("location")?.to_str().expect("a Location is ASCII");
    let path = text.split_once("://").map_or(text, |(_, rest)| rest.split_at(rest.find('/').unwrap_or(rest.len())).1);
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    Some(path.replace('-', "_"))
}

/// A type's examples go through an operation that has the type in its answer or its request, at whatever depth.
#[test]
fn each_example_of_a_type_is_read_and_written() {
    let api = schema::api();
    let mut failures = Failures::default();
    for (index, data) in api.types.iter().enumerate() {
        for (number, example) in data.examples.iter().enumerate() {
            let name = format!("{} {}", data.name, number + 1);
            let mut outcomes = through_operations(&api, TypeRef(index), example).peekable();
            if outcomes.peek().is_none() {
                failures.note(&name, Err("no operation has it".to_owned()));
            }
            outcomes.for_each(|outcome| failures.note(&name, outcome));
        }
    }
    failures.finish();
}

/// Every operation that has the type, with this example in it.
fn through_operations<'a>(
    api: &'a Api,
    data: TypeRef,
    example: &'a TypeExample,
) -> impl Iterator<Item = Result<(), String>> + 'a {
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    endpoints.flat_map(move |(section, endpoint)| {
        let least = Call::least(api, endpoint);
        // What a `Location` says of a document that somebody else wrote is not known here.
        let value = endpoint.response.value.as_ref().filter(|_| endpoint.response.location.is_none());
        let response = value.and_then(|field| with_example(api, field, data, example)).map(|value| {
            let call = Call { response: vec![value], ..least.clone() };
            let request = read(&call.request(api, section, endpoint))?;
            let response = call.response(api, section, endpoint);
            request.visit(Written { response: &response, same: example.written })
        });
        let requests = endpoint.fields.iter().enumerate().filter_map(move |(index, field)| {
            let mut call = least.clone();
            call.fields[index] = with_example(api, field, data, example)?;
            Some(rewrite_request(&call.request(api, section, endpoint), example.written))
        });
        response.into_iter().chain(requests)
    })
}

/// A value of a field with an example of a type in it, if the field has that type at any depth.
fn with_example(api: &Api, field: &Field, data: TypeRef, example: &TypeExample) -> Option<Value> {
    let paths = paths_to(api, field, &|field| field.kind == Kind::Data(data));
    paths.first().map(|path| placed(api, field, path, &Value::Raw(example.document.clone())))
}
