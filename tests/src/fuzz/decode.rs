//! Any response, decoded as the response of every operation.

use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, ServeEndpointExt};
use bytes::Bytes;
use http::{Response, StatusCode};

use super::compare::assert_same;
use super::message::Message;
use super::reader;
use super::samples::SAMPLES;

/// Decodes a status, headers and a body as the response of every operation. A decoded value must stay the same when it
/// is encoded and decoded again, and when roxmltree parses the document. An error must have a message.
pub fn check_decode(data: &[u8]) {
    if let Some(response) = parse_response(data) {
        SAMPLES.iter().for_each(|sample| sample.request.clone().visit(RoundTrip(&response)));
    }
}

/// Parses `201`, headers, an empty line and a body. Returns `None` if the status is invalid, or the head is not UTF-8.
fn parse_response(data: &[u8]) -> Option<Response<Bytes>> {
    let message = Message::parse(data)?;
    let status = message.first_line.trim().parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok())?;
    let mut response = Response::new(message.body);
    *response.status_mut() = status;
    *response.headers_mut() = message.headers;
    Some(response)
}

/// Decodes a response as that of an operation, and checks the value.
struct RoundTrip<'a>(&'a Response<Bytes>);

impl Visitor for RoundTrip<'_> {
    type Output = ();

    fn visit<E: ServeEndpoint>(self, endpoint: E) {
        let name = E::OPERATION.name;
        let value = match E::from_response(self.0) {
            Ok(value) => value,
            Err(error) => return assert!(!format!("{error} {error:?}").is_empty()),
        };
        if let Some(body) = reader::rewrite(self.0.body()) {
            let (head, _) = self.0.clone().into_parts();
            match E::from_response(&Response::from_parts(head, Bytes::from(body))) {
                Ok(rewritten) => assert_same(name, &rewritten, &value),
                Err(error) => panic!("{name}: cannot decode the document as roxmltree parsed it: {error}"),
            }
        }
        let encoded = match endpoint.respond(&value) {
            Ok(encoded) => encoded,
            Err(error) => panic!("{name}: cannot encode a decoded value: {error}\n{value:?}"),
        };
        match E::from_response(&encoded) {
            Ok(again) => assert_same(name, &again, &value),
            Err(error) => panic!("{name}: cannot decode an encoded value: {error}\n{encoded:?}"),
        }
    }
}
