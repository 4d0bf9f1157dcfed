//! Routing on a server: finds the operation of an HTTP request, and reads it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::Method;

use crate::credentials::PresentedCredentials;
use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::incoming::{IncomingRequest, parse_query};
use crate::params::ParamNode;
use crate::path_template::{PathValues, Segment, decode_segment, match_path, split_path};
use crate::request_times::RequestTimes;
use crate::scalar::trim;
use crate::service::{Operation, Service};

/// Route of an operation: requests with this method and path are read as an `R`.
pub struct Route<R> {
    /// Operation of the route.
    pub operation: &'static Operation,
    /// HTTP method.
    pub method: Method,
    /// Path template, without the style's prefix.
    pub path: &'static [Segment],
    /// Function that reads the request.
    pub read: fn(&IncomingRequest<'_>) -> Result<R, DecodeError>,
}

/// Reason why a request was not routed or read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteError {
    /// No operation has this path.
    NotFound,
    /// Operations with this path exist, but only with these methods.
    MethodNotAllowed(Vec<Method>),
    /// The request is not valid for its operation.
    InvalidRequest {
        /// Operation of the route.
        operation: &'static Operation,
        /// Credentials; `None` if the request has none, or has them only in a body that cannot be read.
        credentials: Option<PresentedCredentials>,
        /// Location and kind of the problem.
        error: DecodeError,
    },
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no operation has this path"),
            Self::MethodNotAllowed(methods) => {
                let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
                write!(f, "method not allowed; this path allows {}", methods.join(", "))
            }
            Self::InvalidRequest { operation, error, .. } => write!(f, "{}: {error}", operation.name),
        }
    }
}

impl std::error::Error for RouteError {}

/// A request that was routed and read.
#[derive(Debug)]
pub struct RoutedRequest<R> {
    /// Value that was read from the request.
    pub request: R,
    /// Credentials; `None` if the request has none.
    pub credentials: Option<PresentedCredentials>,
}

/// Finds the route of a request with an XML body, and reads the request.
///
/// The first route that matches method and path is used, so routes with more literals must come first.
///
/// # Errors
///
/// [`RouteError`] if there is no such route, or a value of the request is missing or not valid.
pub fn route<R>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &http::Request<Bytes>,
) -> Result<RoutedRequest<R>, RouteError> {
    route_with_body(service, routes, request, |body| read_xml_body(body).map(Cow::Owned))
}

/// Finds the route of a request whose body the server has already read, from JSON, a form or another format, and reads
/// the request. The body's only child is the root of the document, as [`ParamNode::read`] returns it.
///
/// # Errors
///
/// [`RouteError`], for the same reasons as [`route`], except that the body cannot be malformed.
pub fn route_params<R>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &http::Request<ParamNode<'_>>,
) -> Result<RoutedRequest<R>, RouteError> {
    route_with_body(service, routes, request, |body| Ok(Cow::Borrowed(body)))
}

/// Finds the route of a request, and reads the request, with the [`RequestTimes`] in its extensions if there are any.
/// `read_body` is called only after a route was found: the body of a request without a route is not parsed.
fn route_with_body<'r, R, B>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &'r http::Request<B>,
    read_body: impl FnOnce(&'r B) -> Result<Cow<'r, ParamNode<'r>>, DecodeError>,
) -> Result<RoutedRequest<R>, RouteError> {
    let segments = split_path(request.uri().path());
    let mut methods = Vec::new();
    for route in routes {
        let Some((path, token)) = match_route(route, &segments) else { continue };
        if route.method != request.method() {
            methods.push(route.method.clone());
            continue;
        }
        let query = parse_query(request.uri().query().unwrap_or_default());
        // An unreadable body counts as an empty one until the credentials are found, because the error contains them.
        let (body, body_error) = match read_body(request.body()) {
            Ok(body) => (body, None),
            Err(error) => (Cow::Owned(ParamNode::default()), Some(error)),
        };
        let incoming = IncomingRequest::from_parts(service, route.operation, path, query, body)
            .with_times(request.extensions().get::<RequestTimes>());
        let credentials = incoming.find_credentials(request.headers(), token);
        return match body_error.map_or_else(|| (route.read)(&incoming), Err) {
            Ok(request) => Ok(RoutedRequest { request, credentials }),
            Err(error) => Err(RouteError::InvalidRequest { operation: route.operation, credentials, error }),
        };
    }
    Err(if methods.is_empty() { RouteError::NotFound } else { RouteError::MethodNotAllowed(methods) })
}

/// Matches a path against a route. With the style's prefix `/{token}`, both `/pages.xml` and `/TOKEN/pages.xml` match
/// the route `/pages.xml`. The first is that of a request with a bearer token, which is in a header.
///
/// Returns the path values, and the token if there is one; `None` if the path does not match.
fn match_route<'r, R>(route: &Route<R>, segments: &[&'r str]) -> Option<(PathValues<'r>, Option<Cow<'r, str>>)> {
    let prefix = route.operation.style.prefix;
    let match_after = |start: usize| match_path(route.path, segments.get(start..)?, |one, other| one == other);
    let literals = prefix.iter().flatten();
    // Without a token, the path begins with the literals of the prefix.
    let has_literals = segments.iter().zip(literals.clone()).all(|(segment, literal)| segment == literal);
    if has_literals && let Some(values) = match_after(literals.count()) {
        return Some((values, None));
    }
    // With a token, the path begins with the whole prefix, in which `None` stands for the token.
    let is_match = |(segment, expected): (&&str, &Option<&str>)| expected.is_none_or(|literal| literal == *segment);
    if !segments.iter().zip(prefix).all(is_match) {
        return None;
    }
    let values = match_after(prefix.len())?;
    let mut pairs = segments.iter().zip(prefix);
    let token = pairs.find_map(|(segment, expected)| expected.is_none().then(|| decode_segment(segment)));
    Some((values, token.flatten()))
}

/// Reads an XML body. An empty body is a node without children.
fn read_xml_body(body: &[u8]) -> Result<ParamNode<'_>, DecodeError> {
    let text = str::from_utf8(body).map_err(|_| DecodeError::new("", DecodeErrorKind::NotUtf8))?;
    if trim(text).is_empty() { Ok(ParamNode::default()) } else { ParamNode::read(text) }
}
