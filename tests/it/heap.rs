//! How much memory reading and writing take, counted and not timed.

use allocation_counter::measure;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::xml::Writer;
use backpack_api::runtime::{Endpoint, ServeEndpoint, Visitor};
use backpack_api::users;
use backpack_tests::examples::{self, Case};
use backpack_tests::{documents, schema};
use bytes::Bytes;
use xmlwire_codegen::model::Xml;

use crate::support::{self, Failures, same};

#[test]
fn reading_an_export_takes_little_more_than_its_length() {
    let document = documents::export(10 << 20);
    let length = document.len() as f64;
    let response = Response::new(Bytes::from(document));
    let mut export = None;
    let heap = measure(|| export = users::Export::from_response(&response).ok());
    let pages = export.map_or(0, |export| export.pages.len());
    assert!(pages > 100, "{pages} pages");
    let ratio = heap.bytes_max as f64 / length;
    assert!(ratio <= 1.1, "{ratio} times the document at the worst moment");
}

/// How often building the body of a request allocates, and whether the body is empty.
struct Body;

impl Visitor for Body {
    type Output = Result<(u64, bool), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let mut body = Err("nothing was written".to_owned());
        let write = || Writer::to_string(|xml| endpoint.write_payload(xml)).map(Bytes::from);
        let info = measure(|| body = write().map_err(|error| error.to_string()));
        Ok((info.count_total, body?.is_empty()))
    }
}

fn one_allocation(request: AnyRequest) -> Result<(), String> {
    let (allocations, empty) = request.visit(Body)?;
    same("allocations", &allocations, &u64::from(!empty))
}

#[test]
fn a_body_is_one_allocation() {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        failures.note(case.name(), read(&case, case.example.request.as_deref()).and_then(one_allocation));
    }
    failures.finish();
}

#[test]
fn a_body_full_of_entities_is_one_allocation() {
    let api = schema::api();
    let mut failures = Failures::default();
    let mut changed = 0;
    for case in examples::cases(&api) {
        let mut payload = case.example.request.clone().unwrap_or_default();
        for place in 0.. {
            let mut full = payload.clone();
            let Some(text) = full.iter_mut().flat_map(texts).nth(place) else { break };
            *text = "<&>&amp;<&é>".repeat(40);
            // Numbers and the like stay.
            if read(&case, Some(&full)).is_ok() {
                payload = full;
                changed += 1;
            }
        }
        let payload = case.example.request.as_ref().map(|_| payload.as_slice());
        failures.note(case.name(), read(&case, payload).and_then(one_allocation));
    }
    assert!(changed > 20, "{changed}");
    failures.finish();
}

/// The request of an example, with this payload.
fn read(case: &Case<'_>, payload: Option<&[Xml]>) -> Result<AnyRequest, String> {
    let method = case.request().method().clone();
    support::read(&examples::build_request(case.operation, method.as_str(), &case.example.path, payload))
}

/// All texts in an element, those of attributes too.
fn texts(xml: &mut Xml) -> Vec<&mut String> {
    let mut texts: Vec<&mut String> = xml.attributes.iter_mut().map(|(_, value)| value).collect();
    if xml.children.is_empty() {
        texts.push(&mut xml.text);
    }
    texts.extend(xml.children.iter_mut().flat_map(self::texts));
    texts
}
