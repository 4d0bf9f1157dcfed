//! An incoming request whose route is known, with its values still as text.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::credentials::PresentedCredentials;
use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::params::{ParamNode, ParamReader};
use crate::path_template::PathValues;
use crate::request_times::{RequestTimes, read_request_value};
use crate::scalar::{Scalar, trim};
use crate::secret::Secret;
use crate::service::{Operation, Service, TokenHeader};

/// An incoming request whose route is known, with its values still as text.
pub struct IncomingRequest<'r> {
    service: &'static Service,
    operation: &'static Operation,
    path: PathValues<'r>,
    query: QueryPairs<'r>,
    body: Cow<'r, ParamNode<'r>>,
    /// Notations of times that the server adds to those of the scalars; `None` if it adds none.
    times: Option<&'r RequestTimes>,
}

/// Names and values of a query.
pub(crate) type QueryPairs<'r> = Vec<(Cow<'r, str>, Cow<'r, str>)>;

impl fmt::Debug for IncomingRequest<'_> {
    /// Shows the names of the values. A value may be a token, so no value is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.query.iter().map(|(name, _)| name).collect();
        let mut debug = f.debug_struct("IncomingRequest");
        debug
            .field("operation", &self.operation.name)
            .field("query", &query)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl<'r> IncomingRequest<'r> {
    /// Creates a request from its parts: the path values by the names of their holes, the query pairs, and the body.
    /// The body may come from a format other than XML, such as JSON.
    pub fn from_parts(
        service: &'static Service,
        operation: &'static Operation,
        path: Vec<(&'static str, Cow<'r, str>)>,
        query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
        body: impl Into<Cow<'r, ParamNode<'r>>>,
    ) -> Self {
        Self { service, operation, path, query, body: body.into(), times: None }
    }

    /// Adds notations of times to those of the scalars.
    pub(crate) fn with_times(self, times: Option<&'r RequestTimes>) -> Self {
        Self { times, ..self }
    }

    /// Finds the credentials; `None` if there are none. A bearer token is in the header of the operation's style. An
    /// API token may be in a carrier of any style, in this order: path, headers, query, body.
    pub(crate) fn find_credentials(
        &self,
        headers: &HeaderMap,
        path_token: Option<Cow<'r, str>>,
    ) -> Option<PresentedCredentials> {
        let styles = self.service.styles;
        let in_header = |header: TokenHeader| header.find_token(headers).and_then(|token| parse_token(&token));
        if let Some(token) = self.operation.style.bearer.and_then(in_header) {
            return Some(PresentedCredentials::Bearer(token));
        }
        let in_path = path_token.and_then(|token| parse_token(&token));
        let in_headers = || styles.iter().find_map(|style| style.header.and_then(in_header));
        let in_query = || styles.iter().find_map(|style| self.query_value(style.query?).and_then(parse_token));
        let token = in_path.or_else(in_headers).or_else(in_query).or_else(|| self.find_token_in_body());
        token.map(PresentedCredentials::Token)
    }

    /// Finds the API token in the body, where the envelope of any style has it; `None` if there is none. The root of
    /// the body may have any name.
    fn find_token_in_body(&self) -> Option<Secret> {
        let root = self.body.children.first()?;
        // The first name of each path is that of the root.
        let paths = self.service.styles.iter().filter_map(|style| style.request?.token.split_first());
        let mut nodes = paths.filter(|(_, path)| !path.is_empty()).filter_map(|(_, path)| root.descendant(path));
        nodes.find_map(|node| parse_token(&node.text))
    }

    /// Returns the first value of this name in the query; `None` if there is none.
    fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// Reads a value of the path.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Missing`] if the path has no value of this name, or [`DecodeErrorKind::InvalidValue`] if the
    /// text is not a value of the type.
    pub fn read_path<S: Scalar>(&self, name: &'static str) -> Result<S::Value, DecodeError> {
        let value = self.path.iter().find(|(key, _)| *key == name).map(|(_, value)| &**value);
        self.read_value::<S>(name, value)?.ok_or_else(|| DecodeError::new(name, DecodeErrorKind::Missing))
    }

    /// Reads an optional value of the query; `None` if it is missing, or its text stands for an absent value.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if the text is not a value of the type.
    pub fn read_optional_query<S: Scalar>(&self, name: &'static str) -> Result<Option<S::Value>, DecodeError> {
        self.read_value::<S>(name, self.query_value(name))
    }

    /// Reads a required value of the query.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Missing`] if it is missing, or its text stands for an absent value.
    /// [`DecodeErrorKind::InvalidValue`] if the text is not a value of the type.
    pub fn read_query<S: Scalar>(&self, name: &'static str) -> Result<S::Value, DecodeError> {
        self.read_optional_query::<S>(name)?.ok_or_else(|| DecodeError::new(name, DecodeErrorKind::Missing))
    }

    /// Reads all values of a repeated parameter of the query. Those whose text stands for an absent value are skipped.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::InvalidValue`] if a text is not a value of the type.
    pub fn read_query_list<S: Scalar>(&self, name: &'static str) -> Result<Vec<S::Value>, DecodeError> {
        let texts = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| &**value);
        texts.filter_map(|text| self.read_value::<S>(name, Some(text)).transpose()).collect()
    }

    /// Finds the node of the body that contains the payload: a node with a child of one of the `names`. Returns a
    /// reader of its values. See [`ParamNode::find_payload`].
    pub fn find_payload(&self, names: &[&str]) -> ParamReader<'_> {
        let envelope = self.operation.style.request.map_or(&[][..], |envelope| envelope.path);
        let token_names = self.service.styles.iter().filter_map(|style| style.request?.token.last());
        let is_token = |name: &str| token_names.clone().any(|token_name| *token_name == name);
        ParamReader::new(self.body.find_payload(names, envelope, is_token), self.times)
    }

    /// Reads a value from text; `None` if there is no text, or it stands for an absent value. `name` is the name of the
    /// value for an error.
    fn read_value<S: Scalar>(&self, name: &'static str, text: Option<&str>) -> Result<Option<S::Value>, DecodeError> {
        let Some(text) = text else { return Ok(None) };
        read_request_value::<S>(text, self.times)
            .map_err(|invalid| DecodeError::new(name, DecodeErrorKind::InvalidValue(invalid)))
    }
}

/// Trims a token; `None` if the text is empty.
fn parse_token(text: &str) -> Option<Secret> {
    let text = trim(text);
    (!text.is_empty()).then(|| Secret::new(text))
}

/// Decodes the pairs of a query. A pair without `=` has an empty value.
pub(crate) fn parse_query(query: &str) -> QueryPairs<'_> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode_query_text(key), decode_query_text(value)))
        .collect()
}

/// Decodes a name or value: `+` is a space, and bytes that are not UTF-8 are replaced by U+FFFD.
fn decode_query_text(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        Cow::Owned(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned())
    } else {
        percent_decode_str(text).decode_utf8_lossy()
    }
}
