//! Decodes a response: its value, or the error that it reports.

use bytes::Bytes;
use http::header::LOCATION;
use http::{Response, StatusCode, Uri};

use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, InvalidResponse, ServiceError};
use crate::response::{ResponseReader, is_html, location_path, read_failure};
use crate::retry_after::parse_retry_after;
use crate::service::{FailureDetails, Operation};
use crate::transport;

/// Value of a decoded response.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decoded<R> {
    /// Value of the response.
    pub value: R,
    /// Number of elements and attributes that were skipped as unknown, as in
    /// [`FullResponse`](crate::exchange::FullResponse::unknown_elements).
    pub unknown_elements: usize,
    /// Different paths of these elements and attributes, as in
    /// [`FullResponse`](crate::exchange::FullResponse::unknown_paths).
    pub unknown_paths: Vec<String>,
}

/// Decodes the response to a request. If the response cannot be read as a value, but its body is a failure document,
/// the error is that failure.
pub(crate) fn decode_response<E: Endpoint>(response: &Response<Bytes>) -> Result<Decoded<E::Response>, Error> {
    let operation = E::OPERATION;
    let status = response.status();
    let body = str::from_utf8(response.body());
    let service_error = |failure: Option<FailureDetails>| {
        Error::new(operation, ErrorKind::Service(read_service_error(operation, response, failure)))
    };
    // Reads the failure that a body reports, as an error.
    let read_reported = |body: &str| read_failure(operation, body).map(|failure| service_error(Some(failure)));
    if !status.is_success() {
        let error = body.ok().and_then(read_reported).unwrap_or_else(|| service_error(None));
        return Err(error.with_body(response.body()));
    }
    let (error, reported) = match body {
        Ok(body) => {
            let reader = ResponseReader::new(operation, status, body, read_location(response));
            match E::read_response(&reader) {
                Ok(value) => {
                    let unknown_paths = reader.take_unknown_paths();
                    return Ok(Decoded { value, unknown_elements: reader.unknown_elements(), unknown_paths });
                }
                Err(error) => (error, read_reported(body)),
            }
        }
        Err(_) => (DecodeError::new("", DecodeErrorKind::NotUtf8), None),
    };
    let error = reported.unwrap_or_else(|| {
        let is_html = body.is_ok_and(is_html);
        Error::new(operation, ErrorKind::InvalidResponse(InvalidResponse { status, is_html, error }))
    });
    Err(error.with_body(response.body()))
}

/// Decodes a successful response with an empty payload, as if the service had sent it: the envelope, if there is one.
pub(crate) fn decode_empty_success<E: Endpoint>() -> Result<Decoded<E::Response>, Error> {
    let body = E::OPERATION.response_envelope().map(|envelope| [envelope.before, envelope.after].concat());
    decode_body::<E>(body.unwrap_or_default().into())
}

/// Decodes the body of a successful response that has no `Location`.
pub(crate) fn decode_body<E: Endpoint>(body: Bytes) -> Result<Decoded<E::Response>, Error> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(E::OPERATION.status).unwrap_or_default();
    decode_response::<E>(&response)
}

/// Reads the error that a response reports by its status, its headers and, if there is one, its failure document.
fn read_service_error(
    operation: &Operation,
    response: &Response<Bytes>,
    failure: Option<FailureDetails>,
) -> ServiceError {
    let status = response.status();
    let target = if status.is_redirection() { read_location(response) } else { None };
    let has_failure_document = failure.is_some();
    let message = failure.as_ref().filter(|failure| !failure.messages.is_empty()).map(FailureDetails::join_messages);
    let (code, messages) = failure.map(|failure| (failure.code, failure.messages)).unwrap_or_default();
    let sign_in_path = operation.style.sign_in_path;
    ServiceError {
        status,
        reason: transport::reason_phrase(response),
        has_failure_document,
        code,
        message,
        messages,
        retry_after: parse_retry_after(response),
        is_sign_in_redirect: target.is_some_and(|target| Some(location_path(target)) == sign_in_path),
        redirect: target.and_then(parse_scheme_and_host),
    }
}

/// Returns the `Location` header; `None` if it is missing or not ASCII.
fn read_location(response: &Response<Bytes>) -> Option<&str> {
    response.headers().get(LOCATION).and_then(|location| location.to_str().ok())
}

/// Returns the scheme and host of a URL, because the rest may contain a token; `None` if it is not an absolute URL.
fn parse_scheme_and_host(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    Some(format!("{}://{}", url.scheme()?, url.host()?))
}
