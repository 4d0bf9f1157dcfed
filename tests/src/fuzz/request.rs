//! Any request, to the operation that it asks for.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use bytes::Bytes;
use http::Request;

use super::message::Message;
use super::{CALLER, assert_same};

/// A method and a target, headers and a body. What is read as an operation is sent as a client sends it, read again, and
/// is the same; what is refused says why.
pub fn request(data: &[u8]) {
    if let Some(request) = read(data) {
        through(&request);
    }
}

/// Reads `PUT /pages/1`, headers, an empty line and a body.
fn read(data: &[u8]) -> Option<Request<Bytes>> {
    let message = Message::read(data)?;
    let (method, target) = message.first.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target).body(message.body).ok()?;
    *request.headers_mut() = message.headers;
    Some(request)
}

/// Reads a request, sends what it says, and reads that.
pub(super) fn through(request: &Request<Bytes>) {
    let request = match AnyRequest::read(request) {
        Ok(routed) => routed.request,
        Err(why) => return assert!(!format!("{why:?}").is_empty()),
    };
    let name = request.operation().name;
    let sent = match request.clone().visit(Send) {
        Ok(sent) => sent,
        Err(error) => panic!("{name}: what was read cannot be sent: {error}\n{request:?}"),
    };
    match AnyRequest::read(&sent) {
        Ok(again) => assert_same(name, &again.request, &request),
        Err(why) => panic!("{name}: what was sent cannot be read: {why:?}\n{sent:?}"),
    }
}

struct Send;

impl Visitor for Send {
    type Output = Result<Request<Bytes>, backpack_api::Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(&CALLER)
    }
}
