//! An HTTP request to the operation it asks for: routes, and what a request brought.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;

use crate::caller::Presented;
use crate::read::{Problem, ReadError};
use crate::scalar::Scalar;
use crate::secret::Secret;
use crate::service::{Header, Operation, Service};
use crate::tree::Node;

/// A route: requests with this method and path become an `R`.
pub struct Route<R> {
    /// The operation.
    pub operation: &'static Operation,
    /// The method.
    pub method: Method,
    /// The path, without the style's prefix.
    pub path: &'static [Segment],
    /// Reads the request.
    pub read: fn(&Incoming<'_>) -> Result<R, ReadError>,
}

/// A segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Text, as it stands.
    Literal(&'static str),
    /// A value, with literal text around it.
    Hole {
        /// What stands before it.
        before: &'static str,
        /// Its name.
        name: &'static str,
        /// What stands after it.
        after: &'static str,
        /// Whether it takes digits only.
        digits: bool,
    },
}

/// A request that was routed, with its values still in text form.
pub struct Incoming<'r> {
    service: &'static Service,
    operation: &'static Operation,
    path: Vec<(&'static str, Cow<'r, str>)>,
    query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    body: Cow<'r, Node<'r>>,
}

impl fmt::Debug for Incoming<'_> {
    /// Shows the names of what there is, and no value: one may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.query.iter().map(|(name, _)| name).collect();
        let mut text = f.debug_struct("Incoming");
        text.field("operation", &self.operation.name)
            .field("query", &query)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Why a request was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unroutable {
    /// No operation has this path.
    NotFound,
    /// Operations with this path have other methods.
    WrongMethod(Vec<Method>),
    /// The operation's request cannot be read.
    Unreadable {
        /// The operation.
        operation: &'static Operation,
        /// What proves who asks, as far as that could be seen.
        presented: Option<Presented>,
        /// What is wrong, and where.
        error: ReadError,
    },
}

impl fmt::Display for Unroutable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no operation has this path"),
            Self::WrongMethod(methods) => {
                let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
                write!(f, "this path takes {}", methods.join(", "))
            }
            Self::Unreadable { operation, error, .. } => write!(f, "{}: {error}", operation.name),
        }
    }
}

impl std::error::Error for Unroutable {}

/// A request, read.
#[derive(Debug)]
pub struct Routed<R> {
    /// What is asked.
    pub request: R,
    /// What proves who asks, if anything was brought.
    pub presented: Option<Presented>,
}

/// Finds the route of a request and reads it. Routes are tried in order, so the more literal ones stand first.
///
/// # Errors
///
/// [`Unroutable`] if there is no such route, or a value in the request is missing or not of its type.
pub fn route<R>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &http::Request<Bytes>,
) -> Result<Routed<R>, Unroutable> {
    route_with(service, routes, request, |document| read_document(document).map(Cow::Owned))
}

/// Does the same as [`route`] for a request whose body is a tree already: the server has read it from JSON, a form or
/// another format. Its one entry is the root of the document, as [`Node::read`] returns it.
///
/// # Errors
///
/// As [`route`].
pub fn route_tree<R>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &http::Request<Node<'_>>,
) -> Result<Routed<R>, Unroutable> {
    route_with(service, routes, request, |tree| Ok(Cow::Borrowed(tree)))
}

/// `read_body` is called once a route is found, so that a request for no operation costs nothing to read.
fn route_with<'r, R, B>(
    service: &'static Service,
    routes: &[Route<R>],
    request: &'r http::Request<B>,
    read_body: impl FnOnce(&'r B) -> Result<Cow<'r, Node<'r>>, ReadError>,
) -> Result<Routed<R>, Unroutable> {
    let parts = segments(request.uri().path());
    let mut methods = Vec::new();
    for route in routes {
        let Some((path, token)) = matching(route, &parts) else { continue };
        if route.method != request.method() {
            methods.push(route.method.clone());
            continue;
        }
        let query = query(request.uri().query().unwrap_or_default());
        let mut incoming = Incoming::of(service, route.operation, path, query, Node::default());
        let body = read_body(request.body()).map(|body| incoming.body = body);
        let presented = incoming.presented(request.headers(), token);
        return match body.and_then(|()| (route.read)(&incoming)) {
            Ok(request) => Ok(Routed { request, presented }),
            Err(error) => Err(Unroutable::Unreadable { operation: route.operation, presented, error }),
        };
    }
    Err(if methods.is_empty() { Unroutable::NotFound } else { Unroutable::WrongMethod(methods) })
}

/// Values by the name of their hole.
type Captures<'r> = Vec<(&'static str, Cow<'r, str>)>;

/// Matches a path with the prefix of the route's style, and as it is with a bearer token: without the prefix's token.
fn matching<'r, R>(route: &Route<R>, parts: &[&'r str]) -> Option<(Captures<'r>, Option<Cow<'r, str>>)> {
    let prefix = route.operation.style.prefix;
    let after = |head: usize| captures(route.path, parts.get(head..)?, |one, other| one == other);
    let literals = prefix.iter().flatten();
    let bare = parts.iter().zip(literals.clone()).all(|(part, literal)| part == literal);
    if let Some(captures) = bare.then(|| after(literals.count())).flatten() {
        return Some((captures, None));
    }
    let fits = |(part, segment): (&&str, &Option<&str>)| segment.is_none_or(|literal| literal == *part);
    let captures = parts.iter().zip(prefix).all(fits).then(|| after(prefix.len())).flatten()?;
    let token = parts.iter().zip(prefix).find_map(|(part, segment)| segment.is_none().then(|| unescaped(part)));
    Some((captures, token.flatten()))
}

