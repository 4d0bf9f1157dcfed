//! Traits of an operation. Clients and servers use the same types for its requests and responses.

use std::fmt::Debug;

use crate::decode_error::DecodeError;
use crate::incoming::IncomingRequest;
use crate::query::QueryWriter;
use crate::response::ResponseReader;
use crate::service::Operation;
use crate::xml::Writer;

/// An operation on a client: how its request is written and its response is read.
///
/// An implementing type is the request of one operation. [`EndpointExt`](crate::EndpointExt) turns it into an HTTP
/// request, and an HTTP response into a [`Response`](Self::Response).
pub trait Endpoint: Debug + Clone + PartialEq + Send + Sync + Sized + 'static {
    /// Value of a successful response.
    type Response: Debug + Clone + PartialEq + Send + Sync + 'static;

    /// Description of the operation.
    const OPERATION: &'static Operation;

    /// Writes the path, without the style's prefix and without a token.
    fn write_path(&self, out: &mut Writer);

    /// Writes the query, without a token. By default there is none.
    fn write_query(&self, _query: &mut QueryWriter<'_>) {}

    /// Writes the payload, without the envelope. By default there is none.
    fn write_payload(&self, _xml: &mut Writer) {}

    /// Reads the value of a response whose HTTP status is a success.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the response reports a failure, or does not have the expected content.
    fn read_response(response: &ResponseReader<'_>) -> Result<Self::Response, DecodeError>;
}

/// An operation on a server: how its request is read and its response is written.
///
/// [`ServeEndpointExt`](crate::ServeEndpointExt) turns a [`Response`](Endpoint::Response) into an HTTP response.
pub trait ServeEndpoint: Endpoint {
    /// Reads a request that was routed to this operation.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a required value is missing, or a value is not valid.
    fn read_request(incoming: &IncomingRequest<'_>) -> Result<Self, DecodeError>;

    /// Writes the payload of a successful response, without the envelope. By default there is none.
    fn write_response(_response: &Self::Response, _xml: &mut Writer) {}

    /// Writes the `Location` of a successful response. By default there is none.
    fn write_location(&self, _response: &Self::Response, _out: &mut Writer) {}
}

/// A service that performs one operation. A server implements it for each operation.
///
/// Generated code dispatches a request of any operation to a service that implements all of them, so a missing
/// implementation is a compile error.
pub trait Serve<E: ServeEndpoint> {
    /// Error of the service.
    type Error;

    /// Performs the operation.
    ///
    /// # Errors
    ///
    /// The service's error.
    fn serve(&self, request: &E) -> Result<E::Response, Self::Error>;
}

/// A function that takes an endpoint of any type. It is a trait, because a closure cannot be generic.
pub trait Visitor {
    /// Result of the visit.
    type Output;

    /// Visits an endpoint.
    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output;
}
