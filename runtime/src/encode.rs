//! Encodes a request: target, token in its carrier, envelope.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};

use crate::config::ClientConfig;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::query::QueryWriter;
use crate::service::{EnvelopePart, TokenHeader};
use crate::xml::{EncodeError, Writer};

/// Encodes the request of an endpoint, for the base URL and with the credentials of `config`.
pub(crate) fn encode_request<E: Endpoint>(endpoint: &E, config: &ClientConfig) -> Result<http::Request<Bytes>, Error> {
    let operation = E::OPERATION;
    let invalid = |error| Error::invalid_request(operation, error);
    let target = Writer::to_string(|out| write_target(endpoint, config, out)).map_err(invalid)?;
    let uri = config.url(target).ok_or_else(|| invalid(EncodeError::new("the URL would not be valid")))?;
    let body = encode_body(endpoint, config).map_err(invalid)?;
    let mut request = http::Request::new(body);
    *request.method_mut() = operation.method.clone();
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, config.user_agent().clone());
    if operation.has_payload || operation.style.has_token_in_body() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    let token = match config.credentials() {
        _ if !operation.style.has_token() => None,
        Credentials::Token(token) => operation.style.header.map(|header| (header, token.clone())),
        bearer => {
            let unsupported = || invalid(EncodeError::new("the service does not accept bearer tokens"));
            Some((operation.style.bearer.ok_or_else(unsupported)?, bearer.token()))
        }
    };
    if let Some((header, token)) = token {
        headers.insert(HeaderName::from_static(header.name), build_token_header(header, token.expose()));
    }
    Ok(request)
}

/// Builds a header value with a token, marked as sensitive so that HTTP libraries do not log it.
fn build_token_header(header: TokenHeader, token: &str) -> HeaderValue {
    let text = header.format_value(token);
    // All characters of a token are valid in a header value, so the empty value is never used.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Writes the path and the query, with the API token if the style has it there.
fn write_target<E: Endpoint>(endpoint: &E, config: &ClientConfig, out: &mut Writer) {
    let style = E::OPERATION.style;
    let token = config.credentials().api_token();
    out.write_raw(config.path());
    for segment in style.prefix {
        match (segment, token) {
            (Some(literal), _) => {
                out.write_raw("/");
                out.write_raw(literal);
            }
            (None, Some(token)) => {
                out.write_raw("/");
                out.write_path_segment(token.expose());
            }
            // With a bearer token, the path has no segment for a token.
            (None, None) => {}
        }
    }
    endpoint.write_path(out);
    let mut query = QueryWriter::new(out);
    endpoint.write_query(&mut query);
    if let (Some(name), Some(token)) = (style.query, token) {
        query.text_pair(name, token.expose());
    }
}

/// Encodes the body: the payload in its envelope. Empty if the operation has no payload and the style sends no token in
/// the body.
fn encode_body<E: Endpoint>(endpoint: &E, config: &ClientConfig) -> Result<Bytes, EncodeError> {
    let operation = E::OPERATION;
    if !operation.has_payload && !operation.style.has_token_in_body() {
        return Ok(Bytes::new());
    }
    let parts = operation.style.request.map_or(&[EnvelopePart::Payload][..], |envelope| envelope.parts);
    let body = Writer::to_string(|xml| {
        for part in parts {
            match (part, config.credentials().api_token()) {
                (EnvelopePart::Xml(text), _) => xml.write_raw(text),
                (EnvelopePart::Payload, _) => endpoint.write_payload(xml),
                (EnvelopePart::Token(name), Some(token)) => write_token(name, token.expose(), xml),
                // A bearer token is sent in a header only.
                (EnvelopePart::Token(_), None) => {}
            }
        }
    })?;
    Ok(body.into())
}

/// Writes the element of this name with the token.
fn write_token(name: &str, token: &str, xml: &mut Writer) {
    xml.write_raw("<");
    xml.write_raw(name);
    xml.write_raw(">");
    xml.write_text(token);
    xml.write_raw("</");
    xml.write_raw(name);
    xml.write_raw(">");
}
