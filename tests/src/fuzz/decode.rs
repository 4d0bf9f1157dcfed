//! Any answer, to every operation.

use backpack_api::runtime::{ServeEndpoint, Visitor};
use bytes::Bytes;
use http::{Response, StatusCode};

use super::message::Message;
use super::{SAMPLES, assert_same, reader};

/// A status, headers and a body, as the answer to every operation. What is read as a value is written and read again,
/// and is that value, and so is the same document as another reader sees it; what is refused says why.
pub fn decode(data: &[u8]) {
    if let Some(response) = response(data) {
        SAMPLES.iter().for_each(|sample| sample.request.clone().visit(Through(&response)));
    }
}

/// Reads `201`, headers, an empty line and a body.
fn response(data: &[u8]) -> Option<Response<Bytes>> {
    let message = Message::read(data)?;
    let status = message.first.trim().parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok())?;
    let mut response = Response::new(message.body);
    *response.status_mut() = status;
    *response.headers_mut() = message.headers;
    Some(response)
}

struct Through<'a>(&'a Response<Bytes>);

impl Visitor for Through<'_> {
    type Output = ();

    fn visit<E: ServeEndpoint>(self, endpoint: E) {
        let name = E::OPERATION.name;
        let value = match E::from_response(self.0) {
            Ok(value) => value,
            Err(error) => return assert!(!format!("{error} {error:?}").is_empty()),
        };
        if let Some(body) = reader::rewritten(self.0.body()) {
            let (head, _) = self.0.clone().into_parts();
            match E::from_response(&Response::from_parts(head, Bytes::from(body))) {
                Ok(theirs) => assert_same(name, &theirs, &value),
                Err(error) => panic!("{name}: as roxmltree sees it, it cannot be read: {error}"),
            }
        }
        let written = match endpoint.respond(&value) {
            Ok(written) => written,
            Err(error) => panic!("{name}: what was read cannot be written: {error}\n{value:?}"),
        };
        match E::from_response(&written) {
            Ok(again) => assert_same(name, &again, &value),
            Err(error) => panic!("{name}: what was written cannot be read: {error}\n{written:?}"),
        }
    }
}
