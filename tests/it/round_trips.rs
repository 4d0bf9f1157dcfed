//! Any value of any type, written and read, is itself; and what is written is what the schema language says.

use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_tests::schema;
use bytes::Bytes;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::support::document::same_body;
use crate::support::{Failures, Send, caller, random, read, same};

/// How many values each operation is tried with.
const CASES: u32 = 64;

/// Reads and writes both, and compares.
fn there_and_back(wire: &Request<Bytes>, answer: &Response<Bytes>) -> Result<(), String> {
    let request = read(wire)?;
    let again = request.clone().visit(Send(&caller())).map_err(|error| error.to_string())?;
    same("method", again.method(), wire.method())?;
    same("address", again.uri(), wire.uri())?;
    same_body(again.body(), wire.body())?;
    same("the request read again", &read(&again)?, &request)?;
    request.visit(Answer(answer))
}

struct Answer<'a>(&'a Response<Bytes>);

impl Visitor for Answer<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let value = E::from_response(self.0).map_err(|error| error.to_string())?;
        let again = endpoint.respond(&value).map_err(|error| error.to_string())?;
        same("status", &again.status(), &self.0.status())?;
        same("Location", &again.headers().get("location"), &self.0.headers().get("location"))?;
        same_body(again.body(), self.0.body())?;
        let value_again = E::from_response(&again).map_err(|error| error.to_string())?;
        same("the answer read again", &value_again, &value)
    }
}

#[test]
fn every_request_and_answer_goes_there_and_back() {
    let api = schema::api();
    let mut failures = Failures::default();
    for section in &api.sections {
        for endpoint in &section.endpoints {
            let config =
                Config { cases: CASES, failure_persistence: None, rng_seed: RngSeed::Fixed(37), ..Config::default() };
            let outcome = TestRunner::new(config).run(&random::call(&api, endpoint), |call| {
                let (request, answer) = (call.request(&api, section, endpoint), call.response(&api, section, endpoint));
                there_and_back(&request, &answer).map_err(TestCaseError::fail)
            });
            failures.note(format!("{}.{}", section.name, endpoint.name), outcome.map_err(|error| error.to_string()));
        }
    }
    failures.finish();
}
