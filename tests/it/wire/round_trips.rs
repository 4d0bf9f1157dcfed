//! Random values of every type are unchanged after writing and reading, and are written as the schema language defines:
//! the expected XML is built by `support::expected_xml`.

use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, ServeEndpointExt};
use backpack_tests::schema;
use bytes::Bytes;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::support::document::check_same_body;
use crate::support::{Checks, WriteRequest, arbitrary, check_equal, client_config, read_request};

/// Number of random values for each operation.
const CASES: u32 = 64;

/// Reads a request and a response, writes both again, and compares the documents and the values.
fn check_round_trip(original: &Request<Bytes>, response: &Response<Bytes>) -> Result<(), String> {
    let request = read_request(original)?;
    let rewritten = request.clone().visit(WriteRequest(&client_config())).map_err(|error| error.to_string())?;
    check_equal("method", rewritten.method(), original.method())?;
    check_equal("URL", rewritten.uri(), original.uri())?;
    check_same_body(rewritten.body(), original.body())?;
    check_equal("rewritten request", &read_request(&rewritten)?, &request)?;
    request.visit(CheckResponse(response))
}

/// Checks that a response is written again as the same document with the same value.
struct CheckResponse<'a>(&'a Response<Bytes>);

impl Visitor for CheckResponse<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let value = E::from_response(self.0).map_err(|error| error.to_string())?;
        let rewritten = endpoint.respond(&value).map_err(|error| error.to_string())?;
        check_equal("status", &rewritten.status(), &self.0.status())?;
        check_equal("Location", &rewritten.headers().get("location"), &self.0.headers().get("location"))?;
        check_same_body(rewritten.body(), self.0.body())?;
        let value_again = E::from_response(&rewritten).map_err(|error| error.to_string())?;
        check_equal("value of the rewritten response", &value_again, &value)
    }
}

#[test]
fn every_request_and_response_survives_a_round_trip() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for section in &api.sections {
        for endpoint in &section.endpoints {
            // The seed is fixed, so that every run tests the same values.
            let config =
                Config { cases: CASES, failure_persistence: None, rng_seed: RngSeed::Fixed(37), ..Config::default() };
            let result = TestRunner::new(config).run(&arbitrary::any_call(&api, endpoint), |call| {
                let request = call.to_request(&api, section, endpoint);
                let response = call.to_response(&api, section, endpoint);
                check_round_trip(&request, &response).map_err(TestCaseError::fail)
            });
            checks.record(format!("{}.{}", section.name, endpoint.name), result.map_err(|error| error.to_string()));
        }
    }
    checks.finish();
}
