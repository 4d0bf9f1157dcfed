//! Memory and allocations of reading and writing, counted rather than timed.

use allocation_counter::measure;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::xml::Writer;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, users};
use backpack_tests::examples::{self, Case};
use backpack_tests::{documents, schema};
use bytes::Bytes;
use xmlwire_codegen::model::Xml;

use crate::support::{Checks, check_equal, read_request};

#[test]
fn reading_an_export_takes_at_most_one_tenth_more_than_its_size() {
    let document = documents::export(10 << 20);
    let length = document.len() as f64;
    let response = Response::new(Bytes::from(document));
    let mut export = None;
    let heap = measure(|| export = users::Export::from_response(&response).ok());
    let pages = export.map_or(0, |export| export.pages.len());
    assert!(pages > 100, "{pages} pages");
    let ratio = heap.bytes_max as f64 / length;
    assert!(ratio <= 1.1, "peak memory is {ratio} times the size of the document");
}

/// Counts the allocations of writing the payload of a request. Returns the count, and `true` if the payload is empty.
struct CountAllocations;

impl Visitor for CountAllocations {
    type Output = Result<(u64, bool), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let mut body = Err("nothing was written".to_owned());
        let write = || Writer::to_string(|xml| endpoint.write_payload(xml)).map(Bytes::from);
        let info = measure(|| body = write().map_err(|error| error.to_string()));
        Ok((info.count_total, body?.is_empty()))
    }
}

/// Checks that writing the payload of a request takes one allocation, or none if it is empty.
fn check_one_allocation(request: AnyRequest) -> Result<(), String> {
    let (allocations, is_empty) = request.visit(CountAllocations)?;
    check_equal("number of allocations", &allocations, &u64::from(!is_empty))
}

#[test]
fn writing_a_body_takes_one_allocation() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for case in examples::cases(&api) {
        checks.record(case.name(), read_example(&case, case.example.request.as_deref()).and_then(check_one_allocation));
    }
    checks.finish();
}

#[test]
fn writing_a_body_full_of_entities_takes_one_allocation() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    let mut replaced = 0;
    for case in examples::cases(&api) {
        let mut payload = case.example.request.clone().unwrap_or_default();
        // Replaces one text after the other, until there is no further one.
        for position in 0.. {
            let mut with_entities = payload.clone();
            let Some(text) = with_entities.iter_mut().flat_map(collect_texts).nth(position) else { break };
            *text = "<&>&amp;<&é>".repeat(40);
            // Values with a stricter type, such as numbers, stay unchanged.
            if read_example(&case, Some(&with_entities)).is_ok() {
                payload = with_entities;
                replaced += 1;
            }
        }
        let payload = case.example.request.as_ref().map(|_| payload.as_slice());
        checks.record(case.name(), read_example(&case, payload).and_then(check_one_allocation));
    }
    assert!(replaced > 20, "{replaced}");
    checks.finish();
}

/// Reads the request of an example with this payload.
fn read_example(case: &Case<'_>, payload: Option<&[Xml]>) -> Result<AnyRequest, String> {
    let method = case.request().method().clone();
    read_request(&examples::build_request(case.operation, method.as_str(), &case.example.path, payload))
}

/// Returns all texts in an element and below, including those of attributes. The text of an element with children is
/// omitted.
fn collect_texts(xml: &mut Xml) -> Vec<&mut String> {
    let mut texts: Vec<&mut String> = xml.attributes.iter_mut().map(|(_, value)| value).collect();
    if xml.children.is_empty() {
        texts.push(&mut xml.text);
    }
    texts.extend(xml.children.iter_mut().flat_map(collect_texts));
    texts
}
