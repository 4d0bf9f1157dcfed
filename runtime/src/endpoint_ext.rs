//! Requests and responses of an endpoint, without I/O.

use bytes::Bytes;

use crate::config::ClientConfig;
use crate::decode::decode_response;
use crate::encode::encode_request;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// Conversion to HTTP requests and from HTTP responses, for every [`Endpoint`].
pub trait EndpointExt: Endpoint {
    /// Builds the HTTP request, with the token of the configuration. The request's `Debug` may show the token, which
    /// can be in the URL or the body.
    ///
    /// # Errors
    ///
    /// [`Error`] if a value cannot be written, for example because XML forbids one of its characters, or if the
    /// configuration has a bearer token and the operation does not accept one.
    fn to_request(&self, config: &ClientConfig) -> Result<http::Request<Bytes>, Error> {
        encode_request(self, config)
    }

    /// Reads the value of an HTTP response.
    ///
    /// # Errors
    ///
    /// [`Error`] if the response reports a failure, or does not have the expected content.
    fn from_response(response: &http::Response<Bytes>) -> Result<Self::Response, Error> {
        Ok(decode_response::<Self>(response)?.value)
    }
}

impl<E: Endpoint> EndpointExt for E {}
