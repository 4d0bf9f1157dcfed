//! The two traits of an operation: one value serves client and server, and neither trait does any I/O.

use std::fmt::Debug;

use bytes::Bytes;

use crate::answer::Answer;
use crate::caller::Caller;
use crate::decode::DecodeError;
use crate::error::Error;
use crate::incoming::Incoming;
use crate::query::QueryWriter;
use crate::service::Operation;
use crate::xml::{EncodeError, Writer};
use crate::{answer, request};

/// An operation, as a client uses it: a value becomes an HTTP request, an HTTP answer becomes a value.
pub trait Endpoint: Debug + Clone + PartialEq + Send + Sync + Sized + 'static {
    /// What a success answers.
    type Response: Debug + Clone + PartialEq + Send + Sync + 'static;

    /// What is the same for every request of the operation.
    const OPERATION: &'static Operation;

    /// Writes the path, without the style's prefix and without a token.
    fn write_path(&self, out: &mut Writer);

    /// Writes the query, without a token.
    fn write_query(&self, _query: &mut QueryWriter<'_>) {}

    /// Writes the payload, without the envelope.
    fn write_payload(&self, _xml: &mut Writer) {}

    /// Reads a success.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the answer does not hold what it should.
    fn read_response(answer: &Answer<'_>) -> Result<Self::Response, DecodeError>;

    /// The HTTP request. It holds the caller's token, which its `Debug` shows.
    ///
    /// # Errors
    ///
    /// [`Error`] if a value cannot be written: a character that XML forbids, white space in a word.
    fn to_request(&self, caller: &Caller) -> Result<http::Request<Bytes>, Error> {
        request::build(self, caller)
    }

    /// The answer as a value, or the failure that it means.
    ///
    /// # Errors
    ///
    /// [`Error`] if the answer is a failure, or not what it should be.
    fn from_response(response: &http::Response<Bytes>) -> Result<Self::Response, Error> {
        Ok(answer::read::<Self>(response)?.value)
    }
}

/// An operation, as a server uses it: an HTTP request becomes a value, a value becomes an HTTP answer.
pub trait ServeEndpoint: Endpoint {
    /// Reads a request that was routed here.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a required value is missing or a value is not of its type.
    fn read_request(incoming: &Incoming<'_>) -> Result<Self, DecodeError>;

    /// Writes the payload of a success, without the envelope.
    fn write_response(_response: &Self::Response, _xml: &mut Writer) {}

    /// Writes the `Location` of a success; nothing if the operation has none.
    fn write_location(&self, _response: &Self::Response, _out: &mut Writer) {}

    /// The HTTP answer to this request.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a value cannot be written: a character that XML forbids, white space in a word.
    fn respond(&self, response: &Self::Response) -> Result<http::Response<Bytes>, EncodeError> {
        answer::build(self, response)
    }
}

/// A service that does an operation: what a server is made of, one implementation for each operation.
///
/// Generated code hands a request of any operation to a service that does all of them; where one is missing, the
/// compiler names it.
pub trait Serve<E: ServeEndpoint> {
    /// Why it was not done.
    type Refusal;

    /// Does what is asked.
    ///
    /// # Errors
    ///
    /// The refusal, if it was not done.
    fn serve(&self, request: &E) -> Result<E::Response, Self::Refusal>;
}

/// Lets a service do what is asked, and writes its answer.
///
/// # Errors
///
/// The service's refusal, and what it makes of a value that cannot be written.
pub fn serve<S, E, R>(service: &S, request: &E) -> Result<http::Response<Bytes>, R>
where
    E: ServeEndpoint,
    R: From<EncodeError>,
    S: Serve<E, Refusal = R>,
{
    Ok(request.respond(&service.serve(request)?)?)
}

/// Something to do with any endpoint, whatever its type.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output;
}
