//! Reads bodies that have to have the same value.

use backpack_api::runtime::Endpoint;
use backpack_api::runtime::http::Response;
use backpack_api::{EndpointExt, Error};
use backpack_tests::examples::wrap_in_envelope;
use bytes::Bytes;

use crate::support::{Checks, check_equal};

/// Reads a response with status 200 and this body.
pub(super) fn read_body<E: Endpoint>(body: &str) -> Result<E::Response, Error> {
    E::from_response(&Response::new(Bytes::copy_from_slice(body.as_bytes())))
}

/// Reads a response with this payload, which is put into the operation's envelope if it has one.
pub(super) fn read_payload<E: Endpoint>(payload: &str) -> Result<E::Response, Error> {
    read_body::<E>(&wrap_in_envelope(E::OPERATION, payload))
}

/// Reads payloads that have to have the same value. Returns the value of the first.
pub(super) fn read_equal<E: Endpoint>(payloads: &[&str]) -> E::Response {
    let (first, others) = payloads.split_first().expect("there should be a payload");
    let value = read_payload::<E>(first).unwrap_or_else(|error| panic!("{error}\n{first}"));
    let mut checks = Checks::default();
    for payload in others {
        let result = read_payload::<E>(payload).map_err(|error| error.to_string());
        checks.record(payload, result.and_then(|other| check_equal("value", &other, &value)));
    }
    if !others.is_empty() {
        checks.finish();
    }
    value
}