/// The segments of a path.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    path.strip_prefix('/').unwrap_or(path).split('/').collect()
}

/// A part of a path, decoded.
fn unescaped(part: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(part).decode_utf8().ok()
}

/// What stands in the holes of a template, if a path fits it.
pub(crate) fn captures<'r>(
    template: &[Segment],
    parts: &[&'r str],
    same: impl Fn(&str, &str) -> bool,
) -> Option<Captures<'r>> {
    if template.len() != parts.len() {
        return None;
    }
    let mut values = Vec::new();
    for (segment, part) in template.iter().zip(parts) {
        match segment {
            Segment::Literal(text) if same(text, part) => {}
            Segment::Literal(_) => return None,
            Segment::Hole { before, name, after, digits } => {
                let value = unescaped(part.strip_prefix(before)?.strip_suffix(after)?)?;
                if value.is_empty() || (*digits && !value.bytes().all(|byte| byte.is_ascii_digit())) {
                    return None;
                }
                values.push((*name, value));
            }
        }
    }
    Some(values)
}

impl<'r> Incoming<'r> {
    /// A request that came in another form than XML, such as JSON: the values in its path by the names of their holes,
    /// the pairs of its query, and its body.
    pub fn of(
        service: &'static Service,
        operation: &'static Operation,
        path: Vec<(&'static str, Cow<'r, str>)>,
        query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
        body: Node<'r>,
    ) -> Self {
        Self { service, operation, path, query, body: Cow::Owned(body) }
    }

    /// Looks into every carrier of the service, whatever the operation's own is.
    fn presented(&self, headers: &http::HeaderMap, in_path: Option<Cow<'r, str>>) -> Option<Presented> {
        let styles = self.service.styles;
        let carried = |header: Header| header.carried(headers.get(header.name)?.to_str().ok()?).and_then(secret);
        if let Some(token) = self.operation.style.bearer.and_then(carried) {
            return Some(Presented::Bearer(token));
        }
        let in_path = in_path.and_then(|token| secret(&token));
        let in_header = || styles.iter().find_map(|style| style.header.and_then(carried));
        let in_query = || styles.iter().find_map(|style| self.parameter(style.query?).and_then(secret));
        in_path.or_else(in_header).or_else(in_query).or_else(|| self.token_in_body()).map(Presented::Token)
    }

    /// The token in an envelope, whatever its root is called.
    fn token_in_body(&self) -> Option<Secret> {
        let root = self.body.entries.first()?;
        let paths = self.service.styles.iter().filter_map(|style| style.request?.token.split_first());
        let found = paths.filter(|(_, path)| !path.is_empty()).filter_map(|(_, path)| root.at(path));
        found.filter_map(|entry| secret(&entry.text)).next()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// Reads a value in the path.
    ///
    /// # Errors
    ///
    /// [`Problem::Missing`], or [`Problem::Invalid`] if the text is no such value.
    pub fn path<S: Scalar>(&self, name: &'static str) -> Result<S::Value, ReadError> {
        let value = self.path.iter().find(|(key, _)| *key == name).map(|(_, value)| &**value);
        scalar::<S>(name, value)?.ok_or_else(|| ReadError::new(name, Problem::Missing))
    }

    /// Reads a value in the query that may be absent.
    ///
    /// # Errors
    ///
    /// [`Problem::Invalid`] if the text is no such value.
    pub fn optional_query<S: Scalar>(&self, name: &'static str) -> Result<Option<S::Value>, ReadError> {
        scalar::<S>(name, self.parameter(name))
    }

    /// Reads a value in the query.
    ///
    /// # Errors
    ///
    /// [`Problem::Missing`], or [`Problem::Invalid`] if the text is no such value.
    pub fn query<S: Scalar>(&self, name: &'static str) -> Result<S::Value, ReadError> {
        self.optional_query::<S>(name)?.ok_or_else(|| ReadError::new(name, Problem::Missing))
    }

    /// The node that holds the payload, given the names that it may hold.
    pub fn payload(&self, names: &[&str]) -> &Node<'r> {
        let envelope = self.operation.style.request.map_or(&[][..], |envelope| envelope.path);
        let tokens = self.service.styles.iter().filter_map(|style| style.request?.token.last());
        self.body.payload(names, envelope, |name| tokens.clone().any(|token| *token == name))
    }
}

/// The body as a tree; an empty one has nothing in it.
fn read_document(body: &Bytes) -> Result<Node<'_>, ReadError> {
    let text = str::from_utf8(body).map_err(|_| ReadError::new("", Problem::NotUtf8))?;
    if text.trim_ascii().is_empty() { Ok(Node::default()) } else { Node::read(text) }
}

/// A token; nothing is none.
fn secret(text: &str) -> Option<Secret> {
    let text = text.trim_ascii();
    (!text.is_empty()).then(|| Secret::new(text))
}

fn scalar<S: Scalar>(name: &'static str, text: Option<&str>) -> Result<Option<S::Value>, ReadError> {
    let text = text.map(|text| S::read(Cow::Borrowed(text))).transpose();
    Ok(text.map_err(|invalid| ReadError::new(name, Problem::Invalid(invalid)))?.flatten())
}

/// The pairs of a query, decoded; `+` is a space.
fn query(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        Cow::Owned(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned())
    } else {
        percent_decode_str(text).decode_utf8_lossy()
    }
}
