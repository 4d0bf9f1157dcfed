//! One endpoint of each style as a person writes it against the runtime, and the proof that the generated code agrees:
//! the same bytes out, the same values in, the same words about what is wrong.

mod notes;
mod separators;

use std::fmt::Debug;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::incoming::{Route, route};
use backpack_api::runtime::{Endpoint, ServeEndpoint};
use backpack_api::{Credentials, SERVICE};
use bytes::Bytes;

use crate::support::{caller, caller_with, token};

/// Texts that are hard to write, and one that cannot be written.
const TEXTS: &[&str] = &["", "Ferry", " <b>Jo’s</b> & \"co\" ]]>\r\n\t", "🛶\n\n", "\u{1}"];

/// Both write the same request, or refuse with the same words.
fn assert_same_request(by_hand: &impl Endpoint, generated: &impl Endpoint) {
    for caller in [caller(), caller_with(Credentials::Bearer(token().into()))] {
        let by_hand = by_hand.to_request(&caller).map(request_parts).map_err(|error| error.to_string());
        let generated = generated.to_request(&caller).map(request_parts).map_err(|error| error.to_string());
        assert_eq!(by_hand, generated);
    }
}

fn request_parts(request: Request<Bytes>) -> String {
    let (head, body) = request.into_parts();
    format!("{} {}\n{:?}\n{body:?}", head.method, head.uri, head.headers)
}

fn response_parts(response: Response<Bytes>) -> String {
    let (head, body) = response.into_parts();
    format!("{}\n{:?}\n{body:?}", head.status, head.headers)
}

/// Both understand a request in the same way. The types differ, and have the same names.
fn assert_same_reading<E: ServeEndpoint>(by_hand: &[Route<E>], request: &Request<Bytes>) {
    let by_hand = route(&SERVICE, by_hand, request).map(|routed| (without_type(&routed.request), routed.presented));
    let generated = AnyRequest::read(request).map(|routed| (without_type(&routed.request), routed.presented));
    assert_eq!(by_hand, generated, "{request:?}");
}

/// The request in words: without the name of its type, and of the variant around it.
fn without_type(request: &impl Debug) -> String {
    let words = format!("{request:?}");
    let start = words.find("Create {").expect("both are called Create");
    words.get(start..).unwrap_or_default().trim_end_matches(')').to_owned()
}

/// Both mean the same by an answer, and write the same again.
fn assert_same_answer<H: ServeEndpoint, G: ServeEndpoint>(by_hand: &H, generated: &G, response: &Response<Bytes>) {
    let (value_by_hand, value_generated) = (H::from_response(response), G::from_response(response));
    match (value_by_hand, value_generated) {
        (Ok(one), Ok(other)) => {
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
            let written = by_hand.respond(&one).map(response_parts);
            assert_eq!(written, generated.respond(&other).map(response_parts));
        }
        (Err(one), Err(other)) => assert_eq!(format!("{one} {one:?}"), format!("{other} {other:?}")),
        (one, other) => panic!("{one:?} is not {other:?}"),
    }
}
