//! A received request, which is read again if it has times in notations of old clients.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Extensions, Request};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::runtime::params::ParamNode;
use backpack_api::runtime::request_times::RequestTimes;
use backpack_api::runtime::routing::{RouteError, RoutedRequest};
use backpack_api::runtime::{DecodeError, DecodeErrorKind};
use bytes::Bytes;

use super::formats::RequestBody;
use super::normalize::expand_location;
use crate::date_parser::parse_request_time;

/// A received request, by the format of its body.
pub(super) enum ReceivedRequest {
    Xml(Request<Bytes>),
    Tree(Request<ParamNode<'static>>),
}

impl ReceivedRequest {
    /// Creates a request from its head and its parsed body.
    pub(super) fn new(request: Request<RequestBody>) -> Self {
        let (parts, body) = request.into_parts();
        match body {
            RequestBody::Xml(document) => Self::Xml(Request::from_parts(parts, document)),
            RequestBody::Tree(tree) => Self::Tree(Request::from_parts(parts, tree)),
        }
    }

    /// Finds the operation of the request and reads its values.
    ///
    /// # Errors
    ///
    /// [`RouteError`]. A time in a notation of old clients counts as invalid.
    pub(super) fn read(&mut self) -> Result<RoutedRequest<AnyRequest>, RouteError> {
        match self {
            Self::Xml(request) => read_by_path(request, AnyRequest::read),
            Self::Tree(request) => read_by_path(request, AnyRequest::read_params),
        }
    }

    /// Reads the values of the request again. Times may then be in the notations of old clients; those with an offset
    /// are converted to a time zone.
    ///
    /// # Errors
    ///
    /// [`RouteError`] if a value is still invalid.
    pub(super) fn read_with_old_times(&mut self, zone: TimeZone, now: Timestamp) -> Result<AnyRequest, RouteError> {
        let read_time = move |text: &str, zone: &_| parse_request_time(text, zone, now);
        self.extensions_mut().insert(RequestTimes::new(zone, read_time));
        self.read().map(|routed| routed.request)
    }

    /// Checks whether the request, which [`read`](Self::read) rejected with an error, is valid with the notations of old
    /// clients.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]: of a value that is invalid in all notations if there is one, otherwise `error`.
    pub(super) fn check_old_times(&mut self, error: DecodeError, now: Timestamp) -> Result<(), DecodeError> {
        if !matches!(error.kind(), DecodeErrorKind::InvalidValue(_)) {
            return Err(error);
        }
        match self.read_with_old_times(TimeZone::UTC, now) {
            Ok(_) => Ok(()),
            Err(RouteError::InvalidRequest { error, .. }) => Err(error),
            Err(_) => Err(error),
        }
    }

    fn extensions_mut(&mut self) -> &mut Extensions {
        match self {
            Self::Xml(request) => request.extensions_mut(),
            Self::Tree(request) => request.extensions_mut(),
        }
    }
}

/// Reads a request. If no operation has its path, replaces the short path of a `Location` header by the documented one,
/// and reads the request again.
fn read_by_path<B>(
    request: &mut Request<B>,
    read: impl Fn(&Request<B>) -> Result<RoutedRequest<AnyRequest>, RouteError>,
) -> Result<RoutedRequest<AnyRequest>, RouteError> {
    let result = read(request);
    if !matches!(result, Err(RouteError::NotFound)) {
        return result;
    }
    *request.uri_mut() = expand_location(request.uri()).ok_or(RouteError::NotFound)?;
    read(request)
}
