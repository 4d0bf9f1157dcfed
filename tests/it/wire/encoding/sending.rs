//! Calls over a transport in memory that records requests.

use backpack_api::Error;
use backpack_api::runtime::client::BlockingClient;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_tests::examples::TOKEN;
use bytes::Bytes;

use crate::support::{check_equal, client_config};

/// Result of a call, and the requests that it sent.
pub(super) type RecordedCall = (Result<(), Error>, Vec<Request<Bytes>>);

/// Calls an operation and records its requests. Every response is empty.
pub(super) struct RecordCall;

impl Visitor for RecordCall {
    type Output = RecordedCall;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let transport = MemoryTransport::from_fn(|_| Response::new(Bytes::new()));
        let client = BlockingClient::new(client_config(), transport.clone());
        (client.call(&endpoint).map(drop), transport.requests())
    }
}

/// Asserts that a request is rejected before it is sent. The error has to report this location and problem.
#[track_caller]
pub(super) fn assert_rejected<E: ServeEndpoint>(endpoint: E, location: &str, problem: &str) {
    let (result, requests) = RecordCall.visit(endpoint);
    check_rejected(result, &requests, location, problem).unwrap();
}

/// Checks that a call was rejected before it was sent. The error has to report this location and problem, without the
/// token.
pub(super) fn check_rejected(
    result: Result<(), Error>,
    requests: &[Request<Bytes>],
    location: &str,
    problem: &str,
) -> Result<(), String> {
    let error = result.err().ok_or("it was sent")?;
    let name = error.operation().name;
    check_equal("number of requests", &requests.len(), &0)?;
    check_equal("was_sent", &error.was_sent(), &false)?;
    check_equal("text", &error.to_string(), &format!("{name}: invalid request, not sent: {location}: {problem}"))?;
    check_equal("shows the token", &format!("{error} {error:?}").contains(TOKEN), &false)?;
    match error.kind() {
        ErrorKind::InvalidRequest(error) => check_equal("location", &error.location(), &location),
        kind => Err(format!("wrong kind: {kind:?}")),
    }
}
