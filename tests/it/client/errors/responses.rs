//! Helpers that build responses and read them as a client does.

use std::error::Error as _;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, Error};
use backpack_tests::examples::{Case, TOKEN};
use bytes::Bytes;

/// Builds a response without headers.
pub(super) fn new_response(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).body(body.into()).expect("status and body should make a response")
}

/// Builds a response with one header.
pub(super) fn response_with_header(status: u16, header: &str, value: &str, body: &'static str) -> Response<Bytes> {
    let response = Response::builder().status(status).header(header, value);
    response.body(Bytes::from_static(body.as_bytes())).expect("header and body should make a response")
}

/// Reads a response as a client does. Returns the `Debug` output of its value, or an error, which may not show the
/// token.
pub(super) struct ReadResponse<'a>(pub(super) &'a Response<Bytes>);

impl Visitor for ReadResponse<'_> {
    type Output = Result<String, Error>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        let result = E::from_response(self.0).map(|value| format!("{value:?}"));
        result.inspect_err(assert_no_token)
    }
}

/// Asserts that neither the error nor any of its sources shows the token.
pub(super) fn assert_no_token(error: &Error) {
    let mut texts = vec![format!("{error} {error:?} {error:#?}")];
    let mut cause = error.source();
    while let Some(next) = cause {
        texts.push(format!("{next} {next:?}"));
        cause = next.source();
    }
    assert!(!texts.concat().contains(TOKEN), "{texts:?}");
}

/// Reads a response that has to be an error. The error has to begin with the name of its operation and to report that
/// the request was sent.
pub(super) fn read_error(case: &Case<'_>, request: &AnyRequest, response: &Response<Bytes>) -> Result<Error, String> {
    let error = match request.clone().visit(ReadResponse(response)) {
        Ok(value) => return Err(format!("should be an error, found {value}")),
        Err(error) => error,
    };
    let names_operation = error.to_string().starts_with(&format!("{}: ", case.operation.name));
    if names_operation && error.was_sent() {
        Ok(error)
    } else {
        Err(format!("names no operation, or was not sent: {error}"))
    }
}

/// `true` if the response of an operation has to have a body.
pub(super) fn expects_body(case: &Case<'_>) -> bool {
    case.endpoint.response.shape.is_some() || case.operation.response_envelope().is_some()
}

/// Reads a response of an endpoint that has to be an error, without the checks of [`read_error`].
pub(super) fn read_endpoint_error(endpoint: impl ServeEndpoint, response: &Response<Bytes>) -> Error {
    ReadResponse(response).visit(endpoint).unwrap_err()
}
