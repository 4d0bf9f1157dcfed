//! Builds HTTP responses on a server.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Response, StatusCode};

use crate::endpoint::{Serve, ServeEndpoint};
use crate::service::{FailureDetails, Operation};
use crate::transport::ReasonPhrase;
use crate::xml::{EncodeError, Writer};

/// XML declaration at the start of every response body.
pub const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Media type of every response with a body.
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// Extension of every [`ServeEndpoint`] that builds HTTP responses.
pub trait ServeEndpointExt: ServeEndpoint {
    /// Builds the HTTP response to this request, with the value `response`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written, for example because XML forbids one of its characters.
    fn respond(&self, response: &Self::Response) -> Result<Response<Bytes>, EncodeError> {
        build_response(self, response)
    }
}

impl<E: ServeEndpoint> ServeEndpointExt for E {}

/// Performs an operation with a service, and builds its HTTP response.
///
/// # Errors
///
/// The service's error, or an [`EncodeError`] converted into it if a value of the response cannot be written.
pub fn serve<S, E, R>(service: &S, request: &E) -> Result<Response<Bytes>, R>
where
    E: ServeEndpoint,
    R: From<EncodeError>,
    S: Serve<E, Error = R>,
{
    Ok(request.respond(&service.serve(request)?)?)
}

/// Builds a successful response: status, payload in its envelope, and `Location` if the operation has one.
fn build_response<E: ServeEndpoint>(endpoint: &E, response: &E::Response) -> Result<Response<Bytes>, EncodeError> {
    let operation = E::OPERATION;
    let payload = Writer::to_string(|xml| E::write_response(response, xml))?;
    let body = match operation.response_envelope() {
        Some(envelope) => [PROLOG, envelope.before, &payload, envelope.after].concat(),
        None if payload.is_empty() => payload,
        None => [PROLOG, &payload].concat(),
    };
    let mut http_response = Response::new(Bytes::from(body));
    *http_response.status_mut() = StatusCode::from_u16(operation.status).unwrap_or(StatusCode::OK);
    if !http_response.body().is_empty() {
        http_response.headers_mut().insert(CONTENT_TYPE, XML);
    }
    let location = Writer::to_string(|out| endpoint.write_location(response, out))?;
    if !location.is_empty()
        && let Ok(location) = HeaderValue::try_from(location)
    {
        http_response.headers_mut().insert(LOCATION, location);
    }
    Ok(http_response)
}

impl Operation {
    /// Builds the HTTP response that reports an error. The message is in the style's failure document, with the status
    /// as its code. If the style has no such document, the message is the reason phrase, and the body is empty.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the message contains a character that XML forbids.
    pub fn error_response(&self, status: StatusCode, message: &str) -> Result<Response<Bytes>, EncodeError> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status;
        if let Some(envelope) = self.style.failure {
            let failure = FailureDetails { code: Some(status.as_u16().into()), messages: vec![message.to_owned()] };
            let body = Writer::to_string(|xml| {
                xml.write_raw(PROLOG);
                (envelope.write)(&failure, xml);
            })?;
            *response.body_mut() = body.into();
            response.headers_mut().insert(CONTENT_TYPE, XML);
        } else {
            response.extensions_mut().insert(ReasonPhrase(message.to_owned()));
        }
        Ok(response)
    }
}
