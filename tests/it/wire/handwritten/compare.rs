//! Compares an endpoint written by hand with the generated one.

use std::fmt::Debug;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::routing::{Route, route};
use backpack_api::runtime::{Endpoint, ServeEndpoint};
use backpack_api::{Credentials, EndpointExt, SERVICE, ServeEndpointExt};
use bytes::Bytes;

use crate::support::{client_config, client_config_with, token};

/// Texts that need escaping, and one that cannot be written.
pub(super) const TEXTS: &[&str] = &["", "Ferry", " <b>Jo’s</b> & \"co\" ]]>\r\n\t", "🛶\n\n", "\u{1}"];

/// Asserts that both write the same request, or fail with the same error text, with a token and with a bearer token.
pub(super) fn assert_same_request(handwritten: &impl Endpoint, generated: &impl Endpoint) {
    for config in [client_config(), client_config_with(Credentials::Bearer(token().into()))] {
        let handwritten = handwritten.to_request(&config).map(describe_request).map_err(|error| error.to_string());
        let generated = generated.to_request(&config).map(describe_request).map_err(|error| error.to_string());
        assert_eq!(handwritten, generated);
    }
}

/// Formats everything that is sent for a request.
fn describe_request(request: Request<Bytes>) -> String {
    let (head, body) = request.into_parts();
    format!("{} {}\n{:?}\n{body:?}", head.method, head.uri, head.headers)
}

/// Formats everything that is sent for a response.
fn describe_response(response: Response<Bytes>) -> String {
    let (head, body) = response.into_parts();
    format!("{}\n{:?}\n{body:?}", head.status, head.headers)
}

/// Asserts that both read a request as the same values and credentials, or fail with the same error. Their types differ
/// but have the same name, so their `Debug` output is compared.
pub(super) fn assert_same_reading<E: ServeEndpoint>(routes: &[Route<E>], request: &Request<Bytes>) {
    let handwritten =
        route(&SERVICE, routes, request).map(|routed| (debug_without_type(&routed.request), routed.credentials));
    let generated = AnyRequest::read(request).map(|routed| (debug_without_type(&routed.request), routed.credentials));
    assert_eq!(handwritten, generated, "{request:?}");
}

/// Returns the `Debug` output of a request, without the variant of `AnyRequest` around it.
fn debug_without_type(request: &impl Debug) -> String {
    let output = format!("{request:?}");
    let start = output.find("Create {").expect("both types should be named Create");
    output.get(start..).unwrap_or_default().trim_end_matches(')').to_owned()
}

/// Asserts that both read a response as the same value and write the same response for it, or fail with the same error.
pub(super) fn assert_same_response<H: ServeEndpoint, G: ServeEndpoint>(
    handwritten: &H,
    generated: &G,
    response: &Response<Bytes>,
) {
    match (H::from_response(response), G::from_response(response)) {
        (Ok(one), Ok(other)) => {
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
            let response = handwritten.respond(&one).map(describe_response);
            assert_eq!(response, generated.respond(&other).map(describe_response));
        }
        (Err(one), Err(other)) => assert_eq!(format!("{one} {one:?}"), format!("{other} {other:?}")),
        (one, other) => panic!("{one:?} is not {other:?}"),
    }
}
