//! Requests and responses of an endpoint, without I/O.

use bytes::Bytes;

use crate::config::ClientConfig;
use crate::decode::{Decoded, decode_body, decode_response};
use crate::encode::encode_request;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::query::QueryWriter;
use crate::xml::{EncodeError, Writer};

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

    /// Returns path and query of the request, without the base URL, the style's prefix and the token.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written.
    fn path_and_query(&self) -> Result<String, EncodeError> {
        Writer::to_string(|out| {
            self.write_path(out);
            self.write_query(&mut QueryWriter::new(out));
        })
    }

    /// Reads the value of an HTTP response.
    ///
    /// # Errors
    ///
    /// [`Error`] if the response reports a failure, or does not have the expected content.
    fn from_response(response: &http::Response<Bytes>) -> Result<Self::Response, Error> {
        Ok(decode_response::<Self>(response)?.value)
    }

    /// Reads the stored body of a successful response, with what the schema does not know of it. The value of an
    /// operation that returns it in `Location` is missing there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the body reports a failure, or does not have the expected content.
    fn from_body(body: impl Into<Bytes>) -> Result<Decoded<Self::Response>, Error> {
        decode_body::<Self>(body.into())
    }
}

impl<E: Endpoint> EndpointExt for E {}
