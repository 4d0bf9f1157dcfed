//! Any request, decoded as the operation that it matches.

use backpack_api::EndpointExt;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use bytes::Bytes;
use http::Request;

use super::compare::assert_same;
use super::message::Message;
use super::samples::CONFIG;

/// Decodes a method, a target, headers and a body. A decoded operation must stay the same when a client encodes it and
/// it is decoded again. An error must have a message.
pub fn check_request(data: &[u8]) {
    if let Some(request) = parse_request(data) {
        check_round_trip(&request);
    }
}

/// Parses `PUT /pages/1`, headers, an empty line and a body. Returns `None` if the first line is invalid, or the head
/// is not UTF-8.
fn parse_request(data: &[u8]) -> Option<Request<Bytes>> {
    let message = Message::parse(data)?;
    let (method, target) = message.first_line.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target).body(message.body).ok()?;
    *request.headers_mut() = message.headers;
    Some(request)
}

/// Decodes a request, encodes it as a client does, decodes the result, and asserts that both decoded requests are the
/// same.
pub(super) fn check_round_trip(request: &Request<Bytes>) {
    let request = match AnyRequest::read(request) {
        Ok(routed) => routed.request,
        Err(error) => return assert!(!format!("{error:?}").is_empty()),
    };
    let name = request.operation().name;
    let encoded = match request.clone().visit(RequestEncoder) {
        Ok(encoded) => encoded,
        Err(error) => panic!("{name}: cannot encode a decoded request: {error}\n{request:?}"),
    };
    match AnyRequest::read(&encoded) {
        Ok(again) => assert_same(name, &again.request, &request),
        Err(error) => panic!("{name}: cannot decode an encoded request: {error:?}\n{encoded:?}"),
    }
}

/// Encodes a request as the client of the examples' account does.
struct RequestEncoder;

impl Visitor for RequestEncoder {
    type Output = Result<Request<Bytes>, backpack_api::Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(&CONFIG)
    }
}
